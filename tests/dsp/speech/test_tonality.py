"""Tones and hold music are told from speech and from the noise of a room; all of it is made here."""

import numpy as np
import pytest

from dsp.core.stage import run
from dsp.speech.front_end import N_FEATURES, FrontEnd
from dsp.speech.tonality import MUSIC, NEITHER, TONE, TonalDetector
from dsp.synthesis.signals import music
from dsp.synthesis.voice import SpurtPlan, random_voice, speak

RATE = 8000


def codes(x):
    """Code of each whole second."""
    ear = FrontEnd(RATE)
    features = np.concatenate([ear.process(np.asarray(x, np.float32)).features, ear.flush().features])
    return run(TonalDetector(), features)[99::100]


def seconds(n):
    return np.arange(n * RATE) / RATE


@pytest.mark.parametrize("seed", range(6))
def test_made_music_is_music_after_five_seconds_whatever_key_and_tempo(seed):
    rng = np.random.default_rng(seed)
    heard = codes(music(20 * RATE, rng, sample_rate=RATE, tempo_bpm=rng.uniform(60, 140)))
    assert not (heard[5:] == NEITHER).any()
    assert (heard[5:] == MUSIC).mean() > 0.75, "a note held for long may be taken for a tone"


@pytest.mark.parametrize("frequency", [350, 425, 440, 480, 1000, 2100])
def test_a_tone_is_a_tone_within_two_seconds(frequency):
    heard = codes(0.05 * np.sin(2 * np.pi * frequency * seconds(6)))
    assert (heard[2:] == TONE).all()


def features_with_tone(rows: slice, n_seconds: int = 3):
    """Features whose first band stands 60 dB above the others in some of the rows the detector reads (one in four)."""
    looked_at = np.full((25 * n_seconds, N_FEATURES), -100.0, np.float32)
    looked_at[rows, 0] = -40.0
    return np.repeat(looked_at, 4, axis=0)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (slice(10, 17), [NEITHER, TONE, NEITHER]),  # seven rows, 0.28 s, within the first second
        (slice(10, 16), [NEITHER, NEITHER, NEITHER]),  # six are too few
        (slice(19, 31), [NEITHER, NEITHER, NEITHER]),  # six in each of two seconds
        (slice(18, 31), [NEITHER, TONE, NEITHER]),  # seven in the first, six in the second
    ],
)
def test_each_second_is_judged_by_itself(rows: slice, expected: list[int]):
    actual = run(TonalDetector(), features_with_tone(rows))[::100]
    assert expected == actual.tolist()


def test_ringing_is_a_tone_in_the_seconds_in_which_it_sounds():
    t = seconds(24)
    heard = codes(0.05 * np.sin(2 * np.pi * 425 * t) * (t % 5 < 1))  # ETSI: 1 s on, 4 s off
    assert [n % 5 for n in np.flatnonzero(heard == TONE)] == [1, 1, 1, 1, 1], "told in the second after"
    assert not (heard == MUSIC).any()


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_speech_is_neither(seed):
    rng = np.random.default_rng(seed)
    voice = random_voice(rng, band="telephone")
    plans = [SpurtPlan(n_syllables=int(rng.integers(4, 16)), rate=float(rng.uniform(3, 6))) for _ in range(12)]
    pauses = (np.zeros(int(rng.uniform(0.2, 0.8) * RATE)) for _ in plans)
    spoken = [part for said in speak(voice, plans, rng, sample_rate=RATE) for part in (said.samples, next(pauses))]
    assert (codes(np.concatenate(spoken)) == NEITHER).all()


def test_a_machine_that_hums_on_is_no_music():
    """Periodic and without dips, but never above its own floor once that is known."""
    rng = np.random.default_rng(1)
    t = seconds(30)
    hum = sum(np.sin(2 * np.pi * 100 * k * t + k) / k for k in range(1, 12))
    heard = codes(0.02 * hum + 0.002 * rng.normal(size=len(t)))
    assert not (heard[8:] == MUSIC).any()


def test_music_that_hardly_anyone_could_hear_is_none():
    loud = music(12 * RATE, np.random.default_rng(3), sample_rate=RATE)
    assert (codes(loud)[5:] == MUSIC).all()
    assert (codes(loud * 10 ** (-35 / 20))[5:] == NEITHER).all()
