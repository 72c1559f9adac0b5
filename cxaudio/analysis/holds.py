"""Ringing, tones, hold music and announcements by the second, so that they count as no talk; hears no sound itself."""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.tick import NEVER
from cxaudio.model.events import Hold, HoldKind, Side
from cxaudio.model.policy import HoldSettings
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase
from dsp.speech.tonality import MUSIC, TONE

__all__ = ["HoldMark", "HoldTeller", "HoldWatcher"]

_CADENCE_S = 6  # ringing pauses for at most so long between two tones (E.180: up to 5 s)
_MUSIC_WINDOW_S = 4  # music is told from the four seconds before
_MUSIC_GAP_S = 3  # a break between two bars ends no hold
_ENOUGH_TALK = 30  # ticks of speech in a second: somebody is talking
_LITTLE_TALK = 80  # ticks of the other side's speech in the time that makes a hold: a word to oneself, no talk
# Above such a share of talk on its own side a run is a noise that somebody talks through, and nobody is on hold. The
# detector may take a ringing tone itself for speech, so for a cadence talk counts apart in and between the tones.
_OWN_SHARE = 0.25
_CADENCE_SHARE = 0.67  # of the seconds at most hold a tone, or it is no cadence (E.180: at most half of the time)
_IN_TONES, _BETWEEN_TONES = 0.45, 0.05
_ALONE = 6  # times as long must the line speak by itself where no hold came before it


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldMark:
    """At `tick` the state of hold changed, and this is what to say of it."""

    tick: int  # number of the first tick for which it holds
    held: bool
    event: Hold  # its `decided_at` is to be filled in by whoever knows the latency


class HoldTeller:
    """Joins the holds that are heard with those that were told by hand, so that one at a time is spoken of.

    A told hold goes before a heard one: where it begins, what was heard is said to be over; where it ends and the sound
    still lasts, that is said to begin anew.

    Parameters
    ----------
    timebase : Timebase
        The call's clock.
    """

    def __init__(self, timebase: Timebase) -> None:
        self._length = timebase.tick_length
        self.reset()

    def reset(self) -> None:
        """As newly made."""
        self._heard: deque[HoldMark] = deque()
        self._told: deque[HoldMark] = deque()
        self._told_open: Hold | None = None  # as it was said, once its tick has passed
        self._heard_open: Hold | None = None  # lasting sound, said or hidden behind a told hold
        self._since: int | None = None  # sample at which a told hold began that still goes on

    @property
    def next_tick(self) -> int | None:
        """Tick with which the next change leaves."""
        ticks = [marks[0].tick for marks in (self._told, self._heard) if marks]
        return min(ticks, default=None)

    @property
    def held(self) -> bool:
        """Whether nothing counts, as far as the marks taken by `take` say."""
        return self._told_open is not None or self._heard_open is not None

    def hear(self, marks: list[HoldMark]) -> None:
        """What the watcher found; its ticks never go back."""
        self._heard.extend(marks)

    def tell(self, at: int, held: bool) -> None:
        """From sample `at` on the call is on hold by hand, or no longer; saying the same twice changes nothing."""
        if held and self._since is None:
            self._since = at
            hold = Hold(start=at, end=None, decided_at=0, kind=HoldKind.TOLD, side=None)
            self._told.append(HoldMark(tick=at // self._length, held=True, event=hold))
        elif not held and self._since is not None:
            hold = Hold(start=self._since, end=at, decided_at=0, kind=HoldKind.TOLD, side=None)
            self._told.append(HoldMark(tick=max(at - 1, 0) // self._length + 1, held=False, event=hold))
            self._since = None

    def take(self, number: int) -> list[Hold]:
        """What is to be said with a tick; the `decided_at` is to be filled in."""
        said: list[Hold] = []
        while True:
            told = self._told[0].tick if self._told else None
            heard = self._heard[0].tick if self._heard else None
            if told is not None and told <= number and (heard is None or told <= heard):
                self._take_told(self._told.popleft(), said)
            elif heard is not None and heard <= number:
                self._take_heard(self._heard.popleft(), said)
            else:
                return said

    def rest(self) -> list[Hold]:
        """At the end of the call: all that was not taken."""
        return self.take(NEVER)

    def _take_told(self, mark: HoldMark, said: list[Hold]) -> None:
        heard = self._heard_open
        if mark.held:
            if heard is not None:
                said.append(replace(heard, end=max(heard.start, mark.event.start)))
            self._told_open = mark.event
            said.append(mark.event)
            return
        self._told_open = None
        said.append(mark.event)
        if heard is not None:
            assert mark.event.end is not None  # a told hold that is over
            self._heard_open = replace(heard, start=mark.event.end)
            said.append(self._heard_open)

    def _take_heard(self, mark: HoldMark, said: list[Hold]) -> None:
        if mark.held:
            self._heard_open = mark.event
        else:
            opened, self._heard_open = self._heard_open, None
            if self._told_open is None and opened is not None and mark.event.end is not None:
                said.append(replace(mark.event, start=opened.start, end=max(opened.start, mark.event.end)))
            return
        if self._told_open is None:
            said.append(mark.event)


@dataclass(slots=True)
class _Run:
    """Tone or music under way on one side, in whole seconds."""

    first: int
    last: int
    broken: bool = False  # it paused: a cadence
    other_talk: int = 0  # ticks the other side spoke since
    own_talk: int = 0  # ticks heard as speech on the same side ...
    between: int = 0  # ... of them in seconds without the sound
    last_talk: int = 0  # ... and in the last second, of which it is not yet known
    n_on: int = 0  # seconds with the sound


class HoldWatcher:
    """Judge every whole second of both sides' ticks.

    A hold is raised once its sound has lasted `min_s` (its `start` lies back at the first of it) and ended when the
    sound has stopped for longer than a cadence or bar allows, or somebody talks. An announcement is speech of the
    customer's line before the agent has said a word, after a hold of ringing, tone or music, or for much longer.

    Parameters
    ----------
    settings : HoldSettings
        Shortest hold and announcement.
    timebase : Timebase
        The call's clock.
    """

    def __init__(self, settings: HoldSettings, timebase: Timebase) -> None:
        self._settings = settings
        self._timebase = timebase
        self.reset()

    def reset(self) -> None:
        """As newly made."""
        self._second = 0
        self._tonal = np.zeros((2, 0), np.int8)
        self._speaking = np.zeros((2, 0), np.bool_)
        self._runs: dict[tuple[Side, int], _Run] = {}
        self._hold: Hold | None = None
        self._hold_key: tuple[Side, int] | None = None
        self._talk_s = 0  # seconds in a row with talk on both lines or on the agent's, while held
        self._agent_spoke = False
        self._announcement: int | None = None  # second at which the line began to speak by itself
        self._announcement_quiet = 0
        self._after_hold = False  # ringing, a tone or music came before it

    def process(self, tonal: NDArray[np.int8], speaking: NDArray[np.bool_]) -> list[HoldMark]:
        """Take ticks of both sides, shape ``(2, m)`` each, and say where holds begin and end."""
        self._tonal = np.concatenate((self._tonal, tonal), axis=1)
        self._speaking = np.concatenate((self._speaking, speaking), axis=1)
        marks: list[HoldMark] = []
        n = self._tonal.shape[1] // TICKS_PER_SECOND
        if not n:
            return marks
        ticks = n * TICKS_PER_SECOND
        seconds = self._tonal[:, :ticks].reshape(2, n, TICKS_PER_SECOND)
        tone = (seconds == TONE).any(axis=-1).tolist()
        music = (seconds == MUSIC).any(axis=-1).tolist()
        talk = self._speaking[:, :ticks].reshape(2, n, TICKS_PER_SECOND).sum(axis=-1).tolist()
        self._tonal, self._speaking = self._tonal[:, ticks:].copy(), self._speaking[:, ticks:].copy()
        for k in range(n):
            self._step(((tone[0][k], music[0][k]), (tone[1][k], music[1][k])), (talk[0][k], talk[1][k]), marks)
        return marks

    def flush(self) -> list[HoldMark]:
        """End of the call: an open hold ends with it."""
        marks: list[HoldMark] = []
        if self._hold:
            tick = self._second * TICKS_PER_SECOND + self._tonal.shape[1]
            self._end(tick, tick, marks)
        return marks

    def _step(
        self, sounds: tuple[tuple[bool, bool], tuple[bool, bool]], talk: tuple[int, int], marks: list[HoldMark]
    ) -> None:
        """One whole second: what each side sounded like (tone, music) and how many ticks it spoke."""
        second = self._second
        self._second += 1
        for side in Side:
            for code, is_on in zip((TONE, MUSIC), sounds[side], strict=True):
                self._follow((side, code), is_on, second, talk)
        if self._hold is None:
            self._find(second, talk, marks)
        else:
            self._keep(second, talk, marks)
        if talk[Side.AGENT] >= _ENOUGH_TALK and not any(sounds[Side.AGENT]):
            self._agent_spoke = True

    def _follow(self, key: tuple[Side, int], is_on: bool, second: int, talk: tuple[int, int]) -> None:
        """Keep the run of one side's tone or music up to date."""
        side, code = key
        run = self._runs.get(key)
        gap = _CADENCE_S if code == TONE else _MUSIC_GAP_S
        if run and second - run.last > gap:
            run = self._runs.pop(key) and None
        if is_on:
            if run is None:
                # What is told of a second rests on the one before it (music: on four).
                run = self._runs[key] = _Run(max(0, second - (1 if code == TONE else _MUSIC_WINDOW_S)), second)
            run.broken |= second - run.last > 1
            run.last = second
        if run:
            run.other_talk += talk[side.other]
            run.own_talk += talk[side]
            run.n_on += is_on
            run.between += 0 if is_on else run.last_talk  # what is told of a second is told by the next
            run.last_talk = talk[side]

    def _find(self, second: int, talk: tuple[int, int], marks: list[HoldMark]) -> None:
        for key, run in self._runs.items():
            if second + 1 - run.first < self._settings.min_s or run.last != second:
                continue
            seconds = second + 1 - run.first
            cadence = key[1] == TONE and run.broken and run.n_on <= _CADENCE_SHARE * seconds
            if cadence:
                talk_through = run.between > _BETWEEN_TONES * seconds * TICKS_PER_SECOND
                talk_through |= run.own_talk > _IN_TONES * seconds * TICKS_PER_SECOND
            else:
                talk_through = run.own_talk > _OWN_SHARE * seconds * TICKS_PER_SECOND
            if run.other_talk > _LITTLE_TALK or talk_through:  # a noise in the room while people talk
                self._runs[key] = _Run(second, second)
                return
            kind = HoldKind.MUSIC if key[1] == MUSIC else HoldKind.RINGING if cadence else HoldKind.TONE
            self._raise(kind, key[0], run.first, second, marks)
            self._hold_key = key
            self._after_hold = True
            self._announcement = None
            return
        self._find_announcement(second, talk, marks)

    def _find_announcement(self, second: int, talk: tuple[int, int], marks: list[HoldMark]) -> None:
        if self._agent_spoke:
            return
        if talk[Side.CUSTOMER] >= _ENOUGH_TALK:
            if self._announcement is None:
                self._announcement = second
            self._announcement_quiet = 0
        elif self._announcement is not None:
            self._announcement_quiet += 1
            if self._announcement_quiet > _MUSIC_GAP_S:
                self._announcement = None
        needed = self._settings.announcement_alone_s * (1 if self._after_hold else _ALONE)
        if self._announcement is not None and second + 1 - self._announcement >= needed:
            self._raise(HoldKind.ANNOUNCEMENT, Side.CUSTOMER, self._announcement, second, marks)

    def _keep(self, second: int, talk: tuple[int, int], marks: list[HoldMark]) -> None:
        assert self._hold is not None
        if self._hold_key is None:  # an announcement lasts until the agent speaks or the line falls silent
            quiet = talk[Side.CUSTOMER] < _ENOUGH_TALK
            self._announcement_quiet = self._announcement_quiet + 1 if quiet else 0
            if talk[Side.AGENT] >= _ENOUGH_TALK or self._announcement_quiet > _MUSIC_GAP_S:
                self._announcement = None
                self._end(second * TICKS_PER_SECOND, (second + 1) * TICKS_PER_SECOND, marks)
            return
        side = self._hold_key[0]
        run = self._runs.get(self._hold_key)
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
        """Tick at which the sound stopped, once its run has been given up."""
        return min(self._last_sound, second) * TICKS_PER_SECOND

    def _raise(self, kind: HoldKind, side: Side, first: int, second: int, marks: list[HoldMark]) -> None:
        length = self._timebase.tick_length * TICKS_PER_SECOND
        self._hold = Hold(start=first * length, end=None, decided_at=0, kind=kind, side=side)
        self._hold_key = None
        self._last_sound = second
        self._talk_s = 0
        self._announcement_quiet = 0
        marks.append(HoldMark(tick=(second + 1) * TICKS_PER_SECOND, held=True, event=self._hold))

    def _end(self, end_tick: int, tick: int, marks: list[HoldMark]) -> None:
        assert self._hold is not None
        hold = self._hold
        end = max(hold.start, end_tick * self._timebase.tick_length)
        ended = Hold(start=hold.start, end=end, decided_at=0, kind=hold.kind, side=hold.side)
        marks.append(HoldMark(tick=tick, held=False, event=ended))
        self._hold = self._hold_key = None
