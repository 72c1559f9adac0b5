"""What headsets do to levels: suppressor, gain control, gate, clipping."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from benchmarks.second_headset.headset import GainControl, Gate, SecondHeadset, Suppressor

__all__ = ["gain_control_gain", "processed"]

_STEADY_DB = 6.0
_FRAME_S, _GATE_LEVEL_S, _GLIDE_S = 0.02, 0.01, 0.005
_TINY = 1e-12


def _smoothed(x: NDArray[np.float64], seconds: float, rate: float) -> NDArray[np.float64]:
    """Return a mean with a time constant, begun at the first value."""
    keep = float(np.exp(-1 / (seconds * rate)))
    found: NDArray[np.float64] = signal.lfilter([1 - keep], [1, -keep], x, zi=[keep * x[0]])[0]
    return found


def _suppressor_gain(sound: NDArray[np.float64], own: Suppressor, sample_rate: int) -> NDArray[np.float64]:
    frame = round(_FRAME_S * sample_rate)
    n_frames = -(-len(sound) // frame)
    power = np.mean(np.pad(sound, (0, n_frames * frame - len(sound))).reshape(n_frames, frame) ** 2, axis=1)
    level = 10 * np.log10(_smoothed(power, 0.04, 1 / _FRAME_S) + _TINY)
    n_back = max(2, round(own.after_s / _FRAME_S))
    # The window of the last n_back frames ends at the frame itself.
    back = {"size": n_back, "origin": (n_back - 1) // 2, "mode": "nearest"}
    steady = ndimage.maximum_filter1d(level, **back) - ndimage.minimum_filter1d(level, **back) < _STEADY_DB
    steady[:n_back] = False  # nothing has lasted so long yet
    target = _smoothed(np.where(steady, -own.depth_db, 0.0), 0.05, 1 / _FRAME_S)
    at = (np.arange(n_frames) + 1.0) * frame
    return np.asarray(10 ** (np.interp(np.arange(len(sound)), at, target) / 20))


def gain_control_gain(sound: NDArray[np.float64], own: GainControl, sample_rate: int) -> NDArray[np.float64]:
    """Return the gain, as a factor, that a gain control applies to each sample.

    Parameters
    ----------
    sound : ndarray of float64, shape (n,)
    own : GainControl
    sample_rate : int
        Hz.
    """
    level = 10 * np.log10(_smoothed(sound**2, own.seconds, sample_rate) + _TINY)
    db = np.clip((own.slope - 1) * (level - own.reference_dbov), -own.most_db, own.most_db)
    return np.asarray(10 ** (db / 20))


def _gate_gain(sound: NDArray[np.float64], own: Gate, sample_rate: int) -> NDArray[np.float64]:
    level = 10 * np.log10(_smoothed(sound**2, _GATE_LEVEL_S, sample_rate) + _TINY)
    at = np.arange(len(sound))
    last_loud = np.maximum.accumulate(np.where(level > own.threshold_dbov, at, -len(sound)))
    opened = at - last_loud <= own.hold_s * sample_rate
    return np.asarray(10 ** (_smoothed(np.where(opened, 0.0, -own.depth_db), _GLIDE_S, sample_rate) / 20))


def processed(sound: NDArray[np.float64], headset: SecondHeadset) -> NDArray[np.float64]:
    """Return what suppressor, gain control, gate and clipping make of a sound, in this order.

    Parameters
    ----------
    sound : ndarray of float64, shape (n,)
    headset : SecondHeadset
    """
    rate = headset.sample_rate
    if headset.suppressor is not None:
        sound = sound * _suppressor_gain(sound, headset.suppressor, rate)
    if headset.gain_control is not None:
        sound = sound * gain_control_gain(sound, headset.gain_control, rate)
    if headset.gate is not None:
        sound = sound * _gate_gain(sound, headset.gate, rate)
    return sound if headset.clip_at is None else np.clip(sound, -headset.clip_at, headset.clip_at)
