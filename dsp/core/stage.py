"""The contract every stage keeps, and `run`, which takes a whole signal through a stage at once.

The laws (held by ``tests/contracts/test_stages.py`` for every stage of the project):

1. *Any cutting.* However the input is cut into blocks, the joined outputs and the flush are the same, bit for bit.
2. *In place.* A stage never shifts time; it withholds. All that goes in comes out by the flush.
3. *Prompt.* After n samples in, at least ``n - latency_samples`` are out.
4. *As new.* After `reset` nothing of the past is left; after `flush` only `reset` may follow.
5. *Clean hands.* The input is not written to, and the output is not a view of the stage's state.
6. *No clock, no chance.* No wall time, no unseeded randomness, no reading of a block's length as a parameter.
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
    """Something that is fed a signal in blocks of any length and hands on what it can decide so far."""

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld at any time."""
        ...

    def process(self, x: In_contra, /) -> Out_co:
        """Take a block of any length, also empty, and return what has become certain."""
        ...

    def flush(self) -> Out_co:
        """End of the signal: return what was withheld. Only `reset` may follow."""
        ...

    def reset(self) -> None:
        """Forget everything, as if newly made."""
        ...


class Open:
    """Keeps law 4: knows whether a stage has been flushed.

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
        """Raise `StreamStateError` if the stage was flushed."""
        if not self._open:
            raise StreamStateError(f"{self._name} was flushed; call reset() before feeding it again")

    def close(self) -> None:
        """Note the flush; a second one is an error."""
        self.check()
        self._open = False

    def reopen(self) -> None:
        """Note the reset."""
        self._open = True


def run(stage: Stage[Any, Any], x: NDArray[Any]) -> Any:
    """Process everything at once, then flush.

    Parameters
    ----------
    stage : Stage
        A fresh or reset stage whose output is one array.
    x : ndarray
        The whole signal.

    Returns
    -------
    ndarray
        The joined output along the first axis.
    """
    head = stage.process(x)
    return np.concatenate((head, stage.flush()))
