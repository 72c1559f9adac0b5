"""Make a store of very many calls quickly: rows of a few judged calls with new identities, labels, times and figures.

The rows are drawn with DuckDB and registered as parts of the size that a compaction gives. Sound and tapes are left
out, so such a store can be read and not be judged again.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow

from benchmarks.archive import judged_calls
from cxaudio.archive.columns import CALLS, EVENTS
from cxaudio.archive.job import FileStamp, Job
from cxaudio.archive.outcome import Judged
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.verdict import DECISIONS, Verdict
from cxaudio.archive.running.kept_settings import keep_settings
from cxaudio.archive.store.compaction import TARGET_CALLS
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.job_text import key_of, recording_of, text_of
from cxaudio.archive.store.ledger import State
from cxaudio.archive.store.parquet import Written, write_batches
from cxaudio.archive.store.parts import NewPart, complete, new_part_name, register

__all__ = ["make_large_store", "make_verdicts"]

_EVENTS_AT_ONCE = 61_440  # rows of a row group, as the store has it
_CALLS_AT_ONCE = 20_000
_JITTERED = [
    column.name for column in CALLS
    if column.type == "number" and not column.name.endswith(("_share", "_dbov", "_db")) and column.name != "hold_s"
]  # fmt: skip
_SHARES = ("overlap_share", "silence_share", "in_step_share", "talk_share_agent")
_TAPES = (("call_id", "text"), ("tape", "binary"), ("pace_tape", "binary"))


def make_large_store(path: Path, n_calls: int, *, seed: int = 1) -> None:
    """Make a store, or add to one until it has so many calls.

    Parameters
    ----------
    path : Path
        A new folder, or a store that this function made.
    n_calls : int
        Calls; 8 judged calls of 180 s are drawn from.
    seed : int
        Of the draws.
    """
    with TemporaryDirectory() as made, Store.create(path) as store:
        plan, models = judged_calls(Path(made), seed)
        store.ledger.begin(plan.settings_digest)
        keep_settings(store.layout, plan)
        database = _models(models)
        for first in range(store.ledger.counts().total, n_calls, TARGET_CALLS):
            _add_part(store, database, plan.settings_digest, first, min(TARGET_CALLS, n_calls - first), seed)
            print(f"\r{first + TARGET_CALLS:,} of {n_calls:,} calls", end="", flush=True)
        complete(store.ledger, store.layout)
    print()


def _models(models: Sequence[Judged]) -> Any:
    """Return a database with the rows of the judged calls."""
    database = duckdb.connect(":memory:", config={"threads": 1})
    database.execute("SET TimeZone = 'UTC'")
    calls = pyarrow.Table.from_pylist([{**each.call, "model": number} for number, each in enumerate(models)])
    events = pyarrow.Table.from_pylist(
        [{**event, "model": number} for number, each in enumerate(models) for event in each.events]
    )
    for name, rows in (("models", calls), ("model_events", events)):
        database.register("given", rows)
        database.execute(f"CREATE TABLE {name} AS FROM given")
        database.unregister("given")
    return database


def _add_part(store: Store, database: Any, digest: str, first: int, n: int, seed: int) -> None:
    database.execute(f"""
        CREATE OR REPLACE TABLE drawn AS
        SELECT range AS number, sha256('{seed} ' || range) AS id, CAST(hash(range, {seed}) % 8 AS INT) AS drawn_model,
            CAST(hash(range, {seed}, 1) % 250 AS INT) AS agent_number,
            CAST(hash(range, {seed}, 2) % 8 AS INT) AS queue_number,
            exp((hash(range, {seed}, 3) % 1000 - 500.0) / 1500) AS factor,
            TIMESTAMP '2026-09-01 07:00:00' + to_days(CAST(hash(range, {seed}, 4) % 90 AS INT))
                + to_seconds(hash(range, {seed}, 5) % 21600 + hash(range, {seed}, 6) % 21600) AS began,
            hash(range, {seed}, 7) % 100 AS percent
        FROM range({first}, {first + n})""")
    database.execute("""
        CREATE OR REPLACE TABLE events AS
        SELECT id AS call_id, CAST(row_number() OVER (PARTITION BY id ORDER BY n) - 1 AS BIGINT) AS n,
            type, round(start_s * factor, 3) AS start_s, round(end_s * factor, 3) AS end_s,
            round(decided_at_s * factor, 3) AS decided_at_s, side, kind, rule, severity,
            round(measured * exp((hash(number, n, 1) % 1000 - 500.0) / 2000), 3) AS measured, limit_value, unit, detail
        FROM drawn JOIN model_events ON model = drawn_model WHERE hash(number, n) % 10 <> 0 ORDER BY call_id, n""")
    name, writer = new_part_name(), store.ledger.owner.id
    files = {table: store.layout.unfinished(table, name, writer) for table in ("calls", "events", "tapes")}
    written = {
        "calls": _write(database, _calls_sql(digest), CALLS, _CALLS_AT_ONCE, files["calls"]),
        "events": _write(database, "FROM events", EVENTS, _EVENTS_AT_ONCE, files["events"]),
        "tapes": _write(
            database, "SELECT id AS call_id, ''::BLOB AS tape, ''::BLOB AS pace_tape FROM drawn ORDER BY id",
            _TAPES, _CALLS_AT_ONCE, files["tapes"],
        ),
    }  # fmt: skip
    jobs = database.execute("SELECT number, id, epoch_ms(began) FROM drawn ORDER BY number").fetchall()
    with store.ledger.database.writing() as rows:
        part = register(rows, store.layout, NewPart(name=name, writer=writer, **written))
        settings = store.ledger.settings(rows)
        for number, call_id, began_ms in jobs:
            job = Job(
                files=(f"/calls/{number:08d}.wav",),
                stamps=(FileStamp(size=2_880_044, modified_ns=number),),
                agent="left",
            )
            key = key_of(job)
            values = (settings, recording_of(job.files), key, number, State.DONE, text_of(job), began_ms, began_ms)
            job_id = rows.execute(
                "INSERT INTO jobs (settings, recording, key, number, state, attempts, job, started_ms, changed_ms) "
                "VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?)",
                values,
            ).lastrowid
            row = (bytes.fromhex(call_id), part, job_id, 0, began_ms)
            rows.execute("INSERT INTO rows (call_id, part, job, page, at_ms) VALUES (?, ?, ?, ?, ?)", row)
            rows.execute("UPDATE jobs SET call_id = ? WHERE id = ?", (row[0], job_id))


def _calls_sql(digest: str) -> str:
    """Return the SQL of the calls, whose numbers of flags are those of their events."""
    replaced = {
        "call_id": "id",
        "sound_id": "'call-' || id[:12]",
        "settings_digest": f"'{digest}'",
        "file": "id[:16]",
        "agent": "format('agent {:03d}', agent_number)",
        "team": "'team ' || agent_number % 20",
        "queue": "'queue ' || queue_number",
        "direction": "CASE WHEN percent < 60 THEN 'inbound' ELSE 'outbound' END",
        "started_at": "CASE WHEN percent = 99 THEN NULL ELSE began END",
        "n_note": "coalesce(notes, 0)",
        "n_flag": "coalesce(flags, 0)",
        "n_severe": "coalesce(severe, 0)",
        "rules": "coalesce(broken, '')",
    }
    replaced |= {name: f"round({name} * factor, 4)" for name in _JITTERED}
    replaced |= {name: f"round(least(1, {name} * factor), 4)" for name in _SHARES}
    unknown = ("in_step_share", "pace_known_s", "agent_articulation_rate")  # as where the sound is too poor
    replaced |= {name: f"CASE WHEN percent % 10 = 3 THEN NULL ELSE {replaced[name]} END" for name in unknown}
    selected = ", ".join(f'{replaced.get(column.name, column.name)} AS "{column.name}"' for column in CALLS)
    return f"""
        WITH counted AS (
            SELECT call_id AS counted_id, count(*) FILTER (severity = 'note') AS notes,
                count(*) FILTER (severity = 'flag') AS flags, count(*) FILTER (severity = 'severe') AS severe,
                string_agg(DISTINCT rule, ' ') FILTER (severity <> 'note') AS broken
            FROM events WHERE type = 'flag' GROUP BY call_id)
        SELECT {selected} FROM drawn JOIN models ON model = drawn_model LEFT JOIN counted ON counted_id = id
        ORDER BY id"""


def _write(database: Any, sql: str, columns: Any, rows_at_once: int, path: Path) -> Written:
    kinds = [(column[0], column[1]) for column in columns]
    answer = database.sql(sql)
    reader = answer.to_arrow_reader(rows_at_once)
    n = write_batches(kinds, _evened(reader, rows_at_once), path)
    with open(path, "rb") as file:
        return Written(hashlib.file_digest(file, "sha256").digest(), n)


def _evened(batches: Any, n: int) -> Iterator[Any]:
    """Return batches of so many rows each."""
    waiting, n_waiting = [], 0
    for batch in batches:
        waiting.append(batch)
        n_waiting += len(batch)
        while n_waiting >= n:
            joined = pyarrow.Table.from_batches(waiting).combine_chunks()
            yield joined.slice(0, n).to_batches()[0]
            waiting = joined.slice(n).to_batches()
            n_waiting -= n
    if n_waiting:
        yield from pyarrow.Table.from_batches(waiting).combine_chunks().to_batches()


def make_verdicts(path: Path, flags: Sequence[dict[str, Any]]) -> None:
    """Store a verdict of one of five reviewers on each flag of a store that has none yet.

    Parameters
    ----------
    path : Path
        Folder of the store.
    flags : sequence of dict
        Rows of ``flags`` with the `sound_id` of their calls.
    """
    with Reviews(path / "reviews.sqlite") as reviews:
        if reviews.since(0):
            return
        with reviews.writing().writing() as rows:
            for number, flag in enumerate(flags):
                verdict = Verdict(
                    client=f"made-{number}", reviewer=f"reviewer {number % 5}", sound_id=flag["sound_id"],
                    call_id=flag["call_id"], type="flag", rule=flag["rule"], side=flag["side"],
                    start_s=flag["start_s"], end_s=flag["end_s"], severity=flag["severity"],
                    decision=DECISIONS[number % 4],
                )  # fmt: skip
                reviews._add(rows, verdict, lambda: None)
