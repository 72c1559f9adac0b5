"""Many rows are turned into text at once, and stand in the files as if each had been turned by itself."""

import json
from types import SimpleNamespace

import pytest

from cxaudio.model.event_io import event_to_dict
from cxaudio.model.events import FlagState, PacingFlag, Severity, Side, Silence
from cxaudio.model.timebase import Timebase
from cxaudio.sinks.jsonl import JsonlSink
from cxaudio.sinks.report_json import laid_out

CLOCK = Timebase(8000)
BETWEEN_ROWS = '}, {"type": "x", "a": }, {'  # text that looks like the end of a row


def flag(**evidence: float | str | None) -> PacingFlag:
    return PacingFlag(
        start=0, end=None, decided_at=80, flag_id=1, state=FlagState.RAISED, rule=BETWEEN_ROWS, side=Side.AGENT,
        severity=Severity.FLAG, measured=1.0, limit=0.5, unit="}, {", evidence=evidence,
    )  # fmt: skip


def test_every_event_of_a_block_is_a_line_of_its_own():
    events = [flag(), Silence(start=0, end=80, decided_at=80, owed_by=None), flag(type=BETWEEN_ROWS, b=None), flag()]
    written: list[str] = []
    sink = JsonlSink.__new__(JsonlSink)
    sink._file = SimpleNamespace(write=written.append)  # type: ignore[assignment]
    sink._event_to_dict = lambda event: event_to_dict(event, CLOCK)
    sink.write(SimpleNamespace(events=events, account=()))  # type: ignore[arg-type]
    assert [event_to_dict(event, CLOCK) for event in events] == [
        json.loads(line) for line in "".join(written).split("\n")[:-1]
    ]
    assert "".join(json.dumps(event_to_dict(event, CLOCK)) + "\n" for event in events) == "".join(written)


@pytest.mark.parametrize(
    "rows",
    [
        [{"a": 1, "b": BETWEEN_ROWS}, {"a": "}, {", "b": None}, {"a": 1.5, "b": True}],
        [{"a": 1, "b": {}}, {"a": 2, "b": {"a": 3}}, {"a": 4, "b": []}],
        [{"a": 1}, {"b": 2}],
        [{"a": 1}, {}],
        [{}, {"a": 1}],
        [{"a": [1, 2]}, {"a": 1}],
        [[1, 2], {"a": 1}],
        [[1, 2.5], [], [3]],
        [[1], ["], ["], [2]],
        [[1], [[2]]],
    ],
)
def test_every_row_of_a_report_is_a_line_of_its_own(rows):
    text = laid_out({"rows": rows})
    assert {"rows": rows} == json.loads(text)
    lines = text.split("\n")
    for row in rows:
        values = row.values() if isinstance(row, dict) else row
        if not any(value and isinstance(value, dict | list) for value in values):
            assert "    " + json.dumps(row) in [line.removesuffix(",") for line in lines]
