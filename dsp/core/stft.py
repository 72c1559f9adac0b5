"""Short-time spectra and back: STFT and overlap-add on the framing grid; knows no noise and no speech."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from dsp.core.errors import ParameterError
from dsp.core.framing import n_ticks
from dsp.core.stage import Float32, Open

__all__ = ["Analyser", "Complex64", "Synthesiser", "hann", "power", "sine_window"]

Complex64 = NDArray[np.complex64]


def hann(length: int) -> Float32:
    """Periodic Hann window; copies half a length apart add up to one.

    Examples
    --------
    >>> hann(4)
    array([0. , 0.5, 1. , 0.5], dtype=float32)
    """
    phase = 2 * np.pi * np.arange(length) / length
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)


def sine_window(length: int) -> Float32:
    """Root of the Hann window, half a sample in: used before and after a change of the spectrum, the two add up to one.

    Examples
    --------
    >>> window = sine_window(160)
    >>> bool(np.allclose(window[:80] ** 2 + window[80:] ** 2, 1))
    True
    """
    return np.sin(np.pi * (np.arange(length) + 0.5) / length).astype(np.float32)


def power(spectra: Complex64) -> Float32:
    """Squared magnitude, without a root in between.

    Examples
    --------
    >>> power(np.array([[3 + 4j]], np.complex64))
    array([[25.]], dtype=float32)
    """
    squared: Float32 = np.square(spectra.real)
    squared += np.square(spectra.imag)
    return squared


class Analyser:
    """Samples to short-time spectra.

    Frame k covers ``[k * hop_length - lead, k * hop_length - lead + frame_length)``; see `Framer`. Withholds at most
    `frame_length` samples. Remembers the unfinished frame.

    Parameters
    ----------
    window : ndarray of float32, shape (frame_length,)
        Multiplied onto every frame.
    hop_length : int
        Samples from frame to frame; divides frame_length.
    lead : int
        By how many samples frame 0 begins before sample 0.

    Raises
    ------
    ParameterError
        If the hop does not divide the frame, or the lead is not shorter than it.

    Examples
    --------
    >>> tone = np.cos(2 * np.pi * 1000 / 8000 * np.arange(800)).astype(np.float32)
    >>> spectra = Analyser(hann(160), 80, lead=80).process(tone)
    >>> spectra.shape, int(np.argmax(np.abs(spectra[4]))) * 50
    ((10, 81), 1000)
    """

    def __init__(self, window: Float32, hop_length: int, *, lead: int = 0) -> None:
        if hop_length < 1 or len(window) % hop_length:
            raise ParameterError(f"{hop_length=} does not divide the frame of {len(window)} samples; use a divisor")
        if not 0 <= lead < len(window):
            raise ParameterError(f"{lead=} must lie within 0 and the frame of {len(window)} samples")
        self.window = window
        self.hop_length = hop_length
        self.lead = lead
        self._parts = window.reshape(-1, hop_length)
        self._open = Open("Analyser")
        self._held = np.zeros(lead, np.float32)

    @property
    def latency_samples(self) -> int:
        """A frame is whole only when its last sample is in."""
        return len(self.window)

    def process(self, x: Float32, /) -> Complex64:
        """Spectra that became whole, shape ``(m, frame_length // 2 + 1)``."""
        self._open.check()
        held = np.concatenate((self._held, x))
        n_frames = max(0, (len(held) - len(self.window)) // self.hop_length + 1)
        self._held = held[n_frames * self.hop_length :].copy()
        return self._transform(held, n_frames)

    def flush(self) -> Complex64:
        """Spectra of the last frames, filled up with zeros."""
        self._open.close()
        n_frames = n_ticks(len(self._held), self.hop_length)
        padded = np.zeros(n_frames * self.hop_length + len(self.window), np.float32)
        padded[: len(self._held)] = self._held
        return self._transform(padded, n_frames)

    def reset(self) -> None:
        """Begin again at sample 0."""
        self._open.reopen()
        self._held = np.zeros(self.lead, np.float32)

    def _transform(self, samples: Float32, n_frames: int) -> Complex64:
        if not n_frames:
            return np.empty((0, len(self.window) // 2 + 1), np.complex64)
        n_parts = len(self._parts)
        hops = samples[: (n_frames + n_parts - 1) * self.hop_length].reshape(-1, self.hop_length)
        frames = np.empty((n_frames, n_parts, self.hop_length), np.float32)
        for number, part in enumerate(self._parts):  # framing and windowing in one go
            np.multiply(hops[number : number + n_frames], part, out=frames[:, number])
        spectra: Complex64 = fft.rfft(frames.reshape(n_frames, -1), axis=1, overwrite_x=True)
        return spectra


class Synthesiser:
    """Short-time spectra to samples by overlap-add: the way back from an `Analyser`.

    The k-th row of `hop_length` samples out is certain once frame k is in, so what comes out ends
    ``frame_length - hop_length`` samples before the last frame's end; the rest comes by the flush. The first `lead`
    samples, which lie before sample 0, are dropped; the zeros behind the signal's end are the caller's to cut.

    Parameters
    ----------
    window : ndarray of float32, shape (frame_length,)
        Multiplied onto every frame after the inverse transform; times the analysis window it must overlap-add to one.
    hop_length : int
        Samples from frame to frame; divides frame_length.
    lead : int
        As given to the `Analyser`.

    Raises
    ------
    ParameterError
        If the hop does not divide the frame.

    Examples
    --------
    >>> window = sine_window(160)
    >>> analyser, synthesiser = Analyser(window, 80, lead=80), Synthesiser(window, 80, lead=80)
    >>> x = np.sin(np.arange(800, dtype=np.float32))
    >>> y = synthesiser.process(analyser.process(x))
    >>> len(y), bool(np.allclose(x[:len(y)], y, atol=1e-6))
    (720, True)
    """

    def __init__(self, window: Float32, hop_length: int, *, lead: int = 0) -> None:
        if hop_length < 1 or len(window) % hop_length:
            raise ParameterError(f"{hop_length=} does not divide the frame of {len(window)} samples; use a divisor")
        self.window = window
        self.hop_length = hop_length
        self.lead = lead
        self._overlap = len(window) // hop_length - 1  # frames before this one that reach into its first hop
        self._open = Open("Synthesiser")
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Samples of the last frame that later frames still add to."""
        return len(self.window) - self.hop_length

    def process(self, spectra: Complex64, /) -> Float32:
        """Samples that no later frame adds to, shape ``(k,)``."""
        self._open.check()
        frames: Float32 = fft.irfft(spectra, len(self.window), axis=1) if len(spectra) else self._no_frames()
        frames *= self.window
        return self._add(frames)

    def flush(self) -> Float32:
        """Samples of the last frames that were still open."""
        self._open.close()
        return self._add(np.zeros((self._overlap, len(self.window)), np.float32))

    def reset(self) -> None:
        """Begin again at frame 0."""
        self._open.reopen()
        self._begin()

    def _begin(self) -> None:
        self._held = np.zeros((self._overlap, len(self.window)), np.float32)
        self._to_drop = self.lead

    def _no_frames(self) -> Float32:
        return np.empty((0, len(self.window)), np.float32)

    def _add(self, frames: Float32) -> Float32:
        held = np.concatenate((self._held, frames))
        n_rows, hop = len(frames), self.hop_length
        rows = np.zeros((n_rows, hop), np.float32)
        for age in range(self._overlap, -1, -1):  # oldest frame first: one order of adding for every cutting
            first = self._overlap - age
            rows += held[first : first + n_rows, age * hop : (age + 1) * hop]
        self._held = held[n_rows:].copy()
        samples = rows.reshape(-1)
        dropped = min(self._to_drop, len(samples))
        self._to_drop -= dropped
        return samples[dropped:]
