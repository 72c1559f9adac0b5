"""Decide which files may be opened to play a call: those below the folders that the store names, and no others."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from cxaudio.archive.finding.folders import relative_to
from cxaudio.archive.finding.places import is_address, local_path
from cxaudio.workbench.sound.faults import SoundMissing, SoundRefused

__all__ = ["AllowedPlaces"]


class AllowedPlaces:
    """The folders, files and addresses of the recordings of a store.

    Parameters
    ----------
    noted : iterable of str
        What `cxaudio.archive.store.recording_places` keeps: absolute paths and addresses.
    extra : iterable of path
        Folders that the server was given beside them. A recording that is no longer where it was is also looked for
        here, under the end of its path: first the longest, at last its name alone.

    Examples
    --------
    >>> places = AllowedPlaces(["/calls"], [])
    >>> places.real_path("/etc/passwd", size=None)
    Traceback (most recent call last):
    ...
    cxaudio.workbench.sound.faults.SoundRefused: outside
    """

    def __init__(self, noted: Iterable[str], extra: Iterable[Path | str] = ()) -> None:
        noted = tuple(noted)
        self._extra = tuple(os.path.abspath(folder) for folder in extra)
        self._addresses = tuple(place for place in noted if is_address(place))
        self._local = (*(place for place in noted if not is_address(place)), *self._extra)

    def checked_address(self, address: str) -> str:
        """Return an address that begins with one of the store's.

        Raises
        ------
        SoundRefused
            If it does not, or climbs above it.
        """
        parts = unquote(unquote(address)).replace("\\", "/").split("/")
        below = any(relative_to(place, address) is not None for place in self._addresses)
        if not below or ".." in parts or "::" in address:
            raise SoundRefused("outside")
        return address

    def real_path(self, file: str, *, size: int | None) -> Path:
        """Return the path, without any link in it, of a recording of this machine.

        Parameters
        ----------
        file : str
            Absolute path, as the ledger names it.
        size : int or None
            Bytes that a moved recording must have.

        Returns
        -------
        Path
            A regular file below one of the folders.

        Raises
        ------
        SoundMissing
            If there is no such file.
        SoundRefused
            If it is outside of the folders, or is no regular file.
        """
        path = local_path(file)
        if not self._local:
            raise SoundRefused("no_places")
        refusal: SoundMissing = SoundMissing("moved")
        for place in (path, *self._moved(path, size)):
            try:
                return self._checked(place)
            except SoundMissing as exc:
                refusal = exc if refusal.reason == "moved" else refusal  # the first says most
        raise refusal

    def _checked(self, path: str) -> Path:
        """Return the real path of a file, which is looked at only below the folders."""
        real = os.path.realpath(path)
        if not any(_is_below(real, os.path.realpath(place)) for place in self._local):
            raise SoundRefused("outside")
        try:
            mode = os.stat(real).st_mode
        except (FileNotFoundError, NotADirectoryError):
            raise SoundMissing("moved") from None
        except OSError as exc:
            raise SoundMissing("unreadable") from exc
        if not stat.S_ISREG(mode):
            raise SoundRefused("no_file")
        return Path(real)

    def _moved(self, path: str, size: int | None) -> Iterator[str]:
        """Yield the files of the extra folders that may be a recording that was moved."""
        names = path.strip(os.sep).split(os.sep)
        for folder in self._extra:
            for first in range(len(names)):
                place = os.path.join(folder, *names[first:])
                try:
                    found = os.stat(place)
                except (OSError, ValueError):
                    continue
                if size is None or found.st_size == size:
                    yield place


def _is_below(path: str, place: str) -> bool:
    """Return whether an absolute path is a place itself or below it."""
    return path == place or path.startswith(place.rstrip(os.sep) + os.sep)
