import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.core.stft import Analyser, hann, power
from dsp.speech.bands import BAND_CENTRES_HZ, N_BANDS, band_matrix, decibel


def band_powers(x, rate):
    hop = rate // 100
    return power(Analyser(hann(2 * hop), hop).process(x.astype(np.float32))) @ band_matrix(2 * hop, rate)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("frequency_hz", [150, 440, 1000, 2345, 3500])
def test_a_tones_bands_add_up_to_its_mean_square(rate, frequency_hz):
    """Analytic: a sine of amplitude 0.5 has a mean square of 1/8, and the triangles add up to one."""
    tone = 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(rate) / rate)
    assert band_powers(tone, rate).sum(axis=1).mean() == pytest.approx(0.125, rel=0.01)


def test_a_tone_at_a_bands_centre_is_loudest_there():
    for band in (0, 5, 12, 23):
        tone = np.sin(2 * np.pi * BAND_CENTRES_HZ[band] * np.arange(8000) / 8000)
        assert band_powers(tone, 8000).mean(axis=0).argmax() == band


def test_direct_current_is_not_heard():
    assert decibel(band_powers(np.full(8000, 0.5), 8000).sum(axis=1)).max() < -90


def test_the_same_sound_reads_the_same_at_either_rate():
    narrow = np.sin(2 * np.pi * 700 * np.arange(8000) / 8000)
    wide = np.sin(2 * np.pi * 700 * np.arange(16000) / 16000)
    np.testing.assert_allclose(decibel(band_powers(narrow, 8000)[10]), decibel(band_powers(wide, 16000)[10]), atol=0.5)


def test_there_are_as_many_bands_as_promised():
    assert len(BAND_CENTRES_HZ) == N_BANDS == band_matrix(160, 8000).shape[1]


def test_a_rate_too_low_is_refused():
    with pytest.raises(ParameterError, match="8000"):
        band_matrix(80, 4000)
