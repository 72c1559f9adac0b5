"""Name the folder of each call after its recording alone, so that recordings added later rename no other."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from cxaudio.replay.found_recordings import FoundRecording
from cxaudio.sinks.file_names import safe_name
from cxaudio.sinks.result_names import RESULT_NAMES

__all__ = ["call_folders", "content_name"]

_N_DIGITS = 6
_RESERVED = {"summary.csv", "index.html", *(name.casefold() for name in RESULT_NAMES)}


def call_folders(recordings: Sequence[FoundRecording]) -> Mapping[Path, PurePosixPath]:
    """Return the folder of each recording, below the folder of all results.

    It is the recording's place without ``.wav``; another ending stays behind a hyphen. A short digest follows where the
    name had to be changed, where results have that name, and where two recordings would share it.

    Parameters
    ----------
    recordings : sequence of FoundRecording
        Each file once.

    Examples
    --------
    >>> places = ["a.wav", "a.flac", "May/a.wav", "summary.csv.wav"]
    >>> found = [FoundRecording(file=Path(place), place=PurePosixPath(place)) for place in places]
    >>> [str(folder) for folder in call_folders(found).values()]
    ['a', 'a-flac', 'May/a', 'summary.csv-a763ea']
    """
    folders: dict[Path, PurePosixPath] = {}
    taken: set[str] = set()
    plain_first = sorted(recordings, key=lambda each: (each.place.suffix != ".wav", str(each.place), str(each.file)))
    for each in plain_first:
        folder = _folder(each.place)
        if str(folder).casefold() in taken:
            folder = folder.with_name(f"{folder.name}-{_digest(str(each.file.absolute()))}")
        taken.add(str(folder).casefold())
        folders[each.file] = folder
    return {each.file: folders[each.file] for each in recordings}


def content_name(file: Path, *, number: int) -> str:
    """Return a name for a recording that says nothing of the names and places it has: a digest of its bytes.

    Parameters
    ----------
    file : Path
        The recording.
    number : int
        Stands in the name of one that cannot be read.
    """
    try:
        with open(file, "rb") as opened:
            return f"recording-{hashlib.file_digest(opened, 'sha256').hexdigest()[:12]}"
    except OSError:
        return f"recording-{number:04d}"


def _folder(place: PurePosixPath) -> PurePosixPath:
    """Return the folder of a recording as if there were no other."""
    ending = place.suffix
    last = place.name.removesuffix(ending)
    if ending and ending.lower() != ".wav":
        last += f"-{ending[1:]}"
    parts = [*place.parts[:-1], last]
    return PurePosixPath(*(_part(part) for part in parts))


def _part(part: str) -> str:
    safe = safe_name(part)
    if safe != part or safe.casefold() in _RESERVED:
        return f"{safe}-{_digest(part)}"
    return safe


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:_N_DIGITS]
