"""What the suppressors of noise have in common: spectra in, gains, sound out."""

import numpy as np

from dsp.core.errors import ParameterError
from dsp.core.fourier import rfft
from dsp.core.stage import Float32, Open
from dsp.core.stft import Analyser, Complex64, Synthesiser
from dsp.core.tiles import ExponentialSmoother

__all__ = ["SpectralSuppressor"]

_STEADY = 20.0  # frames over which direct current is averaged: a corner frequency under 1 Hz


class SpectralSuppressor:
    """Base of the suppressors that multiply short-time spectra by gains.

    A frame ends every 10 ms. Output sample k belongs to input sample k. Direct current is removed without a change of
    phase. Withholds at most the length of `out_window`.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz.
    window : ndarray of float32, shape (n,)
        Of a frame; n is a multiple of 10 ms.
    out_window : ndarray of float32, shape (m,)
        Of the last m <= n samples of a frame, which make sound.

    Raises
    ------
    ParameterError
        If the sample rate is not 8000 or 16000.
    """

    def __init__(self, sample_rate: int, *, window: Float32, out_window: Float32) -> None:
        if sample_rate not in (8000, 16000):
            raise ParameterError(f"{sample_rate=} Hz is not a call's rate; use 8000 or 16000")
        hop = sample_rate // 100
        self._latency = len(out_window)
        self._steady = ExponentialSmoother(1, time_constant=_STEADY)
        self._window_spectrum = rfft(window) / window.sum()
        self._analyser = Analyser(window, hop, lead=len(window) - hop)
        self._synthesiser = Synthesiser(out_window, hop, lead=len(out_window) - hop, frame_length=len(window))
        self._open = Open(type(self).__name__)
        self._n_in = 0
        self._n_out = 0

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld: those of a frame that make sound, and that later frames add to."""
        return self._latency

    def process(self, x: Float32, /) -> Float32:
        """Return the samples that are now final, shape ``(k,)``."""
        self._open.check()
        self._n_in += len(x)
        y = self._suppressed(x, last=False)
        self._n_out += len(y)
        return y

    def flush(self) -> Float32:
        """Return the last samples, up to the length of the input."""
        self._open.close()
        return self._suppressed(np.empty(0, np.float32), last=True)[: self._n_in - self._n_out]

    def reset(self) -> None:
        """Reset to the initial state: the next sample is sample 0, and no noise is known."""
        for stage in (self._steady, self._analyser, self._synthesiser):
            stage.reset()
        self._open.reopen()
        self._n_in = self._n_out = 0

    def _gains(self, spectra: Complex64) -> Float32:
        """Return the gain of every bin, in the shape of the spectra."""
        raise NotImplementedError

    def _suppressed(self, x: Float32, *, last: bool) -> Float32:
        spectra = self._analyser.flush() if last else self._analyser.process(x)
        if len(spectra):
            spectra -= self._steady.process(np.ascontiguousarray(spectra[:, :1].real)) * self._window_spectrum
            spectra *= self._gains(spectra)
        y = self._synthesiser.process(spectra)
        return np.concatenate((y, self._synthesiser.flush())) if last else y
