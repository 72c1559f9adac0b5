"""A changed voice keeps its syllables at the times that are known."""

import shutil

import numpy as np
import pytest

from benchmarks.training.voice_changes import SAMPLE_RATE, VoiceChange, at_tempo, changed, random_change

PULSES = np.arange(0.5, 5.6, 0.4)  # s
# Only training needs these programs, and a skipped test fails `.ci/run`: what is not installed is not a case.
PROGRAMS = {"overlap": "sox", "rubberband": "rubberband"}
METHODS = ["vocoder", *(method for method, program in PROGRAMS.items() if shutil.which(program))]


@pytest.fixture(scope="module")
def sound():
    """A buzz of 150 Hz that swells around each of `PULSES`."""
    t = np.arange(6 * SAMPLE_RATE) / SAMPLE_RATE
    return 0.1 * np.sin(2 * np.pi * 150 * t) * sum(np.exp(-0.5 * ((t - at) / 0.05) ** 2) for at in PULSES)


def swells(x, tempo):
    """Find the middle of each swell (s)."""
    power, found = x**2, []
    for at in PULSES / tempo:
        k = np.arange(int((at - 0.15 / tempo) * SAMPLE_RATE), int((at + 0.15 / tempo) * SAMPLE_RATE))
        found.append((power[k] * k).sum() / power[k].sum() / SAMPLE_RATE)
    return np.array(found)


@pytest.mark.parametrize("tempo", [0.7, 1.4])
@pytest.mark.parametrize("method", METHODS)
def test_changed_tempo_keeps_times(sound, tempo, method):
    y = at_tempo(sound, tempo, method)
    assert len(y) * tempo == pytest.approx(len(sound), rel=0.005)
    assert np.abs(swells(y, tempo) - PULSES / tempo).max() < 0.015


def test_vocoder_keeps_the_pitch(sound):
    y = at_tempo(sound, 0.7, "vocoder")
    spectrum = np.abs(np.fft.rfft(y))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(y) == pytest.approx(150, abs=4)


def test_size_raises_the_frequencies_and_keeps_the_times(sound):
    y = changed(sound, VoiceChange(tempo=1.2, size=1.2, method="vocoder"))
    assert np.argmax(np.abs(np.fft.rfft(y))) * SAMPLE_RATE / len(y) == pytest.approx(180, abs=2)
    assert np.abs(swells(y, 1.2) - PULSES / 1.2).max() < 0.005


def test_random_changes_keep_the_tempo_that_was_asked_for():
    drawn = [random_change(np.random.default_rng(seed), 1.3) for seed in range(50)]
    assert {change.tempo for change in drawn} == {1.3}
    assert len({change.method for change in drawn}) == 3
    assert 0.75 < min(change.size for change in drawn) < 0.9
