"""Two protocols that connect the analysis with the outside: sources of sound and sinks of facts."""

from collections.abc import Iterator
from types import TracebackType
from typing import Protocol, Self

from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.report import CallReport

__all__ = ["Sink", "Source"]


class Source(Protocol):
    """Deliver a call's sound block by block; a context manager."""

    @property
    def info(self) -> CallInfo:
        """Identity of the call, known once the source is entered; `call_id` and late notices once it was read."""
        ...

    @property
    def n_samples(self) -> int | None:
        """Length of the whole call in samples at its own rate, None while it is not known."""
        ...

    def __iter__(self) -> Iterator[AudioBlock]:
        """Yield contiguous blocks: each starts where the one before it ended."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Sink(Protocol):
    """Take facts and suppressed sound as they become known."""

    def open(self, call: CallInfo) -> None:
        """Begin a call, before the first block; the `call_id` of a recorded one is known only by the report."""
        ...

    def write(self, analysed: Analysed) -> None:
        """Take what became known with a block, and once more after the flush."""
        ...

    def close(self, report: CallReport | None) -> None:
        """End the call; `report` is None when it was aborted."""
        ...
