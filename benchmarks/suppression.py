"""Judge noise suppressors by one table: ours and those of others, on voices and noises that ours were not taught.

usage: python -m benchmarks.suppression --shared DIR [--weights FILE ...] [--only NAME ...] [--parts NAME ...]
                                        [--pairs N] [--clips N] [--cases N] [--seed N] [--jobs N]
                                        [--keep DIR] [--out DIR] [--results [FILE]]

DIR contains ``data/``. Rows: the noisy sound itself, `NoiseSuppressor` ("statistical"), `NetworkSuppressor`
("network"; with ``--weights`` once more with the weights of each file), and every peer that is installed; one that is
not is named with what installs it. ``--only ours`` leaves the peers out, ``--only dtln network`` takes the rows whose
names begin so.

Parts: ``pairs`` (speech mixed with noise at 16 and 8 kHz, and NOIZEUS at 8 kHz: STOI, SI-SDR, PESQ, DNSMOS OVRL),
``levels``, ``colleague`` (a voice 18 dB under the wearer), ``step`` (noise that grows by 25 dB), ``cost`` (delay and
CPU time). The last table has the goals. With ``--out`` ten short clips are written to listen to, with a spectrogram
each, and all single figures. The clips hold noises that are for research only: do not publish them. With ``--keep`` the
figures of peers, which take nearly all of the time, are kept in a folder, and a run that was stopped goes on where it
was; their CPU time is measured in each run.
"""

import argparse
import json
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.results import add_results_option, command_of, write_section
from benchmarks.suppressors.cases import colleagues, levels, steps
from benchmarks.suppressors.cost import Cost, costs
from benchmarks.suppressors.goals import Run
from benchmarks.suppressors.measures import can_measure
from benchmarks.suppressors.pairs import mixed_pairs, recorded_pairs
from benchmarks.suppressors.pictures import clips, write_clips
from benchmarks.suppressors.scoring import Judged, Scores, Trial, all_suppressors, score
from benchmarks.suppressors.sounds import UntaughtSounds, untaught_sounds
from benchmarks.suppressors.suppressor import Suppressor, available, is_installed
from benchmarks.suppressors.tables import all_tables

__all__ = ["main"]

PARTS = ("pairs", "levels", "colleague", "step", "cost")
_NOTE = """\
Voices and noises that our network was not taught: speakers of fold 0 of the recorded sets and of a set that is kept
for this, the `hu-` clips of *background-noise*, and babble of such voices far away. Speech at -26 dBFS after 1.5 s of
noise, which is not scored; ratios are over active speech. Every output is moved to the place of its input before it is
scored. Goals are means over 0 to 15 dB; ± is a standard error over pairs. Peers run as their packages ship them, with
sound resampled to the rate that they want. SI-SDR of WebRTC is pessimistic: its filters turn the phase."""


def _chosen(suppressors: Sequence[Suppressor], only: Sequence[str]) -> list[Suppressor]:
    if not only:
        return list(suppressors)
    return [each for each in suppressors if (each.own and "ours" in only) or any(each.key.startswith(o) for o in only)]


def _trials(options: argparse.Namespace, sounds: UntaughtSounds) -> list[Trial]:
    seed, parts = options.seed, options.parts
    trials: list[Trial] = []
    if "pairs" in parts:
        trials += mixed_pairs(sounds, options.pairs, seed=seed)
        trials += recorded_pairs(options.shared / "data", options.clips, seed=seed)
    if "levels" in parts:
        trials += levels(sounds, options.cases, seed=seed)
    if "colleague" in parts:
        trials += colleagues(sounds, options.cases, seed=seed)
    if "step" in parts:
        trials += steps(sounds, options.cases, seed=seed)
    return trials


def _costs(
    options: argparse.Namespace, sounds: UntaughtSounds, suppressors: Sequence[Suppressor]
) -> dict[int, dict[str, Cost]]:
    found = {}
    for rate in (16_000, 8_000):
        pairs = list(mixed_pairs(sounds, 6, seed=options.seed, rates=(rate,)))
        speech = np.concatenate([pair.x for pair in pairs])
        found[rate] = costs(suppressors, speech, rate, minutes=options.minutes)
    return found


def _write_figures(file: Path, judged: Sequence[Judged]) -> None:
    rows = [{**asdict(each.condition), "figures": each.figures} for each in judged]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument(
        "--weights", type=Path, nargs="+", default=[], metavar="FILE", help="of our network, a row each"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="rows; 'ours' for all of ours")
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS)
    parser.add_argument("--pairs", type=int, default=36, help="mixtures, each at both rates")
    parser.add_argument("--clips", type=int, default=40, help="of NOIZEUS")
    parser.add_argument("--cases", type=int, default=8, help="for each of levels, colleague and step, at both rates")
    parser.add_argument("--minutes", type=float, default=1.0, help="of sound, to measure CPU time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes for all but the CPU time")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="folder for figures of peers, used again by later runs"
    )
    parser.add_argument("--out", type=Path, help="folder for clips, spectrograms and single figures")
    add_results_option(parser)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of the peers' packages
    chosen = _chosen(all_suppressors(options.weights), options.only)
    suppressors, missing = available(chosen)
    measures, not_measured = can_measure()
    for sentence in (*missing, *not_measured):
        print(sentence, file=sys.stderr)
    sounds = untaught_sounds(options.shared / "data")
    trials = _trials(options, sounds)
    names, keys = [measure.name for measure in measures], [each.key for each in suppressors]
    judged = []
    for each in score(trials, keys, files=options.weights, measures=names, jobs=options.jobs, keep=options.keep):
        judged.append(each)
        if sys.stderr.isatty():
            print(f"\r{len(judged)} of {len(trials)} sounds", end="", file=sys.stderr)
    run = Run(Scores(judged), _costs(options, sounds, suppressors) if "cost" in options.parts else {})
    text = "\n\n".join([all_tables(run, suppressors, measures), *missing, *not_measured])
    print(f"{_NOTE}\n\n{text}")
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        _write_figures(options.out / "figures.jsonl", judged)
        write_clips(options.out, list(clips(sounds, options.shared / "data", seed=options.seed)), suppressors)
    if options.results:
        write_section(
            options.results,
            "Noise suppressors",
            command=command_of("benchmarks.suppression", parser, options),
            seeds=f"{options.seed} made the sound; nothing was chosen on it",
            tables=text,
            packages=[name for name in ("pystoi", "pesq", "speechmos", "onnxruntime") if is_installed(name)],
            note=_NOTE,
        )


if __name__ == "__main__":
    main()
