"""What tells a wearer from a room: the inputs of the networks against values by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dsp.speech import wearer_inputs
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
    powers = (10 ** np.random.default_rng(1).uniform(-9, -2, (7, N_BANDS))).astype(np.float32)
    groups = band_groups(powers)
    assert (N_GROUPS, 7) == groups.shape
    assert_allclose(powers.sum(axis=1, dtype=np.float64), groups.sum(axis=0), rtol=SINGLE)


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
    bands = np.repeat(power[::2, None] / np.float32(N_BANDS), N_BANDS, axis=1)
    n = len(power)
    return power, np.full(n, 1e-8, np.float32), np.ones(n, np.float32), np.ones(n, bool), band_groups(bands)


def probability_of_wearer(power, noise, probability, speaking, groups):
    def reader(values):
        return lambda first, last: values[..., first:last]

    means = [reader(Pairs(speaking).means(x)) for x in (power, noise, probability)]
    return wearer_probability(speaking, power=means[0], noise=means[1], probability=means[2], groups=reader(groups))


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
    assert 1.0 == probability_of_wearer(power, noise, probability, speaking, groups).min()


def test_speech_nearly_as_loud_as_the_wearers_is_the_wearers():
    power, noise, probability, speaking, groups = ticks([-20, -26, -20, -45, -26, -45, -45, -45])
    near = near_level_db(first_inputs(Pairs(speaking), power, noise, probability, groups))
    assert_allclose([-6, -6], near[[150, 450]], atol=1e-3)
    result = probability_of_wearer(power, noise, probability, speaking, groups)
    assert 1.0 == result[2 * np.flatnonzero(near > -7)].min()
    assert result[2 * np.flatnonzero(near < -7)].max() < 1.0


def test_an_odd_number_of_ticks_gives_a_value_for_each():
    power, noise, probability, speaking, groups = ticks([-20, -38, -20])
    cut = [x[:599] for x in (power, noise, probability, speaking)]
    result = probability_of_wearer(*cut, groups)
    assert (599,) == result.shape
    assert ((result >= 0) & (result <= 1)).all()


def around(x, n, step):
    """Plain definition of what is around each value: `step` of the nearest n, the ends mirrored."""
    padded = np.pad(x, (n // 2, n // 2), mode="symmetric")
    return np.array([step(padded[k : k + n]) for k in range(len(x))])


def test_a_recording_of_many_pieces_is_judged_as_if_it_were_worked_at_once():
    """Two pieces and a bit: levels, spectra and the second network's means over what lies around each pair."""
    rng = np.random.default_rng(6)
    n_pairs = 2 * wearer_inputs._PIECE + 1000
    power = np.repeat(10 ** rng.uniform(-6, -2, n_pairs), 2).astype(np.float32)
    speaking = np.repeat(rng.random(n_pairs // 50 + 1) < 0.6, 100)[: 2 * n_pairs]
    groups = (10 ** rng.uniform(-8, -3, (N_GROUPS, n_pairs))).astype(np.float32)
    pairs = Pairs(speaking)
    first = first_inputs(pairs, power, power * np.float32(0.01), speaking.astype(np.float32), groups)
    level = 10 * np.log10(around(power[::2].astype(np.float64), 3, np.mean))
    level = np.maximum(level - loud_level(around(level, 11, np.max)[pairs.at]), -45)
    assert_allclose(level[pairs.at] / 10, first[:, 0], atol=SINGLE)
    assert_allclose(around(level, 101, np.max)[pairs.at] / 10, first[:, 3], atol=SINGLE)
    blocks = around(np.pad(level, (0, -n_pairs % 8), constant_values=-45).reshape(-1, 8).max(axis=1), 51, np.max)
    assert_allclose(blocks[pairs.at // 8] / 10, first[:, 4], atol=SINGLE)
    before, behind = (np.pad(level, width, mode="symmetric") for width in ((14, 0), (0, 14)))
    assert_allclose([before[k : k + 15].max() / 10 for k in pairs.at], first[:, 5], atol=SINGLE)
    assert_allclose([behind[k : k + 15].max() / 10 for k in pairs.at], first[:, 6], atol=SINGLE)
    assert_allclose(around(level, 25, np.mean)[pairs.at] / 10, first[:, 7], atol=SINGLE)
    shape = 10 * np.log10([around(group, 51, np.mean)[pairs.at] for group in groups.astype(np.float64)])
    shape -= shape.mean(axis=0)
    shape -= shape[:, first[:, 1] > -0.8].mean(axis=1, keepdims=True)
    assert_allclose(np.clip(shape, -25, 25).T / 10, first[:, 18:22], atol=SINGLE)

    logit = rng.normal(0, 3, len(pairs.at)).astype(np.float32)
    second = second_inputs(pairs, first, logit)
    said, present = np.zeros((2, n_pairs))
    said[pairs.at], present[pairs.at] = logit.clip(-8, 8), 1
    share = around(said, 501, np.mean)[pairs.at] / around(present, 501, np.mean)[pairs.at]
    assert_allclose(share, second[:, 4], atol=SINGLE)
    assert_allclose(around(np.where(present > 0, said, 8), 31, np.min)[pairs.at], second[:, 6], atol=SINGLE)
