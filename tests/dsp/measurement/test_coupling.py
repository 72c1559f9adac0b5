"""Coupling of known loss, weighted by a rule whose result can be integrated by hand."""

import numpy as np
import pytest

from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.core.errors import ParameterError
from dsp.measurement.coupling import TELEPHONE_BAND_HZ, WIDE_BAND_HZ, find_coupling, weighted_loss_db
from dsp.measurement.octave_bands import octave_bands
from support.speech_like import speech_like

RATE = 16_000


@pytest.fixture(scope="module")
def played() -> np.ndarray:
    return speech_like(10, np.random.default_rng(1), sample_rate=RATE, rms=0.1)


def test_the_constants_of_the_weighting_are_those_of_the_standard():
    """Published: G.122 annex B.4 writes 3.24 dB for 300 to 3400 Hz; 4.31 dB belong to 300 to 6700 Hz.

    With a loss of 0 dB the sum is twice the width in log f, so the constant must cancel it.
    """
    for (low, high), constant in ((TELEPHONE_BAND_HZ, 3.24), (WIDE_BAND_HZ, 4.31)):
        assert 10 * np.log10(2 * np.log10(high / low)) == pytest.approx(constant, abs=0.005)
        centres = octave_bands(200, 8_000).centres_hz
        assert weighted_loss_db(centres, np.zeros(len(centres)), low_hz=low, high_hz=high) == pytest.approx(0, abs=1e-9)


def test_a_sloping_loss_is_weighted_as_the_integral_says():
    """Analytic: loss 40 + 10 log10(f / 300), so A = 1e-4 * 300 / f; trapezoids of thirds come within 0.05 dB."""
    hertz = octave_bands(200, 4_000).centres_hz
    loss = 40 + 10 * np.log10(hertz / 300)
    low, high = TELEPHONE_BAND_HZ
    # 2 x integral of A over log10 f = 2e-4 / ln 10 * (1 - 300 / 3400)
    expected = 10 * np.log10(2 * np.log10(high / low)) - 10 * np.log10(2e-4 / np.log(10) * (1 - low / high))
    assert weighted_loss_db(hertz, loss) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("loss", [20.0, 35.0, 50.0])
def test_a_known_coupling_is_found_in_every_band(played, loss):
    headset = SimulatedHeadset(sample_rate=RATE, coupling_db=-loss, noise_dbov=-95)
    rng = np.random.default_rng(2)
    idle = headset.record(rng, mouth=np.zeros(5 * RATE))
    found = find_coupling(played, headset.record(rng, earpiece=played), RATE, idle=idle)
    inside = found.bands.within(300, 3_400)
    assert not found.at_least[inside].any()
    np.testing.assert_allclose(found.loss_db[inside], loss, atol=0.5)
    assert found.weighted_db == pytest.approx(loss, abs=0.3)
    assert not found.weighted_at_least


def test_the_response_of_the_path_shows(played):
    headset = SimulatedHeadset(
        sample_rate=RATE, coupling_db=-30, response=((200, 0.0), (500, 0.0), (4_000, -18.0), (8_000, -18.0))
    )
    found = find_coupling(played, headset.record(np.random.default_rng(3), earpiece=played), RATE)
    truth = 30 - headset.gain_db(found.bands.centres_hz)
    inside = found.bands.within(250, 6_300)
    np.testing.assert_allclose(found.loss_db[inside], truth[inside], atol=0.5)


def test_what_the_noise_hides_is_a_lower_bound(played):
    headset = SimulatedHeadset(sample_rate=RATE, coupling_db=-70, noise_dbov=-70)
    rng = np.random.default_rng(4)
    idle = headset.record(rng, mouth=np.zeros(5 * RATE))
    found = find_coupling(played, headset.record(rng, earpiece=played), RATE, idle=idle)
    inside = found.bands.within(300, 3_400)
    assert found.at_least[inside].all()
    assert (found.loss_db[inside] <= 70.5).all()
    assert found.weighted_at_least


def test_digital_silence_bounds_nothing_but_is_told(played):
    found = find_coupling(played, np.zeros(len(played)), RATE)
    assert found.at_least.all()
    assert found.weighted_at_least


def test_narrow_recordings_are_weighted_over_what_they_hold():
    x = np.random.default_rng(5).normal(0, 0.1, 8_000 * 4)
    found = find_coupling(x, 0.1 * x, 8_000, band_hz=WIDE_BAND_HZ)
    assert found.band_hz[1] < 4_000
    assert found.weighted_db == pytest.approx(20, abs=0.05)


def test_bad_takes_are_refused_in_a_sentence(played):
    with pytest.raises(ParameterError, match="nothing was played"):
        find_coupling(np.zeros(RATE), played, RATE)
    with pytest.raises(ParameterError, match="play a wider signal"):
        weighted_loss_db(np.array([500.0, 1000.0]), np.array([30.0, np.nan]))
