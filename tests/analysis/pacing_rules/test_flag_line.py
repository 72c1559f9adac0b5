"""The lines of one flag: numbers, states, and the figures that its last line keeps."""

from cxaudio.analysis.pacing_rules.flag_line import FlagLine, flag_ids
from cxaudio.model.events import FlagState, PacingFlag, Severity, Side


def say(line: FlagLine, severity: Severity, measured: float, *, start: int = 100, at: int = 200) -> PacingFlag:
    evidence = {"measured_again": measured}
    return line.say(severity, start=start, at=at, measured=measured, limit=2.0, unit="s", evidence=evidence)


def test_a_flag_is_raised_then_escalated_under_one_number_and_start() -> None:
    line = FlagLine("dead_air", flag_ids())
    raised = say(line, Severity.NOTE, 2.5)
    worse = say(line, Severity.SEVERE, 6.0, start=150, at=900)
    assert (1, FlagState.RAISED, Severity.NOTE, 100, 200) == (
        raised.flag_id,
        raised.state,
        raised.severity,
        raised.start,
        raised.decided_at,
    )
    assert (1, FlagState.ESCALATED, Severity.SEVERE, 100, 900) == (
        worse.flag_id,
        worse.state,
        worse.severity,
        worse.start,
        worse.decided_at,
    )
    assert (None, "dead_air", Side.AGENT) == (worse.end, worse.rule, worse.side)


def test_the_last_line_keeps_the_worst_figure_with_its_evidence() -> None:
    line = FlagLine("dead_air", flag_ids())
    say(line, Severity.NOTE, 2.5)
    line.worsen(4.0, {"measured_again": 4.0})
    line.worsen(3.0, {"measured_again": 3.0})
    line.worsen(4.5)
    ended = line.end(700, 800)
    assert (FlagState.ENDED, 700, 800, 4.5) == (ended.state, ended.end, ended.decided_at, ended.measured)
    assert {"measured_again": 4.0} == ended.evidence


def test_where_a_small_figure_is_worse_the_smallest_is_kept() -> None:
    line = FlagLine("dawdling", flag_ids(), low_is_worse=True)
    say(line, Severity.FLAG, 0.8)
    line.worsen(0.7)
    line.worsen(0.9)
    assert 0.7 == line.end(700, 800).measured


def test_a_flag_does_not_end_before_its_start() -> None:
    line = FlagLine("dead_air", flag_ids())
    say(line, Severity.NOTE, 2.5, start=500)
    assert 500 == line.end(300, 800).end


def test_severity_and_unit_are_known_while_a_flag_is_open() -> None:
    line = FlagLine("dead_air", flag_ids())
    assert (None, None, False) == (line.severity, line.unit, line.reaches(Severity.NOTE))
    say(line, Severity.FLAG, 2.5)
    assert (Severity.FLAG, "s") == (line.severity, line.unit)
    assert [True, True, False] == [line.reaches(severity) for severity in Severity]
    line.end(700, 800)
    assert line.severity is None


def test_rules_draw_their_numbers_from_one_series() -> None:
    ids = flag_ids()
    one, other = FlagLine("dead_air", ids), FlagLine("rushing", ids)
    assert [1, 2] == [say(one, Severity.NOTE, 2.5).flag_id, say(other, Severity.NOTE, 2.5).flag_id]
    one.end(300, 400)
    assert 3 == say(one, Severity.NOTE, 2.5).flag_id


def test_a_figure_that_is_surely_bad_is_worse_than_one_that_is_perhaps_very_bad() -> None:
    line = FlagLine("rushing", flag_ids())
    line.say(
        Severity.FLAG, start=100, at=200, measured=1.6, limit=1.25, unit="ratio", evidence={"ratio_low": 1.3, "n": 1.0}
    )
    line.worsen(2.3, {"ratio_low": 1.26, "n": 2.0}, judged_by="ratio_low")
    line.worsen(1.7, {"ratio_low": 1.45, "n": 3.0}, judged_by="ratio_low")
    line.worsen(1.9, {"ratio_low": 1.4, "n": 4.0}, judged_by="ratio_low")
    ended = line.end(700, 800)
    assert (1.7, 3.0) == (ended.measured, ended.evidence["n"])


def test_of_ratios_under_their_limit_the_one_with_the_lowest_upper_limit_is_kept() -> None:
    line = FlagLine("dawdling", flag_ids(), low_is_worse=True)
    line.say(Severity.FLAG, start=100, at=200, measured=0.7, limit=0.8, unit="ratio", evidence={"ratio_high": 0.79})
    line.worsen(0.5, {"ratio_high": 0.795}, judged_by="ratio_high")
    assert 0.7 == line.end(700, 800).measured
