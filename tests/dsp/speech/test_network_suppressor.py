import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.core.stage import run
from dsp.speech.network_suppressor import NetworkSuppressor, shipped_weights
from dsp.speech.suppressor_frames import N_BANDS
from dsp.speech.suppressor_inputs import N_INPUTS, OVER_FLOOR, OVER_NEIGHBOURS, SuppressorInputs
from support.noisy_voice import ratio_db, voice_like

RATES = pytest.mark.parametrize("rate", [8000, 16000])


def constant(root):
    """Make a network of one layer that gives every band the same gain, whatever it hears."""
    return {
        "weight0": np.zeros((N_INPUTS, 3 * N_BANDS), np.float32),
        "bias0": np.repeat(np.float32([root, 0, 0]), N_BANDS),
        "offsets0": np.zeros(1, np.float32),
    }


def in_noise(rate, snr_db, *, seconds=12):
    clean = voice_like(seconds, rate)
    noise = np.random.default_rng(1).normal(size=len(clean))
    return clean, clean + noise * np.sqrt(np.mean(clean**2)) * 10 ** (-snr_db / 20)


@RATES
def test_gains_of_one_change_nothing_but_direct_current(rate):
    voice = voice_like(4, rate)
    y = run(NetworkSuppressor(rate, weights=constant(3.0)), (voice + 0.1).astype(np.float32))
    settled = slice(rate, None)
    assert ratio_db(voice[settled], y[settled]) > 45
    assert abs(np.mean(y[settled])) < 1e-3


@RATES
def test_the_least_gain_is_thirty_decibels(rate):
    noise = 0.1 * np.random.default_rng(2).normal(size=2 * rate).astype(np.float32)
    y = run(NetworkSuppressor(rate, weights=constant(-5.0)), noise)
    assert 20 * np.log10(np.std(y) / np.std(noise)) == pytest.approx(-30.1, abs=0.3)


@RATES
def test_a_gain_reaches_its_own_band_and_no_other(rate):
    """Derived: the gain of the band round 1 kHz is one and all others are least, so only the tone there is left."""
    weights = constant(-5.0)
    weights["bias0"][36:45] = 1.0  # the bands from 900 to 1125 Hz
    t = np.arange(2 * rate) / rate
    tones = [np.sin(2 * np.pi * f * t).astype(np.float32) for f in (1000.0, 2300.0)]
    inside, outside = (np.std(run(NetworkSuppressor(rate, weights=weights), x)[rate:]) for x in tones)
    assert inside == pytest.approx(np.sqrt(0.5), rel=0.01)
    assert outside == pytest.approx(np.sqrt(0.5) * 0.42**4, rel=0.2)


@RATES
@pytest.mark.parametrize("n", [0, 1, 79, 80, 161, 320, 1234])
def test_as_much_comes_out_as_went_in(rate, n):
    assert n == len(run(NetworkSuppressor(rate), np.ones(n, np.float32)))


@RATES
def test_silence_stays_silent(rate):
    assert not run(NetworkSuppressor(rate), np.zeros(rate, np.float32)).any()


@RATES
def test_it_withholds_thirty_milliseconds(rate):
    assert 0.03 * rate == NetworkSuppressor(rate).latency_samples


@RATES
def test_a_softer_recording_is_treated_alike(rate):
    _, noisy = in_noise(rate, 10, seconds=6)
    loud, soft = (run(NetworkSuppressor(rate), (gain * noisy).astype(np.float32)) / gain for gain in (1.0, 0.01))
    assert ratio_db(loud, soft) > 30


def test_the_inputs_of_drop_outs_and_of_silence_are_numbers():
    power = np.random.default_rng(5).exponential(size=(600, 321)).astype(np.float32)
    power[:100] = 0.0
    power[300:310] = 0.0
    inputs = SuppressorInputs(16_000).process(power)
    assert np.isfinite(inputs).all()
    assert np.abs(inputs[:100, : 4 * N_BANDS]).max() < 1e-5, "digital silence is its own level"
    assert np.abs(inputs[400:, :N_BANDS]).max() < 3, "silence before the call does not move the level of the call"


def test_the_loudest_level_falls_by_two_decibels_a_second():
    """Derived: the level falls by 40 dB after a second, so what is left of the difference is 40 dB less the fall."""
    power = np.ones((600, 161), np.float32)
    power[100:] = 1e-4
    peak = SuppressorInputs(8000).process(power)[:, 4 * N_BANDS] / 0.25
    level = -SuppressorInputs(8000).process(power)[:, 0] / 0.25 + np.log(power[:, 0])
    in_db = 10 / np.log(10) * (peak + level)
    np.testing.assert_allclose(in_db[[150, 350, 550]], -2 * (np.array([150, 350, 550]) - 99) / 100, atol=0.02)


def test_a_rate_that_no_call_has_is_refused():
    with pytest.raises(ParameterError, match="8000 or 16000"):
        NetworkSuppressor(44_100)


def test_the_shipped_weights_fit_the_inputs_and_the_bands():
    weights = shipped_weights()
    last = max(int(name[6:]) for name in weights if name.startswith("weight"))
    assert weights["bias0"].ndim == 1
    assert 3 * N_BANDS == weights[f"weight{last}"].shape[1]
    assert 50_000 <= sum(w.size for name, w in weights.items() if name.startswith(("weight", "bias"))) <= 250_000


def test_a_floor_is_found_in_noise_and_holds_through_a_sentence():
    """Derived: the mean of 1 / sqrt(P) of noise is sqrt(pi / mean), so its floor lies 5 dB under the mean."""
    rng = np.random.default_rng(6)
    noise = rng.exponential(size=(1500, 161)).astype(np.float32)
    voice = noise.copy()
    voice[1000:1100] += 1000.0
    over = [SuppressorInputs(8000).process(power)[:, OVER_FLOOR][:, :100] / 0.25 for power in (noise, voice)]
    # the mean logarithm of exponential noise is Euler's constant under that of its mean
    assert over[0][500:, :80].mean() == pytest.approx(np.log(np.pi) - 0.577, abs=0.03)
    assert over[1][1000:1100, :80].mean() == pytest.approx(np.log(1000 * np.pi), abs=0.6)


def test_a_harmonic_stands_over_its_neighbours_and_a_level_does_not():
    power = np.full((3, 161), 0.01, np.float32)
    power[:, 20:80:8] = 1.0
    over = SuppressorInputs(8000).process(power)[:, OVER_NEIGHBOURS] / 0.25
    np.testing.assert_allclose(over[2, 28], np.log(100) * (1 - 1 / 9), rtol=1e-4)
    np.testing.assert_allclose(over[2, 90:100], 0, atol=1e-4)
