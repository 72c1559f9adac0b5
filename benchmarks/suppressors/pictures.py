"""Write short clips to listen to, before and after, and their spectrograms side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from benchmarks.suppressors.cases import COLLEAGUE_DB
from benchmarks.suppressors.measures import active_rms
from benchmarks.suppressors.pairs import LEVEL_DBFS, noisy_at, recorded_pairs
from benchmarks.suppressors.sounds import SAMPLE_RATE, Signal, UntaughtSounds, faded, far_away, looped, spoken
from benchmarks.suppressors.suppressor import Sound, Suppressor

__all__ = ["Clip", "clips", "write_clips"]

_CLIP_S = 5.0
_LEAD_S = 0.7  # of noise alone
_RANGE_DB = 75.0  # of the colours
_PEERS = ("dtln", "deepfilternet")  # those that are drawn and written besides ours
_MIXED = (  # noise, its ratio to the speech in dB, rate
    ("crowd", 5, 16_000),
    ("machine", 0, 16_000),
    ("babble", 5, 16_000),
    ("traffic", 10, 8_000),
    ("click", 5, 16_000),
    ("door", 0, 8_000),
    ("phone dialling", 5, 8_000),
)


@dataclass(frozen=True)
class Clip:
    """One short sound."""

    name: str
    sample_rate: int
    clean: Sound
    noisy: Sound


def _clip(name: str, rate: int, clean: Signal, noisy: Signal) -> Clip:
    gain = 10 ** (LEVEL_DBFS / 20) / active_rms(clean, SAMPLE_RATE)
    clean, noisy = (gain * soxr.resample(x, SAMPLE_RATE, rate) for x in (clean, noisy))
    return Clip(name, rate, clean.astype(np.float32), noisy.astype(np.float32))


def clips(sounds: UntaughtSounds, data: Path, *, seed: int) -> Iterator[Clip]:
    """Make ten clips: other voices, noises, ratios and rates; a colleague; recorded noise; clean speech."""
    n, lead = int(_CLIP_S * SAMPLE_RATE), int(_LEAD_S * SAMPLE_RATE)
    order = np.random.default_rng([seed, 4]).permutation(len(sounds.clean_voices))
    for k, (kind, snr_db, rate) in enumerate(_MIXED):
        rng = np.random.default_rng([seed, 5, k])
        voice = sounds.clean_voices[order[k % len(order)]]
        clean = np.concatenate((np.zeros(lead), spoken(rng, voice, n - lead, pause_s=0.6)))
        if kind == "babble":
            noise = sounds.babble(rng, n, without=voice)
        else:
            noise = looped(rng, sounds.single[kind], n)
        name = f"{k + 1:02d}-{kind.replace(' ', '-')}-{snr_db}dB-{rate // 1000}kHz"
        yield _clip(name, rate, clean, noisy_at(snr_db, clean, noise, SAMPLE_RATE))
    rng = np.random.default_rng([seed, 6])
    first, second = (sounds.clean_voices[order[-k]] for k in (1, 2))
    clean = spoken(rng, first, n)
    clean = np.concatenate((faded(clean[: 2 * n // 5]), np.zeros(2 * n // 5), faded(clean[2 * n // 5 : 3 * n // 5])))
    colleague = far_away(rng, spoken(rng, second, n, pause_s=0.2))
    ratio = COLLEAGUE_DB + 20 * np.log10(active_rms(colleague, SAMPLE_RATE) / np.sqrt(np.square(colleague).mean()))
    yield _clip("08-colleague-18dB-16kHz", SAMPLE_RATE, clean, noisy_at(ratio, clean, colleague, SAMPLE_RATE))
    for pair in recorded_pairs(data, 40, seed=seed):
        if pair.condition.noise == "car" and pair.condition.snr_db == 5:
            whole = np.concatenate((np.zeros(pair.lead, np.float32), pair.clean))
            yield Clip("09-noizeus-car-5dB-8kHz", pair.sample_rate, whole, pair.x)
            break
    clean = spoken(rng, sounds.clean_voices[order[len(_MIXED) % len(order)]], n)
    yield _clip("10-clean-16kHz", SAMPLE_RATE, clean, clean)


def write_clips(folder: Path, made: Sequence[Clip], suppressors: Sequence[Suppressor]) -> None:
    """Write a folder of WAV files for each clip, and a picture of their spectrograms."""
    shown = [each for each in suppressors if each.own or each.key in _PEERS]
    for clip in made:
        outputs = {"noisy": clip.noisy, "clean": clip.clean}
        outputs |= {each.key: each.run(clip.noisy, clip.sample_rate) for each in shown}
        place = folder / clip.name
        place.mkdir(parents=True, exist_ok=True)
        for name, y in outputs.items():
            soundfile.write(place / f"{name.replace(' ', '-')}.wav", np.clip(y, -1, 1), clip.sample_rate)
        _draw(folder / f"{clip.name}.png", clip, outputs)


def _draw(file: Path, clip: Clip, outputs: dict[str, Sound]) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    pictures = {name: _spectrogram_db(y, clip.sample_rate) for name, y in outputs.items()}
    loudest = pictures["noisy"].max()
    figure = Figure(figsize=(11, 1.7 * len(pictures)), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(clip.name, fontsize=9)
    for axes, (name, picture) in zip(figure.subplots(len(pictures), sharex=True), pictures.items(), strict=True):
        extent = (0, len(clip.noisy) / clip.sample_rate, 0, clip.sample_rate / 2000)
        axes.imshow(
            picture.T,
            origin="lower",
            aspect="auto",
            extent=extent,
            vmin=loudest - _RANGE_DB,
            vmax=loudest,
            cmap="magma",
            interpolation="nearest",
        )
        axes.set_ylabel(f"{name}\nkHz", fontsize=7)
        axes.tick_params(labelsize=6)
    figure.savefig(file, dpi=110)


def _spectrogram_db(x: Sound, sample_rate: int) -> Signal:
    """Compute levels of frames of 32 ms every 5 ms, dB."""
    length, hop = sample_rate * 32 // 1000, sample_rate // 200
    padded = np.concatenate((np.zeros(length // 2), x, np.zeros(length // 2)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
    return 10 * np.log10(np.square(np.abs(np.fft.rfft(frames * np.hanning(length)))) + 1e-10)
