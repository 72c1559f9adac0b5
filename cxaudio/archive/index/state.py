"""Tell whether the index page of a store is the one that would be written now, without reading the calls."""

import hashlib
import re
from typing import TYPE_CHECKING

from cxaudio.versions import versions

if TYPE_CHECKING:
    from cxaudio.archive.store.folder import Store

__all__ = ["index_state", "written_state"]

_READ = 4096  # bytes of the page in which its state stands
_STATE = re.compile(rb'<meta name="cxaudio-state" content="([0-9a-f]{64})">')


def index_state(store: "Store", *, file_names: str, language: str) -> str:
    """Return a digest of all that the index page is made of: parts, settings, failures and how they are shown.

    Parameters
    ----------
    store : Store
        Opened.
    file_names : {"hashed", "plain"}
        Whether recordings that failed are listed with their names.
    language : str
        BCP 47 tag of the language that the page opens in.

    Returns
    -------
    str
        64 hex digits.
    """
    from cxaudio.archive.index.listed import failed_calls

    digest = hashlib.sha256(repr((versions()["cxaudio"], file_names, language, store.current_settings())).encode())
    for part in sorted(part.name for part in store.parts()):
        digest.update(part.encode())
    for row in sorted(store.superseded()):
        digest.update(repr(row).encode())
    for failed in failed_calls(store, plain=file_names == "plain"):
        digest.update(repr((failed.name, failed.reason, failed.n_tries)).encode(errors="backslashreplace"))
    return digest.hexdigest()


def written_state(store: "Store") -> str | None:
    """Return the state for which the index page of a store was written; None where there is no such page."""
    try:
        with open(store.layout.index, "rb") as page:
            found = _STATE.search(page.read(_READ))
    except OSError:
        return None
    return None if found is None else found[1].decode()
