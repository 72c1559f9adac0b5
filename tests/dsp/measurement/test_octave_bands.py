"""Spectra and fractional octaves: sums that are known, frequencies of the standard, and an independent library."""

import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.core.spectrum import frame_powers, power_spectrum
from dsp.measurement.octave_bands import band_levels_dbov, band_means, octave_bands

RATE = 48_000


def test_power_over_all_frequencies_is_the_mean_square():
    """Parseval, to what the frames at the ends weigh less: noise of 4 s."""
    x = np.random.default_rng(1).normal(0, 0.1, 4 * RATE)
    assert power_spectrum(x, RATE).mean_square() == pytest.approx(0.01, rel=0.01)


def test_the_spectrum_agrees_with_scipys_welch():
    """Independent: scipy.signal.welch with the same frames."""
    from scipy.signal import welch

    x = np.random.default_rng(2).normal(0, 0.1, RATE) + 0.02
    found = power_spectrum(x, RATE, frame_s=0.05)
    hertz, density = welch(x, RATE, nperseg=2_400, noverlap=1_200, detrend=False)
    np.testing.assert_allclose(found.frequencies_hz, hertz)
    np.testing.assert_allclose(found.density, density, rtol=1e-9)


def test_a_long_recording_is_averaged_in_pieces_alike(monkeypatch):
    x = np.random.default_rng(3).normal(0, 0.1, 40_000)
    whole = power_spectrum(x, 8_000)
    monkeypatch.setattr("dsp.core.spectrum._AT_ONCE", 5_000)
    np.testing.assert_allclose(power_spectrum(x, 8_000).density, whole.density, rtol=1e-12)
    assert len(frame_powers(x, 8_000, frame_s=0.25)[1]) == whole.n_frames


def test_third_octaves_have_the_standards_exact_frequencies():
    """Published: IEC 61260-1:2014, table of exact base-ten frequencies; nominal names are those of ISO 266."""
    bands = octave_bands(20, 20_000)
    assert len(bands) == 31
    assert bands.names[:4] == ("20", "25", "31.5", "40")
    assert bands.names[-2:] == ("16k", "20k")
    np.testing.assert_allclose(bands.centres_hz[[0, 10, 17, 30]], [19.953, 199.53, 1000, 19953], rtol=3e-5)
    np.testing.assert_allclose(bands.upper_hz[:-1], bands.lower_hz[1:], rtol=1e-12)
    np.testing.assert_allclose(bands.upper_hz / bands.lower_hz, 10**0.1, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("fraction", [1, 3, 6, 12, 24])
def test_an_independent_library_has_the_same_bands(fraction):
    """Independent: pyfar's exact frequencies and cut-offs of IEC 61260."""
    pyfar = pytest.importorskip("pyfar")
    centres, lower, upper = pyfar.constants.fractional_octave_frequencies_exact(
        num_fractions=fraction, frequency_range=(90, 9_000)
    )
    # Each library decides for itself whether a band at the end of the range still belongs to it.
    bands = octave_bands(centres.min() * 1.001, centres.max() * 0.999, fraction=fraction)
    np.testing.assert_allclose(bands.centres_hz, centres, rtol=1e-9)
    np.testing.assert_allclose(bands.lower_hz, lower, rtol=1e-9)
    np.testing.assert_allclose(bands.upper_hz, upper, rtol=1e-9)


def test_levels_of_white_noise_rise_with_the_width_of_the_band():
    """Analytic: a band of width B holds B / Nyquist of the power; 10 s scatter by 4.3 / sqrt(B T) dB."""
    x = np.random.default_rng(4).normal(0, 0.1, 10 * RATE)
    bands = octave_bands(100, 10_000)
    width = bands.upper_hz - bands.lower_hz
    expected = -20 + 10 * np.log10(width / (RATE / 2))
    sigma = 4.34 / np.sqrt(width * 10)
    found = band_levels_dbov(power_spectrum(x, RATE), bands)
    assert np.all(np.abs(found - expected) < 4 * sigma)


def test_levels_of_bands_agree_with_an_independent_filter_bank():
    """Independent: pyfar's fractional octave filters (Butterworth, order 14) on noise, within what slopes differ."""
    pyfar = pytest.importorskip("pyfar")
    x = np.random.default_rng(5).normal(0, 0.1, 4 * RATE)
    bands = octave_bands(500, 4_000)
    bank = pyfar.dsp.filter.fractional_octave_bands(
        pyfar.Signal(x, RATE), num_fractions=3, frequency_range=(500, 4_000), order=14
    )
    expected = 10 * np.log10(np.mean(np.squeeze(bank.time) ** 2, axis=-1))
    found = band_levels_dbov(power_spectrum(x, RATE), bands)
    np.testing.assert_allclose(found, expected[: len(found)], atol=0.15)


def test_a_band_above_nyquist_is_not_known():
    x = np.random.default_rng(6).normal(0, 0.1, 16_000)
    levels = band_levels_dbov(power_spectrum(x, 16_000), octave_bands(6_300, 8_000))
    assert np.isfinite(levels[0])
    assert np.isnan(levels[1])


def test_a_mean_over_a_band_leaves_out_what_has_no_weight():
    values = np.where(np.arange(2_001) < 1_000, 1.0, 3.0)
    weights = (np.arange(2_001) >= 1_000).astype(float)
    band = octave_bands(1_000, 1_000)
    assert band_means(values, 1.0, band, weights=weights)[0] == pytest.approx(3.0)
    assert np.isnan(band_means(values, 1.0, band, weights=weights, least_share=0.6)[0])


def test_bad_arguments_are_refused_in_a_sentence():
    with pytest.raises(ParameterError, match="low_hz=0"):
        octave_bands(0, 100)
    with pytest.raises(ParameterError, match="no band"):
        octave_bands(1_050, 1_060)
    with pytest.raises(ParameterError, match=r"at least 0\.25 s"):
        power_spectrum(np.zeros(100), 8_000)
    with pytest.raises(ParameterError, match="int64"):
        power_spectrum(np.zeros(8_000, np.int64), 8_000)
