"""One description of a value makes its writing, its reading and its schema."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import pytest

from cxaudio.model.event_io import EVENT_TYPES
from cxaudio.model.events import Side, TempoState
from cxaudio.model.report import CallReport
from cxaudio.model.timebase import Timebase
from cxaudio.model.written import Count, Evidence, Level, Omit, Position, Scope, TimeSpan, Written, describe, rounded

SCOPE = Scope(Timebase(8000), side=Side.CUSTOMER)


@dataclass(frozen=True, kw_only=True)
class Inner:
    n: Annotated[Count, Written(key="count")]


@dataclass(frozen=True, kw_only=True)
class Sample:
    place: Annotated[Side, Written(omit=Omit.BY_PLACE)]
    start: Position
    end: Position | None
    shift: Annotated[TimeSpan, Written(key="shift_s")]
    state: TempoState
    by: Side | None
    level_db: Level
    inner: tuple[Inner, ...]
    other: Annotated[Inner | None, Written(omit=Omit.ONE_SIDED, known=True)]
    evidence: Evidence
    added: Annotated[str | None, Written(omit=Omit.IN_OLDER_FILES)]


def sample(**changes: object) -> Sample:
    values: dict[str, object] = {
        "place": Side.CUSTOMER, "start": 8, "end": None, "shift": -80, "state": TempoState.HURRIED, "by": Side.AGENT,
        "level_db": -1.255, "inner": (Inner(n=3),), "other": Inner(n=4), "evidence": {"a_db": 1.239, "b": "x"},
        "added": "new",
    }  # fmt: skip
    return Sample(**(values | changes))  # type: ignore[arg-type]


WRITTEN = {
    "start": 0.001, "end": None, "shift_s": -0.01, "state": "hurried", "by": "agent", "level_db": -1.25,
    "inner": [{"count": 3}], "other": {"count": 4}, "evidence": {"a_db": 1.24, "b": "x"}, "added": "new",
}  # fmt: skip


def test_every_kind_of_field_is_written_in_the_order_of_the_fields():
    found = describe(Sample).write(sample(), SCOPE)
    assert WRITTEN == found
    assert list(WRITTEN) == list(found)


def test_what_was_written_is_read_back():
    assert sample(level_db=-1.25, evidence={"a_db": 1.24, "b": "x"}) == describe(Sample).read(WRITTEN, SCOPE)


def test_a_one_sided_scope_leaves_out_what_needs_two_sides():
    found = describe(Sample).write(sample(), SCOPE._replace(two_sided=False))
    assert WRITTEN.keys() - {"other"} == found.keys()
    assert describe(Sample).read(found, SCOPE).other is None


def test_a_key_that_older_files_lack_is_unknown_and_any_other_is_missed():
    values = {key: value for key, value in WRITTEN.items() if key != "added"}
    assert describe(Sample).read(values, SCOPE).added is None
    del values["start"]
    with pytest.raises(KeyError, match="start"):
        describe(Sample).read(values, SCOPE)


def test_the_schema_says_what_may_be_null_and_what_may_be_absent():
    schema = describe(Sample).schema()
    assert {"other", "added"} == set(WRITTEN) - set(schema["required"])
    properties = schema["properties"]
    assert {"$ref": "#/$defs/time"} == properties["start"]
    assert {"$ref": "#/$defs/time_or_unknown"} == properties["end"]
    assert {"type": "number"} == properties["shift_s"]
    assert {"enum": ["agent", "customer", None]} == properties["by"]
    assert {"type": ["number", "null"]} == properties["level_db"]
    assert {"type": ["string", "null"]} == properties["added"]
    assert "object" == properties["other"]["type"]
    assert {"type": "integer", "minimum": 0} == properties["inner"]["items"]["properties"]["count"]


def test_a_figure_that_is_no_number_is_null():
    assert [None, None, None] == [rounded(value, 2) for value in (None, float("nan"), float("-inf"))]
    assert "0.0" == str(rounded(-0.001, 2)), "no negative zero"


@pytest.mark.parametrize("kind", [*EVENT_TYPES.values(), CallReport], ids=lambda kind: kind.__name__)
def test_every_value_that_stands_in_files_is_described(kind):
    """A float without decimals, or a type without a form, is found here and not in the middle of a call."""
    properties = describe(kind).schema()["properties"]
    assert properties
    assert all(isinstance(schema, Mapping) and schema for schema in properties.values())


def test_a_float_without_decimals_is_refused():
    @dataclass(frozen=True)
    class Vague:
        ratio: float

    with pytest.raises(AssertionError, match="needs its decimals"):
        describe(Vague)


@dataclass(frozen=True)
class Limits:
    full: float
    maybe: float | None
    steps: tuple[float, ...]


def test_numbers_of_settings_are_written_in_full_and_are_null_only_where_they_may_be_unknown():
    described = describe(Limits, exact=True)
    expected = {"full": 1 / 3, "maybe": None, "steps": [2 / 3]}
    assert expected == described.write(Limits(1 / 3, None, (2 / 3,)), SCOPE)
    number = {"type": "number"}
    properties = {"full": number, "maybe": {"type": ["number", "null"]}, "steps": {"type": "array", "items": number}}
    assert properties == described.schema()["properties"]


@dataclass(frozen=True)
class Measured:
    level_db: Level | None


def test_a_figure_is_written_as_python_rounds_it():
    """Ties, what is beside a tie, the largest and what is no number: the quick way gives the same bits."""
    drawn = random.Random(1)
    ties = [number / 1000 for number in range(-3005, 3005, 10)]
    values = [drawn.uniform(-130, 130) for _ in range(2000)] + ties + [1e15 / 7, -1e300, float("inf"), float("nan")]
    values += [tie + shift for tie in ties for shift in (1e-15, -1e-15, 1e-9)]
    write = describe(Measured).writer(SCOPE)
    assert [repr(rounded(value, 2)) for value in values] == [
        repr(write(Measured(value))["level_db"]) for value in values
    ]
