"""Detect ringing, tones and hold music while a call goes on, from ticks, by the second; sees no samples."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.waiting import WaitingTicks
from cxaudio.model.events import HoldKind, Side
from cxaudio.model.policy import HoldSettings
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["HoldDetector", "HoldMark", "HoldSpan", "hold_marks"]

_TONE, _MUSIC = 1, 2

_CADENCE_S = 6  # ringing pauses for at most so long between two tones (E.180: up to 5 s)
_MUSIC_WINDOW_S = 3  # music is decided on the 2.4 seconds before
_MUSIC_GAP_S = 3  # a break between two bars does not end a hold
_ENOUGH_TONE, _ENOUGH_MUSIC = 10, 50  # ticks in a second: one burst of 0.1 s, half of the second
_ENOUGH_TALK = 30  # ticks of speech in a second: somebody is talking
_LITTLE_TALK = 80  # ticks of the other side's speech in the time that makes a hold: a word to oneself, not talk
# With a greater share of talk on its own side a run is a noise that somebody talks through, and nobody is on hold. The
# detector may take a ringing tone itself for speech, so for a cadence talk in the tones and between them has limits of
# its own.
_OWN_SHARE = 0.25
_CADENCE_SHARE = 0.67  # at most this share of the seconds holds a tone, else it is no cadence (E.180: at most half)
_IN_TONES, _BETWEEN_TONES = 0.45, 0.05


class HoldSpan(NamedTuple):
    """A hold, without the sample at which it could be known: that depends on the latency of the whole call."""

    start: int  # samples
    end: int | None  # samples; None while it lasts
    kind: HoldKind
    side: Side | None  # where the tone or music is; None: both


class HoldMark(NamedTuple):
    """A change of the state of hold."""

    tick: int  # number of the first tick for which it holds
    held: bool
    span: HoldSpan


def hold_marks(spans: Iterable[HoldSpan], timebase: Timebase) -> list[HoldMark]:
    """Return the marks of stretches that have ended: each begins and ends with its own sound.

    Parameters
    ----------
    spans : iterable of HoldSpan
        In order, none overlapping another.
    timebase : Timebase
        The call's clock.
    """
    length = timebase.tick_length
    marks = []
    for span in spans:
        assert span.end is not None
        first, last = span.start // length, -(-span.end // length)
        if first < last:
            marks.append(HoldMark(tick=first, held=True, span=span._replace(end=None)))
            marks.append(HoldMark(tick=last, held=False, span=span))
    return marks


@dataclass(slots=True)
class _Run:
    """Tone or music that goes on on one side, in whole seconds."""

    first: int
    last: int
    broken: bool = False  # it paused: perhaps a cadence
    other_talk: int = 0  # ticks the other side spoke since
    own_talk: int = 0  # ticks detected as speech on the same side in seconds with a tone
    between: int = 0  # ... and in seconds without the sound
    n_on: int = 0  # seconds with the sound


class HoldDetector:
    """Detect holds in every whole second of both sides' ticks.

    A hold is raised once its sound has lasted `min_s` (its `start` is where the sound began) and ended when the
    sound has stopped for longer than a cadence or bar allows, or somebody talks. What the line says by itself is found
    only when the account is settled.

    Parameters
    ----------
    settings : HoldSettings
        Shortest hold.
    timebase : Timebase
        The call's clock.
    """

    def __init__(self, settings: HoldSettings, timebase: Timebase) -> None:
        self._settings = settings
        self._timebase = timebase
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state."""
        self._second = 0
        self._sounds = WaitingTicks(np.int8, 2)
        self._speaking = WaitingTicks(np.bool_, 2)
        self._runs: dict[tuple[Side, int], _Run] = {}
        self._hold: HoldSpan | None = None
        self._hold_key: tuple[Side, int] | None = None
        self._talk_s = 0  # seconds in a row with talk on both lines or on the agent's, while held

    def process(
        self, tones: NDArray[np.bool_], music: NDArray[np.bool_], speaking: NDArray[np.bool_]
    ) -> list[HoldMark]:
        """Take ticks of both sides, shape ``(2, m)`` each, and return where holds begin and end.

        Parameters
        ----------
        tones : ndarray of bool
            Ticks of a steady tone.
        music : ndarray of bool
            Ticks with music in the 2.4 s before.
        speaking : ndarray of bool
            Ticks in which a side speaks, as far as the detector can tell; in tones nobody does.
        """
        fresh = self._sounds.add(tones.shape[1])
        np.multiply(music, np.int8(_MUSIC), out=fresh)
        fresh[tones] = _TONE
        self._speaking.add(tones.shape[1])[:] = speaking
        marks: list[HoldMark] = []
        n = len(self._sounds) // TICKS_PER_SECOND
        if not n:
            return marks
        ticks = n * TICKS_PER_SECOND
        seconds = self._sounds.take(ticks).reshape(2, n, TICKS_PER_SECOND)
        tone = ((seconds == _TONE).sum(axis=-1) >= _ENOUGH_TONE).tolist()
        music = ((seconds == _MUSIC).sum(axis=-1) >= _ENOUGH_MUSIC).tolist()
        talk = self._speaking.take(ticks).reshape(2, n, TICKS_PER_SECOND).sum(axis=-1).tolist()
        for k in range(n):
            self._step(((tone[0][k], music[0][k]), (tone[1][k], music[1][k])), (talk[0][k], talk[1][k]), marks)
        return marks

    def flush(self) -> list[HoldMark]:
        """End an open hold with the call."""
        marks: list[HoldMark] = []
        if self._hold:
            tick = self._second * TICKS_PER_SECOND + len(self._sounds)
            self._end(tick, tick, marks)
        return marks

    def _step(
        self, sounds: tuple[tuple[bool, bool], tuple[bool, bool]], talk: tuple[int, int], marks: list[HoldMark]
    ) -> None:
        """Judge one second: whether each side had a tone and music, and how many ticks it spoke."""
        second = self._second
        self._second += 1
        for side in Side:
            for code, is_on in zip((_TONE, _MUSIC), sounds[side], strict=True):
                self._follow((side, code), is_on, second, talk)
        if self._hold is None:
            self._find(second, talk, marks)
        else:
            self._keep(second, talk, marks)

    def _follow(self, key: tuple[Side, int], is_on: bool, second: int, talk: tuple[int, int]) -> None:
        """Update the run of one side's tone or music."""
        side, code = key
        run = self._runs.get(key)
        gap = _CADENCE_S if code == _TONE else _MUSIC_GAP_S
        if run and second - run.last > gap:
            run = self._runs.pop(key) and None
        if is_on:
            if run is None:
                run = self._runs[key] = _Run(max(0, second - (0 if code == _TONE else _MUSIC_WINDOW_S)), second)
            run.broken |= second - run.last > 1
            run.last = second
        if run:
            run.other_talk += talk[side.other]
            run.n_on += is_on
            if not is_on:
                run.between += talk[side]
            elif code == _TONE:  # the speech detector takes music for speech, but tones are no speech any more
                run.own_talk += talk[side]

    def _find(self, second: int, talk: tuple[int, int], marks: list[HoldMark]) -> None:
        for key, run in self._runs.items():
            if second + 1 - run.first < self._settings.min_s or run.last != second:
                continue
            seconds = second + 1 - run.first
            cadence = key[1] == _TONE and run.broken and run.n_on <= _CADENCE_SHARE * seconds
            if cadence:
                talk_through = run.between > _BETWEEN_TONES * seconds * TICKS_PER_SECOND
                talk_through |= run.own_talk > _IN_TONES * seconds * TICKS_PER_SECOND
            else:
                talk_through = run.own_talk + run.between > _OWN_SHARE * seconds * TICKS_PER_SECOND
            if run.other_talk > _LITTLE_TALK or talk_through:  # a noise in the room while people talk
                self._runs[key] = _Run(second, second)
                return
            kind = HoldKind.MUSIC if key[1] == _MUSIC else HoldKind.RINGING if cadence else HoldKind.TONE
            self._raise(kind, key[0], run.first, second, marks)
            self._hold_key = key
            return

    def _keep(self, second: int, talk: tuple[int, int], marks: list[HoldMark]) -> None:
        assert self._hold is not None
        assert self._hold_key is not None
        side = self._hold_key[0]
        run = self._runs.get(self._hold_key)
        silent_s = 1 if self._hold_key[1] == _TONE else 2  # music too may rest for a moment
        if run is not None and second - run.last >= silent_s and talk[side] >= _ENOUGH_TALK:
            run = self._runs.pop(self._hold_key) and None  # a person speaks where the sound was
        others = talk[side.other] >= _ENOUGH_TALK
        self._talk_s = self._talk_s + 1 if others else 0
        if run is None:
            self._end(self._sound_end(second), (second + 1) * TICKS_PER_SECOND, marks)
        elif self._talk_s >= 2:  # the other side talks on: the hold is over, whatever still sounds
            del self._runs[self._hold_key]
            self._end((second - 1) * TICKS_PER_SECOND, (second + 1) * TICKS_PER_SECOND, marks)
        else:
            self._last_sound = run.last

    def _sound_end(self, second: int) -> int:
        """Return the tick at which the sound stopped, once its run was given up."""
        assert self._hold_key is not None
        late = 0 if self._hold_key[1] == _TONE else _MUSIC_WINDOW_S - 1
        return min(self._last_sound + 1 - late, second) * TICKS_PER_SECOND

    def _raise(self, kind: HoldKind, side: Side, first: int, second: int, marks: list[HoldMark]) -> None:
        length = self._timebase.tick_length * TICKS_PER_SECOND
        self._hold = HoldSpan(first * length, None, kind, side)
        self._hold_key = None
        self._last_sound = second
        self._talk_s = 0
        marks.append(HoldMark(tick=(second + 1) * TICKS_PER_SECOND, held=True, span=self._hold))

    def _end(self, end_tick: int, tick: int, marks: list[HoldMark]) -> None:
        assert self._hold is not None
        end = max(self._hold.start, end_tick * self._timebase.tick_length)
        marks.append(HoldMark(tick=tick, held=False, span=self._hold._replace(end=end)))
        self._hold = self._hold_key = None
