"""Tables of the calls of a filter: which rows they have, in which order, and how they are read."""

import csv
import io
import json
from datetime import date

import pytest

from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.samples import SampledCall, Samples
from cxaudio.errors import UsageError
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.call_order import CallOrder
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.sharing import exported_tables
from cxaudio.workbench.sharing.exported_tables import TABLES, ExportedCalls, exported
from support.flagged_store import MadeCall, MadeFlag, flagged_store, judge, sound_of
from support.made_store import call_id_of

SHEET = '=HYPERLINK("x")'
MADE = [
    MadeCall(agent="Ada", flags=[MadeFlag(), MadeFlag(rule="dead_air", severity="severe")], duration_s=100.0),
    MadeCall(agent=SHEET, flags=[MadeFlag(rule="silence_share", severity=None)], duration_s=300.0),
    MadeCall(agent="Ada", duration_s=200.0, more={"file": "+49 151.wav"}),
    MadeCall(agent="Ben", flags=[MadeFlag(severity="note")], duration_s=400.0),
]


@pytest.fixture
def calls(tmp_path):
    store = flagged_store(tmp_path / "store", MADE)
    with Reviews(store / "reviews.sqlite") as reviews:
        judge(reviews, 0, 0, "wrong", made=MADE)
        judge(reviews, 0, 0, "right", made=MADE)
        judge(reviews, 0, 0, "wrong", made=MADE, reviewer="ben", note="-1+1")
        judge(reviews, 0, 1, "excused", made=MADE)
        judge(reviews, 1, 0, "unsure", made=MADE)
        judge(reviews, 2, None, "right", made=MADE)
        judge(reviews, 3, 0, "right", made=MADE, calibration=1, reviewer="cora")
        judge(reviews, 3, 0, "wrong", made=MADE, calibration=2, reviewer="cora")
        calibrations = Calibrations(reviews)
        for client in ("1", "2"):
            calibrations.open(client=client, sample=1, name="May", reviewer="anna", reviewers=["anna", "cora"])
        calibrations.close(2, reviewer="anna")
        drawn = [
            SampledCall(
                sound_id=sound_of(n), call_id=call_id_of(n), stratum="random", chance=0.25, group="Ada", why={"n": n}
            )
            for n in (2, 0)
        ]
        Samples(reviews).add(
            client="s", name="+May", reviewer="anna", query="", settings=None, design={}, frame={}, calls=drawn
        )
        snapshot = Snapshot.of_store(store)
        snapshot.keep_in_step(reviews)
        yield ExportedCalls(snapshot=snapshot, reviews=reviews, chosen=CallFilter(), order=CallOrder.named("shortest"))


def changed(calls: ExportedCalls, **changes) -> ExportedCalls:
    values = {name: getattr(calls, name) for name in ("snapshot", "reviews", "chosen", "order")}
    return ExportedCalls(**values | changes)


def rows_of(calls: ExportedCalls, table: str, **options) -> list[dict]:
    content = b"".join(exported(calls, table, "jsonl", **options)).decode()
    return [json.loads(line) for line in content.split("\n")[:-1]]


def test_calls_are_in_the_order_of_the_list_with_all_their_columns(calls):
    rows = rows_of(calls, "calls")
    assert [100.0, 200.0, 300.0, 400.0] == [row["duration_s"] for row in rows]
    assert [column.name for column in TABLES["calls"].columns] == list(rows[0])
    expected = calls.snapshot.call(call_id_of(2))
    assert expected["sentence"] == rows[1]["sentence"]
    assert "+49 151.wav" == rows[1]["file"]


def test_only_the_calls_of_the_filter_are_there_and_only_the_columns_that_were_chosen(calls):
    ada = changed(calls, chosen=CallFilter(agents=("Ada",)))
    assert [{"agent": "Ada", "duration_s": 100.0}, {"agent": "Ada", "duration_s": 200.0}] == rows_of(
        ada, "calls", columns=["duration_s", "agent"]
    )
    assert [] == rows_of(changed(calls, chosen=CallFilter(since=date(2100, 1, 1))), "calls")


@pytest.mark.parametrize("table", TABLES)
def test_of_each_table_columns_can_be_chosen(calls, table):
    kept = [column.name for column in TABLES[table].columns][2:6]
    whole = rows_of(calls, table)
    assert [{name: row[name] for name in kept} for row in whole] == rows_of(calls, table, columns=kept)


def test_rows_are_the_same_however_many_are_read_at_once(calls, monkeypatch):
    expected = {table: rows_of(calls, table) for table in TABLES}
    monkeypatch.setattr(exported_tables, "_FIRST_ROWS", 1)
    monkeypatch.setattr(exported_tables, "_ROWS", 2)
    assert expected == {table: rows_of(calls, table) for table in TABLES}
    assert all(expected.values())


def test_flags_say_how_many_reviewers_said_what(calls):
    rows = rows_of(calls, "flags")
    counts = ("rule", "n_right", "n_wrong", "n_excused", "n_unsure")
    assert [
        ("rushing", 1, 1, 0, 0),
        ("dead_air", 0, 0, 1, 0),
        ("silence_share", 0, 0, 0, 1),
        ("rushing", 0, 1, 0, 0),
    ] == [tuple(row[name] for name in counts) for row in rows]
    assert [{"n_wrong": 1, "rule": "rushing"}] == rows_of(
        changed(calls, chosen=CallFilter(agents=("Ben",))), "flags", columns=["rule", "n_wrong"]
    )


def test_verdicts_are_the_newest_of_each_reviewer(calls):
    rows = rows_of(calls, "verdicts")
    shown = ("sound_id", "type", "rule", "reviewer", "verdict", "note")
    assert [
        (sound_of(0), "flag", "rushing", "anna", "right", ""),
        (sound_of(0), "flag", "rushing", "ben", "wrong", "-1+1"),
        (sound_of(0), "flag", "dead_air", "anna", "excused", ""),
        (sound_of(2), "call", None, "anna", "right", ""),
        (sound_of(1), "whole_call", "silence_share", "anna", "unsure", ""),
        (sound_of(3), "flag", "rushing", "cora", "wrong", ""),
    ] == [tuple(row[name] for name in shown) for row in rows]


def test_the_history_has_every_verdict_but_those_of_a_calibration_that_goes_on(calls):
    rows = rows_of(calls, "verdict_history")
    assert ["wrong", "right", "wrong", "excused", "unsure", "right", "wrong"] == [row["verdict"] for row in rows]
    assert [None] * 6 + [2] == [row["calibration"] for row in rows]
    assert {"start_s": 10.0, "end_s": 15.0} == {name: rows[3][name] for name in ("start_s", "end_s")}
    assert rows[0]["judged_at"].endswith("Z")
    ada = changed(calls, chosen=CallFilter(agents=("Ada",)))
    assert {sound_of(0), sound_of(2)} == {row["sound_id"] for row in rows_of(ada, "verdict_history")}


def test_samples_have_the_chance_of_each_call(calls):
    rows = rows_of(calls, "samples")
    shown = ("sample", "name", "position", "sound_id", "inclusion_probability", "why")
    assert [(1, "+May", 1, sound_of(2), 0.25, '{"n":2}'), (1, "+May", 2, sound_of(0), 0.25, '{"n":0}')] == [
        tuple(row[name] for name in shown) for row in rows
    ]


def test_no_cell_of_a_csv_is_run_by_a_spreadsheet(calls):
    for table in TABLES:
        content = b"".join(exported(calls, table, "csv")).decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(content)) for cell in row]
        assert [] == [cell for cell in cells if cell[:1] in ("=", "+", "@") or (cell[:1] == "-" and not number(cell))]
    calls_csv = b"".join(exported(calls, "calls", "csv")).decode("utf-8-sig")
    assert f'"\'{SHEET.replace(chr(34), chr(34) * 2)}"' in calls_csv


def number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("table", ["calls", "flags"])
def test_a_parquet_file_has_the_rows_of_the_other_formats(calls, table):
    from pyarrow import parquet

    found = parquet.read_table(io.BytesIO(b"".join(exported(calls, table, "parquet")))).to_pylist()
    times = {column.name for column in TABLES[table].columns if column.type == "time"}
    assert rows_of(calls, table) == [
        {
            name: value.isoformat().replace("+00:00", "Z") if name in times and value is not None else value
            for name, value in row.items()
        }
        for row in found
    ]


@pytest.mark.parametrize("table", ["verdicts", "verdict_history", "samples"])
def test_an_agents_own_view_gets_no_table_with_names_of_others(calls, table):
    with pytest.raises(UsageError, match=f"the table '{table}' cannot be exported; choose calls, flags"):
        exported(calls, table, "csv", own_view=True)


def test_an_agents_own_view_has_the_own_calls_alone(calls):
    own = changed(calls, snapshot=calls.snapshot.limited_to("Ben"))
    for table in ("calls", "flags"):
        assert {call_id_of(3)} == {row["call_id"] for row in rows_of(own, table, own_view=True)}


def test_what_is_not_known_is_refused_at_once(calls):
    with pytest.raises(UsageError, match="the table 'nothing' cannot be exported; choose calls, flags, verdicts"):
        exported(calls, "nothing", "csv")
    with pytest.raises(UsageError, match="the column 'search' is not one of calls"):
        exported(calls, "calls", "csv", columns=["search"])
    with pytest.raises(UsageError, match="the format 'xlsx' is not known"):
        exported(calls, "calls", "xlsx")


def test_nothing_more_is_asked_once_the_reader_is_gone(calls, monkeypatch):
    monkeypatch.setattr(exported_tables, "_FIRST_ROWS", 1)
    monkeypatch.setattr(exported_tables, "_ROWS", 1)
    asked: list[str] = []

    class Counting:
        def arrow(self, sql, parameters=()):
            asked.append(sql)
            return calls.snapshot.arrow(sql, parameters)

    pieces = exported(changed(calls, snapshot=Counting()), "calls", "csv")
    next(pieces)
    pieces.close()
    assert 2 == len(asked)  # the order of the calls, and the first of them
