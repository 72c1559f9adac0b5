"""`HeldRows`: some rows of a store in memory, so that many policies can be tried on them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.rejudging.screens import SCREENS
from cxaudio.archive.whatif.chunk import IDENTITY
from cxaudio.archive.whatif.tapes import TapeRows

__all__ = ["HeldRows", "by_name", "held_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRows:
    """Rows of a store with what judging them again needs; picklable. A call takes some 10 KB a minute."""

    texts: Mapping[str, Sequence[Any]]  # the columns `IDENTITY`
    screens: Mapping[str, NDArray[np.float64]]
    tapes: Mapping[str, Sequence[bytes | None]]  # binary columns of `tapes`

    def __len__(self) -> int:
        return len(self.texts["call_id"])

    def numbers(self, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """Return screens by name; nan where a row has none."""
        return {name: self.screens[name] for name in names}

    def of_calls(self, names: Sequence[str]) -> dict[str, list[Any]]:
        """Return columns of the calls by name."""
        return {name: list(self.texts[name]) for name in names}

    def binaries(self, name: str, rows: Sequence[int]) -> Iterator[bytes | None]:
        """Yield a binary column of `tapes` in some rows, in any order."""
        column = self.tapes[name]
        return (column[row] for row in rows)

    def some(self, first: int, last: int) -> "HeldRows":
        """Return the rows from the first up to but not with the last."""
        return HeldRows(
            texts={name: values[first:last] for name, values in self.texts.items()},
            screens={name: values[first:last] for name, values in self.screens.items()},
            tapes={name: values[first:last] for name, values in self.tapes.items()},
        )

    def without_pace(self) -> "HeldRows":
        """Return them without what only the rules about the pace need: three quarters of all bytes."""
        return replace(self, tapes={**self.tapes, "pace_tape": (None,) * len(self)})


def held_rows(chunk: TapeRows, rows: Sequence[int]) -> HeldRows:
    """Read some rows, which rise, into memory.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    texts, screens = chunk.of_calls(IDENTITY), chunk.numbers(tuple(SCREENS))
    places = np.asarray(rows, np.intp)
    return HeldRows(
        texts={name: [values[row] for row in rows] for name, values in texts.items()},
        screens={name: values[places] for name, values in screens.items()},
        tapes={name: list(chunk.binaries(name, rows)) for name in ("tape", "pace_tape")},
    )


def by_name(parts: Sequence[HeldRows]) -> HeldRows:
    """Return rows of several places, at least one, as one, in the order of the names of their calls."""
    names = [call_id for part in parts for call_id in part.texts["call_id"]]
    order = sorted(range(len(names)), key=names.__getitem__)
    return HeldRows(
        texts={name: _ordered([part.texts[name] for part in parts], order) for name in IDENTITY},
        screens={name: np.concatenate([part.screens[name] for part in parts])[order] for name in SCREENS},
        tapes={name: _ordered([part.tapes[name] for part in parts], order) for name in ("tape", "pace_tape")},
    )


def _ordered(parts: Sequence[Sequence[Any]], order: Sequence[int]) -> list[Any]:
    values = [value for part in parts for value in part]
    return [values[place] for place in order]
