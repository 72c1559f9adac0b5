"""Weightings against the printed tables, and levels of tones and noises whose power is known."""

import numpy as np
import pytest

from dsp.core.spectrum import power_spectrum
from dsp.measurement.octave_bands import octave_bands
from dsp.measurement.weighting import PSOPHOMETRIC_TABLE, a_weighting_db, psophometric_weighting_db, weighted_level_dbov
from dsp.synthesis.signals import tone

# Published: IEC 61672-1:2013, table 3, 10 Hz to 20 kHz, dB.
IEC_61672_A = [
    *(-70.4, -63.4, -56.7, -50.5, -44.7, -39.4, -34.6, -30.2, -26.2, -22.5, -19.1, -16.1),
    *(-13.4, -10.9, -8.6, -6.6, -4.8, -3.2, -1.9, -0.8, 0.0, 0.6, 1.0),
    *(1.2, 1.3, 1.2, 1.0, 0.5, -0.1, -1.1, -2.5, -4.3, -6.6, -9.3),
]
ROUNDED = 0.0501
"""The table is printed to a tenth."""


def test_a_weighting_is_that_of_the_table_at_exact_frequencies():
    exact = 1000 * 10.0 ** (np.arange(-20, 14) / 10)
    np.testing.assert_allclose(a_weighting_db(exact), IEC_61672_A, atol=ROUNDED)


def test_an_independent_library_weighs_alike():
    """Independent: pyfar's curve of IEC 61672-1, at frequencies of its choice."""
    pyfar = pytest.importorskip("pyfar")
    hertz = np.geomspace(20, 20_000, 50)
    np.testing.assert_allclose(a_weighting_db(hertz), pyfar.constants.frequency_weighting_curve("A", hertz), atol=0.005)


def test_psophometric_weighting_passes_through_its_points_and_straight_between():
    """Published: ITU-T O.41 as printed in a TIA-470 draft; the value between is the mean, in dB over log f."""
    hertz, weights = np.array(PSOPHOMETRIC_TABLE).T
    np.testing.assert_allclose(psophometric_weighting_db(hertz), weights, atol=1e-9)
    middle = np.sqrt(hertz[1:] * hertz[:-1])
    np.testing.assert_allclose(psophometric_weighting_db(middle), (weights[1:] + weights[:-1]) / 2, atol=1e-9)


def test_psophometric_weighting_is_near_the_filter_of_the_software_tool_library():
    """Independent: the STL's own psophometric filter at 8 kHz gives these gains at 100, 300, 1000 and 3400 Hz.

    A filter only approximates the table, hence half a decibel.
    """
    found = psophometric_weighting_db(np.array([100.0, 300.0, 1000.0, 3400.0]))
    np.testing.assert_allclose(found, [-41.5, -11.07, 1.0, -8.02], atol=0.55)


def test_beyond_the_table_it_goes_on_falling():
    low, high = psophometric_weighting_db(np.array([20.0, 8_000.0]))
    assert low < -63.0
    assert high < -43.0
    assert psophometric_weighting_db(np.array([0.0]))[0] == -np.inf


@pytest.mark.parametrize("sample_rate", [16_000, 48_000])
@pytest.mark.parametrize("band", ["125", "1k", "6.3k"])
def test_a_weighted_level_of_a_tone_is_its_level_and_its_weight(sample_rate, band):
    """Analytic, and where a bilinear filter is 5.7 dB wrong: 6.3 kHz in a recording of 16 kHz."""
    bands = octave_bands(125, 6_300)
    hertz = float(bands.centres_hz[bands.names.index(band)])
    x = tone(hertz, 2 * sample_rate, sample_rate=sample_rate, amplitude=0.01)
    spectrum = power_spectrum(x, sample_rate)
    weights = a_weighting_db(spectrum.frequencies_hz)
    expected = 20 * np.log10(0.01) - 3.01 + float(a_weighting_db(np.array([hertz]))[0])
    assert weighted_level_dbov(spectrum, weights) == pytest.approx(expected, abs=0.05)


def test_weighted_silence_is_minus_infinity():
    spectrum = power_spectrum(np.zeros(8_000), 8_000)
    assert weighted_level_dbov(spectrum, a_weighting_db(spectrum.frequencies_hz)) == -np.inf
