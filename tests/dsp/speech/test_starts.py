"""Values that the noise floor and the leak predictor start with: used at first, then replaced by measurement."""

import math

import numpy as np
import pytest

from dsp.speech.leakage import LeakagePredictor
from dsp.speech.noise_floor import NoiseFloor


def test_a_noise_floor_starts_no_higher_than_expected_and_measurement_replaces_it_within_two_seconds():
    power = np.full((400, 2), 4.0, np.float32)
    floor = NoiseFloor(2, memory=40, bias=1.0, start=np.full(2, 0.1, np.float32)).process(power)
    assert floor[100] == pytest.approx([0.1, 0.1], rel=1e-3)
    assert floor[-1] == pytest.approx([4.0, 4.0], rel=0.05)


def test_an_expected_noise_above_the_measured_one_changes_nothing():
    power = np.full((50, 2), 4.0, np.float32)
    expected = NoiseFloor(2, memory=40, bias=1.0).process(power)
    np.testing.assert_array_equal(
        expected, NoiseFloor(2, memory=40, bias=1.0, start=np.full(2, 9.0, np.float32)).process(power)
    )


def test_a_reset_noise_floor_starts_at_the_expected_noise_again():
    power = np.full((400, 2), 4.0, np.float32)
    stage = NoiseFloor(2, memory=40, bias=1.0, start=np.full(2, 0.1, np.float32))
    expected = stage.process(power)
    stage.reset()
    np.testing.assert_array_equal(expected, stage.process(power))


def leak_ticks(gain_db: float, lag: int = 5) -> np.ndarray:
    """The far side speaks every other second, in changing strength, and is picked up `lag` ticks later."""
    far = np.tile(np.repeat([1e-2, 1e-8], 100), 10) * np.tile([1.0, 0.2, 0.05, 0.6, 0.3], 400)
    near = 10 ** (gain_db / 10) * np.roll(far, lag) + 1e-9
    return np.stack([near, np.full(2_000, 1e-9), far, far > 1e-6], axis=1).astype(np.float32)


def test_an_expected_leak_is_predicted_at_any_lag_until_the_leak_is_measured():
    ticks = leak_ticks(-20.0)
    predictor = LeakagePredictor(max_lag=25, min_correlation=0.6, start_gain_db=-40.0)
    first = predictor.process(ticks[:90])
    loudest = np.maximum.accumulate(ticks[:90, 2])  # a quarter of a second holds every strength
    assert first[30:] == pytest.approx(1e-4 * loudest[30:], rel=1e-3)
    assert math.isnan(predictor.state.gain_db)
    predictor.process(ticks[90:])
    assert predictor.state.gain_db == pytest.approx(-20.0, abs=1.0)


def test_an_expected_leak_that_is_not_there_is_given_up():
    ticks = leak_ticks(-20.0)
    ticks[:, 0] = 1e-9 * np.random.default_rng(2).uniform(0.5, 1.5, len(ticks))
    predictor = LeakagePredictor(max_lag=25, min_correlation=0.6, start_gain_db=-40.0)
    predictor.process(ticks)
    assert not predictor.process(ticks).any()


def test_a_reset_leak_predictor_expects_its_leak_again():
    ticks = leak_ticks(-20.0)
    predictor = LeakagePredictor(max_lag=25, min_correlation=0.6, start_gain_db=-40.0)
    expected = predictor.process(ticks)
    predictor.reset()
    np.testing.assert_array_equal(expected, predictor.process(ticks))
