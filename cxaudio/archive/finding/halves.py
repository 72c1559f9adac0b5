"""Join the two files of a call, one for each side, that are found one after the other; kept outside memory."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from cxaudio.archive.finding.fields import Said
from cxaudio.archive.finding.scratch import scratch_table
from cxaudio.archive.job import FileStamp
from cxaudio.archive.outside_text import outside

__all__ = ["Half", "Halves"]


class Half(NamedTuple):
    """The file of one side of a call."""

    path: str
    stamp: FileStamp
    said: tuple[Said, ...]


class Halves:
    """The files of one side that wait for the other side's.

    Examples
    --------
    >>> halves = Halves()
    >>> stamp = FileStamp(size=1, modified_ns=0)
    >>> halves.join("17", "agent", Half("17-a.wav", stamp, ())) is None
    True
    >>> halves.join("17", "customer", Half("17-c.wav", stamp, ())).path
    '17-a.wav'
    """

    def __init__(self) -> None:
        self._table = scratch_table(
            self,
            "CREATE TABLE half (call TEXT, side TEXT, path TEXT, size INTEGER, modified_ns INTEGER, said TEXT, "
            "joined INTEGER, PRIMARY KEY (call, side)) WITHOUT ROWID",
        )

    def join(self, call: str, side: str, half: Half) -> Half | None:
        """Keep a file, and return that of the other side; None where it was not found yet.

        Raises
        ------
        ValueError
            If another file is this side of this call.
        """
        other = "customer" if side == "agent" else "agent"
        rows = {row[0]: Half(*row[1:]) for row in self._rows("call = ?", call)}
        if side in rows and rows[side].path != half.path:
            raise ValueError(
                f"{outside(rows[side].path)} is the {side}'s side of the same call; correct the pattern or one name"
            )
        joined = other in rows
        self._table.execute(
            "INSERT OR REPLACE INTO half VALUES (?, ?, ?, ?, ?, ?, ?)",
            (call, side, half.path, half.stamp.size, half.stamp.modified_ns, _written(half.said), joined),
        )
        if joined:
            self._table.execute("UPDATE half SET joined = 1 WHERE call = ?", (call,))
        return rows.get(other)

    def alone(self) -> Iterator[tuple[str, Half]]:
        """Yield side and file of those whose other side was not found, in order of their paths."""
        for side, path, stamp, said in self._rows("joined = ? ORDER BY path", 0):
            yield side, Half(path, stamp, said)

    def _rows(self, condition: str, value: object) -> Iterator[tuple[str, str, FileStamp, tuple[Said, ...]]]:
        query = f"SELECT side, path, size, modified_ns, said FROM half WHERE {condition}"
        for side, path, size, modified_ns, said in self._table.execute(query, (value,)):
            yield side, path, FileStamp(size=size, modified_ns=modified_ns), _read(said)


def _written(said: Sequence[Said]) -> str:
    return json.dumps([(where, {name: str(value) for name, value in values.items()}) for where, values in said])


def _read(text: str) -> tuple[Said, ...]:
    return tuple(
        Said(
            where, {name: datetime.fromisoformat(value) if name == "start" else value for name, value in values.items()}
        )
        for where, values in json.loads(text)
    )
