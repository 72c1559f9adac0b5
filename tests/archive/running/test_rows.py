"""Rows of the store: every figure is that of report.json, and what needs two sides is null where there is one."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from cxaudio.archive.columns import CALLS, EVENTS
from cxaudio.archive.job import CallLabels
from cxaudio.archive.running.rows import call_row, event_rows
from cxaudio.replay.one_call import replay
from cxaudio.sinks.call_sentence import call_sentence
from support import small_call
from support.demo_call import demo_call

TYPES = {"text": str, "integer": int, "number": float, "boolean": bool, "time": datetime}
NEEDS_TWO = (
    "talk_share_agent",
    "overlap_share",
    "silence_share",
    "in_step_share",
    "pace_known_s",
    "n_note",
    "n_flag",
    "n_severe",
)
NEEDS_TWO += ("pace_known_s", "n_note", "n_flag", "n_severe", "n_whole_call", "n_nudges", "rules", "whole_call_rules")
NEEDS_TWO += tuple(
    f"{side}_{key}"
    for side in ("agent", "customer")
    for key in ("response_n", "response_median_s", "response_p90_s", "interruptions", "backchannels")
)


def row_of(report, **changes):
    given = {
        "call_id": "ab" * 32,
        "settings_digest": "ef" * 32,
        "metric_version": 1,
        "file": "0123456789abcdef",
    } | changes
    return call_row(report, **given)


def recounted(values, labels):
    """The row by hand: from report.json alone, a column after the other."""
    call, whole, flags = values["call"], values.get("whole_call", {}), values.get("flags")
    two = flags is not None
    row = {
        "call_id": "ab" * 32,
        "sound_id": call["id"],
        "settings_digest": "ef" * 32,
        "metric_version": 1,
        "file": "0123456789abcdef",
        "agent": labels.agent,
        "team": labels.team,
        "queue": labels.queue,
        "direction": labels.direction,
        "started_at": labels.started_at,
        "language": call["language"],
        "role_source": call["source"]["role_source"],
        "headset": call["headset"],
        "sample_rate_hz": call["sample_rate_hz"],
        "duration_s": call["duration_s"],
        "two_sided": two,
        "talk_share_agent": whole.get("talk_share_agent"),
        "overlap_share": whole.get("overlap_share"),
        "silence_share": whole.get("silence_share"),
        "in_step_share": whole["in_step"]["share"] if whole.get("in_step") else None,
        "pace_known_s": whole["in_step"]["known_s"] if whole.get("in_step") else None,
        "n_note": sum(flag["severity"] == "note" for flag in flags) if two else None,
        "n_flag": sum(flag["severity"] == "flag" for flag in flags) if two else None,
        "n_severe": sum(flag["severity"] == "severe" for flag in flags) if two else None,
        "n_whole_call": len(whole["flags"]) if two else None,
        "n_nudges": len(values["nudges"]) if two else None,
        "whole_call_rules": " ".join(flag["rule"] for flag in whole["flags"]) if two else None,
    }
    held = np.zeros(round(call["duration_s"] * 1000), bool)
    for hold in values["holds"]:
        end = call["duration_s"] if hold["end"] is None else hold["end"]
        held[round(hold["start"] * 1000) : round(end * 1000)] = True
    row["hold_s"] = held.sum() / 1000
    for side in ("agent", "customer"):
        found = values["sides"].get(side)
        for key in ("speech_s", "articulation_rate", "articulation_rate_std_error", "speaking_rate", "level_dbov"):
            row[f"{side}_{key}"] = None if found is None else found[key]
        for key in ("noise_dbov", "snr_db"):
            row[f"{side}_{key}"] = None if found is None else found[key]
        for key in ("interruptions", "backchannels"):
            row[f"{side}_{key}"] = found[key] if two and found is not None else None
        for key in ("n", "median_s", "p90_s"):
            row[f"{side}_response_{key}"] = found["response_times"][key] if two and found is not None else None
    return row


@pytest.fixture(scope="module")
def demo_report(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "call.wav"
    demo_call().write_wav(path)
    return replay(path, agent="left")


def test_every_figure_of_the_row_is_that_of_the_report_of_a_small_call():
    labels = CallLabels(agent="a7", team="north", started_at=datetime(2026, 1, 2, tzinfo=UTC))
    report = small_call.report()
    row = row_of(report, labels=labels)
    assert_recounted(row, report, labels)
    assert {"rules": "left_waiting", "notices": "", "n_flag": 1, "n_nudges": 1}.items() <= row.items()


@pytest.mark.slow
def test_every_figure_of_the_row_is_that_of_the_report_of_the_demonstration(demo_report):
    row = row_of(demo_report)
    assert_recounted(row, demo_report, CallLabels())
    assert row["n_severe"] > 0, "the demonstration breaks rules"
    assert set("achb-") >= set(row["timeline"])
    assert {"a", "c", "h"} <= set(row["timeline"])


def assert_recounted(row, report, labels):
    values = report.to_dict()
    assert [column.name for column in CALLS] == list(row)
    expected = recounted(values, labels)
    assert expected == {name: row[name] for name in expected}
    broken = {flag["rule"] for flag in values.get("flags", ()) if flag["severity"] != "note"}
    assert broken == set(row["rules"].split())
    assert {notice["kind"] for notice in values["notices"]} == set(row["notices"].split())
    assert call_sentence(report) == row["sentence"]
    checked = {*expected, "rules", "notices", "sentence", "timeline"}
    assert checked == set(row), "a column that this test does not count"
    for column in CALLS:
        assert row[column.name] is None or isinstance(row[column.name], TYPES[column.type]), column.name


@pytest.mark.parametrize("customer", [None, 1])
def test_what_needs_two_sides_is_null_in_a_one_sided_call(customer):
    call = small_call.call_info(channels=(0, customer), two_sided=False, role_source="mono")
    row = row_of(small_call.report(call, small_call.mono_events()))
    assert dict.fromkeys(NEEDS_TWO) == {name: row[name] for name in NEEDS_TWO}
    assert row["two_sided"] is False
    assert 11.0 < row["agent_speech_s"] < 13.0
    assert (row["timeline"] is None) == (customer is None)


def test_the_time_of_a_call_is_in_utc_wherever_it_was_written():
    east = datetime(2026, 1, 2, 1, 0, tzinfo=timezone(timedelta(hours=8)))
    row = row_of(small_call.report(), labels=CallLabels(started_at=east))
    assert (datetime(2026, 1, 1, 17, 0, tzinfo=UTC), UTC) == (row["started_at"], row["started_at"].tzinfo)


def test_the_recordings_own_time_stands_where_no_label_names_one():
    own = datetime(2026, 5, 6, tzinfo=UTC)
    report = replace(small_call.report(), call=small_call.call_info(started_at=own))
    assert own == row_of(report)["started_at"]


def test_the_timeline_shows_who_spoke_when():
    """The agent speaks 1-5, 6-9, 20-24 and 26-27.5, the customer 9.5-14 and 24.5-27; music from 28 on."""
    timeline = row_of(small_call.report())["timeline"]
    assert 60 == len(timeline)
    # parts of 0.5 s: a part's second is half its number
    assert ("--aaaaaaaa", "a", "-", "c", "b", "h") == (
        timeline[:10],
        timeline[12],
        timeline[30],
        timeline[25],
        timeline[53],
        timeline[58],
    )


def assert_rows_of_every_event(report):
    values = report.to_dict()
    rows = event_rows(report, "cd" * 32)
    expected = {
        "turn": sum(len(side["turns"]) for side in values["sides"].values()),
        "whole_call": len(values["whole_call"]["flags"]),
        "tempo": len(values["tempo"]),
    }
    for kind in ("overlap", "backchannel", "response", "silence", "hold", "line_sound", "dropout", "flag"):
        expected[kind] = len(values[f"{kind}s"])
    expected |= {kind: len(values[f"{kind}s"]) for kind in ("nudge", "notice")}
    kinds = [row["type"] for row in rows]
    assert expected == {kind: kinds.count(kind) for kind in expected}
    assert sum(expected.values()) == len(rows)
    assert [column.name for column in EVENTS] == list(rows[0])
    assert list(range(len(rows))) == [row["n"] for row in rows]
    assert sorted(row["start_s"] for row in rows) == [row["start_s"] for row in rows]
    for row in rows:
        for column in EVENTS:
            assert row[column.name] is None or isinstance(row[column.name], TYPES[column.type]), column.name


def test_every_event_of_the_report_is_a_row():
    assert_rows_of_every_event(small_call.report())


@pytest.mark.slow
def test_every_event_of_the_demonstration_is_a_row(demo_report):
    assert_rows_of_every_event(demo_report)


def test_an_event_of_the_report_can_be_made_again_from_its_row():
    report = small_call.report()
    flag = next(row for row in event_rows(report, "cd" * 32) if row["type"] == "flag")
    again = json.loads(flag["detail"]) | {
        "start": flag["start_s"],
        "end": flag["end_s"],
        "decided_at": flag["decided_at_s"],
        "side": flag["side"],
        "rule": flag["rule"],
        "severity": flag["severity"],
        "measured": flag["measured"],
        "limit": flag["limit_value"],
        "unit": flag["unit"],
    }
    assert report.to_dict()["flags"][0] == again


def test_a_response_holds_its_time_and_an_overlap_who_entered():
    rows = event_rows(small_call.report(), "cd" * 32)
    responses = [(row["side"], row["measured"], row["unit"]) for row in rows if row["type"] == "response"]
    assert [("customer", 0.5, "s"), ("agent", 6.0, "s")] == responses
    overlap = next(row for row in rows if row["kind"] == "interruption")
    assert ("agent", "customer") == (overlap["side"], json.loads(overlap["detail"])["holder"])


def test_a_one_sided_call_has_no_events_that_need_two():
    call = small_call.call_info(channels=(0, None), two_sided=False, role_source="mono", notices=(small_call.NOTICE,))
    rows = event_rows(small_call.report(call, small_call.mono_events()), "cd" * 32)
    assert ["notice"] == [row["type"] for row in rows]
