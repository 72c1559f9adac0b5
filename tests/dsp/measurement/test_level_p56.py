"""P.56 levels: analytic signals, any cutting, and, where they are at hand, the vectors of the ITU-T STL."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.core.errors import ParameterError
from dsp.measurement.level_p56 import ActiveLevelMeter, active_level

# Tolerances of the comparison with the STL's actlev: its bisection stops within 0.5 dB of the margin, which scatters
# the printed level by up to 0.05 dB and the activity by up to a point.
LEVEL_TOLERANCE_DB = 0.1
ACTIVITY_TOLERANCE = 0.015

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "itu-stl"


def test_a_steady_tone_is_active_all_the_time_at_its_own_level():
    """Analytic: a sine of amplitude 0.1 has RMS 0.1 / sqrt(2), -23.01 dBov; only the envelope's rise is missing."""
    t = np.arange(8 * 8_000) / 8_000
    found = active_level(0.1 * np.sin(2 * np.pi * 1000 * t), 8_000)
    assert found.rms_dbov == pytest.approx(-23.01, abs=0.01)
    assert found.level_dbov == pytest.approx(-23.01, abs=0.05)
    assert found.activity == pytest.approx(1.0, abs=0.01)


def test_silence_has_no_active_level():
    found = active_level(np.zeros(8_000), 8_000)
    assert (found.level_dbov, found.activity) == (-math.inf, 0.0)


def test_twice_the_amplitude_is_six_decibels_more():
    """Analytic: thresholds lie one factor two apart, so doubling moves everything by exactly one of them."""
    x = np.random.default_rng(5).normal(0, 0.01, 40_000) * (np.arange(40_000) % 16_000 < 9_000)
    once, twice = active_level(x, 8_000), active_level(2 * x, 8_000)
    assert twice.level_dbov - once.level_dbov == pytest.approx(20 * math.log10(2), abs=1e-9)
    assert twice.activity == pytest.approx(once.activity, abs=1e-12)


@pytest.mark.slow
@given(cuts=st.lists(st.integers(0, 3_000), max_size=12), step=st.sampled_from([1, 7, 10]))
def test_any_cutting_gives_the_same_level(cuts: list[int], step: int):
    x = np.random.default_rng(1).normal(0, 0.05, 30_000).astype(np.float32) * (np.arange(30_000) % 12_000 < 5_000)
    whole = ActiveLevelMeter(8_000, step=step)
    whole.process(x)
    pieces = ActiveLevelMeter(8_000, step=step)
    at = 0
    for cut in [*cuts, len(x)]:
        pieces.process(x[at : at + cut])
        at += min(cut, len(x) - at)
    assert whole.result() == pieces.result()


def test_every_tenth_sample_is_enough_for_a_long_call():
    x = np.random.default_rng(2).normal(0, 0.05, 120 * 8_000) * (np.arange(120 * 8_000) % 24_000 < 11_000)
    coarse = ActiveLevelMeter(8_000, step=10)
    coarse.process(x)
    assert coarse.result().level_dbov == pytest.approx(active_level(x, 8_000).level_dbov, abs=0.1)


def test_too_large_a_step_is_refused_with_the_largest_that_works():
    with pytest.raises(ParameterError, match="at most 13"):
        ActiveLevelMeter(8_000, step=20)


@pytest.mark.skipif(not VECTORS.exists(), reason="the ITU-T STL vectors are not beside the checkout")
def test_the_vectors_of_the_software_tool_library_agree():
    """Published: figures printed by the STL's own actlev (ITU-T G.191, openitu/STL 139db49)."""
    expected = json.loads((VECTORS / "expected.json").read_text())
    n = 0
    for vector in expected["files"]:
        for case in vector.get("p56", []):
            x = np.fromfile(VECTORS / vector["file"], "<i2") / 32768
            found, truth = active_level(x, case["rate_hz"]), case["stl_actlev"]
            assert found.rms_dbov == pytest.approx(truth["rms_dbov"], abs=0.001), vector["file"]
            assert found.level_dbov == pytest.approx(truth["active_speech_level_dbov"], abs=LEVEL_TOLERANCE_DB)
            assert found.activity == pytest.approx(truth["activity_percent"] / 100, abs=ACTIVITY_TOLERANCE)
            n += 1
    assert n == 14
