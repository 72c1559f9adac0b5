"""Why a recording is not played; pages turn the reasons into sentences of their language."""

from typing import Literal

from cxaudio.errors import CxAudioError

__all__ = ["Reason", "SoundMissing", "SoundRefused"]

Reason = Literal["no_call", "moved", "unreadable", "remote", "too_large", "outside", "no_file", "no_places"]
"""Each has its sentence under ``workbench_sound.REASON``."""


class SoundMissing(CxAudioError):
    """A recording cannot be read where it should be.

    Parameters
    ----------
    reason : Reason
        Why; no path, for who may hear a call may not always know the names of its files.
    """

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


class SoundRefused(SoundMissing):
    """A recording is there, perhaps, and may not be opened."""
