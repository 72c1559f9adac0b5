"""Sound lost on purpose: zeros, held values, repeats, and gaps that only a reference shows."""

import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.measurement.dropouts import find_dropouts, find_lost
from support.speech_like import speech_like

RATE = 16_000


@pytest.fixture
def speech() -> np.ndarray:
    rng = np.random.default_rng(1)
    x = speech_like(6, rng, sample_rate=RATE)
    return np.round((x + rng.normal(0, 1e-3, len(x))) * 32768) / 32768


def test_sound_as_it_was_has_no_drop_out(speech):
    assert find_dropouts(speech, RATE).bursts == ()
    assert find_lost(speech, 0.3 * speech, RATE).bursts == ()


@pytest.mark.parametrize("length", [64, 160, 960])
def test_zeros_are_found_to_the_sample_in_speech_and_in_pauses(speech, length):
    for start in (8_000, 29_000):  # 0.5 s: speech; 1.81 s: a pause
        speech[start : start + length] = 0
    found = find_dropouts(speech, RATE)
    assert [(each.start, each.length, each.kind) for each in found.bursts] == [
        (8_000, length, "zeros"),
        (29_000, length, "zeros"),
    ]
    assert found.total_s == pytest.approx(2 * length / RATE)


def test_a_gate_that_closes_into_a_pause_is_no_drop_out(speech):
    speech[26_600:34_000] = 0
    assert find_dropouts(speech, RATE).bursts == ()


def test_a_long_gap_within_speech_is_one(speech):
    speech[6_000:9_200] = 0  # 0.2 s
    assert [each.length for each in find_dropouts(speech, RATE).bursts] == [3_200]


def test_a_held_value_is_found(speech):
    speech[8_000:8_100] = speech[8_000]
    (found,) = find_dropouts(speech, RATE).bursts
    assert (found.kind, found.start) == ("held", 8_000)
    assert found.length == pytest.approx(100, abs=1)


@pytest.mark.parametrize("steps", [4, 8])
def test_a_value_held_in_the_weak_noise_of_a_pause_is_found(steps):
    x = np.round(np.random.default_rng(4).normal(0, steps, 10 * RATE)) / 32768
    x[50_000:50_320] = 3 / 32768
    (found,) = find_dropouts(x, RATE).bursts
    assert (found.kind, found.start) == ("held", pytest.approx(50_000, abs=2))
    assert found.length == pytest.approx(320, abs=4)


@pytest.mark.parametrize("step", [1, 8, 64])
@pytest.mark.parametrize("steps", [0.3, 1, 3])
def test_noise_of_few_values_that_stays_at_one_of_them_is_no_drop_out(step, steps):
    """Noise below 300 Hz changes its value seldom, and coarse codes make it seldomer still."""
    rng = np.random.default_rng(5)
    slow = np.convolve(rng.normal(0, 1, 30 * RATE), np.hanning(60), "same")
    x = step * np.round(steps * slow / slow.std()) / 32768
    assert [each for each in find_dropouts(x, RATE).bursts if each.kind == "held"] == []


def test_a_zero_with_a_sign_is_a_zero_in_a_buffer_played_twice(speech):
    speech[8_500:9_000:50] = 0.0
    speech[9_000:9_512] = speech[8_488:9_000]
    speech[9_012:9_512:50] = -0.0
    assert [(9_000, 512)] == [(each.start, each.length) for each in find_dropouts(speech, RATE).bursts]


@pytest.mark.parametrize("lag", [160, 512, 1_024])
def test_a_buffer_played_twice_is_found(speech, lag):
    speech[9_000 : 9_000 + lag] = speech[9_000 - lag : 9_000]
    (found,) = find_dropouts(speech, RATE).bursts
    assert found.kind == "repeat"
    assert found.start == pytest.approx(9_000, abs=2)
    assert found.length == pytest.approx(lag, abs=2)


def test_repeats_are_found_across_the_pieces_a_long_recording_is_worked_in(speech, monkeypatch):
    monkeypatch.setattr("dsp.measurement.dropouts._AT_ONCE", 8_900)
    speech[9_000:9_320] = speech[8_680:9_000]
    assert [each.kind for each in find_dropouts(speech, RATE).bursts] == ["repeat"]


def test_a_flat_top_is_clipping_and_no_drop_out(speech):
    clipped = np.clip(10 * speech, -0.2, 0.2)
    clipped[8_000:8_200] = 0.2
    assert [each for each in find_dropouts(clipped, RATE).bursts if each.kind == "held"] == []


def test_faint_noise_that_rounds_to_zero_is_no_drop_out():
    """16-bit noise of half a step: two thirds of its samples are zeros."""
    x = np.round(np.random.default_rng(2).normal(0, 0.5, 10 * RATE)) / 32768
    assert find_dropouts(x, RATE).bursts == ()


def test_a_periodic_tone_repeats_itself_and_is_no_drop_out():
    """1 kHz at 16 kHz is the same every 16 samples."""
    x = np.round(0.1 * 32768 * np.sin(2 * np.pi * 1_000 * np.arange(RATE) / RATE)) / 32768
    assert find_dropouts(x, RATE).bursts == ()


def test_a_reference_shows_gaps_that_were_filled_with_noise(speech):
    recorded = np.concatenate((np.zeros(700), 0.2 * speech))
    rng = np.random.default_rng(3)
    for start in (8_000, 42_000):
        recorded[700 + start : 700 + start + 320] = rng.normal(0, 1e-4, 320)
    found = find_lost(speech, recorded, RATE, delay_samples=700)
    assert [each.kind for each in found.bursts] == ["lost", "lost"]
    assert [each.start for each in found.bursts] == pytest.approx([8_700, 42_700], abs=RATE // 1000)
    assert [each.length for each in found.bursts] == pytest.approx([320, 320], abs=2 * RATE // 1000)


def test_silence_that_was_played_is_not_lost(speech):
    speech[20_000:20_160] = 0
    assert find_lost(speech, speech.copy(), RATE).bursts == ()


def test_bad_takes_are_refused_in_a_sentence(speech):
    with pytest.raises(ParameterError, match="at least one sample"):
        find_dropouts(np.zeros(0), RATE)
    with pytest.raises(ParameterError, match="overlap"):
        find_lost(speech, speech, RATE, delay_samples=len(speech))
    with pytest.raises(ParameterError, match="no speech"):
        find_lost(np.zeros(RATE), speech, RATE)
    assert find_dropouts(np.zeros(RATE), RATE).bursts == ()
