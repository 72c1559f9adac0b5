"""Tones of any country are found at their ticks, and voices are none; all of it is made here."""

import numpy as np
import pytest

from dsp.core.stage import run
from dsp.core.stft import Analyser, hann, power
from dsp.speech.front_end import N_FEATURES, TONE, FrontEnd
from dsp.speech.tonality import TonalDetector, quantised
from dsp.speech.tone_evidence import ToneEvidence, tone_score
from dsp.synthesis.voice import SpurtPlan, random_voice, speak

RATE = 8000


def found(x, rate=RATE):
    """Ticks of a tone, with line noise of -60 dBFS added."""
    x = np.asarray(x) + 1e-3 * np.random.default_rng(5).standard_normal(len(x))
    ear = FrontEnd(rate)
    features = np.concatenate([ear.process(x.astype(np.float32)).features, ear.flush().features])
    return run(TonalDetector(), features) > 0


def sounding(frequencies, first_s, last_s, *, level_dbfs=-20.0, seconds=2.0, rate=RATE):
    t = np.arange(int(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * f * t) for f in frequencies)
    return 10 ** (level_dbfs / 20) * np.sqrt(2 / len(frequencies)) * wave * (t >= first_s) * (t < last_s)


def mu_law(x):
    """Round as G.711 does."""
    steps = np.round(127 * np.log1p(255 * np.abs(x)) / np.log(256))
    return np.sign(x) * (256 ** (steps / 127) - 1) / 255


@pytest.mark.parametrize("level_dbfs", [-12.0, -35.0])
def test_a_tone_of_any_frequency_is_a_tone_from_beginning_to_end(level_dbfs):
    frequencies = range(300, 2025, 25)
    x = np.concatenate([sounding([f], 0.5, 1.5, level_dbfs=level_dbfs) for f in frequencies])
    ticks = found(mu_law(x)).reshape(len(frequencies), 200)
    assert (ticks[:, 52:148].mean(axis=1) > 0.95).all()
    assert not ticks[:, :47].any()
    assert not ticks[:, 154:].any()


@pytest.mark.parametrize(
    "frequencies",
    [(440, 480), (400, 450), (400, 416), (480, 620), (350, 440), (697, 1209), (941, 1477)],
    ids=["ring US", "ring UK", "ring JP", "busy US", "dial US", "key 1", "key #"],
)
@pytest.mark.parametrize("rate", [8000, 16000])
def test_two_tones_are_a_tone_however_close_they_are(frequencies, rate):
    ticks = found(sounding(frequencies, 0.5, 1.5, rate=rate), rate)
    assert ticks[52:148].mean() > 0.95


def test_a_modulated_tone_is_a_tone():
    t = np.arange(2 * RATE) / RATE
    ticks = found(sounding([400], 0.5, 1.5) * (1 + 0.85 * np.sin(2 * np.pi * 16 * t)))
    assert ticks[55:145].mean() > 0.9


@pytest.mark.parametrize("length_s", [0.1, 0.2, 0.35])
def test_a_short_burst_is_a_tone_as_soon_as_speech_would_be_known(length_s):
    ticks = np.flatnonzero(found(sounding([697, 1336], 1.0, 1.0 + length_s)))
    assert ticks[0] <= 102
    assert ticks[-1] >= 100 * (1 + length_s) - 3
    assert TonalDetector().latency_samples == 7


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_speech_is_none(seed):
    rng = np.random.default_rng(seed)
    voice = random_voice(rng, band="telephone")
    plans = [SpurtPlan(n_syllables=int(rng.integers(4, 16)), rate=float(rng.uniform(3, 6))) for _ in range(12)]
    pauses = (np.zeros(int(rng.uniform(0.2, 0.8) * RATE)) for _ in plans)
    spoken = [part for said in speak(voice, plans, rng, sample_rate=RATE) for part in (said.samples, next(pauses))]
    assert found(np.concatenate(spoken)).mean() < 0.001


def test_a_hum_that_wavers_as_a_voice_does_is_none():
    """A hum through a telephone is two or three harmonics; its pitch wavers by one percent five times a second."""
    t = np.arange(3 * RATE) / RATE
    pitch = 2 * np.pi * np.cumsum(220 * (1 + 0.01 * np.sin(2 * np.pi * 5 * t))) / RATE
    ticks = found(0.1 * np.sin(2 * pitch) + 0.02 * np.sin(3 * pitch))
    assert not ticks[25:].any()


def test_a_tick_has_the_best_evidence_of_the_windows_that_hold_it():
    """Plain definition: the largest of a tick and the seven ticks after it, in steps of one eighth."""
    evidence = np.random.default_rng(6).normal(-4, 4, 300).astype(np.float32)
    features = np.zeros((300, N_FEATURES), np.float32)
    features[:, TONE] = evidence
    expected = [quantised(evidence[k : k + 8].max(keepdims=True))[0] for k in range(300)]
    assert expected == run(TonalDetector(), features).tolist()


def test_the_evidence_where_it_is_too_weak_is_what_the_columns_say():
    """`process` skips the windows that are too weak; it must return what a score of all columns does."""
    bursts = sounding([425], 0.3, 0.6, level_dbfs=-20) + sounding([1000, 1300], 1.0, 1.4, level_dbfs=-58)
    x = (bursts + 1e-4 * np.random.default_rng(3).standard_normal(len(bursts))).astype(np.float32)
    spectra = Analyser(hann(160), 80, lead=80).process(x)
    expected = tone_score(ToneEvidence(160).measure(spectra, power(spectra)))
    evidence = ToneEvidence(160)
    found = [evidence.process(part, power(part)) for part in np.array_split(spectra, [1, 7, 30, 30, 47, 140])]
    np.testing.assert_array_equal(expected, np.concatenate(found))
    assert 0 < (expected > 0).sum() < (expected == -9).sum()


def test_noise_and_silence_are_none():
    assert not found(0.03 * np.random.default_rng(2).standard_normal(3 * RATE)).any()
    assert not found(np.zeros(3 * RATE)).any()
