"""A filter is the same after a way through an address, and every bad value is refused in one sentence."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxaudio.errors import UsageError
from cxaudio.workbench.reading.call_filter import LIST_NAMES, CallFilter
from cxaudio.workbench.reading.filter_values import NUMBERS, WORDS

LABELS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=20)
MARK = "\N{SNOWMAN}"  # stands in no SQL of ours, as a drawn label such as "side" may
DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31))


@st.composite
def filters(draw) -> CallFilter:
    values: dict[str, object] = {}
    for name, field in LIST_NAMES.items():
        items = (
            st.integers(1, 7) if name == "weekday"
            else st.integers(0, 23) if name == "hour"
            else st.sampled_from(WORDS[name]) if name in WORDS
            else LABELS
        )  # fmt: skip
        values[field] = tuple(sorted(draw(st.sets(items, max_size=3))))
    for name in NUMBERS:
        most = 1.0 if name.endswith("_share") else 1e6
        ends = draw(st.none() | st.sets(st.floats(0, most), min_size=2, max_size=2))
        if ends:
            values[f"min_{name}"], values[f"max_{name}"] = (end + 0.0 for end in sorted(ends))
    days = sorted(draw(st.lists(DAYS, max_size=2)))
    values |= dict(zip(("since", "until"), days, strict=False))
    values["severity"] = draw(st.none() | st.sampled_from(WORDS["severity"]))
    values["verdicts"] = draw(st.none() | st.sampled_from([word for word in WORDS["verdict"] if word != "any"]))
    values["sample"] = draw(st.none() | st.integers(1, 10**6))
    values["text"] = " ".join(draw(st.lists(LABELS, max_size=3)))
    return CallFilter(**values)  # type: ignore[arg-type]


@given(filters())
def test_a_filter_is_the_same_after_its_way_through_a_query(chosen):
    assert chosen == CallFilter.from_query(chosen.to_query())


@given(filters())
def test_a_query_is_canonical_whatever_the_order_of_its_pairs(chosen):
    pairs = chosen.to_query()
    assert pairs == CallFilter.from_query(reversed(pairs)).to_query()


@given(filters())
def test_every_value_of_a_filter_is_bound_and_none_stands_in_the_sql(chosen):
    names = ("agents", "teams", "queues", "rules", "headsets", "notices")
    marked = {name: tuple(f"{value}{MARK}" for value in getattr(chosen, name)) for name in names}
    where = replace(chosen, text=f"{chosen.text} {MARK}", **marked).where()
    assert where.sql.count("?") == len(where.parameters)
    assert MARK not in where.sql
    assert MARK in str(where.parameters)


def test_values_of_nothing_and_other_names_are_no_filter():
    pairs = [("agent", ""), ("min_duration_s", "  "), ("sort", "newest"), ("after", "0a"), ("verdict", "any")]
    assert CallFilter() == CallFilter.from_query(pairs)
    assert [] == CallFilter().to_query()


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        ([("since", "30.11.2026")], r"since = '30.11.2026' is no day from 1900 to 2999; write it as 2026-11-30"),
        ([("until", "2026-02-30")], r"until = '2026-02-30' is no day"),
        ([("since", "2026-02-02"), ("until", "2026-02-01")], r"since = 2026-02-02 is after until = 2026-02-01; give"),
        ([("min_duration_s", "long")], r"min_duration_s = 'long' is no number of 0 or more; write it as 90"),
        ([("min_duration_s", "-1")], r"min_duration_s = '-1' is no number of 0 or more"),
        ([("min_duration_s", "nan")], r"min_duration_s = 'nan' is no number"),
        ([("max_silence_share", "1.5")], r"max_silence_share = '1.5' is no number from 0 to 1; write it as 0.25"),
        ([("min_agent_rate", "5"), ("max_agent_rate", "4")], r"min_agent_rate = 5 is not below max_agent_rate = 4;"),
        ([("severity", "bad")], r"severity = 'bad' is not known; give one of note, flag, severe, limit, none"),
        ([("verdict", "yes")], r"verdict = 'yes' is not known; give one of any, some"),
        ([("direction", "up")], r"direction = 'up' is not known; give one of inbound, outbound"),
        ([("sample", "0")], r"sample = '0' is no whole number from 1 to"),
        ([("weekday", "8")], r"weekday = '8' is no whole number from 1 to 7; give one of these"),
        ([("hour", "٣")], r"hour = '٣' is no whole number from 0 to 23"),
        ([("text", "a" * 201)], r"text = 'a+…' has 201 letters; give at most 200"),
        ([("severity", "flag"), ("severity", "severe")], r"severity is given twice, the second time as 'severe'; give"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_in_one_sentence(pairs, sentence):
    with pytest.raises(UsageError, match=sentence) as refused:
        CallFilter.from_query(pairs)
    assert "\n" not in str(refused.value)
