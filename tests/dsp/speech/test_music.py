"""Music is told from speech, tones and machines; all of it is made here."""

import numpy as np
import pytest

from dsp.speech.music import QUIET, MusicDetector
from dsp.synthesis.signals import music, ringing
from dsp.synthesis.voice import SpurtPlan, random_voice, speak

RATE = 8000


def values(x, rate=RATE):
    """Evidence of every window of 2.4 s, from the first that is whole."""
    x = np.asarray(x) + 3e-4 * np.random.default_rng(5).standard_normal(len(x))
    return MusicDetector(rate).process(x.astype(np.float32))[240::40]


def notes_that_die_away(rng, seconds=20.0, rate=RATE):
    """A solo instrument: broken chords, every note struck and dying away, with rests."""
    x = np.zeros(int(seconds * rate))
    step = 60 / rng.uniform(70, 130) / 2
    scale = np.array([0, 2, 4, 5, 7, 9, 11])
    for k in range(int(seconds / step)):
        if rng.random() < 0.15:
            continue
        pitch = 220 * 2 ** ((scale[rng.integers(7)] + 12 * rng.integers(2)) / 12)
        first = int(k * step * rate)
        t = np.arange(min(int(1.2 * rate), len(x) - first)) / rate
        x[first : first + len(t)] += sum(
            np.sin(2 * np.pi * pitch * h * t) / h**1.5 * np.exp(-t * (2 + h)) for h in range(1, 6)
        )
    return 0.05 * x / np.sqrt(np.square(x).mean())


@pytest.mark.parametrize("seed", range(4))
def test_made_music_is_music_whatever_key_and_tempo(seed):
    rng = np.random.default_rng(seed)
    assert (values(music(20 * RATE, rng, sample_rate=RATE, tempo_bpm=rng.uniform(60, 140))) > 0).mean() > 0.95


@pytest.mark.parametrize("seed", range(4))
def test_notes_that_die_away_are_music(seed):
    assert (values(notes_that_die_away(np.random.default_rng(seed))) > 0).mean() > 0.8


def test_both_rates_agree():
    narrow, wide = (
        music(12 * rate, np.random.default_rng(3), sample_rate=rate, tempo_bpm=100.0) for rate in (8000, 16000)
    )
    assert (values(narrow) > 0).mean() > 0.95
    assert (values(wide, 16000) > 0).mean() > 0.95


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_speech_is_none(seed):
    rng = np.random.default_rng(seed)
    voice = random_voice(rng, band="telephone")
    plans = [SpurtPlan(n_syllables=int(rng.integers(4, 16)), rate=float(rng.uniform(3, 6))) for _ in range(12)]
    pauses = (np.zeros(int(rng.uniform(0.2, 0.8) * RATE)) for _ in plans)
    spoken = [part for said in speak(voice, plans, rng, sample_rate=RATE) for part in (said.samples, next(pauses))]
    assert (values(np.concatenate(spoken)) > 0).mean() < 0.1


def test_ringing_is_none():
    assert (values(ringing(24 * RATE, sample_rate=RATE)) > 0).mean() < 0.1


def test_noise_is_none_and_silence_is_not_judged():
    assert not (values(0.03 * np.random.default_rng(2).standard_normal(10 * RATE)) > 0).any()
    assert (values(np.zeros(10 * RATE)) == QUIET).all()
