"""Record a live call, only when requested: a 32-bit float WAV of both sides that is complete after every block.

Nothing is kept back in the program: each block goes to the system with its length in the header, so that a program
killed at any moment leaves a file that opens and lacks at most the block under way. (A machine that loses its power may
lose what the system had not yet put on the disk.)
"""

import errno
import struct
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cxaudio.errors import StoreError, UsageError
from cxaudio.model.blocks import AudioBlock, CallInfo
from cxaudio.model.events import Side
from cxaudio.sources.recorded.marks import Mark, call_line, mark_line, marks_path

__all__ = ["Recorder", "recording_paths"]

_HEADER = struct.Struct("<4sI4s 4sIHHIIHHH 4sII 4sI")
_FLOAT = 3  # WAVE_FORMAT_IEEE_FLOAT
_MOST = 0xFFFFFFFF  # used beyond nine hours at 16 kHz; readers take it as "to the end"
_FRAME = 8  # bytes of a sample of both sides


def recording_paths(first: Path, number: int) -> Path:
    """Return the path of a call's recording: the given one for the first call, numbered from the second on.

    Parameters
    ----------
    first : Path
        As asked for.
    number : int
        Of the call, from 1.

    Examples
    --------
    >>> [recording_paths(Path("monday.wav"), number).name for number in (1, 2, 3)]
    ['monday.wav', 'monday-2.wav', 'monday-3.wav']
    """
    return first if number == 1 else first.with_name(f"{first.stem}-{number}{first.suffix}")


class Recorder:
    """Write the sound of one call to a WAV, agent left, and its marks beside it.

    Parameters
    ----------
    path : Path
        The recording; its folder must exist.

    Raises
    ------
    UsageError
        On opening, if the recording is there already: none is ever overwritten.
    StoreError
        If the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> from cxaudio.model.timebase import Timebase
    >>> call = CallInfo(call_id="call-1", origin="live", language="en", started_at=None, timebase=Timebase(8000),
    ...                 source_rates=(48000, 48000), channels=(0, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recorder = Recorder(Path(folder, "call.wav"))
    ...     recorder.open(call)
    ...     recorder.write(AudioBlock(start=0, samples=np.zeros((2, 800), np.float32)))
    ...     recorder.close()
    ...     Path(folder, "call.wav").stat().st_size
    6458
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sound: FileIO | None = None
        self._marks: FileIO | None = None
        self._rate = 0
        self._n_samples = 0
        self._on: dict[Mark, _On | None] = dict.fromkeys(Mark)

    def open(self, call: CallInfo) -> None:
        """Create both files."""
        self._rate = call.timebase.sample_rate
        try:
            self._sound = open(self.path, "xb", buffering=0)
            self._marks = open(marks_path(self.path), "wb", buffering=0)
            _put(self._marks, call_line(call).encode())
            _put(self._sound, self._header())
        except FileExistsError as exc:
            raise UsageError(f"{self.path}: there is a recording already; name another with --record") from exc
        except OSError as exc:
            self.close()
            raise self._refused(exc) from exc

    def write(self, block: AudioBlock, *, paused: bool = False) -> None:
        """Append a block, which starts where the one before it ended.

        Parameters
        ----------
        block : AudioBlock
            What the analyser was given, with its marks.
        paused : bool
            Whether it was marked because the agent paused.
        """
        if self._sound is None or self._marks is None:
            return
        now = _state(block, paused=paused)
        lines = "".join(
            mark_line(mark, block.start, on=False) for mark in Mark if self._on[mark] not in (None, now[mark])
        )
        lines += "".join(
            mark_line(mark, block.start, on=True, side=on.side)
            for mark, on in now.items()
            if on is not None and on != self._on[mark]
        )
        try:
            if lines:  # before the sound they mark, so that no sound is ever unmarked
                _put(self._marks, lines.encode())
                self._on = now
            _put(self._sound, np.ascontiguousarray(block.samples.T, "<f4").tobytes())
            self._n_samples += block.samples.shape[1]
            self._sound.seek(0)
            _put(self._sound, self._header())
            self._sound.seek(0, 2)
        except OSError as exc:
            raise self._refused(exc) from exc

    def close(self) -> None:
        """Close both files, which are complete already."""
        for file in (self._sound, self._marks):
            if file is not None:
                file.close()
        self._sound = self._marks = None

    def discard(self) -> None:
        """Remove both files: it was no call."""
        if self._sound is None:
            return
        self.close()
        self.path.unlink(missing_ok=True)
        marks_path(self.path).unlink(missing_ok=True)

    def _header(self) -> bytes:
        sound = self._n_samples * _FRAME
        return _HEADER.pack(
            *(b"RIFF", min(sound + _HEADER.size - 8, _MOST), b"WAVE"),
            *(b"fmt ", 18, _FLOAT, 2, self._rate, self._rate * _FRAME, _FRAME, 32, 0),
            *(b"fact", 4, min(self._n_samples, _MOST)),
            *(b"data", min(sound, _MOST)),
        )

    def _refused(self, exc: OSError) -> StoreError:
        return StoreError(
            f"{self.path}: cannot be recorded ({exc.strerror or exc}); check the disk, or name another file"
        )


class _On(NamedTuple):
    """Note whether a state lasts; `side` for sound that only one side lost."""

    side: Side | None = None


def _state(block: AudioBlock, *, paused: bool) -> dict[Mark, _On | None]:
    if paused:
        return {Mark.DROPOUT: None, Mark.HOLD: None, Mark.PAUSE: _On()}
    lost = _On(block.dropout_side) if block.dropout else None
    return {Mark.DROPOUT: lost, Mark.HOLD: _On() if block.held else None, Mark.PAUSE: None}


def _put(file: FileIO, data: bytes) -> None:
    """Write all of the data or raise as for a full disk."""
    if file.write(data) != len(data):
        raise OSError(errno.ENOSPC, "no space left")
