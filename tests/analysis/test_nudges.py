"""Nudges: seldom, at the right moment, gone when corrected, and never more than the budget allows."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxaudio.analysis.nudges import NudgeTracker
from cxaudio.analysis.pacing_rules import RULES, rule_named
from cxaudio.analysis.tick import Tick
from cxaudio.model.events import Event, FlagState, Nudge, Pace, PaceEstimate, PacingFlag, Severity, Side
from cxaudio.settings import load_settings
from support.drawings import step_through
from support.given_events import GivenEvents
from support.paced import CLOCK, Part, paced

QUIET: list[Part] = [(None, None, 300.0)]


def flag(
    rule: str,
    start_s: float,
    end_s: float | None = None,
    *,
    flag_id: int = 1,
    severity: Severity = Severity.FLAG,
    unit: str = "s",
    **evidence: float | str,
) -> list[PacingFlag]:
    """A flag raised at a second and, where that is given, ended at another."""
    start = round(start_s * 8000)

    def line(state: FlagState, at_s: float, end: int | None) -> PacingFlag:
        return PacingFlag(
            start=start,
            end=end,
            decided_at=round(at_s * 8000),
            flag_id=flag_id,
            state=state,
            rule=rule,
            side=Side.AGENT,
            severity=severity,
            measured=1.5,
            limit=1.25,
            unit=unit,
            evidence=evidence,
        )

    raised = [line(FlagState.RAISED, start_s, None)]
    return raised if end_s is None else [*raised, line(FlagState.ENDED, end_s, round(end_s * 8000))]


def pace(at_s: float, ratio: float) -> PaceEstimate:
    at = round(at_s * 8000)
    return PaceEstimate(
        start=0, end=at, decided_at=at, pace=Pace.IN_STEP, ratio=ratio, agent_rate=4.5 * ratio, customer_rate=4.5
    )


def nudges(
    events: Sequence[Event], row: Sequence[Tick] | None = None, *, every_tick: bool = False, **overrides: object
) -> list[Nudge]:
    policy = load_settings(
        user_folder="/nonexistent", overrides={f"nudges.{key}": value for key, value in overrides.items()}
    ).pacing
    tracker = NudgeTracker(policy, timebase=CLOCK)
    said = step_through([GivenEvents(*events), tracker], paced(QUIET) if row is None else row, every_tick=every_tick)
    return [event for event in said if isinstance(event, Nudge)]


def shown(events: Sequence[Event], row: Sequence[Tick] | None = None, **overrides: object) -> list[tuple[str, float]]:
    """Keys and the seconds at which they were shown."""
    found = nudges(events, row, **overrides)
    return [(n.message_key, round(n.start / 8000, 1)) for n in found if n.end is None]


def test_a_nudge_is_said_twice_under_one_number_and_lasts_five_seconds():
    first, second = nudges(flag("dead_air", 30.0))[:2]
    assert (None, 35.0) == (first.end, pytest.approx(second.end / 8000, abs=0.02))
    assert first.nudge_id == second.nudge_id
    assert (first.start, first.message_key, first.flag_id) == (second.start, "dead_air.say_something", 1)
    assert first.start == first.decided_at
    assert (1.5, 1.25, "flag") == tuple(first.evidence[key] for key in ("measured", "limit", "severity"))


def test_it_is_gone_as_soon_as_the_flag_is():
    gone = nudges(flag("dead_air", 30.0, 32.0))[1]
    assert 32.0 == pytest.approx(gone.end / 8000, abs=0.02)


def test_left_waiting_is_gone_as_soon_as_the_agent_begins():
    row = paced([(None, 5.0, 25.0), (None, None, 10.0), (5.0, None, 5.0)])
    gone = nudges(flag("left_waiting", 33.0), row)[1]
    assert 35.0 == pytest.approx(gone.end / 8000, abs=0.02)


def test_notes_show_nothing_but_the_look_in_on_a_hold():
    assert [] == shown(flag("left_waiting", 30.0, severity=Severity.NOTE))
    assert [("left_waiting.check_in", 60.0)] == shown(
        flag("left_waiting", 60.0, severity=Severity.NOTE, hold="told", hold_s=60.0)
    )


def test_none_in_the_first_twenty_seconds():
    assert [("dead_air.say_something", 20.0)] == shown(flag("dead_air", 12.0, 40.0))
    assert [] == shown(flag("dead_air", 12.0, 18.0))


def test_what_is_not_about_a_silence_waits_for_the_agents_next_pause():
    row = paced([(5.0, None, 40.0), (None, None, 0.2), (5.0, None, 5.0), (None, None, 2.0), (5.0, None, 20.0)])
    assert [("monologue.leave_pause", 45.5)] == shown(flag("monologue", 30.0), row)
    assert [] == shown(flag("monologue", 30.0, 44.0), row)
    assert [("dead_air.say_something", 30.0)] == shown(flag("dead_air", 30.0, 36.0), row)


def test_many_silences_are_spoken_of_in_the_one_that_made_them_many_or_not_at_all():
    """Their flag goes on for minutes, and the agent speaks meanwhile."""
    assert [("dead_air.say_something", 30.0)] == shown(flag("dead_air", 30.0, 200.0, unit="count"))
    waited = flag("left_waiting", 27.0, 31.0, flag_id=2)
    assert [("left_waiting.answer", 27.0)] == shown(
        [*waited[:1], *flag("dead_air", 30.0, 200.0, unit="count"), waited[1]]
    )


def test_talking_over_is_spoken_of_soon_or_not_at_all():
    """Its flag is over when it is raised; ten seconds later it is stale."""
    soon = paced([(5.0, None, 35.0), (None, None, 10.0)])
    assert [("talking_over.let_finish", 35.3)] == shown(flag("talking_over", 30.0, 30.0), soon)
    late = paced([(5.0, None, 41.0), (None, None, 10.0)])
    assert [] == shown(flag("talking_over", 30.0, 30.0), late)


def test_the_same_kind_waits_for_forty_five_seconds_and_any_kind_for_fifteen():
    events = [*flag("dead_air", 30, 36), *flag("dead_air", 50, 58, flag_id=2), *flag("monologue", 38, flag_id=3)]
    assert [("dead_air.say_something", 30.0), ("monologue.leave_pause", 45.0)] == shown(events, paced(QUIET[:1]))[:2]
    assert ("dead_air.say_something", 75.0) in shown([*flag("dead_air", 30, 36), *flag("dead_air", 50, 90, flag_id=2)])


def test_a_nudge_is_shown_on_the_first_tick_allowed_although_a_more_urgent_one_must_wait_longer():
    events = [*flag("dead_air", 30, 36), *flag("monologue", 38, flag_id=2), *flag("dead_air", 40, 90, flag_id=3)]
    found = [(n.message_key, n.start // CLOCK.tick_length - 1) for n in nudges(events) if n.end is None]
    assert [("dead_air.say_something", 3_000), ("monologue.leave_pause", 4_500)] == found[:2]


def test_what_goes_on_is_said_again_and_ever_more_seldom():
    """The cool-down doubles with every two in a row that changed nothing."""
    row = paced([(None, None, 800.0)])
    at = [second for _, second in shown(flag("monologue", 30.0), row, max_count=100)]
    assert [30.0, 75.0, 120.0, 210.0, 300.0, 480.0, 660.0] == at


def test_a_kind_that_was_heeded_starts_anew():
    spread = [line for k in range(3) for line in flag("monologue", 30.0 + 100 * k, 35.0 + 100 * k, flag_id=k + 1)]
    again = flag("monologue", 400.0, 450.0, flag_id=9)
    row = paced([(None, None, 500.0)])
    assert [30.0, 130.0, 230.0, 400.0, 445.0] == [s for _, s in shown([*spread, *again], row, max_count=100)]


def test_four_in_ten_minutes_are_enough():
    rules = ["talking_over", "left_waiting", "dead_air", "rushing", "dawdling", "monologue"]
    events = [
        line for k, rule in enumerate(rules) for line in flag(rule, 30.0 + 20 * k, 700.0, flag_id=k + 1, unit="ratio")
    ]
    row = paced([(None, None, 680.0)])
    at = [second for _, second in shown(events, row)]
    assert 4 == len([second for second in at if second < 630.0])
    assert 630.0 <= at[4]


def test_one_fault_that_goes_on_leaves_nudges_for_the_next_ones():
    long = flag("dawdling", 30.0, 500.0, flag_id=1, unit="ratio")
    others = [*flag("rushing", 400.0, 430.0, flag_id=2, unit="ratio"), *flag("monologue", 450.0, 470.0, flag_id=3)]
    assert [
        ("dawdling.pick_up", 30.0),
        ("dawdling.pick_up", 75.0),
        ("rushing.slow_down", 400.0),
        ("monologue.leave_pause", 450.0),
    ] == shown([*long, *others], paced([(None, None, 600.0)]))


def test_the_last_nudge_is_kept_for_a_kind_that_was_not_shown():
    silences = [line for k in range(5) for line in flag("dead_air", 30.0 + 60 * k, 50.0 + 60 * k, flag_id=k + 1)]
    rushing = flag("rushing", 400.0, 430.0, flag_id=9, unit="ratio")
    at = [(key.partition(".")[0], second) for key, second in shown([*silences, *rushing], paced([(None, None, 600.0)]))]
    assert [("dead_air", 30.0), ("dead_air", 90.0), ("dead_air", 150.0), ("rushing", 400.0)] == at


def test_the_more_urgent_comes_first():
    events = [
        *flag("monologue", 30, flag_id=1),
        *flag("rushing", 30, flag_id=2, unit="ratio"),
        *flag("dead_air", 30, flag_id=3),
    ]
    assert ["dead_air.say_something", "rushing.slow_down", "monologue.leave_pause"] == [
        key for key, _ in shown(events)[:3]
    ]
    assert ["monologue.leave_pause"] == [key for key, _ in shown(events, order=["monologue"])[:1]]


def test_dawdling_speaks_of_what_was_slow():
    assert [("dawdling.pick_up", 30.0)] == shown(flag("dawdling", 30.0, 40.0, unit="ratio"))
    assert [("dawdling.answer_sooner", 30.0)] == shown(flag("dawdling", 30.0, 40.0, unit="s"))


def in_step_again(ratio: float, *, rule: str = "rushing", **overrides: object) -> list[str]:
    events = [
        *flag(rule, 30.0, 60.0, unit="ratio"),
        pace(59.5, ratio),
    ]
    return [key for key, _ in shown(events, **overrides)]


@pytest.mark.slow
def test_a_closed_mismatch_may_be_praised_once():
    assert ["rushing.slow_down", "rushing.in_step_again"] == in_step_again(1.05)
    assert ["dawdling.pick_up", "dawdling.in_step_again"] == in_step_again(0.95, rule="dawdling")
    assert ["rushing.slow_down"] == in_step_again(1.3)  # over, but not because the paces met
    assert ["rushing.slow_down"] == in_step_again(1.05, positive=False)
    praised = [n for n in nudges([*flag("rushing", 30, 60, unit="ratio"), pace(59, 1.02)])]
    assert None is praised[-1].flag_id


def test_a_mismatch_that_the_agent_was_not_shown_is_not_praised_when_closed():
    row = paced([(5.0, None, 60.0), (None, None, 20.0)])
    events = [*flag("rushing", 30.0, 59.0, unit="ratio"), pace(58, 1.0)]
    assert [] == shown(events, row)


@pytest.mark.slow
def test_kinds_and_all_can_be_switched_off():
    assert [] == shown(flag("dead_air", 30.0), enabled=False)
    assert [] == shown(flag("dead_air", 30.0), disabled=["dead_air"])
    assert [] == shown(flag("dead_air", 30.0), disabled=["dead_air.say_something"])
    assert ["rushing.slow_down"] == in_step_again(1.05, disabled=["rushing.in_step_again"])
    assert [] == shown(flag("dead_air", 30.0), max_count=0)


def test_what_is_shown_when_the_call_ends_is_gone_with_it():
    row = paced([(None, None, 33.0)])
    found = nudges(flag("dead_air", 31.0), row)
    assert 33.0 == found[-1].end / 8000


RULE_NAMES = st.sampled_from(sorted(rule.name for rule in RULES))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    flags=st.lists(st.tuples(RULE_NAMES, st.floats(1, 150), st.floats(0, 60)), max_size=8),
    parts=st.lists(
        st.tuples(st.sampled_from([None, 5.0]), st.none(), st.sampled_from([0.2, 1.0, 7.0, 20.0])), max_size=20
    ),
)
def test_the_budget_holds_for_any_row_of_flags_however_it_is_stepped(flags, parts):
    events = [
        line
        for number, (rule, start, length) in enumerate(flags, 1)
        for line in flag(rule, start, start + length, flag_id=number, unit="ratio")
    ]
    row = paced([*parts, (None, None, 30.0)])
    found = nudges(events, row)
    assert found == nudges(events, row, every_tick=True)
    starts = [n.start / 8000 for n in found if n.end is None]
    assert all(start >= 20.0 for start in starts)
    assert all(b - a >= 15.0 - 1e-6 for a, b in pairwise(starts))
    assert all(b - a >= 600.0 for a, b in zip(starts, starts[4:], strict=False))
    assert len(starts) * 2 == len(found)
    for first, second in zip(found[::2], found[1::2], strict=True):
        assert first.nudge_id == second.nudge_id
        assert 0 <= (second.end - first.start) / 8000 <= 5.02
        assert first.message_key in rule_named(first.rule).messages
