"""Measures of the headset laboratory against vectors of the ITU-T Software Tool Library, where they are at hand.

Published: data of ITU-T G.191 (openitu/STL, commit 139db49) and figures printed by its own tools or derived from them;
how each was obtained stands in the vectors' `expected.json`.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dsp.core.spectrum import frame_powers
from dsp.measurement.bandwidth import find_bandwidth
from dsp.measurement.defects import find_clipping, find_dc_offset
from dsp.measurement.delay import find_delay
from dsp.measurement.dropouts import find_dropouts, find_lost
from dsp.measurement.level_p56 import active_level
from dsp.measurement.response import transfer

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "itu-stl"

pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the ITU-T STL vectors are not beside the checkout")

HALF_A_SAMPLE = 0.55
"""The library's linear-phase filters delay by half a sample more than the whole lag that is stated."""


def _expected() -> dict[str, Any]:
    found: dict[str, Any] = {"vectors": {}}
    if VECTORS.exists():
        found = json.loads((VECTORS / "expected.json").read_text())
    return found["vectors"]


EXPECTED = _expected()


def _samples(name: str) -> np.ndarray:
    return np.fromfile(VECTORS / name, "<i2") / 32768


@pytest.mark.parametrize("case", EXPECTED.get("latency", []), ids=lambda case: case["delayed"])
@pytest.mark.parametrize("whitened", [False, True], ids=["correlated", "whitened"])
def test_delays_are_those_of_the_filters_and_codecs(case, whitened):
    found = find_delay(
        _samples(case["reference"]), _samples(case["delayed"]), case["rate_hz"], most_s=0.1, whitened=whitened
    )
    assert found.accepted
    assert found.samples == pytest.approx(case["lag_samples"], abs=HALF_A_SAMPLE)
    if not whitened and "normalised_correlation_min" in case:
        assert found.correlation >= case["normalised_correlation_min"]


RESPONSES = EXPECTED.get("frequency_response", {})


@pytest.mark.parametrize("name", RESPONSES.get("responses", {}))
def test_responses_are_those_of_the_filters(name):
    """Tolerances of expected.json: 0.15 dB where the gain is above -1 dB, 0.7 dB on the edges."""
    case = RESPONSES["responses"][name]
    stimulus = _samples(RESPONSES["stimulus"])
    found = transfer(
        stimulus, _samples(name), RESPONSES["rate_hz"], delay_samples=case["lag_samples"], frame_length=1024
    )
    hertz = np.array([float(each) for each in case["gain_db"]])
    truth = np.array(list(case["gain_db"].values()))
    gain = np.interp(hertz, found.frequencies_hz, found.gain_db)
    flat, edge = truth > -1, (truth <= -1) & (truth > -6)
    np.testing.assert_allclose(gain[flat], truth[flat], atol=0.15)
    np.testing.assert_allclose(gain[edge], truth[edge], atol=0.7)


@pytest.mark.parametrize("case", EXPECTED.get("bandwidth", {}).get("cases", []), ids=lambda case: case["file"])
def test_band_edges_are_found_whatever_the_rate_says(case):
    rate = 2 * case["container_nyquist_hz"]
    found = find_bandwidth(_samples(case["file"]), rate)
    if "upper_edge_hz" in case:
        assert found.upper_hz == pytest.approx(case["upper_edge_hz"], abs=case["tolerance_hz"])
    else:
        assert found.upper_hz >= case["upper_edge_hz_min"]
    named = {"between NB and WB in a 16 kHz file": "NB-WB", "full to Nyquist": "WB"}
    assert found.name == named.get(case["class"], case["class"].split()[0])
    assert found.image_of_hz is None
    if "must be flagged" in case["class"]:
        assert found.narrower_than_rate


@pytest.mark.parametrize("case", EXPECTED.get("p56_normalise", []), ids=lambda case: case["output"])
def test_speech_is_brought_to_its_level_as_the_library_does_it(case):
    """The gain that our level asks for is the library's, and gives its file to the rounding of its gain."""
    x = _samples(case["input"])
    found = active_level(x, case["rate_hz_used"])
    level = found.level_dbov if "active" in case["mode"] else found.rms_dbov
    gain = 10 ** ((-30 - level) / 20)
    assert gain == pytest.approx(case["gain"], rel=0.1 / 8.69)  # 0.1 dB, the tolerance of the level
    peak = np.abs(x).max()
    np.testing.assert_allclose(_samples(case["output"]), case["gain"] * x, atol=0.0005 * peak + 1 / 32768)


@pytest.mark.parametrize("case", EXPECTED.get("dc_offset", []), ids=lambda case: case["file"])
def test_offsets_are_as_printed(case):
    found = find_dc_offset(_samples(case["file"]))
    if "dc_lsb" in case:
        assert found.mean * 32768 == pytest.approx(case["dc_lsb"], abs=0.01)
        assert found.level_dbov == pytest.approx(case["dc_dbov"], abs=0.02)
    else:
        assert abs(found.mean) * 32768 <= case["dc_lsb_abs_max"]
    assert found.verdict == "ok"


LOSSES = {case["degraded"]: case for case in EXPECTED.get("dropouts", [])}


@pytest.mark.parametrize("name", [name for name, case in LOSSES.items() if case.get("burst_samples")])
def test_muted_frames_are_found_to_the_sample_with_and_without_the_reference(name):
    case = LOSSES[name]
    starts = case["frame_samples"] * np.array(case["lost_frames"])
    starts = starts[np.concatenate(([True], np.diff(starts) > case["frame_samples"]))]
    degraded = _samples(name)
    for found in (find_dropouts(degraded, 8_000), find_lost(_samples(case["reference"]), degraded, 8_000)):
        assert len(found.bursts) == case["bursts"]
        assert [each.start for each in found.bursts] == starts.tolist()
        # One gap is followed by a zero of the speech itself.
        assert all(0 <= each.length - case["burst_samples"] <= 1 for each in found.bursts)
        assert 1000 * found.total_s == pytest.approx(case["lost_ms_total"], abs=0.2)
        assert found.total_s / found.duration_s == pytest.approx(case["lost_fraction"], abs=0.0002)
        assert {each.kind for each in found.bursts} == {"zeros"}


def test_clean_speech_that_begins_in_digital_silence_has_no_drop_out():
    clean = _samples("g711plc_f2_8k.pcm")
    assert not find_dropouts(clean, 8_000).bursts
    assert not find_lost(clean, clean, 8_000).bursts


def test_losses_concealed_by_the_last_pitch_period_leave_no_zeros_but_show_as_repeats():
    """The vector says what a detector of zeros finds: nothing. G.711 appendix I begins with an exact repeat."""
    concealed = find_dropouts(_samples("g711plc_f2_10_8k.pcm"), 8_000).bursts
    assert [each for each in concealed if each.kind == "zeros"] == []
    lost = 80 * np.array(LOSSES["g711plc_f2_10m_8k.pcm"]["lost_frames"])
    np.testing.assert_allclose([each.start for each in concealed], lost, atol=2)


@pytest.mark.parametrize("name", ["P501_D_AM_fm_FB_48k.pcm", "P501_D_EN_fm_SWB_48k.pcm", "g722_inpsp_16k.pcm"])
def test_clean_speech_is_neither_clipped_nor_dropped(name):
    rate = 48_000 if "48k" in name else 16_000
    assert not find_clipping(_samples(name), rate).clipped
    assert not find_dropouts(_samples(name), rate).bursts


def test_the_averaged_spectrum_is_that_of_the_librarys_freqresp():
    """Recipe of expected.json: 2048-point frames, 10 log10(mean |FFT|^2 / 2048), printed to 0.01 dB.

    Ours are densities of periodic Hann frames half a frame apart; every second frame, scaled by the window's power,
    compares. The window there is a symmetric one, one sample in: a Hann of 2049 without its ends.
    """
    case = EXPECTED["averaged_spectrum"]
    lines = (VECTORS / case["reference"]).read_text().splitlines()
    rows = [line.split("|")[1:3] for line in lines if line.startswith("|") and line.split("|")[1].strip().isdigit()]
    printed = np.array([float(level) for _, level in rows])
    assert len(printed) == 1024
    x = _samples(case["input"])
    frequencies_hz, powers = frame_powers(x, case["rate_hz"], frame_s=2048 / case["rate_hz"], dtype=np.float64)
    n = np.arange(2048)
    window_power = np.sum((0.5 - 0.5 * np.cos(2 * np.pi * n / 2048)) ** 2)
    density = powers[::2].mean(axis=0)[:1024]
    found = 10 * np.log10(density * case["rate_hz"] * window_power / 2 / 2048)
    found[0] += 10 * np.log10(2)  # one-sided: 0 Hz was not doubled
    assert frequencies_hz[:1024].astype(int).tolist() == [int(hertz) for hertz, _ in rows]
    # The two windows differ by a sample in 2048: a few hundredths on lines, more in deep notches.
    difference = np.abs(found - printed)
    assert np.quantile(difference, 0.95) < 0.1
