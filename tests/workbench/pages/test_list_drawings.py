"""Reasons, timelines, chips and bars of the lists, from values to what a page shows."""

import re

import pytest

from cxaudio.i18n import LANGUAGES, workbench_texts
from cxaudio.workbench.pages.call_reasons import broken_rules, reason
from cxaudio.workbench.pages.filter_view import address, name_of
from cxaudio.workbench.pages.overview_drawings import day_bars, heat_rows, histogram_drawing
from cxaudio.workbench.pages.timeline_drawing import timeline_drawing, timeline_in_words
from cxaudio.workbench.reading.call_order import ORDERS
from cxaudio.workbench.reading.histograms import Bin, Histogram
from cxaudio.workbench.reading.overview import Day, HourOfWeek

WORDS = workbench_texts("en")
ROW = {
    "n_severe": 1,
    "n_flag": 2,
    "n_whole_call": 0,
    "in_step_share": 0.85,
    "duration_s": 125.0,
    "agent_interruptions": 3,
    "agent_response_median_s": 1.25,
    "rules": "rushing dead_air",
    "whole_call_rules": "silence_share",
}


@pytest.mark.parametrize(
    ("sort", "row", "expected"),
    [
        ("worst", {}, "1 severe flag, 2 other flags, out of step 15 %"),
        ("newest", {"n_severe": 0, "n_flag": 0, "in_step_share": 1.0}, "no flags"),
        (
            "worst",
            {"n_severe": 0, "n_whole_call": 1, "n_flag": 0, "in_step_share": None},
            "1 broken limit, pace unknown",
        ),
        ("worst", {"n_severe": None, "n_flag": None}, "not judged: one-sided"),
        ("longest", {}, "2:05 long"),
        ("out_of_step", {}, "out of step 15 %"),
        ("talking_over", {}, "3 interruptions"),
        ("slowest_answers", {}, "answers in 1.25 s (median)"),
        ("slowest_answers", {"agent_response_median_s": None}, "no replies were timed"),
        ("random", {}, "1 severe flag, 2 other flags, out of step 15 %"),
    ],
)
def test_the_reason_says_why_a_call_stands_where_it_does(sort, row, expected):
    assert expected == reason({**ROW, **row}, sort, WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sort", ORDERS)
def test_every_order_has_a_reason_in_every_language_also_of_what_is_unknown(language, sort):
    words = workbench_texts(language)
    unknown = dict.fromkeys(ROW)
    assert reason(ROW, sort, words)
    assert reason(unknown, sort, words)
    assert words[f"workbench_calls.sort_{sort}"]
    assert words[f"workbench_calls.order_{sort}"]


def test_rules_and_limits_have_their_names():
    assert ["Rushing", "Dead air", "Mutual silence"] == broken_rules(ROW, WORDS)
    assert "a_rule_of_later" == name_of(WORDS, "rule", "a_rule_of_later")


def test_a_timeline_is_drawn_where_somebody_speaks_and_flags_above():
    drawing = timeline_drawing("aabc-h", "--sf--")
    assert "M0 6h9v8h-9z" == drawing.agent
    assert "M6 15h6v8h-6z" == drawing.customer
    assert "M15 6h3v17h-3z" == drawing.hold
    assert ("M9 2h3v2h-3z", "M6 0h3v4h-3z") == (drawing.flag, drawing.severe)
    assert "" == timeline_drawing("------", None).agent
    assert "agent speaks 50 %, customer speaks 33 %, hold 17 %, silence 17 %" == timeline_in_words("aabc-h", WORDS)
    assert "unknown" in timeline_in_words(None, WORDS)


def test_an_address_holds_values_of_any_letters():
    assert "/calls?agent=A+%26+B&sort=newest" == address("/calls", [("agent", "A & B")], sort="newest", after=None)
    assert "/calls" == address("/calls", [])


def test_a_histogram_marks_its_median_within_its_bin():
    bins = [Bin(0.0, 1.0, 0), Bin(1.0, 2.0, 4), Bin(2.0, 4.0, 2), Bin(4.0, None, 0)]
    drawing = histogram_drawing(Histogram(n=6, first_quartile=1.25, median=2.0, third_quartile=3.0, bins=bins))
    assert [0, 4, 2, 0] == [bar.n for bar in drawing.bars]
    assert [0.0, 84.0, 42.0, 0.0] == [bar.height for bar in drawing.bars]
    assert drawing.bars[2].x == drawing.median_x
    empty = histogram_drawing(Histogram(n=0, first_quartile=None, median=None, third_quartile=None, bins=bins[:1]))
    assert (None, None) == (empty.median_x, empty.box)


def test_a_histogram_says_under_what_a_first_bin_of_outliers_is_and_keeps_its_last_label_inside():
    lows = [0.0, 3.0, 3.25, 3.5, 3.75, 4.0]
    bins = [Bin(low, high, 1) for low, high in zip(lows, [*lows[1:], None], strict=True)]
    drawing = histogram_drawing(Histogram(n=6, first_quartile=3.0, median=3.3, third_quartile=3.6, bins=bins))
    assert ["under", "low", "low", "low", "low", "low"] == [bar.label for bar in drawing.bars]
    even = [Bin(float(low), low + 1.0, 1) for low in range(11)]
    drawing = histogram_drawing(Histogram(n=11, first_quartile=2.0, median=5.0, third_quartile=8.0, bins=even))
    assert ["low", "", "low", "", "low", "", "low", "", "low", "", "at_end"] == [bar.label for bar in drawing.bars]


def test_days_and_hours_have_bars_and_shades_in_proportion():
    from datetime import date

    days = [
        Day(first=date(2026, 1, n), last=date(2026, 1, n), n_calls=calls, n_flagged=flagged)
        for n, calls, flagged in ((1, 10, 5), (2, 0, 0), (3, 5, 5))
    ]
    bars = day_bars(days)
    assert [110.0, 0.0, 55.0] == [bar.height for bar in bars]
    assert [55.0, 0.0, 55.0] == [bar.flagged_height for bar in bars]
    hours = [
        HourOfWeek(weekday=1, hour=9, n_calls=8, n_flagged=1),
        HourOfWeek(weekday=3, hour=11, n_calls=1, n_flagged=0),
    ]
    shown, rows = heat_rows(hours)
    assert range(9, 12) == shown
    assert [8, 0, 0] == [shade for _, shade in rows[0].cells]
    assert [0, 0, 1] == [shade for _, shade in rows[2].cells]
    assert (range(0), []) == heat_rows([])


@pytest.mark.parametrize("area", ["calls", "filter", "overview"])
def test_texts_take_the_same_values_in_every_language(area):
    languages = [workbench_texts(language) for language in LANGUAGES]
    for key in languages[0]:
        if key.startswith(f"workbench_{area}."):
            values = [sorted(re.findall(r"\{\w+\}", other[key])) for other in languages]
            assert values[0] == values[1] == values[2], key
