"""Train the network of the speech detector: the script that made ``dsp/speech/vad_weights.npz``.

usage: python -m benchmarks.training.train_speech_detector music MUSIC --seed 5
       python -m benchmarks.training.train_speech_detector features DATA MUSIC OUT.npz --seed 1 --hours 20 [--fold 0]
       python -m benchmarks.training.train_speech_detector fit WEIGHTS.npz OUT.npz... --seed 1 [--epochs 8]

The first command composes hold music (`benchmarks.training.speech_music`). The second makes sides of calls
(`benchmarks.training.speech_mixtures`), runs the product's own front end and stores the inputs of the network. The
third fits the network with PyTorch, which only training needs; the product uses numpy. With ``--fold`` the voices of
that fold are left out, for cross-validation; the noises for tests (``hu-*``) are always left out.

The shipped weights: ``music`` with seed 5; ``features`` with seeds 501 and 502 (16 hours each) and 504 (10 hours,
``--loud``), all with ``--fold 0``, and of the voices of that fold, ``--fold 0 --only``, seeds 601 (16 hours) and 602 (5
hours, ``--loud``). ``fit`` with seed 1, 5 epochs, of 501, 502 and 601; from there (``--start``) with seed 2, 2.133
epochs, ``--rate 2.5e-3``, of all five; from there with seed 3, 1.6 epochs, ``--rate 2e-3``, of all five. Width 64,
63 362 weights; Python 3.11.7, numpy 2.4.6, torch 2.14.1, fluidsynth with FluidR3, sox and ffmpeg of Debian 12.
Voices: see `speech_voices.SETS`, all free for any use or under CC BY-SA 4.0,
CC BY 4.0, Apache-2.0 or BSD, and eSpeak NG; noises: those of `background-noise` under CC0, CC BY, Pixabay, MIT or
Apache licences, and made ones. No recording under a research-only licence was used.

The figures quoted for new voices are those of sister weights, which never heard the voices of fold 0: ``fit`` with seed
1, 7.5 epochs, of 501 and 502; from there with seed 2, 3.2 epochs, and with seed 3, 2.4 epochs, of 501, 502 and 504: as
many steps, at the same rates, as the shipped ones.
"""

import argparse
import json
import platform
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.training.running_average import averaged
from dsp.speech.front_end import FrontEnd
from dsp.speech.network import load_weights
from dsp.speech.speech_evidence import SpeechEvidence

SIDE_S = 80


def evidence_of(x: NDArray[np.float32], sample_rate: int = 8000) -> NDArray[np.float32]:
    """Compute the inputs of the network for a signal."""
    front_end = FrontEnd(sample_rate)
    blocks = np.split(x, range(80_000, len(x), 80_000))
    parts = [front_end.process(block) for block in blocks] + [front_end.flush()]
    return SpeechEvidence().process(np.concatenate([part.features for part in parts]))


def make_features(
    data: Path, music: Path, out: Path, *, seed: int, hours: float, fold: int | None, folds: int, only: bool, loud: bool
) -> None:
    """Make many sides, and store their inputs of the network and their truth."""
    from benchmarks.training.speech_mixtures import Sounds, side
    from benchmarks.training.speech_music import pieces
    from benchmarks.training.speech_noises import recorded_noises
    from benchmarks.training.speech_voices import espeak_voices, fold_of, read, recorded_voices, spurts

    rng = np.random.default_rng(seed)
    voices = [v for v in recorded_voices(data) if fold is None or (fold_of(v.name, folds) == fold) == only]
    voices = [v for v in voices for _ in range(3 if len(v.clips) > 3 else 1)] + espeak_voices(seed, 60)
    noises = list(recorded_noises(data).values())
    rooms = [x / np.abs(x).max() for x in map(read, sorted((data / "impulse-responses" / "audio").glob("*.flac")))]
    sounds = Sounds(noises, rooms, pieces(music), loud)
    n, n_sides = SIDE_S * 8000, round(hours * 3600 / SIDE_S)
    evidence, truth = [], []
    for _ in range(n_sides):
        x, speaks = side(rng, n, voices, sounds)
        evidence.append(evidence_of(x).astype(np.float16))
        truth.append(spurts(speaks))
    np.savez(out, evidence=np.stack(evidence), spurts=np.stack(truth))
    print(f"{n_sides} sides, {np.mean(truth):.3f} speech, {len(voices)} voices, {len(noises)} noises")


def fit(
    features: list[Path],
    out: Path,
    *,
    seed: int,
    epochs: float,
    rate: float,
    start: Path | None,
    width: int,
    offsets: str,
) -> None:
    """Fit the network and store its weights."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    parts, truths = [], []
    for path in features:
        with np.load(path) as stored:
            parts.append(stored["evidence"])
            truths.append(stored["spurts"])
    n_sides, (_, n_ticks, n_inputs) = sum(map(len, parts)), parts[0].shape
    evidence = [side for part in parts for side in part]  # views; joining them would copy everything
    truth = [side for part in truths for side in part]
    # a layer is written "-4,0" or, with the averages of 16 inputs over 50 rows, "-4,0m50x16"
    written = [layer.partition("m") for layer in offsets.split("/")]
    layers = [tuple(map(int, taps.split(","))) for taps, _, _ in written]
    memories = [tuple(map(int, memory.split("x"))) if memory else (1, 0) for _, _, memory in written]
    sizes = [2 * n_inputs, *[width] * (len(layers) - 1), 2]
    weights, biases = [], []
    for number, taps in enumerate(layers):
        fan_in = len(taps) * sizes[number] + memories[number][1]
        weight = torch.randn(fan_in, sizes[number + 1]) * (1.4 if number < len(layers) - 1 else 0.5) / fan_in**0.5
        weights.append(torch.nn.Parameter(weight * (0.5 if sizes[number] == sizes[number + 1] else 1.0)))
        biases.append(torch.nn.Parameter(torch.zeros(sizes[number + 1])))

    if start is not None:
        stored = load_weights(start)
        for number in range(len(layers)):
            weights[number].data[:] = torch.from_numpy(stored[f"weight{number}"])
            biases[number].data[:] = torch.from_numpy(stored[f"bias{number}"])

    def network(x: "torch.Tensor") -> "torch.Tensor":  # (batch, steps, inputs)
        for number, taps in enumerate(layers):
            behind, ahead, steps = max(0, -min(taps)), max(0, *taps), x.shape[1]
            padded = torch.nn.functional.pad(x, (0, 0, behind, ahead))
            inputs = [padded[:, behind + tap : behind + tap + steps] for tap in taps]
            time_constant, n_remembered = memories[number]
            if n_remembered:
                inputs.append(averaged(x[:, :, :n_remembered], time_constant))
            y = torch.cat(inputs, dim=2)
            y = y @ weights[number] + biases[number]
            if number < len(layers) - 1:
                y = torch.relu(y)
                if sizes[number] == sizes[number + 1]:
                    y = y + x
            x = y
        return x

    parameters = [*weights, *biases]
    optimiser = torch.optim.AdamW(parameters, lr=3e-3, weight_decay=1e-3)
    n_steps = int(epochs * n_sides * n_ticks) // 16_000
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=n_steps, pct_start=0.1)
    # a running average of the weights is stored; it varies less than the last weights (Polyak & Juditsky 1992)
    averages, keep = [p.detach().clone() for p in parameters], 0.998
    began, losses = time.time(), []
    for step in range(n_steps):
        # ticks, sides: first many short pieces, which vary more; then long ones, which fill the averages
        crop, batch = (2000, 8) if step < n_steps // 2 else (4000, 4)
        rows = rng.integers(0, n_sides, batch)
        starts = rng.integers(0, (n_ticks - crop) // 2 + 1, batch) * 2
        x = np.stack([evidence[r][s : s + crop] for r, s in zip(rows, starts, strict=True)]).astype(np.float32)
        y = np.stack([truth[r][s : s + crop] for r, s in zip(rows, starts, strict=True)]).astype(np.float32)
        logits = network(torch.from_numpy(x).reshape(batch, crop // 2, -1)).reshape(batch, crop)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(y))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            for average, p in zip(averages, parameters, strict=True):
                average.lerp_(p, 1 - keep)
        losses.append(loss.item())
        if (step + 1) % 500 == 0:
            print(f"{step + 1}/{n_steps} loss {np.mean(losses[-500:]):.4f} {time.time() - began:.0f} s", flush=True)
    arrays = {}
    for number, taps in enumerate(layers):
        arrays[f"weight{number}"] = averages[number].numpy().astype(np.float16)
        arrays[f"bias{number}"] = averages[len(layers) + number].numpy().astype(np.float32)
        arrays[f"offsets{number}"] = np.array(taps, np.float32)
        if memories[number][1]:
            arrays[f"memory{number}"] = np.array(memories[number], np.float32)
    np.savez_compressed(out, **arrays)
    print(
        json.dumps(
            {
                "seed": seed,
                "weights": sum(w.numel() for w in parameters),
                "loss": round(float(np.mean(losses[-500:])), 4),
                "python": platform.python_version(),
                "numpy": np.__version__,
                "torch": torch.__version__,
            }
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    compose = commands.add_parser("music")
    compose.add_argument("folder", type=Path)
    compose.add_argument("--seed", type=int, default=1)
    compose.add_argument("--files", type=int, default=10)
    make = commands.add_parser("features")
    make.add_argument("data", type=Path)
    make.add_argument("music", type=Path)
    make.add_argument("out", type=Path)
    make.add_argument("--seed", type=int, default=1)
    make.add_argument("--hours", type=float, default=20.0)
    make.add_argument("--fold", type=int)
    make.add_argument("--folds", type=int, default=3)
    make.add_argument("--only", action="store_true", help="use the voices of the fold instead of all others")
    make.add_argument("--loud", action="store_true", help="louder noises, more of them made")
    learn = commands.add_parser("fit")
    learn.add_argument("out", type=Path)
    learn.add_argument("features", type=Path, nargs="+")
    learn.add_argument("--seed", type=int, default=1)
    learn.add_argument("--epochs", type=float, default=8)
    learn.add_argument("--rate", type=float, default=4e-3, help="highest learning rate")
    learn.add_argument("--start", type=Path, help="weights to go on from; default: random ones")
    learn.add_argument("--width", type=int, default=64)
    learn.add_argument("--offsets", default="0/-1,0,1/-2,0,2m25x24/-4,0m50x24/-8,0m200x24/-16,0m800x24/0")
    options = parser.parse_args()
    arguments = {name: value for name, value in vars(options).items() if name != "command"}
    if options.command == "music":
        from benchmarks.training.speech_music import render

        render(options.folder, seed=options.seed, n_files=options.files)
    elif options.command == "features":
        make_features(**arguments)
    else:
        fit(arguments.pop("features"), arguments.pop("out"), **arguments)


if __name__ == "__main__":
    main()
