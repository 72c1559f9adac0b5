"""Takes of simulated headsets as the tests of the laboratory use them: arrays, or files in a folder."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from cxaudio.laboratory.takes import write_takes as product
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.simulated_takes import simulated_take, simulated_takes
from cxaudio.laboratory.takes.take import Take
from cxaudio.made.simulated_headset import SimulatedHeadset

RATE = 16_000


def lab_take(
    headset: SimulatedHeadset, role: Role, number: int = 1, *, seed: int = 1, played: bool = True, **conditions: object
) -> Take:
    """Record one take; without `played`, nothing is kept beside it."""
    take = simulated_take(headset, role, number, seed=seed)
    return replace(take, played=take.played if played else None, **conditions)  # type: ignore[arg-type]


def lab_takes(
    headsets: Iterable[SimulatedHeadset],
    *,
    roles: Iterable[Role] = tuple(Role),
    n_openings: int = 10,
    seed: int = 1,
) -> list[Take]:
    """Record every role; each wearing is a headset of its own."""
    return list(simulated_takes(headsets, roles=roles, n_openings=n_openings, seed=seed))


def write_takes(folder: Path, takes: Iterable[Take], *, extra: Mapping[str, np.ndarray] | None = None) -> Path:
    """Write takes into a folder, and further sound under names of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    product.write_takes(folder, takes)
    for name, samples in (extra or {}).items():
        soundfile.write(folder / name, samples, RATE, subtype="PCM_16")
    return folder
