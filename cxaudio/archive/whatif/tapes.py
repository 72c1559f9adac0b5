"""Read the tapes of some rows of a store."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.rejudging.tape import Tape, WrittenTape, read_tape

__all__ = ["TapeReader", "TapeRows"]


class TapeRows(Protocol):
    """Some rows of a store with what judging them again needs: in files (`TapeChunk`) or in memory (`HeldRows`)."""

    def numbers(self, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """Return screens by name; nan where a row has none."""
        ...

    def of_calls(self, names: Sequence[str]) -> dict[str, list[Any]]:
        """Return columns of the calls by name."""
        ...

    def binaries(self, name: str, rows: Sequence[int]) -> Iterator[bytes | None]:
        """Yield a binary column of `tapes` in some rows, which rise."""
        ...


class TapeReader:
    """Iterate over the tapes of some rows, which rise; memory: one row group.

    Parameters
    ----------
    chunk : TapeRows
        Where the rows are.
    rows : sequence of int
        Numbers of rows.
    of_pace : sequence of bool
        For each whether the pace is judged: only then what that needs is read.
    """

    def __init__(self, chunk: TapeRows, rows: Sequence[int], of_pace: Sequence[bool]) -> None:
        self._main = chunk.binaries("tape", rows)
        self._pace = chunk.binaries("pace_tape", [row for row, wanted in zip(rows, of_pace, strict=True) if wanted])
        self._of_pace = of_pace

    def __iter__(self) -> Iterator[Tape]:
        for main, wanted in zip(self._main, self._of_pace, strict=True):
            pace = next(self._pace) if wanted else b""
            yield read_tape(WrittenTape(main=main or b"", pace=pace or b""))
