"""Define the contract of every stage, and run a whole signal through a stage at once.

The laws (``tests/contracts/test_stages.py`` checks them for every stage of the project):

1. *Any blocks.* However the input is cut into blocks, the joined outputs with the flush are the same, bit for bit.
2. *No shift in time.* A stage may withhold output, but never shifts it. After the flush all output has been returned.
3. *Bounded latency.* After n samples of input, at least ``n - latency_samples`` have been returned.
4. *Reset.* After `reset` nothing of the past is left; after `flush` only `reset` may be called.
5. *No shared memory.* The input is not written to, and the output is not a view of the stage's state.
6. *Same result every time.* No clock, no unseeded random numbers, no use of a block's length as a parameter.
"""

from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import StreamStateError

__all__ = ["Float32", "Open", "Stage", "run"]

Float32 = NDArray[np.float32]

In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)


class Stage(Protocol[In_contra, Out_co]):
    """Process a signal in blocks of any length; return after each block what can be computed so far."""

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld at any time."""
        ...

    def process(self, x: In_contra, /) -> Out_co:
        """Process a block of any length, also an empty one, and return what is now final."""
        ...

    def flush(self) -> Out_co:
        """End the signal and return what was withheld. After it only `reset` may be called."""
        ...

    def reset(self) -> None:
        """Reset to the initial state; nothing of the past is left."""
        ...


class Open:
    """Keep whether a stage has been flushed, and raise where law 4 is broken.

    Parameters
    ----------
    name : str
        Name of the stage, for the message.

    Examples
    --------
    >>> gate = Open("Framer")
    >>> gate.check()
    >>> gate.close()
    >>> gate.check()
    Traceback (most recent call last):
    dsp.core.errors.StreamStateError: Framer was flushed; call reset() before feeding it again
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._open = True

    def check(self) -> None:
        """Raise `StreamStateError` if the stage was flushed and not reset."""
        if not self._open:
            raise StreamStateError(f"{self._name} was flushed; call reset() before feeding it again")

    def close(self) -> None:
        """Record the flush; a second one raises `StreamStateError`."""
        self.check()
        self._open = False

    def reopen(self) -> None:
        """Record the reset."""
        self._open = True


def run(stage: Stage[Any, Any], x: NDArray[Any]) -> Any:
    """Process a whole signal at once, flush, and join the two outputs.

    Parameters
    ----------
    stage : Stage
        A new or reset stage whose output is one array.
    x : ndarray
        The whole signal.

    Returns
    -------
    ndarray
        The joined output along the first axis.

    Examples
    --------
    >>> from dsp.core.framing import Framer
    >>> run(Framer(2, 2), np.arange(3, dtype=np.float32))
    array([[0., 1.], [2., 0.]], dtype=float32)
    """
    head = stage.process(x)
    return np.concatenate((head, stage.flush()))
