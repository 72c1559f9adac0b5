import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.speech.front_end import (
    BAND_LEVEL,
    BAND_NOISE,
    LEVEL,
    N_FEATURES,
    NOISE,
    PERIODICITY,
    PITCH,
    TONE,
    WEBRTC,
    FrontEnd,
    FrontEndFrames,
)


def heard(x, rate=8000):
    ear = FrontEnd(rate)
    parts = [ear.process(x.astype(np.float32)), ear.flush()]
    return FrontEndFrames(
        **{name: np.concatenate([getattr(p, name) for p in parts]) for name in ("features", "level", "noise")}
    )


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("n", [0, 1, 79, 80, 81, 159, 160, 161, 8000, 8001])
def test_one_row_comes_out_for_each_tick_begun(rate, n):
    frames = heard(np.ones(n), rate)
    expected = -(-n // (rate // 100))
    assert (expected, N_FEATURES) == frames.features.shape
    assert expected == len(frames.level) == len(frames.noise)


def test_the_columns_are_all_named_once():
    named = [*range(24), *range(24, 48), PERIODICITY, WEBRTC, LEVEL, NOISE, PITCH, TONE]
    assert list(range(24)) == list(range(*BAND_LEVEL.indices(100)))
    assert list(range(24, 48)) == list(range(*BAND_NOISE.indices(100)))
    assert sorted(named) == list(range(N_FEATURES))


def test_a_tone_begins_in_the_tick_in_which_it_begins():
    """In place: a row is not shifted; frames reach 10 ms back and forth, so a neighbour may hear it too."""
    x = np.zeros(16_000)
    x[8000:] = 0.1 * np.sin(2 * np.pi * 500 * np.arange(8000) / 8000)
    assert abs(int(np.flatnonzero(heard(x).level > 1e-4)[0]) - 100) <= 1


def test_the_level_is_the_mean_square():
    """Analytic: a sine of amplitude 0.2 has a mean square of 0.02."""
    x = 0.2 * np.sin(2 * np.pi * 700 * np.arange(8000) / 8000)
    frames = heard(x)
    assert frames.level[20:-20].mean() == pytest.approx(0.02, rel=0.01)
    np.testing.assert_allclose(10 * np.log10(frames.level[20:-20]), frames.features[20:-20, LEVEL], atol=1e-3)


def test_the_noise_is_the_mean_square_of_noise_within_the_bands():
    """Analytic: white noise of 0.01 RMS holds 1e-4, of which the bands from 75 Hz to 4 kHz leave out 2 %."""
    x = 0.01 * np.random.default_rng(1).normal(size=80_000)
    assert heard(x).noise[300:].mean() == pytest.approx(0.98e-4, rel=0.1)


def test_both_rates_hear_the_same():
    t8, t16 = np.arange(16_000) / 8000, np.arange(32_000) / 16_000
    slow, fast = (heard(0.1 * np.sin(2 * np.pi * 440 * t), rate) for t, rate in ((t8, 8000), (t16, 16_000)))
    np.testing.assert_allclose(slow.features[50:150, LEVEL], fast.features[50:150, LEVEL], atol=0.1)
    np.testing.assert_allclose(slow.features[50:150, PERIODICITY], fast.features[50:150, PERIODICITY], atol=0.05)


def test_another_rate_is_refused():
    with pytest.raises(ParameterError, match="8000 or 16000"):
        FrontEnd(11_025)
