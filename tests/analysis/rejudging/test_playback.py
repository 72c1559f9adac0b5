"""A stored call that is judged again says what a fresh analysis under that policy says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.rejudging.facts import CallFacts
from cxaudio.analysis.rejudging.playback import Rejudging
from cxaudio.analysis.rejudging.screens import SCREENS, says_nothing, screens_of
from cxaudio.analysis.rejudging.tape import Tape, read_tape, write_tape
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


@given(seed=st.integers(0, 2**32 - 1))
@examples(max_examples=8)
def test_a_call_judged_again_has_the_verdicts_of_a_fresh_analysis(seed):
    """Flags with rule, severity, place, figures and time of decision; whole-call flags; nudges."""
    check(seed, policies=2, seconds=90.0)


@pytest.mark.slow
@given(seed=st.integers(0, 2**32 - 1), seconds=st.sampled_from([15.0, 120.0, 400.0]))
@examples(max_examples=40)
def test_many_calls_judged_again_have_the_verdicts_of_a_fresh_analysis(seed, seconds):
    check(seed, policies=4, seconds=seconds)


def test_the_screens_are_those_that_are_documented():
    tape = recorded(DrawnCall(1), SHIPPED.pacing)
    assert list(SCREENS) == list(screens_of(tape, ANALYSIS, SHIPPED.pacing, flags=(), n_nudges=0))
    assert screens_of(None, ANALYSIS, SHIPPED.pacing, flags=(), n_nudges=0) == dict.fromkeys(SCREENS)
