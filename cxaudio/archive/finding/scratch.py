"""A database outside memory for what has to be kept while millions of files are searched."""

import sqlite3
import weakref

__all__ = ["scratch_table"]

_WITHOUT_A_JOURNAL = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -16000")


def scratch_table(owner: object, *statements: str) -> sqlite3.Connection:
    """Return a new private database, of which SQLite keeps 16 MB in memory and the rest in a file without a name.

    Parameters
    ----------
    owner : object
        When nothing refers to it any more, the database is closed, and gone.
    *statements : str
        Make its tables.
    """
    table = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    weakref.finalize(owner, table.close)
    for statement in (*_WITHOUT_A_JOURNAL, "BEGIN", *statements):  # never committed: each commit would be written out
        table.execute(statement)
    return table
