"""The speech detector on made voices, whose truth is exact; how it fares on real ones is measured in benchmarks."""

from functools import lru_cache

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from dsp.core.errors import ParameterError
from dsp.core.stage import run
from dsp.speech.front_end import FrontEnd
from dsp.speech.vad import SpeechDetector, hysteresis
from dsp.synthesis.voice import SpurtPlan, audible_ticks, random_voice, speak

LEVEL = 0.05  # RMS of a vowel
COLLAR = 10  # ticks forgiven round each edge of the truth


@lru_cache
def talk(seed, rate=8000):
    """Twenty seconds of one voice with pauses, and the ticks in which it is heard, short gaps closed."""
    rng = np.random.default_rng(seed)
    plans = [SpurtPlan(n_syllables=int(rng.integers(2, 14)), rate=float(rng.uniform(3.5, 6))) for _ in range(8)]
    x, at = np.zeros(20 * rate, np.float32), rate
    speaks = np.zeros(2000, bool)
    for said in speak(random_voice(rng), plans, rng, sample_rate=rate):
        n = min(len(said.samples), len(x) - at)
        if n <= 0:
            break
        x[at : at + n] = LEVEL * said.samples[:n]
        heard = np.flatnonzero(audible_ticks(said.samples[:n], sample_rate=rate))
        first = at // (rate // 100)
        speaks[first + heard[0] : first + heard[-1] + 1] = True
        at += n + int(rng.uniform(0.5, 1.5) * rate)
        at -= at % (rate // 100)
    return x, speaks


def heard(x, rate=8000):
    ear = FrontEnd(rate)
    features = np.concatenate((ear.process(x.astype(np.float32)).features, ear.flush().features))
    return run(SpeechDetector(on_probability=0.6, off_probability=0.4), features)


def f1(truth, found):
    edges = np.flatnonzero(np.diff(truth.astype(int)))
    judged = np.ones(len(truth), bool)
    for edge in edges:
        judged[max(0, edge + 1 - COLLAR) : edge + 1 + COLLAR] = False
    hits = np.sum(truth & found & judged)
    return 2 * hits / (2 * hits + np.sum((truth ^ found) & judged))


def white(n, level, seed=1):
    return level * np.random.default_rng(seed).normal(size=n)


@pytest.mark.parametrize("rate", [8000, pytest.param(16000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("snr_db", "least"), [(40, 0.94), (20, 0.93), (10, 0.88)])
def test_a_made_voice_is_found_in_noise(rate, snr_db, least):
    scores = []
    for seed in (1, 2, 3):
        x, truth = talk(seed, rate)
        found = heard(x + white(len(x), LEVEL * 10 ** (-snr_db / 20)), rate)[:, 1] > 0
        scores.append(f1(truth, found))
    assert np.mean(scores) > least


@pytest.mark.parametrize("gain", [0.03, 0.3, 3.0])
def test_it_does_not_matter_how_loud_the_call_is(gain):
    x, truth = talk(4)
    noisy = x + white(len(x), LEVEL * 10 ** (-25 / 20))
    assert f1(truth, heard(gain * noisy)[:, 1] > 0) > 0.9


def test_the_other_side_leaking_in_is_not_speech():
    x, truth = talk(5)
    leak, _ = talk(6)
    leak = np.roll(leak, 8000) * 10 ** (-42 / 20)
    found = heard(x + leak + white(len(x), LEVEL * 10 ** (-60 / 20)))[:, 1] > 0
    begun = 400  # ticks until the detector has heard the voice it belongs to
    away = ~np.convolve(truth, np.ones(41), "same").astype(bool)[begun:]
    assert np.mean(found[begun:][away]) < 0.05


def neighbours(seed, under_db):
    """Two other voices beside the microphone, dull and `under_db` under its wearer's."""
    two = np.roll(talk(seed)[0], 8000) + np.roll(talk(seed + 1)[0], 30_000)
    return sosfilt(butter(2, 2800, fs=8000, output="sos"), two) * 10 ** (-under_db / 20)


@pytest.mark.parametrize("seed", [5, 7, 9, 11])
def test_colleagues_who_talk_beside_the_wearer_are_not_speech(seed):
    x, truth = talk(seed)
    found = heard(x + neighbours(seed + 20, 18) + white(len(x), LEVEL * 10 ** (-50 / 20)))[:, 1] > 0
    begun = 400  # ticks until the detector has heard the voice it belongs to
    away = ~np.convolve(truth, np.ones(41), "same").astype(bool)[begun:]
    assert np.mean(found[begun:][away]) < 0.1
    assert f1(truth, found) > 0.9


def clicks():
    x = white(160_000, 1e-4)
    x[np.arange(2000, 158_000, 3371)] += 0.5
    return x


def cadence(frequencies_hz, on_s, off_s):
    t = np.arange(160_000) / 8000
    sound = 0.1 * sum(np.sin(2 * np.pi * f * t) for f in frequencies_hz) * (t % (on_s + off_s) < on_s)
    return sound + white(160_000, 3e-4)


NOISES = {
    "ringing": lambda: cadence((440, 480), 2.0, 4.0),
    "busy": lambda: cadence((450,), 0.35, 0.35),
    "congestion": lambda: cadence((480, 620), 0.25, 0.25),
    "quick pulses": lambda: cadence((1200,), 0.2, 0.2),
    "a recorder's beep": lambda: cadence((1400,), 0.2, 4.0),
    "digital silence": lambda: np.zeros(160_000),
    "the least bit": lambda: np.random.default_rng(1).integers(-1, 2, 160_000) / 32768,
    "white noise": lambda: white(160_000, 0.02),
    "hum": lambda: 0.05 * np.sin(2 * np.pi * 50 * np.arange(160_000) / 8000) + white(160_000, 1e-4),
    "clicks": clicks,
}


@pytest.mark.parametrize("name", NOISES)
def test_noise_alone_is_not_speech(name):
    assert heard(NOISES[name]())[:, 1].mean() < 0.02


def test_a_row_a_tick_with_a_probability_and_a_decision():
    rows = heard(talk(1)[0][:80_001])
    assert (1001, 2) == rows.shape
    assert rows.dtype == np.float32
    assert rows[:, 0].min() >= 0
    assert rows[:, 0].max() <= 1
    assert set(np.unique(rows[:, 1])) == {0.0, 1.0}


def test_decisions_come_within_a_tenth_of_a_second():
    assert SpeechDetector().latency_samples <= 9  # ticks, looking ahead 80 ms at most


def test_hysteresis_holds_between_its_two_bounds():
    probability = np.array([0.5, 0.6, 0.5, 0.4, 0.39, 0.5], np.float32)
    expected = [True, True, True, True, False, False]
    assert expected == hysteresis(probability, on=0.6, off=0.4, before=True).tolist()


@pytest.mark.parametrize(("on", "off"), [(0.4, 0.6), (1.2, 0.5), (0.5, -0.1)])
def test_bounds_out_of_order_are_refused(on, off):
    with pytest.raises(ParameterError, match="probabilities"):
        SpeechDetector(on_probability=on, off_probability=off)
