"""Play the suppressed microphone into a virtual cable, which the softphone uses as its microphone.

The session passes every block to it, also while paused and between calls, since the customer must go on hearing the
agent. Only sound that was just captured is played; where none arrives, silence is played.
"""

import threading
from concurrent.futures import Future

import numpy as np

from cxaudio.devices.sound_system import DeviceChoice, OutputStream, SoundDevice, SoundSystem, find_device
from cxaudio.errors import DeviceError, UsageError
from cxaudio.model.blocks import AudioBlock
from cxaudio.model.events import Side
from dsp.core.pcm import to_int16
from dsp.core.stage import Float32
from dsp.speech.suppression import SUPPRESSORS, make_suppressor

__all__ = ["CAPTURE_MS", "PlayQueue", "VirtualMicrophone", "check_no_loop"]

CAPTURE_MS = 20.0
"""The longest blocks it may be given, and runs in which devices may hand over sound: longer ones let it run out."""

_TARGET_S = 0.030  # of sound kept against uneven arrival; more than a block of CAPTURE_MS. Chosen.
_MOST_S = 0.080  # more than this is dropped at once, since a microphone must not lag
_TOO_MUCH_S = 0.010  # above the target for a whole second: the clocks differ, so a little sound is dropped
_SKIP_S = 0.005
_QUIET = 10 ** (-50 / 20)  # RMS below which a skip is inaudible
_REOPEN_EVERY_S = 1.0


class PlayQueue:
    """Pass sound from the session to the playing callback, with little delay.

    Parameters
    ----------
    sample_rate : int
        Hz.

    Notes
    -----
    Playing begins when `_TARGET_S` of sound is ready. Where it runs out, silence is played and it begins anew; an
    underrun is counted once sound goes on, since after the last sound there is none. Where the microphone's clock is
    the faster, a few milliseconds are left out now and then, in silence if there is one, with a short fade from one to
    the other.

    Examples
    --------
    >>> waiting = PlayQueue(8_000)
    >>> waiting.put(np.ones(400, np.float32))
    >>> len(waiting.take(80)), waiting.underruns
    (160, 0)
    """

    def __init__(self, sample_rate: int) -> None:
        self._target = round(_TARGET_S * sample_rate)
        self._most = round(_MOST_S * sample_rate)
        self._too_much = self._target + round(_TOO_MUCH_S * sample_rate)
        self._skip = round(_SKIP_S * sample_rate)
        self._second = sample_rate
        self._sound = np.zeros(0, np.float32)
        self._lock = threading.Lock()
        self._playing = False
        self._ran_out = False
        self._least = self._most  # minimum of waiting samples in the last second
        self._since = 0
        self.underruns = 0
        """Number of times that sound came too late."""
        self.left_out = 0
        """Samples dropped in order not to lag."""

    def put(self, x: Float32) -> None:
        """Queue new sound, shape ``(n,)``."""
        with self._lock:
            if self._ran_out and len(x):
                self.underruns += 1
                self._ran_out = False
            self._sound = np.concatenate((self._sound, x))
            over = len(self._sound) - self._most
            if over > 0:
                self._sound = self._sound[over:]
                self.left_out += over

    @property
    def waiting(self) -> int:
        """Samples that are played before what is queued next: the queue, or what it needs before it begins."""
        with self._lock:
            return len(self._sound) if self._playing else max(len(self._sound), self._target)

    def take(self, n: int, *, channels: int = 1) -> bytes:
        """Return the next `n` samples as int16, the same in each channel; silence where there are none."""
        with self._lock:
            mono = self._next(n)
        return mono if channels == 1 else np.repeat(np.frombuffer(mono, np.int16), channels).tobytes()

    def _next(self, n: int) -> bytes:
        if not self._playing and len(self._sound) < max(self._target, n):
            return bytes(2 * n)
        self._playing = True
        self._watch_clock(n)
        ready, self._sound = self._sound[:n], self._sound[n:]
        whole = to_int16(ready).tobytes()
        if len(ready) < n:
            self._ran_out = True
            self._playing = False
        return whole + bytes(2 * (n - len(ready)))

    def _watch_clock(self, n: int) -> None:
        self._least = min(self._least, len(self._sound) - n)
        self._since += n
        if self._since < self._second:
            return
        surplus = self._least > self._too_much - n
        quiet = float(np.sqrt(np.mean(self._sound[: 2 * self._skip] ** 2))) < _QUIET if len(self._sound) else False
        pressing = self._since >= 2 * self._second or self._least > self._too_much
        if surplus and (quiet or pressing) and len(self._sound) >= 2 * self._skip:
            fade = np.linspace(0, 1, self._skip, dtype=np.float32)
            head, behind = self._sound[: self._skip], self._sound[self._skip : 2 * self._skip]
            self._sound = np.concatenate((head * (1 - fade) + behind * fade, self._sound[2 * self._skip :]))
            self.left_out += self._skip
        elif surplus:
            return  # wait for a silence
        self._least, self._since = self._most, 0


class VirtualMicrophone:
    """Suppress the noise of the agent's side and play it.

    Parameters
    ----------
    sound : SoundSystem
        Where the device is.
    choice : DeviceChoice
        A virtual cable's input, or a null sink; nothing a person listens to.
    sample_rate : int
        The session's, 8000 or 16000 Hz.
    suppressor : str, optional
        Name of the suppressor; its delay, of 30 or 20 ms, is in what is played. Blocks and devices add their own.

    Raises
    ------
    DeviceError
        If there is no such device, or it cannot be opened.
    """

    def __init__(
        self, sound: SoundSystem, choice: DeviceChoice, *, sample_rate: int, suppressor: str = SUPPRESSORS[0]
    ) -> None:
        self._sound = sound
        self._choice = choice
        self._rate = sample_rate
        self._suppressor = make_suppressor(suppressor, sample_rate)
        self._queue = PlayQueue(sample_rate)
        self._underruns_before = 0  # of streams that are closed
        self._reopening: Future[OutputStream] | None = None
        self._try_at = 0
        self._n_received = 0
        self._stream: OutputStream | None = self._open()

    @property
    def device(self) -> SoundDevice | None:
        """Device that plays; None while it is gone."""
        return None if self._stream is None else self._stream.device

    @property
    def underruns(self) -> int:
        """Number of times that the device had no sound to play."""
        reported = 0 if self._stream is None else self._stream.underruns
        return self._queue.underruns + self._underruns_before + reported

    @property
    def left_out_s(self) -> float:
        """Seconds dropped in order not to lag."""
        return self._queue.left_out / self._rate

    def play(self, block: AudioBlock) -> None:
        """Suppress and queue a captured block; never waits."""
        self._n_received += block.samples.shape[1]
        self._queue.put(self._suppressor.process(np.ascontiguousarray(block.samples[Side.AGENT])))
        self._keep_open()

    def close(self) -> None:
        """Stop playing; may be called again."""
        if self._stream is not None:
            self._underruns_before += self._stream.underruns
            self._stream.close()
            self._stream = None

    def _open(self) -> OutputStream:
        device = find_device(self._sound.devices(), self._choice, output=True)
        if device is None:
            raise DeviceError(
                str(self._choice), "is no device that plays; choose one that cxaudio devices lists, for --clean-to"
            )
        channels = min(2, device.outputs)
        return self._sound.open_output(
            device,
            lambda n: self._queue.take(n, channels=channels),
            sample_rate=self._rate,
            channels=channels,
            block_ms=10.0,
        )

    def _keep_open(self) -> None:
        """Open a lost device again, on the worker thread."""
        if self._stream is not None and self._stream.ended:
            self.close()
        if self._stream is not None:
            return
        if self._reopening is not None:
            if self._reopening.done():
                opened, self._reopening = self._reopening, None
                if opened.exception() is None:
                    self._stream = opened.result()
        elif self._n_received >= self._try_at:
            self._try_at = self._n_received + round(_REOPEN_EVERY_S * self._rate)
            self._reopening = self._sound.submit(self._open)


def check_no_loop(output: SoundDevice, *, agent: SoundDevice | None, customer: SoundDevice | None) -> None:
    """Refuse a device whose sound would return into a captured side.

    Parameters
    ----------
    output : SoundDevice
        Where the suppressed microphone would play.
    agent, customer : SoundDevice or None
        The device of each side.

    Raises
    ------
    UsageError
        If the agent's side would capture itself and feed back, or the customer's side would be the agent.
    """
    if agent is not None and agent.monitor_of == output.name:
        raise UsageError(
            f"{output.description} is what the agent is heard through ({agent.description}), and would howl; "
            "name another device with --clean-to"
        )
    if customer is not None and customer.monitor_of == output.name:
        raise UsageError(
            f"{output.description} is where the customer is heard ({customer.description}), and the agent would hear "
            "themselves; name a virtual cable or a null sink with --clean-to"
        )
