"""Decide which spurts are speech for the rules about silence: a click is not a reply; knows no rule."""

from collections import deque

from cxaudio.analysis.spurts import SPEECH_WITHOUT_SYLLABLE
from cxaudio.analysis.tick import NEVER, Tick
from cxaudio.analysis.usual_level import UsualLevel
from cxaudio.model.timebase import TICKS_PER_SECOND

__all__ = ["LOOK_EVERY", "SpeechWatch"]

LOOK_EVERY = SPEECH_WITHOUT_SYLLABLE
"""Ticks after which a spurt is judged, and judged again while it is not known to be speech."""

_REMEMBERED = 20  # spurts of speech: more than any overlap waits for its decision


class SpeechWatch:
    """Distinguish speech from other sounds among the spurts of one side.

    A spurt is speech once it has lasted `LOOK_EVERY`, or at its end if it held a syllable nucleus. A shorter one
    without is a click, a breath or a bump of the microphone; and one far softer than the side usually speaks is
    somebody behind it, or the other side's leak, unless these were taken out before (`Tick.settled`). It is decided at
    multiples of `LOOK_EVERY` from the spurt's start and at its end only, so it does not matter at which other ticks
    this is stepped.
    """

    def __init__(self, side: int) -> None:
        self._side = side
        self._level = UsualLevel()
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self._level.reset()
        self._number = 0
        self._on = False
        self._before = (0, 0, 0.0)  # nuclei, speech and energy before the spurt
        self.due = NEVER
        """Tick at which a spurt that is not known to be speech is judged again."""
        self._spurts: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)  # those of speech that have ended
        self.start = 0
        """Tick at which the present or latest spurt began."""
        self.speaks = False
        """Whether a spurt is going on that is known to be speech."""
        self.end = 0
        """Tick at which the latest speech ended; 0 before any."""

    @property
    def settled(self) -> bool:
        """Return whether the present spurt is known to be speech, or there is none."""
        return self.speaks or not self._on

    @property
    def sound_s(self) -> float:
        """Return the seconds of all spurts so far: how well the side's usual level is known."""
        going_on = self._number - self.start if self.speaks else 0
        return (self._level.speech + going_on) / TICKS_PER_SECOND

    def spoke(self, start: int, end: int) -> bool:
        """Return whether there was speech between two ticks of the near past."""
        if self.speaks and self.start < end:
            return True
        return any(a < end and b > start for a, b in self._spurts)

    def first_from(self, tick: int) -> int | None:
        """Return the first tick from `tick` on with speech in it; None where there was none in the near past."""
        spurts = [*self._spurts, (self.start, NEVER)] if self.speaks else self._spurts
        return next((max(start, tick) for start, end in spurts if end > tick), None)

    @property
    def until(self) -> int | None:
        """Return the tick at which the latest speech ended; None while it goes on."""
        return None if self.speaks else self.end

    def step(self, tick: Tick) -> bool:
        """Follow one tick; return True where the present or just ended spurt is found to be speech."""
        side, number = self._side, tick.number
        self._number = number
        on = tick.speaking[side] and not tick.held
        if on and self._on and number < self.due:
            return False
        found = False
        if on and not self._on:
            self.start, self.due = number, number + LOOK_EVERY
        sums = (tick.nuclei[side], tick.speech[side], tick.energy[side])
        if on and number >= self.due:
            found = self.speaks = tick.settled or not self._is_faint(sums)
            self.due = NEVER if found else self.due + LOOK_EVERY
        if not on:
            if self._on:
                if not self.speaks:
                    long_enough = sums[0] > self._before[0] or number - self.start >= LOOK_EVERY
                    found = long_enough and (tick.settled or not self._is_faint(sums))
                if found or self.speaks:
                    self.end = number
                    self._spurts.append((self.start, number))
                self._level.add(sums[2] - self._before[2], sums[1] - self._before[1])
                self.speaks = False
                self.due = NEVER
            self._before = sums  # stand still until the next spurt
        self._on = on
        return found

    def _is_faint(self, sums: tuple[int, int, float]) -> bool:
        return self._level.is_faint(sums[2] - self._before[2], sums[1] - self._before[1])
