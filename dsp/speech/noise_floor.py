"""Estimate the noise power of each band or bin, also while there is speech.

Follows improved minima-controlled recursive averaging (Cohen 2003). Minima of the smoothed power over about two seconds
give a first, rough floor (Martin 2001). The speech-presence probability with a fixed prior (Gerkmann & Hendriks 2012,
eq. 18) says how likely a frame above that floor is speech. The noise floor is the average of the power, weighted by the
probability that there is no speech. The average is the ratio of two fixed recursions, weighted power over weights, so
that whole blocks can be computed at once.
"""

import numpy as np

from dsp.core.stage import Float32, Open
from dsp.core.tiles import ExponentialSmoother

__all__ = ["NoiseFloor"]

_WINDOW = 8  # frames averaged before the minimum is taken: as short as a pause between words; see _sum_of_eight
_SUB_BLOCK = 16  # frames of which one minimum is kept
_N_SUB_BLOCKS = 12  # see _lowest_of_twelve; with 10 ms frames the minimum reaches back 1.92 s (Martin 2001 uses 1.5 s)
_PRIOR = np.float32(10**1.5)  # 15 dB, the fixed a-priori ratio of Gerkmann & Hendriks 2012
_ANCHOR = np.float32(0.02)  # weight of the rough floor, so that long speech does not lead to zero divided by zero
_CAP = np.float32(4.0)  # 6 dB over the rough floor: noise that has stopped, or speech at the start, is soon forgotten
_SILENCE = np.float32(1e-12)  # added to the power, so that digital silence is not zero


def _sum_of_eight(rows: Float32, *, out: Float32) -> Float32:
    """Sum every eight consecutive rows, as sums of two, four and eight, so that the order does not depend on blocks."""
    two = rows[:-1] + rows[1:]
    four = two[:-2] + two[2:]
    return np.add(four[:-4], four[4:], out=out)


def _lowest_of_twelve(rows: Float32) -> Float32:
    """Compute the minimum of every twelve consecutive rows, from minima of two, four and eight."""
    two = np.minimum(rows[:-1], rows[1:])
    four = np.minimum(two[:-2], two[2:])
    eight = np.minimum(four[:-4], four[4:])
    twelve: Float32 = np.minimum(eight[:-4], four[8:])
    return twelve


def _lowest_of_sub_blocks(sub_blocks: Float32) -> Float32:
    """Compute the minimum of each sub-block by halves: in long rows, half the time of a reduction."""
    lowest, length = sub_blocks, _SUB_BLOCK
    while length > 1:
        length //= 2
        lowest = np.minimum(lowest[:, :length], lowest[:, length:])
    return lowest[:, 0]


class NoiseFloor:
    """Estimate the noise power at each frame.

    Row k of the output belongs to frame k and uses frames up to k only. Withholds nothing. Remembers about two seconds
    of minima and the running averages.

    Parameters
    ----------
    n_channels : int
        Number of bands or bins in a frame; each has its own estimate.
    memory : float
        Number of frames over which the power of frames without speech is averaged.
    bias : float
        Mean power of stationary noise, divided by the minimum of its smoothed power. It depends on how many independent
        values are in one band (measured with white noise in ``tests/dsp/speech/test_noise_floor.py``).
    start : ndarray of float32, shape (n_channels,), optional
        Expected noise power of each channel, > 0. The first estimate is not higher than this; the minima of the first
        two seconds replace it. Without it only the first frames count.

    References
    ----------
    .. [1] I. Cohen, "Noise spectrum estimation in adverse environments: improved minima controlled recursive
       averaging", IEEE Trans. Speech Audio Process. 11(5), 2003.
    .. [2] R. Martin, "Noise power spectral density estimation based on optimal smoothing and minimum statistics",
       IEEE Trans. Speech Audio Process. 9(5), 2001.
    .. [3] T. Gerkmann and R. C. Hendriks, "Unbiased MMSE-based noise power estimation with low complexity and low
       tracking delay", IEEE Trans. Audio Speech Lang. Process. 20(4), 2012.

    Examples
    --------
    >>> power = np.full((300, 2), 4.0, np.float32)
    >>> NoiseFloor(2, memory=50, bias=1.0).process(power)[-1]
    array([4., 4.], dtype=float32)
    """

    def __init__(self, n_channels: int, *, memory: float, bias: float, start: Float32 | None = None) -> None:
        self._n_channels = n_channels
        # The smoothed power is kept as a sum of eight frames: a power of two changes no digit of a product.
        self._bias = np.float32(bias) / _WINDOW
        self._start = np.full(n_channels, np.inf, np.float32) if start is None else (start + _SILENCE) / self._bias
        self._long = ExponentialSmoother(2 * n_channels, time_constant=memory)  # weighted power, and weights
        self._held: Float32
        self._open = Open("NoiseFloor")
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Most frames withheld: none."""
        return 0

    def reset(self) -> None:
        """Reset to the initial state."""
        self._long.reset()
        self._open.reopen()
        self._begin()

    def flush(self) -> Float32:
        """Return no frames: nothing is withheld."""
        self._open.close()
        return np.empty((0, self._n_channels), np.float32)

    def process(self, power: Float32, /) -> Float32:
        """Return the noise power at each frame, shape ``(m, n_channels)``, > 0."""
        self._open.check()
        if not len(power):
            return np.empty((0, self._n_channels), np.float32)
        held = np.empty((_WINDOW - 1 + len(power), self._n_channels), np.float32)
        held[: _WINDOW - 1] = self._held
        power = np.add(power, _SILENCE, out=held[_WINDOW - 1 :])
        self._held = held[-(_WINDOW - 1) :].copy()
        floor = self._rough_floor(held)
        # probability that the frame is noise alone: 1 - eq. 18 of [3] with equal priors
        excess = power / floor
        excess *= -_PRIOR / (1 + _PRIOR)
        np.exp(excess, out=excess)
        excess *= 1 + _PRIOR
        absence = excess + 1
        np.divide(excess, absence, out=absence)
        weighted = np.multiply(absence, power, out=power)
        both = np.empty((len(power), 2 * self._n_channels), np.float32)
        np.add(weighted, np.multiply(floor, _ANCHOR, out=excess), out=both[:, : self._n_channels])
        np.add(absence, _ANCHOR, out=both[:, self._n_channels :])
        sums = self._long.process(both)
        floor *= _CAP
        average = np.divide(sums[:, : self._n_channels], sums[:, self._n_channels :], out=excess)
        np.minimum(average, floor, out=floor)
        return floor

    def _begin(self) -> None:
        self._n_frames = 0
        self._held = np.zeros((_WINDOW - 1, self._n_channels), np.float32)  # power of the frames before
        self._minima = np.tile(self._start, (_N_SUB_BLOCKS, 1))  # of complete sub-blocks
        self._minimum = np.full(self._n_channels, np.inf, np.float32)  # of the incomplete sub-block

    def _rough_floor(self, held: Float32) -> Float32:
        """Compute the lowest smoothed power of about two seconds, corrected by `bias`."""
        n, first = len(held) - (_WINDOW - 1), self._n_frames
        self._n_frames += n
        offset = first % _SUB_BLOCK
        n_blocks = -(-(offset + n) // _SUB_BLOCK)
        padded = np.empty((n_blocks * _SUB_BLOCK, self._n_channels), np.float32)
        padded[:offset] = padded[offset + n :] = np.inf
        smooth = _sum_of_eight(held, out=padded[offset : offset + n])
        if first < _WINDOW:  # an average of the frames seen so far
            begun = smooth[: _WINDOW - first]
            begun /= np.arange(first + 1, first + 1 + len(begun), dtype=np.float32)[:, None]
            begun *= _WINDOW
        sub_blocks = padded.reshape(n_blocks, _SUB_BLOCK, -1)
        minima = _lowest_of_sub_blocks(sub_blocks)
        np.minimum(minima[0], self._minimum, out=minima[0])
        history = np.concatenate((self._minima, minima))
        lowest = _lowest_of_twelve(history)[:n_blocks]
        n_whole = (offset + n) // _SUB_BLOCK
        self._minima = history[n_whole : n_whole + _N_SUB_BLOCKS].copy()
        self._minimum = minima[-1].copy() if n_whole < n_blocks else np.full_like(self._minimum, np.inf)
        np.minimum(sub_blocks, lowest[:, None], out=sub_blocks)
        smooth *= self._bias
        return smooth
