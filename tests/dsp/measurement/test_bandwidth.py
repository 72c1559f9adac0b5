"""Band edges of sound whose edge was made, and rates that promise more than they hold."""

import numpy as np
import pytest

from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.core.errors import ParameterError
from dsp.core.spectrum import frame_powers
from dsp.measurement.bandwidth import bandwidth_class, find_bandwidth
from support.speech_like import speech_like

RATE = 48_000
CLIFF_HZ = 100.0


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return speech_like(5, np.random.default_rng(1), sample_rate=RATE, rms=0.1)


@pytest.mark.parametrize(("edge", "name"), [(3_400, "NB"), (5_000, "NB-WB"), (7_000, "WB"), (14_000, "SWB")])
def test_the_edge_of_a_band_limited_headset_is_found_in_a_recording_of_48_khz(speech, edge, name):
    headset = SimulatedHeadset(bandwidth_hz=edge, noise_dbov=-85)
    found = find_bandwidth(headset.record(np.random.default_rng(2), mouth=speech), RATE)
    assert found.upper_hz == pytest.approx(edge, abs=CLIFF_HZ)
    assert (found.name, found.evidence, found.uncertainty_hz) == (name, "cliff", CLIFF_HZ)
    assert found.narrower_than_rate


def test_a_cliff_drowned_in_noise_is_found_where_speech_sinks_into_it(speech):
    headset = SimulatedHeadset(bandwidth_hz=3_400, noise_dbov=-47)
    found = find_bandwidth(headset.record(np.random.default_rng(3), mouth=speech), RATE)
    assert (found.evidence, found.uncertainty_hz) == ("noise", 500.0)  # half a kilohertz, as stated
    assert found.upper_hz == pytest.approx(3_400, abs=found.uncertainty_hz)


def test_fullband_speech_has_no_edge(speech):
    found = find_bandwidth(SimulatedHeadset(noise_dbov=-90).record(np.random.default_rng(4), mouth=speech), RATE)
    assert (found.name, found.evidence, found.uncertainty_hz) == ("FB", "none", 200.0)
    assert not found.narrower_than_rate


@pytest.mark.slow
@pytest.mark.parametrize("old_rate", [8_000, 16_000])
def test_the_mirror_image_of_a_careless_rate_change_is_no_bandwidth(speech, old_rate):
    from scipy.signal import resample_poly

    n = RATE // old_rate
    held = np.repeat(resample_poly(speech, 1, n), n)
    found = find_bandwidth(np.round(held * 32768) / 32768, RATE)
    assert found.image_of_hz == old_rate
    assert found.upper_hz <= old_rate / 2
    assert found.narrower_than_rate


@pytest.mark.parametrize(("over_rounding", "expected"), [(9.5, None), (10.5, 16_000)])
def test_a_mirror_image_is_believed_from_ten_times_the_noise_of_rounding(over_rounding, expected):
    """Analytic: rounding to 16 bit has a variance of a twelfth of a step squared, spread evenly up to Nyquist."""
    held = np.repeat(np.random.default_rng(5).normal(0, 1, 3 * 16_000), 3)
    frequencies_hz, powers = frame_powers(held, RATE, frame_s=0.032)
    image = (frequencies_hz >= 8_150) & (frequencies_hz < 9_500)  # above the old Nyquist frequency of 8 kHz
    rounding = (1 / 32768) ** 2 / 12 / (RATE / 2)
    found = find_bandwidth(held * np.sqrt(over_rounding * rounding / powers[:, image].mean(dtype=float)), RATE)
    assert expected == found.image_of_hz


def test_classes_meet_where_the_limits_say():
    assert [bandwidth_class(hertz) for hertz in (4_200, 4_201, 6_500, 6_501, 8_000, 12_001, 16_000, 18_001)] == [
        *("NB", "NB-WB", "NB-WB", "WB", "WB", "SWB", "SWB", "FB")
    ]


def test_bad_takes_are_refused_in_a_sentence():
    with pytest.raises(ParameterError, match=r"0\.4 s"):
        find_bandwidth(np.ones(1_000), RATE)
    with pytest.raises(ParameterError, match="silent"):
        find_bandwidth(np.zeros(RATE), RATE)
