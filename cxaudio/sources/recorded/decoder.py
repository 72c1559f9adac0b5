"""`Decoder`: read a spliced file by soundfile; every failure becomes an `AudioFormatError`."""

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cxaudio.errors import AudioFormatError
from cxaudio.sources.recorded.spliced import SplicedFile

__all__ = ["Decoder"]


class Decoder:
    """Decode the sound of one file from frame 0 on; a context manager.

    Parameters
    ----------
    virtual : SplicedFile
        The file for libsndfile; it has no name, so that libsndfile guesses nothing from its ending.
    path : path
        For messages.
    refusal : str or None
        Message where libsndfile does not open it; None: libsndfile's own reason.

    Raises
    ------
    AudioFormatError
        If libsndfile does not open it.
    """

    def __init__(self, virtual: SplicedFile, path: Path, *, refusal: str | None = None) -> None:
        import soundfile  # not before sound is read: it costs 60 ms

        self._virtual = virtual
        self._path = path
        self._failure: type[Exception] = soundfile.SoundFileError
        try:
            self._sound = soundfile.SoundFile(virtual)
        except (soundfile.SoundFileError, RuntimeError, TypeError) as exc:
            self._check_disk()
            detail = getattr(exc, "error_string", "").rstrip(". ") or "its beginning is damaged"
            raise AudioFormatError(
                path, refusal or f"cannot be decoded ({detail}); export the call again, or convert it to a PCM WAV"
            ) from exc
        self.channels = int(self._sound.channels)
        self.sample_rate = int(self._sound.samplerate)
        self.promised_frames = int(self._sound.frames)
        self.codec = str(self._sound.subtype)  # in soundfile's words, as "PCM_16"
        self.is_float = self.codec in ("FLOAT", "DOUBLE")
        self.seekable = bool(self._sound.seekable())
        self.comment = str(self._sound.comment)
        # soundfile seeks to where it is after each read if it can, and mpg123 loses its memory by that: up to 0.3 s of
        # MP3 behind each read were damaged. It seeks only where `seek` says so.
        self._sound.seekable = lambda: False

    def read(self, out: NDArray[np.float32]) -> NDArray[np.float32]:
        """Read frames into `out`, shape ``(n, channels)``; return the part that was filled, empty at the end."""
        try:
            piece: NDArray[np.float32] = self._sound.read(out=out)
        except self._failure as exc:
            self._check_disk()
            raise AudioFormatError(self._path, "is damaged inside its sound; export the call again") from exc
        self._check_disk()
        return piece

    def seek(self, frame: int) -> None:
        """Continue at `frame`."""
        try:
            self._sound.seek(frame)
        except self._failure as exc:
            self._check_disk()
            raise AudioFormatError(self._path, "is damaged inside its sound; export the call again") from exc

    def close(self) -> None:
        """Free the decoder; the file underneath stays open."""
        self._sound.close()

    def _check_disk(self) -> None:
        """Raise the disk error that the spliced file kept, since an exception cannot pass through C."""
        if self._virtual.error is not None:
            reason = getattr(self._virtual.error, "strerror", None) or self._virtual.error
            raise AudioFormatError(self._path, f"cannot be read: {reason}; copy it to another disk")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
