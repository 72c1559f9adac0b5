"""Let DuckDB read the files of a store by names of our own, and nothing else."""

import io
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cxaudio.errors import UsageError

__all__ = ["SCHEME", "read_only_files"]

SCHEME = "cxstore"


class _ReadOnlyFile(io.RawIOBase):
    """A file that several threads of DuckDB read at a time: each has its own position; closed when it is dropped.

    DuckDB calls ``seek`` and then ``read``; with one position for all, another thread could move it in between.
    """

    def __init__(self, path: Path) -> None:
        self._file = open(path, "rb", buffering=0)
        # By thread: what `threading.local` holds for a thread of DuckDB is lost between two of its calls.
        self._positions: dict[int, int] = {}
        self._lock = threading.Lock()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._positions.get(threading.get_ident(), 0)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: os.fstat(self._file.fileno()).st_size}[whence]
        self._positions[threading.get_ident()] = start + offset
        return self.tell()

    def read(self, size: int = -1) -> bytes:
        at = self.tell()
        size = max(0, os.fstat(self._file.fileno()).st_size - at) if size < 0 else size
        if hasattr(os, "pread"):
            content = os.pread(self._file.fileno(), size, at)
        else:
            with self._lock:
                self._file.seek(at)
                content = self._file.read(size)
        self._positions[threading.get_ident()] = at + len(content)
        return content

    def close(self) -> None:
        self._file.close()
        super().close()


def read_only_files(files: Mapping[str, Path]) -> Any:
    """Return a file system for `duckdb.DuckDBPyConnection.register_filesystem`.

    DuckDB opens a file that it may read for writing, too, where a statement tells it to. This file system has no way to
    write: it opens files for reading only, and knows no other operation that changes something.

    Parameters
    ----------
    files : mapping
        Path of each file by its name, which begins with ``cxstore://``.

    Raises
    ------
    UsageError
        If fsspec is not installed.
    """
    try:
        from fsspec import AbstractFileSystem
    except ModuleNotFoundError as exc:
        raise UsageError("questions need fsspec, which is not installed; pip install 'cxaudio[archive]'") from exc

    class ReadOnlyFiles(AbstractFileSystem):  # type: ignore[misc]
        protocol = SCHEME

        def open(self, path: str, mode: str = "rb", **options: Any) -> Any:
            if mode != "rb":
                raise PermissionError("a question can only read")
            return _ReadOnlyFile(self._file(path))

        def info(self, path: str, **options: Any) -> dict[str, Any]:
            return {"name": path, "size": self._file(path).stat().st_size, "type": "file"}

        def modified(self, path: str) -> datetime:
            return datetime.fromtimestamp(self._file(path).stat().st_mtime, UTC)

        def exists(self, path: str, **options: Any) -> bool:
            return path in files

        def glob(self, path: str, **options: Any) -> list[str]:
            return [path] if path in files else []

        def _file(self, path: str) -> Path:
            if path not in files:
                raise FileNotFoundError(path)
            return files[path]

    return ReadOnlyFiles(skip_instance_cache=True)
