"""Music is told from speech, tones and machines; all of it is made here."""

import numpy as np
import pytest

from dsp.core.stft import Analyser, hann, power
from dsp.speech import music_evidence
from dsp.speech.music import QUIET, MusicDetector
from dsp.speech.music_evidence import MusicEvidence
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


def spectra(x):
    return power(Analyser(hann(640), 320, lead=320).process(x.astype(np.float32))[:, :272])


def test_a_line_is_a_bin_that_stands_out_of_the_mean_of_those_around_it():
    """Independent: the definition, one bin at a time in double precision."""
    x = notes_that_die_away(np.random.default_rng(4), seconds=4.0)
    spectrum = spectra(x + 3e-3 * np.random.default_rng(5).standard_normal(len(x))).astype(float)
    expected = np.zeros((len(spectrum), 148), bool)
    for row, frame in zip(expected, spectrum, strict=True):
        largest = frame[12:160].max()
        stands = [
            frame[k] > frame[k - 8 : k + 9].mean() * 2.5
            and frame[k - 1] < frame[k] >= frame[k + 1]
            and frame[k] > 1e-4 * largest
            for k in range(12, 160)
        ]
        row[:] = [here or above for here, above in zip(stands, [*stands[1:], False], strict=True)]
    assert 0.05 < expected.mean() < 0.5
    assert (expected != music_evidence._find_lines(spectrum.astype(np.float32))).mean() < 1e-3


@pytest.mark.parametrize("cut", [1, 799, 3_200, 3_201, 40_000])
def test_evidence_cut_anywhere_gives_the_same_bits(cut):
    x = music(60_000, np.random.default_rng(6), sample_rate=RATE).astype(np.float32)
    expected = MusicEvidence(RATE).process(x)
    cut_up = MusicEvidence(RATE)
    parts = [cut_up.process(x[at : at + cut]) for at in range(0, 30_000, cut)]
    parts.append(cut_up.process(x[cut * len(parts) :]))
    for whole, pieces in zip(expected, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(whole, np.concatenate(pieces))


@pytest.mark.parametrize(("n_left", "n_rows"), [(0, 0), (2_560, 0), (2_561, 1), (3_199, 1)])
def test_the_last_hop_is_judged_if_its_last_frame_has_begun(n_left, n_rows):
    evidence = MusicEvidence(RATE)
    evidence.process(np.zeros(3_200 * 2 + n_left, np.float32))
    assert n_rows == len(evidence.flush()[0])


def test_the_evidence_of_a_window_is_what_it_says():
    """Independent: the columns of levels and rhythm, one window at a time in double precision."""
    x = music(40_000, np.random.default_rng(7), sample_rate=RATE).astype(np.float32)
    rows, mean_level = MusicEvidence(RATE).process(x)
    scale = 2 / (640 * np.square(hann(640).astype(float)).sum())
    bands = np.add.reduceat(spectra(x).astype(float) * scale, [12, 24, 36, 48, 64, 80, 100, 124, 152, 184, 224], axis=1)
    at = slice(50, 110)  # the window that ends at 4.4 s
    level = 10 * np.log10(bands.sum(axis=1) + 1e-10)[at]
    mean = 10 * np.log10(np.mean(10 ** (level / 10)))
    assert mean_level[10] == pytest.approx(mean, abs=1e-3)
    levels = np.maximum(10 * np.log10(bands + 1e-10)[at].T, mean - 40)
    np.testing.assert_allclose((levels.mean(axis=1) - mean) / 10, rows[10, -11:], atol=1e-4)
    np.testing.assert_allclose(levels.std(axis=1) / 10, rows[10, 23:34], atol=1e-4)
    heard = np.maximum(10 * np.log10(bands + 1e-10), -75)
    rise = np.maximum(np.diff(heard, axis=0), 0).mean(axis=1)[at.start - 1 : at.stop - 1]
    np.testing.assert_allclose([rise.mean(), rise.std()], rows[10, 34:36], atol=1e-4)
    centred = rise - rise.mean()
    correlation = np.correlate(centred, centred, "full")[59:]
    strongest = [correlation[a:b].max() / (correlation[0] + 1e-3) for a, b in ((5, 14), (14, 30))]
    np.testing.assert_allclose(strongest, rows[10, 44:46], atol=1e-3)
