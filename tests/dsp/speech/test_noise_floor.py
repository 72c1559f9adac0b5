import numpy as np
import pytest

from dsp.core.stft import Analyser, hann, power
from dsp.speech.bands import band_matrix
from dsp.speech.noise_floor import NoiseFloor

TOLERANCE_DB = 1.0  # of a floor averaged over a minute; a band of one bin errs most


def band_powers(x):
    return power(Analyser(hann(160), 80, lead=80).process(x.astype(np.float32))) @ band_matrix(160, 8000)


def decibels(ratio):
    return 10 * np.log10(ratio)


def floor_of(x):
    return NoiseFloor(24, memory=40.0, bias=2.0).process(band_powers(x))


@pytest.mark.parametrize("level", [1e-4, 1e-2, 1.0])
def test_the_floor_of_white_noise_is_its_power_at_any_level(level):
    """Analytic: nothing but noise, so the floor is the mean power of each band."""
    x = level * np.random.default_rng(1).normal(size=8000 * 30)
    error = decibels(floor_of(x)[500:].mean(axis=0) / band_powers(x)[500:].mean(axis=0))
    assert np.abs(error).max() < TOLERANCE_DB


def test_bursts_of_tone_do_not_lift_the_floor():
    rng = np.random.default_rng(2)
    t = np.arange(8000 * 20) / 8000
    noise = 0.01 * rng.normal(size=len(t))
    speech_like = 0.3 * np.sin(2 * np.pi * 1000 * t) * (np.sin(2 * np.pi * 3 * t) > -0.5)
    lift = decibels(floor_of(noise + speech_like)[500:].mean(axis=0) / floor_of(noise)[500:].mean(axis=0))
    assert lift.max() < 3.0  # the band of the tone itself; its power stands 30 dB over the noise


def test_a_rise_of_the_noise_is_followed_within_three_seconds():
    rng = np.random.default_rng(3)
    x = rng.normal(size=8000 * 12) * np.where(np.arange(8000 * 12) < 8000 * 6, 0.01, 0.1)
    after = floor_of(x)[900:].mean(axis=0) / band_powers(x)[900:].mean(axis=0)
    assert np.abs(decibels(after)).max() < 2.0


def test_digital_silence_is_a_floor_above_zero():
    assert NoiseFloor(3, memory=40.0, bias=2.0).process(np.zeros((500, 3), np.float32)).min() > 0
