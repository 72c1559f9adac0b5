"""Change the sample rate of a signal that arrives in blocks."""

import math

import numpy as np

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32, Open

__all__ = ["HIGHEST_RATE", "LOWEST_RATE", "Resampler", "resampled_length"]

LOWEST_RATE = 4_000
"""Lowest rate accepted, in Hz; below it too little of speech remains."""

HIGHEST_RATE = 384_000
"""Highest rate accepted, in Hz: that of the fastest converters sold."""

_WITHHELD_S = 0.25
"""Upper limit of what soxr withholds at rates from 8 kHz up, in seconds; longer in proportion at lower rates.

Measured with soxr 1.1 at quality HQ over 64 pairs of rates and blocks from a hundredth of a second to the whole
signal: at most 0.175 s. The filters' transforms have a fixed length, so it does not grow with the signal.
"""


def resampled_length(n_samples: int, in_rate: int, out_rate: int) -> int:
    """Return the length of a signal at another rate: all k with ``k / out_rate < n_samples / in_rate``.

    Parameters
    ----------
    n_samples : int
        Length at `in_rate`.
    in_rate, out_rate : int
        Hz.

    Returns
    -------
    int
        Length at `out_rate`.

    Examples
    --------
    >>> resampled_length(44_100, 44_100, 8_000), resampled_length(1, 48_000, 8_000)
    (8000, 1)
    """
    return -(-n_samples * out_rate // in_rate)


class Resampler:
    """Change the sample rate of one side.

    Grid: output sample k is at time ``k / out_rate``, without delay (the filter has linear phase, and its delay is
    removed). After the flush exactly `resampled_length` samples have been returned. Samples before sample 0 and after
    the end are taken as zero. Withholds at most a quarter of a second (half a second at 4 kHz). Remembers the filter's
    past samples. At equal rates the samples pass unchanged.

    The filter is that of soxr at quality HQ, in single precision: linear phase, passband up to 0.913 of the lower
    Nyquist frequency.

    Parameters
    ----------
    in_rate, out_rate : int
        Hz, each from `LOWEST_RATE` to `HIGHEST_RATE`.

    Raises
    ------
    ParameterError
        If a rate is out of range.

    References
    ----------
    R. Sykes, "The SoX Resampler library", 2012-; D. Cournapeau, K. Kwak et al., python-soxr.

    Examples
    --------
    >>> from dsp.core.stage import run
    >>> t = np.arange(48_000) / 48_000
    >>> tone = np.sin(2 * np.pi * 440 * t, dtype=np.float32)
    >>> run(Resampler(48_000, 8_000), tone).shape
    (8000,)
    """

    def __init__(self, in_rate: int, out_rate: int) -> None:
        for name, rate in (("in_rate", in_rate), ("out_rate", out_rate)):
            if not LOWEST_RATE <= rate <= HIGHEST_RATE:
                raise ParameterError(f"{name}={rate} Hz is out of range; use {LOWEST_RATE} to {HIGHEST_RATE} Hz")
        self.in_rate = in_rate
        self.out_rate = out_rate
        self._open = Open("Resampler")
        self.reset()

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld; 0 at equal rates."""
        if self.in_rate == self.out_rate:
            return 0
        return math.ceil(_WITHHELD_S * self.in_rate * max(1.0, 8_000 / min(self.in_rate, self.out_rate)))

    def process(self, x: Float32, /) -> Float32:
        """Return the samples at the new rate that are now final, shape ``(m,)``.

        Parameters
        ----------
        x : ndarray of float32, shape (n,)
            Next samples at `in_rate`, full scale +-1.0.

        Returns
        -------
        ndarray of float32, shape (m,)
        """
        self._open.check()
        self._n_in += len(x)
        if self.in_rate == self.out_rate:
            self._n_out += len(x)
            return x.astype(np.float32, copy=True)
        if not len(x):
            return np.empty(0, np.float32)
        y: Float32 = self._stream.resample_chunk(np.ascontiguousarray(x, np.float32), last=False)
        self._n_out += len(y)
        return y

    def flush(self) -> Float32:
        """Return the rest of the signal, up to its exact length."""
        self._open.close()
        missing = resampled_length(self._n_in, self.in_rate, self.out_rate) - self._n_out
        if missing <= 0:
            return np.empty(0, np.float32)
        # soxr rounds the length to the nearest sample; ours ends on the last one inside the signal. So add silence.
        silence = np.zeros(2 * math.ceil(self.in_rate / self.out_rate), np.float32)
        tail: Float32 = self._stream.resample_chunk(silence, last=True)
        return tail[:missing].copy()

    def reset(self) -> None:
        """Reset to the initial state: the next sample is sample 0."""
        self._open.reopen()
        self._n_in = 0
        self._n_out = 0
        if self.in_rate != self.out_rate:
            import soxr  # type: ignore[import-untyped]  # only where the rate changes

            self._stream = soxr.ResampleStream(self.in_rate, self.out_rate, 1, dtype="float32", quality="HQ")
