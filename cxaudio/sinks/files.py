"""Files that appear complete or not at all: written under a temporary name in their own folder, then renamed."""

import errno
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from cxaudio.errors import StoreError

__all__ = ["AtomicFile", "open_private", "private_folder", "storing", "write_private", "write_whole"]

_CURES = {
    errno.ENOSPC: "free some space, or name a folder on another disk",
    errno.EDQUOT: "free some space, or name a folder on another disk",
    errno.EACCES: "name a folder that you may write to",
    errno.EPERM: "name a folder that you may write to",
    errno.EROFS: "name a folder that you may write to",
    errno.ENAMETOOLONG: "name a shorter folder",
    errno.ENOTDIR: "a file is in the way; name another folder",
    errno.EEXIST: "a file is in the way; name another folder",
    errno.EISDIR: "a folder is in the way; remove it or name another folder",
}


@contextmanager
def storing(path: Path | str) -> Iterator[None]:
    """Turn the system's refusal to write into one sentence with its cure.

    Parameters
    ----------
    path : path
        What is being written; named in the message.

    Raises
    ------
    StoreError
        In place of every OSError inside.
    """
    try:
        yield
    except OSError as exc:
        cure = _CURES.get(exc.errno or 0, "check the disk, or name another folder")
        raise StoreError(f"{path}: cannot be written ({exc.strerror or exc}); {cure}") from exc


class AtomicFile:
    """A file that gets its name only once it is complete.

    The constructor touches no disk, so that `discard` is safe at every moment, also before `begin`.

    Parameters
    ----------
    path : Path
        Final name; its folder is made where it is missing.
    binary : bool
        Bytes rather than UTF-8 text. Text keeps the line ends it is given; what UTF-8 cannot hold is escaped.
    private : bool
        Nobody but the owner may read the file, whatever the umask; a folder that is made for it is private, too.
    """

    def __init__(self, path: Path, *, binary: bool = False, private: bool = False) -> None:
        self.path = path
        self._binary = binary
        self._private = private
        # By chance: machines and containers that share a folder give processes the same numbers.
        self._partial = path.with_name(f".{path.name[:60]}.{secrets.token_hex(4)}.part")
        self.file: IO[Any] = io.BytesIO() if binary else io.StringIO()  # until it is begun

    def begin(self) -> None:
        """Create the file under its temporary name.

        Raises
        ------
        StoreError
            If it cannot be made.
        """
        if self._private:
            private_folder(self.path.parent)
        with storing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            opener = open_private if self._private else None
            self.file = (
                open(self._partial, "wb", opener=opener)
                if self._binary
                else open(self._partial, "w", encoding="utf-8", errors="backslashreplace", newline="", opener=opener)
            )

    def write(self, content: str | bytes) -> None:
        """Append text or bytes.

        Raises
        ------
        StoreError
            If the disk refuses.
        """
        with storing(self.path):
            self.file.write(content)

    def rewrite_start(self, content: str | bytes) -> None:
        """Write over the beginning of the file, which must be as long, and go back to its end.

        Raises
        ------
        StoreError
            If the disk refuses.
        """
        with storing(self.path):
            self.file.seek(0)
            self.file.write(content)
            self.file.seek(0, os.SEEK_END)

    def commit(self) -> None:
        """Close the file and give it its name, in place of an older file.

        Raises
        ------
        StoreError
            If the disk refuses; then nothing of it is left.
        """
        try:
            with storing(self.path):
                self.file.close()
                os.replace(self._partial, self.path)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove what was written; an older file of the same name stays."""
        with suppress(OSError):
            self.file.close()
        with suppress(OSError):
            self._partial.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a small file at once, complete or not at all.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    _write(AtomicFile(path, binary=isinstance(content, bytes)), content)


def write_private(path: Path, content: str | bytes) -> None:
    """Write a small file that only its owner may read, complete or not at all, whatever the umask.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    _write(AtomicFile(path, binary=isinstance(content, bytes), private=True), content)


def private_folder(path: Path) -> None:
    """Make a folder that only its owner may enter (0700), and its missing parents likewise, whatever the umask.

    A folder that is there already keeps its rights.

    Raises
    ------
    StoreError
        If it cannot be made.
    """
    with storing(path):
        if path.is_dir():
            return
        if not path.parent.is_dir():
            private_folder(path.parent)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            if not path.is_dir():
                raise
            return  # another process made it meanwhile
        os.chmod(path, 0o700)


def open_private(path: str | Path, flags: int) -> int:
    """Open a file so that only its owner may read and write it (0600), whatever the umask; an ``opener`` for `open`."""
    file = os.open(path, flags, 0o600)
    if hasattr(os, "fchmod"):  # not on Windows, where folders hold the rights
        os.fchmod(file, 0o600)
    return file


def _write(file: AtomicFile, content: str | bytes) -> None:
    """Write all of a file, or nothing."""
    try:
        file.begin()
        file.write(content)
    except BaseException:
        file.discard()
        raise
    file.commit()
