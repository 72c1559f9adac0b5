"""Import DuckDB in one place, say what to install where it is missing or too old, and open databases in memory."""

import os
from typing import Any

from cxaudio.errors import UsageError

__all__ = ["SQL_TYPES", "duckdb_library", "memory_database"]

_MOST_THREADS = 4  # each needs memory of its own, and of several questions none should wait for long; chosen

SQL_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "time": "TIMESTAMP"}
"""DuckDB's types of the types of `cxaudio.archive.columns.Column`."""


def duckdb_library() -> Any:
    """Import DuckDB.

    Raises
    ------
    UsageError
        If it is missing, or older than ``allowed_paths``.

    Examples
    --------
    >>> duckdb_library().__name__
    'duckdb'
    """
    try:
        import duckdb
    except ModuleNotFoundError as exc:
        raise UsageError("questions need duckdb, which is not installed; pip install 'cxaudio[archive]'") from exc
    major, minor = (int(number) for number in duckdb.__version__.split(".")[:2])
    if (major, minor) < (1, 2):
        raise UsageError(
            f"questions need duckdb 1.2, and this is {duckdb.__version__}; pip install --upgrade 'cxaudio[archive]'"
        )
    return duckdb


def memory_database(duckdb: Any, *, most_threads: int = _MOST_THREADS, memory_mb: int | None = None) -> Any:
    """Return a connection to a new database in memory that writes nothing to disk and loads nothing.

    Parameters
    ----------
    duckdb : module
        As `duckdb_library` returns it.
    most_threads : int
        For one question; less on a machine with fewer cores.
    memory_mb : int, optional
        Memory that it may use, MB; four fifths of the machine's by default, DuckDB's own limit.

    Examples
    --------
    >>> with memory_database(duckdb_library()) as database:
    ...     database.execute("SELECT current_setting('temp_directory')").fetchone()
    ('',)
    """
    config: dict[str, Any] = {
        "threads": max(1, min(most_threads, os.cpu_count() or 1)),
        "temp_directory": "",  # nothing is written to disk
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }
    if memory_mb is not None:
        config["memory_limit"] = f"{memory_mb}MB"
    return duckdb.connect(":memory:", config=config)
