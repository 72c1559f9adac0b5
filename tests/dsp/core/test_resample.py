"""Change of rate: in place, to the exact length, the same however it is cut."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from dsp.core.errors import ParameterError, StreamStateError
from dsp.core.resample import Resampler, resampled_length
from dsp.core.stage import run

RATES = [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000]
PAIRS = [(a, b) for a in RATES for b in (8_000, 16_000) if a != b]

LINEAR_PHASE = 2e-4
"""Largest deviation from the exact tone away from the ends: -74 dB, below all that is measured from it."""


@pytest.mark.parametrize(("in_rate", "out_rate"), PAIRS)
def test_sample_k_lies_at_time_k_over_the_new_rate(in_rate: int, out_rate: int):
    """Analytic: a tone is the same tone at the new rate, without delay and without change of level."""
    t = np.arange(in_rate) / in_rate
    y = run(Resampler(in_rate, out_rate), np.sin(2 * np.pi * 1_003 * t).astype(np.float32))
    k = np.arange(len(y))
    expected = np.sin(2 * np.pi * 1_003 * k / out_rate)
    inside = slice(out_rate // 10, -out_rate // 10)
    assert np.abs(expected - y)[inside].max() < LINEAR_PHASE


@pytest.mark.parametrize(("in_rate", "out_rate"), PAIRS)
@pytest.mark.parametrize("n", [0, 1, 7, 800, 12_345])
def test_exactly_the_samples_inside_the_signal_come_out(in_rate: int, out_rate: int, n: int):
    """Analytic: every k with k / out_rate < n / in_rate, no more and no fewer."""
    y = run(Resampler(in_rate, out_rate), np.ones(n, np.float32))
    assert math.ceil(n * out_rate / in_rate) == len(y) == resampled_length(n, in_rate, out_rate)
    assert y.dtype == np.float32


@given(
    pair=st.sampled_from([(11_025, 8_000), (44_100, 16_000), (48_000, 8_000), (8_000, 16_000), (96_000, 16_000)]),
    cuts=st.lists(st.integers(0, 20_000), max_size=12),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_any_cutting_gives_the_same_bits_and_withholds_no_more_than_declared(pair: tuple[int, int], cuts: list[int]):
    in_rate, out_rate = pair
    x = np.random.default_rng(2).normal(0, 0.1, 20_000).astype(np.float32)
    stage = Resampler(in_rate, out_rate)
    pieces, fed = [], 0
    for piece in np.split(x, sorted(cuts)):
        pieces.append(stage.process(piece))
        fed += len(piece)
        given_out = sum(map(len, pieces)) * in_rate / out_rate
        assert given_out >= fed - stage.latency_samples
    pieces.append(stage.flush())
    assert_array_equal(run(Resampler(in_rate, out_rate), x), np.concatenate(pieces))


def test_sound_above_the_new_nyquist_frequency_does_not_fold_back():
    """Analytic: a tone of 5 kHz has no place at 8 kHz; by soxr's specification it is below -100 dB."""
    t = np.arange(48_000) / 48_000
    y = run(Resampler(48_000, 8_000), np.sin(2 * np.pi * 5_000 * t).astype(np.float32))
    assert np.abs(y[800:-800]).max() < 1e-5


def test_equal_rates_pass_the_samples_on_as_a_copy():
    stage = Resampler(8_000, 8_000)
    x = np.arange(5, dtype=np.float32)
    y = stage.process(x)
    assert_array_equal(x, y)
    assert not np.shares_memory(x, y)
    assert stage.latency_samples == 0
    assert len(stage.flush()) == 0


def test_after_a_reset_nothing_of_the_past_is_left():
    x = np.random.default_rng(1).normal(0, 0.1, 9_000).astype(np.float32)
    stage = Resampler(44_100, 8_000)
    first = run(stage, x)
    with pytest.raises(StreamStateError, match="call reset"):
        stage.process(x)
    stage.reset()
    assert_array_equal(first, run(stage, x))


@pytest.mark.parametrize("rate", [0, -8_000, 3_999, 384_001])
def test_a_rate_out_of_range_is_refused_with_its_limits(rate: int):
    with pytest.raises(ParameterError, match="use 4000 to 384000 Hz"):
        Resampler(rate, 8_000)
    with pytest.raises(ParameterError, match="use 4000 to 384000 Hz"):
        Resampler(8_000, rate)
