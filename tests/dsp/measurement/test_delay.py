"""Delays and clocks: signals moved by known amounts, down to a fraction of a sample and into the noise."""

import numpy as np
import pytest

from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.core.errors import ParameterError
from dsp.measurement.delay import find_delay, track_delay
from dsp.measurement.skew import clock_skew
from dsp.synthesis.signals import exponential_sweep
from support.speech_like import speech_like

RATE = 16_000


def _marker(seconds: float = 1.0) -> np.ndarray:
    return exponential_sweep(100, 7_000, round(seconds * RATE), sample_rate=RATE, amplitude=0.3).astype(float)


@pytest.mark.parametrize("samples", [0.0, 37.0, 512.3, 1_999.75])
def test_a_delay_is_found_to_a_twentieth_of_a_sample(samples):
    headset = SimulatedHeadset(sample_rate=RATE, delay_samples=samples)
    recorded = headset.record(np.random.default_rng(1), mouth=_marker(), tail_s=0.3)
    found = find_delay(_marker(), recorded, RATE)
    assert found.accepted
    assert found.samples == pytest.approx(samples, abs=0.05)
    assert found.seconds == pytest.approx(samples / RATE, abs=0.05 / RATE)
    assert found.correlation > 0.995


@pytest.mark.parametrize(("snr_db", "error"), [(0.0, 0.1), (-15.0, 0.5)])
def test_noise_costs_fractions_of_a_sample(snr_db, error):
    rng = np.random.default_rng(2)
    x = _marker(2.0)
    y = np.concatenate((np.zeros(800), x, np.zeros(800)))
    y += rng.normal(0, x.std() * 10 ** (-snr_db / 20), len(y))
    found = find_delay(x, y, RATE)
    assert found.accepted
    assert found.samples == pytest.approx(800, abs=error)


def test_a_turned_polarity_shows_in_the_correlation():
    found = find_delay(_marker(), -0.5 * _marker(), RATE)
    assert found.correlation == pytest.approx(-1.0, abs=0.001)
    assert found.samples == pytest.approx(0, abs=0.01)


def test_a_recording_may_lead_if_that_is_allowed():
    x = np.random.default_rng(3).normal(0, 0.1, RATE)
    assert find_delay(x, x[400:], RATE, least_s=-0.1).samples == pytest.approx(-400, abs=0.01)


@pytest.mark.parametrize("whitened", [False, True])
def test_what_does_not_belong_together_is_not_accepted(whitened):
    x, y = np.random.default_rng(4).normal(0, 0.1, (2, RATE))
    assert not find_delay(x, y, RATE, whitened=whitened).accepted


def test_a_steady_tone_has_no_delay():
    t = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 440 * t)
    assert not find_delay(tone, np.concatenate((np.zeros(100), tone)), RATE).accepted


def test_two_arrivals_of_equal_strength_are_not_accepted():
    x = np.random.default_rng(5).normal(0, 0.1, RATE)
    y = np.zeros(RATE + 4_000)
    y[:RATE] += x
    y[4_000:] += 0.9 * x
    found = find_delay(x, y, RATE)
    assert not found.accepted
    assert 1 <= found.prominence < 2


@pytest.mark.parametrize("ppm", [5.0, -50.0, 150.0])
def test_the_skew_of_repeated_markers_is_found(ppm):
    """Simulated: a marker every 5 s for a minute, read by a clock that is off by so many ppm."""
    rate = 8_000
    marker = exponential_sweep(100, 3_000, rate // 2, sample_rate=rate, amplitude=0.3).astype(float)
    played = np.zeros(60 * rate)
    for start in range(0, 60 * rate, 5 * rate):
        played[start : start + len(marker)] = marker
    headset = SimulatedHeadset(sample_rate=rate, skew_ppm=ppm, delay_samples=450.4, noise_dbov=-60)
    recorded = headset.record(np.random.default_rng(6), mouth=played, tail_s=0.5)
    delays = track_delay(played, recorded, rate, step_s=5.0, window_s=0.5)
    assert np.isfinite(delays).all()
    found = clock_skew(delays, 5.0)
    assert found.ppm == pytest.approx(ppm, abs=0.5)
    assert found.slips == ()
    assert delays[0] == pytest.approx(450.4 / rate, abs=1e-4)


def test_clean_delays_give_the_skew_to_a_hundredth_ppm():
    """Analytic: delays on a straight line."""
    for ppm in (0.0, 5.0, 150.0):
        assert clock_skew(0.05 + ppm * 1e-6 * 5.0 * np.arange(13), 5.0).ppm == pytest.approx(ppm, abs=0.01)


def test_lost_and_inserted_sound_is_told_from_skew():
    """Analytic: 20 ms are lost at 150 s and 10 ms put in at 300 s, at 20 ppm."""
    time = 5.0 * np.arange(100)
    delays = 20e-6 * time - 0.02 * (time > 150) + 0.01 * (time > 300)
    found = clock_skew(delays, 5.0)
    assert found.ppm == pytest.approx(20, abs=0.01)
    assert [each.jump_s for each in found.slips] == pytest.approx([-0.02, 0.01], abs=1e-4)
    assert [each.at_s for each in found.slips] == pytest.approx([152.5, 302.5], abs=5)


def test_a_single_wild_delay_is_no_slip():
    delays = 20e-6 * 5.0 * np.arange(30)
    delays[12] += 0.05
    found = clock_skew(delays, 5.0)
    assert found.slips == ()
    assert found.ppm == pytest.approx(20, abs=0.05)  # the median of three displaces its neighbours by a step


def test_missing_delays_are_bridged():
    delays = 30e-6 * 5.0 * np.arange(30)
    delays[[4, 5, 17]] = np.nan
    assert clock_skew(delays, 5.0).ppm == pytest.approx(30, abs=0.01)


def test_the_uncertainty_is_that_of_the_line():
    """Monte Carlo: the scatter of the slope over 200 draws is the uncertainty that is told.

    The recipe's median makes errors alike, so the figure told is only sure to a factor of two.
    """
    rng = np.random.default_rng(7)
    found = [clock_skew(rng.normal(0, 2e-5, 25), 5.0) for _ in range(200)]
    scatter = np.std([each.ppm for each in found])
    assert 0.5 < np.mean([each.uncertainty_ppm for each in found]) / scatter < 2


def test_speech_can_be_tracked_as_well():
    speech = speech_like(14, np.random.default_rng(8), sample_rate=RATE)
    headset = SimulatedHeadset(sample_rate=RATE, delay_samples=480, skew_ppm=100)
    recorded = headset.record(np.random.default_rng(9), mouth=speech)
    delays = track_delay(speech, recorded, RATE, step_s=2.0, window_s=1.5)
    assert clock_skew(delays, 2.0).ppm == pytest.approx(100, abs=2)


def test_bad_takes_are_refused_in_a_sentence():
    x = _marker()
    with pytest.raises(ParameterError, match="recorded has shape"):
        find_delay(x, np.zeros(RATE), RATE)
    with pytest.raises(ParameterError, match="widen the range"):
        find_delay(x, x, RATE, least_s=2.0, most_s=1.0)
    with pytest.raises(ParameterError, match="needs 5"):
        clock_skew(np.zeros(4), 5.0)
    other = np.random.default_rng(10).normal(0, 0.1, 5 * RATE)
    with pytest.raises(ParameterError, match="belong together"):
        track_delay(np.random.default_rng(11).normal(0, 0.1, 5 * RATE), other, RATE)


def test_whole_samples_are_those_of_the_fine_search():
    rng = np.random.default_rng(8)
    x = rng.normal(0, 0.1, 16_000)
    y = np.concatenate((np.zeros(777), x)) + rng.normal(0, 0.05, 16_777)
    coarse, fine = (find_delay(x, y, 16_000, fine=fine) for fine in (False, True))
    assert coarse.samples == 777
    assert fine.samples == pytest.approx(777, abs=0.05)
    assert coarse.correlation == pytest.approx(fine.correlation, abs=0.01)
