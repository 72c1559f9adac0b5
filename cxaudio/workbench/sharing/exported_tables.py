"""The tables that can be exported of the calls of a filter: what columns they have, and their rows some at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxaudio.archive.asking.duck import VERDICTS
from cxaudio.archive.columns import CALLS, EVENTS, Column
from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.instants import seconds_of, time_of
from cxaudio.archive.reviews.verdict import DECISIONS
from cxaudio.archive.store.streamed_rows import batches_of, streamed_rows
from cxaudio.errors import UsageError
from cxaudio.workbench.reading.call_order import CallOrder

if TYPE_CHECKING:
    from cxaudio.archive.reviews.reviews import Reviews
    from cxaudio.workbench.reading.call_filter import CallFilter
    from cxaudio.workbench.reading.snapshot import Snapshot

__all__ = ["TABLES", "ExportedCalls", "Table", "exported"]

_FIRST_ROWS, _ROWS = 1_000, 10_000  # of calls read at once: few first, so that the first bytes go out soon
_CALL, _EVENT, _VERDICT = ({column.name: column for column in each} for each in (CALLS, EVENTS, VERDICTS))
_DECISIONS = tuple(decision for decision in DECISIONS if decision != "withdrawn")

_FLAGS: tuple[Column, ...] = (
    *(_EVENT[name] for name in ("call_id", "n", "type", "start_s", "end_s", "decided_at_s", "side", "rule")),
    *(_EVENT[name] for name in ("severity", "measured", "limit_value", "unit")),
    _CALL["sound_id"],
    *(Column(f"n_{decision}", "integer", f"reviewers who said {decision}") for decision in _DECISIONS),
)
_VERDICTS: tuple[Column, ...] = (
    _VERDICT["call_id"],
    _CALL["sound_id"],
    *(_VERDICT[name] for name in ("n", "type")),
    *(_EVENT[name] for name in ("rule", "side", "severity", "start_s", "end_s", "measured", "limit_value", "unit")),
    *(_VERDICT[name] for name in ("reviewer", "verdict", "note", "judged_at", "calibration", "sample")),
)
_HISTORY: tuple[Column, ...] = (
    Column("number", "integer", "grows with each verdict"),
    *(_VERDICT[name] for name in ("judged_at", "reviewer")),
    Column("verdict", "text", "right, wrong, excused, unsure or withdrawn"),
    _VERDICT["type"],
    *(_EVENT[name] for name in ("rule", "side", "severity", "start_s", "end_s")),
    _VERDICT["note"],
    _CALL["sound_id"],
    Column("call_id", "text", "row of calls that the reviewer saw"),
    *(_VERDICT[name] for name in ("calibration", "sample")),
    Column("undoes", "integer", "number of the verdict that it takes back"),
)
_SAMPLES: tuple[Column, ...] = (
    Column("sample", "integer", "number of the sample"),
    Column("name", "text", "of the sample"),
    Column("drawn_at", "time", "when, UTC"),
    Column("drawn_by", "text", "who drew it"),
    Column("position", "integer", "place of the call in the sample, from 1"),
    _CALL["sound_id"],
    Column("call_id", "text", "row of calls when it was drawn"),
    Column("stratum", "text", "step of the draw in which it was drawn"),
    Column("inclusion_probability", "number", "chance to be in the sample, over the whole design"),
    Column("drawn_group", "text", "agent whose calls it was drawn from; empty: from all"),
    Column("why", "text", "JSON of the figures behind the stratum"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedCalls:
    """The calls whose tables are exported."""

    snapshot: "Snapshot"
    reviews: "Reviews"
    chosen: "CallFilter"
    order: CallOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that can be exported."""

    columns: tuple[Column, ...]
    batches: Callable[[ExportedCalls, Sequence[Column]], Iterator[Any]]
    own_view: bool = False  # also for an agent's own view: it has no names of others


def exported(
    calls: ExportedCalls, table: str, format: str, *, columns: Sequence[str] = (), own_view: bool = False
) -> Iterator[bytes]:
    """Yield a table of the calls of a filter as the bytes of a file.

    Parameters
    ----------
    calls : ExportedCalls
        Of which.
    table : str
        One of `TABLES`.
    format : str
        csv, jsonl or parquet.
    columns : sequence of str
        Which, in the table's order; all where none is named.
    own_view : bool
        For an agent, about the own calls.

    Raises
    ------
    UsageError
        If the table, a column or the format is not known, or the table is not for an own view.
    """
    found = TABLES.get(table)
    if found is None or (own_view and not found.own_view):
        known = ", ".join(name for name, each in TABLES.items() if each.own_view or not own_view)
        raise UsageError(f"the table {table[:30]!r} cannot be exported; choose {known}")
    unknown = set(columns) - {column.name for column in found.columns}
    if unknown:
        raise UsageError(f"the column {min(unknown)[:40]!r} is not one of {table}; the page of exports lists them")
    kept = [column for column in found.columns if not columns or column.name in columns]
    return streamed_rows(format, [(column.name, column.type) for column in kept], found.batches(calls, kept))


def _calls(calls: ExportedCalls, columns: Sequence[Column]) -> Iterator[Any]:
    names = ", ".join(f'calls."{column.name}"' for column in columns)
    yield from _in_pieces(calls, f"SELECT {names} FROM picked JOIN calls USING (worst_rank) ORDER BY picked.place")


def _flags(calls: ExportedCalls, columns: Sequence[Column]) -> Iterator[Any]:
    counts = ", ".join(
        f"coalesce(said.n_{decision}, 0) AS n_{decision}"
        for decision in _DECISIONS
        if f"n_{decision}" in _names(columns)
    )
    own = ", ".join(
        "calls.sound_id" if column.name == "sound_id" else f'flags."{column.name}"'
        for column in columns
        if not column.name.startswith("n_")
    )
    said = ", ".join(f"count(*) FILTER (verdict = '{each}') AS n_{each}" for each in _DECISIONS)
    yield from _in_pieces(
        calls,
        f"SELECT {', '.join(filter(None, (own, counts)))} FROM picked JOIN flags USING (worst_rank) "
        "JOIN calls USING (worst_rank) "
        f"LEFT JOIN (SELECT call_id, n, {said} FROM judged_open GROUP BY call_id, n) AS said "
        "ON said.call_id = flags.call_id AND said.n = flags.n ORDER BY picked.place, flags.n",
    )


def _verdicts(calls: ExportedCalls, columns: Sequence[Column]) -> Iterator[Any]:
    of_call = ("call_id", "sound_id")
    of_judged = ("n", "type", "reviewer", "verdict", "note", "calibration", "sample")
    parts = []
    for column in columns:
        if column.name in of_call:
            parts.append(f'calls."{column.name}"')
        elif column.name == "judged_at":
            parts.append('judged_open."at" AS judged_at')
        else:
            parts.append(f'{"judged_open" if column.name in of_judged else "flags"}."{column.name}"')
    yield from _in_pieces(
        calls,
        f"SELECT {', '.join(parts)} FROM picked JOIN calls USING (worst_rank) "
        "JOIN judged_open ON judged_open.call_id = calls.call_id "
        "LEFT JOIN flags ON flags.call_id = judged_open.call_id AND flags.n = judged_open.n "
        "ORDER BY picked.place, judged_open.n NULLS LAST, judged_open.number",
    )


def _history(calls: ExportedCalls, columns: Sequence[Column]) -> Iterator[Any]:
    """Yield every verdict, those that were taken back, too; of a calibration only once it is closed."""
    sounds, shown = _sounds(calls), _closed(calls)
    pairs = _pairs(columns)

    def rows() -> Iterator[Mapping[str, Any]]:
        last = 0
        while found := calls.reviews.rows(
            "SELECT number, at_ms, reviewer, decision, type, rule, side, severity, start_ms, end_ms, note, sound_id, "
            "call_id, calibration, sample, undoes FROM verdicts WHERE number > ? ORDER BY number LIMIT ?",
            (last, _ROWS),
        ):
            last = found[-1][0]
            for row in found:
                values = dict(zip(_HISTORY_ROW, row, strict=True))
                if values["sound_id"] in sounds and values["calibration"] in shown:
                    yield values | {
                        "judged_at": time_of(values["judged_at"]),
                        "start_s": seconds_of(values["start_s"]),
                        "end_s": seconds_of(values["end_s"]),
                    }

    yield from batches_of(pairs, rows())


_HISTORY_ROW = (
    "number", "judged_at", "reviewer", "verdict", "type", "rule", "side", "severity", "start_s", "end_s", "note",
    "sound_id", "call_id", "calibration", "sample", "undoes",
)  # fmt: skip


def _samples(calls: ExportedCalls, columns: Sequence[Column]) -> Iterator[Any]:
    sounds = _sounds(calls)
    pairs = _pairs(columns)

    def rows() -> Iterator[Mapping[str, Any]]:
        last = (0, 0)
        while found := calls.reviews.rows(
            "SELECT c.sample, s.name, s.at_ms, s.reviewer, c.position, c.sound_id, c.call_id, c.stratum, c.chance, "
            "c.drawn_group, c.why FROM sampled_calls AS c JOIN samples AS s ON s.number = c.sample "
            "WHERE (c.sample, c.position) > (?, ?) ORDER BY c.sample, c.position LIMIT ?",
            (*last, _ROWS),
        ):
            last = (found[-1][0], found[-1][4])
            for row in found:
                values = dict(zip((column.name for column in _SAMPLES), row, strict=True))
                if values["sound_id"] in sounds:
                    yield values | {"drawn_at": time_of(values["drawn_at"])}

    yield from batches_of(pairs, rows())


def _in_pieces(calls: ExportedCalls, sql: str) -> Iterator[Any]:
    """Yield the answer for the calls in the order of the list, some at a time.

    The question reads ``picked``: the ranks of some calls and their places among them.
    """
    where, order = calls.chosen.where(), calls.order
    ranks = calls.snapshot.arrow(
        f"SELECT calls.worst_rank FROM calls WHERE {where.sql} ORDER BY {order.by()}",
        (*where.parameters, *order.parameters),
    ).column(0)
    start, n = 0, _FIRST_ROWS
    while start < len(ranks) or start == 0:
        some = ranks.slice(start, n).to_pylist()
        picked = "WITH picked AS (SELECT unnest(CAST(? AS INTEGER[])) AS worst_rank, unnest(range(?)) AS place) "
        yield from calls.snapshot.arrow(picked + sql, (some, len(some))).to_batches()
        start, n = start + n, _ROWS


def _sounds(calls: ExportedCalls) -> frozenset[str]:
    """Return the calls that are meant, by their sound."""
    where = calls.chosen.where()
    found = calls.snapshot.arrow(f"SELECT calls.sound_id FROM calls WHERE {where.sql}", where.parameters)
    return frozenset(found.column(0).to_pylist())


def _closed(calls: ExportedCalls) -> set[int | None]:
    """Return the calibrations whose verdicts may be shown, and None: that of verdicts outside of any."""
    return {None, *(each.number for each in Calibrations(calls.reviews).all() if not each.is_open)}


def _names(columns: Iterable[Column]) -> set[str]:
    return {column.name for column in columns}


def _pairs(columns: Iterable[Column]) -> list[tuple[str, str]]:
    return [(column.name, column.type) for column in columns]


TABLES: Mapping[str, Table] = {
    "calls": Table(columns=CALLS, batches=_calls, own_view=True),
    "flags": Table(columns=_FLAGS, batches=_flags, own_view=True),
    "verdicts": Table(columns=_VERDICTS, batches=_verdicts),
    "verdict_history": Table(columns=_HISTORY, batches=_history),
    "samples": Table(columns=_SAMPLES, batches=_samples),
}
"""What can be exported, by name."""
