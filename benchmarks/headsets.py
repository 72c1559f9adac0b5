"""Compare the laboratory's measures with the vectors of the ITU-T Software Tool Library.

usage: python -m benchmarks.headsets --shared DIR [--json]

DIR contains ``data/itu-stl/`` with the library's files and ``expected.json``: figures that the library's own tools
printed, or that are derived from them. `dsp` measures every vector in the same way as a take of a headset. Prints for
each case the expected figure, the measured figure and the tolerance, and exits with 1 if a case is outside.
"""

import argparse
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dsp.measurement.bandwidth import find_bandwidth
from dsp.measurement.defects import find_dc_offset
from dsp.measurement.delay import find_delay
from dsp.measurement.dropouts import find_dropouts, find_lost
from dsp.measurement.level_p56 import active_level
from dsp.measurement.response import transfer

__all__ = ["Case", "cases", "main"]

LEVEL_DB, ACTIVITY_POINTS, RMS_DB = 0.1, 1.5, 0.001
"""Tolerances of level, activity and RMS against the output of the library's actlev."""

HALF_A_SAMPLE = 0.55
"""Tolerance of delays, samples: the library's linear-phase filters delay by half a sample more than the stated lag."""


@dataclass(frozen=True, slots=True)
class Case:
    """One figure of one vector."""

    measure: str
    vector: str
    expected: float
    found: float
    tolerance: float
    unit: str

    @property
    def kept(self) -> bool:
        """Whether the figure is within its tolerance."""
        return abs(self.found - self.expected) <= self.tolerance


def cases(folder: Path) -> Iterator[Case]:
    """Measure every case of `expected.json`.

    Parameters
    ----------
    folder : Path
        Contains the vectors and `expected.json`.

    Yields
    ------
    Case
        One for each figure of each vector.
    """
    listed: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))

    def samples(name: str) -> np.ndarray:
        return np.fromfile(folder / name, "<i2") / 32768

    for file in listed["files"]:
        for each in file.get("p56", ()):
            printed, exact = each["stl_actlev"], each.get("exact_interpolation")
            found = active_level(samples(file["file"]), each["rate_hz"])
            name = f"{file['file']} at {each['rate_hz']}"
            level, activity = found.level_dbov, 100 * found.activity
            yield Case("P.56 active level", name, printed["active_speech_level_dbov"], level, LEVEL_DB, "dBov")
            yield Case("P.56 activity", name, printed["activity_percent"], activity, ACTIVITY_POINTS, "%")
            yield Case("long-term level", name, printed["rms_dbov"], found.rms_dbov, RMS_DB, "dBov")
            if exact:
                expected = exact["active_speech_level_dbov"]
                yield Case("P.56 active level, exact", name, expected, level, 0.005, "dBov")
    vectors = listed["vectors"]
    for each in vectors["dc_offset"]:
        offset = find_dc_offset(samples(each["file"]))
        expected, tolerance = (each["dc_lsb"], 0.01) if "dc_lsb" in each else (0.0, each["dc_lsb_abs_max"])
        yield Case("constant offset", each["file"], expected, offset.mean * 32768, tolerance, "LSB")
    for each in vectors["dropouts"]:
        if not each.get("burst_samples"):
            continue
        degraded = samples(each["degraded"])
        ways = {
            "alone": find_dropouts(degraded, 8_000),
            "against": find_lost(samples(each["reference"]), degraded, 8_000),
        }
        for way, lost in ways.items():
            name = f"{each['degraded']}, {way}"
            yield Case("drop-outs", name, each["bursts"], len(lost.bursts), 0, "bursts")
            yield Case("sound lost", name, each["lost_ms_total"], 1000 * lost.total_s, 0.2, "ms")
    for each in vectors["latency"]:
        delay = find_delay(samples(each["reference"]), samples(each["delayed"]), each["rate_hz"], most_s=0.1)
        yield Case("delay", each["delayed"], each["lag_samples"], delay.samples, HALF_A_SAMPLE, "samples")
    expected_responses = vectors["frequency_response"]
    stimulus = samples(expected_responses["stimulus"])
    for name, each in expected_responses["responses"].items():
        result = transfer(
            stimulus, samples(name), expected_responses["rate_hz"], delay_samples=each["lag_samples"], frame_length=1024
        )
        for hertz, decibels in each["gain_db"].items():
            if decibels <= -6:
                continue  # the noise of 16 bits affects it
            gain = float(np.interp(float(hertz), result.frequencies_hz, result.gain_db))
            yield Case("response", f"{name} at {hertz} Hz", decibels, gain, 0.15 if decibels > -1 else 0.7, "dB")
    for each in vectors["bandwidth"]["cases"]:
        band = find_bandwidth(samples(each["file"]), 2 * each["container_nyquist_hz"])
        if "upper_edge_hz" in each:
            yield Case("band edge", each["file"], each["upper_edge_hz"], band.upper_hz, each["tolerance_hz"], "Hz")
        else:
            top, least = each["container_nyquist_hz"], each["upper_edge_hz_min"]
            yield Case("band edge", each["file"], top, band.upper_hz, top - least, "Hz")


def main() -> int:
    """Measure and print all cases; return 0 if all are within their tolerances, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/itu-stl")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    found = list(cases(arguments.shared / "data" / "itu-stl"))
    if arguments.json:
        print(json.dumps([asdict(each) | {"kept": each.kept} for each in found], indent=2))
    else:
        for each in found:
            mark = "" if each.kept else "  OUTSIDE"
            print(
                f"{each.measure:26s} {each.vector:42s} {each.expected:10.3f} {each.found:10.3f} "
                f"+-{each.tolerance:g} {each.unit}{mark}"
            )
        worst: dict[str, float] = {}
        for each in found:
            worst[each.measure] = max(worst.get(each.measure, 0.0), abs(each.found - each.expected))
        print("\nlargest difference: " + ", ".join(f"{name} {value:.3g}" for name, value in worst.items()))
        kept = sum(each.kept for each in found)
        print(f"{kept} of {len(found)} inside; numpy {np.__version__}, python {platform.python_version()}")
    return 0 if all(each.kept for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
