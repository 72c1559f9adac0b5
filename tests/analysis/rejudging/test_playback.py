"""A stored call that is judged again says what a fresh analysis under that policy says."""

from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.rejudging.changes import changed_rules
from cxaudio.analysis.rejudging.facts import CallFacts
from cxaudio.analysis.rejudging.playback import Rejudging, lines_again
from cxaudio.analysis.rejudging.screens import SCREENS, says_as_often, says_nothing, says_the_same, screens_of
from cxaudio.analysis.rejudging.tape import Tape, read_tape, write_tape
from cxaudio.errors import SettingError
from cxaudio.model.policy import PacingPolicy
from support.drawn_policies import SHIPPED, drawn_policy
from support.rejudged_call import DrawnCall, plain

ANALYSIS = SHIPPED.analysis


def recorded(call: DrawnCall, pacing: PacingPolicy) -> Tape:
    """Return the tape of a call that was judged with a policy, written and read again."""
    _, tape = call.judged(ANALYSIS, pacing, CallFacts())
    return read_tape(write_tape(tape))


@given(seed=st.integers(0, 2**32 - 1))
@examples(max_examples=6)
def test_a_call_judged_again_under_its_own_policy_has_its_own_verdicts(seed):
    call = DrawnCall(seed)
    verdicts, tape = call.judged(ANALYSIS, SHIPPED.pacing, CallFacts())
    again = Rejudging(ANALYSIS, recorded=SHIPPED.pacing, pacing=SHIPPED.pacing).verdicts(read_tape(write_tape(tape)))
    assert plain(verdicts) == plain(again)


def check(seed: int, *, policies: int, seconds: float) -> None:
    """Compare the verdicts of a drawn call under drawn policies with fresh ones, and what its screens say."""
    rng = np.random.default_rng(seed)
    call = DrawnCall(seed, seconds=seconds)
    old = (drawn_policy(rng) if rng.random() < 0.3 else SHIPPED).pacing
    tape = recorded(call, old)
    screens = {
        name: np.array([np.nan if value is None else value])
        for name, value in screens_of(tape, ANALYSIS, old, flags=(), n_nudges=0).items()
    }
    for _ in range(policies):
        new = drawn_policy(rng).pacing
        fresh, _ = call.judged(ANALYSIS, new)
        assert plain(fresh) == plain(Rejudging(ANALYSIS, recorded=old, pacing=new).verdicts(tape))
        shown = {nudge.rule for nudge in fresh.nudges}
        flagged = {flag.rule for flag in fresh.flags} | shown
        for rule in RULES:
            assert not says_nothing(rule.name, screens, new, recorded=old)[0] or rule.name not in flagged
            silent = says_nothing(rule.name, screens, new, recorded=old, shown=True)
            assert not silent[0] or rule.name not in shown


def check_the_same(seed: int, *, policies: int) -> int:
    """Compare lines with those before, where the screens say that they are the same; return how often."""
    rng = np.random.default_rng(seed)
    verdicts, tape = DrawnCall(seed, seconds=90.0).judged(ANALYSIS, SHIPPED.pacing, CallFacts())
    assert tape is not None
    screens = {
        name: np.array([np.nan if value is None else value])
        for name, value in screens_of(tape, ANALYSIS, SHIPPED.pacing, flags=verdicts.flags, n_nudges=0).items()
    }
    n_same = 0
    for _ in range(policies):
        section = str(rng.choice([*(rule.name for rule in RULES), "left_waiting", "dead_air"]))  # these more often
        drawn = drawn_policy(rng).pacing.rules[section]
        if rng.random() < 0.5:  # one key only
            name = rng.choice([spec.name for spec in fields(drawn) if spec.name != "enabled"])
            try:
                drawn = replace(SHIPPED.pacing.rules[section], **{name: getattr(drawn, name)})
            except SettingError:
                continue
        new = replace(SHIPPED.pacing, rules={**SHIPPED.pacing.rules, section: drawn})
        for rule in changed_rules(SHIPPED.pacing, new):
            if says_the_same(rule, screens, new, recorded=SHIPPED.pacing)[0]:
                n_same += 1
                for walk in (tape.live, tape.settled):
                    before, after = (
                        lines_again(tape, walk, ANALYSIS, policy, recorded=SHIPPED.pacing, only={rule})
                        for policy in (SHIPPED.pacing, new)
                    )
                    assert _seen(before) == _seen(after)
            if says_as_often(rule, screens, new, recorded=SHIPPED.pacing)[0]:
                again = Rejudging(ANALYSIS, recorded=SHIPPED.pacing, pacing=new).flags(tape, only={rule})
                counted = Counter(flag.severity for flag in verdicts.flags if flag.rule == rule)
                assert counted == Counter(flag.severity for flag in again)
    return n_same


def _seen(lines: list) -> list[tuple]:
    return [
        (line.flag_id, line.state, line.severity, line.start, line.end, line.decided_at, line.measured, line.limit)
        for line in lines
    ]


@given(seed=st.integers(0, 2**32 - 1))
@examples(max_examples=8)
def test_lines_of_which_screens_say_that_they_stay_the_same_do(seed):
    check_the_same(seed, policies=12)


def test_screens_say_of_some_lines_that_they_stay_the_same():
    assert sum(check_the_same(seed, policies=12) for seed in range(3))


@pytest.mark.slow
@given(seed=st.integers(0, 2**32 - 1))
@examples(max_examples=24)
def test_lines_of_many_calls_of_which_screens_say_that_they_stay_the_same_do(seed):
    check_the_same(seed, policies=40)


@given(seed=st.integers(0, 2**32 - 1))
@examples(max_examples=8)
def test_a_call_judged_again_has_the_verdicts_of_a_fresh_analysis(seed):
    """Flags with rule, severity, place, figures and time of decision; whole-call flags; nudges."""
    check(seed, policies=2, seconds=90.0)


@pytest.mark.slow
@given(seed=st.integers(0, 2**32 - 1), seconds=st.sampled_from([15.0, 120.0, 400.0]))
@examples(max_examples=16)
def test_many_calls_judged_again_have_the_verdicts_of_a_fresh_analysis(seed, seconds):
    check(seed, policies=4, seconds=seconds)


def test_the_screens_are_those_that_are_documented():
    tape = recorded(DrawnCall(1), SHIPPED.pacing)
    assert list(SCREENS) == list(screens_of(tape, ANALYSIS, SHIPPED.pacing, flags=(), n_nudges=0))
    assert screens_of(None, ANALYSIS, SHIPPED.pacing, flags=(), n_nudges=0) == dict.fromkeys(SCREENS)
