"""Train the network of `dsp.speech.syllables`: a density of syllable nuclei from band levels, trained by counts.

    python -m benchmarks.training.train_syllables align TEACHER.npz FOLDER... [--epochs N] [--seed N]
    python -m benchmarks.training.train_syllables fit WEIGHTS.npz FOLDER... [--hold-out FOLD] [--epochs N] [--seed N]

A FOLDER contains ``mixtures.npz`` of `syllable_data.py`, and the network inputs that `syllable_inputs.py` computed for
its noisy sound (``noisy.npz``) and for its voices alone (``voices_alone.npz``). Needs torch, one thread.

1. A *teacher*, a larger network with more lookahead, is fitted to the voices alone: the sum of its density over a
   stretch must be the number of syllables of the stretch; where every nucleus is known (synthetic voices, phone
   labels), the density must be one at each nucleus.
2. From the teacher's density and the known count, the nuclei of the real voices are placed: the moments with the
   largest sum of scores, at least 60 ms apart (dynamic programming).
3. The small network is fitted to the noisy sound with those nuclei and the counts.
4. `syllable_calibration.py` sets its last bias so that the counts are right inside detected spurts.

The shipped weights: three folders, 2400 mixtures each, of `syllable_data.py` with seeds 11, 12 and 13 on the same 1800
utterances of `syllable_voices.py`; ``align --epochs 12`` (the teacher learns from the first folder); ``fit --net G
--epochs 14`` with seed 1 and no fold left out; calibrated on 200 mixtures of the second; torch 2.13.0, numpy 2.4.6.
Voices: speechocean762 adults (free for any use), WUW Corpus II sentences (CC BY-SA 4.0), AISHELL-3 (Apache-2.0), the
read English and phone-labelled clips (public domain, CC BY 4.0, Apache-2.0, MIT, BSD) and eSpeak NG; noises under CC0,
CC BY, Pixabay, MIT or Apache licences and made ones. The figures quoted for new voices are those of other weights,
trained in the same way with ``--hold-out 0``.
"""

import argparse
import time
from functools import reduce
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.training.running_average import averaged

HOP = 160  # samples at 8 kHz: the network reads pairs of ticks
SECONDS = 20
T = SECONDS * 8000 // HOP
SHARPNESS = 1.25  # chosen on speakers left out: 1 to 1.5 count about equally well, 1.25 follows tempo best
SPACING = 3  # pairs: least distance of nuclei; real ones are further apart

ABOUT = (
    "syllable density; benchmarks/training/train_syllables.py; seed {seed}, {epochs} epochs, torch {torch}, "
    "numpy {numpy}; data and licences: see its docstring"
)

NO_MEMORY = (1, 0)
TEACHER = ((48,) * 5, ((-2, -1, 0, 1, 2), (-2, 0, 2), (-4, 0, 4), (-8, 0, 8), (-16, 0, 16), (0,)))
STUDENTS = {  # widths, offsets, memories: see `dsp.speech.network`
    "A": ((24,) * 5, ((-2, -1, 0, 1), (-1, 0, 1), (-3, 0, 2), (-6, -3, 0, 2), (-24, -12, 0), (0,))),
    "B": ((32, 24, 24), ((-2, -1, 0, 1), (-6, -4, -2, 0, 2), (-24, -12, 0, 3), (0,))),
    "D": ((32, 24, 24), ((-1, 0, 1), (-6, -4, -2, 0, 2), (-24, -12, 0, 3), (0,))),
    "E": ((32, 32, 24), ((-1, 0, 1), (-6, -4, -2, 0, 2), (-24, -12, 0, 3), (0,))),
    "F": (
        (36, 36, 36, 24),
        ((-1, 0, 1), (-2, 0, 2), (-6, -3, 0, 1), (-16, -8, 0, 2), (0,)),
        (NO_MEMORY, NO_MEMORY, (50, 16), (200, 16), NO_MEMORY),
    ),
    "G": (
        (32, 32, 24),
        ((-1, 0, 1), (-6, -4, -2, 0, 2), (-24, -12, 0, 3), (0,)),
        (NO_MEMORY, (50, 16), (200, 16), NO_MEMORY),
    ),
    "C": ((24, 16, 16), ((-2, -1, 0, 1), (-6, -4, -2, 0, 2), (-24, -12, 0, 3), (0,))),
}


class Net(nn.Module):
    """The layers of `dsp.speech.network.FrameNetwork`."""

    def __init__(self, n_inputs, widths, offsets, memories=None):
        super().__init__()
        self.offsets = offsets
        self.memories = memories or (NO_MEMORY,) * len(offsets)
        sizes = (n_inputs, *widths, 1)
        self.layers = nn.ModuleList(
            nn.Linear(len(shifts) * n_in + memory[1], n_out)
            for shifts, memory, n_in, n_out in zip(offsets, self.memories, sizes[:-1], sizes[1:], strict=True)
        )
        nn.init.constant_(self.layers[-1].bias, -2.0)

    def forward(self, x):
        """Compute logits (batch, time) of inputs (batch, time, channels)."""
        for number, (layer, shifts, memory) in enumerate(zip(self.layers, self.offsets, self.memories, strict=True)):
            behind, ahead = max(0, -min(shifts)), max(0, max(shifts))
            held = nn.functional.pad(x, (0, 0, behind, ahead))
            inputs = [held[:, behind + s : behind + s + x.shape[1]] for s in shifts]
            if memory[1]:
                inputs.append(averaged(x[:, :, : memory[1]], memory[0]))
            y = layer(torch.cat(inputs, dim=2))
            if number < len(self.layers) - 1:
                y = torch.relu(y)
                if y.shape[2] == x.shape[2]:
                    y = y + x
            x = y
        return x[..., 0]


class Data:
    """Mixtures of one folder with their truth on the grid of pairs."""

    def __init__(self, folder, source):
        mixtures = np.load(folder / "mixtures.npz")
        self.folds = mixtures["folds"]
        n = len(self.folds)
        # two ticks in each row, as in `dsp.speech.syllables`
        self.x = np.load(folder / f"{source}.npz")["evidence"].reshape(n, T, -1)
        self.counts = [[] for _ in range(n)]
        for which, start, end, count in mixtures["counts"]:
            self.counts[int(which)].append((max(0, int(start) // HOP), min(T, -(-int(end) // HOP)), count))
        self.known = np.zeros((n, T), np.float32)  # 1 where every nucleus is known
        for which, start, end in mixtures["exact"]:
            self.known[which, start // HOP : -(-end // HOP)] = 1
        self.nuclei = np.zeros((n, T), np.float32)  # each one spread over the two nearest pairs
        for which, at in mixtures["nuclei"]:
            position = at / HOP - 0.5
            k = int(np.floor(position))
            for pair, share in ((k, k + 1 - position), (k + 1, position - k)):
                if 0 <= pair < T:
                    self.nuclei[which, pair] += share
        np.minimum(self.nuclei, 1, out=self.nuclei)
        self.silent = np.ones((n, T), np.float32)
        for which, listed in enumerate(self.counts):
            for start, end, _ in listed:
                self.silent[which, start:end] = 0

    def join(self, other):
        """Add another folder's mixtures."""
        for name in ("folds", "x", "known", "nuclei", "silent"):
            setattr(self, name, np.concatenate((getattr(self, name), getattr(other, name))))
        self.counts += other.counts
        return self


def fit(net, data, chosen, *, epochs, batch, rng, decisive, frame_weight, speed):
    steps = epochs * (len(chosen) // batch)
    optimiser = torch.optim.AdamW(net.parameters(), lr=speed, weight_decay=1e-3)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, speed, total_steps=steps, pct_start=0.15)
    # a running average of the weights is kept; it varies less than the last weights (Polyak & Juditsky 1992)
    averages = [p.detach().clone() for p in net.parameters()]
    began = time.time()
    for epoch in range(epochs):
        order = rng.permutation(chosen)
        sums = np.zeros(5)
        for at in range(0, len(order) - batch + 1, batch):
            rows = order[at : at + batch]
            z = net(torch.from_numpy(data.x[rows].astype(np.float32)))
            d = torch.sigmoid(z)
            running = nn.functional.pad(torch.cumsum(d, 1), (1, 0))
            listed = [(r, s, e, c) for r, w in enumerate(rows) for s, e, c in data.counts[w]]
            row, start, end, truth = (torch.tensor(column) for column in zip(*listed, strict=True))
            truth = truth.float()
            off = running[row, end] - running[row, start] - truth
            loss_count = (off**2 / (truth + 2)).mean()
            if decisive:  # likelihood of the count if each pair is an independent draw, normal approximation
                doubt = nn.functional.pad(torch.cumsum(d * (1 - d), 1), (1, 0))
                spread = doubt[row, end] - doubt[row, start] + 0.5
                loss_count = loss_count + 0.5 * (off**2 / spread + torch.log(spread)).mean()
            per_row = torch.zeros(len(rows)).index_add(0, row, off)
            loss_row = (per_row**2 / (torch.zeros(len(rows)).index_add(0, row, truth) + 5)).mean()
            mask, goal = torch.from_numpy(data.known[rows]), torch.from_numpy(data.nuclei[rows])
            wrong = nn.functional.binary_cross_entropy_with_logits(z, goal, reduction="none") * mask
            loss_frame = wrong.sum() / ((goal * mask).sum() + 1)
            hush = torch.from_numpy(data.silent[rows])
            loss_hush = (d * hush).sum() / hush.sum()
            loss = loss_count + loss_row + frame_weight * loss_frame + 10 * loss_hush
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            plan.step()
            with torch.no_grad():
                for average, p in zip(averages, net.parameters(), strict=True):
                    average.lerp_(p, 0.003)
            sums += [loss_count.item(), loss_row.item(), loss_frame.item(), loss_hush.item(), 1]
        print(epoch, *np.round(sums[:4] / sums[4], 4), f"{time.time() - began:.0f}s", flush=True)
    with torch.no_grad():
        for average, p in zip(averages, net.parameters(), strict=True):
            p.copy_(average)


def density(net, x, batch=32):
    with torch.no_grad():
        return np.concatenate(
            [
                torch.sigmoid(net(torch.from_numpy(x[k : k + batch].astype(np.float32)))).numpy()
                for k in range(0, len(x), batch)
            ]
        )


def place(score, n):
    """Choose the `n` moments, at least `SPACING` apart, with the largest sum of scores."""
    best = np.zeros(len(score))
    back = []
    for number in range(n):
        total = score + (best if number == 0 else np.r_[np.full(SPACING, -np.inf), best[:-SPACING]])
        # best sum of this many nuclei, the last of them at or before each moment
        reach = np.maximum.accumulate(total)
        last = np.where(total == reach, np.arange(len(score)), 0)
        back.append(np.maximum.accumulate(last))
        best = reach
    found, at = [], len(score) - 1
    for number in range(n - 1, -1, -1):
        found.append(back[number][at])
        at = found[-1] - SPACING
        if at < 0 and number:
            return None
    return np.array(found[::-1])


def align(data, d, chosen):
    """Add nuclei to the clips for which only the count is known."""
    smooth = d.copy()
    smooth[:, 1:] += 0.5 * d[:, :-1]
    smooth[:, :-1] += 0.5 * d[:, 1:]
    score = np.log(smooth + 1e-3)
    n_placed = 0
    for which in chosen:
        listed = sorted(data.counts[which], key=lambda row: row[0] - row[1])
        taken = data.known[which] > 0
        for start, end, count in listed:
            if taken[start:end].any() or not float(count).is_integer() or count < 1:
                continue
            taken[start:end] = True
            found = place(score[which, start:end], int(count)) if end - start > SPACING * count else None
            if found is None:
                continue
            data.known[which, start:end] = 1
            data.nuclei[which, start:end] = 0
            data.nuclei[which, start + found] = 1
            n_placed += len(found)
    print(n_placed, "nuclei placed")


def sharpen(net, data, chosen):
    """Make the density of the network steeper without a change of its counts.

    Training by squared error gives the mean of the possible counts, so fast speech is counted too slow and slow speech
    too fast. A steeper density corrects this.
    """
    logits = np.concatenate([np.log(d / (1 - d)) for d in (density(net, data.x[chosen]).clip(1e-7, 1 - 1e-7),)])
    counted = np.zeros(logits.shape, bool)
    for row, which in enumerate(chosen):
        for start, end, _ in data.counts[which]:
            counted[row, start:end] = True
    logits = SHARPNESS * logits[counted].astype(np.float64)
    goal = (1 / (1 + np.exp(-logits / SHARPNESS))).sum()
    low, high = -5.0, 5.0
    for _ in range(40):
        offset = (low + high) / 2
        low, high = (offset, high) if (1 / (1 + np.exp(-logits - offset))).sum() < goal else (low, offset)
    with torch.no_grad():
        net.layers[-1].weight *= SHARPNESS
        net.layers[-1].bias *= SHARPNESS
        net.layers[-1].bias += offset
    print("sharpened, offset", round(offset, 3))


def store(path, data):
    np.savez_compressed(path, known=data.known.astype(np.uint8), nuclei=data.nuclei.astype(np.float16))


def save(path, net, about):
    stored = {"about": np.array(about)}
    for number, (layer, shifts) in enumerate(zip(net.layers, net.offsets, strict=True)):
        stored[f"weight{number}"] = layer.weight.detach().numpy().T.astype(np.float32)
        stored[f"bias{number}"] = layer.bias.detach().numpy().astype(np.float32)
        stored[f"offsets{number}"] = np.array(shifts, np.float32)
        if net.memories[number][1]:
            stored[f"memory{number}"] = np.array(net.memories[number], np.float32)
    np.savez_compressed(path, **stored)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=("align", "fit"))
    parser.add_argument("weights", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--net", default="B")
    parser.add_argument("--hold-out", type=int, default=-1)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--taught", type=int, default=1, help="folders that the teacher learns from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=12)
    a = parser.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(a.seed)
    training = {"epochs": a.epochs, "batch": a.batch, "rng": rng}
    if a.step == "align":
        # One teacher for all folds: it knows the counts of a speaker left out, but gives only nuclei of other speakers
        # to the network.
        data = reduce(Data.join, (Data(folder, "voices_alone") for folder in a.folders[: a.taught]))
        teacher = Net(data.x.shape[-1], *TEACHER)
        print("teacher", sum(p.numel() for p in teacher.parameters()), "weights;", len(data.folds), "mixtures")
        fit(teacher, data, np.arange(len(data.folds)), decisive=True, frame_weight=0.5, speed=4e-3, **training)
        for folder in a.folders:
            data = Data(folder, "voices_alone")
            align(data, density(teacher, data.x), range(len(data.folds)))
            store(folder / "aligned.npz", data)
        save(a.weights, teacher, "teacher")
        return
    parts = []
    for folder in a.folders:
        parts.append(Data(folder, "noisy"))
        aligned = np.load(folder / "aligned.npz")
        parts[-1].known, parts[-1].nuclei = (aligned[name].astype(np.float32) for name in ("known", "nuclei"))
    data = reduce(Data.join, parts)
    chosen = np.flatnonzero(data.folds != a.hold_out)
    net = Net(data.x.shape[-1], *STUDENTS[a.net])
    print("net", sum(p.numel() for p in net.parameters()), "weights;", len(chosen), "mixtures")
    fit(net, data, chosen, decisive=False, frame_weight=0.5, speed=5e-3, **training)
    sharpen(net, data, rng.permutation(chosen)[:500])
    save(a.weights, net, ABOUT.format(seed=a.seed, epochs=a.epochs, torch=torch.__version__, numpy=np.__version__))


if __name__ == "__main__":
    main()
