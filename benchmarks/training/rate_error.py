"""Fit the standard error of rates to recordings of voices that were not taught, and say how well its intervals hold.

    python -m benchmarks.training.rate_error DATA_DIR [--weights WEIGHTS --fold K --noises PATTERNS] [--write]

DATA_DIR is the folder of recorded sets (``read-english-many-speakers`` ...). Each voice is laid down at three paces,
clean and in noise (`rate_trials`), and goes through the detectors and the rate tracker of the chain. From the seeds of
`--fit` the constants of ``cxaudio/analysis/rate_error.py`` are fitted; on those of `--check` it is counted how many
intervals of 1.645 standard errors hold the true rate, each voice by constants that were fitted to other voices: of all
speech, of every rate that is said, against its own window and against the whole recording, and of windows of a few
spurts. With `--write` the constants are written into that file. It also says what `rates.spurt_edge_s` should be; after
a change of it the constants are to be fitted again.

WEIGHTS are the syllable network's, the shipped ones by default. Voices and noises that they were taught on have too
small an error: ``--fold 0`` takes the voices that were left out of that training (`speech_voices.fold_of`), and
``--noises 'hu-*'`` the noises. A few voices do not show how much voices differ: ``--least-voice`` is what many voices
showed that were counted by other weights.
"""

import argparse
import itertools
import pickle
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import cxaudio.analysis.rate_error as constants
import dsp.speech.syllables as syllables
from benchmarks.training.rate_trials import COUNTED_SETS, Recording, Word, make_recordings, true_rate, voices
from benchmarks.training.speech_voices import fold_of
from cxaudio.analysis.hold_merger import HoldMerger
from cxaudio.analysis.rate import RateTracker
from cxaudio.analysis.rate_error import RateError, SoundFaults
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.spurts import spurt_smoother
from cxaudio.analysis.tick_walk import TickWalk
from cxaudio.model.events import RateEstimate, Side
from cxaudio.model.timebase import Timebase
from cxaudio.settings import load_settings
from dsp.core.levels import TickLevels
from dsp.core.stage import run
from dsp.speech.front_end import FrontEnd
from dsp.speech.vad import SpeechDetector

Column = NDArray[np.float64]
CLOCK = Timebase(8000)
SETTINGS = load_settings(user_folder="/nonexistent")
TIMED_SET = "read-english-many-speakers"  # spoken-commands has many voices in a recording
FITTED_SETS = (TIMED_SET, "speechocean-adults-more")
WINDOWS = (10, 20, 40)  # syllables of the windows that are compared beside the whole
NORMAL_90 = 1.645
HEAVY_TAILS = 8  # degrees of freedom of the t distribution of the fit: single wild recordings do not decide
CLIPPED = {12.0: 0.31, 24.0: 0.67}  # share of speech at the highest level that is found, by dB that peaks are cut
HALVES = 2  # of the voices: the constants of one are checked on the other
NAMES = ("_VOICE", "_COUNT", "_NOISE", "_LOSS", "_CLIPPING", "_NARROW")


class Trial(NamedTuple):
    """One rate beside its truth."""

    n_nuclei: int
    ratio: float  # measured over true rate


class Estimate(NamedTuple):
    """One rate of a report, as shares of the truths."""

    n_nuclei: int
    ratio: float  # over the rate of its own window
    ratio_to_whole: float  # over the rate of the whole recording


@dataclass(frozen=True)
class Measured:
    """What one recording gave."""

    voice: str
    kind: str
    pace: float
    condition: str
    snr_db: float
    faults: SoundFaults
    trials: tuple[Trial, ...]  # of all speech first, then of windows
    n_spurts: int
    spurts_s: float
    speech_s: float  # by the times of the words
    estimates: tuple[Estimate, ...]


@dataclass(frozen=True)
class Heard:
    """A recording as the syllable network and the rate tracker get it."""

    voice: str
    kind: str
    pace: float
    condition: str
    words: tuple[Word, ...]
    timed: bool
    features: NDArray[np.float32]  # of the front end
    spurts: NDArray[np.bool_]  # (n,) ticks
    power: NDArray[np.float32]  # (n,) mean square of each tick


def measure_voice(task: tuple[Path, int, bool, tuple[str, str], Path | None, Path | None, str]) -> list[Measured]:
    """Make and analyse all recordings of one voice; what the weights do not change is kept in a folder."""
    data, seed, harder, key, weights, keep, noises = task
    path = keep and keep / f"{'-'.join(key)}-{seed}-{'harder' if harder else 'plain'}.pickle"
    if path and path.exists():
        recordings = pickle.loads(path.read_bytes())
    else:
        recordings = [hear(each) for each in make_recordings(data, seed, harder=harder, only=key, noises=noises)]
        if path:
            path.write_bytes(pickle.dumps(recordings))
    if weights and weights != syllables._WEIGHTS:
        syllables._WEIGHTS = weights
        syllables._weights.cache_clear()
    found = (measure(each) for each in recordings)
    return [one for one in found if one is not None]


def hear(recording: Recording) -> Heard:
    """Take a recording through the front end and the speech detector of the chain."""
    settings = SETTINGS.analysis
    x = recording.samples
    front_end = FrontEnd(CLOCK.sample_rate)
    features = np.concatenate((front_end.process(x).features, front_end.flush().features))
    detector = SpeechDetector(
        on_probability=settings.detection.on_probability, off_probability=settings.detection.off_probability
    )
    speaking = run(detector, features)[:, 1] > 0
    smoother = spurt_smoother(settings.spurts)
    spurts = np.concatenate((smoother.process(speaking), smoother.flush()))
    power = run(TickLevels(CLOCK.tick_length), x)[:, TickLevels.MEAN_SQUARE]
    n = min(len(spurts), len(power))
    return Heard(
        recording.voice,
        recording.kind,
        recording.pace,
        recording.condition,
        recording.words,
        recording.timed,
        features,
        spurts[:n],
        power[:n],
    )


def measure(heard: Heard) -> Measured | None:
    """Count the syllables of one recording and take its rates; None where hardly one was found."""
    n = len(heard.spurts)
    counted = run(syllables.SyllableDetector(), heard.features)[:n, 0]
    nothing = np.zeros(n)
    pieces, error = (
        SpokenPieces(SETTINGS.analysis.rates, timebase=CLOCK),
        RateError((heard_faults(heard), SoundFaults())),
    )
    tracker = RateTracker(SETTINGS.analysis.rates, pieces, error, timebase=CLOCK)
    walk = TickWalk([(tracker, False)], HoldMerger(CLOCK))
    events = walk.walk(
        np.stack((heard.spurts, nothing > 0)),
        nuclei=np.stack((np.stack((counted, counted)), np.zeros((2, n), np.int8))),
        energy=np.stack((heard.power, nothing)),
        noise=np.zeros((2, n)),
        known_at=lambda tick: (tick + 1) * CLOCK.tick_length,
        last=True,
    )
    edges = np.flatnonzero(np.diff(np.concatenate(([0], heard.spurts.astype(np.int8), [0])))).reshape(-1, 2)
    spurts = [(start / 100, end / 100, int(counted[start:end].sum())) for start, end in edges.tolist()]
    n_nuclei, spurts_s = walk.total.nuclei[Side.AGENT], walk.total.speech[Side.AGENT] / 100
    if n_nuclei < min(WINDOWS):
        return None
    n_true, true_s = true_rate(heard.words)
    if not heard.timed:  # the seconds of its speech are as good as found: only the count can err
        true_s = _spoken_s(spurts)
    estimates = []
    for rate in events if heard.timed else ():
        if not isinstance(rate, RateEstimate) or rate.syllables_per_s is None:
            continue
        n_own, own_s = true_rate(heard.words, CLOCK.seconds(rate.start), CLOCK.seconds(rate.end))
        if own_s > 1:
            measured = rate.syllables_per_s
            estimates.append(Estimate(rate.n_nuclei, measured * own_s / n_own, measured * true_s / n_true))
    return Measured(
        heard.voice,
        heard.kind,
        heard.pace,
        heard.condition,
        pieces.snr_db(Side.AGENT, whole=True),
        heard_faults(heard),
        (
            Trial(n_nuclei, n_nuclei / _spoken_s(spurts) * true_s / n_true),
            *(_windows(spurts, heard.words) if heard.timed else ()),
        ),
        len(spurts),
        spurts_s,
        true_s,
        tuple(estimates),
    )


def _spoken_s(spurts: Sequence[tuple[float, float, int]]) -> float:
    """Return the seconds of speech in spurts as they count in a rate, with their edges."""
    return sum(end - start + 2 * SETTINGS.analysis.rates.spurt_edge_s for start, end, _ in spurts)


def heard_faults(heard: Heard) -> SoundFaults:
    """Return what the settled account finds in sound of this condition."""
    amount = float("".join(c for c in heard.condition if c.isdigit()) or 0)
    return SoundFaults(
        lost=amount / 100 if heard.condition.startswith("loss") else 0.0,
        clipped=CLIPPED[amount] if heard.condition.startswith("clip") else 0.0,
        narrow=heard.condition.startswith("band"),
    )


def _windows(spurts: Sequence[tuple[float, float, int]], words: Sequence[Word]) -> Iterable[Trial]:
    """Cut the spurts into windows of at least so many syllables, and compare each with the words in it."""
    for least in WINDOWS:
        window: list[tuple[float, float, int]] = []
        for spurt in spurts:
            window.append(spurt)
            n_nuclei = sum(n for _, _, n in window)
            if n_nuclei < least:
                continue
            n_true, true_s = true_rate(words, window[0][0] - 0.1, window[-1][1] + 0.1)
            if n_true > least / 2:
                yield Trial(n_nuclei, n_nuclei / _spoken_s(window) * true_s / n_true)
            window = []


def fit_edge(plain: Sequence[Measured]) -> float:
    """Return `rates.spurt_edge_s`: the seconds at which spurts with their edges err least against the words."""
    plain = [one for one in plain if one.kind == TIMED_SET]
    n, spurts_s, speech_s = np.array([(one.n_spurts, one.spurts_s, one.speech_s) for one in plain]).T
    edges = np.linspace(0.0, 0.1, 101)
    return float(min(edges, key=lambda edge: np.mean(np.log((spurts_s + 2 * edge * n) / speech_s) ** 2)))


class Columns(NamedTuple):
    """Trials of the sets that are fitted."""

    n_nuclei: Column
    off: Column  # logarithm of the ratio to the truth
    noise: Column  # power, of that of the speech
    fault: Column  # size of the fault that is fitted
    weight: Column  # adds up to 1 over the trials of each kind, so that the many short windows do not decide alone


def columns(found: Sequence[Measured], term: Callable[[SoundFaults], float] = lambda fault: 0.0) -> Columns:
    """Return the trials of the sets that are fitted."""
    rows, kinds = [], []
    for one in found:
        for number, trial in enumerate(one.trials if one.kind in FITTED_SETS else ()):
            noise = 0.0 if np.isnan(one.snr_db) else 10 ** (-one.snr_db / 10)
            rows.append((trial.n_nuclei, np.log(trial.ratio), noise, term(one.faults)))
            kinds.append((one.kind, max(w for w in WINDOWS if w <= trial.n_nuclei) if number else 0))
    number = Counter(kinds)
    weight = np.array([1 / number[kind] / len(number) for kind in kinds])
    return Columns(*np.array(rows, np.float64).T, weight)


def fit(plain: Sequence[Measured], harder: Sequence[Measured], *, least_voice: float = 0.0) -> dict[str, float]:
    """Return the constants by maximum likelihood, the first three scaled by `scale_of`."""
    trials = columns(plain)

    def variance(of: Columns, voice: float, count: float, noise: float) -> Column:
        return max(voice, least_voice) ** 2 + count**2 / of.n_nuclei + noise**2 * of.noise

    best = minimize(
        lambda values: _misfit(trials, variance(trials, *np.exp(values))),
        np.log([0.05, 0.45, 0.25]),
        method="Nelder-Mead",
        options={"maxiter": 4000, "xatol": 1e-4, "fatol": 1e-7},
    )
    least = (least_voice, 0.0, 0.0)
    found = np.maximum(np.exp(best.x), least)
    found = np.maximum(found * scale_of(plain, *found), least)
    values = dict(zip(("_VOICE", "_COUNT", "_NOISE"), found.tolist(), strict=True))
    for name, prefix, term in (
        ("_LOSS", "loss", lambda fault: fault.lost),
        ("_CLIPPING", "clip", lambda fault: max(fault.clipped - constants._CLIPPED_FROM, 0.0) ** 2),
        ("_NARROW", "band", lambda fault: float(fault.narrow)),
    ):
        some = columns([one for one in harder if one.condition.startswith(prefix)], term)
        known = variance(some, *found)
        sizes = np.geomspace(0.005, 2.0, 200)
        values[name] = float(min(sizes, key=lambda size: _misfit(some, known + size**2 * some.fault)))
    return values


def scale_of(plain: Sequence[Measured], voice: float, count: float, noise: float) -> float:
    """Return by what the errors must be multiplied so that nine in ten intervals hold.

    The rates of whole recordings, those that are said against their own window and the same against the recording have
    one weight each: one error is stated for all of them.
    """
    off: dict[str, list[float]] = defaultdict(list)
    for one in plain:
        if one.kind == TIMED_SET:
            fixed = voice**2 + noise**2 * (0.0 if np.isnan(one.snr_db) else 10 ** (-one.snr_db / 10))
            for what, n, ratio in _compared(one):
                if not what.startswith("window"):
                    off[what].append(abs(1 / ratio - 1) / np.sqrt(fixed + count**2 / n) / NORMAL_90)
    errors = np.concatenate([np.array(each) for each in off.values()])
    weight = np.concatenate([np.full(len(each), 1 / len(each) / len(off)) for each in off.values()])
    order = np.argsort(errors)
    return float(errors[order][np.searchsorted(np.cumsum(weight[order]), 0.9)])


def _misfit(trials: Columns, variance: Column) -> float:
    """Return the mean negative logarithm of the likelihood under a t distribution of that variance."""
    scale = variance * (HEAVY_TAILS - 2) / HEAVY_TAILS
    each = np.log(scale) / 2 + (HEAVY_TAILS + 1) / 2 * np.log1p(trials.off**2 / scale / HEAVY_TAILS)
    return float(np.sum(each * trials.weight))


def report(found: Sequence[Measured], values: Sequence[dict[str, float]]) -> list[str]:
    """Return lines on how many intervals hold the truth, by what may change the error.

    The error of a voice is by the constants of its fold, which were fitted without it.
    """
    middle = float(np.median([one.trials[0].n_nuclei for one in found if one.kind == TIMED_SET]))
    held: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for one in found:
        with mock.patch.multiple(constants, **values[fold_of(one.voice, len(values))]):
            error = RateError((one.faults, one.faults))
            size = "few" if one.trials[0].n_nuclei < middle else "many"
            for key in ("all", one.kind, one.condition, f"pace {one.pace}", f"{size} syllables"):
                for what, n, ratio in _compared(one):
                    held[what, key].append((ratio, error.relative(n, side=Side.AGENT, snr_db=one.snr_db)))
    lines = []
    for (what, key), pairs in sorted(held.items()):
        ratio, stated = np.array(pairs).T
        holds = np.abs(1 / ratio - 1) <= NORMAL_90 * stated  # the truth lies in the interval around what was measured
        off = np.log(ratio)
        lines.append(
            f"{what:20s} {key:28s} n {len(pairs):5d}  holds {holds.mean():.3f}  bias {off.mean():+.3f}"
            f"  error {np.sqrt(np.mean(off**2)):.3f}  stated {np.sqrt(np.mean(stated**2)):.3f}"
        )
    return lines


def _compared(one: Measured) -> Iterator[tuple[str, int, float]]:
    """Yield what is compared, its syllables and its ratio to the truth."""
    timed = one.kind not in COUNTED_SETS
    yield "whole" if timed else "count", one.trials[0].n_nuclei, one.trials[0].ratio
    for each in one.estimates:
        yield "rates, own window", each.n_nuclei, each.ratio
        yield "rates, recording", each.n_nuclei, each.ratio_to_whole
    for trial in one.trials[1:]:
        yield f"window from {max(w for w in WINDOWS if w <= trial.n_nuclei)}", trial.n_nuclei, trial.ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--fold", type=int, help="only the voices of this fold, which the weights were not taught on")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--least-voice", type=float, default=0.0, help="least size of the voices' part")
    parser.add_argument("--noises", default="*", help="patterns of the noises to be used, with commas between them")
    parser.add_argument("--fit", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--check", type=int, nargs="*", default=[3])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder in which the recordings are kept for another run")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()

    def measured(seeds: Sequence[int], *, harder: bool = False) -> list[Measured]:
        tasks = [
            (options.data, seed, harder, key, options.weights, options.keep, options.noises)
            for seed in seeds
            for key in sorted(voices(options.data))
            if options.fold is None or fold_of(key[1], options.folds) == options.fold
        ]
        with ProcessPoolExecutor(options.jobs) as pool:
            return list(itertools.chain.from_iterable(pool.map(measure_voice, tasks)))

    plain, harder = measured(options.fit), measured(options.fit[:1], harder=True)
    print(f"rates.spurt_edge_s fits at {fit_edge(plain):.3f}, in force is {SETTINGS.analysis.rates.spurt_edge_s:.3f}")
    values = fit(plain, harder, least_voice=options.least_voice)
    print(*(f"{name} = {value:.3f}" for name, value in values.items()), sep="\n")
    without = [
        fit(
            *([one for one in found if fold_of(one.voice, HALVES) != half] for found in (plain, harder)),
            least_voice=options.least_voice,
        )
        for half in range(HALVES)
    ]
    for title, is_harder in (("Checked on", False), ("Harder sound of", True)):
        print(f"\n{title} seeds {options.check}, each voice by constants that were fitted without it:")
        print(*report(measured(options.check, harder=is_harder), without), sep="\n")
    if options.write:
        path = Path(constants.__file__)
        text = path.read_text(encoding="utf-8")
        for name in NAMES:
            text = re.sub(rf"^{name} = [0-9.]+", f"{name} = {values[name]:.3f}", text, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
