"""Responses estimated from noise and speech-like sound, and what is made of them."""

import numpy as np
import pytest

from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.core.errors import ParameterError
from dsp.measurement.octave_bands import octave_bands
from dsp.measurement.response import (
    align_at,
    band_edges_hz,
    compare_with_speech,
    deviation_from_flat_db,
    relative_response_db,
    transfer,
)
from support.speech_like import speech_like

RATE = 16_000
THIRDS = octave_bands(200, 6_300)


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return speech_like(12, np.random.default_rng(1), sample_rate=RATE)


def _filtered(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from scipy.signal import butter, freqz, lfilter

    b, a = butter(1, 1_000, fs=RATE)
    return lfilter(b, a, x), 20 * np.log10(np.abs(freqz(b, a, THIRDS.centres_hz, fs=RATE)[1]))


def test_speech_finds_a_known_filter(speech):
    y, truth = _filtered(speech)
    found = transfer(speech, y, RATE).response_db(THIRDS)
    np.testing.assert_allclose(found, truth, atol=0.25)


def test_coherence_and_its_uncertainty_are_those_of_the_signal_to_noise_ratio():
    """Analytic: g^2 = S / (S + N); the scatter of the bins about the truth is the uncertainty that is told."""
    rng = np.random.default_rng(2)
    x = rng.normal(0, 0.1, 30 * RATE)
    found = transfer(x, x + rng.normal(0, 0.05, len(x)), RATE)
    inner = slice(5, -5)
    assert np.mean(found.coherence[inner]) == pytest.approx(1 / 1.25, abs=0.01)
    assert np.std(found.gain_db[inner]) == pytest.approx(np.mean(found.uncertainty_db[inner]), rel=0.2)


def test_bands_without_coherence_stay_blank(speech):
    y, _ = _filtered(speech)
    noise = np.random.default_rng(3).normal(0, 0.003, len(y))
    found = transfer(speech, y + noise, RATE).response_db(THIRDS)
    assert np.isnan(found[-3:]).all()
    assert np.isfinite(found[THIRDS.within(300, 800)]).all()


def test_a_lag_is_taken_out(speech):
    y, truth = _filtered(speech)
    found = transfer(speech, np.concatenate((np.zeros(3_000), y)), RATE, delay_samples=3_000)
    np.testing.assert_allclose(found.response_db(THIRDS), truth, atol=0.25)
    ahead = transfer(np.concatenate((np.zeros(3_000), speech)), y, RATE, delay_samples=-3_000)
    np.testing.assert_allclose(ahead.response_db(THIRDS), truth, atol=0.25)


def test_skew_is_made_good_frame_by_frame(speech):
    """40 ppm over 12 s are half a millisecond: without it no coherence is left at 1 kHz."""
    headset = SimulatedHeadset(sample_rate=RATE, delay_samples=100.5, skew_ppm=40)
    y = headset.record(np.random.default_rng(5), mouth=speech)
    drifting = transfer(speech, y, RATE, delay_samples=100.5)
    still = transfer(speech, y, RATE, delay_samples=100.5, skew_ppm=40)
    bins = (still.frequencies_hz > 500) & (still.frequencies_hz < 3_400)
    assert drifting.coherence[bins].mean() < 0.5
    assert still.coherence[bins].min() > 0.99
    np.testing.assert_allclose(still.response_db(THIRDS)[THIRDS.within(300, 5_000)], 0, atol=0.1)


def test_a_relative_response_is_a_difference_aligned_at_one_kilohertz():
    hertz = np.array([250.0, 500, 1000, 2000])
    found = relative_response_db(hertz, np.array([-3.0, 4, 7, np.nan]), np.array([0.0, 1, 2, 3]))
    assert found[:3].tolist() == [-8, -2, 0]
    assert np.isnan(found[3])
    with pytest.raises(ParameterError, match="1000 Hz"):
        align_at(hertz[:2], np.zeros(2))


def test_edges_and_evenness_of_a_known_filter():
    """Analytic: a first-order low pass is at -3.01 dB at its corner and at -10 dB three times as high."""
    hertz = octave_bands(95, 7_000, fraction=12).centres_hz
    response = -10 * np.log10(1 + (hertz / 2_000) ** 2)
    lower, upper = band_edges_hz(hertz, response, drop_db=3.0103, at_hz=100)
    assert np.isnan(lower)
    assert upper == pytest.approx(2_000, rel=0.01)
    assert band_edges_hz(hertz, response, drop_db=10, at_hz=100)[1] == pytest.approx(6_000, rel=0.01)
    assert deviation_from_flat_db(hertz, response) == pytest.approx(np.std(response[hertz > 98.5]))
    assert np.isnan(deviation_from_flat_db(hertz, np.full(len(hertz), np.nan)))


def test_a_sweep_taken_for_noise_is_noticed():
    sweep, speech = np.zeros(len(THIRDS)), np.full(len(THIRDS), 1.0)
    assert not compare_with_speech(THIRDS.centres_hz, sweep, speech).time_variant
    sweep[THIRDS.within(2_000, 2_000)] = -5.0
    found = compare_with_speech(THIRDS.centres_hz, sweep, speech)
    assert found.time_variant
    assert (round(found.at_hz), round(found.difference_db), round(found.shape_db), found.level_db) == (1995, 6, 5, -1)
    assert compare_with_speech(THIRDS.centres_hz, sweep, np.full(len(THIRDS), np.nan)).n_bands == 0


def test_a_sweep_turned_down_as_a_whole_is_noticed():
    """Both gains are absolute: 15 dB between them are the suppressor's."""
    found = compare_with_speech(THIRDS.centres_hz, np.full(len(THIRDS), -15.0), np.zeros(len(THIRDS)))
    assert found.time_variant
    assert (found.level_db, found.difference_db, found.shape_db) == (-15, 15, 0)


def test_bad_takes_are_refused_in_a_sentence():
    x = np.random.default_rng(4).normal(0, 0.1, RATE)
    with pytest.raises(ParameterError, match="overlap"):
        transfer(x, x, RATE, delay_samples=RATE)
    with pytest.raises(ParameterError, match="recorded signal is silent"):
        transfer(x, np.zeros(RATE), RATE)
