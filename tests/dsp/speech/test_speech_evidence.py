import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.speech.front_end import LEVEL, N_FEATURES, NOISE, PERIODICITY
from dsp.speech.speech_evidence import PeakHold, SpeechEvidence


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
