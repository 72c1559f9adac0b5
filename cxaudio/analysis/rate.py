"""Estimate both sides' articulation rate from their syllable nuclei, with error and confidence; judges no pace.

The window is the trailing 15 s of a side's own speech (DEFINITIONS §2), so a listener's silence does not age an
estimate, but nothing older than 90 s counts. An estimate holds until the next one: none is said while a side is silent
and its last one still stands, and "unknown" is said once.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cxaudio.analysis.tick import Tick, in_ticks
from cxaudio.analysis.usual_level import UsualLevel
from cxaudio.model.events import Backchannel, Event, Hold, RateEstimate, Side
from cxaudio.model.policy import RateSettings
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["RateTracker"]

_LEVEL_FROM = 30
"""A piece of at least so many ticks shows by its level whose voice it is. Chosen."""

_STRETCH = 300
"""Ticks of speech that one vote for the baseline takes: about 15 syllables."""


class _Piece(NamedTuple):
    """At most one renewal's length of one spurt."""

    start: int  # ticks
    end: int
    nuclei: int
    check: int
    speech: int  # ticks


@dataclass(slots=True)
class _Utterance:
    """Spurts of one side with only short pauses between them."""

    pieces: list[_Piece] = field(default_factory=list)

    @property
    def nuclei(self) -> int:
        return sum(piece.nuclei for piece in self.pieces)


@dataclass(slots=True)
class _Voice:
    """State of one side."""

    utterances: deque[_Utterance] = field(default_factory=deque)  # ended, long enough, younger than the window's age
    last: _Utterance | None = None  # going on, or ended so lately that it may
    speaking: bool = False
    cut_at: int = 0  # ticks: up to here the speech is in pieces
    cut_sums: tuple[int, int, int, float] = (0, 0, 0, 0.0)  # running nuclei, check, speech and energy at that instant
    level: UsualLevel = field(default_factory=UsualLevel)
    snr_db: float = math.nan
    first: list[_Utterance] = field(default_factory=list)  # of the first speech, for the baseline
    first_speech: int = 0  # ticks, in utterances long and short
    baseline: float | None = None
    baseline_done: bool = False
    changed: bool = False  # there are pieces that no estimate has seen, or fewer than it saw
    oldest: int = 0  # ticks: where the last window began
    known: bool = False  # the last estimate said a rate


class RateTracker:
    """Estimate each side's articulation rate once a second while it changes.

    Parameters
    ----------
    settings : RateSettings
        Window, minimum counts and confidence.
    timebase : Timebase
        The call's clock.
    agent_baseline : float, optional
        The agent's stored baseline in syllables/s, in place of the first 30 s of speech.
    trust : pair of float, optional
        How far each side's sound lets its syllables be counted, 0 to 1.

    Notes
    -----
    Emits `RateEstimate`; ``syllables_per_s`` is None where a rate that was known no longer is (too few nuclei, or
    confidence too low). Confidence is the weakest of four: `trust`; nuclei over `full_nuclei`; SNR between `no_snr_db`
    and `full_snr_db`, 1 while the SNR is unknown; agreement of the two nuclei counts, 1 where equal and 0 where
    one is twice the other. Spurts that turn out to be backchannels, and what is in a hold, are taken out again; what
    is far softer than the side usually speaks is not counted at all.

    What is left out for being short are whole utterances: spurts with own pauses under `utterance_pause_s` between
    them count together, as a halting talker's turn is not a short one. The time of their pauses never counts.

    The baseline is the median over stretches of 3 s of the side's first 30 s of speech, so one number read out slowly
    does not move it. It is provisional from `min_nuclei` on.

    References
    ----------
    Yuan, Liberman & Cieri 2006 (short turns are fast, hence `spurt_min_nuclei`).
    """

    def __init__(
        self,
        settings: RateSettings,
        *,
        timebase: Timebase,
        agent_baseline: float | None = None,
        trust: tuple[float, float] = (1.0, 1.0),
    ) -> None:
        self._settings = settings
        self._trust = trust
        self._tick_length = timebase.tick_length
        self._agent_baseline = agent_baseline
        self._renew = max(1, in_ticks(settings.renew_s))
        self._window = in_ticks(settings.window_speech_s)
        self._age = in_ticks(settings.window_age_s)
        self._utterance_pause = in_ticks(settings.utterance_pause_s)
        self._baseline_speech = in_ticks(settings.baseline_speech_s)
        self.reset()

    @property
    def due(self) -> int:
        """Return the tick of the next renewal, on a grid of `renew_s` from the call's beginning."""
        return self._next

    def reset(self) -> None:
        """Prepare for another call."""
        self._voices = (_Voice(), _Voice())
        self._voices[Side.AGENT].baseline = self._agent_baseline
        self._voices[Side.AGENT].baseline_done = self._agent_baseline is not None
        self._held = False
        self._next = self._renew

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Follow one tick; return estimates at renewals."""
        renewal = tick.number >= self._next
        for side in Side:
            voice = self._voices[side]
            voice.snr_db = tick.snr_db[side]
            self._take(
                voice,
                (tick.nuclei[side], tick.nuclei_check[side], tick.speech[side], tick.energy[side]),
                at=tick.number,
                speaking=tick.speaking[side] and not tick.held,
                resumed=self._held and not tick.held,
                cut=renewal,
            )
        self._held = tick.held
        for event in fresh:
            if isinstance(event, Backchannel):
                end = event.start if event.end is None else event.end
                self._forget(event.side, event.start // self._tick_length, -(-end // self._tick_length))
            elif isinstance(event, Hold) and event.end is None:
                for side in Side:
                    self._forget(side, event.start // self._tick_length, None)
        if not renewal:
            return ()
        self._next = (tick.number // self._renew + 1) * self._renew
        if tick.held and tick.settled:  # where nothing counts the account says no rate
            return ()
        return [estimate for side in Side if (estimate := self._estimate(side, tick))]

    def close(self, at: int) -> Iterable[Event]:
        """Return nothing: the last estimates stay in force."""
        return ()

    def _take(
        self, voice: _Voice, sums: tuple[int, int, int, float], *, at: int, speaking: bool, resumed: bool, cut: bool
    ) -> None:
        """Begin, cut or end the side's spurt.

        Outside spurts the sums stand still, so those of the last cut are those before the next spurt, however many
        ticks lie between; after a hold they are not, and the tick of its end is given up for them.
        """
        if resumed:
            voice.cut_at, voice.cut_sums = at + 1, sums
        if speaking and not voice.speaking:
            if voice.last is not None and (resumed or at - voice.cut_at >= self._utterance_pause):
                self._finish(voice)
            voice.cut_at = max(voice.cut_at, at)
        if voice.speaking and not speaking:
            self._cut(voice, at, sums)
        elif speaking and cut:
            self._cut(voice, at + 1, sums)
        voice.speaking = speaking
        if cut and not speaking and voice.last is not None and at - voice.cut_at >= self._utterance_pause:
            self._finish(voice)

    def _cut(self, voice: _Voice, at: int, sums: tuple[int, int, int, float]) -> None:
        nuclei, check, speech = (int(now - before) for now, before in zip(sums[:3], voice.cut_sums[:3], strict=True))
        energy = sums[3] - voice.cut_sums[3]
        if at > voice.cut_at:
            if voice.last is None:
                voice.last = _Utterance()
            if speech < _LEVEL_FROM or not voice.level.is_faint(energy, speech):
                voice.last.pieces.append(_Piece(voice.cut_at, at, nuclei, check, speech))
                voice.changed = True
            voice.level.add(energy, speech)
        voice.cut_at, voice.cut_sums = at, sums

    def _finish(self, voice: _Voice) -> None:
        """End the utterance; keep it if it is long enough to show the pace."""
        utterance, voice.last = voice.last, None
        assert utterance is not None
        counts = utterance.nuclei >= self._settings.spurt_min_nuclei
        if counts:
            voice.utterances.append(utterance)
        if not voice.baseline_done:
            voice.first_speech += sum(piece.speech for piece in utterance.pieces)
            if counts:
                voice.first.append(utterance)

    def _learn(self, voice: _Voice) -> None:
        """Update the baseline from the first speech so far."""
        going_on = voice.last.pieces if voice.last is not None else []
        first = list(voice.first)
        if voice.last is not None and voice.last.nuclei >= self._settings.spurt_min_nuclei:
            first.append(voice.last)
        if sum(known.nuclei for known in first) < self._settings.min_nuclei:
            return
        voice.baseline = _median_rate(first)
        if voice.first_speech + sum(piece.speech for piece in going_on) >= self._baseline_speech:
            voice.baseline_done = True
            voice.first.clear()

    def _forget(self, side: Side, start: int, end: int | None) -> None:
        """Remove speech that proved to be no talk: ticks from `start` to `end`, None for up to now."""
        voice = self._voices[side]
        for utterance in (*voice.utterances, *((voice.last,) if voice.last is not None else ())):
            kept = [p for p in utterance.pieces if p.end <= start or (end is not None and p.start >= end)]
            if len(kept) < len(utterance.pieces):
                utterance.pieces[:] = kept
                voice.changed = True

    def _estimate(self, side: Side, tick: Tick) -> RateEstimate | None:
        """Return the side's rate now, or None where its last estimate stays in force."""
        voice, settings = self._voices[side], self._settings
        now = tick.number + 1
        horizon = now - self._age
        while voice.utterances and (not (pieces := voice.utterances[0].pieces) or pieces[-1].end <= horizon):
            voice.utterances.popleft()
        if not voice.changed and voice.oldest >= horizon:
            return None
        if voice.changed and not voice.baseline_done:
            self._learn(voice)
        voice.changed = False
        nuclei = check = speech = 0
        voice.oldest = now
        utterances = list(voice.utterances)
        if voice.last is not None and voice.last.nuclei >= settings.spurt_min_nuclei:
            utterances.append(voice.last)
        for piece in _newest_first(utterances):
            if speech >= self._window or piece.start < horizon:
                break
            nuclei += piece.nuclei
            check += piece.check
            speech += piece.speech
            voice.oldest = piece.start
        confidence = min(self._trust[side], self._confidence(nuclei, check, voice.snr_db))
        known = nuclei >= settings.min_nuclei and speech > 0 and confidence >= settings.min_confidence
        if not known and not voice.known:
            return None
        voice.known = known
        rate = nuclei * TICKS_PER_SECOND / speech if known else None
        return RateEstimate(
            start=min(voice.oldest, now) * self._tick_length,
            end=now * self._tick_length,
            decided_at=tick.at,
            side=side,
            syllables_per_s=rate,
            std_error=None if rate is None else rate * settings.interval_variation / math.sqrt(nuclei),
            confidence=confidence,
            n_nuclei=nuclei,
            speech=speech * self._tick_length,
            baseline=voice.baseline,
        )

    def _confidence(self, nuclei: int, check: int, snr_db: float) -> float:
        """Return the smallest of the three measures of trust in a rate, 0 to 1."""
        settings = self._settings
        enough = nuclei / settings.full_nuclei if settings.full_nuclei > 0 else 1.0
        span = settings.full_snr_db - settings.no_snr_db
        clear = 1.0 if math.isnan(snr_db) or span <= 0 else (snr_db - settings.no_snr_db) / span
        agree = 1.0 - abs(math.log2(nuclei / check)) if nuclei > 0 and check > 0 else 0.0
        return max(0.0, min(1.0, enough, clear, agree))


def _newest_first(utterances: Sequence[_Utterance]) -> Iterator[_Piece]:
    for utterance in reversed(utterances):
        yield from reversed(utterance.pieces)


def _median_rate(utterances: Sequence[_Utterance]) -> float:
    """Return the median rate, in syllables/s, of the stretches of at least 3 s of speech, weighted by length."""
    stretches: list[tuple[float, int]] = []
    nuclei = speech = 0
    for piece in (piece for utterance in utterances for piece in utterance.pieces):
        nuclei += piece.nuclei
        speech += piece.speech
        if speech >= _STRETCH:
            stretches.append((nuclei * TICKS_PER_SECOND / speech, speech))
            nuclei = speech = 0
    if speech:
        stretches.append((nuclei * TICKS_PER_SECOND / speech, speech))
    stretches.sort()
    half = sum(speech for _, speech in stretches) / 2
    so_far = 0
    for rate, speech in stretches:
        so_far += speech
        if so_far >= half:
            return rate
    return 0.0
