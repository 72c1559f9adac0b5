"""Lay what the earpiece played beside what the microphone heard at the same instant, whatever the devices delay.

The customer's sound waits in a queue, in the program's buffers and in the device, and the microphone's sound comes
late, too. Both are measured here, call by call, so that nothing is assumed of the devices.
"""

import threading
from collections import deque

import numpy as np
from numpy.typing import NDArray

from cxaudio.sinks.virtual_mic import PlayQueue
from dsp.core.pcm import from_int16
from dsp.core.stage import Float32

__all__ = ["HeardTogether"]

_LOOKS = 51  # calls of 10 ms that one estimate rests on: single ones are some ms off, and the first ones far off
_SHIFTED_S = 0.005  # by which the two must be apart before they are moved; in silence, where nobody hears or counts it
_FAR_S = 0.020  # apart, they are moved at once
_QUIET = np.float32(10 ** (-50 / 20))  # RMS of silence on the customer's line
_KEPT_S = 3.0  # of played sound; longer than any device is late
# Where the system does not say how late its devices are: usual ones. Chosen.
_USUAL_PLAYING_S = 0.030
_USUAL_RECORDING_S = 0.020


class HeardTogether:
    """Play the customer, and return the played sound as it was heard beside each run of the microphone.

    `play` and `run` are called by the session; `take` and `arrived` by the devices' threads, each call with its time.

    Parameters
    ----------
    sample_rate : int
        Of the session and of what is played, Hz.

    Examples
    --------
    >>> both = HeardTogether(8_000)
    >>> both.play(np.full(800, 0.5, np.float32))
    >>> for k in range(10):
    ...     _ = both.take(80, at=5.0 + 0.01 * k, latency_s=0.05)
    ...     both.arrived(80, sample_rate=8_000, at=5.02 + 0.01 * k, latency_s=0.02)
    >>> float(both.run(160)[-1]), float(both.run(240)[-1])  # the first is heard at 5.05, sample 400 of the microphone
    (0.0, 0.0)
    >>> round(float(both.run(80)[-1]), 2)
    0.5
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self.queue = PlayQueue(sample_rate)
        self._lock = threading.Lock()
        self._played: Float32 = np.zeros(round(_KEPT_S * sample_rate), np.float32)  # sample k at k modulo its length
        self._n_played = 0
        self._heard_s = 0.0  # seconds of the microphone's sound that have arrived
        self._playing = deque[float](maxlen=_LOOKS)  # times at which sample 0 was heard, by each call
        self._recording = deque[float](maxlen=_LOOKS)
        self._position = 0  # of the microphone: samples of `run` so far
        self._ahead: int | None = None  # sample played while the microphone heard its sample 0

    def play(self, sound: Float32) -> None:
        """Queue the customer's next sound."""
        self.queue.put(sound)

    def take(self, n: int, *, at: float, latency_s: float | None, channels: int = 1) -> bytes:
        """Return the next `n` samples to play, as int16.

        Parameters
        ----------
        n : int
            Samples.
        at : float
            Time of this call.
        latency_s : float or None
            Until the first of them is heard; None: not known.
        channels : int
            Each gets the same.
        """
        heard_at = at + (_USUAL_PLAYING_S if latency_s is None else latency_s)
        with self._lock:
            mono = np.frombuffer(self.queue.take(n), np.int16)
            self._playing.append(heard_at - self._n_played / self._rate)
            self._played[self._places(self._n_played, n)] = from_int16(mono)
            self._n_played += n
        return np.repeat(mono, channels).tobytes()

    def arrived(self, n: int, *, sample_rate: int, at: float, latency_s: float | None) -> None:
        """Note that `n` samples of the microphone have arrived at the time `at`, the first of them `latency_s` old."""
        heard_at = at - (n / sample_rate + _USUAL_RECORDING_S if latency_s is None else latency_s)
        with self._lock:
            self._recording.append(heard_at - self._heard_s)
            self._heard_s += n / sample_rate

    def run(self, n: int) -> NDArray[np.float32]:
        """Return what was heard in the earpiece during the microphone's next `n` samples."""
        with self._lock:
            self._measure(n)
            out = self._between(self._position + (self._ahead or 0), n)
            self._position += n
        return out

    @property
    def delay(self) -> int:
        """Samples of the microphone from its next one of `run` until what is queued next is heard."""
        with self._lock:
            return self._n_played + self.queue.waiting - (self._ahead or 0) - self._position

    def _measure(self, n: int) -> None:
        """Move the two sounds against each other where they are apart."""
        if not self._playing or not self._recording:
            return
        apart_s = float(np.median(self._recording) - np.median(self._playing))
        # What the microphone has heard was played before: a host that says otherwise errs.
        ahead = min(round(apart_s * self._rate), self._n_played - self._position - n)
        if self._ahead is None:
            self._ahead = ahead
            return
        off = abs(ahead - self._ahead)
        if off >= _SHIFTED_S * self._rate and (off >= _FAR_S * self._rate or self._is_quiet(n)):
            self._ahead = ahead

    def _is_quiet(self, n: int) -> bool:
        beside = self._between(self._position + (self._ahead or 0), n)
        return float(np.dot(beside, beside)) <= n * float(_QUIET) ** 2

    def _between(self, first: int, n: int) -> Float32:
        """Return `n` samples as they were played from `first` on, silence where there are none."""
        out = np.zeros(n, np.float32)
        low, high = max(first, 0, self._n_played - len(self._played)), min(first + n, self._n_played)
        if low < high:
            out[low - first : high - first] = self._played[self._places(low, high - low)]
        return out

    def _places(self, first: int, n: int) -> NDArray[np.intp]:
        return np.arange(first, first + n) % len(self._played)
