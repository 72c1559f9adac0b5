"""The events of one call are read from the file that has them, and from no other file."""

import pytest
from pyarrow import parquet

from cxaudio.archive.asking.call_events import CallEvents
from cxaudio.archive.columns import EVENTS
from cxaudio.archive.store.folder import Store
from cxaudio.errors import StoreError
from support.asked_store import store_of
from support.made_store import call_id_of


@pytest.fixture
def file(tmp_path):
    """Events of eight calls, in a folder whose name is a pattern."""
    with Store.open(store_of(tmp_path / "a [b]*" / "store", [{}] * 8, n_events=3)) as store:
        (part,) = store.parts()
    return part.events


def test_the_events_of_a_call_are_those_of_the_file(file):
    rows = [row for row in parquet.read_table(file).to_pylist() if row["call_id"] == call_id_of(3)]
    found = CallEvents().of_call(file, call_id_of(3))
    assert sorted(rows, key=lambda row: row["n"]) == found
    assert [column.name for column in EVENTS] == list(found[0])
    assert [] == CallEvents().of_call(file, "0" * 64)


def test_a_file_that_is_gone_is_missing_also_where_it_was_read_before(file):
    reader = CallEvents()
    reader.of_call(file, call_id_of(3))
    file.unlink()
    with pytest.raises(StoreError, match="is missing; run cxaudio archive verify") as refused:
        reader.of_call(file, call_id_of(3))
    assert isinstance(refused.value.__cause__, FileNotFoundError)


def test_a_damaged_file_is_refused_in_one_sentence(file):
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(StoreError, match="is damaged; run cxaudio archive verify with --repair") as refused:
        CallEvents().of_call(file, call_id_of(3))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("refuser", ["pathlib.Path.stat", "cxaudio.archive.asking.read_only_files._ReadOnlyFile"])
def test_a_file_that_may_not_be_read_is_not_called_damaged(file, monkeypatch, refuser):
    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    reader = CallEvents()
    monkeypatch.setattr(refuser, refuse)
    with pytest.raises(StoreError, match="cannot be read; give yourself the right to it"):
        reader.of_call(file, call_id_of(3))


def test_no_other_file_can_be_read(file, tmp_path):
    reader = CallEvents()
    for path in ("/etc/hostname", str(file), "cxstore://calls/x.parquet"):
        with pytest.raises(Exception, match=r"disabled|Permission|permission|No such file|FileNotFound"):
            reader._connection.cursor().execute("FROM read_text(?)", [path]).fetchall()
