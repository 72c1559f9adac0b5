"""Convert between float samples of full scale 1.0 and 16-bit integers."""

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32

__all__ = ["from_int16", "mono_from_int16", "to_int16"]

_STEP = np.float32(1 / 32768)


def from_int16(frames: NDArray[np.int16]) -> Float32:
    """Convert 16-bit integers to samples of full scale 1.0.

    Parameters
    ----------
    frames : ndarray of int16, any shape

    Returns
    -------
    ndarray of float32
        Same shape, -1 to 1.

    Examples
    --------
    >>> from_int16(np.array([16384, -32768], np.int16))
    array([ 0.5, -1. ], dtype=float32)
    """
    return frames * _STEP


def mono_from_int16(frames: NDArray[np.int16], channel: int | None = None) -> Float32:
    """Return one channel as float32, or all of them mixed down.

    Parameters
    ----------
    frames : ndarray of int16, shape (n, channels)
        Sound as a device delivers it.
    channel : int or None
        Index of the channel from 0; None mixes all of them.

    Returns
    -------
    ndarray of float32, shape (n,)
        -1 to 1.

    Examples
    --------
    >>> mono_from_int16(np.array([[16384, -16384], [16384, 0]], np.int16))
    array([0.  , 0.25], dtype=float32)
    """
    if frames.shape[1] == 1:
        channel = 0
    if channel is not None:
        return from_int16(frames[:, channel])
    if frames.shape[1] == 2:
        return np.add(frames[:, 0], frames[:, 1], dtype=np.float32) * (_STEP / 2)
    mixed: Float32 = frames.sum(axis=1, dtype=np.int32) * np.float32(_STEP / frames.shape[1])
    return mixed


def to_int16(x: Float32) -> NDArray[np.int16]:
    """Return the nearest 16-bit integers, limited to their range.

    Parameters
    ----------
    x : ndarray of float32, any shape
        Full scale 1.0.

    Returns
    -------
    ndarray of int16
        Same shape.

    Examples
    --------
    >>> to_int16(np.array([0.5, 1.0, -2.0], np.float32))
    array([ 16384,  32767, -32768], dtype=int16)
    """
    samples = x * np.float32(32768.0)
    np.rint(samples, out=samples)
    return np.clip(samples, -32768, 32767, out=samples).astype(np.int16)
