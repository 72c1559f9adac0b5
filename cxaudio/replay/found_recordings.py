"""Find the recordings among files and folders, each with its place below the folder that was named."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cxaudio.replay.endings import has_recording_ending

__all__ = ["FoundRecording", "find_recordings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRecording:
    """A recording, or a folder that could not be searched."""

    file: Path
    place: PurePosixPath  # below the folder that was named; a file that was named itself: its name
    trouble: str | None = None  # why a folder could not be searched


def find_recordings(paths: Iterable[Path], *, besides: Path | None = None) -> list[FoundRecording]:
    """Return the files named, and those in folders by their ending, each once; folders in order of their names.

    Parameters
    ----------
    paths : iterable of Path
        Files and folders. A file is taken whatever its ending, also where it does not exist: reading it fails later.
        Where several are named, the place of what lies in a folder begins with the folder's own name.
    besides : Path, optional
        A folder that is not searched: where results are written.
    """
    given = list(dict.fromkeys(paths))
    found: dict[Path, FoundRecording] = {}
    for path in given:
        if not os.path.isdir(path):  # also what may not be looked at: reading it fails later
            found.setdefault(path, FoundRecording(file=path, place=PurePosixPath(path.name or "call")))
            continue
        above = PurePosixPath(path.resolve().name) if len(given) > 1 else PurePosixPath()
        for file, trouble in _below(path, besides=besides):
            place = above / PurePosixPath(file.relative_to(path).as_posix())
            found.setdefault(file, FoundRecording(file=file, place=place, trouble=trouble))
    return list(found.values())


def _below(folder: Path, *, besides: Path | None) -> Iterator[tuple[Path, str | None]]:
    aside = besides.resolve() if besides is not None else None
    refused: list[OSError] = []
    for where, folders, files in os.walk(folder, onerror=refused.append):
        yield from _troubles(refused)
        folders[:] = sorted(n for n in folders if not n.startswith(".") and Path(where, n).resolve() != aside)
        ours = {"clean.wav"} if "events.jsonl" in files else set()  # results of an earlier run
        for name in sorted(set(files) - ours):
            file = Path(where, name)
            if not name.startswith(".") and has_recording_ending(name) and not file.is_symlink():
                yield file, None
    yield from _troubles(refused)


def _troubles(refused: list[OSError]) -> Iterator[tuple[Path, str]]:
    """Give each folder that could not be searched once."""
    while refused:
        error = refused.pop(0)
        reason = f"cannot be searched ({error.strerror}); name a folder that you may read"
        yield Path(os.fsdecode(error.filename)), reason
