"""Speech decisions to spurts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from cxaudio.analysis.spurts import SpurtSmoother, SpurtTracker
from cxaudio.model.events import Side, Spurt
from dsp.core.errors import ParameterError, StreamStateError
from dsp.core.stage import run
from support.drawings import CLOCK, letters, track


def plain_smoothing(raw: list[bool], bridge: int, shortest: int, late: int) -> list[bool]:
    """The definition, tick by tick: first fill, then drop, then end sooner."""
    runs: list[list[int]] = []
    for k, speaking in enumerate(raw):
        if speaking and runs and k - runs[-1][1] < max(bridge, 1):
            runs[-1][1] = k + 1
        elif speaking:
            runs.append([k, k + 1])
    smooth = [False] * len(raw)
    for start, end in runs:
        if end - start >= shortest:
            length = end - start - (late if end < len(raw) else 0)
            smooth[start : start + length] = [True] * length
    return smooth


decisions = st.lists(st.tuples(st.booleans(), st.integers(1, 30)), max_size=20).map(
    lambda runs: [value for value, n in runs for _ in range(n)]
)


@given(
    raw=decisions,
    bridge=st.integers(0, 25),
    shortest=st.integers(1, 15),
    late=st.integers(0, 4),
    cuts=st.lists(st.integers(0, 40)),
)
def test_smoothing_is_the_definition_under_any_cutting(
    raw: list[bool], bridge: int, shortest: int, late: int, cuts: list[int]
) -> None:
    """What comes out equals the plain definition, and no more is withheld than is said."""
    late = min(late, shortest - 1)
    smoother = SpurtSmoother(bridge=bridge, shortest=shortest, late=late)
    row = np.array(raw, np.bool_)
    parts, at, n_out = [], 0, 0
    for cut in [*cuts, len(row)]:
        parts.append(smoother.process(row[at : at + cut]))
        at = min(len(row), at + cut)
        n_out += len(parts[-1])
        assert at - n_out <= smoother.latency_ticks
    parts.append(smoother.flush())
    assert_array_equal(np.array(plain_smoothing(raw, bridge, shortest, late), np.bool_), np.concatenate(parts))


def test_smoothing_begins_anew_after_a_reset() -> None:
    """Nothing of the past is left, and a flushed smoother takes no more."""
    smoother = SpurtSmoother(bridge=20, shortest=12)
    row = np.repeat([True, False, True, False], [30, 10, 8, 60])
    first = run(smoother, row)
    with pytest.raises(StreamStateError, match="reset"):
        smoother.process(row)
    smoother.reset()
    assert_array_equal(first, run(smoother, row))


def test_a_run_that_is_long_enough_is_let_through_as_it_comes() -> None:
    """Only the gap behind it is withheld."""
    smoother = SpurtSmoother(bridge=20, shortest=12)
    assert 0 == len(smoother.process(np.ones(11, np.bool_)))
    assert 12 == len(smoother.process(np.ones(1, np.bool_)))
    assert 0 == len(smoother.process(np.zeros(19, np.bool_)))
    assert_array_equal(np.zeros(20, np.bool_), smoother.process(np.zeros(1, np.bool_)))


@pytest.mark.parametrize(("bridge", "shortest"), [(-1, 12), (20, 0)])
def test_lengths_that_cannot_work_are_refused(bridge: int, shortest: int) -> None:
    """The message names the number and the cure."""
    with pytest.raises(ParameterError, match="use"):
        SpurtSmoother(bridge=bridge, shortest=shortest)


def spurts(**lines: str) -> list[Spurt]:
    said = track(SpurtTracker(timebase=CLOCK), **lines)
    assert all(isinstance(event, Spurt) for event in said)
    return [event for event in said if isinstance(event, Spurt)]


def test_a_spurt_is_said_with_its_nuclei_and_level_when_it_has_ended() -> None:
    """Known on its first silent tick."""
    (spurt,) = spurts(agent="..AAAAAAAA...")
    assert (2, 10, Side.AGENT) == (letters(spurt.start), letters(spurt.end), spurt.side)
    assert spurt.decided_at == spurt.end + CLOCK.tick_length
    assert 4 == spurt.n_nuclei  # 0.8 s at 5 a second
    assert -26.0 == pytest.approx(spurt.level_dbov, abs=1e-9)


def test_a_spurt_that_the_call_cuts_ends_with_the_call() -> None:
    """Nothing is lost at the end."""
    (spurt,) = spurts(customer="...cccc")
    assert (3, 7, 7) == (letters(spurt.start), letters(spurt.end), letters(spurt.decided_at))
    assert -32.0 == pytest.approx(spurt.level_dbov, abs=1e-9)


def test_nothing_of_a_hold_is_a_spurt() -> None:
    """Speech ends where the hold begins, and what follows it begins anew with its own nuclei."""
    said = spurts(agent="AAAAAAAAAA.AAAAAAAA..", customer="......HHHHHHHH.......")
    assert [(0, 6), (14, 19)] == [(letters(spurt.start), letters(spurt.end)) for spurt in said]
    assert [3, 3] == [spurt.n_nuclei for spurt in said]


def test_silence_before_speech_counts_nothing_of_the_hold() -> None:
    """Music that sounded like speech adds no syllables to the next spurt."""
    (spurt,) = spurts(agent="AAAAAAAAAA...AAAAAA..", customer="HHHHHHHHHHH..........")
    assert (13, 19, 3) == (letters(spurt.start), letters(spurt.end), spurt.n_nuclei)
