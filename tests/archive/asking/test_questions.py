"""Ready questions run on any store, and the worst calls come in their stated order."""

import pytest

from cxaudio.archive.asking.plain_values import plain
from cxaudio.archive.asking.questions import QUESTIONS, worst_question
from cxaudio.archive.asking.tables import open_duck
from cxaudio.archive.store.folder import Store
from support.asked_store import add_failures, store_of


def answer(store, sql):
    with open_duck(store) as duck:
        found = duck.ask(sql)
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def counts(severe, flag, whole, step):
    return {"n_severe": severe, "n_flag": flag, "n_whole_call": whole, "in_step_share": step}


def test_the_worst_calls_are_those_with_most_severe_flags_then_flags_then_limits_then_time_out_of_step(tmp_path):
    calls = [counts(0, 9, 9, 0.1), counts(2, 0, 0, 1.0), counts(1, 1, 1, 0.9), counts(1, 1, 1, 0.2)]
    calls += [counts(1, 1, 1, None), counts(1, 1, 2, 1.0), counts(1, 3, 0, 1.0), counts(0, 0, 0, 0.0)]
    none = {"two_sided": False, "n_severe": None, "n_flag": None, "n_whole_call": None}
    store = store_of(tmp_path / "store", [{"file": str(n), **each} for n, each in enumerate([*calls, none])])
    store_of(tmp_path / "other", [counts(5, 5, 5, 0.0)], settings="0a" * 32)
    assert ["1", "6", "5", "3", "2", "4", "0", "7"] == [row["file"] for row in answer(store, worst_question(10))]
    assert ["1", "6"] == [row["file"] for row in answer(store, worst_question(2))]


def test_calls_of_older_settings_are_not_among_the_worst(tmp_path):
    store = store_of(tmp_path / "store", [{"n_severe": 9}] * 2)
    store_of(store, [{"n_severe": 1}], settings="0a" * 32)
    assert [1] == [row["n_severe"] for row in answer(store, worst_question(5))]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_ready_question_is_answered_also_by_an_empty_store(question, tmp_path):
    Store.create(tmp_path / "empty").close()
    assert [] == answer(tmp_path / "empty", question.sql)
    store = store_of(tmp_path / "store", [{"agent": name} for name in ("Ada", "Ada", None)])
    add_failures(store, "is damaged", "is damaged")
    found = answer(store, question.sql)
    assert found or question.name in ("rules", "sound")  # no event of the made calls is a flag or a notice
    assert [question.name] == [each.name for each in QUESTIONS if each.name == question.name]
    if question.name == "agents":
        assert [("Ada", 2), (None, 1)] == [(row["agent"], row["calls"]) for row in found]
    if question.name == "failures":
        assert [("failed", "unreadable", 2, "is damaged")] == [tuple(row.values()) for row in found]


def test_values_that_json_lacks_are_written_in_its_own():
    with open_duck_of_nothing() as duck:
        sql = (
            "SELECT 'nan'::DOUBLE, '-inf'::DOUBLE, 1.50::DECIMAL(5, 2), [1, NULL], {'a': DATE '2026-01-02'}, "
            "TIMESTAMP '2026-01-02 03:04:05.5', TIME '03:04', INTERVAL 3 HOUR, 'x'::BLOB, MAP {'k': true}, "
            "12345678901234567890::HUGEINT, '7a0b5ee4-7b57-4e3a-8a55-0123456789ab'::UUID"
        )
        (row,) = duck.ask(sql).rows
    assert [
        None,
        None,
        1.5,
        [1, None],
        {"a": "2026-01-02"},
        "2026-01-02T03:04:05.500000Z",
        "03:04:00",
        10_800.0,
        "78",
        {"k": True},
        12345678901234567890,
        "7a0b5ee4-7b57-4e3a-8a55-0123456789ab",
    ] == [plain(value) for value in row]


def open_duck_of_nothing():
    from cxaudio.archive.asking.duck import Duck, Tables

    return Duck(Tables(calls={}, events={}))
