"""Ask the Linux kernel which files of a folder were closed after writing or renamed, through ctypes."""

import ctypes
import ctypes.util
import errno
import os
import select
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Changes", "FolderChanges", "TooManyFolders"]

_CLOSE_WRITE, _MOVED_FROM, _MOVED_TO, _CREATE = 0x8, 0x40, 0x80, 0x100
_DELETE_SELF, _MOVE_SELF = 0x400, 0x800
_UNMOUNT, _OVERFLOW, _IGNORED = 0x2000, 0x4000, 0x8000
_ONLY_FOLDERS, _DO_NOT_FOLLOW, _IS_FOLDER = 0x0100_0000, 0x0200_0000, 0x4000_0000
_WANTED = _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE_SELF | _MOVE_SELF
_HEADER = struct.Struct("iIII")  # watch, mask, cookie, length of the name
_BUFFER = 64 * 1024


class TooManyFolders(OSError):
    """The system watches no more folders for this user, or has no inotify at all."""


@dataclass(slots=True)
class Changes:
    """What happened since the last look."""

    complete: set[str] = field(default_factory=set)  # files that were closed after writing or got their name ...
    folders: set[str] = field(default_factory=set)  # ... and new folders in which there are files already
    rescan: bool = False  # some changes are not known one by one: look at the whole folder
    gone: bool = False  # the folder itself was removed, renamed or unmounted


class FolderChanges:
    """Watch a folder with all its subfolders, also those that are made later.

    Parameters
    ----------
    root : Path
        The folder; it must exist.
    leave_out : Path, optional
        A folder beneath it that is not watched.
    most_files : int
        Files that are kept one by one between two looks; more become one request to look at the whole folder, so that
        memory is bounded whatever arrives.

    Raises
    ------
    TooManyFolders
        If the system cannot watch the folder, or not all of its subfolders.
    OSError
        If the folder cannot be read.
    """

    def __init__(self, root: Path, *, leave_out: Path | None = None, most_files: int = 10_000) -> None:
        self._root = os.fspath(root)
        self._leave_out = None if leave_out is None else os.fspath(leave_out)
        self._most_files = most_files
        self._folders: dict[int, str] = {}  # by watch
        self._changes = Changes()
        library = ctypes.CDLL(ctypes.util.find_library("c") or None, use_errno=True)
        try:
            self._add_watch = library.inotify_add_watch
            self._remove_watch = library.inotify_rm_watch
            self._file = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        except AttributeError as exc:
            raise TooManyFolders(errno.ENOSYS, "this system has no inotify") from exc
        self._add_watch.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)
        if self._file < 0:
            code = ctypes.get_errno()
            raise TooManyFolders(code, os.strerror(code))
        try:
            self._watch(self._root, report=False)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop watching."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def take(self, timeout_s: float) -> Changes:
        """Wait for changes and return them.

        Parameters
        ----------
        timeout_s : float
            How long to wait for the first one, >= 0.

        Returns
        -------
        Changes
            All since the last call.
        """
        poll = select.poll()
        poll.register(self._file, select.POLLIN)
        if poll.poll(1000 * timeout_s):
            for watch, mask, name in self._read():
                self._take_in(watch, mask, name)
        changes, self._changes = self._changes, Changes()
        return changes

    def _read(self) -> Iterator[tuple[int, int, str]]:
        while True:
            try:
                data = os.read(self._file, _BUFFER)
            except BlockingIOError:
                return
            position = 0
            while position < len(data):
                watch, mask, _, length = _HEADER.unpack_from(data, position)
                position += _HEADER.size
                name = data[position : position + length].rstrip(b"\0")
                position += length
                yield watch, mask, os.fsdecode(name)

    def _take_in(self, watch: int, mask: int, name: str) -> None:
        if mask & _OVERFLOW:
            self._rescan()  # also subfolders may be missing
            return
        folder = self._folders.get(watch)
        if folder is None:
            return
        if mask & (_UNMOUNT | _DELETE_SELF | _IGNORED):
            del self._folders[watch]
            self._changes.gone |= folder == self._root
            return
        if mask & _MOVE_SELF:
            self._changes.gone |= folder == self._root  # of a subfolder its parent says where it is now
            return
        path = os.path.join(folder, name)
        if not mask & _IS_FOLDER:
            if mask & (_CLOSE_WRITE | _MOVED_TO) or (mask & _CREATE and _has_other_name(path)):
                self._complete(path)
        elif mask & _MOVED_FROM:
            self._forget(path)
        elif mask & (_CREATE | _MOVED_TO):
            self._watch(path, report=True)

    def _forget(self, folder: str) -> None:
        """Stop watching a folder that has another name now, and all beneath it."""
        beneath = os.path.join(folder, "")
        for watch in [watch for watch, path in self._folders.items() if path == folder or path.startswith(beneath)]:
            del self._folders[watch]
            self._remove_watch(self._file, watch)

    def _complete(self, path: str, *, folder: bool = False) -> None:
        changes = self._changes
        if changes.rescan:
            return
        (changes.folders if folder else changes.complete).add(path)
        if len(changes.complete) + len(changes.folders) > self._most_files:
            self._forget_all()

    def _forget_all(self) -> None:
        self._changes.complete.clear()
        self._changes.folders.clear()
        self._changes.rescan = True

    def _rescan(self) -> None:
        self._forget_all()
        try:
            self._watch(self._root, report=False)
        except TooManyFolders:
            raise
        except OSError:
            self._changes.gone = True

    def _watch(self, folder: str, *, report: bool) -> None:
        """Watch a folder and what is beneath; watching one twice changes nothing."""
        waiting = [folder]
        while waiting:
            path = waiting.pop()
            flags = _WANTED | _ONLY_FOLDERS | (0 if path == self._root else _DO_NOT_FOLLOW)
            watch = self._add_watch(self._file, os.fsencode(path), flags)
            if watch < 0:
                code = ctypes.get_errno()
                if code in (errno.ENOSPC, errno.ENOMEM, errno.EMFILE):
                    raise TooManyFolders(code, "the system watches no more folders (fs.inotify.max_user_watches)", path)
                if path == self._root:
                    raise OSError(code, os.strerror(code), path)
                continue  # gone, or may not be read
            self._folders[watch] = path
            try:
                with os.scandir(path) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            if entry.path != self._leave_out:
                                waiting.append(entry.path)
                        elif report:  # it was there before the watch; whether it is complete, a look says
                            self._complete(path, folder=True)
            except OSError:
                if path == self._root:
                    raise


def _has_other_name(path: str) -> bool:
    """Return whether a new file is another name of one that was there before."""
    try:
        return os.lstat(path).st_nlink > 1
    except OSError:
        return False
