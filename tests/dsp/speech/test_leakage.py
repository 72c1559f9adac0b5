"""The leak predictor on band levels whose leak is known."""

import math

import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS
from dsp.speech.leakage import LeakagePredictor

NOISE_DBFS = -75.0  # of a band


def sound(talks: np.ndarray, seed: int) -> Float32:
    """Mean squares of the bands of somebody who talks: sounds of 100 ms, each with bands of its own."""
    rng = np.random.default_rng(seed)
    levels = rng.normal(-38, 9, (len(talks) // 5 + 1, N_BANDS)).repeat(5, axis=0)[: len(talks)]
    return (10 ** (levels / 10) * talks[:, None]).astype(np.float32)


def turns(n: int) -> np.ndarray:
    """Rows in which the far side talks: 2.6 s of every 5.2 s."""
    return np.arange(n) % 260 < 130


def rows(near: Float32, far: Float32) -> Float32:
    """The predictor's rows: what stands 12 dB above the noise is taken for speech."""
    rng = np.random.default_rng(9)
    noise = 10 ** ((NOISE_DBFS + rng.normal(0, 2, (2, *near.shape))) / 10)
    sides = near + noise[0], far + noise[1]
    speaks = [side.sum(axis=1) > 16 * N_BANDS * 10 ** (NOISE_DBFS / 10) for side in sides]
    return np.column_stack((*(10 * np.log10(side) for side in sides), *speaks)).astype(np.float32)


def leak_of(far: Float32, lag: int, gain_db: float) -> Float32:
    late = np.roll(far, lag, axis=0)
    late[:lag] = 0
    return late * np.float32(10 ** (gain_db / 10))


@pytest.mark.parametrize("gain_db", [-10.0, -20.0, -30.0])
@pytest.mark.parametrize("lag", [0, 7, 75])
def test_gain_and_lag_of_a_leak_are_found(gain_db: float, lag: int):
    """Analytic: the near side is the far one delayed and weakened, over noise."""
    far = sound(turns(1_500), 1)
    leak = leak_of(far, lag, gain_db)
    predictor = LeakagePredictor(max_lag=75, min_correlation=0.6)
    predicted = predictor.process(rows(leak, far))
    assert predictor.state.lag == lag
    assert predictor.state.gain_db == pytest.approx(gain_db, abs=1.0)
    late = slice(1_000, None)
    assert np.all(predicted[late] >= leak[late].sum(axis=1) * 10**-0.3), "a prediction never falls short by 3 dB"


def test_a_leak_that_begins_in_mid_call_is_found_and_dropped_when_it_ends():
    """Analytic: it is known at most two blocks of 15 s after it began, and forgotten two after it ended."""
    far = sound(turns(6_000), 1)
    leak = leak_of(far, 12, -15.0)
    leak[:1_500] = leak[4_000:] = 0
    own = sound(~turns(6_000), 2)
    predicted = LeakagePredictor(max_lag=75, min_correlation=0.6).process(rows(leak + own, far))
    assert not predicted[:1_500].any()
    found = predicted[3_000:4_000] >= leak[3_000:4_000].sum(axis=1) * 10**-0.3
    assert found.mean() > 0.98
    assert not predicted[5_500:].any()


def test_two_people_who_talk_by_themselves_are_no_leak():
    talks = turns(6_000)
    predictor = LeakagePredictor(max_lag=75, min_correlation=0.6)
    predicted = predictor.process(rows(sound(~talks, 2), sound(talks, 3)))
    assert math.isnan(predictor.state.gain_db)
    assert not predicted.any()


def test_own_speech_over_the_leak_does_not_hide_it():
    talks = turns(1_500)
    far, own = sound(talks, 4), sound(~talks | (np.arange(1_500) % 520 // 25 == 2), 5)
    predictor = LeakagePredictor(max_lag=75, min_correlation=0.6)
    predictor.process(rows(own + leak_of(far, 9, -15.0), far))
    assert predictor.state.lag == 9
    assert predictor.state.gain_db == pytest.approx(-15, abs=2.0)


def test_an_expected_leak_is_predicted_until_the_call_has_been_judged():
    """Analytic: the loudest row of the last quarter of a second, weakened by what is expected."""
    far = sound(turns(500), 1)
    predictor = LeakagePredictor(max_lag=75, min_correlation=0.6, start_gain_db=-30.0)
    silent = np.zeros_like(far)
    predicted = predictor.process(rows(silent, far))[:250]
    now = rows(silent, far)[:250, N_BANDS : 2 * N_BANDS]
    assert np.all(predicted >= (10 ** (now / 10)).sum(axis=1) * 10**-3.01)
    assert math.isnan(predictor.state.gain_db)


def test_parameters_out_of_range_are_refused():
    with pytest.raises(ParameterError, match="max_lag=0"):
        LeakagePredictor(max_lag=0, min_correlation=0.6)
    with pytest.raises(ParameterError, match=r"min_correlation=1\.5"):
        LeakagePredictor(max_lag=25, min_correlation=1.5)
