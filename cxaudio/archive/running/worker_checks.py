"""Compare a worker of a cluster with this machine: versions, settings, and whether it reaches recordings and store."""

import errno
import hashlib
import os
import pickle
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from cxaudio.archive.running.plan import Plan

__all__ = ["Marker", "WorkerFacts", "facts_here", "problems_here", "unlike"]

_NEEDED = ("pebble",)


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """What must be the same wherever calls of one store are judged."""

    host: str  # differs, and names the worker in messages
    versions: Mapping[str, str]
    settings: str  # digest of the plan's settings as they are understood there, and of its layouts and headsets
    missing: tuple[str, ...] = ()  # libraries that are not installed there


def facts_here(payload: bytes) -> WorkerFacts:
    """Return the facts of the machine that this runs on.

    Parameters
    ----------
    payload : bytes
        Pickled `Plan`, and who judges by it.
    """
    from cxaudio.archive.store.identity import METRIC_VERSION
    from cxaudio.versions import versions

    plan: Plan = pickle.loads(payload)[0]
    found = dict(versions())
    found["python"] = ".".join(found["python"].split(".")[:2])  # the third number changes no figure
    return WorkerFacts(
        host=socket.gethostname(),
        versions=found | {"metrics": str(METRIC_VERSION)},
        settings=_digest(plan),
        missing=tuple(name for name in _NEEDED if find_spec(name) is None),
    )


def _digest(plan: "Plan") -> str:
    from cxaudio.replay.known_layouts import known_layouts
    from cxaudio.settings import headset_profiles, settings_from_values

    parts = [
        sorted((tag, settings_from_values(values).digest) for tag, values in plan.settings.items()),
        sorted((name, repr(layout)) for name, layout in known_layouts().items()),
        sorted((name, repr(profile.facts)) for name, profile in headset_profiles().items()),
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def unlike(here: WorkerFacts, there: object, who: str) -> str | None:
    """Return a sentence about what differs from this machine.

    Parameters
    ----------
    here : WorkerFacts
        Of this machine.
    there : WorkerFacts or Exception
        Of the other one, or why they could not be had.
    who : str
        The other machine, for the sentence.

    Returns
    -------
    str or None
        None: nothing differs.

    Examples
    --------
    >>> here = WorkerFacts("a", {"cxaudio": "0.2.0", "numpy": "2.3.0"}, "0f")
    >>> unlike(here, WorkerFacts("b", {"cxaudio": "0.1.0", "numpy": "2.3.0"}, "0f"), "the worker on b")
    'the worker on b has cxaudio 0.1.0, and this machine 0.2.0; install the same versions on both'
    """
    if not isinstance(there, WorkerFacts):
        text = " ".join(str(there).split())[:200]
        return f"{who} cannot run this cxaudio ({text}); install the same version of cxaudio there as here, with [dask]"
    for name, version in here.versions.items():
        other = there.versions.get(name, "none")
        if other != version:
            return f"{who} has {name} {other}, and this machine {version}; install the same versions on both"
    if there.missing:
        return f"{who} lacks {', '.join(there.missing)}; install it there with: pip install 'cxaudio[dask]'"
    if there.settings != here.settings:
        return (
            f"{who} comes to other settings ({there.settings[:12]}, here {here.settings[:12]}); copy your own "
            "settings, layouts and headset profiles there"
        )
    return None


class Marker:
    """A file in the store by which another machine proves that it sees the same folder, and may write there.

    Parameters
    ----------
    folder : Path
        Where the pages are written; it is made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f".seen-{uuid4().hex}"

    def __enter__(self) -> "Marker":
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / self.name).write_bytes(b"")
        return self

    def __exit__(self, *unused: object) -> None:
        with suppress(OSError):
            (self.folder / self.name).unlink()


def problems_here(files: Sequence[str], folder: str, marker: str) -> list[str]:
    """Return what the machine that this runs on cannot reach, as the ends of sentences.

    Parameters
    ----------
    files : sequence of str
        Recordings that the driver could read.
    folder : str
        Of the store's pages.
    marker : str
        Name of the driver's `Marker`; empty: nothing is written there.
    """
    from cxaudio.archive.finding.places import is_address, look_at

    problems = []
    for file in files:
        try:
            look_at(file)
            if not is_address(file) and not os.access(file, os.R_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except Exception as exc:  # of as many kinds as there are places
            problems.append(
                f"cannot read {file} ({_short(exc)}); make the recordings reachable under the same path on all machines"
            )
            break
    if marker:
        own = f"{marker}-{uuid4().hex}"
        cure = "put the store on a file system that all machines share, under the same path, or use --pages none"
        if not os.path.exists(os.path.join(folder, marker)):
            problems.append(f"does not see {folder}; {cure}")
        else:
            try:
                with open(os.path.join(folder, own), "wb"):
                    pass
                os.unlink(os.path.join(folder, own))
            except OSError as exc:
                problems.append(f"cannot write to {folder} ({_short(exc)}); {cure}")
    return problems


def _short(error: BaseException) -> str:
    return getattr(error, "strerror", None) or " ".join(str(error).split())[:200] or type(error).__name__
