"""Read the events of single calls from the files of a store, each in some milliseconds.

A file of events is sorted by call, so DuckDB reads only the pages that can hold one. What it learned of a file is kept
for the next call.
"""

import threading
from pathlib import Path
from typing import Any

from cxaudio.archive.asking.duckdb_library import duckdb_library, memory_database
from cxaudio.archive.asking.read_only_files import SCHEME, read_only_files
from cxaudio.archive.columns import EVENTS
from cxaudio.errors import StoreError

__all__ = ["CallEvents"]

_FOLDER = f"{SCHEME}://events/"


class CallEvents:
    """A reader of the table ``events``, for several threads.

    Raises
    ------
    UsageError
        If an extra is not installed.

    Examples
    --------
    >>> CallEvents().of_call(Path("store/events/part-0a.parquet"), "0a")
    Traceback (most recent call last):
      ...
    cxaudio.errors.StoreError: store/events/part-0a.parquet: is missing; run cxaudio archive verify with --repair
    """

    def __init__(self) -> None:
        self._duckdb = duckdb_library()
        self._connection = memory_database(self._duckdb, most_threads=1)  # one call is in one place of a file
        self._files: dict[str, Path] = {}
        self._connection.register_filesystem(read_only_files(self._files))
        self._connection.execute("SET parquet_metadata_cache = true")
        self._connection.execute(f"SET allowed_directories = ['{_FOLDER}']")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        self._opening = threading.Lock()

    def of_call(self, path: Path, call_id: str) -> list[dict[str, Any]]:
        """Return the events of a call, in their order.

        Parameters
        ----------
        path : Path
            The file of the part that has the call's row.
        call_id : str
            The call.

        Returns
        -------
        list of dict
            Each with the columns of `cxaudio.archive.columns.EVENTS`; those that the file does not have are None.

        Raises
        ------
        StoreError
            If the file is missing (its cause is a FileNotFoundError then), damaged, or not ours to read.
        """
        name = f"{_FOLDER}{path.name}"
        with self._opening:
            self._files[name] = path
            cursor = self._connection.cursor()
        try:
            path.stat()  # what is known of a file that is gone is still kept
            cursor.execute("SELECT * FROM read_parquet(?) WHERE call_id = ? ORDER BY n", [name, call_id])
            columns = [str(column[0]) for column in cursor.description or ()]
            rows = cursor.fetchall()
        except (OSError, self._duckdb.Error) as exc:
            if isinstance(exc, FileNotFoundError) or "\nFileNotFoundError: " in str(exc):
                reason = f"{path}: is missing; run cxaudio archive verify with --repair"
                raise StoreError(reason) from (exc if isinstance(exc, FileNotFoundError) else FileNotFoundError(path))
            if isinstance(exc, OSError) or "\nPermissionError: " in str(exc):
                raise StoreError(f"{path}: cannot be read; give yourself the right to it") from exc
            raise StoreError(f"{path}: is damaged; run cxaudio archive verify with --repair") from exc
        finally:
            cursor.close()
        found = (dict(zip(columns, row, strict=True)) for row in rows)
        return [{column.name: row.get(column.name) for column in EVENTS} for row in found]
