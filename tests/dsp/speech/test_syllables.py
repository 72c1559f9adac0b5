"""Syllable nuclei: counts on signals whose syllables are known by construction."""

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.core.stage import run
from dsp.speech.front_end import BAND_LEVEL, BAND_NOISE, LEVEL, N_FEATURES, NOISE, PERIODICITY, FrontEnd
from dsp.speech.nuclei_peaks import NucleiPeaks
from dsp.speech.syllable_evidence import N_SYLLABLE_EVIDENCE, SyllableEvidence
from dsp.speech.syllables import SyllableDetector
from dsp.speech.vad import SpeechDetector
from dsp.synthesis.voice import SpurtPlan, random_voice, speak

NETWORK, PEAKS = 0, 1


def nuclei(x: NDArray[np.floating], rate: int = 8000) -> NDArray[np.int8]:
    ear = FrontEnd(rate)
    x = x.astype(np.float32)
    return run(SyllableDetector(), np.concatenate((ear.process(x).features, ear.flush().features)))


def babble(per_second: float, n_syllables: int, rate: int = 8000, seed: int = 3) -> NDArray[np.float64]:
    """Vowels of changing colour, a noisy consonant before each, a breath after six, half a second of room around."""
    rng = np.random.default_rng(seed)
    formants = [(730, 1090), (270, 2290), (530, 1840), (570, 840), (300, 870)]
    pieces = [np.zeros(rate // 2)]
    for number in range(n_syllables):
        length = int(rate / per_second)
        t = np.arange(length) / rate
        pitch = rng.uniform(100, 140)
        first, second = formants[number % len(formants)]
        vowel = np.zeros(length)
        for k in range(1, int(3400 / pitch)):
            f = k * pitch
            gain = 1 / (1 + ((f - first) / 90) ** 2) + 0.5 / (1 + ((f - second) / 120) ** 2) + 0.01
            vowel += gain * np.sin(2 * np.pi * f * t + rng.uniform(0, 6))
        edge = np.clip(np.minimum(t - 0.04, length / rate - 0.01 - t) / 0.03, 0, 1)
        consonant = rng.normal(0, 0.01, length) * (t < 0.03)
        pieces.append(0.05 * vowel * edge + consonant)
        if number % 6 == 5:
            pieces.append(np.zeros(rate // 3))
    pieces.append(np.zeros(rate // 2))
    x = np.concatenate(pieces)
    return x + rng.normal(0, 2e-4, len(x))


@pytest.mark.parametrize("per_second", [3.0, 4.5, 6.0])
@pytest.mark.parametrize("estimator", [NETWORK, PEAKS])
def test_made_syllables_are_counted_slow_and_fast(per_second: float, estimator: int):
    """Analytic: the signal holds 24 vowels; both estimators must follow a doubling of the rate."""
    counted = int(nuclei(babble(per_second, 24))[:, estimator].sum())
    assert counted == pytest.approx(24, rel=0.4)


def test_level_does_not_matter():
    """The same voice 20 dB down has the same number of syllables, give or take one."""
    x = babble(4.0, 20)
    loud, soft = (nuclei(gain * x).sum(axis=0) for gain in (1.0, 0.1))
    assert np.abs(loud - soft).max() <= 1


def test_both_call_rates_are_heard_with_the_same_ears():
    """A 16 kHz call holds as many syllables as its 8 kHz twin, give or take one in ten."""
    import soxr

    x = babble(4.5, 24)
    narrow, wide = nuclei(x), nuclei(soxr.resample(x, 8000, 16000), 16000)
    assert np.abs(narrow.sum(axis=0) - wide.sum(axis=0)).max() <= 2


@pytest.mark.parametrize("kind", ["silence", "noise", "hum", "ringing", "clicks"])
def test_what_is_not_speech_holds_next_to_no_syllables(kind: str):
    """Ten seconds of a sound without a voice: where the speech detector lets it pass, nothing worth a rate is counted.

    Ringing tones may pass it; they are for `cxaudio.analysis.holds` to find.
    """
    rng = np.random.default_rng(5)
    n = 80_000
    t = np.arange(n) / 8000
    sounds = {
        "silence": np.zeros(n),
        "noise": rng.normal(0, 0.02, n),
        "hum": 0.05 * np.sin(2 * np.pi * 50 * t) + 0.02 * np.sin(2 * np.pi * 150 * t) + rng.normal(0, 1e-3, n),
        "ringing": 0.1 * (np.sin(2 * np.pi * 440 * t) + np.sin(2 * np.pi * 480 * t)) * (t % 3 < 1),
        "clicks": rng.normal(0, 1e-3, n) + 0.5 * (rng.random(n) < 3 / 8000),
    }
    detector = SpeechDetector(on_probability=0.7, off_probability=0.6)
    ear = FrontEnd(8000)
    heard = np.concatenate([part.features for part in (ear.process(sounds[kind].astype(np.float32)), ear.flush())])
    speaking = np.concatenate((detector.process(heard), detector.flush()))[:, 1] > 0
    counted = nuclei(sounds[kind])[:, NETWORK]
    assert kind == "ringing" or counted[speaking].sum() <= 2
    assert counted.sum() < 15  # and even unguarded it is no pace anybody speaks at


def test_one_row_comes_out_for_each_tick_also_when_their_number_is_odd():
    """Law 2: the pairs of ticks that the network works on leave no trace in the length."""
    for n in (0, 1, 2, 37, 100):
        features = np.full((n, N_FEATURES), -80, np.float32)
        assert run(SyllableDetector(), features).shape == (n, 2)


def test_a_peak_counts_only_if_it_is_voiced_and_stands_over_dips():
    """Drawn: three equal humps, the second unvoiced, then a plateau with a ripple of 1 dB."""
    features = np.full((200, N_FEATURES), -80, np.float32)
    hump = 20 * np.sin(np.pi * np.arange(20) / 20)
    features[:, PERIODICITY] = 0.9
    for at in (20, 50, 80):
        features[at : at + 20, LEVEL] += hump
    features[45:75, PERIODICITY] = 0.1
    features[120:180, LEVEL] += 20 + 0.5 * np.sin(2 * np.pi * np.arange(60) / 12)
    found = np.flatnonzero(run(NucleiPeaks(), features))
    assert found[:2].tolist() == pytest.approx([30, 90], abs=1)
    assert len(found[2:]) <= 1


def test_evidence_is_free_of_level():
    """Level and noise moved together leave what the network hears as it was."""
    rng = np.random.default_rng(1)
    features = rng.uniform(-90, -20, (50, N_FEATURES)).astype(np.float32)
    moved = features.copy()
    for columns in (BAND_LEVEL, BAND_NOISE, LEVEL, NOISE):
        moved[:, columns] += 12
    first, second = (SyllableEvidence().process(heard) for heard in (features, moved))
    np.testing.assert_allclose(first, second, atol=1e-4)


def test_the_running_sum_loses_nothing_in_a_long_call():
    """An hour of the same second counts 3600 times what a second counts, once settled."""
    second = np.tile(nuclei_features(), (40, 1))
    detector = SyllableDetector()
    detector.process(second)
    counts = [int(detector.process(second)[:, NETWORK].sum()) for _ in range(20)]
    assert max(counts) - min(counts) <= 1


def nuclei_features() -> NDArray[np.float32]:
    """A steady train of syllables, one period of it."""
    features = np.full((26, N_FEATURES), -70, np.float32)
    features[:, PERIODICITY] = 0.8
    rise = 25 * np.clip(np.sin(2 * np.pi * np.arange(26) / 26), 0, 1)
    features[:, BAND_LEVEL] += rise[:, None].astype(np.float32)
    features[:, LEVEL] += rise.astype(np.float32)
    features[:, NOISE] = -75
    features[:, BAND_NOISE] = -75
    return features


def test_slow_and_fast_voices_are_counted_alike():
    """Made voices (`dsp.synthesis.voice`) at 3 and 6.5 syllables a second: each count is right, and their ratio."""
    rng = np.random.default_rng(11)
    counted, true = np.zeros(2), np.zeros(2)
    for _ in range(6):
        voice = random_voice(rng, band="telephone")
        for column, rate in enumerate((3.0, 6.5)):
            plans = [SpurtPlan(n_syllables=12, rate=rate) for _ in range(3)]
            spoken = [said.samples.astype(np.float64) for said in speak(voice, plans, rng, sample_rate=8000)]
            quiet = np.zeros(4000)
            x = np.concatenate([part for sound in spoken for part in (quiet, sound)] + [quiet])
            counted[column] += nuclei(x + rng.normal(0, 1e-4, len(x)))[:, NETWORK].sum()
            true[column] += 36
    assert counted / true == pytest.approx([1.0, 1.0], abs=0.15)
    assert np.log(counted[1] / counted[0]) == pytest.approx(0.0, abs=0.15)


def test_other_weights_can_be_counted_with():
    """A network whose density is one half everywhere counts a syllable every two pairs of ticks."""
    weights = {
        "weight0": np.zeros((4 * N_SYLLABLE_EVIDENCE, 1), np.float32),
        "bias0": np.zeros(1, np.float32),
        "offsets0": np.array([0, 1], np.float32),
    }
    features = np.full((400, N_FEATURES), -80, np.float32)
    assert int(run(SyllableDetector(weights), features)[:, NETWORK].sum()) == 100
