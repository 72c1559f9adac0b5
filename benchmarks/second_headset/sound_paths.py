"""Linear paths to the capsule: from the mouth, from far talkers, from the earpiece, and the loop for markers."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

from benchmarks.second_headset.headset import FarTalker, Room, SecondHeadset
from benchmarks.second_headset.response_sections import Section, gain_of, sections_of
from cxaudio.laboratory.takes.protocol import Role

__all__ = ["MEAN_FIT", "PathName", "Wearing", "far_gain", "far_sound", "path_gain", "path_of", "path_sound"]

Float64 = NDArray[np.float64]
PathName = Literal["mouth", "far", "earpiece", "loop"]

_TAP_RATE = 16_000
_ROOM_SEED = 11
_SHELF_HZ = 250.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wearing:
    """Gains of one wearing, dB against the mean fit."""

    mouth_db: float = 0.0
    low_db: float = 0.0
    coupling_db: float = 0.0
    far_db: float = 0.0


MEAN_FIT = Wearing()


def path_of(role: Role) -> PathName:
    """Return the path that the sound of a role takes."""
    if role is Role.FAR:
        return "far"
    if role is Role.EARPIECE:
        return "earpiece"
    return "loop" if role in (Role.MARKERS, Role.OPENING) else "mouth"


def far_gain(far: FarTalker, hertz: Float64) -> Float64:
    """Return the gain of a far talker's path against the mouth's, as a factor."""
    loss = far.loss_db + far.slope_db_per_octave * np.log2(np.maximum(hertz, 100.0) / 1_000)
    return np.asarray(10 ** (-loss / 20))


def far_sound(sound: Float64, far: FarTalker, sample_rate: int) -> Float64:
    """Return what arrives of a far talker: filtered without delay."""
    n = fft.next_fast_len(2 * len(sound), real=True)
    hertz = np.arange(n // 2 + 1) * sample_rate / n
    found: Float64 = fft.irfft(fft.rfft(sound, n) * far_gain(far, hertz), n)[: len(sound)]
    return found


@lru_cache(maxsize=8)
def _reverberation(room: Room, sample_rate: int, energy_db: float) -> Float64:
    """Return the impulse response behind the direct sound: noise that begins 3 ms later and decays."""
    n = round(room.decay_s * sample_rate)
    late = round(0.003 * sample_rate)
    decay = 10 ** (-3 * np.arange(n) / n)
    tail = np.random.default_rng(_ROOM_SEED).standard_normal(n) * decay
    tail *= 10 ** (energy_db / 20) / np.sqrt(np.sum(tail**2))
    return np.concatenate(([1.0], np.zeros(late - 1), tail))


def _room_of(headset: SecondHeadset, path: PathName) -> Float64 | None:
    if headset.room is None or path not in ("mouth", "far"):
        return None
    energy_db = headset.room.mouth_db if path == "mouth" else headset.room.far_db
    return _reverberation(headset.room, headset.sample_rate, energy_db)


def _earpiece_filter(headset: SecondHeadset) -> Float64:
    own = headset.coupling
    step = headset.sample_rate // _TAP_RATE
    taps = np.zeros(step * (len(own.taps) - 1) + 1)
    taps[::step] = own.taps
    return np.asarray(taps * 10 ** (-own.loss_db / 20) / np.max(np.abs(own.taps)))


def _shelf(low_db: float) -> tuple[Section, ...]:
    return (Section("low_shelf", _SHELF_HZ, gain_db=low_db),) if low_db else ()


def path_sound(sound: Float64, headset: SecondHeadset, path: PathName, wearing: Wearing) -> Float64:
    """Return what arrives at the capsule.

    Parameters
    ----------
    sound : ndarray of float64, shape (n,)
        Played, by the recording clock.
    headset : SecondHeadset
    path : {"mouth", "far", "earpiece", "loop"}
    wearing : Wearing

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    if path == "loop":
        return sound
    if path == "earpiece":
        taps = _earpiece_filter(headset) * 10 ** (wearing.coupling_db / 20)
        return np.asarray(signal.oaconvolve(sound, taps)[: len(sound)])
    room = _room_of(headset, path)
    if room is not None:
        sound = signal.oaconvolve(sound, room)[: len(sound)]
    if path == "far":
        return far_sound(sound, headset.far, headset.sample_rate) * 10 ** (wearing.far_db / 20)
    if wearing.low_db:
        sound = signal.sosfilt(sections_of(_shelf(wearing.low_db), headset.sample_rate), sound)
    return sound * 10 ** (wearing.mouth_db / 20)


def path_gain(
    headset: SecondHeadset, path: PathName, hertz: Float64, *, with_response: bool = True
) -> NDArray[np.complex128]:
    """Return the complex gain from what is played to behind the response, at the mean fit and a gain of 0 dB.

    Parameters
    ----------
    headset : SecondHeadset
    path : {"mouth", "far", "earpiece", "loop"}
    hertz : ndarray of float64, shape (n,)
    with_response : bool
        False: up to the capsule only.

    Returns
    -------
    ndarray of complex128, shape (n,)
    """
    rate = headset.sample_rate
    gain = gain_of(sections_of(headset.response if with_response else (), rate), hertz, rate)
    if path == "far":
        gain = gain * far_gain(headset.far, hertz)
    taps = _earpiece_filter(headset) if path == "earpiece" else _room_of(headset, path)
    if taps is not None:
        gain = gain * signal.freqz(taps, worN=np.asarray(hertz), fs=rate)[1]
    return gain
