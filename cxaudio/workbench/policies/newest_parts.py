"""Read a store whose files may be replaced meanwhile: a run compacts them, and deletes the old ones."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cxaudio.archive.store.folder import Store
from cxaudio.errors import StoreError

__all__ = ["of_newest_parts"]

_TRIES = 4

Result = TypeVar("Result")


def of_newest_parts(path: Path, read: Callable[[Store], Result]) -> Result:
    """Return what is read of a store; where its files were replaced meanwhile, it is read anew.

    Parameters
    ----------
    path : Path
        Folder of the store.
    read : callable
        Is given the store, open for reading.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    for last in range(_TRIES):
        with Store.open(path, read_only=True) as store:
            before = {part.name for part in store.parts()}
            try:
                return read(store)
            except StoreError:
                if last == _TRIES - 1 or before == {part.name for part in store.parts()}:
                    raise
    raise AssertionError("the last try returns or raises")
