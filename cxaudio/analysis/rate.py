"""Estimate both sides' articulation rate from their syllable nuclei, with error and confidence; judges no pace.

The window is the trailing 15 s of a side's own speech (DEFINITIONS §2), so a listener's silence does not age an
estimate, but nothing older than 90 s counts. An estimate holds until the next one: none is said while a side is silent
and its last one still stands, and "unknown" is said once.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cxaudio.analysis.baseline import median_rate
from cxaudio.analysis.rate_error import RateError
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.tick import Tick, in_ticks
from cxaudio.model.events import Event, RateEstimate, Side
from cxaudio.model.policy import RateSettings
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["RateTracker"]


@dataclass(slots=True)
class _Voice:
    """State of one side."""

    n_changes: int = 0  # of the pieces, as the last estimate saw them
    oldest: int = 0  # ticks: where the last window began
    known: bool = False  # the last estimate said a rate
    baseline: float | None = None
    baseline_std_error: float | None = None
    baseline_done: bool = False


class RateTracker:
    """Estimate each side's articulation rate once a second while it changes.

    Parameters
    ----------
    settings : RateSettings
        Window, minimum counts and confidence.
    pieces : SpokenPieces
        What both sides have spoken; stepped by this tracker.
    error : RateError
        Standard error of a rate.
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
    one is twice the other.

    The baseline is the median over stretches of 3 s of the side's first 30 s of speech, so one number read out slowly
    does not move it. It is provisional from `min_nuclei` on.
    """

    def __init__(
        self,
        settings: RateSettings,
        pieces: SpokenPieces,
        error: RateError,
        *,
        timebase: Timebase,
        agent_baseline: float | None = None,
        trust: tuple[float, float] = (1.0, 1.0),
    ) -> None:
        self._settings = settings
        self._pieces = pieces
        self._error = error
        self._trust = trust
        self._tick_length = timebase.tick_length
        self._agent_baseline = agent_baseline
        self._renew = max(1, in_ticks(settings.renew_s))
        self._window = in_ticks(settings.window_speech_s)
        self._age = in_ticks(settings.window_age_s)
        self.reset()

    @property
    def due(self) -> int:
        """Return the tick of the next renewal, on a grid of `renew_s` from the call's beginning."""
        return self._next

    def reset(self) -> None:
        """Prepare for another call."""
        self._pieces.reset()
        self._voices = (_Voice(), _Voice())
        agent = self._voices[Side.AGENT]
        if self._agent_baseline is not None:
            agent.baseline, agent.baseline_done = self._agent_baseline, True
            agent.baseline_std_error = self._agent_baseline * self._error.voice(side=Side.AGENT, snr_db=math.nan)
        self._next = self._renew

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Follow one tick; return estimates at renewals."""
        renewal = tick.number >= self._next
        self._pieces.step(tick, fresh, cut=renewal)
        if not renewal:
            return ()
        self._next = (tick.number // self._renew + 1) * self._renew
        if tick.held and tick.settled:  # where nothing counts the account says no rate
            return ()
        return [estimate for side in Side if (estimate := self._estimate(side, tick))]

    def close(self, at: int) -> Iterable[Event]:
        """Return nothing: the last estimates stay in force."""
        return ()

    def _learn(self, voice: _Voice, side: Side, snr_db: float) -> None:
        """Update the baseline from the first speech so far."""
        first, complete = self._pieces.first_speech(side)
        n_nuclei = sum(piece.nuclei for piece in first)
        if n_nuclei < self._settings.min_nuclei:
            return
        voice.baseline = median_rate(first)
        voice.baseline_std_error = voice.baseline * self._error.relative(n_nuclei, side=side, snr_db=snr_db)
        voice.baseline_done = complete

    def _estimate(self, side: Side, tick: Tick) -> RateEstimate | None:
        """Return the side's rate now, or None where its last estimate stays in force."""
        voice, settings, snr_db = self._voices[side], self._settings, tick.snr_db[side]
        now = tick.number + 1
        horizon = now - self._age
        n_changes = self._pieces.n_changes(side)
        if voice.n_changes == n_changes and voice.oldest >= horizon:
            return None
        if voice.n_changes != n_changes and not voice.baseline_done:
            self._learn(voice, side, snr_db)
        voice.n_changes = n_changes
        window = self._pieces.window(side, speech=self._window, since=horizon)
        nuclei, speech = window.nuclei, window.speech
        voice.oldest = window.start
        confidence = min(self._trust[side], self._confidence(nuclei, window.check, snr_db))
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
            std_error=None if rate is None else rate * self._error.relative(nuclei, side=side, snr_db=snr_db),
            confidence=confidence,
            n_nuclei=nuclei,
            speech=speech * self._tick_length,
            baseline=voice.baseline,
            baseline_std_error=voice.baseline_std_error,
        )

    def _confidence(self, nuclei: int, check: int, snr_db: float) -> float:
        """Return the smallest of the three measures of trust in a rate, 0 to 1."""
        settings = self._settings
        enough = nuclei / settings.full_nuclei if settings.full_nuclei > 0 else 1.0
        span = settings.full_snr_db - settings.no_snr_db
        clear = 1.0 if math.isnan(snr_db) or span <= 0 else (snr_db - settings.no_snr_db) / span
        agree = 1.0 - abs(math.log2(nuclei / check)) if nuclei > 0 and check > 0 else 0.0
        return max(0.0, min(1.0, enough, clear, agree))
