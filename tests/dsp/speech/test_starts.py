"""Values that the noise floor and the leak predictor start with: used at first, then replaced by measurement."""

import math

import numpy as np
import pytest

from dsp.speech.bands import N_BANDS
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


def leak_rows(gain_db: float, lag: int = 4) -> np.ndarray:
    """The far side talks for 2 s in every 3, and the near one has it `lag` rows later, as speech to the detector."""
    rng = np.random.default_rng(1)
    far = np.repeat(rng.normal(-40, 9, (600, N_BANDS)), 5, axis=0)
    far[np.arange(3_000) % 150 >= 100] = -90
    near = np.maximum(np.roll(far, lag, axis=0) + gain_db, -80)
    noise = rng.normal(0, 1, (2, 3_000, N_BANDS))
    near_speaks, far_speaks = (np.roll(far, lag, axis=0) > -60).any(axis=1), (far > -60).any(axis=1)
    return np.column_stack((near + noise[0], far + noise[1], near_speaks, far_speaks)).astype(np.float32)


def expecting() -> LeakagePredictor:
    return LeakagePredictor(max_lag=75, min_correlation=0.6, start_gain_db=-40.0)


def test_an_expected_leak_is_predicted_until_the_leak_is_measured():
    """Judged every fifteen seconds, 750 rows: before, the leak is 40 dB below the far side's loudest quarter second."""
    rows, predictor = leak_rows(-20.0), expecting()
    first = predictor.process(rows[:90])
    far = np.power(10.0, rows[:90, N_BANDS : 2 * N_BANDS] / 10).sum(axis=1)
    loudest = np.array([far[max(0, k - 12) : k + 1].max() for k in range(90)])
    assert first[13:] == pytest.approx(1e-4 * loudest[13:], rel=0.5)
    assert math.isnan(predictor.state.gain_db)
    predictor.process(rows[90:])
    assert predictor.state.gain_db == pytest.approx(-20.0, abs=2.0)


def test_an_expected_leak_that_is_not_there_is_given_up():
    """The near side holds soft talk of its own, in which nothing of the far side is found."""
    rows, predictor = leak_rows(-20.0), expecting()
    rng = np.random.default_rng(2)
    talks = np.repeat(rng.uniform(size=60) < 0.6, 50)
    soft = np.repeat(rng.normal(-65, 5, (600, N_BANDS)), 5, axis=0)
    rows[:, :N_BANDS] = np.where(talks[:, None], soft, rng.normal(-85, 1, soft.shape))
    rows[:, 2 * N_BANDS] = talks
    predictor.process(rows)
    assert not predictor.process(rows).any()


def test_a_reset_leak_predictor_expects_its_leak_again():
    rows, predictor = leak_rows(-20.0), expecting()
    expected = predictor.process(rows)
    predictor.reset()
    np.testing.assert_array_equal(expected, predictor.process(rows))
