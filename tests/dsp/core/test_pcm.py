"""Samples as 16-bit integers and back."""

import numpy as np
import pytest

from dsp.core.pcm import mono_from_int16, to_int16

EVERY_VALUE = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)


def test_every_integer_survives_both_ways():
    mono = mono_from_int16(EVERY_VALUE[:, None])
    assert np.float32 == mono.dtype
    assert (-1.0, 32767 / 32768) == (mono.min(), mono.max())
    assert np.array_equal(EVERY_VALUE, to_int16(mono))


@pytest.mark.parametrize("channels", [2, 3, 4, 8])
def test_channels_are_mixed_to_their_mean(channels):
    frames = np.random.default_rng(3).integers(-32768, 32768, (500, channels)).astype(np.int16)
    assert frames.mean(axis=1) / 32768 == pytest.approx(mono_from_int16(frames), abs=1e-7)


def test_a_named_channel_is_taken_alone_and_a_single_one_always():
    frames = np.array([[1, 2], [3, 4]], np.int16)
    assert [2 / 32768, 4 / 32768] == mono_from_int16(frames, 1).tolist()
    assert [1 / 32768, 3 / 32768] == mono_from_int16(frames[:, :1], 5).tolist()


def test_what_is_too_loud_is_limited_and_halves_go_to_the_even():
    x = np.array([1.5, -1.5, 0.5 / 32768, 1.5 / 32768, -2.5 / 32768], np.float32)
    assert [32767, -32768, 0, 2, -2] == to_int16(x).tolist()


def test_the_input_is_not_written_to():
    x = np.array([0.3, -2.0], np.float32)
    before = x.copy()
    to_int16(x)
    assert np.array_equal(before, x)
