"""Look for words in the texts of all calls once, and keep which calls have them: the slowest of all conditions.

A list, its number of calls, the values of its form and its overview ask the same within a moment, and so does each next
page and each next call of a list.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from cxaudio.archive.asking.memory_tables import MemoryTables
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.where import EVERY, Where

__all__ = ["FoundWords"]

_MOST = 16  # texts whose calls are kept: 4 MB each, of a million calls
_IN_USE_S = 120.0  # a question lasts 10 s at most, so that nothing asks a table that was not asked for so long


class FoundWords:
    """Tables of the calls that have some words, for several threads.

    Parameters
    ----------
    tables : MemoryTables
        With ``calls``.
    clock : callable
        Gives seconds that only rise.
    """

    def __init__(self, tables: MemoryTables, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tables = tables
        self._clock = clock
        self._lock = threading.Lock()
        self._found: OrderedDict[str, tuple[str, float]] = OrderedDict()  # table, and when it was asked for last
        self._n_made = 0

    def where(self, text: str) -> Where:
        """Return the condition that a call has words; the same calls as those of ``CallFilter(text=text)``.

        Parameters
        ----------
        text : str
            The words; of none, every call passes.
        """
        if not text:
            return EVERY
        with self._lock:
            table, _ = self._found.pop(text, ("", 0.0))
            if not table:
                self._n_made += 1
                table = f"found_{self._n_made}"
                condition = CallFilter(text=text).where()
                made = f"CREATE TABLE {table} AS SELECT calls.worst_rank FROM calls WHERE {condition.sql}"
                self._tables.change([(made, condition.parameters)])
            self._found[text] = table, self._clock()
            self._forget()
        return Where(f"calls.worst_rank IN (SELECT found.worst_rank FROM {table} AS found)")

    def _forget(self) -> None:
        """Drop the tables that were asked for longest ago, but none that a question may be reading."""
        while len(self._found) > _MOST:
            text, (table, asked_s) = next(iter(self._found.items()))
            if self._clock() - asked_s < _IN_USE_S:
                return
            del self._found[text]
            self._tables.change([(f"DROP TABLE {table}", ())])
