"""List, look at and open files in folders of this machine and at addresses such as ``s3://`` (through fsspec)."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from cxaudio.archive.finding.names_of_files import is_hidden, is_recording
from cxaudio.archive.job import FileStamp
from cxaudio.errors import AudioFormatError, UsageError

__all__ = [
    "NO_STAMP",
    "Entry",
    "Folder",
    "check_address",
    "is_address",
    "local_path",
    "look_at",
    "open_folder",
    "opened_address",
    "read_small",
]

NO_STAMP = FileStamp(size=0, modified_ns=0)
"""Stamp of what could not be looked at."""

_STORE_FILES = {"store.json", "ledger.sqlite"}
_AT_ONCE = 150_000  # names of one folder that are given together, out of twice as many: 30 MB


class Entry(NamedTuple):
    """A folder, or a file whose name is that of a recording."""

    name: str  # last part of its path, readable
    path: str  # absolute path, or address
    is_folder: bool
    stamp: FileStamp = NO_STAMP
    problem: str | None = None  # why it cannot be taken: for a Refusal


class Folder(Protocol):
    """What is in one folder, in order of the names."""

    path: str
    holds_store: bool  # results of `cxaudio archive`
    holds_events: bool  # results of `cxaudio replay`

    def entries(self) -> Iterator[Entry]:
        """Yield folders and recordings that are not hidden and no links."""

    def may_hold(self, name: str) -> bool:
        """Return whether a file of this name may be there; False is certain."""


def is_address(place: str) -> bool:
    r"""Return whether a place is an address for fsspec rather than a path of this machine.

    Examples
    --------
    >>> is_address("s3://calls/2026"), is_address("/calls"), is_address("file:///calls"), is_address("C:\\calls")
    (True, False, False, False)
    """
    protocol, separator, _ = place.partition("://")
    return bool(separator) and protocol != "file" and protocol.replace("+", "").replace("-", "").isalnum()


def check_address(address: str) -> None:
    """Raise an error for an address that can never be opened.

    Raises
    ------
    UsageError
        If it cannot be understood, or needs what is not installed.
    """
    _file_system(address)


def local_path(place: str) -> str:
    """Return the absolute path of a place of this machine, which may be given as ``file://``."""
    if place.startswith("file://"):
        place = place.removeprefix("file://").removeprefix("localhost")
        if os.name == "nt":
            place = place.lstrip("/")
        elif not place.startswith("/"):
            raise UsageError(f"file://{place}: names no absolute path; write file:///folder or the path itself")
    return os.path.abspath(place)


def open_folder(path: str) -> Folder:
    """Read the beginning of a folder.

    Raises
    ------
    OSError
        If it cannot be read; the text is for people.
    """
    return _RemoteFolder(path) if is_address(path) else _LocalFolder(path)


def look_at(path: str, *, follow_links: bool = True) -> Entry:
    """Return what a path or an address is.

    Raises
    ------
    OSError
        If it is not there, or cannot be looked at.
    """
    if is_address(path):
        return _remote_entry(path)
    return _local_entry(path, os.stat(path) if follow_links else os.lstat(path))


def read_small(path: str, *, most_bytes: int) -> bytes | None:
    """Return the content of a small regular file; None where there is none, or it is larger.

    Raises
    ------
    OSError
        If it is there and cannot be read.
    """
    if is_address(path):
        return _read_small_remote(path, most_bytes)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(path, flags)
    except OSError as exc:
        if exc.errno in (errno.ENOENT, errno.ENAMETOOLONG, errno.ELOOP, errno.ENXIO, errno.EISDIR):
            return None
        raise
    try:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode) or found.st_size > most_bytes:
            return None
        with open(number, "rb", closefd=False) as file:
            content = file.read(most_bytes + 1)
    finally:
        os.close(number)
    return content if len(content) <= most_bytes else None


# --------------------------------------------------------------------------------------------------------- this machine


class _LocalFolder:
    """A folder of this machine; however many files it has, at most twice `_AT_ONCE` names are in memory."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.holds_events = self._holds_json = False
        self._marks: set[str] = set()  # files that only a store has
        self._names, self._has_more = self._next_names("")
        self.holds_store = self._marks == _STORE_FILES

    def entries(self) -> Iterator[Entry]:
        while True:
            for name in self._names:
                path = os.path.join(self.path, name)
                try:
                    found = os.lstat(path)
                except FileNotFoundError:  # moved or deleted since it was listed
                    continue
                except OSError as exc:
                    yield Entry(name, path, is_folder=False, problem=_cannot("be looked at", exc))
                    continue
                if stat.S_ISDIR(found.st_mode) or (not stat.S_ISLNK(found.st_mode) and is_recording(name)):
                    yield _local_entry(path, found)
            if not self._has_more:
                return
            self._names, self._has_more = self._next_names(self._names[-1])

    def may_hold(self, name: str) -> bool:
        return self._holds_json or not name.endswith(".json")

    def _next_names(self, after: str) -> tuple[list[str], bool]:
        """Return the next names in their order, and whether more follow; reads the folder's list once."""
        names: list[str] = []
        has_more = False
        with os.scandir(self.path) as entries:
            for entry in entries:
                name = entry.name
                if name <= after or is_hidden(name):
                    continue
                if is_recording(name) or _is_folder(entry):
                    names.append(name)
                elif name.endswith(".json"):
                    self._holds_json = True
                elif name == "events.jsonl":
                    self.holds_events = True
                if name in _STORE_FILES:
                    self._marks.add(name)
                if len(names) >= 2 * _AT_ONCE:
                    names.sort()
                    del names[_AT_ONCE:]
                    has_more = True
        names.sort()
        if len(names) > _AT_ONCE:
            del names[_AT_ONCE:]
            has_more = True
        return names, has_more


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # then it is looked at by its name
        return False


def _local_entry(path: str, found: os.stat_result) -> Entry:
    name = os.path.basename(path)
    if stat.S_ISDIR(found.st_mode):
        return Entry(name, path, is_folder=True)
    stamp = FileStamp(size=found.st_size, modified_ns=found.st_mtime_ns)
    if stat.S_ISREG(found.st_mode):
        return Entry(name, path, is_folder=False, stamp=stamp)
    kinds = {stat.S_IFIFO: "FIFO", stat.S_IFSOCK: "socket", stat.S_IFBLK: "device", stat.S_IFCHR: "device"}
    kind = kinds.get(stat.S_IFMT(found.st_mode), "special file")
    return Entry(name, path, is_folder=False, problem=f"is a {kind} and no file; move it out of the folder")


def _cannot(what: str, error: Exception) -> str:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return f"cannot {what} ({' '.join(reason.split())}); allow this user to read it, or leave it out"


# ------------------------------------------------------------------------------------------------------------ addresses


class _RemoteFolder:
    """A folder at an address; its list comes whole, as servers send it."""

    holds_store: bool
    holds_events: bool

    def __init__(self, path: str) -> None:
        self.path = path
        system, inner = _file_system(path)
        with _remote_errors():
            listed = system.ls(inner, detail=True)
        found = (each for row in listed if (each := _listed(path, row)) is not None)
        self._entries = sorted(found, key=lambda entry: (entry.name, entry.path))
        self._names = frozenset(entry.name for entry in self._entries)
        self.holds_store = self._names >= _STORE_FILES
        self.holds_events = "events.jsonl" in self._names

    def entries(self) -> Iterator[Entry]:
        for entry in self._entries:
            if is_hidden(entry.name):
                continue
            if entry.is_folder:
                yield entry
            elif is_recording(entry.name):
                yield entry if entry.problem or entry.stamp.size else _looked_up(entry)

    def may_hold(self, name: str) -> bool:
        return name in self._names


def _looked_up(entry: Entry) -> Entry:
    """Return an entry whose size the list did not say with its size."""
    try:
        return entry._replace(stamp=_remote_entry(entry.path).stamp)
    except OSError as exc:
        return entry._replace(problem=_cannot("be looked at", exc))


def _listed(folder: str, row: Any) -> Entry | None:
    """Return one row of a list; None for what is not right below the folder (servers link upwards, too)."""
    address = str(row["name"])
    is_folder = row.get("type") == "directory"
    if "://" not in address:
        name = address.rstrip("/").rpartition("/")[2]
        address = f"{folder.rstrip('/')}/{name}"
    else:
        inside = address.removeprefix(folder.rstrip("/") + "/")
        name = inside.rstrip("/")
        if inside == address or "/" in name or "?" in name or "#" in name:
            return None
        try:
            name = unquote(name, errors="strict")
        except UnicodeDecodeError:
            return Entry(name, address, is_folder=is_folder, problem="has a name that is no UTF-8; rename it")
    if not name or name in (".", ".."):
        return None
    if is_folder:
        return Entry(name, address, is_folder=True)
    return Entry(name, address, is_folder=False, stamp=_remote_stamp(row))


def _remote_entry(address: str) -> Entry:
    system, inner = _file_system(address)
    name = unquote(inner.rstrip("/").rpartition("/")[2]) if "://" in inner else inner.rstrip("/").rpartition("/")[2]
    with _remote_errors():
        if address.endswith("/") or (not is_recording(name) and system.isdir(inner)):
            return Entry(name, address, is_folder=True)
        row = system.info(inner)
    if row.get("type") == "directory":
        return Entry(name, address, is_folder=True)
    return Entry(name, address, is_folder=False, stamp=_remote_stamp(row))


def _remote_stamp(row: Any) -> FileStamp:
    keys = ("mtime", "LastModified", "last_modified", "Last-Modified", "updated", "modified", "created")
    said = next((row[key] for key in keys if row.get(key)), None)
    return FileStamp(size=int(row.get("size") or 0), modified_ns=_nanoseconds(said))


def _nanoseconds(said: object) -> int:
    """Return a time as file systems give it, since 1970; 0 where it is none.

    Examples
    --------
    >>> _nanoseconds(1.5), _nanoseconds("Thu, 01 Jan 1970 00:00:02 GMT"), _nanoseconds("no time")
    (1500000000, 2000000000, 0)
    """
    try:
        if isinstance(said, str):
            said = datetime.fromisoformat(said) if said[:4].isdecimal() else parsedate_to_datetime(said)
        if isinstance(said, datetime):
            said = (said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp()
        return int(said * 1_000_000_000) if isinstance(said, int | float) else 0
    except (ValueError, OverflowError, OSError):
        return 0


def _read_small_remote(address: str, most_bytes: int) -> bytes | None:
    try:
        with opened_address(address) as file:
            content = file.read(most_bytes + 1)
    except FileNotFoundError:
        return None
    return content if len(content) <= most_bytes else None


@contextmanager
def opened_address(address: str) -> Iterator[BinaryIO]:
    """Open a file at an address for reading from its beginning to its end.

    Raises
    ------
    OSError
        If it is not there, or cannot be read.
    """
    system, inner = _file_system(address)
    # As a stream: not every web server can send a part of a file.
    options = {"block_size": 0} if address.startswith(("http://", "https://")) else {}
    with _remote_errors(), system.open(inner, "rb", **options) as file:
        yield file


@contextmanager
def _remote_errors() -> Iterator[None]:
    """Turn what a library for addresses raises into an OSError."""
    try:
        yield
    except (OSError, AudioFormatError, UsageError):
        raise
    except Exception as exc:  # each library has errors of its own
        raise OSError(errno.EIO, " ".join(str(exc).split()) or type(exc).__name__) from exc


def _file_system(address: str) -> tuple[Any, str]:
    """Return fsspec's file system of an address, and the path inside it.

    Raises
    ------
    UsageError
        If fsspec or what it needs is missing, or the address is not understood.
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError as exc:
        raise UsageError(f"{address}: addresses need the extra: pip install 'cxaudio[archive]'") from exc
    if "::" in address:
        raise UsageError(f"{address}: chains of addresses cannot be searched; unpack it first, and name the folder")
    if urlsplit(address).password is not None:
        raise UsageError(
            f"{urlsplit(address).scheme}://...: holds a password, which would be kept in the ledger; "
            "put it into fsspec's own configuration (~/.config/fsspec/) and leave it out here"
        )
    try:
        system, inner = url_to_fs(address)
    except (ImportError, ValueError) as exc:
        raise UsageError(f"{address}: cannot be opened ({' '.join(str(exc).split())}); name another place") from exc
    return system, str(inner)
