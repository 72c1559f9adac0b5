"""An export holds exactly the calls that were asked for, in order, in each format, and replaces an older one whole."""

import csv
import json
import os
import stat

import pytest

from cxaudio.archive.asking import export as exporting
from cxaudio.archive.asking.export import export_store
from cxaudio.archive.asking.tables import open_duck
from cxaudio.archive.columns import CALLS, EVENTS
from cxaudio.archive.store.streamed_rows import FORMATS
from cxaudio.errors import StoreError, UsageError
from support.asked_store import store_of
from support.made_store import SETTINGS


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "store"
    store_of(path, [{"n_flag": 9}] * 3, settings="0a" * 32)
    return store_of(path, [{"n_flag": n, "sentence": "=1+1, 好"} for n in range(7)], per_part=3)


def rows_of(folder, format: str, table: str = "calls") -> list[dict]:
    path = folder / f"{table}.{format}"
    if format == "parquet":
        from pyarrow import parquet

        return parquet.read_table(path).to_pylist()
    if format == "jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("format", FORMATS)
def test_the_calls_of_the_newest_settings_and_their_events_are_written_in_order(format, store, tmp_path):
    done = export_store(store, tmp_path / "out", format=format)
    assert {"files": {f"calls.{format}": 7, f"events.{format}": 14}} == done
    calls, events = rows_of(tmp_path / "out", format), rows_of(tmp_path / "out", format, "events")
    assert [column.name for column in CALLS] == list(calls[0])
    assert [column.name for column in EVENTS] == list(events[0])
    assert {SETTINGS} == {call["settings_digest"] for call in calls}
    ids = [call["call_id"] for call in calls]
    assert sorted(ids) == ids
    assert [(each, n) for each in ids for n in range(2)] == [(event["call_id"], int(event["n"])) for event in events]
    with open_duck(store) as duck:
        assert ids == [each for (each,) in duck.ask("SELECT call_id FROM calls WHERE current ORDER BY call_id").rows]


def test_values_are_written_as_other_programs_read_them(store, tmp_path):
    for format in FORMATS:
        export_store(store, tmp_path / format, format=format, where="n_flag = 3")
    (text,), (line,), (parquet,) = (rows_of(tmp_path / format, format) for format in ("csv", "jsonl", "parquet"))
    assert "2026-01-01T00:03:00+00:00" == parquet["started_at"].isoformat()
    assert ("2026-01-01T00:03:00Z",) * 2 == (text["started_at"], line["started_at"])
    assert ("'=1+1, 好", "=1+1, 好") == (text["sentence"], line["sentence"])
    assert (3, 0.25, True, None) == (
        line["n_flag"],
        line["agent_snr_db"],
        line["two_sided"],
        line["customer_snr_db"],
    )
    assert ("3", "0.25", "True", "") == (
        text["n_flag"],
        text["agent_snr_db"],
        text["two_sided"],
        text["customer_snr_db"],
    )
    assert {key: value for key, value in parquet.items() if key != "started_at"} == {
        key: value for key, value in line.items() if key != "started_at"
    }


def test_a_condition_chooses_calls_of_all_settings(store, tmp_path):
    export_store(store, tmp_path / "out", format="jsonl", where="n_flag > 5 -- and no more")
    assert [6, 9, 9, 9] == sorted(call["n_flag"] for call in rows_of(tmp_path / "out", "jsonl"))
    assert 8 == len(rows_of(tmp_path / "out", "jsonl", "events"))


@pytest.mark.parametrize("where", ["nope = 1", "1 = 1) FROM calls; DROP VIEW calls --", "true; SELECT 1"])
def test_a_condition_that_is_none_is_refused_and_the_older_export_stays(where, store, tmp_path):
    export_store(store, tmp_path / "out", format="csv")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(UsageError, match=r"^--where: "):
        export_store(store, tmp_path / "out", format="csv", where=where)
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}


def test_an_older_export_of_another_format_is_gone(store, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    export_store(store, tmp_path / "out", format="csv")
    export_store(store, tmp_path / "out", format="parquet", where="n_flag = 1")
    found = {"calls.parquet", "events.parquet", "export.json", "notes.txt"}
    assert found == set(os.listdir(tmp_path / "out"))
    about = json.loads((tmp_path / "out" / "export.json").read_text())
    assert ("cxaudio.export/1", "n_flag = 1", {"calls.parquet": 1, "events.parquet": 2}) == (
        about["schema"],
        about["where"],
        about["files"],
    )


def test_files_of_others_and_the_store_itself_are_not_written_over(store, tmp_path):
    (tmp_path / "calls.csv").write_text("mine")
    for format in ("csv", "parquet"):
        with pytest.raises(UsageError, match=r"calls\.csv: is not of an export; name another folder"):
            export_store(store, tmp_path, format=format)
    with pytest.raises(UsageError, match="is the store itself or in it"):
        export_store(store, store / "calls")
    with pytest.raises(UsageError, match="is a file"):
        export_store(store, tmp_path / "calls.csv")
    with pytest.raises(UsageError, match="--format xlsx is not known; choose csv, jsonl, parquet"):
        export_store(store, tmp_path / "out", format="xlsx")
    assert ["calls.csv"] == os.listdir(tmp_path)


def test_a_disk_that_refuses_leaves_the_older_export_whole(store, tmp_path, monkeypatch):
    export_store(store, tmp_path / "out", format="jsonl")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def full(*args: object, **options: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        export_store(store, tmp_path / "out", format="jsonl", where="n_flag = 1")
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
def test_only_the_owner_may_read_an_export(store, tmp_path):
    export_store(store, tmp_path / "out", format="csv")
    assert 0o700 == stat.S_IMODE((tmp_path / "out").stat().st_mode)
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").iterdir()}


@pytest.mark.parametrize("format", FORMATS)
def test_a_store_that_is_read_in_pieces_gives_the_same_rows(format, store, tmp_path, monkeypatch):
    export_store(store, tmp_path / "whole", format=format)
    monkeypatch.setattr(exporting, "_ROWS_AT_ONCE", {"calls": 1, "events": 3})
    export_store(store, tmp_path / "pieces", format=format)
    for table in ("calls", "events"):
        assert rows_of(tmp_path / "whole", format, table) == rows_of(tmp_path / "pieces", format, table)
    if format != "parquet":  # whose row groups are the pieces
        assert (tmp_path / "whole" / f"calls.{format}").read_bytes() == (
            tmp_path / "pieces" / f"calls.{format}"
        ).read_bytes()
