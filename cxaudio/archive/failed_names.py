"""How recordings that were not judged are named where no name may be shown: names can be telephone numbers."""

import hmac
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxaudio.archive.store.ledger import FailedJob

__all__ = ["shown_name", "shown_reason"]


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
    """Return why a recording was not judged; where names may not be shown, with the digits of `shown_name` for them.

    Parameters
    ----------
    failed : FailedJob
        The recording.
    plain : bool
        Whether names may be shown.
    """
    if plain:
        return failed.reason
    shown, reason = shown_name(failed, plain=False), failed.reason
    names = {known for file in failed.files for known in (file, _base_name(file), _base_name(file).rpartition(".")[0])}
    for known in sorted(names - {""}, key=len, reverse=True):
        reason = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", shown, reason)
    return reason


def _base_name(file: str) -> str:
    return re.split(r"[/\\]", file.rstrip("/\\"))[-1]
