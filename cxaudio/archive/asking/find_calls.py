"""Find the recordings behind calls of a store, by any name that a page, a table or a folder has for them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cxaudio.archive.asking.tables import open_duck
from cxaudio.archive.store.folder import Store
from cxaudio.errors import UsageError

__all__ = ["FoundCall", "find_calls"]

_DIGITS = re.compile(r"[0-9a-f]{6,64}")
_SOUND = re.compile(r"call-[0-9a-f]{12}")


class FoundCall(NamedTuple):
    """One call of a store."""

    call_id: str
    files: tuple[str, ...]  # its recording, or the agent's and the customer's
    page: Path | None  # None where it has none


def find_calls(store: Path | str, names: Sequence[str]) -> list[FoundCall]:
    """Return the calls that names stand for, with their recordings and pages.

    Parameters
    ----------
    store : path
        Folder of a store.
    names : sequence of str
        Each a `call_id` or its first six digits or more, the hashed name of a recording, the name by its sound
        (``call-...``), a call's page, or the path of a recording.

    Raises
    ------
    UsageError
        If a name stands for no call.
    StoreError
        If the store cannot be read.
    """
    found: dict[str, None] = {}
    with Store.open(store, read_only=True) as opened:
        for name in names:
            ids = _ids(opened, name)
            if not ids:
                raise UsageError(
                    f"{name}: no call of this store is named so; give the number of a page or of a row of "
                    "`cxaudio archive query`, or the path of a recording"
                )
            found |= dict.fromkeys(ids)
        files = opened.ledger.recordings_of(found)
        pages = {call_id: opened.layout.page(call_id) for call_id in found}
    return [
        FoundCall(call_id, files.get(call_id, ()), pages[call_id] if pages[call_id].is_file() else None)
        for call_id in found
    ]


def _ids(store: Store, name: str) -> list[str]:
    """Return the rows that one name stands for."""
    digits = Path(name).stem if name.endswith(".html") else name
    if _DIGITS.fullmatch(digits) or _SOUND.fullmatch(digits):
        with open_duck(store.path) as duck:
            asked = f"starts_with(call_id, '{digits}') OR file = '{digits}' OR sound_id = '{digits}'"
            ids = [str(row[0]) for row in duck.ask(f"SELECT call_id FROM calls WHERE {asked} ORDER BY call_id").rows]
        if ids:
            return ids
    ids = [each for file in (str(Path(name).absolute()), name) for each in store.ledger.rows_of_recording(file)]
    return sorted(set(ids))
