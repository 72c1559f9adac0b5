"""Read the calls of a store into memory: the rows that count, with what lists and filters need beside them."""

from pathlib import Path
from typing import NamedTuple

from cxaudio.archive.asking.duck import Duck
from cxaudio.archive.asking.memory_tables import MemoryTables
from cxaudio.archive.asking.tables import open_duck
from cxaudio.archive.columns import CALLS
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.ledger import State
from cxaudio.errors import StoreError
from cxaudio.sinks.index_page.worst_first import WORST_FIRST
from cxaudio.workbench.reading.filter_values import BRACKETS
from cxaudio.workbench.reading.judged import JUDGED

__all__ = ["FLAG_COLUMNS", "StoreState", "limited", "loaded", "state_of"]

FLAG_COLUMNS = (
    "call_id", "n", "type", "start_s", "end_s", "decided_at_s", "side", "rule", "severity", "measured", "limit_value",
    "unit",
)  # fmt: skip
"""Columns of ``flags``, those of `cxaudio.archive.columns.EVENTS`; it has ``severity_rank`` and ``worst_rank``, too."""

_TRIES = 5
_NOT_JUDGED = (State.FAILED, State.REFUSED, State.DEFERRED)
_ORDER = ", ".join(
    [*(f"{column} {'DESC' if largest_first else 'ASC'} NULLS LAST" for column, largest_first in WORST_FIRST), "call_id"]
)
_NAMES = ", ".join(f'"{column.name}"' for column in CALLS)
_SEARCHED = ("call_id", "sound_id", "file", "agent", "team", "queue", "sentence")
# Each word follows a blank, so that words are found by their beginning.
_SEARCH = f"""' ' || translate(lower(concat_ws(' ', {", ".join(_SEARCHED)})), '{BRACKETS}', '{" " * len(BRACKETS)}')"""
_SEVERITY = "CASE WHEN type = 'flag' THEN severity END"  # a limit of the whole call has none that says anything
_RANK = "CASE WHEN type = 'flag' THEN CASE severity WHEN 'note' THEN 1 WHEN 'flag' THEN 2 ELSE 3 END ELSE 0 END"


class StoreState(NamedTuple):
    """What a snapshot is made of; another one asks for another snapshot."""

    settings: str | None
    parts: tuple[str, ...]
    n_superseded: int
    not_judged: tuple[int, int]  # recordings, and when the last of them changed, ms since 1970


def state_of(path: Path) -> StoreState:
    """Return the state of a store; quick.

    Raises
    ------
    StoreError
        If the folder is no store or cannot be read.
    """
    with Store.open(path, read_only=True) as store, store.ledger.database.reading() as rows:
        parts = tuple(name for (name,) in rows.execute("SELECT name FROM parts ORDER BY id"))
        (n_superseded,) = rows.execute("SELECT count(*) FROM superseded").fetchone()
        query = "SELECT count(*), coalesce(max(changed_ms), 0) FROM jobs WHERE settings = ? AND state IN (?, ?, ?)"
        n, changed_ms = rows.execute(query, (store.ledger.settings(rows), *_NOT_JUDGED)).fetchone()
        return StoreState(store.ledger.settings_digest(), parts, int(n_superseded), (int(n), int(changed_ms)))


def loaded(path: Path, *, file_names: str = "hashed") -> tuple[MemoryTables, StoreState]:
    """Return the tables of a store, locked, and the state that they show.

    Parameters
    ----------
    path : Path
        Folder of the store.
    file_names : {"hashed", "plain"}
        How recordings that were not judged are named.

    Raises
    ------
    StoreError
        If the store cannot be read, also after parts that another process merged meanwhile were asked for again.
    UsageError
        If an extra is not installed, or there is not enough memory.
    """
    for left in reversed(range(_TRIES)):
        state = state_of(path)
        tables = MemoryTables()
        try:
            with open_duck(path, file_names=file_names) as duck:
                _take(tables, duck)
        except BaseException as exc:
            tables.close()
            if not left or not isinstance(exc, StoreError) or state_of(path) == state:
                raise
            continue
        tables.lock()
        return tables, state
    raise AssertionError("the last try returns or raises")


def limited(tables: MemoryTables, agent: str) -> MemoryTables:
    """Return a database of its own with the calls of one agent, in which nothing of another call is.

    Recordings that were not judged are left out: nobody knows whose calls they are.

    Raises
    ------
    UsageError
        If there is not enough memory.
    """
    own = MemoryTables()
    theirs = "(SELECT worst_rank FROM calls WHERE agent = ?)"
    try:
        own.take(
            "calls",
            "SELECT * REPLACE (CAST(row_number() OVER (ORDER BY worst_rank) AS INTEGER) AS worst_rank) FROM given",
            tables.arrow("SELECT * FROM calls WHERE agent = ?", (agent,)),
        )
        own.take(
            "flags",
            "SELECT given.* REPLACE (calls.worst_rank AS worst_rank) FROM given JOIN calls USING (call_id)",
            tables.arrow(f"SELECT * FROM flags WHERE worst_rank IN {theirs}", (agent,)),
        )
        own.define(_BROKEN)
        own.take("failures", "SELECT * FROM given", tables.arrow("SELECT * FROM failures WHERE false"))
        own.take("earlier", "SELECT * FROM given", tables.arrow("SELECT * FROM earlier WHERE false"))
        _make_judged(own)
    except BaseException:
        own.close()
        raise
    own.lock()
    return own


def _take(tables: MemoryTables, duck: Duck) -> None:
    # Ranks first, from few columns: to sort whole rows would need the memory of all of them twice.
    columns = ", ".join(dict.fromkeys(("call_id", *(column for column, _ in WORST_FIRST))))
    tables.take(
        "ranks",
        f"SELECT call_id, CAST(row_number() OVER (ORDER BY {_ORDER}) AS INTEGER) AS worst_rank FROM given",
        duck.reader(f"SELECT {columns} FROM calls WHERE current"),
    )
    tables.take(
        "calls",
        f"SELECT given.*, {_SEARCH} AS search, ranks.worst_rank FROM given JOIN ranks USING (call_id)",
        duck.reader(f"SELECT {_NAMES} FROM calls WHERE current"),
    )
    tables.take(
        "flags",
        f"SELECT given.* REPLACE ({_SEVERITY} AS severity), CAST({_RANK} AS TINYINT) AS severity_rank, "
        "ranks.worst_rank FROM given "
        "JOIN ranks USING (call_id)",
        duck.reader(f"SELECT {', '.join(FLAG_COLUMNS)} FROM events WHERE type IN ('flag', 'whole_call')"),
    )
    tables.define("DROP TABLE ranks")
    tables.define(_BROKEN)
    tables.take("failures", "SELECT * FROM given", duck.reader("SELECT * FROM failures"))
    tables.take("earlier", "SELECT * FROM given", duck.reader(_EARLIER))
    _make_judged(tables)


# Calls that were judged with other settings only; while they are judged anew, they are missing in the lists.
_EARLIER = (
    "SELECT count(DISTINCT sound_id) AS n FROM calls WHERE NOT current AND sound_id NOT IN "
    "(SELECT sound_id FROM calls WHERE current AND sound_id IS NOT NULL)"
)

# Which rules each call broke, and how badly: what filters ask, in fewer rows than there are flags.
_BROKEN = (
    "CREATE TABLE broken AS SELECT worst_rank, rule, CAST(max(severity_rank) AS TINYINT) AS severity_rank "
    "FROM flags GROUP BY worst_rank, rule"
)


def _make_judged(tables: MemoryTables) -> None:
    """Make the tables of what reviewers said, without rows."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in JUDGED.items())
    tables.define(f"CREATE TABLE judged ({columns})")
    tables.define("CREATE TABLE closed_calibrations (calibration BIGINT)")
    tables.define("CREATE TABLE sampled (sample BIGINT, sound_id VARCHAR)")
    tables.define(
        "CREATE VIEW judged_open AS SELECT * FROM judged WHERE calibration IS NULL "
        "OR calibration IN (SELECT c.calibration FROM closed_calibrations AS c) "
        # Of a flag that a reviewer judged also in a calibration, the newest alone: every count and filter agrees.
        "QUALIFY n IS NULL OR row_number() OVER (PARTITION BY worst_rank, n, reviewer ORDER BY number DESC) = 1"
    )
    tables.define(_STATES)


_STATES = """
CREATE VIEW verdict_states AS
WITH each_flag AS (
    SELECT worst_rank, n, any_value(severity_rank) AS severity_rank,
        count(DISTINCT verdict) FILTER (verdict <> 'unsure') AS n_kinds,
        bool_or(verdict = 'wrong') AS wrong, bool_or(verdict = 'unsure') AS unsure
    FROM judged_open GROUP BY worst_rank, n
), each_call AS (
    SELECT worst_rank, count(*) FILTER (n IS NOT NULL AND severity_rank <> 1) AS n_judged,
        count(*) FILTER (n IS NOT NULL AND n_kinds > 1) AS n_disputed,
        count(*) FILTER (n IS NOT NULL AND wrong) AS n_wrong, count(*) FILTER (n IS NOT NULL AND unsure) AS n_unsure
    FROM each_flag GROUP BY worst_rank
)
SELECT calls.call_id, each_call.*, coalesce(calls.n_flag + calls.n_severe + calls.n_whole_call, 0) AS n_flags,
    true AS reviewed
FROM each_call JOIN calls ON calls.worst_rank = each_call.worst_rank
"""
