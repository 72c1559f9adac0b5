"""Train the network of the noise suppressor: the script that made ``dsp/speech/suppressor_weights.npz``.

usage: python -m benchmarks.training.train_suppressor DATA OUT.npz [--seed 1] [--minutes 60]
"""

import argparse
import json
import multiprocessing
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.training.running_average import averaged
from benchmarks.training.suppressor_mixtures import Mixer
from dsp.speech.network_suppressor import LEAST_ROOT
from dsp.speech.suppressor_frames import BIN_HZ, BINS_OF_BAND, N_BANDS
from dsp.speech.suppressor_inputs import N_INPUTS, OVER_FLOOR, OVER_NEIGHBOURS

if TYPE_CHECKING:
    import torch

BATCH = 5
_LEAST = float(LEAST_ROOT)


@dataclass(frozen=True)
class Layer:
    """One layer: offsets of its inputs, and running averages of some of them."""

    offsets: tuple[int, ...]
    time_constant: float = 1.0
    n_remembered: int = 0


def layers_of(text: str) -> list[Layer]:
    """Read layers: ``-4,0`` or, with the averages of 16 inputs over 50 rows, ``-4,0m50x16``, divided by ``/``."""
    layers = []
    for part in text.split("/"):
        taps, _, memory = part.partition("m")
        constant, _, n = memory.partition("x")
        layers.append(Layer(tuple(map(int, taps.split(","))), float(constant or 1), int(n or 0)))
    return layers


class Network:
    """The same network as `dsp.speech.network.FrameNetwork`, in PyTorch."""

    def __init__(self, layers: list[Layer], width: int, start: Path | None) -> None:
        import torch

        self.layers = layers
        sizes = [N_INPUTS, *[width] * (len(layers) - 1), 3 * N_BANDS]
        self.sizes = sizes
        self.weights, self.biases = [], []
        stored = np.load(start) if start else None
        for number, layer in enumerate(layers):
            fan_in = len(layer.offsets) * sizes[number] + layer.n_remembered
            last = number == len(layers) - 1
            if stored is not None:
                weight = torch.from_numpy(stored[f"weight{number}"].astype(np.float32))
                if not last and number:
                    at = layer.offsets.index(0) * sizes[number]
                    weight[at : at + sizes[number]] -= torch.eye(sizes[number])
                bias = torch.from_numpy(stored[f"bias{number}"].astype(np.float32))
            else:
                weight = (
                    torch.randn(fan_in, sizes[number + 1]) * (0.1 if last else 0.3 if number else 1.0) / fan_in**0.5
                )
                bias = torch.zeros(sizes[number + 1])
                if last:  # a gain that begins to rise where a band lies over its floor
                    bias[:N_BANDS], bias[N_BANDS : 2 * N_BANDS] = 0.45, 0.5
            self.weights.append(weight.requires_grad_())
            self.biases.append(bias.requires_grad_())

    def __call__(self, x: "torch.Tensor") -> "torch.Tensor":
        """Return the fourth roots of the gains, before they are limited; see `fourth_roots`."""
        import torch

        heard = x
        for number, layer in enumerate(self.layers):
            behind, steps = max(0, -min(layer.offsets)), x.shape[1]
            padded = torch.nn.functional.pad(x, (0, 0, behind, 0))
            inputs = [padded[:, behind + tap : behind + tap + steps] for tap in layer.offsets]
            if layer.n_remembered:
                inputs.append(averaged(x[:, :, : layer.n_remembered], layer.time_constant))
            y = torch.cat(inputs, dim=2) @ self.weights[number] + self.biases[number]
            if number < len(self.layers) - 1:
                # a layer with as many outputs as inputs learns what to add to them
                y = torch.relu(y + x if self.sizes[number] == self.sizes[number + 1] else y)
            x = y
        free, by_floor, by_neighbours = x.split(N_BANDS, dim=2)
        return free + by_floor * heard[:, :, OVER_FLOOR] + by_neighbours * heard[:, :, OVER_NEIGHBOURS]


class Loss:
    """Errors of loudness, of waves and of envelopes, and envelopes that were better before."""

    def __init__(self) -> None:
        import torch

        class Limit(torch.autograd.Function):
            """Limit a gain; beyond the limits it learns only to come back."""

            @staticmethod
            def forward(context: Any, z: torch.Tensor) -> torch.Tensor:
                context.save_for_backward(z)
                return z.clamp(_LEAST, 1)

            @staticmethod
            def backward(context: Any, slope: torch.Tensor) -> torch.Tensor:
                (z,) = context.saved_tensors
                back = ((z > 1) & (slope > 0)) | ((z < _LEAST) & (slope < 0))
                inside = (z >= _LEAST) & (z <= 1)
                return slope * (inside + 0.5 * back)

        self._limit = Limit.apply
        counts = np.array(BINS_OF_BAND, float)
        self.counts = torch.from_numpy(counts.astype(np.float32))
        self.loudness_weights = torch.from_numpy((counts**0.75 / (counts**0.75).sum()).astype(np.float32))
        first = np.cumsum(counts) - counts
        middles = (first + (counts - 1) / 2) * BIN_HZ
        centres = 150 * 2 ** (np.arange(15) / 3)
        inside = (middles[:, None] >= centres / 2 ** (1 / 6)) & (middles[:, None] < centres * 2 ** (1 / 6))
        self.thirds = torch.from_numpy((inside * counts[:, None]).astype(np.float32))

    def __call__(self, z: "torch.Tensor", sums: "torch.Tensor") -> tuple["torch.Tensor", list[float]]:
        """Return the loss of a batch and its parts."""
        import torch

        XX, XS, SS, xx, xs, ss = sums.unbind(1)
        loud = self._limit(z)  # g to the power of EXPONENT
        g = loud.square().square()
        # speech that is swallowed is worse than noise that is left
        swallowed = 0.5 * torch.relu(ss.sqrt() - loud * xx.sqrt()).square()
        norm = (ss + xx).mean(dim=(1, 2), keepdim=True) + 1e-3  # a side with little speech weighs no more than others
        loudness = ((loud * (loud * xx - 2 * xs) + ss + swallowed) / norm) @ self.loudness_weights
        power = g.square() * XX
        error = ((power - 2 * g * XS + SS) @ self.counts).sum(1).clamp(min=0)
        energy = (SS @ self.counts).sum(1)
        speaks = energy > 1e-6
        waves = 10 * torch.log10((error + 3e-5 * energy + 1e-12) / (energy + 1e-12))[speaks]
        clean = (SS @ self.thirds).clamp(min=1e-12).sqrt()
        ours = (power @ self.thirds).clamp(min=1e-12).sqrt()
        heard = (XX @ self.thirds).clamp(min=1e-12).sqrt()
        envelopes, harmed = self._envelopes(clean, ours, heard)
        parts = [loudness.mean(), waves.mean(), envelopes, harmed]
        far = torch.relu((z - 0.7).abs() - 0.8).square().mean()  # keeps what is beyond the limits near them
        loss = 3 * parts[0] + 0.1 * parts[1] + 1.5 * parts[2] + 3 * parts[3] + 0.01 * far
        return loss, [float(p.detach()) for p in parts]

    def _envelopes(
        self, clean: "torch.Tensor", ours: "torch.Tensor", heard: "torch.Tensor"
    ) -> tuple["torch.Tensor", "torch.Tensor"]:
        """Compute one less the correlation of envelopes over 0.38 s, as STOI does (Taal et al. 2011).

        The second value is by how much our sound is less like the clean one than the sound as it was heard:
        where there is nothing to win, nothing may be lost.
        """
        import torch

        clean = clean.unfold(1, 38, 13)  # (batch, places, thirds, 38)
        power = (clean**2).sum((2, 3))
        counted = (power > 1e-3 * power.amax(1, keepdim=True).clamp(min=1e-7)).unsqueeze(2)
        with torch.no_grad():
            before = self._likeness(clean, heard.unfold(1, 38, 13))
        after = self._likeness(clean, ours.unfold(1, 38, 13))
        n = len(self.thirds.T) * counted.sum() + 1
        return ((1 - after) * counted).sum() / n, (torch.relu(before - after) * counted).sum() / n

    @staticmethod
    def _likeness(x: "torch.Tensor", y: "torch.Tensor") -> "torch.Tensor":
        y = y * (((x**2).sum(3, keepdim=True) + 1e-12) / ((y**2).sum(3, keepdim=True) + 1e-12)).sqrt()
        y = y.minimum(x * (1 + 10 ** (15 / 20)))
        x, y = x - x.mean(3, keepdim=True), y - y.mean(3, keepdim=True)
        return (x * y).sum(3) / ((x**2).sum(3) * (y**2).sum(3) + 1e-14).sqrt()


def mixing(data: Path, seed: int, queue: Any) -> None:
    """Put batches into the queue without end."""
    sides = Mixer(data, seed).sides()
    while True:
        items = [next(sides) for _ in range(BATCH)]
        queue.put((np.stack([i.inputs for i in items]), np.stack([i.sums for i in items])))


def batches(data: Path, seed: int) -> Iterator[tuple[Any, Any]]:
    """Mix in another process."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(6)
    context.Process(target=mixing, args=(data, seed, queue), daemon=True).start()
    while True:
        yield queue.get()


def fit(
    data: Path,
    out: Path,
    *,
    seed: int,
    minutes: float,
    rate: float,
    width: int,
    offsets: str,
    start: Path | None,
    repeats: int,
    threads: int,
) -> None:
    """Fit the network for some minutes, and store its weights."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    network, loss_of = Network(layers_of(offsets), width, start), Loss()
    parameters = [*network.weights, *network.biases]
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=1e-3, betas=(0.9, 0.98))
    # a running average of the weights is stored; it varies less than the last weights (Polyak & Juditsky 1992)
    averages = [p.detach().clone() for p in parameters]
    source: Iterator[tuple[Any, Any]] = batches(data, seed)
    stored: list[Any] = []
    rng = np.random.default_rng(seed)
    step, seen, log = 0, 0, []
    print(f"{sum(p.numel() for p in parameters)} weights", flush=True)
    source = chain([next(source)], source)
    began = stamp = time.time()  # once the first sides are mixed
    while (done := (time.time() - began) / (60 * minutes)) < 1:
        if step % repeats == 0:
            inputs, sums = next(source)
            stored.append((inputs, sums))
            seen += 1
            if len(stored) > 150:
                stored.pop(int(rng.integers(len(stored))))
        else:
            inputs, sums = stored[int(rng.integers(len(stored)))]
        lr = rate * min(1.0, step / 200) * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-5
        for group in optimiser.param_groups:
            group["lr"] = lr
        loss, parts = loss_of(network(torch.from_numpy(inputs)), torch.from_numpy(sums))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        keep = min(0.999, 1 - 10 / (step + 11))
        with torch.no_grad():
            for average, p in zip(averages, parameters, strict=True):
                average.lerp_(p, 1 - keep)
        step += 1
        log.append([float(loss.detach()), *parts])
        if step % 400 == 0:
            print(
                step, seen, np.mean(log[-400:], axis=0).round(4), f"{time.time() - began:.0f} s lr {lr:.2e}", flush=True
            )
        if time.time() - stamp > 120:
            stamp = time.time()
            store(out, network, averages)
    store(out, network, averages)
    print(
        json.dumps(
            {
                "seed": seed,
                "steps": step,
                "sides": seen * BATCH,
                "loss": round(float(np.mean(log[-500:])), 4),
                "python": platform.python_version(),
                "numpy": np.__version__,
                "torch": torch.__version__,
            }
        )
    )


def store(out: Path, network: Network, averages: list["torch.Tensor"]) -> None:
    """Write the weights as the product reads them."""
    arrays = {}
    for number, layer in enumerate(network.layers):
        weight = averages[number].numpy().copy()
        if 0 < number < len(network.layers) - 1:
            at = layer.offsets.index(0) * len(averages[len(network.layers) + number])
            weight[at:][np.diag_indices(weight.shape[1])] += 1  # the inputs themselves
        arrays[f"weight{number}"] = weight.astype(np.float16)
        arrays[f"residual{number}"] = np.array(0, np.float32)
        arrays[f"bias{number}"] = averages[len(network.layers) + number].numpy().astype(np.float32)
        arrays[f"offsets{number}"] = np.array(layer.offsets, np.float32)
        if layer.n_remembered:
            arrays[f"memory{number}"] = np.array([layer.time_constant, layer.n_remembered], np.float32)
    with out.with_suffix(".part").open("wb") as file:
        np.savez_compressed(file, **arrays)
    out.with_suffix(".part").replace(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=3e-3, help="highest learning rate")
    parser.add_argument("--start", type=Path, help="weights to go on from; default: random ones")
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--repeats", type=int, default=3, help="times that a batch is used")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--offsets", default="0/-1,0/-2,0/-4,0m25x24/-8,0/-16,0m100x24/-32,0/-4,0m300x24/-1,0/0")
    arguments = vars(parser.parse_args())
    fit(arguments.pop("data"), arguments.pop("out"), **arguments)


if __name__ == "__main__":
    main()
