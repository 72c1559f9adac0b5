"""Ask the ledger of a store which rows it still has: a page may show a call that was judged anew or purged since."""

from collections.abc import Collection
from pathlib import Path

from cxaudio.archive.store.folder import Store

__all__ = ["has_row", "row_judged_anew"]


def row_judged_anew(path: Path, call_id: str) -> str | None:
    """Return the row that the newest run made of the recording of another row.

    Parameters
    ----------
    path : Path
        Folder of the store.
    call_id : str
        A row of any settings.

    Returns
    -------
    str or None
        Its call_id. None where there is no such row, or its recording was not judged anew.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    query = (
        "SELECT new.call_id FROM rows JOIN jobs AS old ON old.id = rows.job "
        "JOIN jobs AS new ON new.recording = old.recording AND new.settings = ? "
        "WHERE rows.call_id = ? AND new.call_id IS NOT NULL"
    )
    known = _bytes(call_id)
    if known is None:
        return None
    with Store.open(path, read_only=True) as store, store.ledger.database.reading() as rows:
        found = rows.execute(query, (store.ledger.settings(rows), known)).fetchone()
        return None if found is None else bytes(found[0]).hex()


def has_row(path: Path, call_ids: Collection[str]) -> bool:
    """Return whether one of some rows, of any settings, is in a store.

    Parameters
    ----------
    path : Path
        Folder of the store.
    call_ids : collection of str
        The rows.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    with Store.open(path, read_only=True) as store, store.ledger.database.reading() as rows:
        return any(
            rows.execute("SELECT 1 FROM rows WHERE call_id = ?", (known,)).fetchone() is not None
            for known in map(_bytes, call_ids)
            if known is not None
        )


def _bytes(call_id: str) -> bytes | None:
    """Return a call_id as the ledger holds it; None where it is none."""
    try:
        return bytes.fromhex(call_id)
    except ValueError:
        return None
