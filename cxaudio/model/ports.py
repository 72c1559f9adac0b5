"""The two protocols from which everything outside hangs: where sound comes from, where facts go."""

from collections.abc import Iterator
from types import TracebackType
from typing import Protocol, Self

from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.report import CallReport

__all__ = ["Sink", "Source"]


class Source(Protocol):
    """Gives a call's sound block by block; a context manager."""

    @property
    def info(self) -> CallInfo:
        """Which call this is; known once the source is entered."""
        ...

    @property
    def n_samples(self) -> int | None:
        """Length of the whole call in samples at its own rate, None while it is not known."""
        ...

    def __iter__(self) -> Iterator[AudioBlock]:
        """Contiguous blocks: each starts where the one before it ended."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Sink(Protocol):
    """Takes facts and clean sound as they become known."""

    def open(self, call: CallInfo) -> None:
        """Before the first block."""
        ...

    def write(self, analysed: Analysed) -> None:
        """After each block, and once more after the flush."""
        ...

    def close(self, report: CallReport | None) -> None:
        """At the end; `report` is None when the call broke off."""
        ...
