"""A question sees the rows of the store that count, and can do nothing but read them."""

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cxaudio.archive.asking.duck import VERDICTS, Duck, Tables
from cxaudio.archive.asking.read_only_files import SCHEME, read_only_files
from cxaudio.archive.asking.tables import open_duck
from cxaudio.archive.columns import CALLS, EVENTS
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.verdict import Verdict
from cxaudio.archive.store.folder import Store
from cxaudio.errors import StoreError, UsageError
from support.asked_store import add_failures, store_of
from support.made_store import SETTINGS, made_job, made_judged

OTHER = "0a" * 32


def answer(store: Path, sql: str, **options):
    with open_duck(store, **options) as duck:
        return list(duck.ask(sql).rows)


@pytest.fixture(scope="module")
def ten(tmp_path_factory):
    """A store of ten calls in four parts."""
    return store_of(tmp_path_factory.mktemp("ten") / "store", [{"n_flag": n} for n in range(10)], per_part=3)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# The rows ------------------------------------------------------------------------------------------------------------


def test_all_columns_are_there_and_calls_say_whether_they_are_current(ten):
    with open_duck(ten) as duck:
        assert (*(column.name for column in CALLS), "current") == duck.ask("FROM calls").columns
        assert tuple(column.name for column in EVENTS) == duck.ask("FROM events").columns
        assert tuple(column.name for column in VERDICTS) == duck.ask("FROM verdicts").columns
    assert [(10, 45, 10)] == answer(ten, "SELECT count(*), sum(n_flag), sum(current::INT) FROM calls")
    assert [(20,)] == answer(ten, "SELECT count(*) FROM events JOIN calls USING (call_id)")
    assert [(0,)] == answer(ten, "SELECT count(*) FROM verdicts")


def test_calls_of_other_settings_stay_and_are_not_current(tmp_path):
    store = store_of(tmp_path / "store", [{}] * 3)
    store_of(store, [{}] * 2, settings=OTHER)
    query = "SELECT settings_digest, current, count(*) FROM calls GROUP BY ALL ORDER BY ALL"
    assert [(OTHER, True, 2), (SETTINGS, False, 3)] == answer(store, query)


def test_rows_that_are_superseded_are_left_out_of_calls_and_events(tmp_path):
    store = store_of(tmp_path / "store", [{"agent": "Ada"}] * 4)
    with Store.open(store) as opened:
        (part,) = opened.parts()
        gone = [row[0] for row in answer(store, "SELECT call_id FROM calls ORDER BY call_id LIMIT 2")]
    tables = Tables(
        calls={part.name: part.calls, "other": part.calls},
        events={part.name: part.events, "other": part.events},
        superseded=[(call_id, part.name) for call_id in gone],
    )
    with Duck(tables) as duck:
        assert [(2 + 4,)] == list(duck.ask("SELECT count(*) FROM calls").rows)
        assert [(2 * (2 + 4),)] == list(duck.ask("SELECT count(*) FROM events").rows)
        assert [(2,)] == list(duck.ask(f"SELECT count(*) FROM events WHERE call_id = '{gone[0]}'").rows)


def test_a_file_that_is_not_registered_counts_for_nothing(tmp_path):
    store = store_of(tmp_path / "store", [{}] * 3)
    (part,) = (store / "calls").iterdir()
    shutil.copy(part, part.with_name("part-zzzz.parquet"))
    assert [(3,)] == answer(store, "SELECT count(*) FROM calls")


def test_columns_that_a_part_lacks_are_null(tmp_path):
    from pyarrow import parquet

    store = store_of(tmp_path / "store", [{}] * 4, per_part=2)
    old = min((store / "calls").iterdir())
    table = parquet.read_table(old).drop_columns(["timeline", "pace_known_s", "started_at"])
    parquet.write_table(table, old)
    query = "SELECT count(*), count(timeline), count(pace_known_s), count(started_at), count(agent) FROM calls"
    assert [(4, 2, 2, 2, 4)] == answer(store, query)


def test_an_empty_store_has_empty_tables(tmp_path):
    Store.create(tmp_path / "store").close()
    for table in ("calls", "events", "failures", "verdicts"):
        assert [] == answer(tmp_path / "store", f"FROM {table}")


def test_times_are_utc_without_a_zone(ten):
    assert [("TIMESTAMP", 1)] == answer(ten, "SELECT DISTINCT typeof(started_at), month(started_at) FROM calls")


def test_verdicts_are_read_where_there_are_some(tmp_path):
    path = tmp_path / "store"
    with Store.create(path) as store:
        store.ledger.begin(SETTINGS)
        store.ledger.add([made_job(0)])
        [leased] = store.ledger.lease(1, seconds=60)
        made = made_judged(leased.job, 0)
        flag = {"type": "flag", "rule": "rushing", "side": "agent", "start_s": 10.0, "end_s": 15.0, "n": 3}
        row = {**made.call, "sound_id": "call-0"}
        store.commit([replace(made, call=row, events=({**made.events[0], **flag},))])
    call_id = row["call_id"]
    of_flag = {"type": "flag", "rule": "rushing", "side": "agent", "start_s": 10.5, "end_s": 15.5}
    said = [(of_flag, "wrong"), (of_flag, "right"), ({"type": "call"}, "right")]
    with Reviews(path / "reviews.sqlite") as reviews:
        for number, (thing, decision) in enumerate(said):
            about = {"client": str(number), "reviewer": "anna", "sound_id": "call-0", "call_id": "0" * 64}
            reviews.add(Verdict(**about, **thing, decision=decision, note=f"note {number}"))
    assert [(call_id, 3, "right", "anna", "note 1"), (call_id, None, "right", "anna", "note 2")] == answer(
        path, "SELECT call_id, n, verdict, reviewer, note FROM verdicts ORDER BY n NULLS LAST"
    )
    counted = "WITH v AS (FROM Verdicts) SELECT verdict, count(*) FROM v JOIN events USING (call_id, n) GROUP BY 1"
    assert [("right", 1)] == answer(path, counted)


def test_failures_have_their_reason_and_no_name_unless_it_is_asked_for(tmp_path):
    store = store_of(tmp_path / "store", [{}])
    add_failures(store, "{file}: is damaged; copy 9000000.wav again")
    ((file, state, kind, reason, attempts),) = answer(store, "SELECT file, state, kind, reason, attempts FROM failures")
    assert ("failed", "unreadable", 1) == (state, kind, attempts)
    assert 16 == len(file)
    assert f"{file}: is damaged; copy {file} again" == reason
    plain = answer(store, "SELECT file, reason FROM failures", file_names="plain")
    assert [("9000000.wav", "/calls/9000000.wav: is damaged; copy 9000000.wav again")] == plain


def test_a_question_changes_nothing_in_a_store(tmp_path):
    store = store_of(tmp_path / "store", [{}])
    before = files_of(store)
    assert [(1,)] == answer(store, "SELECT count(*) FROM calls")
    assert before == files_of(store)


def test_a_part_that_is_gone_is_one_sentence(tmp_path):
    store = store_of(tmp_path / "store", [{}])
    (part,) = (store / "events").iterdir()
    part.unlink()
    with pytest.raises(StoreError, match=r"part-.*: is missing; .*run cxaudio archive verify"):
        answer(store, "FROM events")


def test_a_part_that_is_damaged_is_one_sentence(tmp_path):
    store = store_of(tmp_path / "store", [{}])
    (part,) = (store / "calls").iterdir()
    part.write_bytes(b"PAR1" + bytes(2000) + b"PAR1")
    with pytest.raises(StoreError, match=r"^the store cannot be read .*run cxaudio archive verify$"):
        answer(store, "FROM calls")


# The lock ------------------------------------------------------------------------------------------------------------

ATTACKS = (
    "COPY calls TO '{out}/x.csv'",
    "COPY (SELECT 1) TO '{part}' (FORMAT parquet, USE_TMP_FILE false)",
    "WITH x AS (COPY (SELECT 1 AS a) TO '{part}' (FORMAT parquet, USE_TMP_FILE false)) FROM x",
    "WITH x AS (COPY (SELECT 1 AS a) TO '{out}/x.csv') FROM x",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{part}' (FORMAT parquet, USE_TMP_FILE false)",
    "ATTACH '{out}/x.db'",
    "ATTACH ':memory:' AS other",
    "ATTACH '{ledger}' (TYPE sqlite)",
    "EXPORT DATABASE '{out}/x'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_text('{ledger}')",
    "SELECT * FROM read_blob('{part}')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_parquet('{part}')",
    "SELECT * FROM parquet_metadata('{part}')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM '{part}'",
    "SELECT * FROM 'https://127.0.0.1:9/x.parquet'",
    "SELECT * FROM query('COPY (SELECT 1) TO ''{out}/x.csv''')",
    "SELECT * FROM a_variable_of_python",
    "SELECT getenv('HOME')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "SET memory_limit = '10GB'",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "SET VARIABLE x = 1",
    "USE memory",
    "CREATE TABLE t (x INT)",
    "CREATE VIEW calls AS SELECT 1",
    "CREATE SECRET s (TYPE s3)",
    "DROP VIEW calls",
    "INSERT INTO calls SELECT * FROM calls",
    "DELETE FROM own.failures",
    "BEGIN",
    "CHECKPOINT",
    "PREPARE p AS SELECT 1",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW calls",
    "",
    "-- nothing",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_question_that_does_more_than_read_the_tables_is_refused_in_one_sentence(attack, ten, tmp_path):
    a_variable_of_python = [1]
    assert a_variable_of_python
    part = min((ten / "calls").iterdir())
    before = files_of(ten)
    sql = attack.replace("{out}", str(tmp_path)).replace("{part}", str(part))
    with open_duck(ten) as duck:
        with pytest.raises(UsageError) as caught:
            list(duck.ask(sql.replace("{ledger}", str(ten / "ledger.sqlite"))).rows)
        assert [(10,)] == list(duck.ask("SELECT count(*) FROM calls").rows), "the next question is answered"
    assert 2 == caught.value.exit_code
    assert "\n" not in str(caught.value)
    assert before == files_of(ten)
    assert [] == os.listdir(tmp_path)


@pytest.mark.parametrize(
    "sql",
    [
        "FROM calls",
        "SELECT 1;",
        "WITH x AS (SELECT 1 AS a) FROM x -- a comment",
        "VALUES (1)",
        "DESCRIBE calls",
        "SUMMARIZE calls",
        "SHOW TABLES",
        "TABLE calls",
    ],
)
def test_whatever_reads_is_answered_and_counted(sql, ten):
    with open_duck(ten) as duck:
        rows = list(duck.ask(sql).rows)
        assert len(rows) == duck.count(sql) > 0


def test_an_error_says_what_duckdb_says_and_where(ten):
    with pytest.raises(UsageError, match=r'^the question was refused: .*"nope" not found.*at "nope FROM calls"\)$'):
        answer(ten, "SELECT\n nope FROM calls")


def test_a_question_that_needs_too_much_memory_is_refused_and_writes_nothing(ten, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"needs more than 100 MB of memory; .*--memory-mb"):
        answer(ten, "SELECT count(DISTINCT md5(n::VARCHAR)) FROM range(5000000) AS r(n)", memory_mb=100)
    assert [] == os.listdir(tmp_path)


def test_a_question_that_is_interrupted_ends_as_any_command(ten, monkeypatch):
    """DuckDB raises a RuntimeError for Ctrl-C, since 2.0."""

    class Interrupted:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError("Query interrupted")

    with open_duck(ten) as duck:
        monkeypatch.setattr(duck, "_connection", Interrupted())
        with pytest.raises(KeyboardInterrupt):
            duck.ask("FROM calls")
        monkeypatch.undo()


@pytest.mark.parametrize("with_pread", [True, False])
def test_threads_that_read_one_file_do_not_disturb_one_another(with_pread, tmp_path, monkeypatch):
    """As on Windows, which has no reading at a position."""
    if not with_pread:
        monkeypatch.delattr(os, "pread", raising=False)
    path = tmp_path / "numbers"
    path.write_bytes(b"".join(n.to_bytes(4, "big") for n in range(5000)))
    name = f"{SCHEME}://calls/numbers"
    file = read_only_files({name: path}).open(name)
    wrong = []

    def look(first: int) -> None:
        for n in range(first, 5000, 4):
            file.seek(4 * n)
            if int.from_bytes(file.read(4), "big") != n or file.tell() != 4 * n + 4:
                wrong.append(n)

    threads = [threading.Thread(target=look, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == wrong
    assert 20_000 == file.seek(0, os.SEEK_END)
    assert b"" == file.read()
    file.close()


def test_a_file_of_a_question_has_no_way_to_write(ten):
    name = f"{SCHEME}://calls/x"
    files = read_only_files({name: min((ten / "calls").iterdir())})
    with pytest.raises(PermissionError, match="can only read"):
        files.open(name, "wb")
    with files.open(name) as file, pytest.raises(NotImplementedError):
        file.write(b"x")
    with pytest.raises(FileNotFoundError):
        files.open(f"{SCHEME}://calls/other")
    with pytest.raises(NotImplementedError):
        files.rm_file(name)


def test_wrong_options_are_refused(ten):
    with pytest.raises(UsageError, match="--file-names short is not known"):
        answer(ten, "FROM calls", file_names="short")
    with pytest.raises(UsageError, match="--memory-mb 3 is too little"):
        answer(ten, "FROM calls", memory_mb=3)
