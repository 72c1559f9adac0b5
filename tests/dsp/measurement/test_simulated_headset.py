"""Two simulated headsets with every fault at once: each property is found within its stated tolerance.

The takes are those of the laboratory: quiet room, speech, two sweeps, markers, speech in the earpiece, near and far.
"""

from dataclasses import replace

import numpy as np
import pytest

from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.measurement.bandwidth import find_bandwidth
from dsp.measurement.coupling import find_coupling
from dsp.measurement.defects import find_clipping, find_dc_offset, find_hum, find_idle_noise
from dsp.measurement.delay import track_delay
from dsp.measurement.distortion import tone_distortion
from dsp.measurement.dropouts import find_dropouts, find_lost
from dsp.measurement.dynamics import find_gain_control, find_gate
from dsp.measurement.level_p56 import active_level
from dsp.measurement.masks import MICROSOFT_PREMIUM, MICROSOFT_STANDARD, check_mask
from dsp.measurement.near_far import Talkers, find_near_far
from dsp.measurement.octave_bands import octave_bands
from dsp.measurement.response import align_at, compare_with_speech, transfer
from dsp.measurement.skew import clock_skew
from dsp.measurement.sweep import Sweep, deconvolve
from dsp.synthesis.signals import exponential_sweep, tone
from support.speech_like import speech_like

RATE = 16_000
THIRDS = octave_bands(160, 6_300)

RESPONSE_DB = 0.3  # sweep, third octaves
SPEECH_RESPONSE_DB = 0.6  # speech, third octaves
NOISE_DB = 0.3
HUM_DB = 1.0
THD_SHARE = 0.05
DELAY_SAMPLES = 0.2
SKEW_PPM = 1.0
COUPLING_DB = 0.5
NEAR_FAR_DB = 0.5
EDGE_HZ = 100.0
LEVEL_DB = 0.2

HEADSET = SimulatedHeadset(
    sample_rate=RATE,
    response=((100, -8.0), (200, -3.0), (400, 0.0), (1_500, 0.0), (3_000, 5.0), (5_000, 0.0), (8_000, -4.0)),
    bandwidth_hz=6_900,
    quadratic=0.04,
    cubic=0.03,
    far_db=-18,
    coupling_db=-38,
    noise_dbov=-72,
    hum_dbov=-70,
    offset=0.001,
    delay_samples=1_203.4,
    skew_ppm=40,
)


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return speech_like(12, np.random.default_rng(1), sample_rate=RATE, rms=0.05)


@pytest.fixture(scope="module")
def quiet() -> np.ndarray:
    return HEADSET.record(np.random.default_rng(2), mouth=np.zeros(10 * RATE))


@pytest.fixture(scope="module")
def spoken(speech) -> np.ndarray:
    return HEADSET.record(np.random.default_rng(3), mouth=speech, tail_s=0.3)


@pytest.fixture(scope="module")
def swept() -> np.ndarray:
    headset = replace(HEADSET, skew_ppm=0.0, hum_dbov=None)
    return headset.record(np.random.default_rng(4), mouth=Sweep(sample_rate=RATE).samples().astype(float), tail_s=1.0)


def test_noise_hum_and_offset(quiet):
    noise = find_idle_noise(quiet, RATE)
    total = 10 * np.log10(10**-7.2 + 10**-7.0)  # white noise and hum
    assert noise.level_dbov == pytest.approx(total, abs=NOISE_DB)
    assert not noise.muted
    hum = find_hum(quiet, RATE)
    assert hum.mains_hz == 50
    assert hum.level_dbov == pytest.approx(-70, abs=HUM_DB)
    assert find_dc_offset(quiet).level_dbov == pytest.approx(-60, abs=0.1)


def test_level_and_speech_to_noise(speech, spoken, quiet):
    """The level of the speech by itself, through the response; the noise takes nothing away at 40 dB."""
    clean = replace(HEADSET, noise_dbov=None, hum_dbov=None, offset=0.0)
    expected = active_level(clean.record(np.random.default_rng(5), mouth=speech), RATE).level_dbov
    assert active_level(spoken - spoken.mean(), RATE).level_dbov == pytest.approx(expected, abs=LEVEL_DB)


def test_bandwidth(spoken):
    found = find_bandwidth(spoken, RATE)
    assert found.upper_hz == pytest.approx(6_900, abs=EDGE_HZ)
    assert (found.name, found.narrower_than_rate) == ("WB", False)


def test_response_by_sweep_and_by_speech(speech, spoken, swept):
    truth = align_at(THIRDS.centres_hz, HEADSET.band_gain_db(THIRDS))
    by_sweep = align_at(THIRDS.centres_hz, deconvolve(swept, Sweep(sample_rate=RATE)).response_db(THIRDS))
    inside = THIRDS.upper_hz < 6_800
    np.testing.assert_allclose(by_sweep[inside], truth[inside], atol=RESPONSE_DB)
    delays = track_delay(speech, spoken, RATE, step_s=2.2, window_s=1.5)  # one figure a phrase
    ppm = clock_skew(delays, 2.2).ppm
    assert ppm == pytest.approx(40, abs=2)
    found = transfer(speech, spoken, RATE, delay_samples=delays[0] * RATE, skew_ppm=ppm)
    by_speech = align_at(THIRDS.centres_hz, found.response_db(THIRDS))
    known = np.isfinite(by_speech)
    assert known[THIRDS.within(315, 3_150)].all()
    np.testing.assert_allclose(by_speech[known], truth[known], atol=SPEECH_RESPONSE_DB)
    assert not compare_with_speech(THIRDS.centres_hz, by_sweep, by_speech).time_variant
    assert check_mask(THIRDS.centres_hz, by_sweep, MICROSOFT_STANDARD).passed
    assert not check_mask(THIRDS.centres_hz, by_sweep, MICROSOFT_PREMIUM).passed


def test_distortion_by_sweep_and_by_tone(swept):
    """Analytic: 0.04 x^2 + 0.03 x^3 at A = 0.447; each harmonic then passes the response at its own frequency."""
    amplitude = Sweep(sample_rate=RATE).amplitude
    fundamental = 1 + 0.75 * 0.03 * amplitude**2
    orders = (0.04 * amplitude / 2 / fundamental, 0.03 * amplitude**2 / 4 / fundamental)

    def truth(hertz: np.ndarray) -> np.ndarray:
        gains = [10 ** ((HEADSET.gain_db(n * hertz) - HEADSET.gain_db(hertz)) / 20) for n in (2, 3)]
        return np.hypot(orders[0] * gains[0], orders[1] * gains[1])

    found = deconvolve(swept, Sweep(sample_rate=RATE)).distortion(THIRDS, limit_hz=6_900)
    inside = THIRDS.within(315, 1_600)
    np.testing.assert_allclose(found.thd[inside], truth(THIRDS.centres_hz)[inside], rtol=THD_SHARE)
    assert not found.bounded[inside].any()

    headset = replace(HEADSET, skew_ppm=0.0)
    mouth = tone(1_000, 2 * RATE, sample_rate=RATE, amplitude=amplitude).astype(float)
    recorded = headset.record(np.random.default_rng(6), mouth=mouth)[RATE // 2 : -RATE // 8]
    by_tone = tone_distortion(recorded, RATE, high_hz=6_900)
    assert by_tone.thd == pytest.approx(truth(np.array([1_000.0]))[0], rel=THD_SHARE)
    assert by_tone.thd_n >= by_tone.thd * 0.99


def test_latency_and_skew():
    marker = exponential_sweep(200, 6_500, RATE // 2, sample_rate=RATE, amplitude=0.3).astype(float)
    played = np.zeros(60 * RATE)
    for start in range(0, 60 * RATE, 5 * RATE):
        played[start : start + len(marker)] = marker
    delays = track_delay(played, HEADSET.record(np.random.default_rng(7), mouth=played, tail_s=0.5), RATE, window_s=0.5)
    found = clock_skew(delays, 5.0)
    # By the middle of the first marker the clock has gained 40 ppm of a quarter of a second.
    assert delays[0] * RATE == pytest.approx(1_203.4 + 40e-6 * 0.25 * RATE, abs=DELAY_SAMPLES)
    assert found.ppm == pytest.approx(40, abs=SKEW_PPM)
    assert found.slips == ()


def test_coupling(speech, quiet):
    """Earpiece sound passes the microphone's response as well."""
    headset = replace(HEADSET, quadratic=0.0, cubic=0.0)
    recorded = headset.record(np.random.default_rng(8), earpiece=2 * speech, tail_s=0.3)
    found = find_coupling(2 * speech, recorded, RATE, idle=quiet)
    inside = found.bands.within(315, 3_150) & ~found.at_least
    assert inside.sum() >= 6
    truth = 38 - HEADSET.band_gain_db(found.bands)
    np.testing.assert_allclose(found.loss_db[inside], truth[inside], atol=2 * COUPLING_DB)
    assert found.weighted_db == pytest.approx(37.1, abs=2 * COUPLING_DB)  # a hump of 5 dB takes a decibel


def test_near_and_far(speech, quiet):
    other = speech_like(12, np.random.default_rng(9), sample_rate=RATE, rms=0.05)
    rng = np.random.default_rng(10)

    def takes(headset: SimulatedHeadset) -> Talkers:
        return Talkers(
            near=headset.record(rng, mouth=4 * speech),
            far=headset.record(rng, room=4 * other),
            ambient=headset.record(rng, mouth=np.zeros(8 * RATE)),
        )

    straight = replace(HEADSET, quadratic=0.0, cubic=0.0)
    reference = SimulatedHeadset(sample_rate=RATE, far_db=-6, noise_dbov=-85)
    found = find_near_far(takes(straight), RATE, reference=takes(reference))
    assert found.mean_db == pytest.approx(12, abs=NEAR_FAR_DB)


@pytest.mark.slow
def test_drop_outs(speech):
    lost = ((2.5, 0.02), (7.0, 0.06))
    recorded = replace(HEADSET, lost=lost).record(np.random.default_rng(11), mouth=speech)
    expected = [(round(b * RATE), round(n * RATE)) for b, n in lost]
    assert [(each.start, each.length) for each in find_dropouts(recorded, RATE).bursts] == expected
    found = find_lost(speech, recorded, RATE, delay_samples=1_203)
    within = [[each.start, each.length] for each in found.bursts]
    np.testing.assert_allclose(within, expected, atol=2 * RATE // 1000)


@pytest.mark.slow
def test_a_sound_headset_has_no_gate_gain_control_or_clipping(speech, spoken):
    assert not find_gate(spoken, RATE).found
    assert not find_clipping(spoken, RATE).clipped
    assert not find_dropouts(spoken, RATE).bursts
    steps = speech * np.repeat([0.2, 1.0], len(speech) // 2)
    recorded = HEADSET.record(np.random.default_rng(12), mouth=steps)
    assert not find_gain_control(steps, recorded, RATE, delay_samples=1_203, window_s=2.0).found


@pytest.mark.slow
def test_gate_gain_control_and_clipping_are_each_found(speech):
    rng = np.random.default_rng(13)
    gated = replace(HEADSET, hum_dbov=None, gate_dbov=-55, gate_depth_db=18, offset=0.0).record(rng, mouth=speech)
    gate = find_gate(gated, RATE)
    assert (gate.found, gate.evidence) == (True, "closings")
    assert gate.depth_db == pytest.approx(18, abs=2)

    steps = speech * np.repeat([0.2, 1.0], len(speech) // 2)
    controlled = replace(HEADSET, control_slope=0.4).record(rng, mouth=steps)
    control = find_gain_control(steps, controlled, RATE, delay_samples=1_203, window_s=2.0)
    assert control.found
    assert control.slope == pytest.approx(0.4, abs=0.15)

    assert find_clipping(
        replace(HEADSET, clip_at=0.5, skew_ppm=0, delay_samples=0).record(rng, mouth=6 * speech), RATE
    ).clipped
