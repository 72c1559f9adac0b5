import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.core.stage import run
from dsp.speech.suppressor import GainRule, NoiseSuppressor, log_spectral_gain
from support.noisy_voice import ratio_db, voice_like

RATE = 8000


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize(("snr_db", "gain_db"), [(0, 4.0), (10, 3.0), (20, 1.0)])
def test_noisy_sound_comes_nearer_to_the_clean(rate, snr_db, gain_db):
    clean = voice_like(8, rate)
    noise = np.random.default_rng(1).normal(size=len(clean))
    noisy = clean + noise * np.sqrt(np.mean(clean**2)) * 10 ** (-snr_db / 20)
    y = run(NoiseSuppressor(rate), noisy.astype(np.float32)).astype(float)
    settled = slice(2 * rate, None)
    assert ratio_db(clean[settled], y[settled]) > ratio_db(clean[settled], noisy[settled]) + gain_db


def test_clean_sound_stays_as_it_is():
    clean = voice_like(6, RATE)
    settled = slice(RATE, None)  # by the first pause it is known what is noise
    assert ratio_db(clean[settled], run(NoiseSuppressor(RATE), clean.astype(np.float32)).astype(float)[settled]) > 25


def test_noise_alone_sinks_towards_the_floor_asked_for():
    noise = 0.05 * np.random.default_rng(2).normal(size=8 * RATE).astype(np.float32)
    y = run(NoiseSuppressor(RATE, floor_db=-12.0), noise)
    left_db = 20 * np.log10(np.std(y[4 * RATE :]) / np.std(noise[4 * RATE :]))
    assert -13 < left_db < -9


def test_direct_current_is_taken_out():
    x = 0.1 + 0.001 * np.random.default_rng(3).normal(size=2 * RATE)
    assert abs(run(NoiseSuppressor(RATE), x.astype(np.float32))[RATE:].mean()) < 1e-3


@pytest.mark.parametrize("n", [0, 1, 79, 80, 81, 160, 161, 1234])
def test_as_much_comes_out_as_went_in(n):
    assert n == len(run(NoiseSuppressor(RATE), np.ones(n, np.float32)))


def test_silence_stays_silent():
    assert not run(NoiseSuppressor(RATE), np.zeros(RATE, np.float32)).any()


def test_the_gain_is_that_of_ephraim_and_malah():
    """Published: eq. 20 of their 1985 paper, here with scipy's exponential integral in double precision."""
    from scipy.special import exp1

    prior, posterior = np.meshgrid(10 ** np.arange(-2.5, 2.1, 0.5), 10 ** np.arange(-1.0, 2.1, 0.5))
    v = prior / (1 + prior) * posterior
    expected = prior / (1 + prior) * np.exp(0.5 * exp1(v))
    actual = log_spectral_gain(prior.astype(np.float32), posterior.astype(np.float32))
    table_step = 0.012  # relative; the table is read at its nearest lower entry
    np.testing.assert_allclose(expected, actual, rtol=table_step)


def test_frames_alike_in_every_bin_get_the_same_gain_in_every_bin():
    """Derived: the mean over three equal neighbours is their value, so bins at the edges and within agree."""
    posterior = np.repeat(np.float32([0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 8.0, 4.0]), 9).reshape(-1, 9)
    gain = GainRule(9, floor_db=-15.0).process(posterior, np.ones_like(posterior))
    np.testing.assert_allclose(np.repeat(gain[:, :1], 9, axis=1), gain, rtol=1e-5)
    assert gain.max() - gain.min() > 0.2, "the gains must move for this to say anything"


def test_a_loud_bin_moves_the_gain_of_its_two_neighbours_and_of_no_other():
    """The presence of a bin comes from the mean prior of three, so nothing beyond the next bin counts."""
    noise = np.ones((20, 9), np.float32)
    even = np.full((20, 9), 4.0, np.float32)
    loud = even.copy()
    loud[:, 4] = 100.0
    before, after = (GainRule(9, floor_db=-15.0).process(power, noise)[-1] for power in (even, loud))
    assert [3, 4, 5] == np.flatnonzero(np.abs(after - before) > 0.05).tolist()


def test_what_cannot_suppress_is_refused():
    with pytest.raises(ParameterError, match="less than 0"):
        NoiseSuppressor(RATE, floor_db=0.0)
    with pytest.raises(ParameterError, match="8000 or 16000"):
        NoiseSuppressor(44_100)
