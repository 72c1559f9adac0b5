"""Make the calls and recordings with exact truth, by the shared tools, and list them."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from benchmarks.peers.ticks import Truth
from benchmarks.shared_tools import run_tool

__all__ = ["SETS", "Recording", "make_set", "read_side", "sides_of"]

# What each set is, in the words of the tables.
SETS = {
    "calls": "constructed calls",
    "unheard": "constructed calls of voices and noises that no weights of cxaudio were taught on",
    "stress": "the clean constructed calls through lines, recorders and rooms",
    "line": "line cases",
    "rates": "recordings of one side with known syllables",
}
_UNHEARD_CALLS = 8


@dataclass(frozen=True)
class Recording:
    """A recording and what is true of it."""

    path: Path
    condition: str
    row: dict[str, Any]  # of the tool's index

    @property
    def name(self) -> str:
        """Its name in the set."""
        return self.path.stem

    @property
    def call(self) -> str:
        """The call that it is a variant of."""
        return self.name.split("-")[0]

    @property
    def duration_s(self) -> float:
        """Its length."""
        return float(self.row["duration_s"])

    @cached_property
    def truth(self) -> Truth:
        """True speech of both sides in ticks."""
        return Truth(self.speech, self.duration_s)

    @property
    def speech(self) -> dict[str, list[list[float]]]:
        """True speech of both sides, seconds."""
        if "speech" in self.row:
            return dict(self.row["speech"])
        return {side: own["speech"] for side, own in self.row["sides"].items()}


def make_set(shared: Path, out: Path, name: str, *, seed: int, calls: int, voices: int = 0) -> list[Recording]:
    """Make a set unless it is there, and list it.

    Parameters
    ----------
    shared : Path
        Folder with ``data/`` and ``tools/``.
    out : Path
        Folder for sets; this one gets ``<name>-<seed>``.
    name : str
        One of `SETS`.
    seed, calls, voices : int
        `calls` for the constructed calls; `voices` limits the recordings of rates, 0 is all.
    """
    size = {"calls": f"-{calls}", "stress": f"-{calls}", "rates": f"-{voices}" if voices else ""}.get(name, "")
    folder = out / f"{name}-{seed}{size}"
    if not (folder / "index.jsonl").exists():
        partial = folder.with_name(folder.name + ".part")
        shutil.rmtree(partial, ignore_errors=True)
        _make(shared, out, partial, name, seed=seed, calls=calls, voices=voices)
        partial.rename(folder)
    wanted = "rate" if name == "rates" else "call"
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    found = [
        Recording(folder / row["file"], str(row.get("condition", row.get("name"))), row)
        for row in rows
        if row.get("kind", "call") == wanted
    ]
    return found


def _make(shared: Path, out: Path, folder: Path, name: str, *, seed: int, calls: int, voices: int) -> None:
    data = shared / "data"
    if name == "calls":
        run_tool(shared, "construct_calls.py", data, folder, seed, calls)
    elif name == "unheard":
        run_tool(shared, "construct_calls.py", _unheard_data(data, out / "unheard-data"), folder, seed, _UNHEARD_CALLS)
    elif name == "stress":
        make_set(shared, out, "calls", seed=seed, calls=calls)
        run_tool(shared, "construct_stress.py", out / f"calls-{seed}-{calls}", folder, seed)
    elif name == "line":
        run_tool(shared, "line_cases.py", "make", data, folder, seed)
    else:
        run_tool(shared, "construct_rates.py", data, folder, seed, *([voices] if voices else []))


def _unheard_data(data: Path, folder: Path) -> Path:
    """Make a data folder whose voices and noises are those of noizeus-pairs, which are for measurement only.

    The tool takes voices from two folders by their names, so both have the same four voices here. The noise of a pair
    is the noisy clip minus the clean one; all of one kind are joined.
    """
    if (folder / "done").exists():
        return folder
    source = data / "noizeus-pairs"
    rows = [json.loads(line) for line in (source / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    clean = [row for row in rows if row["kind"] == "clean"]
    for name in ("speechocean-adults", "wuw-telephone"):
        (folder / name / "clean").mkdir(parents=True, exist_ok=True)
        _write_index(folder / name, clean)
        for row in clean:
            shutil.copyfile(source / row["file"], folder / name / row["file"])
    noises: dict[str, list[NDArray[np.float64]]] = {}
    for row in rows:
        if row["kind"] == "noisy" and row["snr_db"] == 0:
            noisy, quiet = (sf.read(source / row[key])[0] for key in ("file", "clean"))
            noises.setdefault(row["noise"], []).append(noisy - quiet)
    (folder / "background-noise").mkdir(exist_ok=True)
    for noise, pieces in noises.items():
        sf.write(folder / "background-noise" / f"{noise}.wav", np.concatenate(pieces), 8000, subtype="FLOAT")
    _write_index(folder / "background-noise", [{"file": f"{noise}.wav", "class": noise} for noise in sorted(noises)])
    timing = folder / "telephone-turn-timing"
    if not timing.exists():
        os.symlink(data / "telephone-turn-timing", timing)
    (folder / "done").touch()
    return folder


def _write_index(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def read_side(path: Path, channel: int, sample_rate: int) -> NDArray[np.float32]:
    """Read one side of a recording at a rate, resampled if the recording has another."""
    x, rate = sf.read(path, dtype="float32", always_2d=True)
    side = np.ascontiguousarray(x[:, channel])
    return side if rate == sample_rate else soxr.resample(side, rate, sample_rate)


def sides_of(path: Path, sample_rate: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Read both sides, the agent on the first channel."""
    for channel, side in enumerate(("agent", "customer")):
        yield side, read_side(path, channel, sample_rate)
