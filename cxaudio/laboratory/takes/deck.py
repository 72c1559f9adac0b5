"""Plays and records one take at a time through a `SoundSystem`, on one clock; knows no role and no file.

Sample 0 of a recording is the instant at which the first sample of what is played was handed to the system, so that the
delay between the two is the loop latency, buffers of the system included. Both instants are lower envelopes of the
callbacks' times: late callbacks say nothing, early ones are the truth.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.devices.sound_system import SoundDevice, SoundSystem
from cxaudio.errors import DeviceError
from dsp.core.pcm import from_int16
from dsp.core.resample import Resampler
from dsp.core.stage import run

__all__ = ["Deck", "Recorded"]

Float32 = NDArray[np.float32]

_PREROLL_S = 0.5  # of silence, until the buffers of both directions are full
_ENVELOPE_S = 3.0  # of callbacks that tell the instants
_STALL_S = 3.0
_WAIT_S = 0.05
_METER_S = 0.1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Recorded:
    """What came of a take."""

    samples: Float32  # (n,), full scale +-1.0, from the instant the played sound was handed over
    sample_rate: int  # Hz
    overflows: int  # times at which the system said that sound was lost while recording
    underruns: int  # times at which sound was missing while playing
    block_frames: int  # of the callbacks, as they came


class Deck:
    """A microphone and the outputs beside it.

    Parameters
    ----------
    system : SoundSystem
        Where the devices are.
    microphone : SoundDevice
        The headset's.
    block_ms : float
        Length of the callbacks asked for, ms.
    """

    def __init__(self, system: SoundSystem, microphone: SoundDevice, *, block_ms: float = 10.0) -> None:
        self.system = system
        self.microphone = microphone
        self.block_ms = block_ms

    @property
    def sample_rate(self) -> int:
        """Of every recording: the microphone's own, Hz."""
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
            To record from the first played sample on.
        play : ndarray, shape (n,), optional
            At the microphone's rate.
        output : SoundDevice, optional
            Where it is played; needed with `play`.
        block_ms : float, optional
            Length of the callbacks; the deck's own where left out. Long ones lose no sound on a busy machine, short
            ones are what a call has.
        meter : callable, optional
            Told the level in dBov and the seconds left every tenth of a second.

        Returns
        -------
        Recorded

        Raises
        ------
        DeviceError
            If a device cannot be opened, goes away, stalls, or the system hands over another device's sound.
        """
        heard = _Heard()
        tape = None
        block_ms = self.block_ms if block_ms is None else block_ms
        stream = self.system.open_input(self.microphone, heard.take, block_ms=block_ms)
        player = None
        try:
            rate = stream.sample_rate
            if play is not None and output is not None:
                sent = play if output.sample_rate == rate else run(Resampler(rate, output.sample_rate), play)
                tape = _Tape(sent, output.outputs, output.sample_rate, self.system)
                player = self.system.open_output(output, tape.fill, block_ms=block_ms)
                if player.sample_rate != output.sample_rate:
                    raise DeviceError(
                        output.name, f"plays at {player.sample_rate} Hz and says {output.sample_rate}; open it again"
                    )
            needed = round((seconds + _PREROLL_S + 1.0) * rate)
            self._wait(heard, needed, rate, stream, player, seconds, meter)
            if stream.records() not in (None, self.microphone.name):
                raise DeviceError(
                    self.microphone.name,
                    f"was replaced: the system hands over the sound of {stream.records()}; choose the input again",
                )
            first = _PREROLL_S * rate if tape is None else (tape.began() - heard.began(rate, stream.channels)) * rate
            samples = heard.samples(stream.channels)
            start = max(0, round(first))
            return Recorded(
                samples=samples[start : start + round(seconds * rate)],
                sample_rate=rate,
                overflows=heard.overflows,
                underruns=player.underruns if player is not None else 0,
                block_frames=heard.block_frames(),
            )
        finally:
            if player is not None:
                player.close()
            stream.close()

    def _wait(
        self,
        heard: "_Heard",
        needed: int,
        rate: int,
        stream: object,
        player: object,
        seconds: float,
        meter: Callable[[float, float], None] | None,
    ) -> None:
        rest = self.system.mailbox(1)
        last_n, last_at, metered = 0, self.system.now(), 0
        while heard.n_frames < needed:
            rest.get(_WAIT_S)
            for each in (stream, player):
                if each is not None and getattr(each, "ended", False):
                    name = getattr(each, "device", self.microphone).name
                    raise DeviceError(name, "went away while a take was recorded; plug it in and go on")
            now = self.system.now()
            if heard.n_frames > last_n:
                last_n, last_at = heard.n_frames, now
            elif now - last_at > _STALL_S:
                raise DeviceError(
                    self.microphone.name, f"gave no sound for {_STALL_S:g} s; check that nothing else holds it"
                )
            if meter is not None and heard.n_frames - metered >= _METER_S * rate:
                metered = heard.n_frames
                left = seconds + _PREROLL_S - heard.n_frames / rate
                meter(heard.level_dbov(round(_METER_S * rate)), max(0.0, min(seconds, left)))


class _Heard:
    """Runs of recorded sound, put away by the system's thread."""

    def __init__(self) -> None:
        self._runs: list[tuple[bytes, int, float]] = []
        self.n_frames = 0
        self.overflows = 0

    def take(self, data: bytes, n_frames: int, stamp: float, overflowed: bool) -> None:
        self._runs.append((data, n_frames, stamp))
        self.n_frames += n_frames
        self.overflows += overflowed

    def began(self, rate: int, channels: int) -> float:
        """When the first sample would have arrived, had every run come as early as the earliest."""
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


class _Tape:
    """What is played, handed over as it is asked for."""

    def __init__(self, samples: Float32, channels: int, rate: int, system: SoundSystem) -> None:
        quiet = np.zeros(round(_PREROLL_S * rate), np.int16)
        sound = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)
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
        if len(piece) < n_frames:  # silence behind it, which is no underrun
            missing = np.zeros((n_frames - len(piece), *self._sound.shape[1:]), np.int16)
            piece = np.concatenate((piece, missing))
        return piece.tobytes()

    def began(self) -> float:
        """When the sound's first sample was handed over, had every block been asked for as early as the earliest."""
        if not self._asked:
            raise DeviceError("output", "was opened and never asked for sound; check the device")
        return min(at - first / self._rate for first, at in list(self._asked)) + self._first / self._rate
