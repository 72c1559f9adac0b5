"""Tell from its name whether a file is a recording, a recording in the making, or none; reads no file."""

from cxaudio.replay.endings import has_recording_ending

__all__ = ["IN_PROGRESS", "final_name", "is_hidden", "is_readable_name", "is_recording"]

IN_PROGRESS = (".part", ".tmp", ".crdownload")
"""Endings that programs give to a file while they write or fetch it."""


def final_name(name: str) -> str | None:
    """Return the name that a recording in the making gets when it is complete; None for any other file.

    Examples
    --------
    >>> final_name("call.wav.part"), final_name("call.wav"), final_name("notes.txt.tmp")
    ('call.wav', None, None)
    """
    stem, dot, ending = name.rpartition(".")
    return stem if f"{dot}{ending.lower()}" in IN_PROGRESS and has_recording_ending(stem) else None


def is_hidden(name: str) -> bool:
    """Return whether a file or folder is left out because its name begins with a full stop."""
    return name.startswith(".")


def is_recording(name: str) -> bool:
    """Return whether a file's name is that of a recording, complete or in the making."""
    return not is_hidden(name) and (has_recording_ending(name) or final_name(name) is not None)


def is_readable_name(name: str) -> bool:
    r"""Return whether a name is UTF-8, so that it can be kept; Python marks other bytes as lone surrogates.

    Examples
    --------
    >>> is_readable_name("Gespräch.wav"), is_readable_name(b"caf\xe9.wav".decode(errors="surrogateescape"))
    (True, False)
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
