"""Keep two runs from writing into one folder at a time; the system ends a lock with the process that holds it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxaudio.errors import StoreError
from cxaudio.sinks.files import storing

__all__ = ["only_writer"]


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made where it is missing, for as long as results are written.

    Where the system has no locks, as on some network disks, nothing is held.

    Raises
    ------
    StoreError
        If another run holds it, or it cannot be made.
    """
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    handle = _locked(folder)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


if sys.platform == "win32":

    def _locked(folder: Path) -> int | None:
        """Open a file that vanishes when it is closed, and that nobody else can open meanwhile."""
        try:
            return os.open(folder / ".cxaudio-lock", os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY)
        except (FileExistsError, PermissionError):
            raise _taken(folder) from None
        except OSError:
            return None

else:

    def _locked(folder: Path) -> int | None:
        """Lock the folder itself, so that no file of a lock can stay."""
        import fcntl

        handle: int | None = None
        try:
            handle = os.open(folder, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            assert handle is not None
            os.close(handle)
            raise _taken(folder) from None
        except OSError:
            if handle is not None:
                with suppress(OSError):
                    os.close(handle)
            return None
        return handle


def _taken(folder: Path) -> StoreError:
    return StoreError(f"{folder}: another run is writing here; wait for its end, or name another folder")
