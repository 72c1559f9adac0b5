"""The leak predictor on envelopes whose leak is known."""

import math

import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32
from dsp.speech.leakage import LeakagePredictor


def talk(n: int, seed: int) -> Float32:
    """Envelope of somebody who talks: syllables of changing strength, with pauses."""
    rng = np.random.default_rng(seed)
    syllables = np.repeat(rng.lognormal(0, 1.2, n // 10 + 1), 10)[:n]
    speaking = np.repeat(rng.random(n // 150 + 1) < 0.5, 150)[:n]
    return (1e-3 * syllables * speaking + 1e-8).astype(np.float32)


def ticks(near: Float32, noise: float, far: Float32) -> Float32:
    return np.stack((near, np.full(len(near), noise, np.float32), far, (far > 1e-5).astype(np.float32)), axis=1)


@pytest.mark.parametrize("gain_db", [-20.0, -34.0, -45.0])
@pytest.mark.parametrize("lag", [0, 7, 20])
def test_gain_and_lag_of_a_leak_are_found(gain_db: float, lag: int):
    """Analytic: the near side is the far one delayed and weakened, over noise 20 dB below the leak's mean."""
    far = talk(6_000, 1)
    leak = np.roll(far, lag) * 10 ** (gain_db / 10)
    noise = float(leak.mean() / 100)
    predictor = LeakagePredictor(max_lag=25, min_correlation=0.6)
    predicted = predictor.process(ticks((leak + noise).astype(np.float32), noise, far))
    assert abs(predictor.state.lag - lag) <= 1  # every other tick is looked at
    assert predictor.state.gain_db == pytest.approx(gain_db, abs=1.0)
    # The prediction covers the leak: it takes the loudest tick around the lag, never less than the leak itself by 1 dB.
    late = slice(3_000, None)
    assert np.all(predicted[late] >= leak[late] * 10**-0.15)


@pytest.mark.parametrize("noise_db", [-10.0, 0.0])
def test_noise_as_strong_as_the_leak_does_not_raise_its_gain(noise_db: float):
    """Analytic: leak and noise powers add, so near power less noise is the leak, to the last digit."""
    far = talk(6_000, 1)
    leak = 1e-3 * far
    noise = float(leak[far > 1e-5].mean()) * 10 ** (noise_db / 10)
    predictor = LeakagePredictor(max_lag=25, min_correlation=0.6)
    predictor.process(ticks((leak + noise).astype(np.float32), noise, far))
    assert predictor.state.gain_db == pytest.approx(-30.0, abs=0.01)


def test_two_people_who_talk_by_themselves_are_no_leak():
    predictor = LeakagePredictor(max_lag=25, min_correlation=0.6)
    predicted = predictor.process(ticks(talk(12_000, 2), 1e-8, talk(12_000, 3)))
    assert math.isnan(predictor.state.gain_db)
    assert not predicted.any()


def test_own_speech_over_the_leak_does_not_hide_it():
    far, own = talk(12_000, 4), talk(12_000, 5)
    near = own + 1e-3 * far
    predictor = LeakagePredictor(max_lag=25, min_correlation=0.6)
    predictor.process(ticks(near.astype(np.float32), 1e-8, far))
    assert predictor.state.gain_db == pytest.approx(-30, abs=3.0)


def test_parameters_out_of_range_are_refused():
    with pytest.raises(ParameterError, match="max_lag=0"):
        LeakagePredictor(max_lag=0, min_correlation=0.6)
    with pytest.raises(ParameterError, match=r"min_correlation=1\.5"):
        LeakagePredictor(max_lag=25, min_correlation=1.5)
