"""Sides that are seconds apart, drift, or lack sound: dialogues of known truth."""

import numpy as np
import pytest
from numpy.typing import NDArray

from cxaudio.analysis.settling import sides_in_step
from cxaudio.analysis.settling.sides_in_step import OutOfStep, find_out_of_step

Talk = NDArray[np.bool_]


def dialogue(seconds: int = 300, seed: int = 1) -> Talk:
    """Turns of 1.5 to 7 s; an answer comes 0.5 s before to 1 s after the end; signs of listening inside turns."""
    rng = np.random.default_rng(seed)
    talk = np.zeros((2, 100 * seconds), np.bool_)
    at, side = 100, 0
    while at < talk.shape[1]:
        end = at + int(rng.uniform(150, 700))
        talk[side, at:end] = True
        if rng.random() < 0.3:
            middle = (at + end) // 2
            talk[1 - side, middle : middle + 40] = True
        at, side = end + int(rng.uniform(-50, 100)), 1 - side
    return talk


def late(talk: Talk, seconds: float, *, since_s: float = 0.0) -> Talk:
    """Move the customer's side; from an instant on, as where sound of the customer's is missing (negative)."""
    at, by = round(100 * since_s), round(100 * seconds)
    moved = talk.copy()
    behind = np.roll(talk[1], by)
    moved[1, at:] = behind[at:]
    return moved


def found(talk: Talk, missing_s: float | None = None) -> OutOfStep | None:
    return find_out_of_step(talk, np.ones_like(talk), missing_s=missing_s)


@pytest.mark.parametrize("seed", range(8))
def test_people_who_take_turns_are_in_step(seed: int):
    assert found(dialogue(seed=seed)) is None
    assert found(dialogue(seed=seed), missing_s=4.0) is None, "what one file lacks at its end moves nothing"


@pytest.mark.parametrize("shift_s", [-8.0, -4.0, 3.0, 6.0])
def test_a_side_that_is_late_or_early_is_out_of_step_by_its_shift(shift_s: float):
    step = found(late(dialogue(), shift_s))
    assert step is not None
    assert (0, 30_000) == (step.first, step.last)
    assert step.shift_s == pytest.approx(shift_s, abs=0.5)


def test_sound_missing_at_one_place_puts_the_rest_out_of_step():
    step = found(late(dialogue(), -6.0, since_s=140))
    assert step is not None
    assert 12_500 <= step.first <= 14_500
    assert step.shift_s == pytest.approx(-6.0, abs=0.5)


def test_a_drift_is_followed_and_told_by_its_largest_shift():
    talk = dialogue()
    talk[1] = talk[1, (np.arange(talk.shape[1]) * 0.983).astype(int)]
    step = found(talk)
    assert step is not None
    assert step.shift_s == pytest.approx(5.1, abs=0.8)


def test_a_known_difference_in_length_needs_less_evidence():
    talk = late(dialogue(30, seed=4), -3.5, since_s=8)
    assert found(talk) is None
    step = found(talk, missing_s=-3.5)
    assert step is not None
    assert step.shift_s == pytest.approx(-3.5, abs=0.3)
    assert found(talk, missing_s=3.5) is None, "the other side's sound would be missing"


def test_a_hard_talker_and_the_same_sound_on_both_sides_are_not_out_of_step():
    talk = dialogue()
    assert found(np.stack((talk[0], talk[0]))) is None
    rude = talk.copy()
    for start in np.flatnonzero(np.diff(talk[0].astype(int)) == 1):
        rude[0, max(start - 80, 0) : start + 1] = True  # the agent comes in 0.8 s early each time
    assert found(rude) is None


def test_too_little_talk_tells_nothing():
    assert found(late(dialogue(20), 4.0)) is None
    assert found(np.zeros((2, 40_000), np.bool_)) is None
    assert found(np.zeros((2, 0), np.bool_)) is None


def test_the_best_jump_and_the_best_line_are_those_of_their_definitions():
    """Every window, shift and slope by itself: what is saved from a window on, and what is left along a line."""
    rng = np.random.default_rng(8)
    most, width = sides_in_step._MOST, sides_in_step._WINDOW
    cost, chance = rng.random((70, 2 * most + 1)), rng.random(70)
    cost[30:, most + 40] *= 0.3
    shifts, slopes = np.arange(-most, most + 1), np.array([-0.02, 0.0, 0.013])

    saved = {
        (first, shift): cost[first:, most].sum() - cost[first:, shift + most].sum() - 1e-6 * abs(shift)
        for first in range(70)
        for shift in shifts.tolist()
    }
    jump = sides_in_step._jump(cost, chance, shifts)
    assert max(saved, key=saved.__getitem__) == (jump.first, jump.shift)
    assert jump.chance == pytest.approx(chance[jump.first :].sum())

    def left(shift: int, slope: float) -> float:
        at = [shift + round(slope * (k + 0.5) * width) + most for k in range(70)]
        return sum(row[x] if 0 <= x < len(row) else usual for row, usual, x in zip(cost, chance, at, strict=True))

    least = min(
        left(shift, slope) + (sides_in_step._DRIFT_COST_S if slope else 0.0) for shift in shifts for slope in slopes
    )
    line = sides_in_step._line(cost, chance, shifts, slopes)
    assert line.left in (pytest.approx(least), pytest.approx(least - sides_in_step._DRIFT_COST_S))
