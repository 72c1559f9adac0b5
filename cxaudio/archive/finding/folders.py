"""Walk through folders, glob patterns and single files in a fixed order, and yield each recording with its place."""

import fnmatch
import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from cxaudio.archive.finding.names_of_files import is_hidden, is_readable_name, is_recording
from cxaudio.archive.finding.places import (
    NO_STAMP,
    Entry,
    Folder,
    check_address,
    is_address,
    local_path,
    look_at,
    open_folder,
)
from cxaudio.archive.job import Refusal

__all__ = ["Place", "Sighting", "arrivals_in", "printable", "recordings_in", "refused", "relative_to"]

_SEPARATORS = f"/{os.sep}"
_MOST_LEVELS = 200  # of folders: a server can invent new ones without end


class Sighting(NamedTuple):
    """A recording where it was found."""

    path: str  # absolute path, or address
    relative: str  # path below the place, with "/"
    entry: Entry
    folder: Folder | None  # None: named by itself


class Place:
    """One place that was given: a folder, a file, or a glob pattern of them.

    A name with ``*``, ``?`` or ``[`` that exists as it is written is that file or folder. ``**`` stands for any number
    of folders. In web addresses only ``*`` is special.

    Parameters
    ----------
    given : str
        Path, pattern or address.

    Raises
    ------
    UsageError
        If an address cannot be understood, or needs what is not installed.

    Examples
    --------
    >>> Place("memory://calls/2026-*/*.wav").base
    'memory://calls'
    """

    def __init__(self, given: str) -> None:
        if is_address(given):
            check_address(given)
        whole = given if is_address(given) else local_path(given)
        self.base = whole
        self.parts: tuple[str, ...] = ()  # of the pattern below the base
        special = "*" if whole.startswith(("http://", "https://")) else "*?["
        if any(letter in whole for letter in special) and (is_address(whole) or not os.path.lexists(whole)):
            separators = "/" if is_address(whole) else f"/{os.sep}"
            pieces = re.split(f"[{re.escape(separators)}]", whole)
            first = next(n for n, piece in enumerate(pieces) if any(letter in piece for letter in special))
            self.base = whole[: len(os.sep.join(pieces[:first]))] or os.sep
            self.parts = tuple(piece for piece in pieces[first:] if piece)

    def holds(self, path: str) -> bool:
        """Return whether a search of this place finds a recording, so that no second place needs to give it again."""
        relative = relative_to(self.base, path)
        if not relative:
            return relative is not None and not self.parts
        names = relative.split("/")
        if any(is_hidden(name) for name in names) or not is_recording(names[-1]):
            return False
        states = _start(self.parts)
        for name in names:
            states = _next(self.parts, states, name)
        return len(self.parts) in states


def recordings_in(place: Place) -> Iterator[Sighting | Refusal]:
    """Yield the recordings of one place in order of their paths; what cannot be searched costs only itself.

    Hidden files and folders, links inside folders, stores, and the clean sound of earlier runs are left out.

    Parameters
    ----------
    place : Place
        A file is taken whatever its ending.
    """
    if not is_readable_name(place.base):
        yield refused(place.base, "is no UTF-8; rename it")
        return
    try:
        entry = look_at(place.base)
        if not entry.is_folder:
            if place.parts:
                raise NotADirectoryError(0, "is a file, and not a folder to search for the pattern")
            if entry.problem:
                yield refused(place.base, entry.problem)
            else:
                yield Sighting(place.base, entry.name, entry, None)
            return
        top = open_folder(place.base)
    except OSError as exc:
        yield refused(place.base, _not_searched(exc))
        return
    yield from _below(place, top)


def arrivals_in(watched: Place, arrived: Place) -> Iterator[Sighting | Refusal]:
    """Yield recordings that arrived in a folder, as if that folder had been searched.

    Parameters
    ----------
    watched : Place
        The folder.
    arrived : Place
        A file or folder in it. What is gone by now is passed over.
    """
    try:
        entry = look_at(arrived.base, follow_links=False)
    except OSError:
        return
    below = relative_to(watched.base, arrived.base)
    if below is None or any(is_hidden(name) for name in below.split("/")):
        return
    if not is_address(arrived.base) and os.path.islink(arrived.base):
        return
    if not entry.is_folder and (not watched.holds(arrived.base) or _is_result(arrived.base, entry.name)):
        return
    for seen in recordings_in(arrived):
        relative = "" if isinstance(seen, Refusal) else relative_to(watched.base, seen.path) or ""
        yield seen if isinstance(seen, Refusal) else seen._replace(relative=relative)


def relative_to(base: str, path: str) -> str | None:
    """Return a path below another with "/", and without the escapes of an address; None where it is not below.

    Examples
    --------
    >>> relative_to("http://host/calls/", "http://host/calls/a%20b/1.wav"), relative_to("memory://a", "memory://ab")
    ('a b/1.wav', None)
    """
    base = base.rstrip(_SEPARATORS)
    if not path.startswith(base) or path[len(base) : len(base) + 1] not in ("", *_SEPARATORS):
        return None
    relative = path[len(base) :].replace(os.sep, "/").strip("/")
    return unquote(relative) if path.startswith(("http://", "https://")) else relative


def _is_result(path: str, name: str) -> bool:
    """Return whether a recording is the clean sound of an earlier run."""
    if name != "clean.wav":
        return False
    try:
        return not look_at(f"{path[: -len(name)]}events.jsonl").is_folder
    except OSError:
        return False


def _below(place: Place, top: Folder) -> Iterator[Sighting | Refusal]:
    levels = [("", top, top.entries(), _start(place.parts))]
    if top.holds_store:
        return
    while levels:
        prefix, folder, entries, states = levels[-1]
        try:
            entry = next(entries, None)
        except OSError as exc:  # the folder became unreadable on the way
            yield refused(folder.path, _not_searched(exc))
            entry = None
        if entry is None:
            levels.pop()
            continue
        relative = prefix + entry.name
        reached = _next(place.parts, states, entry.name)
        if not reached:
            continue
        if not is_readable_name(entry.name):
            kind = "folder" if entry.is_folder else "file"
            yield refused(entry.path, f"the name of this {kind} is no UTF-8; rename it", entry)
        elif entry.is_folder:
            if len(levels) >= _MOST_LEVELS:
                yield refused(entry.path, f"lies more than {_MOST_LEVELS} folders deep; name this folder itself")
                continue
            try:
                below = open_folder(entry.path)
            except OSError as exc:
                yield refused(entry.path, _not_searched(exc))
                continue
            if not below.holds_store:
                levels.append((f"{relative}/", below, below.entries(), reached))
        elif len(place.parts) in reached:
            if entry.problem:
                yield refused(entry.path, entry.problem, entry)
            elif not (folder.holds_events and entry.name == "clean.wav"):
                yield Sighting(entry.path, relative, entry, folder)


def _start(parts: Sequence[str]) -> frozenset[int]:
    """Return how many parts of a pattern may be used up before the first name."""
    return _with_empty(parts, {0})


def _next(parts: Sequence[str], states: frozenset[int], name: str) -> frozenset[int]:
    """Return how many parts may be used up after one more name; what is below a whole match belongs to it."""
    found = set()
    for state in states:
        if state == len(parts) or parts[state] == "**":
            found.add(state)
        elif fnmatch.fnmatchcase(name, parts[state]):
            found.add(state + 1)
    return _with_empty(parts, found)


def _with_empty(parts: Sequence[str], states: set[int]) -> frozenset[int]:
    """Add the states that are reached because ``**`` may stand for no folder."""
    for state in sorted(states):
        while state < len(parts) and parts[state] == "**":
            state += 1
            states.add(state)
    return frozenset(states)


def refused(path: str, reason: str, entry: Entry | None = None) -> Refusal:
    """Return the refusal of one file or folder."""
    return Refusal(files=(printable(path),), stamps=(entry.stamp if entry else NO_STAMP,), reason=reason)


def printable(text: str) -> str:
    r"""Return a text that can be written as UTF-8: bytes that are none are escaped.

    Examples
    --------
    >>> printable(b"caf\xe9.wav".decode(errors="surrogateescape"))
    'caf\\xe9.wav'
    """
    return text if is_readable_name(text) else os.fsencode(text).decode(errors="backslashreplace")


def _not_searched(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "is not there; correct the path, or connect its disk"
    reason = " ".join((error.strerror or str(error)).split())
    return f"cannot be searched ({reason}); allow this user to read it, or leave it out"
