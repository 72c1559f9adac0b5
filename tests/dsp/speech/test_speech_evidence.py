import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.speech.front_end import BAND_LEVEL, BAND_NOISE, LEVEL, N_FEATURES, NOISE, PERIODICITY
from dsp.speech.speech_evidence import PeakHold, SpeechEvidence, VoiceLevel


def some_features(n=400):
    rng = np.random.default_rng(1)
    features = rng.uniform(-90, -20, (n, N_FEATURES)).astype(np.float32)
    features[:, NOISE] = -80
    features[:, PERIODICITY] = rng.uniform(0, 1, n)
    return features


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 150), max_size=8))
def test_evidence_cut_anywhere_is_the_same_bits(cuts):
    features = some_features()
    expected = SpeechEvidence().process(features)
    evidence = SpeechEvidence()
    parts = [evidence.process(part) for part in np.split(features, np.minimum(np.cumsum(cuts), len(features)))]
    np.testing.assert_array_equal(expected, np.concatenate(parts))


def test_evidence_is_free_of_level():
    """Analytic: every level is taken relative to another, so adding the same decibels to all changes nothing."""
    features = some_features()
    louder = features.copy()
    louder[:, : 2 * 24] += 12
    louder[:, [LEVEL, NOISE]] += 12
    np.testing.assert_allclose(SpeechEvidence().process(features), SpeechEvidence().process(louder), atol=1e-4)


def test_a_peak_sinks_steadily_until_a_higher_one_comes():
    """Analytic: the recursion max(x, held - decay), tick by tick."""
    x = np.random.default_rng(2).normal(size=300) * 10
    held, expected = -200.0, []
    for value in x:
        held = max(value, held - 0.3)
        expected.append(held)
    peak = PeakHold(0.3)
    actual = np.concatenate([peak.process(part) for part in np.split(x, [1, 40, 41, 222])])
    np.testing.assert_allclose(expected, actual, atol=1e-9)


def test_several_curves_followed_at_once_are_those_followed_alone():
    x = np.random.default_rng(5).normal(size=(3, 300)) * 10
    together = PeakHold(np.array([[0.3], [0.01], [0.3]]))
    actual = np.concatenate([together.process(part) for part in np.split(x, [1, 40, 40, 222], axis=1)], axis=1)
    expected = [PeakHold(decay).process(row) for decay, row in zip((0.3, 0.01, 0.3), x, strict=True)]
    np.testing.assert_array_equal(expected, actual)


def test_a_single_loud_sound_does_not_set_the_level_of_the_voice():
    """Analytic: 0.3 s far above a voice that is known raise its peak by 0.1 dB a tick, 3 dB in all (less its fall)."""
    voice, knock = np.full(400, -30.0), np.full(30, -8.0)
    limited = VoiceLevel().process(np.concatenate((voice, knock, voice)))
    np.testing.assert_array_equal(voice, limited[:400])
    np.testing.assert_allclose(np.arange(1, 31) * 0.1 - 30, limited[400:430], atol=0.07)
    np.testing.assert_array_equal(voice, limited[430:])


def test_a_voice_that_stays_louder_is_followed_within_seconds():
    """Analytic: 20 dB louder is 14 dB beyond the margin; at 0.1 dB a tick that takes 140 ticks."""
    limited = VoiceLevel().process(np.concatenate((np.full(400, -40.0), np.full(200, -20.0))))
    assert 140 == pytest.approx(np.argmax(limited == -20.0) - 400, abs=4)
    assert (limited[550:] == -20.0).all()


def test_what_a_voice_does_by_itself_is_not_limited():
    """5 dB up and down, and the first two seconds of any level."""
    rng = np.random.default_rng(3)
    x = np.where(rng.random(3000) < 0.4, -25 + rng.uniform(-20, 5, 3000), -200.0)
    x[:5] = -60.0
    np.testing.assert_array_equal(x, VoiceLevel().process(x))


def test_the_level_of_the_voice_does_not_depend_on_the_cutting():
    rng = np.random.default_rng(4)
    x = np.where(rng.random(2000) < 0.4, rng.uniform(-60, -10, 2000), -200.0)
    level = VoiceLevel()
    parts = [level.process(part) for part in np.split(x, [1, 2, 700, 700, 1333])]
    np.testing.assert_array_equal(VoiceLevel().process(x), np.concatenate(parts))
    level.reset()
    np.testing.assert_array_equal(VoiceLevel().process(x), level.process(x))


def test_the_columns_of_the_bands_are_what_they_say():
    """Independent: limited differences of decibels, without groups of ticks; 1234 are no whole number of them."""
    features = some_features(1234)
    level = features[:, LEVEL, None]
    expected = np.concatenate(
        (
            np.clip(features[:, BAND_LEVEL] - features[:, BAND_NOISE], -5, 45),
            np.clip(features[:, BAND_LEVEL] - level, -40, 0) + 20,
        ),
        axis=1,
    )
    np.testing.assert_allclose(expected / 20, SpeechEvidence().process(features)[:, :48], atol=1e-6)


def test_the_level_of_the_voice_is_the_recursion_it_says():
    """Independent: every voiced tick by itself, also those that cannot change anything."""
    rng = np.random.default_rng(6)
    rising = np.repeat([-40.0, -25.0, -10.0], [1500, 2000, 1500])
    x = np.where(rng.random(5000) < 0.4, rising + rng.normal(0, 1, 5000), -200.0)
    peak, n_voiced, expected = -200.0, 0, x.copy()
    for k in range(len(x)):
        peak -= 0.002
        if x[k] > -200:
            n_voiced += 1
            if x[k] > peak + 6 and n_voiced > 200:
                expected[k] = peak + 0.1
            peak = max(peak, expected[k])
    level = VoiceLevel()
    actual = np.concatenate([level.process(part) for part in np.split(x, [700, 701, 2500])])
    np.testing.assert_allclose(expected, actual, atol=1e-9)
    assert (expected != x).sum() > 10
