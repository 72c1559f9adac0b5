"""Import DuckDB in one place, and say what to install where it is missing or too old."""

from typing import Any

from cxaudio.errors import UsageError

__all__ = ["SQL_TYPES", "duckdb_library"]

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
