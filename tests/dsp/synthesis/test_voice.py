"""The made voice is speech enough: rates and nuclei are exact, formants, pitch and rhythm are where they should be."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import webrtcvad

from dsp.core.errors import ParameterError
from dsp.synthesis.phones import BACKCHANNELS, CODAS, CONSONANTS, FILLERS, ONSETS, VOWELS
from dsp.synthesis.voice import SpokenSpurt, SpurtPlan, Voice, audible_ticks, random_voice, speak

RATE_TOLERANCE = 0.03
"""How far the articulation rate may lie from what was asked: what a script promises."""

MAN = Voice(f0_hz=110, breathiness=0.2)
WOMAN = Voice(f0_hz=205, tract=1.16, breathiness=0.35, band="telephone")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def _say(voice: Voice, *, n: int = 24, rate: float = 4.8, sample_rate: int = 8_000, seed: int = 7):
    """Spurts of thirteen syllables."""
    plans = [SpurtPlan(n_syllables=13, rate=rate)] * n
    return speak(voice, plans, np.random.default_rng(seed), sample_rate=sample_rate)


_said = cache(_say)  # made once for all tests that look at it


def _heard(spurt: SpokenSpurt) -> np.ndarray:
    return spurt.samples[spurt.start : spurt.end].astype(float)


@pytest.mark.parametrize(
    ("rate", "sample_rate"),
    [
        (4.8, 8_000),
        *(pytest.param(rate, at, marks=pytest.mark.slow) for rate in (3.0, 5.0, 7.5) for at in (8_000, 16_000)),
    ],
)
@pytest.mark.parametrize("voice", [MAN, WOMAN])
def test_the_rate_asked_for_is_the_rate_heard(voice, rate, sample_rate):
    """Nuclei over the time between first and last audible tick, over 24 spurts."""
    spurts = _said(voice, rate=rate, sample_rate=sample_rate)
    seconds = sum(spurt.end - spurt.start for spurt in spurts) / sample_rate
    assert pytest.approx(rate, rel=RATE_TOLERANCE) == 24 * 13 / seconds


def test_every_syllable_has_one_nucleus_inside_its_spurt(rng):
    spurts = speak(MAN, [SpurtPlan(n_syllables=n, rate=5.0) for n in range(1, 25)], rng, sample_rate=8_000)
    for n, spurt in enumerate(spurts, start=1):
        assert n == len(spurt.nuclei)
        assert (np.diff(spurt.nuclei) > 0.04 * 8_000).all()
        assert spurt.start < spurt.nuclei[0]
        assert spurt.nuclei[-1] < spurt.end <= len(spurt.samples)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [3.0, 7.0])
def test_no_closure_is_long_enough_to_be_a_pause(rate):
    """Gaps inside a spurt stay below the 0.20 s that are bridged."""
    for spurt in _said(MAN, n=30, rate=rate):
        heard = audible_ticks(spurt.samples, sample_rate=8_000)[spurt.start // 80 : spurt.end // 80]
        edges = np.flatnonzero(np.diff(np.concatenate(([1], heard.astype(int), [1]))))
        assert all(b - a < 20 for a, b in zip(edges[::2], edges[1::2], strict=True))


def test_closures_and_friction_part_the_syllables_but_not_always():
    """Some dips are deep, some shallow: neither an energy threshold nor a fixed dip finds all nuclei."""
    dips = []
    for spurt in _said(MAN):
        power = np.convolve(spurt.samples.astype(float) ** 2, np.ones(160) / 160, mode="same")
        for a, b in pairwise(spurt.nuclei):
            dips.append(10 * np.log10(min(power[a], power[b]) / max(power[a:b].min(), 1e-12)))
    shallow, deep = np.percentile(dips, (10, 90))
    assert shallow < 4.0
    assert deep > 20.0


@pytest.mark.slow
def test_nuclei_are_voiced_at_about_the_pitch_of_the_voice():
    """Autocorrelation over 50 ms round each nucleus; its highest peak lies at the period."""
    for voice in (MAN, WOMAN):
        found = []
        for spurt in _said(replace(voice, creak=0.0)):
            for nucleus in spurt.nuclei[1:-1]:
                x = spurt.samples[nucleus - 200 : nucleus + 200].astype(float)
                r = np.correlate(x, x, "full")[399:]
                lags = np.arange(int(8_000 / 350), int(8_000 / 65))
                best = lags[np.argmax(r[lags])]
                if r[best] > 0.5 * r[0]:
                    found.append(8_000 / best)
        assert len(found) > 0.8 * 24 * 11
        assert pytest.approx(voice.f0_hz, rel=0.15) == np.median(found)
        assert np.percentile(found, 90) / np.percentile(found, 10) > 1.15  # it has a melody


def _formants(x: np.ndarray, sample_rate: int) -> np.ndarray:
    """Linear prediction, autocorrelation method, order 10: angles of the sharp poles in Hz."""
    x = np.append(x[0], x[1:] - 0.9 * x[:-1]) * np.hanning(len(x))
    r = np.correlate(x, x, "full")[len(x) - 1 :][:11]
    a = np.linalg.solve(np.array([[r[abs(i - j)] for j in range(10)] for i in range(10)]), r[1:])
    poles = np.roots(np.concatenate(([1.0], -a)))
    poles = poles[(poles.imag > 0) & (np.abs(poles) > 0.85)]
    return np.sort(np.angle(poles)) * sample_rate / (2 * np.pi)


@pytest.mark.parametrize("tract", [1.0, 1.15])
def test_the_vowel_of_uh_has_its_formants(rng, tract):
    """Peterson & Barney 1952, men: 640 and 1190 Hz, scaled by the tract; a listener's tolerance of 15 %."""
    voice = Voice(f0_hz=100, tract=tract, breathiness=0.0)
    spurts = speak(voice, [SpurtPlan(n_syllables=1, rate=3.0, word="uh")] * 15, rng, sample_rate=8_000)
    found = np.array(
        [_formants(s.samples[s.nuclei[0] - 160 : s.nuclei[0] + 160].astype(float), 8_000)[:2] for s in spurts]
    )
    np.testing.assert_allclose((640 * tract, 1190 * tract), np.median(found, axis=0), rtol=0.15)


def test_loudness_beats_at_the_rate_of_syllables():
    """The modulation spectrum of conversation has most of its power between 2 and 8 Hz (Houtgast & Steeneken 1985)."""
    modulation = np.zeros(1025)
    for spurt in _said(MAN):
        x = _heard(spurt)
        envelope = np.sqrt((x[: len(x) // 80 * 80].reshape(-1, 80) ** 2).mean(axis=1))
        envelope = envelope / envelope.mean() - 1
        modulation += np.abs(np.fft.rfft(envelope * np.hanning(len(envelope)), 2048)) ** 2
    hz = np.fft.rfftfreq(2048, 0.01)
    syllabic = modulation[(hz >= 2) & (hz < 8)].sum()
    assert syllabic > 0.55 * modulation[hz > 0.5].sum()
    assert 1.5 < hz[np.argmax(modulation * (hz > 0.5))] < 6


def test_intervals_vary_as_in_speech_and_with_the_voice():
    def variation(voice: Voice) -> float:
        intervals = [np.diff(s.nuclei) for s in _said(voice)]
        return float(np.mean([i.std() / i.mean() for i in intervals]))

    assert 0.25 < variation(MAN) < 0.5
    assert variation(replace(MAN, interval_variation=0.05)) < variation(MAN) - 0.03


def test_the_spectrum_falls_as_that_of_speech():
    """Density round 0.5 over that round 2.5 kHz: in recordings of reading and telephony we found 11 to 17 dB."""
    x = np.concatenate([_heard(s) for s in _said(MAN)])
    frames = x[: len(x) // 160 * 160].reshape(-1, 160) * np.hanning(160)
    power = (np.abs(np.fft.rfft(frames)) ** 2).mean(axis=0)  # 50 Hz a bin
    fall = 10 * np.log10(power[6:14].mean() / power[46:54].mean())
    assert 10 < fall < 22


def test_a_telephone_voice_lies_within_300_to_3400_hz():
    x = np.concatenate([_heard(s) for s in _said(WOMAN)])
    power = np.abs(np.fft.rfft(x)) ** 2
    hz = np.fft.rfftfreq(len(x), 1 / 8_000)
    assert power[hz < 200].sum() < 0.02 * power.sum()
    assert power[hz > 3700].sum() < 0.002 * power.sum()


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
def test_webrtcvad_takes_it_for_speech(mode):
    """An independent detector trained on real speech hears at least 95 % of what counts as heard."""
    for voice in (MAN, WOMAN):
        heard = hits = 0
        for spurt in _said(voice):
            detector = webrtcvad.Vad(mode)
            pcm = (np.clip(spurt.samples * 0.1, -1, 1) * 32767).astype("<i2")
            for tick in range(spurt.start // 80, spurt.end // 80):
                heard += 1
                hits += detector.is_speech(pcm[tick * 80 : tick * 80 + 80].tobytes(), 8_000)
        assert hits > 0.95 * heard


def test_levels_are_those_asked_for_and_truth_does_not_move_with_them(rng):
    plain, quiet = (
        speak(MAN, [SpurtPlan(n_syllables=8, rate=5.0, level_db=db)], np.random.default_rng(3), sample_rate=8_000)[0]
        for db in (0.0, -12.0)
    )
    assert (plain.start, plain.end) == (quiet.start, quiet.end)
    np.testing.assert_allclose(plain.samples * 10 ** (-12 / 20), quiet.samples, rtol=1e-5)


def test_a_breath_is_heard_faintly_and_is_no_speech(rng):
    breath, words = speak(
        MAN, [SpurtPlan(n_syllables=0, rate=2.5), SpurtPlan(n_syllables=9, rate=5)], rng, sample_rate=8_000
    )
    assert (0, 0, 0) == (breath.start, breath.end, len(breath.nuclei))
    ratio = (breath.samples.astype(float) ** 2).max() / (words.samples.astype(float) ** 2).max()
    assert 1e-6 < ratio < 1e-2


@pytest.mark.parametrize("word", sorted(BACKCHANNELS | FILLERS))
def test_a_listeners_word_has_its_syllables(rng, word):
    n = len((BACKCHANNELS | FILLERS)[word])
    (said,) = speak(WOMAN, [SpurtPlan(n_syllables=n, rate=3.5, word=word)], rng, sample_rate=8_000)
    assert n == len(said.nuclei)
    assert pytest.approx(n / 3.5, abs=0.08) == (said.end - said.start) / 8_000


def test_the_same_seed_says_the_same_and_another_something_else():
    first, again, other = (_say(MAN, n=2, seed=seed) for seed in (1, 1, 2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.samples, b.samples)
        np.testing.assert_array_equal(a.nuclei, b.nuclei)
    assert len(first[0].samples) != len(other[0].samples) or (first[0].samples != other[0].samples).any()


def test_random_voices_differ_and_are_all_possible():
    voices = [random_voice(np.random.default_rng(seed), band="telephone") for seed in range(40)]
    pitches = [voice.f0_hz for voice in voices]
    assert len(set(pitches)) > 35
    assert min(pitches) < 120 < 180 < max(pitches)
    assert {"telephone"} == {voice.band for voice in voices}


def test_saying_nothing_gives_nothing(rng):
    assert () == speak(MAN, [], rng, sample_rate=8_000)
    assert 0 == len(audible_ticks(np.zeros(10, np.float32), sample_rate=8_000))
    assert not audible_ticks(np.zeros(800, np.float32), sample_rate=8_000).any()


def test_the_tables_of_sounds_fit_each_other():
    for syllables in (*BACKCHANNELS.values(), *FILLERS.values()):
        for syllable in syllables:
            assert syllable.vowel in VOWELS
            assert {*syllable.onset, *syllable.coda} <= set(CONSONANTS)
    for cluster, weight in (*ONSETS, *CODAS):
        assert set(cluster) <= set(CONSONANTS)
        assert weight > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Voice(f0_hz=20), "f0_hz=20 is out of range; use 50 to 400"),
        (lambda: Voice(f0_hz=100, tract=2), "tract=2"),
        (lambda: Voice(f0_hz=100, band="radio"), "band='radio'"),
        (lambda: SpurtPlan(n_syllables=3, rate=0.1), "rate=0.1"),
        (lambda: SpurtPlan(n_syllables=-1, rate=5), "n_syllables=-1"),
        (lambda: SpurtPlan(n_syllables=1, rate=5, word="pardon"), "word='pardon' .* mm-hm"),
        (lambda: SpurtPlan(n_syllables=3, rate=5, word="yeah"), "word='yeah' with n_syllables=3"),
        (lambda: speak(MAN, [], np.random.default_rng(1), sample_rate=44_100), "sample_rate=44100"),
        (lambda: audible_ticks(np.zeros(9, np.float32), sample_rate=11_025), "sample_rate=11025"),
    ],
)
def test_an_impossible_wish_is_refused_with_the_value_in_the_message(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
