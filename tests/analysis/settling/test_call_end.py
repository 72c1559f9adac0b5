"""The silence that the end of a call cuts is no fault, unless it is as long as a severe one."""

import pytest

from cxaudio.analysis.settling.call_end import excuse_the_last_silence
from cxaudio.model.events import FlagState, PacingFlag, Severity, Side

S = 8_000
END = 180 * S


def lines(*severities: Severity, rule: str = "left_waiting", end: int = END, unit: str = "s") -> list[PacingFlag]:
    """Return a flag that is raised, grows worse and ends: a note after 3 s, a flag after 5 s, severe after 10 s."""
    limits = {Severity.NOTE: 3.0, Severity.FLAG: 5.0, Severity.SEVERE: 10.0}
    start = end - 12 * S
    states = [FlagState.RAISED, *[FlagState.ESCALATED] * (len(severities) - 1), FlagState.ENDED]
    return [
        PacingFlag(
            flag_id=7,
            rule=rule,
            state=state,
            side=Side.AGENT,
            severity=severity,
            measured=12.0 if state is FlagState.ENDED else limits[severity],
            limit=limits[severity],
            unit=unit,
            start=start,
            end=end if state is FlagState.ENDED else None,
            decided_at=end if state is FlagState.ENDED else start + round(limits[severity] * S),
        )
        for state, severity in zip(states, (*severities, severities[-1]), strict=True)
    ]


@pytest.mark.parametrize("rule", ["left_waiting", "dead_air"])
def test_a_silence_that_lasts_to_the_end_of_the_call_stays_a_note(rule):
    raised, ended = excuse_the_last_silence(lines(Severity.NOTE, Severity.FLAG, rule=rule), END)
    assert (FlagState.RAISED, Severity.NOTE) == (raised.state, raised.severity)
    assert (FlagState.ENDED, Severity.NOTE, 12.0, 3.0) == (ended.state, ended.severity, ended.measured, ended.limit)


def test_without_a_note_nothing_is_left_of_it():
    assert [] == excuse_the_last_silence(lines(Severity.FLAG), END)


@pytest.mark.parametrize(
    "flag",
    [
        pytest.param(lines(Severity.NOTE, Severity.FLAG, Severity.SEVERE), id="severe: the customer may have hung up"),
        pytest.param(lines(Severity.NOTE, Severity.FLAG, end=END - S), id="somebody spoke again"),
        pytest.param(lines(Severity.FLAG, rule="dead_air", unit="count"), id="many silences"),
        pytest.param(lines(Severity.FLAG, rule="monologue"), id="no silence"),
    ],
)
def test_every_other_flag_stays_as_it_is(flag):
    assert flag == excuse_the_last_silence(flag, END)
