"""The sentence at the top: what a person reads first, in each language."""

import pytest

from cxaudio.i18n import LANGUAGES, texts
from cxaudio.i18n.figures_in_words import clock_text, measure_in_words
from cxaudio.model.report import CallReport
from cxaudio.settings import load_settings
from cxaudio.sinks.call_sentence import call_sentence
from support.sample_reports import mono_report, sample_report


def _report(*flags, agent=None, customer=None, notices=(), overlaps=(), holds=(), dropouts=(), broken=(), in_step=0.93):
    """A call of three minutes with rates and speech of a calm one."""
    values = sample_report(3)
    values["call"]["duration_s"] = 180.0
    values["sides"]["agent"] |= {
        "speech_s": 50.0,
        "articulation_rate": 4.5,
        "interruptions": 0,
        "response_times": {"n": 9, "median_s": 0.4, "p90_s": 0.9},
    }
    values["sides"]["customer"] |= {"speech_s": 60.0, "articulation_rate": 4.3}
    values["sides"]["agent"] |= agent or {}
    values["sides"]["customer"] |= customer or {}
    lists = {"flags": flags, "notices": notices, "overlaps": overlaps, "holds": holds, "dropouts": dropouts}
    values["whole_call"]["flags"] = list(broken)
    values["whole_call"]["in_step"]["share"] = in_step
    return CallReport.from_dict(values | {name: list(rows) for name, rows in lists.items()})


def _flag(rule, start, end, *, severity="flag", measured=1.4, unit="ratio"):
    return {
        "id": 1, "rule": rule, "start": start, "end": end, "decided_at": start, "severity": severity, "side": "agent",
        "measured": measured, "limit": 1.0, "unit": unit, "evidence": {}, "steps": [],
    }  # fmt: skip


def _overlap(start, end, *, kind="interruption", entrant="agent", latency_suspect=False):
    return {
        "kind": kind, "start": start, "end": end, "decided_at": end, "entrant": entrant,
        "holder": "customer" if entrant == "agent" else "agent", "floor_taken": True, "yielded": None,
        "yield_delay_s": None, "resumed_after_s": None, "level_rise_db": None, "competitive": True,
        "latency_suspect": latency_suspect,
    }  # fmt: skip


def _hold(start, end, *, kind="music", side="customer"):
    return {"kind": kind, "start": start, "end": end, "decided_at": end, "side": side}


def _broken(rule, measured, limit, unit="share"):
    return {
        "rule": rule, "severity": "flag", "side": None, "measured": measured, "limit": limit, "unit": unit,
    }  # fmt: skip


def _notice(kind, side):
    return {
        "kind": kind, "side": side, "start": 0.0, "end": 180.0, "decided_at": 180.0,
        "measured": 0.02, "limit": 0.001, "unit": "share",
    }  # fmt: skip


_SAME_AUDIO = {
    "kind": "same_audio", "side": None, "start": 0.0, "end": 180.0, "decided_at": 180.0,
    "measured": 0.99, "limit": 0.95, "unit": "correlation",
}  # fmt: skip


def test_a_call_in_step_is_said_to_be_in_step():
    expected = "The agent kept the customer's pace and answered in 0.4 s (median); no interruptions."
    assert expected == call_sentence(_report())


def test_pace_waits_and_interruptions_stand_in_one_sentence():
    report = _report(
        _flag("rushing", 313.9, 399.4, measured=1.42),
        _flag("left_waiting", 100.0, 108.2, unit="s", measured=8.2),
        agent={"interruptions": 2},
    )
    expected = (
        "The agent spoke up to 1.4 times as fast as an unhurried customer from 5:13 to 6:39"
        " and let them wait once (8.2 s); 2 interruptions."
    )
    assert expected == call_sentence(report)
    assert (
        "坐席在 5:13 至 6:39 的语速最高达并不着急的客户的 1.4 倍，并让客户等待 1 次（8.2 秒）；打断客户 2 次。"
        == call_sentence(report, "zh-CN")
    )
    assert (
        "客服在 5:13 至 6:39 的語速最高達並不急的客戶的 1.4 倍，並讓客戶等待 1 次（8.2 秒）；打斷客戶 2 次。"
        == call_sentence(report, "zh-TW")
    )


def test_who_waited_is_named_where_nobody_was_named_before():
    waited = [_flag("left_waiting", at, at + 6.0 + at / 100, unit="s", measured=7.0) for at in (10.0, 100.0)]
    expected = "The agent let the customer wait 2 times (up to 7.0 s); no interruptions."
    assert expected == call_sentence(_report(*waited))


def test_the_worst_stretch_is_named_and_the_others_counted():
    report = _report(
        _flag("rushing", 10.0, 90.0, measured=1.3),
        _flag("rushing", 100.0, 120.0, severity="severe", measured=1.61),
        _flag("rushing", 130.0, 140.0, measured=1.26),
    )
    assert (
        "up to 1.6 times as fast as an unhurried customer from 1:40 to 2:00 and in 2 more stretches"
        in call_sentence(report)
    )


def test_slow_answers_are_given_in_seconds():
    report = _report(_flag("dawdling", 60.0, 90.0, measured=2.3, unit="s"))
    assert "took 2.3 s to answer a customer in a hurry (from 1:00 to 1:30)" in call_sentence(report)


def test_notes_are_too_slight_for_the_sentence():
    note = _flag("left_waiting", 10.0, 13.4, severity="note", unit="s", measured=3.4)
    assert call_sentence(_report()) == call_sentence(_report(note))


def test_a_long_interruption_and_a_long_silence_are_given_with_their_lengths():
    report = _report(
        _flag("talking_over", 20.0, 21.6, measured=1.6, unit="s"),
        _flag("dead_air", 60.0, 72.4, measured=12.4, unit="s"),
        agent={"interruptions": 1},
        overlaps=[_overlap(20.0, 21.6), _overlap(30.0, 33.0, kind="backchannel")],
    )
    sentence = call_sentence(report)
    assert sentence.endswith("(median), but with 1 interruption, the longest 1.6 s; one long silence of 12.4 s.")


def test_talking_over_that_is_no_interruption_is_not_said_beside_no_interruptions():
    """An overlap in the customer's pause is flagged, and counts as no interruption."""
    flags = [_flag("talking_over", at, at + 1.2, measured=1.2, unit="s") for at in (20.0, 40.0)]
    sentence = call_sentence(_report(*flags, overlaps=[_overlap(20.0, 21.2, kind="pause_cut_in")]))
    assert sentence.endswith(", but with talking over the customer 2 times (up to 1.2 s).")
    assert "no interruptions" not in sentence
    one = call_sentence(_report(flags[0], agent={"interruptions": 1}, overlaps=[_overlap(90.0, 90.7)]))
    assert one.endswith(", but with 1 interruption; talking over the customer once (1.2 s).")
    late = _report(
        flags[0],
        agent={"interruptions": 1},
        overlaps=[
            _overlap(90.0, 90.7),
            _overlap(20.0, 21.2, latency_suspect=True),
            _overlap(1.0, 2.2, entrant="customer"),
        ],
    )
    assert call_sentence(late) == one, "only what is counted can be the longest of them"


def test_the_longest_interruption_is_measured_without_the_breaths_in_it():
    row = _overlap(20.0, 21.5) | {"overlap_s": 1.2}
    flag = _flag("talking_over", 20.0, 21.5, measured=1.2, unit="s")
    sentence = call_sentence(_report(flag, agent={"interruptions": 1}, overlaps=[row]))
    assert sentence.endswith("1 interruption, the longest 1.2 s.")


def test_interruptions_close_together_are_told_with_their_number():
    often = _flag("talking_over", 20.0, 100.0, measured=4.0, unit="count")
    rows = [_overlap(20.0 * k, 20.0 * k + 0.7) for k in range(1, 6)]
    sentence = call_sentence(_report(often, agent={"interruptions": 5}, overlaps=rows))
    assert sentence.endswith(", but with 5 interruptions, 4 of them within 120 s.")


def test_a_slow_agent_is_not_told_in_hundredths():
    half = _report(_flag("dawdling", 280.0, 343.0, severity="severe", measured=0.45))
    assert "spoke at times less than half as fast as a customer in a hurry from 4:40 to 5:43" in call_sentence(half)
    assert "的语速有时不到赶时间的客户的一半" in call_sentence(half, "zh-Hans")
    more = _report(_flag("dawdling", 280.0, 343.0, measured=0.62))
    assert "spoke at times at 62 % of the pace of a customer in a hurry" in call_sentence(more)


def test_praise_is_not_given_where_a_limit_of_the_whole_call_is_broken():
    silent = call_sentence(_report(broken=[_broken("silence_share", 0.48, 0.25)]))
    assert silent == (
        "The agent kept the customer's pace and answered in 0.4 s (median), but silences of 2 s and more filled 48 % of"
        " the talk (limit 25 %); no interruptions."
    )
    slow = call_sentence(_report(broken=[_broken("response_median_s", 2.4, 2.0, "s")]))
    assert slow == (
        "The agent kept the customer's pace, but answers took 2.4 s (median, limit 2.0 s); no interruptions."
    )
    near = call_sentence(_report(broken=[_broken("silence_share", 0.2504, 0.25)]))
    assert "filled 25.04 % of the talk (limit 25.00 %)" in near


def test_opposite_paces_do_not_cancel_to_praise():
    """No rule was broken, because the customer was hurried or the mismatch short; still it was no keeping pace."""
    assert call_sentence(_report(in_step=0.62)).startswith(
        "The agent was in step with the customer for 62 % of the time and answered in 0.4 s (median); "
    )
    assert call_sentence(_report(in_step=0.8)).startswith("The agent kept the customer's pace")


def test_a_reply_before_the_other_had_ended_is_no_answer_in_0_s():
    early = call_sentence(_report(agent={"response_times": {"n": 9, "median_s": -0.31, "p90_s": 0.9}}))
    assert early == "The agent kept the customer's pace and answered without a gap (median); no interruptions."


def test_a_silent_channel_is_nobody_who_was_talked_to():
    silent = _report(notices=[_notice("silent_channel", "customer")])
    assert call_sentence(silent) == (
        "The channel of the customer is silent, so nothing is said about the two sides together."
    )


def test_findings_stand_behind_flags_without_a_but():
    sentence = call_sentence(
        _report(
            _flag("rushing", 10.0, 40.0),
            broken=[_broken("overlap_share", 0.12, 0.1), _broken("interruptions_per_min", 0.61, 0.5, "per_min")],
        )
    )
    assert "but" not in sentence
    assert sentence.endswith(
        "; both spoke at once for 12 % of the call (limit 10 %); "
        "interruptions by the agent: 0.6 a minute (limit 0.5 a minute)."
    )


@pytest.mark.parametrize(
    ("rule", "measured", "limit", "unit", "shown"),
    [
        ("response_median_s", 2.3, 2.0, "s", ("2.3 s", "2.0 s")),
        ("response_median_s", 2.004, 2.0, "s", ("2.004 s", "2.000 s")),
        ("overlap_share", 0.104, 0.1, "share", ("10.4 %", "10.0 %")),
    ],
)
def test_a_figure_that_broke_its_limit_is_not_shown_as_equal_to_it(rule, measured, limit, unit, shown):
    sentence = call_sentence(_report(broken=[_broken(rule, measured, limit, unit)]))
    assert f"{shown[0]}" in sentence
    assert f"limit {shown[1]}" in sentence


def test_what_is_left_out_is_said():
    held = _report(
        holds=[
            _hold(10.0, 30.0),
            _hold(40.0, 160.0, kind="ringing"),
            _hold(161.0, 166.0, kind="paused", side=None),
            _hold(170.0, 180.0, kind="not_recorded"),
        ],
        dropouts=[{"start": 5.0, "end": 6.5, "decided_at": 6.5, "side": None}],
    )
    assert call_sentence(held).endswith(
        "; 2 holds, 2:20 in all, are left out; the recorder stood still for 5 s;"
        " the customer was not recorded for 10 s; 2 s of sound were lost."
    )
    assert call_sentence(_report(holds=[_hold(10.0, 30.0)])).endswith("; a hold of 20 s is left out.")


def test_faults_of_the_sound_that_make_figures_doubtful_are_named():
    noisy = [_notice("noisy", "customer"), _notice("clipping", "agent"), _notice("clipping", "customer")]
    sentence = call_sentence(_report(notices=[*noisy, _notice("narrowband", "agent")]))
    assert sentence.endswith("; less sure because of the sound: clipping (agent, customer), noisy (customer).")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_a_text(language):
    """As many texts as there are limits of the whole call."""
    limits = load_settings().as_dict()["whole_call"]
    rules = ["talk_share_agent", "overlap_share", "silence_share", "response_median_s", "interruptions_per_min"]
    assert set(rules) <= set(limits)
    for rule in rules:
        assert "{" not in call_sentence(_report(broken=[_broken(rule, 0.9, 0.5, "share")]), language)


def test_many_silences_are_given_by_their_number_beside_the_long_ones():
    many = _flag("dead_air", 20.0, 120.0, severity="severe", measured=7.0, unit="count")
    many["evidence"] = {"many": 7.0, "many_silence_s": 4.0, "window_s": 180.0}
    long = _flag("dead_air", 60.0, 72.4, measured=12.4, unit="s")
    assert call_sentence(_report(many)).endswith(
        ", but with 7 silences of 4 s or more close together; no interruptions."
    )
    both = "but with one long silence of 12.4 s; 7 silences of 4 s or more close together; no interruptions."
    assert call_sentence(_report(many, long)).endswith(both)
    assert call_sentence(_report(many, long), "zh-CN").endswith(
        "，12.4 秒；短时间内有 7 次 4 秒以上的静默；没有打断客户。"
    )


def test_what_does_not_fit_into_a_sentence_is_counted():
    rules = [
        _flag("rushing", 10.0, 40.0),
        _flag("dawdling", 50.0, 80.0, measured=0.7),
        _flag("left_waiting", 90.0, 96.0, unit="s"),
        _flag("monologue", 100.0, 165.0, unit="s"),
        _flag("monologue", 170.0, 233.0, unit="s"),
    ]
    assert call_sentence(_report(*rules)).endswith("; 2 other flags (Monologue).")


def test_unknown_rates_are_not_called_in_step():
    sentence = call_sentence(_report(customer={"articulation_rate": None}))
    assert sentence.startswith("The agent could not be compared with the customer in pace (too little, ")


def test_rates_of_a_few_words_are_no_kept_pace():
    """Ten seconds of call have rates by the syllable count, and never enough of them on both sides to be compared."""
    values = _report().to_dict()
    values["whole_call"]["in_step"] = None
    assert call_sentence(CallReport.from_dict(values)).startswith("The agent could not be compared with the customer")


def test_a_flag_that_never_ended_has_no_length():
    report = _report(_flag("left_waiting", 10.0, None, unit="s"))
    assert "0.0 s" in call_sentence(report)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_sided_and_silent_recordings_say_so(language):
    mono = CallReport.from_dict(mono_report())
    same = _report(notices=[_SAME_AUDIO])
    silent = _report(agent={"speech_s": 0.0}, customer={"speech_s": 0.0})
    apart = _report(notices=[_SAME_AUDIO | {"kind": "out_of_step"}])
    sentences = [call_sentence(report, language) for report in (mono, same, silent, apart)]
    assert len(set(sentences)) == 4
    assert all("{" not in sentence and sentence for sentence in sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_one_sided_recording_says_what_is_left_out_too(language):
    mono = mono_report() | {"holds": [_hold(10.0, 30.0, side="agent")]}
    held, plain = (call_sentence(CallReport.from_dict(mono | {"holds": h}), language) for h in (mono["holds"], []))
    assert held.startswith(plain[:-1])
    assert held[len(plain) - 1 :][0] in ";；"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("minutes", [3, 60])
def test_every_sentence_is_whole(language, minutes):
    sentence = call_sentence(CallReport.from_dict(sample_report(minutes)), language)
    assert "{" not in sentence
    assert sentence[-1] in ".。"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (8.24, "s", "8.2 s"),
        (0.314, "share", "31 %"),
        (1.426, "ratio", "1.43×"),
        (3.0, "count", "3 times"),
        (-26.44, "dBov", "-26.4 dBov"),
        (0.5, "correlation", "0.5 correlation"),
    ],
)
def test_a_measure_has_its_unit_and_its_decimals(value, unit, expected):
    assert expected == measure_in_words(value, unit, texts("en"))


def test_a_clock_never_runs_ahead():
    assert ["0:00", "0:59", "59:59", "1:00:00"] == [clock_text(s) for s in (0.0, 59.99, 3599.9, 3600.0)]
    assert "5:13.9" == clock_text(313.94, tenths=True)
