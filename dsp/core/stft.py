"""Compute short-time spectra (STFT) of samples, and samples of spectra by overlap-add."""

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.fourier import irfft, rfft
from dsp.core.framing import n_ticks
from dsp.core.stage import Float32, Open

__all__ = ["Analyser", "Complex64", "Synthesiser", "hann", "power", "sine_window"]

Complex64 = NDArray[np.complex64]


def hann(length: int) -> Float32:
    """Return a periodic Hann window; copies half a length apart add up to one.

    Parameters
    ----------
    length : int
        Samples, even.

    Returns
    -------
    ndarray of float32, shape (length,)
        0 to 1.

    Examples
    --------
    >>> hann(4)
    array([0. , 0.5, 1. , 0.5], dtype=float32)
    """
    phase = 2 * np.pi * np.arange(length) / length
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)


def sine_window(length: int) -> Float32:
    """Return the square root of a Hann window shifted by half a sample, for use before and after a change of spectrum.

    Squares of copies half a length apart add up to one.

    Parameters
    ----------
    length : int
        Samples, even.

    Returns
    -------
    ndarray of float32, shape (length,)
        0 to 1.

    Examples
    --------
    >>> window = sine_window(160)
    >>> bool(np.allclose(window[:80] ** 2 + window[80:] ** 2, 1))
    True
    """
    return np.sin(np.pi * (np.arange(length) + 0.5) / length).astype(np.float32)


def power(spectra: Complex64) -> Float32:
    """Compute squared magnitudes, without a square root in between.

    Parameters
    ----------
    spectra : ndarray of complex64

    Returns
    -------
    ndarray of float32
        Same shape, >= 0.

    Examples
    --------
    >>> power(np.array([[3 + 4j]], np.complex64))
    array([[25.]], dtype=float32)
    """
    squared: Float32 = np.square(spectra.real)
    squared += np.square(spectra.imag)
    return squared


class Analyser:
    """Compute short-time spectra of samples.

    Frame k covers ``[k * hop_length - lead, k * hop_length - lead + frame_length)``; see `dsp.core.framing.Framer`.
    Withholds at most `frame_length` samples. Remembers the incomplete frame.

    Parameters
    ----------
    window : ndarray of float32, shape (frame_length,)
        Every frame is multiplied by it.
    hop_length : int
        Samples from frame to frame; divides frame_length.
    lead : int
        Number of samples by which frame 0 begins before sample 0, 0 <= lead < frame_length.

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
        self._open = Open("Analyser")
        self._held = np.zeros(lead, np.float32)

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld: one frame, which is complete only with its last sample."""
        return len(self.window)

    def process(self, x: Float32, /) -> Complex64:
        """Return the spectra of the frames that are now complete, shape ``(m, frame_length // 2 + 1)``."""
        self._open.check()
        held = np.concatenate((self._held, x))
        n_frames = max(0, (len(held) - len(self.window)) // self.hop_length + 1)
        self._held = held[n_frames * self.hop_length :].copy()
        return self._transform(held, n_frames)

    def flush(self) -> Complex64:
        """Return the spectra of the last frames, completed with zeros."""
        self._open.close()
        n_frames = n_ticks(len(self._held), self.hop_length)
        padded = np.zeros(n_frames * self.hop_length + len(self.window), np.float32)
        padded[: len(self._held)] = self._held
        return self._transform(padded, n_frames)

    def reset(self) -> None:
        """Reset to the initial state: the next sample is sample 0."""
        self._open.reopen()
        self._held = np.zeros(self.lead, np.float32)

    def _transform(self, samples: Float32, n_frames: int) -> Complex64:
        length = len(self.window)
        if not n_frames:
            return np.empty((0, length // 2 + 1), np.complex64)
        size = samples.itemsize
        # a view of contiguous samples, which takes a tenth of the time of sliding_window_view
        frames: Float32 = np.ndarray((n_frames, length), samples.dtype, samples, 0, (self.hop_length * size, size))
        spectra: Complex64 = rfft(frames * self.window)
        return spectra


class Synthesiser:
    """Compute samples of short-time spectra by overlap-add: the inverse of an `Analyser`.

    Grid: frame k completes the k-th row of `hop_length` samples; the first `lead` samples, before sample 0, are
    dropped. Withholds the last ``m - hop_length`` samples of the last frame; the flush returns them. The
    caller must cut off the zeros after the end of the signal. Remembers the frames that overlap the next row.

    Parameters
    ----------
    window : ndarray of float32, shape (m,)
        The last m samples of every frame are multiplied by it after the inverse transform; m <= frame_length. Its
        product with the analysis window must overlap-add to one.
    hop_length : int
        Samples from frame to frame; divides m.
    lead : int
        Samples of frame 0 before sample 0, of those that are used: the lead of the `Analyser`, less what the window is
        shorter than a frame.
    frame_length : int, optional
        Samples in a frame of the `Analyser`; m if not given.

    Raises
    ------
    ParameterError
        If the hop does not divide the window, or the window is longer than a frame.

    Examples
    --------
    >>> window = sine_window(160)
    >>> analyser, synthesiser = Analyser(window, 80, lead=80), Synthesiser(window, 80, lead=80)
    >>> x = np.sin(np.arange(800, dtype=np.float32))
    >>> y = synthesiser.process(analyser.process(x))
    >>> len(y), bool(np.allclose(x[:len(y)], y, atol=1e-6))
    (720, True)
    """

    def __init__(self, window: Float32, hop_length: int, *, lead: int = 0, frame_length: int | None = None) -> None:
        if hop_length < 1 or len(window) % hop_length:
            raise ParameterError(f"{hop_length=} does not divide the frame of {len(window)} samples; use a divisor")
        self._frame_length = len(window) if frame_length is None else frame_length
        if len(window) > self._frame_length:
            raise ParameterError(
                f"the window of {len(window)} samples is longer than the frame of {frame_length}; use a shorter one"
            )
        self.window = window
        self.hop_length = hop_length
        self.lead = lead
        self._overlap = len(window) // hop_length - 1  # earlier frames that overlap the first hop of a frame
        self._open = Open("Synthesiser")
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Samples withheld: those of the last frame that later frames still add to."""
        return len(self.window) - self.hop_length

    def process(self, spectra: Complex64, /) -> Float32:
        """Return the samples that no later frame adds to, shape ``(k,)``."""
        self._open.check()
        frames: Float32 = irfft(spectra, self._frame_length) if len(spectra) else self._no_frames()
        used = frames[:, -len(self.window) :]
        used *= self.window
        return self._add(used)

    def flush(self) -> Float32:
        """Return the samples withheld of the last frames."""
        self._open.close()
        return self._add(np.zeros((self._overlap, len(self.window)), np.float32))

    def reset(self) -> None:
        """Reset to the initial state: the next frame is frame 0."""
        self._open.reopen()
        self._begin()

    def _begin(self) -> None:
        self._held = np.zeros((self._overlap, len(self.window)), np.float32)
        self._to_drop = self.lead

    def _no_frames(self) -> Float32:
        return np.empty((0, self._frame_length), np.float32)

    def _add(self, frames: Float32) -> Float32:
        held = np.concatenate((self._held, frames))
        n_rows, hop = len(frames), self.hop_length
        rows = np.zeros((n_rows, hop), np.float32)
        for age in range(self._overlap, -1, -1):  # oldest first: one order of the sum for any blocks
            first = self._overlap - age
            rows += held[first : first + n_rows, age * hop : (age + 1) * hop]
        self._held = held[n_rows:].copy()
        samples = rows.reshape(-1)
        dropped = min(self._to_drop, len(samples))
        self._to_drop -= dropped
        return samples[dropped:]
