"""Join blocks of lost sound to stretches; sees no samples."""

from functools import partial

from cxaudio.analysis.pending import Pending
from cxaudio.model.blocks import AudioBlock
from cxaudio.model.events import Dropout, Side
from cxaudio.model.timebase import Timebase

__all__ = ["DropoutWatch"]


class DropoutWatch:
    """Find each stretch of lost sound, however it was cut into blocks.

    Parameters
    ----------
    timebase : Timebase
        The call's clock.
    """

    def __init__(self, timebase: Timebase) -> None:
        self._length = timebase.tick_length
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state."""
        self._start: int | None = None  # sample at which the present stretch began
        self._side: Side | None = None

    def follow(self, block: AudioBlock) -> list[Pending[Dropout]]:
        """Take the next block; return the stretch that ended before it, if one did."""
        goes_on = block.dropout and block.dropout_side == self._side
        ended = [] if goes_on else self.end(block.start)
        if block.dropout and self._start is None:
            self._start, self._side = block.start, block.dropout_side
        return ended

    def end(self, at: int) -> list[Pending[Dropout]]:
        """End the present stretch, if there is one, at sample `at`, and return it."""
        if self._start is None:
            return []
        lost = partial(Dropout, start=self._start, end=at, side=self._side)
        self._start = None
        return [Pending(max(0, (at - 1) // self._length), lost)]
