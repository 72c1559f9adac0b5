"""Gates and gain control of a simulated headset, and speech that only looks like them."""

import numpy as np
import pytest

from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.core.errors import ParameterError
from dsp.measurement.dynamics import find_gain_control, find_gate, level_linearity
from support.speech_like import speech_like

RATE = 16_000


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return speech_like(16, np.random.default_rng(1), sample_rate=RATE, rms=0.1)


def _record(speech: np.ndarray, **faults: float) -> np.ndarray:
    return SimulatedHeadset(sample_rate=RATE, **faults).record(np.random.default_rng(2), mouth=speech)


@pytest.mark.parametrize("noise", [-75, -60, -45])
def test_an_even_floor_is_no_gate(speech, noise):
    found = find_gate(_record(speech, noise_dbov=noise), RATE)
    assert not found.found
    assert found.n_pauses >= 5
    assert found.closed_dbov == pytest.approx(noise, abs=1)


def test_a_gate_to_digital_silence_is_found(speech):
    found = find_gate(_record(speech, noise_dbov=-60, gate_dbov=-50), RATE)
    assert (found.found, found.evidence) == (True, "zeros")
    assert found.zero_share > 0.5


def test_it_is_found_although_the_take_has_an_offset(speech):
    assert find_gate(_record(speech, noise_dbov=-60, gate_dbov=-50, offset=0.001), RATE).evidence == "zeros"


@pytest.mark.parametrize("depth", [15.0, 25.0])
def test_a_gate_that_only_lowers_the_noise_is_found_with_depth_and_hold(speech, depth):
    found = find_gate(_record(speech, noise_dbov=-55, gate_dbov=-50, gate_depth_db=depth, gate_hold_s=0.2), RATE)
    assert (found.found, found.evidence) == (True, "closings")
    assert found.depth_db == pytest.approx(depth, abs=2)
    assert found.hold_s == pytest.approx(0.2, abs=0.04)
    assert found.closed_dbov == pytest.approx(-55 - depth, abs=1.5)


def test_a_floor_that_no_microphone_has_is_told(speech):
    quiet = speech + np.random.default_rng(3).normal(0, 1e-5, len(speech))  # -100 dBov, not rounded
    assert find_gate(quiet, RATE).evidence == "floor"


def test_reverberation_is_no_gate(speech):
    rng = np.random.default_rng(4)
    t = np.arange(RATE // 2) / RATE
    room = rng.normal(0, 1, len(t)) * 10 ** (-3 * t / 0.4)  # 0.4 s of reverberation
    wet = speech + 0.05 * np.convolve(speech, room)[: len(speech)]
    assert not find_gate(wet + rng.normal(0, 1e-3, len(wet)), RATE).found


def test_a_take_without_pauses_cannot_be_judged():
    found = find_gate(np.random.default_rng(5).normal(0, 0.1, 4 * RATE), RATE)
    assert (found.found, found.n_pauses) == (False, 0)
    assert np.isnan(found.depth_db)


@pytest.fixture(scope="module")
def steps(speech) -> np.ndarray:
    """Two levels 20 dB apart, 8 s each."""
    gains = np.repeat([0.1, 1.0], len(speech) // 2)
    return speech[: len(gains)] * gains


@pytest.mark.parametrize("slope", [1.0, 0.5, 0.2])
def test_the_slope_of_gain_control_is_found(steps, slope):
    # Slower than syllables, faster than the window; the time it needs at the step is one window in ten.
    found = find_gain_control(steps, _record(steps, noise_dbov=-80, control_slope=slope, control_s=0.5), RATE)
    assert found.found == (slope < 0.8)
    assert found.slope == pytest.approx(slope, abs=0.1)
    assert found.input_range_db == pytest.approx(20, abs=2)
    assert found.gain_range_db == pytest.approx((1 - slope) * 20, abs=3)
    assert len(found.times_s) == len(found.gains_db)


def test_a_constant_level_tells_nothing_of_gain_control(speech):
    found = find_gain_control(speech, 0.5 * speech, RATE)
    assert not found.found
    assert np.isnan(found.slope)
    np.testing.assert_allclose(found.gains_db, -6.02, atol=0.01)


def test_a_line_through_levels_has_its_slope_and_error():
    """Analytic: y = 0.6 x + 3 exactly, then with residuals of +-1 dB at the ends."""
    x = np.array([-40.0, -30, -20, -10])
    assert level_linearity(x, 0.6 * x + 3) == pytest.approx((0.6, 0.0), abs=1e-9)
    slope, error = level_linearity(x, 0.6 * x + np.array([1.0, -1, -1, 1]))
    assert slope == pytest.approx(0.6)
    assert error == pytest.approx(np.sqrt(4 / 2 / 500))


def test_bad_takes_are_refused_in_a_sentence(speech):
    with pytest.raises(ParameterError, match="a second"):
        find_gate(np.zeros(100), RATE)
    with pytest.raises(ParameterError, match="overlap"):
        find_gain_control(speech, speech, RATE, delay_samples=len(speech))
    with pytest.raises(ParameterError, match="pairs"):
        level_linearity(np.zeros(3), np.zeros(4))


@pytest.mark.parametrize(("seconds", "enough"), [(0.45, False), (0.75, True)])
def test_gain_control_needs_two_windows_of_speech(seconds, enough):
    """Windows of 1 s begin each half second; the second holds a fifth of sound or more only in the longer burst."""
    burst = np.zeros(2 * RATE)
    burst[: round(seconds * RATE)] = np.random.default_rng(6).normal(0, 0.1, round(seconds * RATE))
    if enough:
        assert not find_gain_control(burst, burst, RATE, window_s=1.0).found
    else:
        with pytest.raises(ParameterError, match="less than two windows"):
            find_gain_control(burst, burst, RATE, window_s=1.0)
