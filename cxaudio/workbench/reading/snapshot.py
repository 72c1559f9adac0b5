"""The calls of a store as they were at one time, in memory: what every page of the workbench reads."""

import json
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from cxaudio.archive.asking.call_events import CallEvents
from cxaudio.archive.asking.memory_tables import LONGEST_S, MemoryTables
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.call_list import ROW, CallPage, Neighbours, listed_calls, neighbours_of
from cxaudio.workbench.reading.call_order import CallOrder
from cxaudio.workbench.reading.drawn import NOTHING_DRAWN, take_in_drawn
from cxaudio.workbench.reading.events_of_call import events_of_call
from cxaudio.workbench.reading.found_words import FoundWords
from cxaudio.workbench.reading.judged import take_in
from cxaudio.workbench.reading.kept_answers import KeptAnswers
from cxaudio.workbench.reading.loading import StoreState, limited, loaded
from cxaudio.workbench.reading.where import EVERY, Where

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["COUNTED_TO", "Count", "Flag", "Snapshot"]

COUNTED_TO = 10_000
"""Calls are counted up to so many; of more, a page says that there are more."""


Kept = TypeVar("Kept")


class Count(NamedTuple):
    """How many there are: `n`, or `n` and more."""

    n: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A flag of a call, or a limit of the whole call that was broken, with what it was given for."""

    call_id: str
    n: int  # number of the event in its call
    type: str  # "flag" or "whole_call"
    start_s: float
    end_s: float | None  # None: until the end of the call
    decided_at_s: float | None
    side: str | None  # "agent" or "customer"; None: both, or neither
    rule: str
    severity: str | None  # "note", "flag" or "severe"; None: of a limit of the whole call
    measured: float | None
    limit_value: float | None
    unit: str | None
    evidence: Mapping[str, Any] = field(default_factory=dict)


class Snapshot:
    """The calls of a store that were judged with the settings of its newest run.

    Tables to be asked: ``calls`` (the columns of `cxaudio.archive.columns.CALLS`, ``worst_rank`` from 1, and
    ``search``), ``flags`` (`cxaudio.workbench.reading.loading.FLAG_COLUMNS`, ``severity_rank`` 0 of a limit of the
    whole call, then 1 note, 2 flag, 3 severe, and the call's ``worst_rank``), ``broken`` (rules that a call broke, with
    the worst ``severity_rank``), ``failures``, ``judged`` (the newest
    verdict of each reviewer on each flag; ``n`` null: on the call, or on what was missed), ``judged_open`` (the same
    without those of a calibration that still goes on), ``verdict_states`` (of each call with a verdict, how many of its
    flags have one) and ``sampled`` (samples of calls by sound). The column ``at`` of ``judged`` must be quoted.

    Parameters
    ----------
    path : Path
        Folder of the store.
    tables : MemoryTables
        Its tables, locked.
    state : StoreState
        What of the store they show.
    agent : str, optional
        The tables have only calls of this agent.
    """

    def __init__(self, path: Path, tables: MemoryTables, state: StoreState, *, agent: str | None = None) -> None:
        self.path = path
        self.state = state
        self.agent = agent
        self._tables = tables
        self._limited: dict[str, Snapshot] = {}
        self._events = CallEvents()
        self._making = threading.Lock()
        self._stepping = threading.Lock()
        self._reviews: Reviews | None = None
        self._seen = 0  # number of the newest verdict in `judged`
        self._drawn = NOTHING_DRAWN
        self._kept = KeptAnswers()
        self._words = FoundWords(tables)

    @classmethod
    def of_store(cls, path: Path, *, file_names: str = "hashed") -> "Snapshot":
        """Read a store into memory.

        Parameters
        ----------
        path : Path
            Its folder.
        file_names : {"hashed", "plain"}
            How recordings that were not judged are named.

        Raises
        ------
        StoreError
            If it is no store, or cannot be read.
        UsageError
            If an extra is not installed, or there is not enough memory.

        Examples
        --------
        >>> import tempfile
        >>> from cxaudio.archive.store.folder import Store
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Store.create(folder + "/store").close()
        ...     Snapshot.of_store(Path(folder, "store")).n_calls
        0
        """
        tables, state = loaded(path, file_names=file_names)
        return cls(path, tables, state)

    @cached_property
    def n_calls(self) -> int:
        """Return the number of calls."""
        return int(self._tables.rows("SELECT count(*) FROM calls")[1][0][0])

    @cached_property
    def n_earlier(self) -> int:
        """Return how many calls of the store were judged with other settings only; 0 in a snapshot of one agent."""
        return sum(int(n) for (n,) in self._tables.rows("SELECT n FROM earlier")[1])

    def ask(self, sql: str, parameters: Sequence[Any] = (), *, longest_s: float = LONGEST_S) -> list[dict[str, Any]]:
        """Ask the tables.

        Parameters
        ----------
        sql : str
            One statement that reads, with ``?`` for each value: never with text of a user in it.
        parameters : sequence
            The values.
        longest_s : float
            The question is ended after so many seconds.

        Returns
        -------
        list of dict
            Rows by the names of their columns; times are UTC, without a zone.

        Raises
        ------
        UsageError
            If it takes longer, or needs more memory than there is.
        """
        return self._tables.ask(sql, parameters, longest_s=longest_s)

    def arrays(self, sql: str, parameters: Sequence[Any] = ()) -> "Mapping[str, NDArray[Any]]":
        """Return the columns of an answer that has only numbers, as floats with NaN for null.

        Raises
        ------
        UsageError
            As `ask`.
        """
        return self._tables.arrays(sql, parameters)

    def arrow(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Return the answer to a question as a table of pyarrow, for exports; see `ask`.

        Raises
        ------
        UsageError
            If it needs more memory than there is.
        """
        return self._tables.arrow(sql, parameters)

    def kept(self, question: Hashable, make: Callable[[], Kept], *, of_calls_alone: bool = False) -> Kept:
        """Return an answer that was computed before of the same calls and verdicts, or compute it.

        Parameters
        ----------
        question : hashable
            What is asked, with all that the answer depends on beside the calls and the verdicts.
        make : callable
            Computes the answer, which nobody changes.
        of_calls_alone : bool
            No verdict changes the answer, so it is kept also when new ones come.
        """
        if of_calls_alone:
            return self._kept.get((question, None), make)
        return self._kept.get((question, self._seen, self._drawn.sample, tuple(self._drawn.closed)), make)

    def where(self, chosen: CallFilter) -> Where:
        """Return the condition of a filter for the tables of this snapshot.

        The same calls pass as with ``chosen.where()``, but words are looked for once, and not for every question.
        """
        return replace(chosen, text="").where() & self._words.where(chosen.text)

    def count(self, where: Where = EVERY) -> Count:
        """Count calls, exactly up to `COUNTED_TO`."""
        if where == EVERY:
            return Count(min(self.n_calls, COUNTED_TO), self.n_calls > COUNTED_TO)
        of_reviews = any(table in where.sql for table in ("judged_open", "verdict_states", "sampled"))
        return self.kept(("count", where), lambda: self._count(where), of_calls_alone=not of_reviews)

    def _count(self, where: Where) -> Count:
        query = f"SELECT count(*) FROM (SELECT 1 FROM calls WHERE {where.sql} LIMIT {COUNTED_TO + 1})"
        n = int(self._tables.rows(query, where.parameters)[1][0][0])
        return Count(min(n, COUNTED_TO), n > COUNTED_TO)

    def call(self, call_id: str) -> dict[str, Any] | None:
        """Return a call's row of the table ``calls``; None where it is not there."""
        return self._first("call_id = ?", call_id)

    def call_of_sound(self, sound_id: str) -> dict[str, Any] | None:
        """Return the row of the call with a sound, by its name ``call-...``; None where it is not there."""
        return self._first("sound_id = ?", sound_id)

    def _first(self, condition: str, value: str) -> dict[str, Any] | None:
        # By its number first, so that one row is read and not a column of all of them.
        rows = self._tables.rows(f"SELECT worst_rank FROM calls WHERE {condition} LIMIT 1", (value,))[1]
        return self.ask(f"SELECT {ROW} FROM calls WHERE worst_rank = ?", rows[0])[0] if rows else None

    def flags(self, call_id: str) -> list[Flag]:
        """Return the flags and the broken limits of a call, with their evidence, by the number of their event.

        Raises
        ------
        StoreError
            If the file with the call's events cannot be read.
        """
        found = [event for event in self.events(call_id) if event["type"] in ("flag", "whole_call")]
        return [
            Flag(
                **{name: event[name] for name in Flag.__dataclass_fields__ if name not in ("severity", "evidence")},
                severity=event["severity"] if event["type"] == "flag" else None,
                evidence=event["detail"].get("evidence", {}),
            )
            for event in found
        ]

    def events(self, call_id: str) -> list[dict[str, Any]]:
        """Return all events of a call: the columns of `cxaudio.archive.columns.EVENTS`, ``detail`` as an object.

        A call that is not in this snapshot has none, and neither has one that was deleted since.

        Raises
        ------
        StoreError
            If the file with the call's events cannot be read.
        """
        if not self._tables.rows("SELECT 1 FROM calls WHERE call_id = ? LIMIT 1", (call_id,))[1]:
            return []
        found = events_of_call(self._events, self.path, call_id)
        return [{**event, "detail": json.loads(event["detail"] or "{}")} for event in found]

    def calls(
        self,
        chosen: CallFilter | None = None,
        sort: str = "worst",
        *,
        after: str | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> CallPage:
        """Return some calls of a list.

        Parameters
        ----------
        chosen : CallFilter, optional
            Which calls; all where it is left out.
        sort : str
            As `cxaudio.workbench.reading.call_order.CallOrder.named` takes it.
        after, before : str, optional
            A call_id: the calls that come next after this one, or just before it. One that is not there any more is
            as if it were not given.
        limit : int
            How many.

        Returns
        -------
        CallPage
            Each row has the columns of ``calls`` without ``search``, and ``flag_letters`` (as
            `cxaudio.sinks.index_page.timeline_letters.flag_letters` returns them), ``n_flags`` (flags, severe flags and
            broken limits), ``n_judged`` (how many of them have a verdict), ``n_wrong``, ``n_unsure``, ``n_disputed``,
            and ``reviewed`` (somebody gave a verdict).

        Raises
        ------
        UsageError
            If there is no such order.
        """
        where, order = self.where(chosen or CallFilter()), CallOrder.named(sort)
        return listed_calls(self._tables, where, order, after=after, before=before, limit=limit)

    def neighbours(self, chosen: CallFilter, sort: str, call_id: str) -> Neighbours:
        """Return the calls before and after a call in a list, also where the filter would not pass the call itself.

        Parameters
        ----------
        chosen : CallFilter
            Which calls.
        sort : str
            As `cxaudio.workbench.reading.call_order.CallOrder.named` takes it.
        call_id : str
            The call.

        Raises
        ------
        UsageError
            If there is no such order.
        """
        return neighbours_of(self._tables, self.where(chosen), CallOrder.named(sort), call_id)

    def keep_in_step(self, reviews: Reviews) -> None:
        """Take the verdicts that are new into the table ``judged``, also of the snapshots of one agent's calls.

        Parameters
        ----------
        reviews : Reviews
            Of the store; those that another process stored are seen, too.

        Raises
        ------
        StoreError
            If they cannot be read.
        """
        with self._stepping:
            self._reviews = reviews
            self._seen = take_in(self._tables, reviews, self._seen)
            self._drawn = take_in_drawn(self._tables, reviews, self._drawn)
        with self._making:
            limited = list(self._limited.values())
        for each in limited:
            each.keep_in_step(reviews)

    def limited_to(self, agent: str) -> "Snapshot":
        """Return a snapshot of the calls of one agent; nothing of any other call is in its tables."""
        if self.agent is not None:
            if self.agent == agent:
                return self
            raise ValueError("a snapshot of one agent's calls has no calls of another")
        with self._making:
            if agent not in self._limited:
                while len(self._limited) >= _MOST_LIMITED:
                    del self._limited[next(iter(self._limited))]
                made = Snapshot(self.path, limited(self._tables, agent), self.state, agent=agent)
                if self._reviews is not None:
                    made.keep_in_step(self._reviews)
                self._limited[agent] = made
            return self._limited[agent]


_MOST_LIMITED = 16  # agents whose own views are kept
