"""Keep what both sides have spoken lately, in pieces of at most a second with their syllables; computes no rate."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from cxaudio.analysis.piece_row import Piece, PieceRow, RateWindow
from cxaudio.analysis.tick import Tick, in_ticks
from cxaudio.analysis.usual_level import UsualLevel
from cxaudio.model.events import Backchannel, Event, Hold, Side
from cxaudio.model.policy import RateSettings
from cxaudio.model.timebase import Timebase

__all__ = ["SpokenPieces"]

_LEVEL_FROM = 30
"""A piece of at least so many ticks shows by its level whose voice it is. Chosen."""

_PAUSE_FROM = 20
"""Ticks of pause in a second from which its power counts as noise: mostly more than the end of a word. Chosen."""

_PAUSES = 30
"""Seconds with a pause of whose powers the median is the noise of now: half a minute, as for the level. Chosen."""

_MOST_SNR_DB = 60.0
"""A gated line is digitally silent between words; more than this changes nothing."""


_SIDES = tuple(Side)


@dataclass(slots=True)
class _Utterance:
    """Spurts of one side with only short pauses between them."""

    pieces: list[Piece] = field(default_factory=list)
    nuclei: int = 0  # of all pieces
    speech: int = 0

    def add(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.nuclei += piece.nuclei
        self.speech += piece.speech

    def lengthen(self, speech: int) -> None:
        """Add ticks of speech to the newest piece."""
        self.pieces[-1] = self.pieces[-1]._replace(speech=self.pieces[-1].speech + speech)
        self.speech += speech

    def keep(self, pieces: list[Piece]) -> None:
        """Drop all other pieces."""
        self.pieces = pieces
        self.nuclei = sum(piece.nuclei for piece in pieces)
        self.speech = sum(piece.speech for piece in pieces)


@dataclass(slots=True)
class _Voice:
    """State of one side."""

    row: PieceRow  # pieces of the utterances that are long enough
    utterances: deque[_Utterance] = field(default_factory=deque)  # ended, long enough, young enough
    last: _Utterance | None = None  # going on, or ended so lately that it may
    speaking: bool = False
    is_first: bool = False  # no piece of this spurt has been cut
    cut_at: int = 0  # ticks: up to here the speech is in pieces
    cut_sums: tuple[int, int, float] = (0, 0, 0.0)  # running nuclei, speech and energy at that instant
    level: UsualLevel = field(default_factory=UsualLevel)
    n_changes: int = 0
    first: list[_Utterance] = field(default_factory=list)  # of the first speech
    first_speech: int = 0  # ticks, in ended utterances long and short
    first_kept: bool = True  # the first speech may grow
    pauses: list[float] = field(default_factory=list)  # mean power of the pauses in each second that has one
    noise: float | None = None  # median of the latest of them; None where it has to be computed anew
    snr_db: float | None = None  # of the latest speech over that; None where it has to be computed anew
    pauses_from: tuple[int, int, float] | None = (0, 0, 0.0)  # tick, speech and energy of pauses at the last cut
    energy: float = 0.0  # of all speech
    speech: int = 0  # ticks


class SpokenPieces:
    """Keep the pieces of both sides' speech that show their pace.

    Kept are whole utterances of at least `spurt_min_nuclei` syllables: spurts with own pauses under
    `utterance_pause_s` between them count together, as a halting talker's turn is not a short one. The time of their
    pauses never counts. Spurts that turn out to be backchannels, and what is in a hold, are taken out again; what is
    far softer than the side usually speaks is not kept at all. So much as `spurt_edge_s` before a spurt's beginning and
    after its end is speech, too.

    Parameters
    ----------
    settings : RateSettings
        What is long enough, and how long it is kept (`window_age_s`).
    timebase : Timebase
        The call's clock.

    References
    ----------
    Yuan, Liberman & Cieri 2006 (short turns are fast, hence `spurt_min_nuclei`).
    """

    def __init__(self, settings: RateSettings, *, timebase: Timebase) -> None:
        self._tick_length = timebase.tick_length
        self._min_nuclei = settings.spurt_min_nuclei
        self._edge = in_ticks(settings.spurt_edge_s)
        self._utterance_pause = in_ticks(settings.utterance_pause_s)
        self._age = in_ticks(settings.window_age_s)
        self._first_speech = in_ticks(settings.baseline_speech_s)
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self._voices = (_Voice(PieceRow(self._utterance_pause)), _Voice(PieceRow(self._utterance_pause)))
        self._speaking = (False, False)
        self._held = False
        self._now = 0

    def step(self, tick: Tick, fresh: Sequence[Event], *, cut: bool) -> None:
        """Follow one tick; with `cut` speech that goes on is cut here, and what is too old is dropped.

        Must be stepped wherever a side begins or ends to speak and a hold begins or ends. `fresh` are the events of
        earlier trackers at this tick: `Backchannel` and `Hold` are read.
        """
        self._now = tick.number + 1
        if not cut and not fresh and tick.speaking == self._speaking and tick.held == self._held:
            return
        resumed = self._held and not tick.held
        for side in _SIDES:
            voice = self._voices[side]
            if cut or tick.held:
                self._listen(voice, tick, side, cut=cut)
            speaking = tick.speaking[side] and not tick.held
            if cut or resumed or speaking != voice.speaking:
                sums = (tick.nuclei[side], tick.speech[side], tick.energy[side])
                self._take(voice, sums, at=tick.number, speaking=speaking, resumed=resumed, cut=cut)
        self._speaking, self._held = tick.speaking, tick.held
        for event in fresh:
            if isinstance(event, Backchannel):
                end = event.start if event.end is None else event.end
                self._forget(event.side, event.start // self._tick_length, -(-end // self._tick_length))
            elif isinstance(event, Hold) and event.end is None:
                for side in _SIDES:
                    self._forget(side, event.start // self._tick_length, None)
        if cut:
            for voice in self._voices:
                self._drop_old(voice)

    def n_changes(self, side: Side) -> int:
        """Return how often the side's pieces have changed; what was computed from them holds while this stands."""
        return self._voices[side].n_changes

    def window(self, side: Side, *, speech: int, since: int = 0) -> RateWindow:
        """Return the newest own speech of a side.

        Parameters
        ----------
        side : Side
            Whose speech.
        speech : int
            Ticks of speech at which no older piece is taken: the last one may pass it by less than its length, 1 s.
        since : int, optional
            Tick before which no piece may have begun.
        """
        windows = self.windows(side, speeches=(speech,), since=since)
        return windows[0] if windows else RateWindow(self._now, self._now, 0, 0)

    def snr_db(self, side: Side, *, whole: bool = False) -> float:
        """Return the power of a side's speech over that of its pauses, in dB; nan before there are both.

        The noise is the median over seconds with a pause, so that neither a cough nor a tone of the line is taken for
        it, and is as loud as what comes and goes. What the network's noise floor says is too low in babble and traffic.

        Parameters
        ----------
        side : Side
            Whose sound.
        whole : bool, optional
            Whether of all speech so far, and not of the latest.
        """
        voice = self._voices[side]
        if whole and voice.speech and voice.pauses:
            return _snr_db(voice.energy / voice.speech, median(voice.pauses))
        if voice.snr_db is None:
            if voice.noise is None and voice.pauses:
                voice.noise = median(voice.pauses[-_PAUSES:])
            voice.snr_db = math.nan if voice.noise is None else _snr_db(voice.level.power, voice.noise)
        return voice.snr_db

    def windows(self, side: Side, *, speeches: Sequence[int], since: int = 0) -> list[RateWindow]:
        """Return the newest own speech of a side in windows of several lengths, in one pass.

        Parameters
        ----------
        side : Side
            Whose speech.
        speeches : sequence of int
            Ticks of speech that each window holds, rising; the last piece may pass it by less than its length, 1 s.
            Where the side has spoken less, the last window holds all there is.
        since : int, optional
            Tick before which no piece may have begun.
        """
        return self._voices[side].row.windows(speeches, since=since)

    def first_speech(self, side: Side) -> tuple[list[Piece], bool]:
        """Return the pieces of the side's first `baseline_speech_s` of speech so far, and whether those are all.

        Once they are all they are given once more and then forgotten.
        """
        voice = self._voices[side]
        if not voice.first_kept:
            return [], True
        utterances = list(voice.first)
        going_on = 0
        if voice.last is not None:
            going_on = voice.last.speech
            if self._counts(voice.last):
                utterances.append(voice.last)
        complete = voice.first_speech + going_on >= self._first_speech
        if complete:
            voice.first_kept = False
            voice.first.clear()
        return [piece for utterance in utterances for piece in utterance.pieces], complete

    def newest_first(self, side: Side) -> Iterator[Piece]:
        """Return the pieces of a side that show its pace, from the newest on."""
        return self._voices[side].row.newest_first()

    def _listen(self, voice: _Voice, tick: Tick, side: Side, *, cut: bool) -> None:
        """Take the power of the pauses since the last cut, unless a part of them was held."""
        if tick.held:
            voice.pauses_from = None
        if not cut:
            return
        number, speech, energy = tick.number + 1, tick.speech[side], tick.pause_energy[side]
        if voice.pauses_from is not None:
            since, speech_then, energy_then = voice.pauses_from
            ticks = number - since - (speech - speech_then)
            if ticks >= _PAUSE_FROM:
                voice.pauses.append((energy - energy_then) / ticks)
                voice.noise = voice.snr_db = None
        voice.pauses_from = None if tick.held else (number, speech, energy)

    def _take(
        self, voice: _Voice, sums: tuple[int, int, float], *, at: int, speaking: bool, resumed: bool, cut: bool
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
            voice.is_first = True
        if voice.speaking and not speaking:
            self._cut(voice, at, sums, is_last=True)
        elif speaking and cut:
            self._cut(voice, at + 1, sums, is_last=False)
        voice.speaking = speaking
        if cut and not speaking and voice.last is not None and at - voice.cut_at >= self._utterance_pause:
            self._finish(voice)

    def _cut(self, voice: _Voice, at: int, sums: tuple[int, int, float], *, is_last: bool) -> None:
        nuclei, speech, energy = sums[0] - voice.cut_sums[0], sums[1] - voice.cut_sums[1], sums[2] - voice.cut_sums[2]
        if at > voice.cut_at:
            if voice.last is None:
                voice.last = _Utterance()
            if speech < _LEVEL_FROM or not voice.level.is_faint(energy, speech):
                edges = self._edge * (voice.is_first + is_last)
                self._add(voice, voice.last, Piece(voice.cut_at, at, nuclei, speech + edges))
            voice.level.add(energy, speech)
            voice.snr_db = None
            voice.energy += energy
            voice.speech += speech
            voice.is_first = False
        elif is_last and voice.last is not None and voice.last.pieces and voice.last.pieces[-1].end == at:
            voice.last.lengthen(self._edge)  # it was cut at this very tick
            if self._counts(voice.last):
                voice.row.undo(1)
                voice.row.append(voice.last.pieces[-1])
            voice.n_changes += 1
        voice.cut_at, voice.cut_sums = at, sums

    def _add(self, voice: _Voice, utterance: _Utterance, piece: Piece) -> None:
        counted = self._counts(utterance)
        utterance.add(piece)
        if counted:
            voice.row.append(piece)
        elif self._counts(utterance):
            for each in utterance.pieces:
                voice.row.append(each)
        voice.n_changes += 1

    def _counts(self, utterance: _Utterance) -> bool:
        """Return whether an utterance is long enough to show the pace."""
        return utterance.nuclei >= self._min_nuclei

    def _finish(self, voice: _Voice) -> None:
        """End the utterance; keep it if it is long enough to show the pace."""
        utterance, voice.last = voice.last, None
        assert utterance is not None
        counts = self._counts(utterance)
        if counts:
            voice.utterances.append(utterance)
        if voice.first_kept:
            voice.first_speech += utterance.speech
            if counts:
                voice.first.append(utterance)

    def _forget(self, side: Side, start: int, end: int | None) -> None:
        """Remove speech that proved to be no talk: ticks from `start` to `end`, None for up to now."""
        voice = self._voices[side]
        n_changes = voice.n_changes
        for utterance in (*voice.utterances, *((voice.last,) if voice.last is not None else ())):
            kept = [p for p in utterance.pieces if p.end <= start or (end is not None and p.start >= end)]
            if len(kept) < len(utterance.pieces):
                utterance.keep(kept)
                voice.n_changes += 1
        if voice.n_changes > n_changes:
            counting = [*voice.utterances]
            if voice.last is not None and self._counts(voice.last):
                counting.append(voice.last)
            voice.row.replace(piece for utterance in counting for piece in utterance.pieces)

    def _drop_old(self, voice: _Voice) -> None:
        horizon = self._now - self._age
        while voice.utterances and (not (pieces := voice.utterances[0].pieces) or pieces[-1].end <= horizon):
            voice.row.drop(len(voice.utterances.popleft().pieces))


def _snr_db(power: float, noise: float) -> float:
    """Return the power of speech over that of pauses, in dB; nan without speech."""
    if not power:
        return math.nan
    return min(10 * math.log10(max(power / max(noise, 1e-12) - 1, 1e-3)), _MOST_SNR_DB)
