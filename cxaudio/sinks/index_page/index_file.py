"""Write the page of many calls, but never over a page that somebody else made."""

from pathlib import Path

from cxaudio.errors import StoreError

__all__ = ["INDEX_NAME", "refuse_foreign_index"]

INDEX_NAME = "index.html"

_MARK = b'<meta name="generator" content="cxaudio">'
_READ = 4096  # bytes in which the mark stands


def refuse_foreign_index(folder: Path) -> None:
    """Refuse a folder whose ``index.html`` is not one of ours.

    Raises
    ------
    StoreError
        If there is such a file.
    """
    path = folder / INDEX_NAME
    try:
        with open(path, "rb") as file:
            ours = _MARK in file.read(_READ)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError:
        ours = False
    if not ours:
        raise StoreError(f"{path}: is in the way and was not made by cxaudio; move it, or name another folder")
