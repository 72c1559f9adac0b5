"""The sentence at the top: what a person reads first, in each language."""

import pytest

from cxaudio.i18n import LANGUAGES, texts
from cxaudio.i18n.figures_in_words import clock_text, measure_in_words
from cxaudio.model.report import CallReport
from cxaudio.sinks.call_sentence import call_sentence
from support.sample_reports import mono_report, sample_report


def _report(*flags, agent=None, customer=None, notices=()):
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
    return CallReport.from_dict(values | {"flags": list(flags), "notices": list(notices)})


def _flag(rule, start, end, *, severity="flag", measured=1.4, unit="ratio"):
    return {
        "id": 1, "rule": rule, "start": start, "end": end, "decided_at": start, "severity": severity, "side": "agent",
        "measured": measured, "limit": 1.0, "unit": unit, "evidence": {}, "steps": [],
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
        "The agent spoke 1.4 times as fast as an unhurried customer from 5:13 to 6:39"
        " and let them wait once (8.2 s); 2 interruptions."
    )
    assert expected == call_sentence(report)
    assert (
        "坐席在 5:13 至 6:39 的语速是并不着急的客户的 1.4 倍，并让客户等待 1 次（8.2 秒）；打断客户 2 次。"
        == call_sentence(report, "zh-CN")
    )
    assert (
        "客服在 5:13 至 6:39 的語速是並不急的客戶的 1.4 倍，並讓客戶等待 1 次（8.2 秒）；打斷客戶 2 次。"
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
    assert "1.6 times as fast as an unhurried customer from 1:40 to 2:00 and in 2 more stretches" in call_sentence(
        report
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
    )
    sentence = call_sentence(report)
    assert sentence.endswith("; 1 interruption, the longest 1.6 s; one long silence of 12.4 s.")


def test_what_does_not_fit_into_a_sentence_is_counted():
    rules = [
        _flag("rushing", 10.0, 40.0),
        _flag("dawdling", 50.0, 80.0, measured=0.7),
        _flag("left_waiting", 90.0, 96.0, unit="s"),
        _flag("monologue", 100.0, 165.0, unit="s"),
        _flag("monologue", 170.0, 233.0, unit="s"),
    ]
    assert call_sentence(_report(*rules)).endswith("; 2 other flags.")


def test_unknown_rates_are_not_called_in_step():
    sentence = call_sentence(_report(customer={"articulation_rate": None}))
    assert sentence.startswith("The agent spoke too little, or too unclearly, for the two rates to be compared")


def test_a_flag_that_never_ended_has_no_length():
    report = _report(_flag("left_waiting", 10.0, None, unit="s"))
    assert "0.0 s" in call_sentence(report)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_sided_and_silent_recordings_say_so(language):
    mono = CallReport.from_dict(mono_report())
    same = _report(notices=[_SAME_AUDIO])
    silent = _report(agent={"speech_s": 0.0}, customer={"speech_s": 0.0})
    sentences = [call_sentence(report, language) for report in (mono, same, silent)]
    assert len(set(sentences)) == 3
    assert all("{" not in sentence and sentence for sentence in sentences)


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
