"""The fold of a call's events: every figure by hand, and the same report from the events file."""

import copy
import json
import math
from dataclasses import replace

import pytest

from cxaudio.errors import StoreError
from cxaudio.model.call_io import call_from_dict, call_to_dict
from cxaudio.model.event_io import EVENT_TYPES, event_from_dict, event_to_dict
from cxaudio.model.events import (
    FlagState,
    Overlap,
    QualityKind,
    QualityNotice,
    Response,
    Severity,
    Silence,
)
from cxaudio.model.report import CallReport, ReportBuilder
from cxaudio.model.whole_call import judge_whole_call
from cxaudio.sinks.jsonl import JsonlSink
from support.small_call import (
    AGENT,
    CLOCK,
    CUSTOMER,
    DURATION,
    NOTICE,
    at,
    call_info,
    events,
    mono_events,
    provenance,
    report,
    spurt,
)


def test_every_kind_of_event_comes_back_from_its_line():
    """Nothing a line holds is lost, and what it holds is rounded once for all."""
    known = {type(event) for event in events()} | {QualityNotice}
    assert known | {EVENT_TYPES["dropout"]} == set(EVENT_TYPES.values())
    for event in (*events(), NOTICE):
        line = json.loads(json.dumps(event_to_dict(event, CLOCK)))
        assert line == event_to_dict(event_from_dict(line, CLOCK), CLOCK)
        assert type(event) is type(event_from_dict(line, CLOCK))


def test_an_unknown_or_incomplete_event_is_refused():
    with pytest.raises(ValueError, match="no event is of type 'sigh'"):
        event_from_dict({"type": "sigh"}, CLOCK)
    with pytest.raises(ValueError, match="lacks or misstates 'owed_by'"):
        event_from_dict({"type": "silence", "start": 0, "end": 1, "decided_at": 1}, CLOCK)


def test_a_call_s_identity_comes_back_from_its_line():
    call = call_info(headset="hion-u800", role_source="layout:verint")
    assert call == call_from_dict(json.loads(json.dumps(call_to_dict(call))))


def test_speech_shares_and_rates_leave_out_backchannels_and_holds():
    """By hand: the agent 4 + 3 + 0.4 + 4 + 1.5 s, the customer 4.5 + 2.5 s; the hold's 0.8 s count nowhere.

    In an articulation rate each spurt has two edges of 0.08 s.
    """
    found = report().to_dict()
    agent, customer = found["sides"]["agent"], found["sides"]["customer"]
    assert agent["speech_s"] == pytest.approx(12.9)
    assert customer["speech_s"] == pytest.approx(7.0)
    assert agent["talk_share"] == pytest.approx(12.9 / 19.9, abs=1e-4)
    assert [28.2, 29.0] in customer["speech"], "all speech is listed, also in a hold"
    assert (agent["syllables"], customer["syllables"]) == (16 + 14 + 1 + 18 + 7, 15 + 9)
    assert agent["articulation_rate"] == pytest.approx(55 / (12.5 + 4 * 0.16), abs=1e-4)
    assert agent["speaking_rate"] == pytest.approx(55 / 13.5, abs=1e-4)
    assert customer["articulation_rate"] == pytest.approx(24 / (7.0 + 2 * 0.16), abs=1e-4)


def test_few_syllables_give_no_rate():
    found = report(made=[spurt(AGENT, 1, 3, 9)]).to_dict()["sides"]["agent"]
    assert found["syllables"] == 9
    assert found["articulation_rate"] is None
    assert found["speaking_rate"] is None


def test_a_short_call_has_a_rate_all_the_same():
    found = report(made=[spurt(AGENT, 1, 3, 10)]).to_dict()["sides"]["agent"]
    assert found["articulation_rate"] == pytest.approx(10 / 2.16, abs=1e-4)


def test_levels_are_the_analyser_s_or_else_the_mean_energy():
    """By hand: 4.5 s and 2.5 s at -30 dBov are -30; the hold's sound is left out."""
    sides = report().to_dict()["sides"]
    assert (sides["agent"]["level_dbov"], sides["agent"]["noise_dbov"], sides["agent"]["snr_db"]) == (
        -25.5,
        -61.25,
        35.75,
    )
    assert (sides["customer"]["level_dbov"], sides["customer"]["noise_dbov"]) == (-30.0, None)
    mixed = report(made=[spurt(AGENT, 1, 2, 9, -20.0), spurt(AGENT, 3, 4, 9, -30.0)]).to_dict()["sides"]["agent"]
    assert mixed["level_dbov"] == pytest.approx(10 * math.log10((0.01 + 0.001) / 2), abs=0.005)


def test_the_baseline_is_the_analyser_s_or_else_that_of_the_last_rate():
    assert report().agent.baseline_rate == 4.3
    without = [event for event in events() if event.type != "side_figures"]
    assert report(made=without).agent.baseline_rate == 4.25


def test_response_times_and_interruptions_are_counted_a_side():
    sides = report().to_dict()["sides"]
    assert sides["agent"]["response_times"] == {"n": 1, "median_s": 6.0, "p90_s": 6.0}
    assert sides["customer"]["response_times"] == {"n": 1, "median_s": 0.5, "p90_s": 0.5}
    assert (sides["agent"]["interruptions"], sides["customer"]["interruptions"]) == (1, 0)
    assert (sides["agent"]["backchannels"], sides["customer"]["backchannels"]) == (1, 0)


def test_quantiles_of_response_times_are_interpolated():
    """By hand, linear between ranks: of 1, 2, 3, 4 the median is 2.5 and the 90th percentile 3.7."""
    made = [
        Response(start=0, end=at(seconds), decided_at=at(seconds), side=AGENT, response_time=at(seconds))
        for seconds in (4, 1, 3, 2)
    ]
    assert report(made=made).to_dict()["sides"]["agent"]["response_times"] == {"n": 4, "median_s": 2.5, "p90_s": 3.7}


def test_an_overlap_that_the_line_s_delay_explains_is_no_interruption():
    made = [replace(e, latency_suspect=True) if isinstance(e, Overlap) else e for e in events()]
    assert report(made=made).agent.interruptions == 0


def test_the_lines_of_a_flag_become_one_with_its_worst():
    (flag,) = report().to_dict()["flags"]
    assert flag["severity"] == "flag"
    assert (flag["start"], flag["end"], flag["decided_at"]) == (14.0, 20.0, 19.0)
    assert (flag["measured"], flag["limit"]) == (6.0, 5.0)
    assert [(step["severity"], step["at"], step["measured"]) for step in flag["steps"]] == [
        ("note", 17.0, 3.0),
        ("flag", 19.0, 5.0),
    ]
    assert flag["evidence"] == {"turn_s": 3.0, "seen_as": "reply owed"}


def test_a_ratio_that_breaks_a_rule_by_being_small_is_worst_where_it_is_smallest():
    from support.small_call import flag

    base = replace(flag(FlagState.RAISED, 17.0, Severity.FLAG, 0.79, 0.8), rule="dawdling", unit="ratio")
    lines = [
        base,
        replace(
            base, state=FlagState.ESCALATED, severity=Severity.SEVERE, measured=0.64, limit=0.65, decided_at=at(18)
        ),
        replace(
            base,
            state=FlagState.ENDED,
            severity=Severity.SEVERE,
            measured=0.61,
            limit=0.65,
            end=at(19),
            decided_at=at(19),
        ),
    ]
    (found,) = report(made=lines).to_dict()["flags"]
    assert (found["severity"], found["measured"], found["limit"]) == ("severe", 0.61, 0.65)


def test_a_nudge_has_both_its_ends():
    (nudge,) = report().to_dict()["nudges"]
    assert (nudge["shown_at"], nudge["gone_at"], nudge["message_key"]) == (18.0, 20.0, "left_waiting.answer")


def test_tempo_tiles_the_call():
    found = report().to_dict()
    assert found["tempo"] == [
        {"start": 0.0, "end": 13.0, "state": "unknown", "signs": []},
        {"start": 13.0, "end": found["call"]["duration_s"], "state": "relaxed", "signs": ["no_cut_ins"]},
    ]


def test_a_hold_said_open_and_closed_is_listed_once():
    (hold,) = report().to_dict()["holds"]
    assert (hold["start"], hold["end"], hold["kind"]) == (28.0, 30.0, "music")


def test_shares_of_the_call_leave_out_the_hold():
    """By hand: of 28.005 s, 1 s both speak (the mhm is none); 6 s of silence are 2 s and longer, of 26.5 s of talk."""
    whole = report().to_dict()["whole_call"]
    counted = 30.005 - 2.0
    assert whole["overlap_share"] == pytest.approx(1.0 / counted, abs=1e-4)
    assert whole["silence_share"] == pytest.approx(6.0 / 26.5, abs=1e-4)
    assert whole["interruptions_per_min"] == pytest.approx(60 / counted, abs=1e-3)


def with_limit(**whole_call):
    """Return the report of the small call under other limits of the whole call."""
    made = provenance()
    values = made.values | {"whole_call": made.values["whole_call"] | whole_call}
    builder = ReportBuilder(call_info(), replace(made, values=values))
    for event in events():
        builder.add(event)
    return builder.build(DURATION)


def test_whole_call_flags_name_their_measure():
    whole = with_limit(silence_share=0.2).to_dict()["whole_call"]
    assert [flag["rule"] for flag in whole["flags"]] == ["silence_share"]
    assert whole["flags"][0]["limit"] == 0.2


def test_of_a_call_of_a_few_seconds_no_share_is_judged():
    """An agent who says one word in two seconds has all of the speech, and breaks no limit."""
    built = report()
    whole = built.whole_call
    assert whole is not None
    for counted_s, rules in ((19.9, []), (20.0, ["talk_share_agent"])):
        figures = replace(built.whole_call_figures, talk_share_agent=1.0, silent=None, counted_s=counted_s)
        judged = judge_whole_call(
            figures, rules=provenance().whole_call, in_step=None, accommodation=whole.accommodation
        )
        assert rules == [flag.rule for flag in judged.flags]


def test_short_silences_and_those_outside_the_talk_are_no_mutual_silence():
    """A ringing line before the first word, and the pauses of any talk, were counted before."""
    around = [
        Silence(start=at(start), end=at(end), decided_at=at(end), owed_by=None)
        for start, end in ((0.0, 1.0), (5.0, 6.0), (9.0, 9.5), (24.0, 24.5), (27.5, 28.0))
    ]
    found = report(made=[*around, *events()]).to_dict()["whole_call"]
    assert found["silence_share"] == pytest.approx(6.0 / 26.5, abs=1e-4)
    assert with_limit(silence_min_s=6.1).to_dict()["whole_call"]["silence_share"] == 0.0


def test_a_mono_mix_lacks_what_needs_two_sides():
    """Absent, not zero."""
    found = report(call_info(channels=(0, None), two_sided=False, role_source="mono"), mono_events()).to_dict()
    assert list(found["sides"]) == ["agent"]
    assert found["sides"]["agent"]["articulation_rate"] is not None
    for key in ("talk_share", "response_times", "interruptions", "backchannels"):
        assert key not in found["sides"]["agent"]
    for key in ("overlaps", "backchannels", "responses", "silences", "tempo", "flags", "nudges", "whole_call"):
        assert key not in found


@pytest.mark.parametrize("kind", [QualityKind.SAME_AUDIO, QualityKind.OUT_OF_STEP])
def test_sides_that_do_not_belong_together_withhold_what_needs_two_sides(kind):
    same = QualityNotice(
        start=0, end=DURATION, decided_at=DURATION, kind=kind, side=None,
        measured=0.99, limit=0.95, unit="correlation",
    )  # fmt: skip
    found = report(made=[*events(), same])
    assert not found.two_sided
    assert list(found.to_dict()["sides"]) == ["agent", "customer"]
    assert "flags" not in found.to_dict()
    assert found.flags == ()


def test_a_side_that_is_not_there_is_an_error_and_not_a_zero():
    mono = report(call_info(channels=(0, None), two_sided=False), mono_events())
    with pytest.raises(AttributeError, match="no side of the customer: it is a mono mix"):
        _ = mono.customer


def test_an_empty_call_folds():
    builder = ReportBuilder(call_info(), provenance())
    found = builder.build(0).to_dict()
    assert found["whole_call"]["silence_share"] is None
    assert found["sides"]["agent"]["talk_share"] is None
    assert found["tempo"] == []


def test_the_report_follows_from_the_events_file_alone(tmp_path):
    """Same dict, although positions and numbers were rounded on the way."""
    call = call_info(notices=(NOTICE,))
    path = tmp_path / "events.jsonl"
    sink = JsonlSink(path, provenance())
    sink.open(call)
    from support.small_call import Played

    sink.write(Played().flush())
    original = report(call)
    sink.close(original)
    assert original.to_dict() == CallReport.from_events(path.read_text(encoding="utf-8").splitlines()).to_dict()


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(report(call_info(notices=(NOTICE,))), id="two-sided"),
        pytest.param(report(call_info(channels=(0, None), two_sided=False), mono_events()), id="mono"),
        pytest.param(report(made=()), id="silent"),
        pytest.param(replace(report(), failures=("no space",)), id="with a failure"),
    ],
)
def test_the_report_comes_back_from_its_json(found):
    """Nothing that the file holds is lost."""
    values = json.loads(json.dumps(found.to_dict()))
    again = CallReport.from_dict(values)
    assert values == again.to_dict()
    assert (found.flags, found.silences, found.failures) == (again.flags, again.silences, again.failures)
    assert found.sides[0] is not None
    assert [(s.start, s.end) for s in found.agent.spurts] == [(s.start, s.end) for s in again.agent.spurts]


def test_a_report_of_an_earlier_version_lacks_what_was_added_since():
    values = report().to_dict()
    for rate in values["rates"]:
        del rate["baseline"]
    assert {None} == {rate.baseline for rate in CallReport.from_dict(values).rates}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda values: values.update(schema="cxaudio.report/9"), r"no report of 'cxaudio.report/1'.*replay the call"),
        (lambda values: values.pop("holds"), "lacks or misstates 'holds'"),
        (lambda values: values["flags"][0].update(severity="bad"), "'bad' is not a valid Severity"),
        (lambda values: values.update(sides=None), "lacks or misstates"),
    ],
)
def test_a_spoilt_report_is_refused_in_one_sentence(spoil, message):
    values = copy.deepcopy(report().to_dict())
    spoil(values)
    with pytest.raises(StoreError, match=message):
        CallReport.from_dict(values)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda lines: lines[1:], "line 1 is no call line"),
        (lambda lines: lines[:-1], "no end line"),
        (lambda lines: [lines[0], "{", *lines[1:]], "line 2 is no line of events"),
        (lambda lines: [], "no end line"),
        (lambda lines: [lines[0].replace("events/1", "events/9"), *lines[1:]], "line 1 is no call line"),
    ],
)
def test_a_spoilt_events_file_is_refused_in_one_sentence(tmp_path, spoil, message):
    path = tmp_path / "events.jsonl"
    sink = JsonlSink(path, provenance())
    sink.open(call_info())
    sink.close(report())
    with pytest.raises(StoreError, match=message):
        CallReport.from_events(spoil(path.read_text(encoding="utf-8").splitlines()))


def test_a_report_reads_well():
    text = repr(report(call_info(notices=(NOTICE,))))
    assert text.splitlines() == [
        "CallReport call-0123456789ab: 00:00:30, en",
        "  agent    spoke 13 s (65%), 4.19 syllables/s, 1 reply after 6.00 s (median), 1 interruption",
        "  customer spoke 7 s (35%), 3.28 syllables/s, 1 reply after 0.50 s (median), 0 interruptions",
        "  flag     left_waiting 00:14-00:20 (6 s, limit 5)",
        "  notices  unfinished_file",
    ]


def test_a_notebook_shows_the_same_and_runs_nothing():
    page = report(call_info(call_id="<script>alert(1)</script>"))._repr_html_()
    assert "<script" not in page
    assert "left_waiting 00:14-00:20" in page
    assert CUSTOMER.label in page
