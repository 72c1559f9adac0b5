"""Small parts become large ones with the same rows; superseded rows disappear; readers keep what they read."""

import pytest
from pyarrow import parquet

from cxaudio.archive.store import compaction
from cxaudio.archive.store.compaction import compact
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.parquet import Source, merge, write
from support.made_store import SETTINGS, judged_in_turn, made_events, made_job, made_judged, made_row, stored_rows

TABLES = ("calls", "events", "tapes")


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "store") as made:
        made.ledger.begin(SETTINGS)
        yield made


def commit_each(store, *numbers, **options):
    store.ledger.add([made_job(number, **options) for number in numbers])
    for leased in store.ledger.lease(1000, seconds=60):
        store.commit(list(judged_in_turn([leased.job])))


def all_rows(store):
    """Rows of all tables; a screen that only other calls have is null, whether or not its column is there."""
    tables = [stored_rows(store, table) for table in TABLES]
    return [[{name: value for name, value in row.items() if value is not None} for row in rows] for rows in tables]


def test_small_parts_become_one_with_the_same_rows(store):
    commit_each(store, *range(12))
    before = all_rows(store)
    old = [getattr(part, table) for part in store.parts() for table in TABLES]
    assert 12 == compact(store)
    (part,) = store.parts()
    assert 12 == part.n_calls
    assert before == all_rows(store)
    assert [] == [path for path in old if path.exists()]
    assert 3 == len(list(store.path.rglob("*part-*")))
    assert 0 == compact(store)
    with Store.open(store.path) as again:
        assert before == all_rows(again)


def test_superseded_rows_disappear(store):
    commit_each(store, 1, 2)
    commit_each(store, 1, agent="right")
    store.ledger.add([made_job(1, version=1)])
    store.commit([made_judged(leased.job, 77) for leased in store.ledger.lease(9, seconds=60)])
    before = all_rows(store)
    assert 2 == len(store.superseded())
    compact(store)
    assert [] == store.superseded()
    assert before == all_rows(store)
    assert 2 == sum(part.n_calls for part in store.parts())


def test_a_part_with_nothing_left_is_deleted(store):
    commit_each(store, 1)
    commit_each(store, 1, agent="right")
    compact(store)
    assert 1 == len(store.parts())
    assert 3 == len(list(store.path.rglob("*part-*")))


def test_a_merged_file_has_the_bytes_of_one_that_was_written_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("cxaudio.archive.store.parquet._GROUP_ROWS", dict.fromkeys(TABLES, 7))
    monkeypatch.setattr("cxaudio.archive.store.parquet._LEAST_BATCH_ROWS", 4)
    monkeypatch.setattr("cxaudio.archive.store.parquet._MERGED_ROWS", dict.fromkeys(TABLES, 12))
    ids = [f"{number:02d}" * 32 for number in range(20)]
    rows = {
        "calls": [made_row(call_id) for call_id in ids],
        "events": [event for call_id in ids for event in made_events(call_id, 5)],
        "tapes": [{"call_id": call_id, "tape": b"x", f"screen_{call_id[1]}": 1.0} for call_id in ids],
    }
    for table in TABLES:
        whole = tmp_path / f"{table}.parquet"
        write(table, rows[table], whole)
        sources = []
        for start in range(3):
            own = [row for row in rows[table] if ids.index(row["call_id"]) % 3 == start]
            extra = made_row("ff" * 32) if table == "calls" else {**own[0], "call_id": "ff" * 32}
            path = tmp_path / f"{table}-{start}.parquet"
            write(table, [*own, extra], path)
            sources.append(Source(path, frozenset(["ff" * 32])))
        written = merge(table, sources, tmp_path / f"{table}-merged.parquet")
        assert whole.read_bytes() == (tmp_path / f"{table}-merged.parquet").read_bytes()
        assert len(rows[table]) == written.rows
        assert -(-written.rows // 7) == parquet.ParquetFile(whole).num_row_groups


def test_parts_of_like_size_are_joined_only_when_there_are_many(store, monkeypatch):
    monkeypatch.setattr(compaction, "_MANY", 4)
    monkeypatch.setattr(compaction, "_LIKE", 3)
    commit_each(store, 1, 2, 3)
    assert 0 == compact(store, only_many=True)
    commit_each(store, 4)
    assert 4 == compact(store, only_many=True)
    commit_each(store, 5, 6, 7)
    assert 0 == compact(store, only_many=True)
    commit_each(store, 8)
    assert 4 == compact(store, only_many=True)
    assert [4, 4] == [part.n_calls for part in store.parts()]
    compact(store)
    assert [8] == [part.n_calls for part in store.parts()]


def test_parts_are_filled_up_to_the_target(store, monkeypatch):
    monkeypatch.setattr(compaction, "TARGET_CALLS", 5)
    monkeypatch.setattr(compaction, "_SMALL_CALLS", 3)
    commit_each(store, *range(12))
    compact(store)
    assert [5, 5, 2] == [part.n_calls for part in store.parts()]


def test_what_is_superseded_while_parts_are_joined_stays_superseded(store, monkeypatch):
    commit_each(store, 1, 2, 3)
    with Store.open(store.path) as other:
        other.ledger.begin(SETTINGS)
        merge_first = compaction.replace_parts.__globals__["_merged"]

        def merged_and_then_judged_again(*arguments):
            new = merge_first(*arguments)
            commit_each(other, 2, agent="right")
            return new

        with monkeypatch.context() as patch:
            patch.setattr("cxaudio.archive.store.replacing._merged", merged_and_then_judged_again)
            patch.setattr(compaction, "_groups", lambda parts, _: [list(parts)] if len(parts) == 3 else [])
            compact(store)
    assert 1 == len(store.superseded())
    assert 3 == len(stored_rows(store))
    compact(store)
    assert 3 == len(stored_rows(store))
    assert [] == store.superseded()


def test_only_one_process_joins_parts_at_a_time(store):
    commit_each(store, 1, 2, 3)
    with Store.open(store.path) as other:
        assert other.ledger.take_duty("compaction", seconds=60)
        assert 0 == compact(store)
        other.ledger.end_duty("compaction")
    assert 3 == compact(store)


def test_a_reader_keeps_the_files_that_it_has_open(store):
    commit_each(store, 1, 2, 3)
    before = stored_rows(store)
    opened = [parquet.ParquetFile(part.calls) for part in store.parts()]
    compact(store)
    rows = [row for file in opened for row in file.read().to_pylist()]
    assert before == sorted(rows, key=lambda row: row["call_id"])
    for file in opened:
        file.close()
