"""`Recordings`: open the recording of a call of the store, if it may be opened, and keep what was opened lately."""

import math
import os
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from cxaudio.archive.finding.local_copy import local_copy
from cxaudio.archive.finding.places import is_address
from cxaudio.archive.job import Job
from cxaudio.archive.store.layout import Layout
from cxaudio.archive.store.ledger import Ledger
from cxaudio.archive.store.owner import Owner
from cxaudio.archive.store.recording_places import noted_places
from cxaudio.errors import AudioFormatError, UsageError
from cxaudio.workbench.sound.allowed_places import AllowedPlaces
from cxaudio.workbench.sound.faults import SoundMissing
from cxaudio.workbench.sound.kept_recently import KeptRecently

if TYPE_CHECKING:
    from cxaudio.settings import Settings
    from cxaudio.workbench.sound.call_sound import CallSound
    from cxaudio.workbench.sound.peaks import GrowingPeaks, WholePeaks

__all__ = ["OpenCall", "Recordings"]

_MOST_OPEN = 12  # calls; each has one file open, or two
_MOST_BYTES = 600_000_000  # of copies and decoded sound in memory
_IDLE_S = 300.0  # after which files are closed
_MOST_REMOTE_BYTES = 300_000_000
_MOST_PEAKS, _MOST_PEAK_BYTES = 200, 64_000_000  # an hour of two sides needs 3 MB
_LONGEST_S = 24 * 3600.0  # of a file that has grown since it was judged


class OpenCall:
    """One call whose recording is open.

    Attributes
    ----------
    sound : CallSound
        Its samples.
    growing : GrowingPeaks
        Peaks of all of it, as far as they are known.
    tag : str
        Changes with the files and with what is said of them; 32 hex digits.
    is_current : bool
        False: since it was judged, its recording, roles or labels have changed, and it was not judged again yet.
    """

    def __init__(self, kept: "_Kept", *, tag: str, is_current: bool) -> None:
        self.sound = kept.sound
        self.growing = kept.growing
        self.tag = tag
        self.is_current = is_current


class _Kept(NamedTuple):
    """What is kept of a call whose files are open."""

    sound: "CallSound"
    growing: "GrowingPeaks"


class Recordings:
    """The recordings of a store; threads may share it.

    A path comes only from the ledger, and is opened only where it is, without any link in it, below one of the places
    that the store names or the server was given. A recording at an address is fetched into memory.

    Parameters
    ----------
    store : path
        Folder of the store.
    extra_folders : sequence of path
        Folders beside those that the store names; recordings that were moved are looked for here, too.
    """

    def __init__(self, store: Path | str, extra_folders: Sequence[Path | str] = ()) -> None:
        self._layout = Layout(Path(store))
        self._extra = tuple(extra_folders)
        self._ledger = Ledger(self._layout.ledger, owner=Owner.this_process(), read_only=True)
        self._kept: KeptRecently[Hashable, _Kept] = KeptRecently(
            most=_MOST_OPEN,
            most_bytes=_MOST_BYTES,
            size_of=lambda kept: kept.sound.n_bytes,
            close=lambda kept: kept.sound.close(),
            idle_s=_IDLE_S,
        )
        self._peaks: KeptRecently[str, WholePeaks] = KeptRecently(
            most=_MOST_PEAKS, most_bytes=_MOST_PEAK_BYTES, size_of=lambda peaks: peaks.n_bytes
        )
        self._settings = lru_cache(maxsize=8)(self._read_settings)

    @contextmanager
    def opened(self, row: Mapping[str, Any]) -> Iterator[OpenCall]:
        """Give the sound of a call, open until the context ends.

        Parameters
        ----------
        row : mapping
            Row of `calls`: its ``call_id`` and ``settings_digest``.

        Raises
        ------
        SoundMissing
            If the recording is not there or cannot be read; `SoundRefused`, if it may not be opened.
        StoreError
            If the store lacks what is needed.
        """
        found = self._ledger.job_of(row["call_id"])
        if found is None:
            raise SoundMissing("no_call")
        job, is_current = found
        places = AllowedPlaces(noted_places(self._layout), self._extra)
        checked = [
            places.checked_address(file) if is_address(file) else str(places.real_path(file, size=stamp.size))
            for file, stamp in zip(job.files, job.stamps, strict=True)
        ]
        stamps = _stamps(checked)
        key = (row["settings_digest"], job.key, tuple(checked), stamps)
        with self._kept.use(key, lambda: self._open(job, checked, stamps, row["settings_digest"])) as kept:
            yield OpenCall(kept, tag=_tag(key), is_current=is_current)

    def peaks(self, call: OpenCall, *, most_s: float) -> "WholePeaks | GrowingPeaks":
        """Return the peaks of a whole call as far as they are known; each time a little more is read.

        Parameters
        ----------
        call : OpenCall
            Of `opened`.
        most_s : float
            Time that is spent on reading.

        Returns
        -------
        WholePeaks or GrowingPeaks
            Those of a call that was read to its end are kept.

        Raises
        ------
        AudioFormatError
            If the recording is damaged, or has changed since it was opened.
        """
        known = self.known_peaks(call)
        if known is not None:
            return known
        call.growing.grow(most_s)
        whole = call.growing.whole
        if whole is None:
            return call.growing
        with self._peaks.use(call.tag, lambda: whole) as kept:
            return kept

    def whole_peaks(self, call: OpenCall) -> "WholePeaks":
        """Return the peaks of a whole call, read to its end however long that takes."""
        while (known := self.known_peaks(call)) is None:
            self.peaks(call, most_s=math.inf)
        return known

    def known_peaks(self, call: OpenCall) -> "WholePeaks | None":
        """Return the peaks of a whole call if they are kept; None where they are not."""
        return self._peaks.peek(call.tag)

    def close(self) -> None:
        """Close all files that are not in use, and the ledger."""
        self._kept.clear()
        self._ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trace: object) -> None:
        self.close()

    def _open(self, job: Job, files: Sequence[str], stamps: tuple[tuple[int, ...], ...], settings_digest: str) -> _Kept:
        from cxaudio.archive.running.judge import call_files
        from cxaudio.replay.one_call import make_source
        from cxaudio.workbench.sound.call_sound import CallSound
        from cxaudio.workbench.sound.peaks import GrowingPeaks

        settings, language = self._settings(settings_digest, job.language)
        with ExitStack() as held:
            try:
                paths = [held.enter_context(local_copy(file, most_bytes=_MOST_REMOTE_BYTES)) for file in files]
            except AudioFormatError as exc:
                raise SoundMissing("remote" if isinstance(exc.__cause__, OSError) else "too_large") from exc
            try:
                source = make_source(call_files(job, paths), settings, language=language, longest_s=_LONGEST_S)
                held.enter_context(source)
                if _stamps(files) != stamps:  # exchanged between the check and the opening
                    raise SoundMissing("unreadable")
                n_bytes = sum(
                    os.stat(path).st_size for path, file in zip(paths, files, strict=True) if is_address(file)
                )
                sound = CallSound(source, held, n_bytes_held=n_bytes)
            except (AudioFormatError, UsageError, OSError) as exc:
                raise SoundMissing("unreadable") from exc
            sound.closed_with(held.pop_all())
        return _Kept(sound, GrowingPeaks(sound))

    def _read_settings(self, digest: str, language: str | None) -> "tuple[Settings, str]":
        """Return the settings that a call was judged with: they may say which channel is the agent's."""
        from cxaudio.archive.running.kept_settings import kept_settings
        from cxaudio.archive.running.plan import Plan
        from cxaudio.settings import settings_from_values

        kept = kept_settings(self._layout, digest)
        spoken = language or kept.language
        plan = Plan(store=self._layout.path, settings=kept.by_language, settings_digest=digest, language=spoken)
        return settings_from_values(plan.values_for(spoken)), spoken


def _stamps(files: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Return what tells a file from the one that has its name later; of an address nothing."""
    found = []
    for file in files:
        if is_address(file):
            found.append((0, 0, 0, 0))
            continue
        try:
            status = os.stat(file, follow_symlinks=False)
        except OSError as exc:
            raise SoundMissing("moved") from exc
        found.append((status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)


def _tag(key: Hashable) -> str:
    from hashlib import sha256

    return sha256(repr(key).encode("utf-8", "surrogateescape")).hexdigest()[:32]
