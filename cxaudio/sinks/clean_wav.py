"""Write the sound with reduced noise as 16-bit WAV on request: the agent left, the customer right."""

import struct
import wave
from pathlib import Path
from typing import IO

from cxaudio._version import __version__
from cxaudio.errors import StoreError
from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.cleaned_sound import cleaned_comment
from cxaudio.model.report import CallReport
from cxaudio.sinks.files import AtomicFile, storing
from dsp.core.pcm import to_int16

__all__ = ["CleanWavSink"]


class CleanWavSink:
    """Write the output of the suppressor at the call's rate, without a shift in time; a `Sink`.

    A comment in the file says what it is, so that nobody takes figures of it for those of the call.

    Parameters
    ----------
    path : Path
        The file; it gets this name only when the call is over.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: AtomicFile | None = None
        self._wave: wave.Wave_write | None = None
        self._rows: list[int] = []

    def open(self, call: CallInfo) -> None:
        """Begin the file, with a channel for each side that the recording has."""
        self._rows = [side for side in range(2) if call.channels[side] is not None]
        self._file = AtomicFile(self.path, binary=True)
        self._file.begin()
        with storing(self.path):
            self._wave = wave.open(self._file.file, "wb")
            self._wave.setnchannels(len(self._rows))
            self._wave.setsampwidth(2)
            self._wave.setframerate(call.timebase.sample_rate)

    def write(self, analysed: Analysed) -> None:
        """Append the sound that is ready."""
        if self._wave is None or not analysed.clean.samples.shape[1]:
            return
        sound = analysed.clean.samples[self._rows]
        whole = to_int16(sound).astype("<i2", copy=False)
        with storing(self.path):
            self._wave.writeframes(whole.T.tobytes())

    def close(self, report: CallReport | None) -> None:
        """Finish the file and give it its name, or leave no file if the call was aborted."""
        sound, file = self._wave, self._file
        self._wave = self._file = None
        if file is None:
            return
        try:
            if sound is not None:
                with storing(self.path):
                    sound.close()
                    _append_comment(file.file, cleaned_comment(__version__))
        except StoreError:
            file.discard()
            if report is not None:
                raise
            return
        if report is None:
            file.discard()
        else:
            file.commit()


def _append_comment(file: IO[bytes], comment: str) -> None:
    """Append a LIST chunk with a comment to a whole WAV file, behind its sound, which at 16 bits needs no padding."""
    text = comment.encode() + b"\0"
    text += b"\0" * (len(text) % 2)
    info = b"INFO" + b"ICMT" + struct.pack("<I", len(text)) + text
    file.seek(0, 2)
    file.write(b"LIST" + struct.pack("<I", len(info)) + info)
    size = file.tell()
    file.seek(4)
    file.write(struct.pack("<I", size - 8))
