"""Give a recording a path on this machine: a remote one as a private copy, in memory where the system can."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxaudio.archive.finding.places import is_address, local_path, look_at, opened_address
from cxaudio.errors import AudioFormatError

__all__ = ["MOST_BYTES", "local_copy"]

MOST_BYTES = 1_000_000_000
"""Of a remote recording: eight hours of two channels in PCM at 8 kHz."""

_PIECE = 1_000_000  # bytes


@contextmanager
def local_copy(address: str | Path, *, most_bytes: int = MOST_BYTES) -> Iterator[Path]:
    """Give the path of a recording; a copy is gone when the context ends, also by an error.

    Where the system offers it (Linux), the copy is a file in memory without a name, which is gone with its process even
    if that is killed, and no sound reaches a disk. Elsewhere it is a file for this user alone, in a folder of its own.

    Parameters
    ----------
    address : str or path
        As in `Job.files`. A path of this machine is given back as it is.
    most_bytes : int
        A larger remote recording is refused.

    Yields
    ------
    Path
        Can be opened by this process, as often as needed.

    Raises
    ------
    AudioFormatError
        If it cannot be fetched, or is too large; names the address.
    UsageError
        If the address cannot be understood, or needs what is not installed.
    """
    given = str(address)
    if not is_address(given):
        yield Path(local_path(given)) if given.startswith("file://") else Path(given)
        return
    with _private_file() as (number, path):
        _fetch(given, number, most_bytes)
        yield path


def _fetch(address: str, number: int, most_bytes: int) -> None:
    """Copy a remote recording to the file with a number."""
    n_bytes = 0
    try:
        promised = look_at(address).stamp.size
        if promised <= most_bytes:
            with opened_address(address) as source:
                while n_bytes <= most_bytes and (piece := source.read(_PIECE)):
                    n_bytes += len(piece)
                    _write_all(number, piece)
            if n_bytes < promised:  # as when a connection ends
                raise OSError(errno.EIO, f"ended after {n_bytes} of {promised} bytes")
    except OSError as exc:
        raise AudioFormatError(address, f"cannot be fetched ({exc.strerror or exc}); try again later") from exc
    if max(promised, n_bytes) > most_bytes:
        raise AudioFormatError(
            address,
            f"has more than the {most_bytes / 1e6:g} MB that are fetched; copy it to this machine and name the copy",
        )


def _write_all(number: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(number, view) :]


@contextmanager
def _private_file() -> Iterator[tuple[int, Path]]:
    """Give the number and the path of an empty file that only this user can open."""
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("cxaudio")
        try:
            os.fchmod(number, 0o600)
            path = Path(f"/proc/self/fd/{number}")
            if path.exists():  # not where /proc is missing
                yield number, path
                return
        finally:
            os.close(number)
    memory = "/dev/shm"
    folder = tempfile.mkdtemp(prefix="cxaudio-", dir=memory if os.access(memory, os.W_OK) else None)  # mode 700
    try:
        path = Path(folder, "recording")
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            yield number, path
        finally:
            os.close(number)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
