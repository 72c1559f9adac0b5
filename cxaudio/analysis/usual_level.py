"""Measure how loud a side usually speaks, so that far softer sound is not taken for that voice; knows no rule."""

import math

__all__ = ["UsualLevel"]

_FAINT = 10**1.5
"""15 dB: a voice hardly ever falls so far under its own level; other people in the room and a leak do. Chosen."""

_MEMORY = 3000
"""Ticks of speech over which the level is remembered, so that it follows who moves at the microphone. Chosen."""


class UsualLevel:
    """Mean power of one side's speech, the latest half minute weighing most.

    Examples
    --------
    >>> level = UsualLevel()
    >>> level.add(energy=100 * 1e-3, ticks=100)
    >>> level.is_faint(energy=50 * 1e-5, ticks=50), level.is_faint(energy=50 * 1e-4, ticks=50)
    (True, False)
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state."""
        self._power = 0.0
        self.speech = 0
        """Ticks of speech that were added."""

    @property
    def power(self) -> float:
        """Return the mean power; 0 before any was added."""
        return self._power

    def add(self, energy: float, ticks: int) -> None:
        """Add some speech: the sum of its ticks' mean squares, and their number."""
        if ticks <= 0:
            return
        weight = math.exp(-ticks / _MEMORY) if self.speech else 0.0
        self._power = self._power * weight + energy / ticks * (1 - weight)
        self.speech += ticks

    def is_faint(self, energy: float, ticks: int) -> bool:
        """Return whether some speech is too soft to be this voice; False before any was added."""
        return self.speech > 0 and energy * _FAINT < self._power * ticks
