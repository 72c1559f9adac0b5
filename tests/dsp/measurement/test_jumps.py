"""Sound cut out of recordings, or put into them, where it is known; and none where there is only noise and echo."""

from dataclasses import replace

import numpy as np
import pytest

from cxaudio.laboratory.takes.signals import made_speech
from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.core.errors import ParameterError
from dsp.measurement.jumps import find_jumps, find_sweep_jumps
from dsp.measurement.sweep import Sweep, deconvolve

RATE = 16_000
HEADSET = SimulatedHeadset(
    sample_rate=RATE,
    response=((100, -8.0), (200, -3.0), (400, 0.0), (3_000, 5.0), (5_000, 0.0)),
    bandwidth_hz=6_900,
    cubic=0.03,
    noise_dbov=-70,
    delay_samples=1_203.4,
    skew_ppm=-140,
)


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return made_speech(16.0, RATE).astype(np.float64)


def _recorded(headset: SimulatedHeadset, sound: np.ndarray) -> np.ndarray:
    return headset.record(np.random.default_rng(1), mouth=sound, tail_s=1.0)


def _room(x: np.ndarray, direct: float) -> np.ndarray:
    """Reverberation of 0.5 s and a power of 1 behind a direct sound."""
    n = RATE // 2
    tail = np.random.default_rng(2).normal(size=n) * 10 ** (-3 * np.arange(n) / n)
    tail /= np.sqrt(np.sum(tail**2))
    tail[0] = direct
    size = len(x) + n
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(tail, size), size)[: len(x)]


@pytest.mark.parametrize("ms", [-20.0, -10.0, -3.0, 10.0])
@pytest.mark.parametrize("at_s", [4.0, 11.0])
def test_a_cut_is_found_with_its_place_and_size(speech, ms, at_s):
    x = _recorded(HEADSET, speech)
    at, n = round(at_s * RATE), round(abs(ms) / 1000 * RATE)
    cut = np.delete(x, slice(at, at + n)) if ms < 0 else np.insert(x, at, np.zeros(n))
    (jump,) = find_jumps(speech, cut, RATE, skew_ppm=-140).jumps
    assert 1000 * jump.jump_s == pytest.approx(ms, abs=0.3)
    (jump,) = find_jumps(speech, cut, RATE).jumps
    assert 1000 * jump.jump_s == pytest.approx(ms, abs=0.6)
    assert jump.at_s == pytest.approx(at_s, abs=0.7)  # the place within a pause is not known


@pytest.mark.parametrize(
    "headset",
    [
        HEADSET,
        replace(HEADSET, noise_dbov=-35),
        replace(HEADSET, bandwidth_hz=3_400, skew_ppm=200),
        replace(HEADSET, gate_dbov=-50),
        replace(HEADSET, control_slope=0.4, control_s=0.2),
        replace(HEADSET, noise_dbov=-10),
    ],
)
def test_noise_pauses_gates_gain_control_and_skew_are_no_cut(speech, headset):
    assert not find_jumps(speech, _recorded(headset, speech), RATE).jumps


@pytest.mark.parametrize("direct", [1.0, 0.5, 0.3])
def test_reverberation_is_no_cut(speech, direct):
    assert not find_jumps(speech, _room(_recorded(HEADSET, speech), direct), RATE).jumps


def test_sound_that_is_not_heard_tells_nothing(speech):
    found = find_jumps(speech, np.random.default_rng(1).normal(0, 0.01, len(speech)), RATE)
    assert not found.jumps
    assert found.heard_s < 1
    with pytest.raises(ParameterError, match="a second or more"):
        find_jumps(speech, np.zeros(len(speech)), RATE)


@pytest.mark.parametrize("at_s", [1.5, 2.4, 3.3, 4.2])
def test_a_cut_within_a_sweep_is_found(at_s):
    sweep = Sweep(sample_rate=RATE)
    x = _recorded(replace(HEADSET, skew_ppm=0), sweep.samples().astype(np.float64))
    assert not find_sweep_jumps(deconvolve(x, sweep))
    assert not find_sweep_jumps(deconvolve(_room(x, 0.5), sweep))
    at = round(at_s * RATE)
    (jump,) = find_sweep_jumps(deconvolve(np.delete(x, slice(at, at + 160)), sweep))
    assert 1000 * jump.jump_s == pytest.approx(-10, abs=1.5)
    assert jump.at_s == pytest.approx(at_s, abs=0.3)


def test_several_cuts_are_each_found(speech):
    x = _recorded(HEADSET, speech)
    for at_s in (13.0, 9.0, 5.0):
        x = np.delete(x, slice(round(at_s * RATE), round((at_s + 0.01) * RATE)))
    found = find_jumps(speech, x, RATE, skew_ppm=-140).jumps
    assert [1000 * jump.jump_s for jump in found] == pytest.approx([-10, -10, -10], abs=0.3)


@pytest.mark.parametrize("seed", range(4))
def test_an_echo_that_is_as_loud_as_the_direct_sound_is_no_cut(speech, seed):
    """A desk 5.6 ms behind the mouth: now the one is louder, now the other."""
    x = _recorded(replace(HEADSET, noise_dbov=-40), speech)
    filtered = np.convolve(x, np.random.default_rng(seed).normal(size=40) * np.exp(-np.arange(40) / 8))[: len(x)]
    both = x + 0.35 * np.concatenate((np.zeros(90), filtered[:-90]))
    assert not find_jumps(speech, _room(both, 1.0), RATE).jumps
