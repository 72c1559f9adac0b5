"""Which spurts are speech for the rules about silence: a click is not a reply; knows no rule."""

from cxaudio.analysis.tick import NEVER, Tick

__all__ = ["SPEECH_AFTER", "SpeechWatch"]

SPEECH_AFTER = 50
"""Ticks: a spurt this long is speech even without a syllable found in it. Chosen: what takes the floor."""


class SpeechWatch:
    """One side's spurts, told apart into speech and mere noises.

    A spurt is speech once it has lasted `SPEECH_AFTER`, or at its end if it held a syllable nucleus; a shorter one
    without is a click, a breath or a bump of the microphone, and breaks no silence. The verdict falls at those two
    instants only, so it does not matter at which other ticks this is stepped.
    """

    def __init__(self, side: int) -> None:
        self._side = side
        self.reset()

    def reset(self) -> None:
        """As newly made."""
        self._on = False
        self._nuclei = 0  # before the spurt
        self.start = 0
        """Tick at which the present or latest spurt began."""
        self.settled = True
        """Whether the present or latest spurt's meaning is known."""
        self.speaks = False
        """Whether a spurt is going on that is known to be speech."""
        self.end = 0
        """Tick at which the latest speech ended; 0 before any."""

    @property
    def due(self) -> int:
        """Tick at which the present spurt becomes speech by its length."""
        return NEVER if self.settled else self.start + SPEECH_AFTER

    def step(self, tick: Tick) -> bool:
        """Take a tick; True where the present or just ended spurt is found to be speech."""
        on = tick.speaking[self._side] and not tick.held
        found = False
        if on and not self._on:
            self.start, self.settled = tick.number, False
        if on and not self.settled and tick.number >= self.start + SPEECH_AFTER:
            self.settled = self.speaks = found = True
        if not on:
            if self._on:
                if not self.settled:
                    self.settled = True
                    found = tick.nuclei[self._side] > self._nuclei
                if found or self.speaks:
                    self.end = tick.number
                self.speaks = False
            self._nuclei = tick.nuclei[self._side]  # stands still until the next spurt
        self._on = on
        return found
