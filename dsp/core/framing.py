"""Cut samples into frames on a grid that is fixed at sample 0."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32, Open

__all__ = ["Framer", "n_ticks"]


def n_ticks(n_samples: int, hop_length: int) -> int:
    """Return how many ticks a signal of `n_samples` takes; the last tick may be incomplete.

    Parameters
    ----------
    n_samples : int
        Length of the signal, >= 0.
    hop_length : int
        Samples in a tick, >= 1.

    Returns
    -------
    int
        Number of ticks, >= 0.

    Examples
    --------
    >>> n_ticks(161, 80)
    3
    """
    return -(-n_samples // hop_length)


class Framer:
    """Cut a signal into overlapping frames.

    Frame k covers samples ``[k * hop_length - lead, k * hop_length - lead + frame_length)``. Samples before sample 0
    and after the end are zero. After the flush every frame with ``k * hop_length - lead < n`` has been returned: all
    frames that contain a sample of the signal. Withholds at most ``frame_length`` samples. Remembers the incomplete
    frame.

    Parameters
    ----------
    frame_length : int
        Samples in a frame, >= hop_length.
    hop_length : int
        Samples from frame to frame, >= 1.
    lead : int
        Number of samples by which frame 0 begins before sample 0, 0 <= lead < frame_length.

    Raises
    ------
    ParameterError
        If `hop_length` is below 1 or above `frame_length`, or `lead` is out of its range.

    See Also
    --------
    dsp.core.stft.Analyser : Frames, windowed and transformed.

    Examples
    --------
    >>> framer = Framer(4, 2, lead=2)
    >>> framer.process(np.arange(1, 5, dtype=np.float32))
    array([[0., 0., 1., 2.], [1., 2., 3., 4.]], dtype=float32)
    >>> framer.flush()
    array([[3., 4., 0., 0.]], dtype=float32)
    """

    def __init__(self, frame_length: int, hop_length: int, *, lead: int = 0) -> None:
        if hop_length < 1:
            raise ParameterError(f"hop_length={hop_length} must be at least 1 sample")
        if frame_length < hop_length:
            raise ParameterError(f"hop_length={hop_length} is longer than frame_length={frame_length}")
        if not 0 <= lead < frame_length:
            raise ParameterError(f"lead={lead} must lie within 0 and frame_length={frame_length}")
        self.frame_length = frame_length
        self.hop_length = hop_length
        self.lead = lead
        self._open = Open("Framer")
        self._held = np.zeros(lead, np.float32)

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld: one frame, which is complete only with its last sample."""
        return self.frame_length

    def process(self, x: Float32, /) -> Float32:
        """Return the frames that are now complete, shape ``(m, frame_length)``."""
        self._open.check()
        held = np.concatenate((self._held, x))
        n_frames = max(0, (len(held) - self.frame_length) // self.hop_length + 1)
        used = n_frames * self.hop_length
        self._held = held[used:].copy()
        if not n_frames:
            return np.empty((0, self.frame_length), np.float32)
        return sliding_window_view(held, self.frame_length)[: used : self.hop_length].copy()

    def flush(self) -> Float32:
        """Return the last frames, completed with zeros."""
        self._open.close()
        n_frames = n_ticks(len(self._held), self.hop_length)
        padded = np.zeros((n_frames - 1) * self.hop_length + self.frame_length if n_frames else 0, np.float32)
        padded[: len(self._held)] = self._held
        self._held = np.zeros(0, np.float32)
        if not n_frames:
            return np.empty((0, self.frame_length), np.float32)
        return sliding_window_view(padded, self.frame_length)[:: self.hop_length].copy()

    def reset(self) -> None:
        """Reset to the initial state: the next sample is sample 0."""
        self._open.reopen()
        self._held = np.zeros(self.lead, np.float32)
