"""Run WebRTC's voice activity detector, one of the inputs of the speech network; only here is webrtcvad imported."""

from itertools import repeat

import numpy as np

from dsp.core.errors import ParameterError
from dsp.core.pcm import to_int16
from dsp.core.stage import Float32, Open

__all__ = ["WebrtcVoiceActivity"]


class WebrtcVoiceActivity:
    """Compute WebRTC's decision for every 20 ms.

    Frames of 20 ms without overlap; frame j covers ``[2 * j * hop, (2 * j + 2) * hop)`` with ``hop`` = 10 ms, that is
    ticks 2 j and 2 j + 1. Withholds at most 20 ms. Remembers the detector's own noise model.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz.
    mode : int
        0 (lenient) to 3 (strict).

    Raises
    ------
    ParameterError
        If the sample rate is not 8000 or 16000, or the mode is not 0 to 3.

    Examples
    --------
    >>> WebrtcVoiceActivity(8000).process(np.zeros(400, np.float32))
    array([0., 0.], dtype=float32)
    """

    def __init__(self, sample_rate: int, *, mode: int = 2) -> None:
        if sample_rate not in (8000, 16000):
            raise ParameterError(f"{sample_rate=} Hz is not a call's rate; use 8000 or 16000")
        if mode not in (0, 1, 2, 3):
            raise ParameterError(f"{mode=} is not a mode of WebRTC's detector; use 0, 1, 2 or 3")
        self._sample_rate = sample_rate
        self._frame_length = sample_rate // 50
        self._bytes_of_a_frame = np.dtype((np.void, 2 * self._frame_length))
        self._mode = mode
        self._held: Float32
        self._open = Open("WebrtcVoiceActivity")
        self._begin()

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld: one frame, which is complete only with its last sample."""
        return self._frame_length

    def process(self, x: Float32, /) -> Float32:
        """Return a decision for each complete frame, 0 or 1, shape ``(m,)``."""
        self._open.check()
        held = np.concatenate((self._held, x))
        n_used = len(held) // self._frame_length * self._frame_length
        self._held = held[n_used:].copy()
        return self._decide(held[:n_used])

    def flush(self) -> Float32:
        """Return the decision for the last frame, completed with zeros."""
        self._open.close()
        last = np.zeros(self._frame_length if len(self._held) else 0, np.float32)
        last[: len(self._held)] = self._held
        return self._decide(last)

    def reset(self) -> None:
        """Reset to the initial state: the next sample is sample 0."""
        self._open.reopen()
        self._begin()

    def _begin(self) -> None:
        import webrtcvad

        self._vad = webrtcvad.Vad(self._mode)
        # The function of the extension that `Vad.is_speech` calls after its checks, which cost a third of the time.
        self._process = getattr(getattr(webrtcvad, "_webrtcvad", None), "process", None)
        self._held = np.zeros(0, np.float32)

    def _decide(self, x: Float32) -> Float32:
        length, rates = self._frame_length, repeat(self._sample_rate)
        frames = to_int16(x).view(self._bytes_of_a_frame).tolist()
        if self._process is None:
            decisions = map(self._vad.is_speech, frames, rates)
        else:
            decisions = map(self._process, repeat(self._vad._vad), rates, frames, repeat(length))
        return np.fromiter(decisions, np.float32, len(frames))
