"""Hold tables in memory with DuckDB, filled once and then locked, for several threads that read.

Nothing is read from files by this database and nothing is written: its rows are handed over, and before the first
question all access to files, networks and extensions is switched off and the configuration is locked.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cxaudio.archive.asking.duckdb_library import duckdb_library, memory_database
from cxaudio.errors import StoreError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LONGEST_S", "MemoryTables"]

LONGEST_S = 10.0
"""How long a question may take, unless another time is asked for. Chosen: nobody waits for longer at a page."""


class MemoryTables:
    """Tables in memory, for reading by several threads at once.

    They may use four fifths of the machine's memory, DuckDB's own limit.

    Raises
    ------
    UsageError
        If DuckDB is not installed or too old.

    Examples
    --------
    >>> tables = MemoryTables()
    >>> tables.define("CREATE TABLE calls (call_id VARCHAR, duration_s DOUBLE)")
    >>> tables.define("INSERT INTO calls VALUES (?, ?)", ("0a", 60.0))
    >>> tables.lock()
    >>> tables.ask("SELECT * FROM calls WHERE duration_s >= ?", (30,))
    [{'call_id': '0a', 'duration_s': 60.0}]
    >>> tables.close()
    """

    def __init__(self) -> None:
        self._duckdb = duckdb_library()
        self._connection = memory_database(self._duckdb)
        self._connection.execute("SET TimeZone = 'UTC'")
        self._opening = threading.Lock()
        self._changing = threading.Lock()

    def define(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Make a table or a view, or fill one, before the database is locked.

        Raises
        ------
        UsageError
            If there is not enough memory.
        """
        with self._refusals(None):
            self._connection.execute(sql, list(parameters))

    def take(self, table: str, select: str, batches: Any) -> None:
        """Make a table of a stream of rows, before the database is locked.

        Parameters
        ----------
        table : str
            Its name.
        select : str
            What of the rows to keep, a SELECT that reads ``FROM given``.
        batches : object
            A reader of record batches, or a table, of pyarrow.

        Raises
        ------
        StoreError
            If the rows cannot be read.
        UsageError
            If there is not enough memory.
        """
        self._connection.register("given", batches)
        try:
            self.define(f"CREATE TABLE {table} AS {select}")
        except self._duckdb.Error as exc:
            reason = str(exc).partition("\n")[0].rstrip(".")
            raise StoreError(
                f"the store cannot be read ({reason}); try again, and if it stays so, run cxaudio archive verify"
            ) from exc
        finally:
            self._connection.unregister("given")

    def lock(self) -> None:
        """Switch off all access to the outside, for good; tables can be asked and changed after this."""
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def rows(
        self, sql: str, parameters: Sequence[Any] = (), *, longest_s: float = LONGEST_S
    ) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Ask a question, and return the names of the columns and the rows.

        Parameters
        ----------
        sql : str
            One statement that reads; values stand in it as ``?``.
        parameters : sequence
            Those values.
        longest_s : float
            The question is ended after so many seconds.

        Raises
        ------
        UsageError
            If it takes longer, or needs more memory than there is.
        ValueError
            If it is no statement that reads: our own fault.
        """
        with self._cursor() as cursor, self._refusals(longest_s), _ended_after(longest_s, cursor.interrupt):
            self._check_reads(cursor, sql)
            cursor.execute(sql, list(parameters))
            columns = tuple(str(column[0]) for column in cursor.description or ())
            return columns, cursor.fetchall()

    def ask(self, sql: str, parameters: Sequence[Any] = (), *, longest_s: float = LONGEST_S) -> list[dict[str, Any]]:
        """Ask a question, and return its rows by the names of their columns; see `rows`.

        Raises
        ------
        UsageError, ValueError
            As `rows`.
        """
        columns, rows = self.rows(sql, parameters, longest_s=longest_s)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def arrays(self, sql: str, parameters: Sequence[Any] = ()) -> dict[str, "NDArray[Any]"]:
        """Return the columns of an answer that has only numbers, as floats with NaN for null.

        Raises
        ------
        UsageError, ValueError
            As `rows`.
        """
        import numpy as np

        with self._cursor() as cursor, self._refusals(LONGEST_S), _ended_after(LONGEST_S, cursor.interrupt):
            self._check_reads(cursor, sql)
            found = cursor.execute(sql, list(parameters)).fetchnumpy()
        return {name: np.ma.filled(np.ma.asarray(values).astype(float), np.nan) for name, values in found.items()}

    def arrow(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Return an answer as a table of pyarrow, for `take` of another database.

        Raises
        ------
        UsageError, ValueError
            As `rows`.
        """
        with self._cursor() as cursor, self._refusals(None):
            self._check_reads(cursor, sql)
            answer = cursor.sql(sql, params=list(parameters))
            # Its name since DuckDB 2.0, and the one before.
            return answer.to_arrow_table() if hasattr(answer, "to_arrow_table") else answer.fetch_arrow_table()

    def change(self, statements: Iterable[tuple[str, Sequence[Any]]]) -> None:
        """Change tables in one transaction: a reader sees all of it, or nothing.

        Parameters
        ----------
        statements : iterable of (str, sequence)
            Each SQL with its values.

        Raises
        ------
        UsageError
            If there is not enough memory.
        """
        with self._changing, self._cursor() as cursor, self._refusals(None):
            cursor.execute("BEGIN")
            try:
                for sql, parameters in statements:
                    cursor.execute(sql, list(parameters))
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """Yield a connection of this thread's own; to be ended, it must not be the next question's, too."""
        with self._opening:
            cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def _check_reads(self, cursor: Any, sql: str) -> None:
        kinds = [str(statement.type).rpartition(".")[2].upper() for statement in cursor.extract_statements(sql)]
        if kinds != ["SELECT"]:
            raise ValueError(f"a question is one statement that reads, and this is {kinds}")

    @contextmanager
    def _refusals(self, longest_s: float | None) -> Iterator[None]:
        try:
            yield
        except self._duckdb.InterruptException as exc:
            raise UsageError(
                f"this question took longer than {longest_s:g} s and was ended; ask for fewer calls, for example of a "
                "shorter time"
            ) from exc
        except self._duckdb.OutOfMemoryException as exc:
            raise UsageError(
                "this question needs more memory than there is; ask for fewer calls, or use a machine with more memory"
            ) from exc


@contextmanager
def _ended_after(seconds: float, interrupt: Callable[[], object]) -> Iterator[None]:
    """Interrupt what runs inside once the time is over; never afterwards."""
    lock = threading.Lock()
    running = True

    def end() -> None:
        with lock:
            if running:
                interrupt()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            running = False
        timer.cancel()
