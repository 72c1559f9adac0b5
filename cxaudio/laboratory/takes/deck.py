"""Play and record one take at a time through a `SoundSystem`, on one clock.

Sample 0 of a recording is the instant at which the first played sample was handed to the system, so that the delay
between the two is the loop latency, buffers of the system included. Both instants are lower envelopes of the times of
the callbacks: a callback may be late, but never early.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cxaudio.devices.sound_system import InputStream, OutputStream, SoundDevice, SoundSystem
from cxaudio.errors import DeviceError
from dsp.core.pcm import from_int16, to_int16
from dsp.core.resample import Resampler
from dsp.core.stage import Float32, run

__all__ = ["Deck", "Recorded"]


_PREROLL_S = 0.5  # of silence, until the buffers of both directions are full
_ENVELOPE_S = 3.0  # of callbacks from which the instants are computed
_STALL_S = 3.0
_WAIT_S = 0.05
_METER_S = 0.1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Recorded:
    """Sound and counts of one take."""

    samples: Float32  # (n,), full scale +-1.0, from the instant the played sound was handed to the system
    sample_rate: int  # Hz
    overflows: int  # times at which the system said that sound was lost while recording
    underruns: int  # times at which sound was missing while playing
    block_frames: int  # of the callbacks, as they came


class Deck:
    """A microphone and outputs that play to it.

    Parameters
    ----------
    system : SoundSystem
        System of the devices.
    microphone : SoundDevice
        The headset's.
    block_ms : float
        Requested length of the callbacks, ms.
    """

    def __init__(self, system: SoundSystem, microphone: SoundDevice, *, block_ms: float = 10.0) -> None:
        self.system = system
        self.microphone = microphone
        self.block_ms = block_ms

    @property
    def sample_rate(self) -> int:
        """Rate of every recording: the microphone's own, Hz."""
        return self.microphone.sample_rate

    def record(
        self,
        seconds: float,
        *,
        play: Float32 | None = None,
        output: SoundDevice | None = None,
        block_ms: float | None = None,
        meter: Callable[[float, float], None] | None = None,
    ) -> Recorded:
        """Open the streams, play, record and close them again.

        Parameters
        ----------
        seconds : float
            Length of the recording from the first played sample on.
        play : ndarray, shape (n,), optional
            Sound to play, at the microphone's rate.
        output : SoundDevice, optional
            Device that plays it; needed with `play`.
        block_ms : float, optional
            Length of the callbacks; the deck's own where left out. Long ones lose no sound on a busy machine, short
            ones are those of a call.
        meter : callable, optional
            Called with the level in dBov and the seconds left, every tenth of a second.

        Returns
        -------
        Recorded

        Raises
        ------
        DeviceError
            If a device cannot be opened, goes away, stalls, or the system delivers another device's sound.
        """
        recording = _Recording()
        playback = None
        block_ms = self.block_ms if block_ms is None else block_ms
        stream = self.system.open_input(self.microphone, recording.take, block_ms=block_ms)
        player = None
        try:
            rate = stream.sample_rate
            if play is not None and output is not None:
                sent = play if output.sample_rate == rate else run(Resampler(rate, output.sample_rate), play)
                playback = _Playback(sent, output.outputs, output.sample_rate, self.system)
                player = self.system.open_output(output, playback.fill, block_ms=block_ms)
                if player.sample_rate != output.sample_rate:
                    raise DeviceError(
                        output.name, f"plays at {player.sample_rate} Hz and says {output.sample_rate}; open it again"
                    )
            needed = round((seconds + _PREROLL_S + 1.0) * rate)
            self._wait(recording, needed, rate, stream, player, seconds, meter)
            if stream.records() not in (None, self.microphone.name):
                raise DeviceError(
                    self.microphone.name,
                    f"was replaced: the system hands over the sound of {stream.records()}; choose the input again",
                )
            first_s = _PREROLL_S if playback is None else playback.began() - recording.began(rate)
            samples = recording.samples(stream.channels)
            start = max(0, round(first_s * rate))
            return Recorded(
                samples=samples[start : start + round(seconds * rate)],
                sample_rate=rate,
                overflows=recording.overflows,
                underruns=player.underruns if player is not None else 0,
                block_frames=recording.block_frames(),
            )
        finally:
            if player is not None:
                player.close()
            stream.close()

    def _wait(
        self,
        recording: "_Recording",
        needed: int,
        rate: int,
        stream: InputStream,
        player: OutputStream | None,
        seconds: float,
        meter: Callable[[float, float], None] | None,
    ) -> None:
        rest = self.system.mailbox(1)
        last_n, last_at, metered = 0, self.system.now(), 0
        while recording.n_frames < needed:
            rest.get(_WAIT_S)
            for each in (stream, player):
                if each is not None and each.ended:
                    raise DeviceError(each.device.name, "went away while a take was recorded; plug it in and go on")
            now = self.system.now()
            if recording.n_frames > last_n:
                last_n, last_at = recording.n_frames, now
            elif now - last_at > _STALL_S:
                raise DeviceError(
                    self.microphone.name, f"gave no sound for {_STALL_S:g} s; check that nothing else holds it"
                )
            if meter is not None and recording.n_frames - metered >= _METER_S * rate:
                metered = recording.n_frames
                left = seconds + _PREROLL_S - recording.n_frames / rate
                meter(recording.level_dbov(round(_METER_S * rate)), max(0.0, min(seconds, left)))


class _Recording:
    """Recorded sound, added by the system's thread."""

    def __init__(self) -> None:
        self._runs: list[tuple[bytes, int, float]] = []
        self.n_frames = 0
        self.overflows = 0

    def take(self, data: bytes, n_frames: int, stamp: float, overflowed: bool) -> None:
        self._runs.append((data, n_frames, stamp))
        self.n_frames += n_frames
        self.overflows += overflowed

    def began(self, rate: int) -> float:
        """Return when the first sample would have arrived if every run were as early as the earliest."""
        end, earliest = 0, np.inf
        for _, n_frames, stamp in list(self._runs):
            end += n_frames
            earliest = min(earliest, stamp - end / rate)
            if end > _ENVELOPE_S * rate:
                break
        return float(earliest)

    def samples(self, channels: int) -> Float32:
        data = np.frombuffer(b"".join(run[0] for run in self._runs), np.int16)
        frames = from_int16(data.reshape(-1, channels))
        # A headset's microphone has one channel; where a driver shows two, both hold it or one is empty.
        loudest = int(np.argmax(np.mean(np.square(frames), axis=0))) if channels > 1 else 0
        return np.ascontiguousarray(frames[:, loudest])

    def level_dbov(self, n: int) -> float:
        data = np.frombuffer(b"".join(run[0] for run in self._runs[-20:]), np.int16)[-n:].astype(np.float64) / 32768
        return float(10 * np.log10(np.mean(data**2) + 1e-12)) if len(data) else -120.0

    def block_frames(self) -> int:
        counts = [run[1] for run in self._runs]
        return max(set(counts), key=counts.count) if counts else 0


class _Playback:
    """Sound to play, handed over when the system asks for it."""

    def __init__(self, samples: Float32, channels: int, rate: int, system: SoundSystem) -> None:
        quiet = np.zeros(round(_PREROLL_S * rate), np.int16)
        sound = to_int16(samples)
        mono = np.concatenate((quiet, sound))
        self._sound = np.repeat(mono[:, None], channels, axis=1) if channels > 1 else mono
        self._rate = rate
        self._first = len(quiet)
        self._now = system.now
        self._next = 0
        self._asked: list[tuple[int, float]] = []

    def fill(self, n_frames: int) -> bytes:
        if self._next < _ENVELOPE_S * self._rate:
            self._asked.append((self._next, self._now()))
        piece = self._sound[self._next : self._next + n_frames]
        self._next += n_frames
        if len(piece) < n_frames:  # silence after it, which is no underrun
            missing = np.zeros((n_frames - len(piece), *self._sound.shape[1:]), np.int16)
            piece = np.concatenate((piece, missing))
        return piece.tobytes()

    def began(self) -> float:
        """Return when the first sample would have been handed over if every block came as early as the earliest."""
        if not self._asked:
            raise DeviceError("output", "was opened and never asked for sound; check the device")
        return min(at - first / self._rate for first, at in list(self._asked)) + self._first / self._rate
