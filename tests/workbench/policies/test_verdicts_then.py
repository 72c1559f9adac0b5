"""Verdicts go with their flags to another policy: which rules are right how often, and what would be lost."""

from cxaudio.archive.whatif.flags_then import CallThen, FlagThen
from cxaudio.workbench.policies.verdicts_then import PresentFlag, rule_verdicts


def now(
    start: float, held: str | None, *, rule: str = "dead_air", call: str = "a", severity: str = "flag"
) -> PresentFlag:
    return PresentFlag(
        call_id=call, type="flag", rule=rule, side="agent", start_s=start, end_s=start + 8, severity=severity, held=held
    )


def whole(rule: str, held: str | None) -> PresentFlag:
    return PresentFlag(
        call_id="a", type="whole_call", rule=rule, side=None, start_s=None, end_s=None, severity=None, held=held
    )


def flag(start: float, *, rule: str = "dead_air", severity: str = "flag") -> FlagThen:
    return FlagThen(type="flag", rule=rule, side="agent", start_s=start, end_s=start + 8, severity=severity)


def then(
    *flags: FlagThen, rules: tuple[str, ...] = ("dead_air",), whole_call: bool = False, call: str = "a"
) -> CallThen:
    return CallThen(call_id=call, rules=frozenset(rules), whole_call=whole_call, flags=flags)


def counts(precision) -> tuple[int, int, int, int]:
    return precision.n_right, precision.n_excused, precision.n_wrong, precision.n_unsure


def test_a_verdict_stays_with_the_flag_that_overlaps_best():
    (rule,) = rule_verdicts([now(10, "right"), now(50, "wrong"), now(90, "excused")], [then(flag(10.5), flag(91))])
    assert ((1, 1, 1, 0), (1, 1, 0, 0)) == (counts(rule.now), counts(rule.then))
    assert (0, 1, 0) == (rule.n_lost, rule.n_gone, rule.n_new)
    assert (2 / 3, 1.0) == (rule.now.share.value, rule.then.share.value)


def test_right_flags_that_go_are_lost_and_those_that_come_have_no_verdict():
    (rule,) = rule_verdicts([now(10, "right"), now(50, "excused"), now(90, None)], [then(flag(200), flag(300))])
    assert ((1, 1, 0, 0), (0, 0, 0, 0)) == (counts(rule.now), counts(rule.then))
    assert (2, 0, 2) == (rule.n_lost, rule.n_gone, rule.n_new)
    assert rule.then.share.value is None


def test_a_flag_that_becomes_a_note_is_none_and_a_note_that_becomes_one_takes_its_verdict_along():
    present = [now(10, "right"), now(50, "wrong", severity="note"), now(90, None, severity="note")]
    (rule,) = rule_verdicts(present, [then(flag(10, severity="note"), flag(50), flag(90, severity="severe"))])
    assert ((1, 0, 0, 0), (0, 0, 1, 0)) == (counts(rule.now), counts(rule.then))
    assert (1, 0, 1) == (rule.n_lost, rule.n_gone, rule.n_new)


def test_a_note_that_stays_one_counts_nowhere():
    assert () == rule_verdicts([now(10, "wrong", severity="note")], [then(flag(10, severity="note"))])


def test_what_is_not_judged_again_stays_as_it_is():
    present = [
        now(10, "right"),
        now(10, "wrong", rule="monologue"),
        now(10, "right", call="b"),
        whole("overlap_share", "wrong"),
    ]
    rules = rule_verdicts(present, [then()])
    assert [("dead_air", 1), ("monologue", 0), ("overlap_share", 0)] == [(each.rule, each.n_lost) for each in rules]
    assert (1, 0, 0, 0) == counts(rules[0].then)
    assert counts(rules[1].now) == counts(rules[1].then) == (0, 0, 1, 0)
    assert rules[2].whole_call


def test_limits_of_the_whole_call_are_matched_by_their_name():
    broken = FlagThen(type="whole_call", rule="silence_share", side=None, start_s=None, end_s=None, severity=None)
    other = FlagThen(type="whole_call", rule="overlap_share", side=None, start_s=None, end_s=None, severity=None)
    present = [whole("silence_share", "right"), whole("talk_share_agent", "wrong")]
    rules = {each.rule: each for each in rule_verdicts(present, [then(broken, other, rules=(), whole_call=True)])}
    assert (1, 0, 0, 0) == counts(rules["silence_share"].then)
    assert (0, 1) == (rules["talk_share_agent"].n_lost, rules["talk_share_agent"].n_gone)
    assert rules["overlap_share"].n_new == 1


def test_a_flag_about_which_reviewers_differ_counts_as_unsure():
    (rule,) = rule_verdicts([now(10, "disputed"), now(50, "unsure"), now(90, "right")], [])
    assert (1, 0, 0, 2) == counts(rule.now)
    assert rule.now.share.value == 1.0
