"""What a suppressor is for the comparison: a program that takes noise off one side, and how late its sound comes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.peers.peer import MissingPeerError, needs, release
from dsp.core.stage import Stage

__all__ = ["UNCHANGED", "Process", "Sound", "Suppressor", "aligned", "available", "is_installed", "resampled"]

Sound = NDArray[np.float32]
Process = Callable[[Sound], Sound]

_SLACK_MS = 2.0  # by which the delay that is found may differ from the nominal one


@dataclass(frozen=True)
class Suppressor:
    """One row of the tables."""

    key: str  # for --only and for file names
    name: str
    hint: str  # how to get it
    licence: str
    load: Callable[[int], Process]  # for sound of this rate; raises MissingPeerError. Every call is a new stream
    sample_rate: int | None = None  # of the sound it is given, Hz; None: any of a call's rates
    late_ms: float = 0.0  # by how much its output is later than its input
    frame_ms: float = 0.0  # of input that it must have before it gives any more output
    packages: tuple[str, ...] = ()  # distributions; where there are some, any one will do
    own: bool = False
    live: bool = True  # False: needs the whole recording
    stage: Callable[[int], Stage[Any, Any]] | None = None  # of ours, to feed it in blocks

    @property
    def release(self) -> str:
        """Names and versions of its packages that are installed; empty for none."""
        return release([name for name in self.packages if is_installed(name)])

    def run(self, x: Sound, sample_rate: int) -> Sound:
        """Return the suppressed sound: as long as `x`, and sample k belongs to sample k of `x`."""
        return self.run_and_find_delay(x, sample_rate)[0]

    def run_and_find_delay(self, x: Sound, sample_rate: int) -> tuple[Sound, float]:
        """Return the suppressed sound in place, and by how much its output was later than its input, ms."""
        rate = self.sample_rate or sample_rate
        given = resampled(x, sample_rate, rate)
        slack = round(_SLACK_MS * rate / 1000) if self.late_ms else 0
        late = round(self.late_ms * rate / 1000)
        behind = np.zeros(late + slack + round(self.frame_ms * rate / 1000), np.float32)
        y, delay = aligned(self.load(rate)(np.concatenate((given, behind))), given, late=late, slack=slack)
        out = resampled(y, rate, sample_rate)
        whole = np.zeros(len(x), np.float32)
        whole[: len(out)] = out[: len(x)]
        return whole, 1000 * delay / rate


def resampled(x: Sound, rate: int, wanted: int) -> Sound:
    """Change the rate without a shift in time."""
    return x if rate == wanted else soxr.resample(x, rate, wanted).astype(np.float32)


def aligned(y: Sound, x: Sound, *, late: int, slack: int) -> tuple[Sound, int]:
    """Move an output to the place of its input, by the delay at which they are most alike.

    Parameters
    ----------
    y, x : ndarray of float32
        Output and input; the output may be of another length.
    late, slack : int
        The nominal delay, and by how much the delay that is found may differ from it, samples.

    Returns
    -------
    y : ndarray of float32
        As long as `x`.
    delay : int
        The delay that was found, samples; the nominal one where the output is silent.

    Examples
    --------
    >>> x = np.random.default_rng(1).standard_normal(1000).astype(np.float32)
    >>> y, delay = aligned(np.r_[np.zeros(52, np.float32), 0.5 * x], x, late=50, slack=4)
    >>> delay, bool(np.all(y == 0.5 * x))
    (52, True)
    """
    delays = sorted(range(max(0, late - slack), late + slack + 1), key=lambda delay: abs(delay - late))
    likeness = [float(np.dot(x[: len(y) - delay], y[delay : delay + len(x)])) for delay in delays]
    delay = delays[int(np.argmax(likeness))]
    moved = np.zeros(len(x), np.float32)
    part = y[delay : delay + len(x)]
    moved[: len(part)] = part
    return moved, delay


def available(suppressors: Iterable[Suppressor]) -> tuple[list[Suppressor], list[str]]:
    """Return those that can run, and a sentence for each of the others."""
    found, missing = [], []
    for suppressor in suppressors:
        try:
            suppressor.load(suppressor.sample_rate or 16_000)
        except MissingPeerError as error:
            missing.append(f"{suppressor.name} is not measured: {error}.")
        else:
            found.append(suppressor)
    return found, missing


def is_installed(package: str) -> bool:
    """Return whether a distribution is installed."""
    try:
        needs([package])
    except MissingPeerError:
        return False
    return True


UNCHANGED = Suppressor(
    key="noisy", name="noisy sound", hint="", licence="", load=lambda rate: lambda x: x.copy(), live=False
)
