"""Example folders of takes, recorded with simulated headsets of known faults."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.simulated_takes import simulated_takes
from cxaudio.laboratory.takes.take import Take
from cxaudio.laboratory.takes.takes_folder import TAKES_FILE, take_line
from cxaudio.laboratory.takes.write_takes import write_takes
from cxaudio.made.simulated_headset import SimulatedHeadset
from cxaudio.sinks.files import write_whole

__all__ = ["EXAMPLES", "Example", "worn", "write_examples"]

_RATE = 16_000
_N_WEARINGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A simulated model and the folder of its takes."""

    folder: str
    model: str
    headset: SimulatedHeadset
    seed: int


_CLEAR = SimulatedHeadset(
    sample_rate=_RATE,
    response=((100, -4.0), (200, -1.0), (400, 0.0), (3_000, 2.0), (6_000, 1.0), (8_000, -3.0)),
    bandwidth_hz=7_400,
    quadratic=0.008,
    cubic=0.01,
    far_db=-22,
    coupling_db=-50,
    noise_dbov=-78,
    delay_samples=700,
    skew_ppm=4,
)
_OFFICE = replace(
    _CLEAR,
    response=((100, -12.0), (200, -6.0), (400, -1.0), (1_500, 0.0), (3_000, 6.0), (5_000, 1.0), (8_000, -6.0)),
    bandwidth_hz=6_900,
    quadratic=0.05,
    cubic=0.03,
    far_db=-14,
    coupling_db=-38,
    noise_dbov=-68,
    hum_dbov=-64,
    delay_samples=1_500,
    skew_ppm=30,
)
_NARROW = replace(
    _CLEAR,
    response=((100, -20.0), (300, -3.0), (800, 0.0), (2_000, 5.0), (3_400, 0.0), (8_000, -6.0)),
    bandwidth_hz=3_500,
    quadratic=0.12,
    cubic=0.1,
    far_db=-6,
    coupling_db=-26,
    noise_dbov=-56,
    delay_samples=3_600,
    skew_ppm=-140,
    lost=((3.0, 0.02), (6.2, 0.04)),
)

EXAMPLES = (
    Example(folder="clear", model="Example Clear", headset=_CLEAR, seed=1),
    Example(folder="office", model="Example Office", headset=_OFFICE, seed=2),
    Example(folder="narrow", model="Example Narrow", headset=_NARROW, seed=3),
)
"""The examples, from the best to the one with the most faults."""


def write_examples(
    folder: Path,
    *,
    examples: Sequence[Example] = EXAMPLES,
    roles: Sequence[Role] = tuple(Role),
    n_wearings: int = _N_WEARINGS,
) -> Sequence[Path]:
    """Write one folder of takes for each example headset; the same call writes the same bytes.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    examples : sequence of Example
        Which headsets.
    roles : sequence of Role
        Which takes.
    n_wearings : int
        How often each headset is put on.

    Returns
    -------
    sequence of Path
        The folders, in the order of the examples.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    folders = []
    for example in examples:
        wearings = [worn(example, number) for number in range(1, n_wearings + 1)]
        takes = list(simulated_takes(wearings, roles=roles, seed=example.seed))
        own = folder / example.folder
        write_takes(own, takes)
        write_whole(own / TAKES_FILE, "".join(take_line(_conditions(example, take)) for take in takes))
        folders.append(own)
    return folders


def worn(example: Example, number: int) -> SimulatedHeadset:
    """Return the model as it fits when it is put on the n-th time: response, noise and distance vary a little."""
    rng = np.random.default_rng([example.seed, number])
    headset = example.headset
    return replace(
        headset,
        response=tuple((hertz, decibels + float(rng.normal(0, 0.3))) for hertz, decibels in headset.response),
        noise_dbov=(headset.noise_dbov or 0.0) + float(rng.normal(0, 0.4)),
        far_db=headset.far_db + float(rng.normal(0, 0.6)),
    )


def _conditions(example: Example, take: Take) -> dict[str, object]:
    return {
        "role": take.role.value,
        "opening" if take.role is Role.OPENING else "wearing": take.number,
        "file": take.name,
        "model": example.model,
        "device": "simulated",
        "host_api": "none",
        "sample_rate_hz": take.sample_rate,
        "gain": "fixed",
        "os_effects": "none",
        "notes": "recorded with a simulated headset of known faults",
    }
