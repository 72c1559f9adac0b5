"""Capture the far end on Windows: loopback of an output through PyAudioWPatch, where that extra is installed.

The PortAudio that sounddevice brings to Windows has no loopback, PyAudioWPatch's has. Written after its documentation
and never run on Windows by us; the tests hold it against a stand-in.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from cxaudio.devices.sound_system import OnSound, SoundDevice
from cxaudio.errors import DeviceError

__all__ = ["HOST", "LoopbackStream", "WasapiLoopback", "loopback_if_installed"]

HOST = "Windows WASAPI loopback"
_SIGN = "[Loopback]"
_OVERFLOW = 2  # paInputOverflow


def loopback_if_installed() -> "WasapiLoopback | None":
    """Return the adapter; None where PyAudioWPatch is not installed or finds no WASAPI."""
    try:
        import pyaudiowpatch  # type: ignore[import-not-found]  # exists for Windows only
    except ImportError:
        return None
    try:
        return WasapiLoopback(pyaudiowpatch)
    except OSError:
        return None


class WasapiLoopback:
    """Find and open inputs that record what an output plays.

    Parameters
    ----------
    library : module
        ``pyaudiowpatch``, or a stand-in.
    """

    def __init__(self, library: Any) -> None:
        self._library = library
        self._host = library.PyAudio()

    def look_again(self) -> None:
        """Read the devices again; only while no stream is open."""
        self._host.terminate()
        self._host = self._library.PyAudio()

    def devices(self) -> tuple[SoundDevice, ...]:
        """Return the loopbacks; each delivers nothing while nothing plays."""
        return tuple(
            SoundDevice(
                name=entry["name"],
                host=HOST,
                description=entry["name"],
                inputs=int(entry["maxInputChannels"]),
                outputs=0,
                sample_rate=int(entry["defaultSampleRate"]),
                monitor_of=str(entry["name"]).removesuffix(_SIGN).strip(),
                continuous=False,
            )
            for entry in self._host.get_loopback_device_info_generator()
        )

    def open(
        self,
        device: SoundDevice,
        on_sound: OnSound,
        *,
        sample_rate: int,
        channels: int,
        block_ms: float,
        now: Callable[[], float],
    ) -> "LoopbackStream":
        """Open a loopback, at its own rate and channels: shared mode converts neither.

        Raises
        ------
        DeviceError
            If it is gone or cannot be opened.
        """
        found = [entry for entry in self._host.get_loopback_device_info_generator() if entry["name"] == device.name]
        if not found:
            raise DeviceError(device.name, "is not there; plug it in")
        go_on = (None, self._library.paContinue)

        def callback(data: bytes, n_frames: int, times: Any, status: int) -> tuple[None, int]:
            on_sound(data, n_frames, now(), bool(status & _OVERFLOW))
            return go_on

        try:
            stream = self._host.open(
                format=self._library.paInt16,
                channels=channels,
                rate=sample_rate,
                frames_per_buffer=max(1, round(block_ms * sample_rate / 1000)),
                input=True,
                input_device_index=found[0]["index"],
                stream_callback=callback,
            )
        except (OSError, ValueError) as error:
            raise DeviceError(device.name, f"cannot be opened ({error}); see cxaudio doctor") from error
        return LoopbackStream(device, sample_rate, channels, stream)

    def close(self) -> None:
        """Release the library."""
        self._host.terminate()


class LoopbackStream:
    """An open loopback; an `InputStream`."""

    def __init__(self, device: SoundDevice, sample_rate: int, channels: int, stream: Any) -> None:
        self.device = device
        self.sample_rate = sample_rate
        self.channels = channels
        self.latency_s: float | None = None  # the library's times are not read
        self._stream = stream
        self.closed = False

    @property
    def ended(self) -> bool:
        """Whether the stream ended although we did not close it."""
        return not self.closed and not self._stream.is_active()

    def records(self) -> str | None:
        """Return None: Windows never moves such a stream."""
        return None

    def close(self) -> None:
        """Close the stream; may be called again."""
        if not self.closed:
            self.closed = True
            with suppress(OSError):  # the device may be gone already
                self._stream.stop_stream()
            self._stream.close()
