"""A table outside memory for what has to be kept while millions of files are searched."""

import sqlite3

__all__ = ["scratch_table"]


def scratch_table(*statements: str) -> sqlite3.Connection:
    """Return a new private database that SQLite keeps in memory as far as 16 MB, and removes with the connection.

    Parameters
    ----------
    *statements : str
        Make its tables.
    """
    table = sqlite3.connect("", isolation_level=None, check_same_thread=False)  # "": a nameless file of this user
    for statement in (
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA cache_size = -16000",
        *statements,
    ):
        table.execute(statement)
    return table
