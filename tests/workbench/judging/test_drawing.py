"""Samples are drawn from the calls that fit a filter, and each call says why it was drawn."""

import pytest

from cxaudio.errors import UsageError
from cxaudio.workbench.judging.drawing import FrameSize, drawn_calls, frame_figures, frame_size
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.statistics.sampling import SampleDesign
from support.flagged_store import MadeCall, MadeFlag, flagged_store, sound_of

NEAR = MadeFlag(measured=1.05)
NOTE = MadeFlag(severity="note", measured=1.01)
SEVERE = MadeFlag(severity="severe", measured=1.01)
CALLS = [
    MadeCall(flags=[SEVERE, MadeFlag(rule="dead_air")]),
    MadeCall(flags=[MadeFlag(rule="dead_air", measured=1.5), NEAR]),
    MadeCall(flags=[NOTE]),
    *[MadeCall() for _ in range(5)],
    *[MadeCall(agent="Bo", flags=[MadeFlag()] if n < 2 else (), duration_s=720.0) for n in range(4)],
]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> Snapshot:
    return Snapshot.of_store(flagged_store(tmp_path_factory.mktemp("drawing") / "store", CALLS))


def design(n: int, *, per_agent: bool = True, seed: int = 1, **shares: float) -> SampleDesign:
    return SampleDesign(n=n, per_agent=per_agent, shares=shares or {"random": 1.0}, seed=seed)


def test_the_frame_is_what_the_filter_passes(snapshot):
    """Hard to judge is only call 1: notes are no flags, and a severe flag near its limit would still be a flag."""
    expected = FrameSize(n_calls=12, n_agents=2, n_found=4, n_hard=1, n_judged=12)
    assert expected == frame_size(snapshot, CallFilter())
    assert FrameSize(n_calls=4, n_agents=1, n_found=2, n_hard=0, n_judged=12) == frame_size(
        snapshot, CallFilter(agents=("Bo",))
    )
    figures = frame_figures(snapshot, CallFilter())
    assert {"n_calls": 12, "hours": pytest.approx(1.6), "flags": {"dead_air": 2, "rushing": 4}} == figures


def test_each_call_says_why_it_was_drawn(snapshot):
    drawn = drawn_calls(snapshot, CallFilter(), design(4, worst=0.25, unsure=0.25, random=0.5))
    by_stratum = {each.stratum: each for each in drawn if each.group == "Ada"}
    assert (sound_of(0), 1.0) == (by_stratum["worst"].sound_id, by_stratum["worst"].chance)
    assert {"n_from": 8, "n_drawn": 1, "n_group": 8, "place": 1, "n_severe": 1, "n_flag": 1, "n_whole_call": 0} == (
        by_stratum["worst"].why
    )
    assert sound_of(1) == by_stratum["unsure"].sound_id
    assert {"n_from": 1, "n_drawn": 1, "n_group": 8, "rule": "rushing", "measured": 1.05, "limit": 1.0,
            "unit": "ratio"} == by_stratum["unsure"].why  # fmt: skip
    assert {"n_from": 6, "n_drawn": 2, "n_group": 8} == by_stratum["random"].why
    assert pytest.approx(2 / 6) == by_stratum["random"].chance


def test_the_same_seed_draws_the_same_calls_also_of_all_agents_together(snapshot):
    first, again, other = (
        [each.sound_id for each in drawn_calls(snapshot, CallFilter(), design(6, per_agent=False, seed=seed))]
        for seed in (5, 5, 6)
    )
    assert first == again
    assert sorted(first) != sorted(other)


def test_no_call_that_fits_is_refused(snapshot):
    with pytest.raises(UsageError, match="no call fits this filter"):
        drawn_calls(snapshot, CallFilter(agents=("Nobody",)), design(3))
