"""Active speech level and activity after ITU-T P.56 method B; knows levels, not who speaks."""

import copy
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError

__all__ = ["ActiveLevel", "ActiveLevelMeter", "active_level"]

_TIME_CONSTANT_S = 0.03  # P.56 table 2: T
_HANGOVER_S = 0.2  # P.56 table 2: H
_MARGIN_DB = 15.9  # P.56 table 2: M
_N_THRESHOLDS = 15  # c_j = 2^-15 ... 2^-1 of full scale
_TILE = 64  # samples smoothed at once
_GATHER = 16_384  # samples to gather before they are measured
_SLOWEST_RATE = 600  # samples/s; P.56 envelopes are sampled at about 700 Hz or more


@dataclass(frozen=True, slots=True)
class ActiveLevel:
    """What P.56 says of a signal."""

    level_dbov: float  # active speech level; -inf for silence
    activity: float  # share of time active, 0..1
    rms_dbov: float  # long-term level


@lru_cache
def _fading(decay: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a tile of samples gives to its averages, and what the average before it does."""
    age = np.arange(_TILE)[:, None] - np.arange(_TILE)[None, :]
    kernel = np.where(age >= 0, (1 - decay) * decay ** np.maximum(age, 0), 0.0)
    return np.asarray(kernel.T, np.float64), np.asarray(decay ** np.arange(1, _TILE + 1), np.float64)


def _smooth(x: NDArray[np.float64], decay: float, before: float) -> tuple[NDArray[np.float64], float]:
    """First-order recursive average of up to `_GATHER` samples from the value `before`, a tile at a time."""
    tiles = np.zeros(_GATHER)  # one shape for every call, so that the product is added up in one way
    tiles[: len(x)] = x
    kernel, memory = _fading(decay)
    y = tiles.reshape(-1, _TILE) @ kernel
    heads = np.empty(len(y))
    for k, last in enumerate(y[:, -1].tolist()):
        heads[k] = before
        before = last + memory[-1] * before
    y += heads[:, None] * memory
    smooth = y.reshape(-1)[: len(x)]
    return smooth, float(smooth[-1])


class ActiveLevelMeter:
    """Measure the active speech level of a signal fed in blocks.

    The envelope is |x| smoothed twice with 30 ms; for thresholds one factor two apart it is counted how long the
    envelope stays above, 0.2 s of hangover included; the active level is where the mean power over the active time lies
    15.9 dB above the threshold (P.56, method B, eqs. 1-5), found by linear interpolation between thresholds.

    Parameters
    ----------
    sample_rate : int
        Rate of the signal, Hz.
    step : int, optional
        Look at every `step`-th sample only. P.56 needs an envelope of about 700 values a second, so that 10 is fine for
        telephone speech at 8 kHz and ten times cheaper; the default 1 is what the vectors of the ITU-T Software Tool
        Library were measured with.

    Raises
    ------
    ParameterError
        If the stepped rate falls below 600 Hz.

    References
    ----------
    ITU-T P.56 (12/2011), Objective measurement of active speech level, clause 6 (method B).

    Examples
    --------
    A tone that is on half of the time is louder than its long-term level says:

    >>> t = np.arange(8_000) / 8_000
    >>> tone = 0.1 * np.sin(2 * np.pi * 400 * t)
    >>> meter = ActiveLevelMeter(8_000)
    >>> for second in (tone, 0 * tone, tone, 0 * tone):
    ...     meter.process(second)
    >>> found = meter.result()
    >>> round(found.rms_dbov, 1), round(found.level_dbov, 1), round(found.activity, 2)
    (-26.0, -24.1, 0.64)
    """

    def __init__(self, sample_rate: int, *, step: int = 1) -> None:
        if step < 1 or sample_rate / step < _SLOWEST_RATE:
            raise ParameterError(
                f"step={step} leaves {sample_rate / max(step, 1):g} samples/s of {sample_rate} Hz; "
                f"P.56 needs {_SLOWEST_RATE}: use a step of at most {sample_rate // _SLOWEST_RATE}"
            )
        rate = sample_rate / step
        self._step = step
        self._decay = math.exp(-1 / (rate * _TIME_CONSTANT_S))
        self._hangover = math.ceil(rate * _HANGOVER_S)
        self.reset()

    def reset(self) -> None:
        """Begin a new signal."""
        self._phase = 0  # index in the next block of the next sample to look at
        self._smooth_1 = 0.0
        self._smooth_2 = 0.0
        self._n = 0
        self._power = 0.0
        self._active = np.zeros(_N_THRESHOLDS, np.int64)
        # Samples since the envelope was last above each threshold; P.56 starts with the hangover used up.
        self._since = np.full(_N_THRESHOLDS, self._hangover, np.int64)
        self._waiting: list[NDArray[np.float64]] = []
        self._n_waiting = 0
        self._run_levels: list[NDArray[np.intp]] = []
        self._run_lengths: list[NDArray[np.intp]] = []

    def process(self, x: NDArray[np.floating]) -> None:
        """Take a block of any length, shape ``(n,)``, full scale +-1.0."""
        taken = x[self._phase :: self._step].astype(np.float64)
        self._phase = (self._phase - len(x)) % self._step
        self._waiting.append(taken)
        self._n_waiting += len(taken)
        # Many short blocks cost more in calls than in sums; whole gatherings lie on one grid however the signal is cut.
        while self._n_waiting >= _GATHER:
            self._measure(_GATHER)
        if len(self._run_levels) > 64:  # whole numbers: when they are added up makes no difference
            self._count()

    def _measure(self, n: int) -> None:
        """Envelope of the first `n` samples that have gathered, as runs of the number of thresholds reached."""
        if not n:
            return
        gathered = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting)
        taken, rest = gathered[:n], gathered[n:]
        self._waiting, self._n_waiting = [rest], len(rest)
        # A running sum from the carried value: the same additions in the same order however the signal is cut.
        self._power = float(np.cumsum(np.concatenate(([self._power], taken * taken)))[-1])
        self._n += n
        p, self._smooth_1 = _smooth(np.abs(taken), self._decay, self._smooth_1)
        q, self._smooth_2 = _smooth(p, self._decay, self._smooth_2)
        # frexp gives q = m 2^e with m in [0.5, 1), so q >= 2^-k exactly when e > -k: e + 15 thresholds are reached.
        # (Zero has exponent 0, so that digital silence is lifted off it.)
        reached = np.clip(np.frexp(np.maximum(q, 1e-30))[1] + _N_THRESHOLDS, 0, _N_THRESHOLDS)
        edges = np.concatenate(([0], np.flatnonzero(np.diff(reached)) + 1))
        self._run_levels.append(reached[edges])
        self._run_lengths.append(np.diff(np.append(edges, n)))

    def _count(self) -> None:
        """Add the runs so far to the active time of every threshold."""
        if not self._run_levels:
            return
        levels = np.concatenate(self._run_levels)
        lengths = np.concatenate(self._run_lengths)
        self._run_levels, self._run_lengths = [], []
        ends = np.cumsum(lengths)
        total = int(ends[-1])
        for j in range(_N_THRESHOLDS):
            on = levels > j
            # For each run below the threshold: how long it has been below, at the run's end, counted from the last on.
            last_on = np.maximum.accumulate(np.where(on, ends, -self._since[j]))
            before = np.concatenate(([-self._since[j]], last_on[:-1]))
            begins = ends - lengths
            hung = np.clip(before + self._hangover - begins, 0, lengths)
            self._active[j] += int(np.where(on, lengths, hung).sum())
            self._since[j] = min(total - int(last_on[-1]), self._hangover)

    def result(self) -> ActiveLevel:
        """Level and activity of all that was fed so far."""
        if self._n_waiting:  # measured on a copy: what is yet to come goes on where whole gatherings ended
            ahead = copy.copy(self)
            ahead._active, ahead._since = self._active.copy(), self._since.copy()
            ahead._run_levels, ahead._run_lengths = [*self._run_levels], [*self._run_lengths]
            ahead._waiting = [*self._waiting]
            ahead._measure(ahead._n_waiting)
            return ahead.result()
        self._count()
        if not self._n or self._power <= 0:
            return ActiveLevel(-math.inf, 0.0, -math.inf)
        rms_dbov = 10 * math.log10(self._power / self._n)
        active_db = [10 * math.log10(self._power / a) if a else math.inf for a in self._active.tolist()]
        threshold_db = [20 * math.log10(2.0 ** (j - _N_THRESHOLDS)) for j in range(_N_THRESHOLDS)]
        above = [a - c for a, c in zip(active_db, threshold_db, strict=True)]
        if not math.isfinite(above[0]) or above[0] <= _MARGIN_DB:
            return ActiveLevel(-math.inf, 0.0, rms_dbov)  # too weak for the lowest threshold: no activity
        for j in range(_N_THRESHOLDS - 1):
            if not math.isfinite(above[j + 1]):
                break
            if above[j + 1] <= _MARGIN_DB:
                share = (above[j] - _MARGIN_DB) / (above[j] - above[j + 1])
                level = active_db[j] + share * (active_db[j + 1] - active_db[j])
                return ActiveLevel(level, min(1.0, 10 ** ((rms_dbov - level) / 10)), rms_dbov)
        return ActiveLevel(active_db[j], min(1.0, 10 ** ((rms_dbov - active_db[j]) / 10)), rms_dbov)


def active_level(x: NDArray[np.floating], sample_rate: int) -> ActiveLevel:
    """Active speech level of a whole signal.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Full scale is +-1.0.
    sample_rate : int
        Hz.

    Returns
    -------
    ActiveLevel
        Level in dBov, activity 0..1, long-term level in dBov.

    Raises
    ------
    ParameterError
        If `x` is not one-dimensional.

    Examples
    --------
    >>> active_level(np.zeros(8_000), 8_000).activity
    0.0
    """
    if x.ndim != 1:
        raise ParameterError(f"x has shape {x.shape}; one side at a time, shape (n,)")
    meter = ActiveLevelMeter(sample_rate)
    meter.process(x)
    return meter.result()
