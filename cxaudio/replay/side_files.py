"""Decide whether two recordings given together are the two sides of one call."""

import os
from pathlib import Path

from cxaudio.errors import UsageError
from cxaudio.replay.known_layouts import known_layouts

__all__ = ["sides_of_one_call"]


def sides_of_one_call(first: Path, second: Path, *, layout: str | None) -> tuple[Path, Path] | None:
    """Return the agent's and the customer's file, if two recordings are the two sides of one call.

    Parameters
    ----------
    first, second : Path
        As given.
    layout : str or None
        A recorder's convention; one that writes a file a side names them in a known way.

    Returns
    -------
    tuple of Path, or None
        None: they are two calls, or one of them cannot be read; reading it later raises the error.

    Raises
    ------
    UsageError
        If both have one channel and nothing says whether they belong together.
    """
    from cxaudio.errors import AudioFormatError
    from cxaudio.sources.recorded.layouts import find_layout
    from cxaudio.sources.recorded.recording import Recording

    if layout is not None:
        convention = find_layout(known_layouts(), layout)
        return convention.in_order(first, second) if convention.files == 2 else None
    if os.path.isdir(first) or os.path.isdir(second):
        return None
    try:
        for path in (first, second):
            with Recording(path) as recording:
                if recording.channels != 1:
                    return None
    except AudioFormatError:
        return None
    raise UsageError(
        f"{first} and {second} have one channel each; if they are the two sides of one call, say --agent-file and "
        "--customer-file (or --layout NAME); if they are two mono mixes, replay them one by one or as a folder"
    )
