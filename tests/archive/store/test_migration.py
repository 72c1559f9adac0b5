"""A store that an older version wrote is brought up to this one: new columns are null, rows keep their names."""

import json

import pytest
from pyarrow import parquet

from cxaudio.archive.columns import CALLS, STORE_SCHEMA
from cxaudio.archive.store import parquet as files
from cxaudio.archive.store import schema_steps
from cxaudio.archive.store.folder import Store
from support.made_store import SETTINGS, judged_in_turn, made_job, stored_rows

MISSING = {"n_nudges", "timeline"}


@pytest.fixture
def older(tmp_path, monkeypatch):
    """A store as version 0 would have written it, without two columns; and its rows."""
    current = files.columns_of

    def columns_of_version_0(table, rows=()):
        return tuple(column for column in current(table, rows) if table != "calls" or column[0] not in MISSING)

    path = tmp_path / "store"
    with Store.create(path) as store, monkeypatch.context() as patch:
        patch.setattr(files, "columns_of", columns_of_version_0)
        patch.setattr(files.write, "__kwdefaults__", {"columns": None, "schema": 0})
        store.ledger.begin(SETTINGS)
        for numbers in (range(3), range(3, 5)):
            store.ledger.add(made_job(number) for number in numbers)
            judged = list(judged_in_turn(leased.job for leased in store.ledger.lease(9, seconds=60)))
            for each in judged:
                for name in MISSING:
                    del each.call[name]
            store.commit(judged)
        with store.ledger.database.writing() as rows:
            rows.execute("UPDATE parts SET schema = 0")
        (path / "store.json").write_text(json.dumps({"schema": "cxaudio.store/0"}))
        rows = stored_rows(store)
    assert not MISSING & rows[0].keys()
    return path, rows


def expected(rows):
    return [{**row, **dict.fromkeys(MISSING)} for row in rows]


def versions(store):
    return [parquet.read_metadata(part.calls).metadata[b"cxaudio.schema"] for part in store.parts()]


def test_an_older_store_has_the_new_columns_as_null_and_the_same_rows(older):
    path, rows = older
    with Store.open(path) as store:
        assert expected(rows) == stored_rows(store)
        assert [column.name for column in CALLS] == parquet.read_schema(store.parts()[0].calls).names
        assert [b"1", b"1"] == versions(store)
        assert 5 == store.ledger.counts().done
        assert 6 == len(list(path.rglob("part-*")))
        names = [part.name for part in store.parts()]
    assert {"schema": f"cxaudio.store/{STORE_SCHEMA}"} == json.loads((path / "store.json").read_text())
    with Store.open(path) as store:  # nothing is left to do
        assert names == [part.name for part in store.parts()]


def test_a_migration_that_is_cut_off_is_ended_by_the_next_opening(older, monkeypatch):
    path, rows = older
    merge, done = files.merge, []

    def merge_some(*arguments):
        if len(done) == 4:  # in the second part
            raise KeyboardInterrupt
        done.append(arguments)
        return merge(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("cxaudio.archive.store.replacing.merge", merge_some)
        with pytest.raises(KeyboardInterrupt):
            Store.open(path)
    with Store.open(path, read_only=True) as store:
        assert sorted([b"0", b"1"]) == sorted(versions(store))
        assert 5 == len(stored_rows(store))
    with Store.open(path) as store:
        assert expected(rows) == stored_rows(store)
        assert [b"1", b"1"] == versions(store)


def test_opened_for_reading_an_older_store_stays_as_it_is(older):
    path, rows = older
    with Store.open(path, read_only=True) as store:
        assert rows == stored_rows(store)
        assert [b"0", b"0"] == versions(store)


def test_a_step_changes_the_values_of_older_rows(older, monkeypatch):
    path, rows = older

    def in_minutes(table, some):
        if table == "calls":
            from pyarrow import compute

            place = some.column_names.index("hold_s")
            some = some.set_column(place, "hold_s", compute.multiply(some.column("hold_s"), 60.0))
        return some

    monkeypatch.setattr(schema_steps, "STEPS", {0: in_minutes})
    with Store.open(path) as store:
        assert [{**row, "hold_s": 60 * row["hold_s"]} for row in expected(rows)] == stored_rows(store)
