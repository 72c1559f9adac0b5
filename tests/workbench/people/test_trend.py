"""Figures by week: Monday to Sunday in UTC, with weeks of few calls empty."""

from datetime import date, datetime, timedelta

from cxaudio.workbench.people.call_columns import METRIC, read_calls
from cxaudio.workbench.people.trend import MOST_WEEKS, weeks
from cxaudio.workbench.reading.where import EVERY
from support.people_tables import tables_of

FLAGS = METRIC["flags_per_hour"]


def weeks_of(starts, *, min_calls=5):
    calls = read_calls(tables_of([{"started_at": start} for start in starts]), EVERY)
    return weeks(calls, metrics=(FLAGS,), min_calls=min_calls)


def test_a_week_ends_on_sunday_at_midnight():
    found = weeks_of([datetime(2026, 6, 7, 23, 59)] * 5 + [datetime(2026, 6, 8)] * 6)
    assert [(date(2026, 6, 1), 5), (date(2026, 6, 8), 6)] == [(week.monday, week.n) for week in found]


def test_a_week_without_calls_between_others_stands_there_empty():
    found = weeks_of([datetime(2026, 6, 1)] * 5 + [datetime(2026, 6, 15)] * 5)
    assert [5, 0, 5] == [week.n for week in found]
    assert [1, 0, 1] == [len(week.figures) for week in found]


def test_a_week_of_few_calls_has_its_number_and_no_figures():
    (week,) = weeks_of([datetime(2026, 6, 3)] * 4)
    assert (4, ()) == (week.n, week.figures)


def test_only_the_newest_weeks_are_shown():
    found = weeks_of([datetime(2025, 1, 6) + timedelta(weeks=number) for number in range(40)], min_calls=1)
    assert (MOST_WEEKS, date(2025, 1, 6) + timedelta(weeks=39)) == (len(found), found[-1].monday)


def test_calls_without_a_known_start_are_in_no_week():
    assert () == weeks_of([None] * 9)
