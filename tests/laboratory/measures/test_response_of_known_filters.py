"""Responses of filters that are known by their formula: evenness, edges, masks, and what is known of them."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt, sosfreqz

from cxaudio.laboratory.measures.figure import Figure, Verdict
from cxaudio.laboratory.measures.headset_report import HeadsetReport, measure_headset
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.signals import signal_of
from cxaudio.laboratory.takes.take import Take
from dsp.measurement.octave_bands import band_means, octave_bands
from support.lab_takes import RATE

pytestmark = pytest.mark.slow

FILTERS = {
    "telephone": butter(8, [300, 3_400], "band", fs=RATE, output="sos"),
    "steep": butter(8, 3_400, fs=RATE, output="sos"),
    "usual": np.vstack([butter(2, 5_600, fs=RATE, output="sos"), butter(2, 200, "high", fs=RATE, output="sos")]),
    "gentle": butter(1, 2_000, fs=RATE, output="sos"),
}


def report_of(sos: np.ndarray, noise_dbov: float, role: Role = Role.SWEEP_LOUD) -> HeadsetReport:
    sent = signal_of(role, RATE).astype(np.float64)
    x = sosfilt(sos, np.concatenate((np.zeros(1_200), sent, np.zeros(RATE))))
    x += np.random.default_rng(1).normal(0, 10 ** (noise_dbov / 20), len(x))
    take = Take(
        role=role,
        number=1,
        name=f"{role}-1.wav",
        samples=(np.round(x * 32768) / 32768).astype(np.float32),
        sample_rate=RATE,
        played=sent.astype(np.float32) if role is Role.SPEECH else None,
    )
    return measure_headset(judge_takes("a", [take]))


def gains(sos: np.ndarray) -> np.ndarray:
    """Squared gain at 0, 1, 2, ... Hz."""
    hertz = np.arange(RATE / 2)
    squared = np.abs(sosfreqz(sos, np.maximum(hertz, 0.5), fs=RATE)[1]) ** 2
    return np.append(squared, squared[-1])


def deviation_db(sos: np.ndarray) -> float:
    return float(np.std(10 * np.log10(band_means(gains(sos), 1.0, octave_bands(100, 7_000)))))


def own_half_width(figure: Figure) -> float:
    """Of the measure alone, without what one wearing is given for its fit."""
    return float(np.hypot(1.96 * (figure.estimate.reading_error or 0.0), figure.estimate.systematic))


@pytest.mark.parametrize("name", ["steep", "usual", "gentle"])
@pytest.mark.parametrize("noise_dbov", [-85.0, -75.0])
def test_evenness_is_that_of_third_octave_powers(name, noise_dbov):
    found = report_of(FILTERS[name], noise_dbov).figure("response.deviation_db")
    assert found.bound == ("exact" if name != "steep" or noise_dbov < -80 else "at_least")
    if found.bound == "exact":
        assert abs(found.value - deviation_db(FILTERS[name])) < own_half_width(found) < 0.25
    assert found.known is None


@pytest.mark.parametrize("name", ["telephone", "steep", "usual", "gentle"])
def test_edges_lie_where_the_filter_has_fallen_by_three_decibels(name):
    squared = gains(FILTERS[name])
    fallen = squared < squared[1_000] * 10**-0.3
    found = report_of(FILTERS[name], -70.0)
    high, low = found.figure("response.high_edge_hz"), found.figure("response.low_edge_hz")
    truth = 1_000 + np.flatnonzero(fallen[1_000:])[0]
    assert high.value == pytest.approx(truth, rel=0.002)
    assert abs(high.value - truth) < own_half_width(high) < 0.03 * truth
    if fallen[100:1_000].any():
        assert low.value == pytest.approx(np.flatnonzero(fallen[:1_000])[-1], rel=0.005)
    else:
        assert low.value is None


def test_bands_in_the_noise_only_bound_the_evenness_and_the_masks():
    found = report_of(FILTERS["telephone"], -60.0)
    deviation = found.figure("response.deviation_db")
    assert deviation.bound == "at_least"
    assert deviation.value < deviation_db(FILTERS["telephone"])
    assert "lie in the noise" in deviation.text
    mask = found.figure("mask.wideband_send_db")
    assert mask.bound == "at_most"
    assert mask.verdicts()[0][1] is Verdict.BROKEN


def test_a_response_that_is_known_in_part_keeps_no_limit():
    """Speech tells nothing of what the filter takes away: neither evenness nor mask may be called good."""
    found = report_of(FILTERS["telephone"], -70.0, Role.SPEECH)
    deviation, mask = found.figure("response.deviation_db"), found.figure("mask.microsoft_standard_db")
    assert deviation.known == "known in 12 of 19 bands"
    assert mask.withheld or (mask.bound == "at_most" and mask.verdicts()[0][1] is not Verdict.KEPT)
    steep = report_of(FILTERS["steep"], -70.0, Role.SPEECH).figure("response.deviation_db")
    assert steep.known == "known to 4 kHz of 6.3 kHz"
