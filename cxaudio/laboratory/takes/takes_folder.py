"""Takes out of a folder: named by role, or listed in `takes.jsonl` with the conditions they were recorded under."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.errors import AudioFormatError, UsageError
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Conditions, Fault, Take, TakeName, Takes, disturbed, judge_takes, take_name
from cxaudio.sources.recorded.recording import Recording

__all__ = ["TAKES_FILE", "TAKE_SCHEMA", "read_takes", "take_line", "takes_done"]

Float32 = NDArray[np.float32]

TAKES_FILE = "takes.jsonl"
TAKE_SCHEMA = "cxaudio.take/1"
_SOUND = {".wav", ".flac", ".aif", ".aiff", ".w64", ".rf64", ".caf", ".ogg", ".mp3"}
_CONDITIONS = {spec.name for spec in fields(Conditions)}
_SAME = 1e-4  # two channels that differ by less are one


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
    files: list[Path] = []
    lines: list[tuple[Path, dict[str, Any]]] = []
    faults: list[Fault] = []
    for path in several:
        if path.is_dir():
            files += sorted(each for each in path.iterdir() if each.suffix.lower() in _SOUND)
            lines += _lines(path / TAKES_FILE, faults)
        elif path.is_file():
            files.append(path)
        else:
            raise UsageError(f"{path}: there is no such folder or file; name a folder with takes such as speech.wav")
    if not files:
        raise UsageError(
            f"{several[0]}: holds no recording; put takes there named by role: {', '.join(role.value for role in Role)}"
        )
    told = [str(values["model"]) for _, values in lines if values.get("model")]
    first = several[0] if several[0].is_dir() else several[0].parent
    name = model or (told[0] if told else first.resolve().name)
    shelf = _Shelf(files)
    listed: set[Path] = set()
    takes: list[Take] = []
    for folder, values in lines:
        path = folder / str(values["file"])
        listed.add(path.resolve())
        lost = disturbed(
            Role(values["role"]),
            path.name,
            overflows=_count(values, "overflows"),
            underruns=_count(values, "underruns"),
        )
        if lost is not None:
            faults.append(lost)
            if lost.refused:
                shelf.used.add(path.resolve())
                continue
        read = shelf.take(path, Role(values["role"]), _number(values), _conditions(values), faults, values, folder)
        takes += [read] if read else []
    for path in files:
        told_by_name = take_name(path.stem)
        if path.resolve() in listed or (told_by_name is not None and told_by_name.part is not None):
            continue
        if told_by_name is None:
            if path.resolve() not in shelf.used and path.parent / TAKES_FILE not in (f / TAKES_FILE for f, _ in lines):
                faults.append(_name_fault(path))
            continue
        read = shelf.take(path, told_by_name.role, told_by_name.number, Conditions(), faults)
        takes += [read] if read else []
    if not takes and all(fault.kind == "name" for fault in faults):
        raise UsageError(
            f"{several[0]}: no file is named by a role; name takes {', '.join(role.value for role in Role)} (.wav)"
        )
    return judge_takes(name, takes, faults)


def take_line(take: Mapping[str, Any]) -> str:
    """One line of `takes.jsonl`."""
    return json.dumps({"schema": TAKE_SCHEMA} | dict(take), ensure_ascii=False, allow_nan=False) + "\n"


def takes_done(folder: Path) -> set[tuple[Role, int]]:
    """Role and number of every take that `takes.jsonl` lists and whose file is there."""
    return {
        (Role(values["role"]), _number(values))
        for _, values in _lines(folder / TAKES_FILE, [])
        if (folder / str(values["file"])).is_file()
    }


class _Shelf:
    """The files of a folder by what their names say."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.beside: dict[tuple[Role, int | None, str], Path] = {}
        self.used: set[Path] = set()
        for path in files:
            found: TakeName | None = take_name(path.stem)
            if found is not None and found.part is not None:
                number = found.number if found.numbered else None
                self.beside[(found.role, number, found.part)] = path

    def take(
        self,
        path: Path,
        role: Role,
        number: int,
        conditions: Conditions,
        faults: list[Fault],
        values: Mapping[str, Any] | None = None,
        folder: Path | None = None,
    ) -> Take | None:
        """Read a take with what belongs to it; None and a fault where it cannot be read."""
        self.used.add(path.resolve())
        try:
            samples, rate = _read(path)
        except AudioFormatError as error:
            faults.append(Fault(kind="unreadable", role=role, take=path.name, sentence=str(error)))
            return None
        if samples.shape[0] > 1 and not _is_one(samples):
            faults.append(
                Fault(
                    kind="unreadable",
                    role=role,
                    take=path.name,
                    sentence=f"{path.name} has {samples.shape[0]} channels that differ; keep the microphone's alone, "
                    "for example by sox IN.wav OUT.wav remix 1",
                )
            )
            return None
        found: dict[str, Float32 | None] = {"played": None, "reference": None}
        other_side = None
        for part in found:
            beside = self._beside(role, number, part, values, folder)
            if beside is None:
                continue
            self.used.add(beside.resolve())
            try:
                sound, its_rate = _read(beside)
            except AudioFormatError as error:
                faults.append(Fault(kind="unreadable", role=role, take=beside.name, refused=False, sentence=str(error)))
                continue
            if its_rate != rate:
                faults.append(
                    Fault(
                        kind="mismatched_pair",
                        role=role,
                        take=path.name,
                        sentence=f"{beside.name} has {its_rate} Hz and {path.name} {rate}; give both at one rate",
                    )
                )
                return None
            if part == "played" and role is Role.CALL and len(sound) > 1:
                other_side = sound[1]
            found[part] = sound[0]
        return Take(
            role=role,
            number=number,
            name=path.name,
            samples=samples[0],
            sample_rate=rate,
            played=found["played"],
            reference=found["reference"],
            other_side=other_side,
            conditions=conditions,
        )

    def _beside(
        self, role: Role, number: int, part: str, values: Mapping[str, Any] | None, folder: Path | None
    ) -> Path | None:
        if values is not None and folder is not None and values.get(part):
            return folder / str(values[part])
        return self.beside.get((role, number, part)) or self.beside.get((role, None, part))


def _read(path: Path) -> tuple[Float32, int]:
    """All of a file, shape (channels, n)."""
    with Recording(path) as recording:
        samples = np.concatenate([piece.copy() for piece in recording.pieces()]).T
        return np.ascontiguousarray(samples), recording.sample_rate


def _is_one(samples: Float32) -> bool:
    """All channels are alike, or all but the first hold nothing."""
    others = samples[1:]
    return bool(not others.any() or np.max(np.abs(others - samples[0])) < _SAME)


def _lines(path: Path, faults: list[Fault]) -> list[tuple[Path, dict[str, Any]]]:
    """The lines of a `takes.jsonl`; a later line of the same file wins, and a line that was cut short is told."""
    if not path.is_file():
        return []
    found: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            Role(values["role"])
            found[str(values["file"])] = values
        except (ValueError, KeyError, TypeError):
            faults.append(
                Fault(
                    kind="name",
                    role=None,
                    take=path.name,
                    refused=False,
                    sentence=f"line {number} of {path.name} names no take; write role and file of one, or take it out",
                )
            )
    return [(path.parent, values) for values in found.values()]


def _number(values: Mapping[str, Any]) -> int:
    number = values.get("opening" if values["role"] == Role.OPENING.value else "wearing", 1)
    return number if isinstance(number, int) and number > 0 else 1


def _count(values: Mapping[str, Any], name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else 0


def _conditions(values: Mapping[str, Any]) -> Conditions:
    known: dict[str, Any] = {}
    for name in _CONDITIONS & values.keys():
        value = values[name]
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


def _name_fault(path: Path) -> Fault:
    return Fault(
        kind="name",
        role=None,
        take=path.name,
        refused=False,
        sentence=f"{path.name} is named by no role and was left out; name it {', '.join(role.value for role in Role)} "
        "(.wav), or list it in takes.jsonl",
    )
