"""What tells a wearer from a room: the inputs of the networks against values by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dsp.speech.bands import N_BANDS
from dsp.speech.wearer import wearer_probability
from dsp.speech.wearer_inputs import (
    N_FIRST,
    N_GROUPS,
    N_SECOND,
    Pairs,
    _two_groups,
    band_groups,
    first_inputs,
    loud_level,
    near_level_db,
    second_inputs,
)

SINGLE = 1e-4  # arithmetic in single precision, decibels


def test_pairs_hold_speech_where_one_tick_does():
    pairs = Pairs(np.array([0, 1, 0, 0, 1], bool))
    assert 3 == pairs.count
    assert_array_equal([0, 2], pairs.at)
    assert_array_equal([1.5, 3.5, 5.0], pairs.means(np.array([1, 2, 3, 4, 5], np.float32)))


def test_groups_add_up_to_the_power_of_all_bands():
    bands = np.random.default_rng(1).uniform(-90, -20, (7, N_BANDS)).astype(np.float32)
    groups = band_groups(bands)
    assert (N_GROUPS, 7) == groups.shape
    assert_allclose((10 ** (bands / 10.0)).sum(axis=1), groups.sum(axis=0), rtol=SINGLE)


@pytest.mark.parametrize(("n_pairs", "rank"), [(10_000, 300), (1_000, 100), (150, 50)])
def test_the_loud_level_is_reached_by_3_percent_but_at_least_by_2_s_and_at_most_by_a_third(n_pairs, rank):
    levels = np.random.default_rng(2).permutation(n_pairs).astype(np.float32)
    assert n_pairs - 1 - rank == loud_level(levels)


def test_two_groups_are_divided_between_them():
    """A quarter of the levels at -20 dB, the rest at -2 dB: the limit lies between, all variance lies between them."""
    level = np.array([-20.5] * 25 + [-2.5] * 75, np.float32)
    limit, apart, share = _two_groups(level)
    assert -20 <= limit <= -3
    assert apart == pytest.approx(1.0)
    assert share == 0.25


def ticks(levels_db: list[float]) -> tuple[np.ndarray, ...]:
    """Ticks of equal stretches of these levels, all of them speech with a flat spectrum, over noise of -80 dBFS."""
    power = np.repeat(10 ** (np.array(levels_db) / 10), 200).astype(np.float32)
    bands = np.repeat(10 * np.log10(power[::2, None] / N_BANDS), N_BANDS, axis=1).astype(np.float32)
    n = len(power)
    return power, np.full(n, 1e-8, np.float32), np.ones(n, np.float32), np.ones(n, bool), band_groups(bands)


def test_levels_are_those_below_the_wearer_in_tens_of_decibels():
    power, noise, probability, speaking, groups = ticks([-20, -38, -20])
    inputs = first_inputs(Pairs(speaking), power, noise, probability, groups)
    assert (300, N_FIRST) == inputs.shape
    assert_allclose(0.0, inputs[50, :5], atol=SINGLE)
    assert_allclose([-1.8, -1.8, -1.8], inputs[145, :3], atol=SINGLE)  # 1 s from both edges
    assert_allclose([0.0, 0.0], inputs[145, 3:5], atol=SINGLE)  # the loudest within 1 s and within 4 s
    assert_allclose(-6.0, inputs[:, 9], atol=SINGLE)  # noise
    assert_allclose(0.0, inputs[150, 14 : 14 + 2 * N_GROUPS], atol=1e-3)  # the wearer's own spectrum


def test_the_same_sound_at_another_level_is_judged_alike():
    power, noise, probability, speaking, groups = ticks([-20, -38, -20, -30])
    expected = first_inputs(Pairs(speaking), power, noise, probability, groups)
    quieter = first_inputs(Pairs(speaking), power * np.float32(0.1), noise * np.float32(0.1), probability, groups / 10)
    assert_allclose(expected, quieter, atol=1e-3)


def test_the_second_network_sees_means_of_the_first_around_each_pair():
    power, noise, probability, speaking, groups = ticks([-20, -38])
    pairs = Pairs(speaking)
    first = first_inputs(pairs, power, noise, probability, groups)
    logit = np.where(np.arange(200) < 100, 4.0, -4.0).astype(np.float32)
    second = second_inputs(pairs, first, logit)
    assert (200, N_SECOND) == second.shape
    assert_allclose([4, 4, 4, 4], second[40, :4], atol=SINGLE)
    assert_allclose([-4, -4], second[160, [0, 1]], atol=SINGLE)
    assert_allclose(0.0, second[:, 7], atol=SINGLE)  # one run of speech: its mean
    assert_allclose(1.0, second[:, 14], atol=SINGLE)  # twice the share of the room


def test_a_side_with_little_speech_is_all_the_wearers():
    power, noise, probability, speaking, groups = ticks([-20, -38])
    speaking[290:] = False
    assert 1.0 == wearer_probability(power, noise, probability, speaking, groups).min()


def test_speech_nearly_as_loud_as_the_wearers_is_the_wearers():
    power, noise, probability, speaking, groups = ticks([-20, -26, -20, -45, -26, -45, -45, -45])
    near = near_level_db(first_inputs(Pairs(speaking), power, noise, probability, groups))
    assert_allclose([-6, -6], near[[150, 450]], atol=1e-3)
    result = wearer_probability(power, noise, probability, speaking, groups)
    assert 1.0 == result[2 * np.flatnonzero(near > -7)].min()
    assert result[2 * np.flatnonzero(near < -7)].max() < 1.0


def test_an_odd_number_of_ticks_gives_a_value_for_each():
    power, noise, probability, speaking, groups = ticks([-20, -38, -20])
    cut = [x[:599] for x in (power, noise, probability, speaking)]
    result = wearer_probability(*cut, groups)
    assert (599,) == result.shape
    assert ((result >= 0) & (result <= 1)).all()
