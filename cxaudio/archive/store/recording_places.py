"""Note in a store where its recordings were searched, so that later only these places are opened to play a call.

``STORE/recordings.json`` holds folders, single files and addresses, absolute, as `cxaudio archive run` and
`cxaudio watch` were given them: of a pattern its fixed folder, of a file that file alone. What a manifest names beyond
them is not noted: a table may come from anybody. Nor is the root of a file system.
"""

import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cxaudio.archive.finding.folders import Place
from cxaudio.archive.store.layout import Layout
from cxaudio.errors import StoreError
from cxaudio.sinks.files import write_private

if TYPE_CHECKING:
    from cxaudio.archive.store.folder import Store

__all__ = ["note_places", "noted_places"]

_SCHEMA = "cxaudio.recordings/1"


def note_places(store: "Store", places: Iterable[str | os.PathLike[str]]) -> None:
    """Add places to those that a store names; several processes may do so at once.

    Parameters
    ----------
    store : Store
        Open for writing.
    places : iterable of path or str
        Folders, files, glob patterns and addresses, as for `find_jobs`.

    Raises
    ------
    UsageError
        If an address cannot be understood, or needs what is not installed.
    StoreError
        If the store cannot be written.
    """
    found = {base for place in places if not _is_root(base := Place(os.fspath(place)).base)}
    with store.ledger.database.writing():  # a lock that also works between machines
        known = noted_places(store.layout)
        if found <= set(known):
            return
        values = {"schema": _SCHEMA, "places": sorted({*known, *found})}
        write_private(store.layout.recordings, json.dumps(values, indent=2) + "\n")


def noted_places(layout: Layout) -> tuple[str, ...]:
    """Return the places that a store names: absolute paths and addresses; none where it is older than this file.

    Raises
    ------
    StoreError
        If the file cannot be read, or says something else.
    """
    path = layout.recordings
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        places = values["places"]
        if values["schema"] == _SCHEMA and all(isinstance(place, str) for place in places):
            return tuple(places)
    except FileNotFoundError:
        return ()
    except OSError as exc:
        raise StoreError(f"{path}: cannot be read ({exc.strerror}); give yourself the right to it") from exc
    except (ValueError, KeyError, TypeError):
        pass
    raise StoreError(f"{path}: does not name places of recordings; delete it, and run cxaudio archive run again")


def _is_root(base: str) -> bool:
    return os.path.dirname(base) == base
