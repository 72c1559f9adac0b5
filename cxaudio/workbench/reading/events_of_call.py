"""Read the events of one call from the file of the store that holds them."""

from pathlib import Path
from typing import Any

from cxaudio.archive.asking.call_events import CallEvents
from cxaudio.archive.store.folder import Store
from cxaudio.errors import StoreError

__all__ = ["events_of_call"]

_TRIES = 3


def events_of_call(reader: CallEvents, store: Path, call_id: str) -> list[dict[str, Any]]:
    """Return the rows of a call in the table ``events``, in their order.

    Parameters
    ----------
    reader : CallEvents
        Reads the file.
    store : Path
        Folder of the store.
    call_id : str
        The call; one that has no row has no events.

    Raises
    ------
    StoreError
        If its file cannot be read, also after it was looked for again: another process may merge files meanwhile.
    """
    for left in reversed(range(_TRIES)):
        file = _file_of(store, call_id)
        if file is None:
            return []
        try:
            return reader.of_call(file, call_id)
        except StoreError as exc:
            if not left or not isinstance(exc.__cause__, FileNotFoundError):
                raise
    raise AssertionError("the last try returns or raises")


def _file_of(path: Path, call_id: str) -> Path | None:
    query = "SELECT parts.name FROM rows JOIN parts ON parts.id = rows.part WHERE rows.call_id = ?"
    with Store.open(path, read_only=True) as store:
        with store.ledger.database.reading() as rows:
            found = rows.execute(query, (bytes.fromhex(call_id),)).fetchone()
        return None if found is None else next((p.events for p in store.parts() if p.name == found[0]), None)
