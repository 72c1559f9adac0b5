"""Train the networks that tell a wearer from a room: the script that made ``dsp/speech/wearer_weights.npz``.

usage: python -m benchmarks.training.train_wearer sides DATA FOLDER --seed 1 --hours 14 [--fold 0]
       python -m benchmarks.training.train_wearer fit FOLDER OUT.npz [--epochs 2]
       python -m benchmarks.training.train_wearer test FOLDER WEIGHTS.npz

The first command makes sides of calls (`benchmarks.training.room_mixtures`), runs the product's own front end and
speech detector and stores their ticks with the truth. The second fits both networks with PyTorch, which only training
needs. The third prints how much of the room's speech and of the wearer's would be removed. With ``--fold`` the voices
of that fold are left out; with ``--only-fold`` as well, they alone are used, which makes the sides for ``test``.

The shipped weights: ``sides`` without fold 0, the first 552 sides of seed 51 and the first 560 of seed 52, and 1 645
sides of seeds 11, 21, 41 and 42 that were made while the mixtures were being chosen, with less noise and automatic
gain; 80 hours in all, with the weights that the speech detector had before its last training; ``fit`` with 1.2 epochs;
1 650 weights; Python 3.11.7, numpy 2.4.6, torch 2.13.0. The limits of `cxaudio.analysis.settling.neighbours` were
chosen on 295 sides of fold 0.

Voices: speechocean762 adults (free for any use), WUW Corpus II (CC BY-SA 4.0), AISHELL-3 (Apache-2.0), LibriSpeech (CC
BY 4.0), the read English clips (public domain, CC BY 4.0, Apache-2.0, BSD) and the spoken commands (Apache-2.0); noises
and rooms as for the speech detector. No recording under a research-only licence was used.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.training.speech_voices import spurts
from dsp.core.levels import TickLevels
from dsp.core.stage import Float32
from dsp.speech.front_end import BAND_LEVEL, FrontEnd
from dsp.speech.vad import SpeechDetector
from dsp.speech.wearer import run_network
from dsp.speech.wearer_inputs import Pairs, band_groups, first_inputs, second_inputs

Weights = dict[str, NDArray[np.float32]]

SAMPLE_RATE, SIDE_S = 8000, (60, 90, 120, 150)
LEFT_OUT = ("two-sided-acted-calls",)
"""Sets of the speech detector that are not used."""

_FEWEST_TICKS = 300
_EDGE = 7  # ticks beside the truth's edges that are not learnt
_N_WHOLE_FIRST, _N_WHOLE_SECOND = 12, 7  # last columns, the same for all of a recording


def ticks_of(x: Float32) -> dict[str, NDArray[Any]]:
    """Run the product's front end and speech detector; return what the settling keeps of each tick."""
    front_end, detector, levels = FrontEnd(SAMPLE_RATE), SpeechDetector(), TickLevels(SAMPLE_RATE // 100)
    blocks = np.split(x, range(40_000, len(x), 40_000))
    frames = [*(front_end.process(block) for block in blocks), front_end.flush()]
    decided = np.concatenate([*(detector.process(part.features) for part in frames), detector.flush()])
    power = np.concatenate([*(levels.process(block) for block in blocks), levels.flush()])[:, TickLevels.MEAN_SQUARE]
    bands = np.concatenate([part.features[:, BAND_LEVEL] for part in frames])[::2]
    return {
        "power": power,
        "noise": np.concatenate([part.noise for part in frames]),
        "probability": np.rint(decided[:, 0] * 255).astype(np.uint8),
        "speaking": decided[:, 1] > 0,
        "bands": np.rint(np.clip((bands + 110) * 2, 0, 255)).astype(np.uint8),
    }


def make_sides(data: Path, folder: Path, *, seed: int, hours: float, fold: int | None, only_fold: bool) -> None:
    """Make many sides; store the ticks of each in a file of its own."""
    from benchmarks.training.room_mixtures import side_in_a_room
    from benchmarks.training.speech_noises import recorded_noises
    from benchmarks.training.speech_voices import SETS, fold_of, read, recorded_voices

    rng = np.random.default_rng(seed)
    voices = recorded_voices(data, [kind for kind in SETS if kind not in LEFT_OUT])
    if fold is not None:
        voices = [voice for voice in voices if (fold_of(voice.name, 3) == fold) == only_fold]
    voices = [voice for voice in voices for _ in range(3 if len(voice.clips) > 3 else 1)]
    noises = list(recorded_noises(data).values())
    rooms = [x / np.abs(x).max() for x in map(read, sorted((data / "impulse-responses" / "audio").glob("*.flac")))]
    folder.mkdir(parents=True, exist_ok=True)
    seconds, number = 0, 0
    while seconds < hours * 3600:
        length = int(rng.choice(SIDE_S))
        x, speaks = side_in_a_room(rng, length * SAMPLE_RATE, voices, noises, rooms)
        np.savez(folder / f"{seed}-{number:04d}.npz", truth=spurts(speaks), **ticks_of(x))
        seconds, number = seconds + length, number + 1
    print(f"{number} sides, {seconds / 3600:.1f} hours, {len(voices)} voices")


class Sides:
    """The inputs of the first network and the truth, of sides and of parts of them."""

    def __init__(self, folder: Path, n_parts: int) -> None:
        rng = np.random.default_rng(5)
        self.pairs: list[Pairs] = []
        first, wearer, learnt = [], [], []
        for path in sorted(folder.glob("*.npz")):
            with np.load(path) as stored:
                side = {name: stored[name] for name in stored.files}
            n = len(side["truth"]) // 2 * 2
            spans = [(0, n)]
            for _ in range(n_parts):  # what is known of a whole recording differs in a part of it
                length = int(n * rng.uniform(0.35, 0.9)) // 2 * 2
                start = int(rng.integers(0, n - length)) // 2 * 2
                spans.append((start, start + length))
            for start, end in spans:
                speaking, truth = side["speaking"][start:end], side["truth"][start:end]
                if np.count_nonzero(speaking) < _FEWEST_TICKS:
                    continue
                pairs = Pairs(speaking)
                edge = np.convolve(np.diff(truth, prepend=False), np.ones(2 * _EDGE + 1), "same") > 0
                probability = side["probability"][start:end] / np.float32(255)
                bands_db = side["bands"][start // 2 : end // 2] * np.float32(0.5) - 110
                groups = band_groups(np.power(np.float32(10), bands_db / 10))
                inputs = first_inputs(pairs, side["power"][start:end], side["noise"][start:end], probability, groups)
                first.append(inputs.astype(np.float16))
                wearer.append(truth.reshape(-1, 2).any(axis=1)[pairs.at])
                learnt.append(~edge.reshape(-1, 2).any(axis=1)[pairs.at])
                self.pairs.append(pairs)
        self.ends = np.cumsum([len(part) for part in first])
        self.first, self.wearer, self.learnt = (np.concatenate(parts) for parts in (first, wearer, learnt))

    def second(self, weights: Weights) -> NDArray[np.float16]:
        """Return the inputs of the second network."""
        parts = []
        for pairs, stored in zip(self.pairs, np.split(self.first, self.ends[:-1]), strict=True):
            inputs = stored.astype(np.float32)
            parts.append(second_inputs(pairs, inputs, run_network(inputs, weights, "first")).astype(np.float16))
        return np.concatenate(parts)


def fit_network(
    inputs: NDArray[np.float16],
    sides: Sides,
    sizes: tuple[int, ...],
    *,
    name: str,
    epochs: float,
    whole: tuple[int, float],
    smooth: float,
) -> Weights:
    """Fit one network; `whole` is the number of columns that describe the recording, and the noise added to them."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    sample = inputs[::50].astype(np.float32)
    mean, spread = sample.mean(axis=0), sample.std(axis=0) + 0.05
    layers: list[torch.nn.Module] = []
    n_inputs = inputs.shape[1]
    for size in sizes:
        layers += [torch.nn.Linear(n_inputs, size), torch.nn.ReLU()]
        n_inputs = size
    network = torch.nn.Sequential(*layers, torch.nn.Linear(n_inputs, 1))
    chosen, batch = np.flatnonzero(sides.learnt), 2048
    n_steps = int(epochs * len(chosen)) // batch
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=n_steps, pct_start=0.1)
    averages, losses = [p.detach().clone() for p in network.parameters()], []
    n_whole, noise = whole
    for _ in range(n_steps):
        rows = np.sort(rng.choice(chosen, batch))
        x = torch.from_numpy((inputs[rows].astype(np.float32) - mean) / spread)
        x[:, -n_whole:] += noise * torch.randn(batch, n_whole)
        y = torch.from_numpy(sides.wearer[rows].astype(np.float32)) * (1 - 2 * smooth) + smooth
        loss = torch.nn.functional.binary_cross_entropy_with_logits(network(x)[:, 0], y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        with torch.no_grad():
            for average, p in zip(averages, network.parameters(), strict=True):
                average.lerp_(p, 0.005)
    print(f"{name}: loss {np.mean(losses[-400:]):.4f}")
    found = {}
    for number, (weight, bias) in enumerate(zip(averages[::2], averages[1::2], strict=True)):
        w, b = weight.numpy().T, bias.numpy()
        if not number:  # the scale of the inputs is part of the first layer
            w = w / spread[:, None]
            b = b - mean @ w
        found |= {f"{name}_weight{number}": w.astype(np.float32), f"{name}_bias{number}": b.astype(np.float32)}
    return found


def fit(folder: Path, out: Path, *, epochs: float) -> None:
    """Fit both networks and store their weights."""
    sides = Sides(folder, n_parts=1)
    first = fit_network(
        sides.first, sides, (24, 12), name="first", epochs=epochs, whole=(_N_WHOLE_FIRST, 0.3), smooth=0.01
    )
    inputs = sides.second(first)
    second = fit_network(
        inputs, sides, (16, 8), name="second", epochs=epochs, whole=(_N_WHOLE_SECOND, 0.1), smooth=0.003
    )
    np.savez_compressed(out, **first, **second)


def test(folder: Path, path: Path) -> None:
    """Print the shares of the room's and of the wearer's speech that are below some probabilities."""
    with np.load(path) as stored:
        weights = {name: stored[name] for name in stored.files}
    sides = Sides(folder, n_parts=0)
    wearer = 1 / (1 + np.exp(-run_network(sides.second(weights).astype(np.float32), weights, "second")))
    for limit in (0.05, 0.1, 0.2, 0.3, 0.5):
        below = wearer < limit
        print(
            json.dumps(
                {
                    "limit": limit,
                    "room_removed": round(float(below[sides.learnt & ~sides.wearer].mean()), 4),
                    "wearer_removed": round(float(below[sides.learnt & sides.wearer].mean()), 4),
                }
            )
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("sides")
    make.add_argument("data", type=Path)
    make.add_argument("folder", type=Path)
    make.add_argument("--seed", type=int, default=1)
    make.add_argument("--hours", type=float, default=14.0)
    make.add_argument("--fold", type=int)
    make.add_argument("--only-fold", action="store_true")
    learn = commands.add_parser("fit")
    learn.add_argument("folder", type=Path)
    learn.add_argument("out", type=Path)
    learn.add_argument("--epochs", type=float, default=1.5)
    judge = commands.add_parser("test")
    judge.add_argument("folder", type=Path)
    judge.add_argument("path", type=Path)
    options = parser.parse_args()
    arguments = {name: value for name, value in vars(options).items() if name != "command"}
    {"sides": make_sides, "fit": fit, "test": test}[options.command](**arguments)


if __name__ == "__main__":
    main()
