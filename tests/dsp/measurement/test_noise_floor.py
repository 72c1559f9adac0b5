"""The noise of two stretches is compared band by band, and a step within a take is found."""

import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.measurement.noise_floor import find_floor_step, floor_gains_db, noise_pieces

RATE = 16_000


def coloured(seconds: float, *, slope: float, seed: int) -> np.ndarray:
    """Noise of a slope in dB per octave."""
    n = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0, 1e-3, n))
    hertz = np.maximum(np.fft.rfftfreq(n, 1 / RATE), 50)
    return np.fft.irfft(spectrum * 10 ** (slope / 20 * np.log2(hertz / 1_000)), n)


@pytest.mark.parametrize("slope", [0.0, -4.0, -6.0])
def test_a_gain_is_read_within_a_quarter_of_a_decibel_from_a_second_of_noise(slope):
    pieces = [noise_pieces(coloured(1.0, slope=slope, seed=seed), RATE, np.array([[0, RATE]])) for seed in range(20)]
    gains = np.array([floor_gains_db(each, pieces[0].powers[0] * 10**0.3)[0][0] for each in pieces[1:]])
    assert np.abs(gains + 3.0).max() < 0.25


@pytest.mark.parametrize("slope", [0.0, -4.0])
def test_a_gain_is_read_within_half_a_decibel_from_noise_as_weak_as_a_step_of_16_bits(slope):
    noise = coloured(4.0, slope=slope, seed=3)
    noise *= 0.8 / 32768 / noise.std()
    softer, louder = (
        noise_pieces(np.round(gain * noise * 32768) / 32768, RATE, np.array([[0, 4 * RATE]]), longest_s=4.0)
        for gain in (1.0, 10**0.15)
    )
    assert floor_gains_db(louder, softer.powers[0])[0] == pytest.approx(3.0, abs=0.5)


def test_a_gain_moves_all_bands_and_a_fan_does_not():
    noise = coloured(4.0, slope=-3.0, seed=1)
    reference = noise_pieces(noise, RATE, np.array([[0, 4 * RATE]]), longest_s=4.0).powers[0]
    fan = noise + 3 * coloured(4.0, slope=-12.0, seed=2)
    for sound, uneven in ((2 * noise, False), (fan, True)):
        pieces = noise_pieces(sound, RATE, np.array([[0, 4 * RATE]]))
        assert (np.median(floor_gains_db(pieces, reference)[1]) > 1.5) == uneven


def test_digital_silence_and_short_stretches_are_left_out():
    x = np.concatenate((np.zeros(RATE), np.random.default_rng(1).normal(0, 1e-3, RATE)))
    assert len(noise_pieces(x, RATE, np.array([[0, RATE]]))) == 0
    assert len(noise_pieces(x, RATE, np.array([[RATE, RATE + 500]]))) == 0
    assert len(noise_pieces(x, RATE, np.array([[RATE, 2 * RATE]]))) == 1


def test_noise_without_a_step_has_none():
    rng = np.random.default_rng(4)
    assert all(find_floor_step(np.arange(12.0), rng.normal(0, 0.4, 12), least_db=2.0) is None for _ in range(200))


def test_one_side_is_asked_for():
    with pytest.raises(ParameterError, match="one side"):
        noise_pieces(np.zeros((2, 100)), RATE, np.array([[0, 100]]))
