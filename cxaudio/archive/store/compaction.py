"""Join small parts into large ones, without the rows that are no longer rows of the store."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.parts import complete
from cxaudio.archive.store.replacing import replace_parts

__all__ = ["compact"]

TARGET_CALLS = 20_000  # of a part: a file of some MB, which a query reads at once
_SMALL_CALLS = TARGET_CALLS // 2
_MOST_SOURCES = 40  # files that are open at once: 1 to 2 MB of memory each
_MANY = 16  # parts of like size
_LIKE = 8  # parts are of like size where their numbers of calls differ by less than this factor
_DUTY_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Part:
    number: int
    calls: int  # rows that are rows of the store
    superseded: int


def compact(store: Store, *, only_many: bool = False) -> int:
    """Join small parts, and drop the rows that were superseded.

    Whoever reads meanwhile has the old files or the new ones; the old ones are deleted once the ledger names the new.

    Parameters
    ----------
    store : Store
        Opened for writing.
    only_many : bool
        Only where there are many small parts or many superseded rows, and then those: for the end of a run, and for
        each commit while calls are watched. Parts of like size are joined, so that a row is not written again and
        again.

    Returns
    -------
    int
        How many parts were replaced; 0 also where another process is at it.

    Raises
    ------
    StoreError
        If a part is damaged, or the disk refuses; the store is as it was then.
    """
    replaced = 0
    if only_many and not _groups(_parts(store), only_many):  # asked often
        return 0
    if not store.ledger.take_duty("compaction", seconds=_DUTY_S):
        return 0
    try:
        complete(store.ledger, store.layout)
        while groups := _groups(_parts(store), only_many):
            for group in groups:
                if not replace_parts(store.ledger, store.layout, [part.number for part in group]):
                    return replaced  # another process purged meanwhile
                replaced += len(group)
    finally:
        store.ledger.end_duty("compaction")
    return replaced


def _parts(store: Store) -> list[_Part]:
    """Return the parts that are in place, oldest first."""
    with store.ledger.database.reading() as rows:
        gone = dict(rows.execute("SELECT part, count(*) FROM superseded GROUP BY part").fetchall())
        found = rows.execute("SELECT id, calls FROM parts WHERE placed ORDER BY id").fetchall()
    return [_Part(number, calls - gone.get(number, 0), gone.get(number, 0)) for number, calls in found]


def _groups(parts: Sequence[_Part], only_many: bool) -> list[list[_Part]]:
    """Return which parts are to be joined with which."""
    groups: list[list[_Part]] = []
    if only_many:
        sizes: dict[int, list[_Part]] = {}
        for part in parts:
            if part.superseded > max(part.calls, 100):
                groups.append([part])
            elif part.calls < _SMALL_CALLS:
                sizes.setdefault(int(math.log(max(part.calls, 1), _LIKE)), []).append(part)
        for like in sizes.values():
            if len(like) >= _MANY:
                groups += [group for group in _filled(like) if len(group) > 1]
        return groups
    chosen = [part for part in parts if part.calls < _SMALL_CALLS or part.superseded]
    return [group for group in _filled(chosen) if len(group) > 1 or group[0].superseded]


def _filled(parts: Sequence[_Part]) -> list[list[_Part]]:
    """Return parts in groups of about the target."""
    groups: list[list[_Part]] = [[]]
    for part in parts:
        calls = sum(each.calls for each in groups[-1])
        if groups[-1] and (calls + part.calls > TARGET_CALLS or len(groups[-1]) >= _MOST_SOURCES):
            groups.append([])
        groups[-1].append(part)
    return [group for group in groups if group]
