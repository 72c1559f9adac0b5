"""Silences that are nobody's fault: the end of a call, keys, and soft talk in the customer's line."""

from dataclasses import replace

import pytest

from cxaudio.analysis.settling.excuses import excuse_keys, excuse_soft_talk, excuse_the_last_silence
from cxaudio.model.events import FlagState, LineSound, LineSoundKind, PacingFlag, Severity, Side, Silence
from cxaudio.model.timebase import Timebase

CLOCK = Timebase(8_000)
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


def key(before_end_s: float, kind: LineSoundKind = LineSoundKind.KEYS) -> LineSound:
    """Return a key that was let go so long before the silence of `lines` ended."""
    end = END - round(before_end_s * S)
    return LineSound(start=end - S // 10, end=end, decided_at=end, side=Side.CUSTOMER, kind=kind)


@pytest.mark.parametrize(
    ("before_end_s", "severities"),
    [
        (10.5, [Severity.NOTE, Severity.FLAG, Severity.SEVERE]),
        (6.0, [Severity.NOTE, Severity.FLAG]),
        (4.0, [Severity.NOTE]),
        (1.0, []),
    ],
)
def test_a_wait_in_which_keys_are_pressed_is_judged_from_the_last_key_on(before_end_s, severities):
    flag = lines(Severity.NOTE, Severity.FLAG, Severity.SEVERE)
    found = excuse_keys(flag, [key(11.0), key(before_end_s)], CLOCK)
    assert severities == [line.severity for line in found if line.state is not FlagState.ENDED]
    assert severities[-1:] == [line.severity for line in found if line.state is FlagState.ENDED]


def test_a_silence_with_keys_is_owed_by_nobody_and_others_stay_owed():
    silences = [
        Silence(start=END - 12 * S, end=END, decided_at=END, owed_by=Side.AGENT),
        Silence(start=10 * S, end=12 * S, decided_at=12 * S, owed_by=Side.AGENT),
    ]
    assert [None, Side.AGENT] == [silence.owed_by for silence in excuse_keys(silences, [key(6.0)], CLOCK)]


def test_a_beep_of_the_recorder_excuses_nobody():
    flag = lines(Severity.NOTE, Severity.FLAG)
    assert flag == excuse_keys(flag, [key(1.0, LineSoundKind.BEEP)], CLOCK)


@pytest.mark.parametrize(
    ("talk_s", "left"),
    [
        pytest.param([], Severity.SEVERE, id="nobody speaks"),
        pytest.param([(1.5, 1.8)], Severity.SEVERE, id="10.2 s without"),
        pytest.param([(4.0, 5.0)], Severity.FLAG, id="7 s without"),
        pytest.param([(4.0, 4.5), (8.1, 8.4)], Severity.NOTE, id="4 s without"),
        pytest.param([(2.5, 3.0), (5.5, 6.0), (8.5, 9.5)], None, id="2.5 s without"),
        pytest.param([(-9.0, -8.0)], Severity.SEVERE, id="before the silence"),
    ],
)
def test_a_wait_in_which_the_customers_line_speaks_softly_is_as_severe_as_its_longest_quiet_part(talk_s, left):
    flag = lines(Severity.NOTE, Severity.FLAG, Severity.SEVERE, end=100 * S)  # from 88 s
    talk = [(round((88 + a) * S), round((88 + b) * S)) for a, b in talk_s]
    kept = excuse_soft_talk(flag, talk, CLOCK)
    assert left == max((line.severity for line in kept), default=None)
    assert left is None or FlagState.ENDED is kept[-1].state


def test_long_silences_with_soft_talk_are_none_of_the_many():
    """Five silences of 5 s in 50 s are flagged together; somebody speaks in the middle of the third."""
    silences = [Silence(start=t * S, end=(t + 5) * S, decided_at=(t + 5) * S, owed_by=None) for t in range(0, 50, 10)]
    many = [
        replace(line, start=0, measured=5.0, limit=5.0, evidence={"many": 5.0, "many_silence_s": 4.0})
        for line in lines(Severity.SEVERE, rule="dead_air", end=46 * S, unit="count")
    ]
    assert many == [e for e in excuse_soft_talk([*silences, *many], [], CLOCK) if isinstance(e, PacingFlag)]
    beside = [(6 * S, 7 * S)]
    assert many == [e for e in excuse_soft_talk([*silences, *many], beside, CLOCK) if isinstance(e, PacingFlag)]
    assert silences == excuse_soft_talk([*silences, *many], [(22 * S, 23 * S)], CLOCK)


def test_soft_talk_excuses_no_rule_but_those_about_silence():
    flag = lines(Severity.FLAG, rule="monologue", end=100 * S)
    assert flag == excuse_soft_talk(flag, [(94 * S, 95 * S)], CLOCK)
