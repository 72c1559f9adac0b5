"""Run every suppressor over every sound, in one process or some, and keep the figures."""

import multiprocessing
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.suppressors.entries import PEERS
from benchmarks.suppressors.kept import KeptFigures
from benchmarks.suppressors.measures import Measure, of_names
from benchmarks.suppressors.own import own_suppressors
from benchmarks.suppressors.pairs import Condition
from benchmarks.suppressors.suppressor import UNCHANGED, Sound, Suppressor

__all__ = ["Judged", "Scores", "Trial", "all_suppressors", "gains", "score", "values"]

Values = NDArray[np.float64]


class Trial(Protocol):
    """A sound to suppress, and how to judge what comes out."""

    @property
    def condition(self) -> Condition:
        """What it is made of."""
        ...

    @property
    def sample_rate(self) -> int:
        """Samples a second."""
        ...

    @property
    def x(self) -> Sound:
        """What the suppressor gets."""
        ...

    def figures(self, y: Sound, measures: Sequence[Measure]) -> dict[str, float]:
        """Judge what it returned."""
        ...


@dataclass(frozen=True)
class Judged:
    """The figures of one sound, by suppressor."""

    condition: Condition
    figures: Mapping[str, Mapping[str, float]]


def all_suppressors(files: Sequence[Path]) -> list[Suppressor]:
    """Return ours, those with the weights of `files`, and all peers."""
    return [*own_suppressors(files), *PEERS]


@dataclass
class _Worker:
    """What a process needs to judge."""

    suppressors: list[Suppressor]
    measures: list[Measure]
    kept: KeptFigures

    def judge(self, trial: Trial) -> Judged:
        return Judged(
            trial.condition, {each.key: self._figures(each, trial) for each in (UNCHANGED, *self.suppressors)}
        )

    def _figures(self, suppressor: Suppressor, trial: Trial) -> dict[str, float]:
        names = [each.name for each in self.measures]
        figures = self.kept.read(suppressor, trial, names)
        if figures is None:
            y = trial.x if suppressor is UNCHANGED else suppressor.run(trial.x, trial.sample_rate)
            figures = trial.figures(y, self.measures)
            self.kept.write(suppressor, trial, names, figures)
        return figures


_workers: list[_Worker] = []  # of a process: at most one


def _start(keys: Sequence[str], files: Sequence[Path], measures: Sequence[str], keep: Path | None) -> None:
    warnings.simplefilter("ignore")
    suppressors = [each for each in all_suppressors(files) if each.key in keys]
    _workers[:] = [_Worker(suppressors, of_names(measures), KeptFigures(keep))]


def _judge(trial: Trial) -> Judged:
    return _workers[0].judge(trial)


def score(
    trials: Iterable[Trial],
    keys: Sequence[str],
    *,
    files: Sequence[Path] = (),
    measures: Sequence[str] = (),
    jobs: int = 1,
    keep: Path | None = None,
) -> Iterator[Judged]:
    """Judge every suppressor on every sound.

    Parameters
    ----------
    trials : iterable of Trial
        The sounds.
    keys : sequence of str
        Which suppressors; the unchanged sound is always judged, as ``noisy``.
    files : sequence of Path
        Weights of our network besides those shipped.
    measures : sequence of str
        Names of the measures of speech.
    jobs : int
        How many processes share the work. The figures do not depend on it.
    keep : Path, optional
        Folder in which the figures of peers are kept; see `KeptFigures`.
    """
    setting = (list(keys), list(files), list(measures), keep)
    if jobs == 1:
        _start(*setting)
        yield from map(_judge, trials)
        return
    # not multiprocessing.Pool, which kills its workers at the end, and waits for ever for one that held a lock
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=setting) as pool:
        yield from pool.map(_judge, trials)


class Scores:
    """All figures of a run."""

    def __init__(self, judged: Iterable[Judged]) -> None:
        self.judged = list(judged)

    def of(
        self, set: str, *, ratios: Collection[int] = (), noise: str = "", level_dbfs: float | None = None
    ) -> list[Judged]:
        """Return what was judged on the sounds of a set; of some ratios, of one noise, or at one level."""
        return [
            each
            for each in self.judged
            if each.condition.set == set
            and (not ratios or each.condition.snr_db in ratios)
            and (not noise or each.condition.noise == noise)
            and (level_dbfs is None or each.condition.level_dbfs == level_dbfs)
        ]


def values(judged: Iterable[Judged], key: str, figure: str) -> Values:
    """Return a figure of a suppressor, one value for each sound; not a number where it was not measured."""
    return np.array([each.figures.get(key, {}).get(figure, np.nan) for each in judged], float)


def gains(judged: Iterable[Judged], key: str, figure: str) -> Values:
    """Return by how much a suppressor raises a figure, one value for each sound."""
    judged = list(judged)
    return values(judged, key, figure) - values(judged, UNCHANGED.key, figure)
