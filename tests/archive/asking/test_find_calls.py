"""Whoever sees a number on a page or in a table finds the recording behind it."""

import pytest

from cxaudio.archive.asking.find_calls import find_calls
from cxaudio.archive.store.folder import Store
from cxaudio.errors import UsageError
from support.made_store import SETTINGS, call_id_of, judged_in_turn, made_job, stored_rows


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "store") as store:
        store.ledger.begin(SETTINGS)
        store.ledger.add(made_job(number) for number in (1, 2))
        store.commit(list(judged_in_turn(leased.job for leased in store.ledger.lease(9, seconds=60))))
        yield store


def test_a_call_is_found_by_each_of_its_names(store):
    call_id, file = call_id_of(1), "/calls/0000001.wav"
    (row,) = [row for row in stored_rows(store) if row["call_id"] == call_id]
    page = store.layout.page(call_id)
    page.parent.mkdir(parents=True)
    page.write_text("<p>")
    for name in (call_id, call_id[:8], row["file"], str(page), file):
        (found,) = find_calls(store.path, [name])
        assert (call_id, (file,), page) == found, name


def test_several_calls_come_in_the_order_asked_each_once_and_without_a_page_where_there_is_none(store):
    asked = [call_id_of(2), "/calls/0000001.wav", call_id_of(2)[:10]]
    found = find_calls(store.path, asked)
    assert [("/calls/0000002.wav",), ("/calls/0000001.wav",)] == [each.files for each in found]
    assert [None, None] == [each.page for each in found]


@pytest.mark.parametrize("name", ["abc", "ffffff", "/calls/0000003.wav", "call-000000000000", "'; DROP TABLE calls"])
def test_a_name_of_no_call_is_said_to_be_none(store, name):
    with pytest.raises(UsageError, match="no call of this store is named so; give the number of a page"):
        find_calls(store.path, [name])
