"""Find calls: which recordings there are, whose channel is whose, and what is known of each call."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from cxaudio.archive.finding.fields import Checks, Said, put_together
from cxaudio.archive.finding.folders import Place, Sighting, arrivals_in, recordings_in, relative_to
from cxaudio.archive.finding.halves import Half, Halves
from cxaudio.archive.finding.manifest import Manifest, ManifestCall
from cxaudio.archive.finding.matching import Groups
from cxaudio.archive.finding.names import NamePattern, NameSays
from cxaudio.archive.finding.names_of_files import final_name
from cxaudio.archive.finding.places import Entry, look_at
from cxaudio.archive.finding.quiet import QUIET_S, when_quiet
from cxaudio.archive.finding.sidecar import read_sidecar, sidecar_names
from cxaudio.archive.finding.start_times import StartTimes
from cxaudio.archive.job import CallLabels, Deferral, FileStamp, Job, Refusal
from cxaudio.archive.outside_text import outside
from cxaudio.errors import UsageError

__all__ = ["Finder", "find_jobs"]

Found = Job | Refusal | Deferral
_NAMES_AT_ONCE = 250


class Finder:
    """Find recordings, and say of each what it is, by rules that hold for all of them.

    Parameters
    ----------
    agent : str, optional
        Channel of the agent in all recordings with two channels: ``left``, ``right`` or its number.
    layout : str, optional
        Recorder's convention of all of them, out of ``layouts.toml``.
    names : str, optional
        Regular expression with named groups, see `NamePattern`.
    start_format : str, optional
        How start times are written, as for `datetime.strptime`; where left out, ISO 8601.
    timezone : str, optional
        Zone of start times that do not say their offset from UTC.
    manifest : path, optional
        CSV file, see `Manifest`.
    sidecars : bool
        Read JSON files beside the recordings.
    language, headset : str, optional
        Of all calls.
    quiet_s : float
        A recording that was written to within so many seconds is deferred.
    now : callable
        Gives the time in nanoseconds since 1970.

    Raises
    ------
    UsageError
        If the rules cannot be used or contradict one another.
    """

    def __init__(
        self,
        *,
        agent: str | None = None,
        layout: str | None = None,
        names: str | None = None,
        start_format: str | None = None,
        timezone: str | None = None,
        manifest: str | Path | None = None,
        sidecars: bool = True,
        language: str | None = None,
        headset: str | None = None,
        quiet_s: float = QUIET_S,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        from cxaudio.replay.roles import checked_roles

        checked_roles(agent, layout)
        checks = Checks(times=StartTimes(format=start_format, timezone=timezone))
        asked = {"channel": agent, "layout": layout, "language": language, "headset": headset}
        try:
            self._asked = Said("the command line", checks.checked(asked))
        except ValueError as exc:
            raise UsageError(str(exc)) from exc
        self._checks = checks
        self._pattern = None if names is None else NamePattern(names, checks)
        self._manifest = None if manifest is None else Manifest(manifest, checks)
        self._sidecars = sidecars
        self._quiet_s = quiet_s
        self._now = now
        self._halves = Halves()
        self._bases: tuple[str, ...] = ()

    def find(
        self,
        places: Iterable[str | os.PathLike[str]],
        *,
        arrived_in: str | os.PathLike[str] | None = None,
    ) -> Iterator[Found]:
        """Return every recording in some places, each once, in order of the places and of the paths.

        Parameters
        ----------
        places : iterable of path or str
            Folders, files, glob patterns, and addresses for fsspec.
        arrived_in : path, optional
            A folder that is watched, in which the places are what arrived: names are compared below this folder, its
            hidden files, links and other files are left out, and what is missing may still arrive later, in another
            call of the same finder.

        Returns
        -------
        iterator of Job, Refusal or Deferral
            A call to judge; a recording that is not judged, and why; or one that may still be growing.

        Raises
        ------
        UsageError
            If an address cannot be understood, or needs what is not installed.
        """
        all_places = [Place(os.fspath(place)) for place in places]
        watched = None if arrived_in is None else Place(os.fspath(arrived_in))
        return self._search(all_places, watched)

    def _search(self, all_places: Sequence[Place], watched: Place | None) -> Iterator[Found]:
        self._bases = tuple(place.base for place in ([watched] if watched else all_places))
        for n, place in enumerate(all_places):
            recordings = recordings_in(place) if watched is None else arrivals_in(watched, place)
            while some := list(islice(recordings, 1 if self._pattern is None else _NAMES_AT_ONCE)):
                for seen, groups in zip(some, self._groups(some), strict=True):
                    if isinstance(seen, Refusal):
                        yield seen
                    elif not any(earlier.holds(seen.path) for earlier in all_places[:n]):
                        yield from self._found(seen, groups)
        if watched is None:
            for side, half in self._halves.alone():
                yield self._alone(side, half)
            if self._manifest is not None:
                yield from self._manifest.unused()

    def _groups(self, some: Sequence[Sighting | Refusal]) -> Sequence[Groups | None]:
        """Return the groups of the names of recordings, under the names that they will have."""
        if self._pattern is None:
            return [None] * len(some)
        names = [_final(seen).relative if isinstance(seen, Sighting) else "" for seen in some]
        return self._pattern.groups(names)

    def _found(self, seen: Sighting, groups: Groups | None) -> Iterator[Found]:
        in_progress = final_name(seen.entry.name) is not None
        seen = _final(seen)
        if in_progress and _is_there(seen.path):
            return  # what is complete counts
        try:
            found = self._call(seen, groups, in_progress=in_progress)
        except ValueError as exc:
            yield Refusal(files=(seen.path,), stamps=(seen.entry.stamp,), reason=str(exc))
            return
        if isinstance(found, Job) and in_progress:
            yield self._in_progress(seen, found)
        elif isinstance(found, Job):
            yield when_quiet(found, quiet_s=self._quiet_s, now_ns=self._now())
        elif found is not None:
            yield found

    def _in_progress(self, seen: Sighting, job: Job | None) -> Deferral:
        return Deferral(
            files=(seen.path,),
            stamps=(seen.entry.stamp,),
            written_as=seen.entry.path,
            reason="its name says that it is still being written or fetched; it is judged under its final name",
            seen_ns=self._now(),
            job=job,
        )

    def _call(self, seen: Sighting, groups: Groups | None, *, in_progress: bool) -> Found | None:
        """Return the job of a recording; None where it waits for its other side, or went with it.

        Raises
        ------
        ValueError
            If what is said of it is wrong or contradicts itself.
        """
        row = None if self._manifest is None else self._manifest.call_of(seen.path, seen.relative)
        if row is not None and row.is_done:
            return None
        beside = self._beside(seen)
        name = self._name(groups, needed=row is None and not beside)
        said = (
            ([] if row is None else [row.said])
            + ([] if name is None else [Said(_by_name(name, seen), name.values)])
            + beside
        )
        side = None if name is None else name.side
        if row is not None and row.other is not None:
            return self._manifest_pair(seen, row, row.other, said, side)
        if name is None or side is None:
            return _job((seen.path,), (seen.entry.stamp,), [self._asked, *said])
        if name.call is None:
            raise ValueError("its name says a side, and not of which call; correct the pattern or the name")
        if in_progress:  # there is nothing yet that the other side could be joined with
            return self._in_progress(seen, None)
        other = self._halves.join(name.call, side, Half(seen.path, seen.entry.stamp, tuple(said)))
        if other is None:
            return None
        return self._pair(side, Half(seen.path, seen.entry.stamp, tuple(said)), other)

    def _name(self, groups: Groups | None, *, needed: bool) -> NameSays | None:
        if self._pattern is None:
            return None
        try:
            return self._pattern.read(groups)
        except LookupError as exc:
            if needed:
                raise ValueError(str(exc)) from exc
            return None

    def _beside(self, seen: Sighting) -> list[Said]:
        """Return what its sidecars say."""
        if not self._sidecars:
            return []
        folder, slash, tail = _split(seen.path)
        paths = [f"{folder}{slash}{name}" for name in sidecar_names(tail)]  # in an address, with its escapes
        found = []
        for name, path in zip(sidecar_names(_split(seen.relative)[2]), paths, strict=True):
            if seen.folder is None or seen.folder.may_hold(name):
                says = read_sidecar(path, name, self._checks)
                if says is not None:
                    found.append(says)
        return found

    def _manifest_pair(
        self, seen: Sighting, row: ManifestCall, written: str, said: list[Said], side: str | None
    ) -> Found:
        """Return the job of a call whose two files a manifest names."""
        assert self._manifest is not None
        assert row.side is not None
        if side not in (None, row.side):
            raise ValueError(f"side is {side!r} by its name and {row.side!r} by {row.said.where}; correct one of them")
        this = Half(seen.path, seen.entry.stamp, tuple(said))
        for path in self._manifest.paths_of(written, self._bases):
            try:
                entry = look_at(path, follow_links=False)
            except (OSError, UsageError):
                continue
            if not entry.is_folder and entry.problem is None and path != seen.path:
                self._manifest.take(row.line, seen.path)
                return self._pair(row.side, this, self._other(path, entry, row.side))
        return self._alone(
            row.side, this, reason=f"{row.said.where} names {outside(written)} beside it, which is not there"
        )

    def _other(self, path: str, entry: Entry, side: str) -> Half:
        """Return the file of the other side, which was not come to yet, with what its name and its sidecars say."""
        relative = next((found for base in self._bases if (found := relative_to(base, path))), entry.name)
        seen = Sighting(path, relative, entry, None)
        said = self._beside(seen)
        name = self._name(self._groups([seen])[0], needed=False)
        if name is not None:
            if name.side == side:
                raise ValueError(f"side is {side!r} by the names of both files of the call; correct one of them")
            said.insert(0, Said(f"the name {outside(entry.name)}", name.values))
        return Half(path, entry.stamp, tuple(said))

    def _pair(self, side: str, this: Half, other: Half) -> Job | Refusal:
        agent, customer = (this, other) if side == "agent" else (other, this)
        asked = {name: value for name, value in self._asked.values.items() if name not in ("channel", "layout")}
        said = [Said(self._asked.where, asked), *agent.said, *customer.said]
        files, stamps = (agent.path, customer.path), (agent.stamp, customer.stamp)
        try:
            for where, values in said:
                for name in ("channel", "layout"):
                    if name in values:
                        says = f"{name} is {values[name]!r} by {where}"
                        raise ValueError(f"{says}, but the call has a file for each side; leave it out")
            return _job(files, stamps, said)
        except ValueError as exc:
            return Refusal(files=files, stamps=stamps, reason=str(exc))

    def _alone(self, side: str, half: Half, *, reason: str | None = None) -> Deferral | Refusal:
        """Return what to say of a file whose other side is not there; while it is fresh, that may still come."""
        other = "customer" if side == "agent" else "agent"
        reason = reason or f"it is the {side}'s side of a call whose {other}'s side was not found"
        now_ns = self._now()
        lone = Job(files=(half.path,), stamps=(half.stamp,))
        if isinstance(when_quiet(lone, quiet_s=self._quiet_s, now_ns=now_ns), Deferral):
            return Deferral(files=lone.files, stamps=lone.stamps, reason=reason, seen_ns=now_ns)
        return Refusal(files=lone.files, stamps=lone.stamps, reason=f"{reason}; add it, or correct the name")


def find_jobs(
    places: Iterable[str | os.PathLike[str]],
    *,
    agent: str | None = None,
    layout: str | None = None,
    names: str | None = None,
    start_format: str | None = None,
    timezone: str | None = None,
    manifest: str | Path | None = None,
    sidecars: bool = True,
    language: str | None = None,
    headset: str | None = None,
    quiet_s: float = QUIET_S,
    now: Callable[[], int] = time.time_ns,
) -> Iterator[Found]:
    """Yield every recording in some places; the rules are checked at once, before the first is asked for.

    Parameters
    ----------
    places : iterable of path or str
        Folders, files, glob patterns, and addresses for fsspec.
    agent, layout, names, start_format, timezone, manifest, sidecars, language, headset, quiet_s, now
        As for `Finder`.

    Returns
    -------
    iterator of Job, Refusal or Deferral
        As by `Finder.find`.

    Raises
    ------
    UsageError
        If the rules cannot be used or contradict one another.
    """
    finder = Finder(
        agent=agent,
        layout=layout,
        names=names,
        start_format=start_format,
        timezone=timezone,
        manifest=manifest,
        sidecars=sidecars,
        language=language,
        headset=headset,
        quiet_s=quiet_s,
        now=now,
    )
    return finder.find(places)


def _job(files: tuple[str, ...], stamps: tuple[FileStamp, ...], said: Iterable[Said]) -> Job:
    values = put_together(said)
    start = values.get("start")

    def text(name: str) -> str | None:
        value = values.get(name)
        return None if value is None else str(value)

    labels = CallLabels(
        agent=text("agent"),
        team=text("team"),
        queue=text("queue"),
        direction=text("direction"),
        started_at=start if isinstance(start, datetime) else None,
    )
    return Job(
        files=files,
        stamps=stamps,
        agent=text("channel"),
        layout=text("layout"),
        language=text("language"),
        headset=text("headset"),
        labels=labels,
    )


def _by_name(name: NameSays, seen: Sighting) -> str:
    return "its name" if name.side is None else f"the name {outside(seen.entry.name)}"


def _final(seen: Sighting) -> Sighting:
    """Return a recording in the making under the name and the path that it will have."""
    final = final_name(seen.entry.name)
    if final is None:
        return seen
    cut = len(seen.entry.name) - len(final)
    return seen._replace(path=seen.path[:-cut], relative=seen.relative[:-cut])


def _is_there(path: str) -> bool:
    try:
        return not look_at(path, follow_links=False).is_folder
    except OSError:
        return False


def _split(path: str) -> tuple[str, str, str]:
    """Return the folder, the separator and the name of a path or an address."""
    separator = "/" if "/" in path else os.sep
    return path.rpartition(separator)
