"""Tones with harmonics and noise put in on purpose."""

import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.measurement.distortion import tone_distortion

RATE = 48_000


def _tone(hertz: float, amplitude: float = 0.3, seconds: float = 2.0) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE + 0.4)


@pytest.mark.parametrize("hertz", [250.0, 997.0, 1003.37])
def test_harmonics_put_in_are_read_out(hertz):
    """Analytic: THD is the root of the summed squares of what was put in, 1 % and 0.5 %."""
    x = _tone(hertz) + _tone(2 * hertz, 0.003) + _tone(3 * hertz, 0.0015)
    found = tone_distortion(x, RATE)
    assert found.frequency_hz == pytest.approx(hertz, abs=1e-3)
    assert found.level_dbov == pytest.approx(20 * np.log10(0.3) - 3.01, abs=0.01)
    assert found.thd == pytest.approx(np.hypot(0.01, 0.005), rel=0.005)
    assert found.harmonics[:2] == pytest.approx((0.01, 0.005), rel=0.01)
    assert found.thd_n_to_fundamental == pytest.approx(found.thd, rel=0.01)
    assert not found.bounded


def test_a_polynomial_distorts_as_it_must():
    """Analytic: x + 0.02 x^2 + 0.01 x^3, see the sweep's test."""
    x = _tone(997.0, 0.5)
    found = tone_distortion(x + 0.02 * x**2 + 0.01 * x**3, RATE)
    fundamental = 1 + 0.0075 * 0.25
    assert found.harmonics[:2] == pytest.approx((0.005 / fundamental, 0.000625 / fundamental), rel=0.005)


def test_noise_counts_in_thd_n_within_the_band_alone():
    """Analytic: white noise of -60 dBov holds 6900 / 24000 of its power between 100 Hz and 7 kHz."""
    x = _tone(997.0) + np.random.default_rng(1).normal(0, 1e-3, 2 * RATE)
    found = tone_distortion(x, RATE)
    noise = 1e-6 * 6_900 / 24_000
    assert found.thd_n_to_fundamental == pytest.approx(np.sqrt(noise / 0.045), rel=0.03)
    assert found.bounded
    wide = tone_distortion(x, RATE, low_hz=20, high_hz=20_000)
    assert wide.thd_n > 1.5 * found.thd_n
    assert (wide.low_hz, wide.high_hz) == (20, 20_000)


def test_a_clean_tone_has_next_to_no_distortion():
    found = tone_distortion(_tone(997.0), RATE)
    assert found.thd < 1e-5
    assert found.thd_n < 1e-6


def test_without_a_harmonic_in_the_band_there_is_no_thd():
    assert np.isnan(tone_distortion(_tone(4_000.0), RATE).thd)


def test_bad_takes_are_refused_in_a_sentence():
    with pytest.raises(ParameterError, match=r"0\.25 s"):
        tone_distortion(np.ones(100), RATE)
    with pytest.raises(ParameterError, match="silent"):
        tone_distortion(np.zeros(RATE), RATE)
    with pytest.raises(ParameterError, match="widen the band"):
        tone_distortion(_tone(997.0), RATE, frequency_hz=9_000)
