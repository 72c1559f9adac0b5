"""A private PulseAudio with made devices for the tests: a softphone's sink and a headset's microphone.

It has its own folder and socket and touches nobody else's sound. Sound played into the sink ``headset_mic_feed`` is
what the microphone ``usb_headset_mic`` hears; what is played into ``softphone_out`` is heard by its monitor.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

__all__ = ["FAR_END", "MICROPHONE", "MICROPHONE_FEED", "SOFTPHONE", "AudioServer", "audio_server"]

SOFTPHONE = "softphone_out"
FAR_END = "softphone_out.monitor"
MICROPHONE_FEED = "headset_mic_feed"
MICROPHONE = "usb_headset_mic"

_DEVICES = f"""
load-module module-null-sink sink_name={SOFTPHONE} rate=48000 channels=2
load-module module-null-sink sink_name={MICROPHONE_FEED} rate=16000 channels=1
load-module module-remap-source master={MICROPHONE_FEED}.monitor source_name={MICROPHONE}
set-default-sink {SOFTPHONE}
set-default-source {MICROPHONE}
"""
# Without shared memory: PulseAudio 16 mistakes blocks of streams that are moved, and may die of it (its issue 824).
_QUIETLY = ("--disable-shm=yes", "--use-pid-file=no", "--log-target=null", "--realtime=no", "--high-priority=no")
_STREAM_VARIABLES = ("PULSE_SOURCE", "PULSE_SINK", "PULSE_PROP", "PULSE_PROP_OVERRIDE")


class AudioServer:
    """Run a private sound server; `environment` is what a client needs to find it, and no other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._socket = folder / "socket"
        self._script = folder / "run.pa"
        self._process: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []
        self._n_played = 0
        self.environment = {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_COOKIE": str(folder / "cookie"),
            "XDG_RUNTIME_DIR": str(folder),
        }

    def start(self) -> None:
        """Start it, with its devices, and wait until it answers."""
        self._socket.unlink(missing_ok=True)
        native = f"load-module module-native-protocol-unix socket={self._socket} auth-anonymous=1"
        self._script.write_text(f".fail\n{native}\n{_DEVICES}")
        self._process = subprocess.Popen(
            ["pulseaudio", "-n", "-F", self._script, "--daemonize=no", "--exit-idle-time=-1", *_QUIETLY],
            env={**os.environ, **self.environment, "XDG_CONFIG_HOME": str(self.folder), "HOME": str(self.folder)},
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while subprocess.run(["pactl", "info"], env=self._client(), capture_output=True).returncode:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError("the private server did not start")
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it, as a crash does."""
        self.hush()
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def freeze(self, on: bool) -> None:
        """Suspend it, so that it neither answers nor ends; or let it continue."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def control(self, *words: str) -> str:
        """Return the output of ``pactl``."""
        done = subprocess.run(["pactl", *words], env=self._client(), capture_output=True, text=True, timeout=10)
        if done.returncode:
            raise RuntimeError(f"pactl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def listed(self, what: str) -> list[dict[str, Any]]:
        """Return a list of the server, such as ``sources`` or ``source-outputs``."""
        return list(json.loads(self.control("-f", "json", "list", what)))

    def load(self, module: str, **arguments: object) -> int:
        """Load a module and return its number."""
        return int(self.control("load-module", module, *(f"{key}={value}" for key, value in arguments.items())))

    def unload(self, number: int) -> None:
        """Unload a module, which unplugs its devices."""
        self.control("unload-module", str(number))

    def module_of(self, source: str) -> int:
        """Return the number of the module that made a source."""
        return next(int(each["owner_module"]) for each in self.listed("sources") if each["name"] == source)

    def plug_microphone(self) -> None:
        """Bring the headset's microphone back."""
        self.load("module-remap-source", master=f"{MICROPHONE_FEED}.monitor", source_name=MICROPHONE)

    def play(self, sink: str, samples: NDArray[np.floating[Any]], rate: int) -> subprocess.Popen[bytes]:
        """Play sound of shape ``(n,)`` or ``(n, channels)`` into a sink, in the background."""
        self._n_played += 1
        path = self.folder / f"played-{self._n_played}.wav"
        soundfile.write(path, samples, rate, subtype="PCM_16")
        player = subprocess.Popen(["paplay", f"--device={sink}", str(path)], env=self._client())
        self._players.append(player)
        return player

    def hush(self) -> None:
        """Stop everything that plays."""
        for player in self._players:
            if player.poll() is None:
                player.kill()
            player.wait()
        self._players.clear()

    def _client(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in _STREAM_VARIABLES}
        return {**kept, **self.environment, "LC_ALL": "C"}


def _missing() -> list[str]:
    return [tool for tool in ("pulseaudio", "pactl", "paplay") if shutil.which(tool) is None]


@pytest.fixture(scope="module")
def _audio_server_folder() -> Iterator[Path]:
    # A socket's path may have 108 letters, so this lies where paths are short.
    with tempfile.TemporaryDirectory(prefix="cx-pa-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def _audio_server_process(_audio_server_folder: Path) -> Iterator[AudioServer]:
    if _missing():
        pytest.skip(f"no {', '.join(_missing())} here; install pulseaudio and pulseaudio-utils")
    server = AudioServer(_audio_server_folder)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def audio_server(_audio_server_process: AudioServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[AudioServer]:
    """Start the private server with its devices, and make this process its client."""
    server = _audio_server_process
    for key, value in server.environment.items():
        monkeypatch.setenv(key, value)
    if not server.alive:
        server.start()
    yield server
    server.kill()  # whatever a test has unplugged or frozen is as it was for the next
