"""Name recordings that were not judged, and say why: with names of files, or where none may be shown."""

import hmac
import re
from typing import TYPE_CHECKING

from cxaudio.archive.outside_text import with_pieces, without_pieces

if TYPE_CHECKING:
    from cxaudio.archive.store.ledger import FailedJob

__all__ = ["shown_name", "shown_reason"]

_COMPANION = re.compile(r"(?<!\w)\S*[/\\]\S*")
"""A path. Of a name with blanks its first words would stay, so names of ours are looked for before."""


def shown_name(failed: "FailedJob", *, plain: bool) -> str:
    """Return the names of a recording's files without their folders, or 16 digits in their place.

    Nobody finds out the names by trying telephone numbers: the digits also depend on the size and time of the files.

    Parameters
    ----------
    failed : FailedJob
        The recording.
    plain : bool
        Whether names may be shown.
    """
    name = " + ".join(_base_name(file) for file in failed.files)
    if plain:
        return name
    return hmac.digest(bytes.fromhex(failed.key), name.encode(errors="replace"), "sha256").hex()[:16]


def shown_reason(failed: "FailedJob", *, plain: bool) -> str:
    """Return why a recording was not judged, as a table says it that has the name in another column.

    Parameters
    ----------
    failed : FailedJob
        The recording.
    plain : bool
        Whether names may be shown. Where not, the digits of `shown_name` stand for the recording's own name, and other
        paths, pieces of names and values in quotes are left out.
    """
    if plain:
        return with_pieces(failed.reason)
    shown, reason = shown_name(failed, plain=False), failed.reason
    names = {name for file in failed.files for known in (file, _base_name(file)) for name in (known, f"{known}.json")}
    stems = {file.rpartition(".")[0] for file in names if "." in _base_name(file)}
    names |= {f"{stem}{ending}" for stem in stems for ending in (".marks.jsonl", ".json")}
    for known in sorted(names - {""}, key=len, reverse=True):
        reason = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", shown, reason)
    return _COMPANION.sub("…", without_pieces(reason))


def _base_name(file: str) -> str:
    return re.split(r"[/\\]", file.rstrip("/\\"))[-1]
