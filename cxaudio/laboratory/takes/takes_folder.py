"""Read takes from a folder: named by role, or listed in `takes.jsonl` with the conditions they were recorded under."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from cxaudio.errors import AudioFormatError, UsageError
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.judge import disturbed_fault, judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Conditions, Fault, FaultKind, Take, Takes, take_name
from cxaudio.sources.recorded.recording import Recording
from dsp.core.stage import Float32

__all__ = ["TAKES_FILE", "TAKE_SCHEMA", "read_takes", "take_line", "takes_done"]


TAKES_FILE = "takes.jsonl"
TAKE_SCHEMA = "cxaudio.take/1"
_SOUND = {".wav", ".flac", ".aif", ".aiff", ".w64", ".rf64", ".caf", ".ogg", ".mp3"}
_CONDITIONS = {spec.name for spec in fields(Conditions)}
_SAME = 1e-4  # two channels that differ by less are one
_SILENT = 1e-3  # of the level of the loudest channel, 60 dB below it: a channel to which nothing is connected
_ROLES = ", ".join(role.value for role in Role)


def read_takes(paths: Path | Iterable[Path], *, model: str | None = None) -> Takes:
    """Read and judge the takes of one headset.

    Parameters
    ----------
    paths : path or iterable of path
        A folder; or files. A folder may hold `takes.jsonl`, one take a line, which wins over names; files that it does
        not list are taken by their names: ``ROLE.wav``, ``ROLE-2.wav`` for the second wearing or opening,
        ``ROLE-2.played.wav`` for what was played in that take, ``ROLE.played.wav`` for what was played in all takes of
        the role, and ``.reference.wav`` likewise for a reference microphone.
    model : str, optional
        Name of the headset; else what `takes.jsonl` says, else the folder's name.

    Returns
    -------
    Takes
        With one fault for each file that cannot be used.

    Raises
    ------
    UsageError
        If there is no folder or no file of that name, or not one take in it.
    """
    several = [paths] if isinstance(paths, Path) else list(paths)
    folder = _Folder()
    for path in several:
        folder.add(path)
    if not folder.files:
        raise UsageError(f"{several[0]}: holds no recording; put takes there named by role: {_ROLES}")
    takes = [*folder.listed_takes(), *folder.named_takes()]
    if not takes and all(fault.kind is FaultKind.NAME for fault in folder.faults):
        raise UsageError(f"{several[0]}: no file is named by a role; name takes {_ROLES} (.wav)")
    return judge_takes(model or folder.model or _folder_name(several), takes, folder.faults)


def take_line(take: Mapping[str, Any]) -> str:
    """Return one line of `takes.jsonl`."""
    return json.dumps({"schema": TAKE_SCHEMA} | dict(take), ensure_ascii=False, allow_nan=False) + "\n"


def takes_done(folder: Path) -> set[tuple[Role, int]]:
    """Return role and number of every take that `takes.jsonl` lists and whose file is there."""
    return {
        (line.role, line.number)
        for line in _read_lines(folder / TAKES_FILE, [])
        if (folder / str(line.values["file"])).is_file()
    }


def _folder_name(paths: Sequence[Path]) -> str:
    first = paths[0] if paths[0].is_dir() else paths[0].parent
    return first.resolve().name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of a `takes.jsonl`."""

    folder: Path
    role: Role
    values: Mapping[str, Any]

    @property
    def path(self) -> Path:
        return self.folder / str(self.values["file"])

    @property
    def number(self) -> int:
        number = self.values.get("opening" if self.role is Role.OPENING else "wearing", 1)
        return number if isinstance(number, int) and number > 0 else 1

    def count(self, name: str) -> int:
        value = self.values.get(name)
        return value if isinstance(value, int) else 0

    def beside(self, part: str) -> Path | None:
        """Return the file that the line names as `part`, played or reference."""
        return self.folder / str(self.values[part]) if self.values.get(part) else None

    def conditions(self) -> Conditions:
        known: dict[str, Any] = {}
        for name in _CONDITIONS & self.values.keys():
            value = self.values[name]
            if value is None or value == "":
                continue
            if name in ("sample_rate_hz", "block_frames"):
                known[name] = value if isinstance(value, int) else None
            elif name == "recorded_at":
                try:
                    known[name] = datetime.fromisoformat(str(value))
                except ValueError:
                    continue
            else:
                known[name] = str(value)
        return Conditions(**known)


@dataclass(slots=True)
class _Folder:
    """The files of one headset, and the faults found while they are read."""

    files: list[Path] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    used: set[Path] = field(default_factory=set)
    beside: dict[tuple[Role, int | None, str], Path] = field(default_factory=dict)  # by role, number and part

    def add(self, path: Path) -> None:
        """Add a folder with its `takes.jsonl`, or a file."""
        if path.is_dir():
            self.files += sorted(each for each in path.iterdir() if each.suffix.lower() in _SOUND)
            self.lines += _read_lines(path / TAKES_FILE, self.faults)
        elif path.is_file():
            self.files.append(path)
        else:
            raise UsageError(f"{path}: there is no such folder or file; name a folder with takes such as speech.wav")
        for file in self.files:
            name = take_name(file.stem)
            if name is not None and name.part is not None:
                self.beside[name.role, name.number if name.numbered else None, name.part] = file

    @property
    def model(self) -> str | None:
        """Name of the headset by the first line that gives one."""
        return next((str(line.values["model"]) for line in self.lines if line.values.get("model")), None)

    def listed_takes(self) -> list[Take]:
        """Read the takes that `takes.jsonl` lists."""
        takes = []
        for line in self.lines:
            lost = disturbed_fault(
                line.role, line.path.name, overflows=line.count("overflows"), underruns=line.count("underruns")
            )
            if lost is not None:
                self.faults.append(lost)
                if lost.refused:
                    self.used.add(line.path.resolve())
                    continue
            take = self._take(line.path, line.role, line.number, line)
            takes += [take] if take is not None else []
        return takes

    def named_takes(self) -> list[Take]:
        """Read the takes that no line lists and whose files are named by role."""
        listed = {line.path.resolve() for line in self.lines}
        listing_folders = {line.folder for line in self.lines}
        takes = []
        for path in self.files:
            name = take_name(path.stem)
            if path.resolve() in listed or (name is not None and name.part is not None):
                continue
            if name is None:
                if path.resolve() not in self.used and path.parent not in listing_folders:
                    self.faults.append(_name_fault(path))
                continue
            take = self._take(path, name.role, name.number, None)
            takes += [take] if take is not None else []
        return takes

    def _take(self, path: Path, role: Role, number: int, line: _Line | None) -> Take | None:
        """Read a take with what belongs to it; None and a fault where it cannot be read."""
        self.used.add(path.resolve())
        try:
            samples, rate = _read_sound(path)
            own = _one_channel(path, samples)
            played = self._part("played", path, role, number, rate, line)
            reference = self._part("reference", path, role, number, rate, line)
        except _UnusableError as error:
            self.faults.append(Fault(kind=error.kind, role=role, take=path.name, sentence=str(error)))
            return None
        return Take(
            role=role,
            number=number,
            name=path.name,
            samples=own,
            sample_rate=rate,
            played=None if played is None else played[0],
            reference=None if reference is None else reference[0],
            other_side=played[1] if played is not None and len(played) > 1 else None,
            conditions=Conditions() if line is None else line.conditions(),
        )

    def _part(self, part: str, take: Path, role: Role, number: int, rate: int, line: _Line | None) -> Float32 | None:
        """Read the played or reference file of a take; None where there is none that can be read."""
        path = line.beside(part) if line is not None else None
        path = path or self.beside.get((role, number, part)) or self.beside.get((role, None, part))
        if path is None:
            return None
        self.used.add(path.resolve())
        try:
            samples, its_rate = _read_sound(path)
            # What was played in a call has two sides, the agent's and the customer's.
            if not (part == "played" and role is Role.CALL):
                samples = _one_channel(path, samples)[None]
        except _UnusableError as error:
            self.faults.append(Fault(kind=error.kind, role=role, take=path.name, refused=False, sentence=str(error)))
            return None
        if its_rate != rate:
            raise _UnusableError(
                FaultKind.MISMATCHED_PAIR,
                said(
                    "{other} has {its_rate} Hz and {take} {rate}; give both at one rate",
                    other=path.name,
                    its_rate=its_rate,
                    take=take.name,
                    rate=rate,
                ),
            )
        return samples


class _UnusableError(Exception):
    """A file that cannot be used, with the kind of its fault."""

    def __init__(self, kind: FaultKind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


def _read_sound(path: Path) -> tuple[Float32, int]:
    """Read a whole file, shape (channels, n)."""
    try:
        with Recording(path) as recording:
            samples = np.concatenate([piece.copy() for piece in recording.pieces()]).T
            return np.ascontiguousarray(samples), recording.sample_rate
    except AudioFormatError as error:
        raise _UnusableError(FaultKind.UNREADABLE, str(error)) from error


def _one_channel(path: Path, samples: Float32) -> Float32:
    """Return the channel that holds the sound, shape (n,): all may be alike, or all but one silent.

    Raises
    ------
    _UnusableError
        If channels that sound differ.
    """
    levels = np.sqrt(np.mean(np.square(samples, dtype=np.float64), axis=1))
    loudest = int(np.argmax(levels))
    others = np.delete(samples, loudest, axis=0)
    silent = np.delete(levels, loudest) <= _SILENT * levels[loudest]
    if (silent | (np.max(np.abs(others - samples[loudest]), axis=1) < _SAME)).all():
        own: Float32 = samples[loudest]
        return own
    next_loudest = float(np.sort(levels)[-2])
    louder_db = 20 * np.log10(levels[loudest] / max(next_loudest, 1e-12))
    told = (
        said("channel {channel} is {louder:.0f} dB louder", channel=loudest + 1, louder=louder_db)
        if louder_db >= 0.5
        else said("all are as loud")
    )
    raise _UnusableError(
        FaultKind.UNREADABLE,
        said(
            "{take} has {n} channels that differ; keep the microphone's alone ({told}: sox IN.wav OUT.wav remix "
            "{channel})",
            take=path.name,
            n=len(samples),
            told=told,
            channel=loudest + 1,
        ),
    )


def _read_lines(path: Path, faults: list[Fault]) -> list[_Line]:
    """Read a `takes.jsonl`; a later line of the same file wins, and a line that names no take is a fault."""
    if not path.is_file():
        return []
    found: dict[str, _Line] = {}
    for number, text in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not text.strip():
            continue
        try:
            values = json.loads(text)
            found[str(values["file"])] = _Line(folder=path.parent, role=Role(values["role"]), values=values)
        except (ValueError, KeyError, TypeError):
            faults.append(
                Fault(
                    kind=FaultKind.NAME,
                    role=None,
                    take=path.name,
                    refused=False,
                    sentence=said(
                        "line {number} of {file} names no take; write role and file of one, or take it out",
                        number=number,
                        file=path.name,
                    ),
                )
            )
    return list(found.values())


def _name_fault(path: Path) -> Fault:
    return Fault(
        kind=FaultKind.NAME,
        role=None,
        take=path.name,
        refused=False,
        sentence=said(
            "{file} is named by no role and was left out; name it {roles} (.wav), or list it in takes.jsonl",
            file=path.name,
            roles=_ROLES,
        ),
    )
