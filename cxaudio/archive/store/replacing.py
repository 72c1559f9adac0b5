"""Replace parts by one with the same rows, without those that are no longer rows of the store.

The order is that of a commit: write aside, switch in one transaction, rename, delete the old files. What is committed
meanwhile stays right: a row that another part took over in that time is superseded in the new part, too.
"""

from collections.abc import Sequence

from cxaudio.archive.store.commit import keep_or_remove
from cxaudio.archive.store.layout import TABLES, Layout
from cxaudio.archive.store.ledger import Ledger
from cxaudio.archive.store.parquet import Source, merge
from cxaudio.archive.store.parts import (
    NewPart,
    complete,
    delete_retired,
    hide,
    new_part_name,
    register,
    remove_unfinished,
)
from cxaudio.archive.store.schema_steps import Step, steps_from

__all__ = ["replace_parts"]


def replace_parts(ledger: Ledger, layout: Layout, parts: Sequence[int]) -> bool:
    """Write the rows of parts as one new part, and delete the parts.

    Parameters
    ----------
    parts : sequence of int
        Numbers of parts that are in place.

    Returns
    -------
    bool
        False where another process replaced one of them meanwhile; then nothing was done.

    Raises
    ------
    StoreError
        If a part is damaged, or the disk refuses; then nothing was done.
    """
    with ledger.database.reading() as rows:
        kept = []
        for part in parts:
            query = "SELECT name, calls, schema FROM parts WHERE id = ? AND placed"
            found = rows.execute(query, (part,)).fetchone()
            if found is None:
                return False
            name, n_calls, schema = found
            query = "SELECT call_id FROM superseded WHERE part = ?"
            dropped = frozenset(call_id.hex() for (call_id,) in rows.execute(query, (part,)))
            if n_calls > len(dropped):
                kept.append((name, dropped, steps_from(schema)))
    new = _merged(ledger, layout, kept) if kept else None
    try:
        switched = _switch(ledger, layout, parts, new)
    except BaseException:
        if new is not None:
            keep_or_remove(ledger, layout, new)
        raise
    if not switched:
        if new is not None:
            remove_unfinished(layout, new.name, new.writer)
        return False
    complete(ledger, layout)
    delete_retired(ledger, layout)
    return True


def _merged(ledger: Ledger, layout: Layout, sources: Sequence[tuple[str, frozenset[str], Sequence[Step]]]) -> NewPart:
    """Write the rows of parts under hidden names; nothing is left of them after an error."""
    name, writer = new_part_name(), ledger.owner.id
    try:
        files = {
            table: merge(
                table,
                [Source(layout.file(table, part), dropped, steps) for part, dropped, steps in sources],
                layout.unfinished(table, name, writer),
            )
            for table in TABLES
        }
    except BaseException:
        remove_unfinished(layout, name, writer)
        raise
    return NewPart(name=name, writer=writer, calls=files["calls"], events=files["events"], tapes=files["tapes"])


def _switch(ledger: Ledger, layout: Layout, parts: Sequence[int], new: NewPart | None) -> bool:
    """Register the new part in place of the old ones; return whether they were all still there."""
    with ledger.database.writing() as rows:
        ledger.seen(rows)
        names = []
        for part in parts:
            found = rows.execute("SELECT name FROM parts WHERE id = ?", (part,)).fetchone()
            if found is None:
                return False
            names.append(found)
        if new is not None:
            number = register(rows, layout, new)
            for each in new.calls.call_ids:
                call_id = bytes.fromhex(each)
                holder = rows.execute("SELECT part FROM rows WHERE call_id = ?", (call_id,)).fetchone()
                if holder is not None and holder[0] in parts:
                    rows.execute("UPDATE rows SET part = ? WHERE call_id = ?", (number, call_id))
                else:
                    hide(rows, number, [call_id])
        numbers = [(part,) for part in parts]
        rows.executemany("DELETE FROM superseded WHERE part = ?", numbers)
        rows.executemany("DELETE FROM parts WHERE id = ?", numbers)
        rows.executemany("INSERT OR IGNORE INTO retired (name) VALUES (?)", names)
    return True
