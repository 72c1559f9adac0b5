"""Events that belong together become one value; values by hand."""

from dataclasses import replace

from cxaudio.model.events import (
    Dropout,
    FlagState,
    Hold,
    HoldKind,
    Nudge,
    PacingFlag,
    Severity,
    Side,
    Tempo,
    TempoSign,
    TempoState,
)
from cxaudio.model.folds import fold_flags, fold_nudges, fold_stretches, fold_tempo

RAISED = PacingFlag(
    flag_id=4,
    rule="dead_air",
    side=Side.AGENT,
    start=80,
    end=None,
    decided_at=400,
    state=FlagState.RAISED,
    severity=Severity.NOTE,
    measured=5.0,
    limit=4.0,
    unit="s",
    evidence={"owed_by": "agent"},
)
ESCALATED = replace(
    RAISED, state=FlagState.ESCALATED, severity=Severity.FLAG, decided_at=800, measured=9.0, limit=8.0, evidence={}
)


def test_a_flag_that_the_end_of_the_events_left_open_has_no_end() -> None:
    (flag,) = fold_flags([RAISED])
    assert (4, None, 400, Severity.NOTE, 5.0) == (flag.flag_id, flag.end, flag.decided_at, flag.severity, flag.measured)


def test_a_flag_shows_the_worst_figure_of_its_worst_severity_and_every_step() -> None:
    ended = replace(ESCALATED, state=FlagState.ENDED, end=960, decided_at=1000, measured=11.0)
    (flag,) = fold_flags([RAISED, ESCALATED, ended])
    assert (Severity.FLAG, 11.0, 8.0, 960) == (flag.severity, flag.measured, flag.limit, flag.end)
    assert [(Severity.NOTE, 400, 5.0, 4.0), (Severity.FLAG, 800, 9.0, 8.0)] == [
        (step.severity, step.at, step.measured, step.limit) for step in flag.steps
    ]


def test_a_flag_is_known_when_it_is_more_than_a_note_and_a_note_when_it_is_raised() -> None:
    severe = replace(ESCALATED, severity=Severity.SEVERE, decided_at=1200, measured=20.0, limit=20.0)
    ended = replace(severe, state=FlagState.ENDED, end=1300, decided_at=1400)
    assert [800] == [flag.decided_at for flag in fold_flags([RAISED, ESCALATED, severe, ended])]
    assert [1200] == [flag.decided_at for flag in fold_flags([RAISED, severe, ended])]
    assert [400] == [flag.decided_at for flag in fold_flags([RAISED])]


def test_figures_of_different_units_are_not_compared() -> None:
    """The worst severity was first reached by a ratio; the seconds that follow are larger numbers, but not worse."""
    ratio = replace(RAISED, measured=1.4, limit=1.25, unit="ratio")
    seconds = replace(ratio, state=FlagState.ESCALATED, measured=3.0, limit=2.0, unit="s")
    (flag,) = fold_flags([ratio, seconds])
    assert (1.4, "ratio") == (flag.measured, flag.unit)


def test_the_evidence_is_that_of_the_figure_shown_or_else_of_the_first_at_that_severity() -> None:
    worse = replace(RAISED, state=FlagState.ENDED, measured=7.0, evidence={})
    (flag,) = fold_flags([RAISED, worse])
    assert (7.0, {"owed_by": "agent"}) == (flag.measured, flag.evidence)


def test_flags_stand_in_the_order_in_which_they_were_raised() -> None:
    assert [4, 2] == [flag.flag_id for flag in fold_flags([RAISED, replace(RAISED, flag_id=2), ESCALATED])]


def test_a_nudge_is_gone_where_its_second_event_says_so() -> None:
    shown = Nudge(start=80, end=None, decided_at=80, nudge_id=1, rule="dead_air", flag_id=4, message_key="dead_air.say")
    other = replace(shown, nudge_id=2, start=900, decided_at=900)
    first, second = fold_nudges([shown, replace(shown, end=400, decided_at=400), other])
    assert (80, 400, 80) == (first.shown_at, first.gone_at, first.decided_at)
    assert (900, None) == (second.shown_at, second.gone_at)


def tempo(start: int, state: TempoState) -> Tempo:
    return Tempo(start=start, end=None, decided_at=start, state=state)


def test_stretches_of_tempo_cover_the_call_and_equal_neighbours_are_one() -> None:
    lines = [tempo(10, TempoState.NEUTRAL), tempo(20, TempoState.NEUTRAL), tempo(30, TempoState.HURRIED)]
    assert [(0, 10, "unknown"), (10, 30, "neutral"), (30, 40, "hurried")] == [
        (span.start, span.end, span.state.value) for span in fold_tempo(lines, 40)
    ]
    assert [(0, 10), (10, 30)] == [(span.start, span.end) for span in fold_tempo(lines, 30)]


def test_a_stretch_of_tempo_names_all_signs_that_held_in_it() -> None:
    first, second = TempoSign.QUICK_REPLIES, TempoSign.RATE_ABOVE_NORM
    lines = [
        replace(tempo(10, TempoState.HURRIED), signs=(first,)),
        replace(tempo(20, TempoState.HURRIED), signs=(second,)),
        tempo(30, TempoState.NEUTRAL),
    ]
    assert [(), (second, first), ()] == [span.signs for span in fold_tempo(lines, 40)]


def test_tempo_of_a_call_without_length_or_changes() -> None:
    assert () == fold_tempo([tempo(0, TempoState.NEUTRAL)], 0)
    assert [(0, 25, "unknown")] == [(span.start, span.end, span.state.value) for span in fold_tempo([], 25)]


def test_of_a_stretch_that_was_begun_and_ended_the_last_event_counts() -> None:
    begun = Hold(start=80, end=None, decided_at=900, kind=HoldKind.MUSIC, side=Side.CUSTOMER)
    ended = replace(begun, end=800, decided_at=1000)
    other_side = replace(begun, side=Side.AGENT, start=40)
    assert (other_side, ended) == fold_stretches([begun, ended, other_side])


def test_stretches_of_both_sides_that_begin_together_are_two() -> None:
    lost = [Dropout(start=0, end=80, decided_at=80, side=side) for side in Side]
    assert tuple(lost) == fold_stretches(lost)
