"""Measure active speech level and activity by method B of ITU-T P.56."""

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
_GATHER = 16_384  # samples collected before they are measured
_SLOWEST_RATE = 600  # samples/s; P.56 envelopes are sampled at about 700 Hz or more


@dataclass(frozen=True, slots=True)
class ActiveLevel:
    """The figures of P.56 for a signal."""

    level_dbov: float  # active speech level; -inf for silence
    activity: float  # share of time active, 0..1
    rms_dbov: float  # long-term level


@lru_cache
def _fading(decay: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute the weights of a tile's samples in its averages, and those of the average before it."""
    age = np.arange(_TILE)[:, None] - np.arange(_TILE)[None, :]
    kernel = np.where(age >= 0, (1 - decay) * decay ** np.maximum(age, 0), 0.0)
    return np.asarray(kernel.T, np.float64), np.asarray(decay ** np.arange(1, _TILE + 1), np.float64)


def _smooth(x: NDArray[np.float64], decay: float, before: float) -> tuple[NDArray[np.float64], float]:
    """Average up to `_GATHER` samples recursively (first order) from the value `before`, one tile at a time."""
    if len(x) == _GATHER:
        tiles = x
    else:
        tiles = np.zeros(_GATHER)  # the same shape in every call, so that the order of the sums is the same
        tiles[: len(x)] = x
    kernel, memory = _fading(decay)
    y = tiles.reshape(-1, _TILE) @ kernel
    kept = float(memory[-1])
    heads = []
    for last in y[:, -1].tolist():
        heads.append(before)
        before = last + kept * before
    y += np.array(heads)[:, None] * memory
    smooth = y.reshape(-1)[: len(x)]
    return smooth, float(smooth[-1])


class ActiveLevelMeter:
    """Measure the active speech level of a signal that arrives in blocks.

    The envelope is |x| smoothed twice with 30 ms. For thresholds a factor of two apart, the active time is the time for
    which the envelope is above the threshold, with a hangover of 0.2 s. The active level is the mean power over the
    active time at the threshold that is 15.9 dB below it (P.56, method B, eqs. 1-5), found by linear interpolation
    between thresholds. Any blocks give the same result, bit for bit. Remembers the envelope and the active times.

    Parameters
    ----------
    sample_rate : int
        Rate of the signal, Hz.
    step : int, optional
        Use only every `step`-th sample, >= 1. P.56 needs an envelope of about 700 values a second, so 10 is enough for
        telephone speech at 8 kHz and ten times cheaper. The vectors of the ITU-T Software Tool Library were measured
        with the default of 1.

    Raises
    ------
    ParameterError
        If less than 600 samples a second are left.

    References
    ----------
    ITU-T P.56 (12/2011), Objective measurement of active speech level, clause 6 (method B).

    Examples
    --------
    The active level of a tone that is on half of the time is above its long-term level:

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
        """Reset to the initial state, for a new signal."""
        self._phase = 0  # index in the next block of the next sample to use
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
        """Add a block of any length, shape ``(n,)``, full scale +-1.0."""
        taken = x[self._phase :: self._step].astype(np.float64)
        self._phase = (self._phase - len(x)) % self._step
        self._waiting.append(taken)
        self._n_waiting += len(taken)
        # Many short blocks cost more in calls than in sums. Pieces of `_GATHER` samples are the same for any blocks.
        while self._n_waiting >= _GATHER:
            self._measure(_GATHER)
        if len(self._run_levels) > 64:  # integers: the result does not depend on when they are added
            self._count()

    def _measure(self, n: int) -> None:
        """Compute the envelope of the first `n` samples collected, as runs of the number of thresholds reached."""
        if not n:
            return
        gathered = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting)
        taken, rest = gathered[:n], gathered[n:]
        self._waiting, self._n_waiting = [rest], len(rest)
        # A running sum from the kept value: the same additions in the same order for any blocks.
        self._power = float(np.cumsum(np.concatenate(([self._power], taken * taken)))[-1])
        self._n += n
        p, self._smooth_1 = _smooth(np.abs(taken), self._decay, self._smooth_1)
        q, self._smooth_2 = _smooth(p, self._decay, self._smooth_2)
        # The exponent of q = m 2^e with m in [0.5, 1) is stored as e + 1022. q >= 2^-k exactly when e > -k, so e + 15
        # thresholds are reached. (The shift of the bits costs a tenth of frexp; q is above zero or zero, never below.)
        reached = q.view(np.int64) >> 52
        reached -= 1022 - _N_THRESHOLDS
        np.clip(reached, 0, _N_THRESHOLDS, out=reached)
        edges = np.concatenate(([0], np.flatnonzero(reached[1:] != reached[:-1]) + 1))
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
            # For each run below the threshold: the time since the envelope was last above, at the end of the run.
            last_on = np.maximum.accumulate(np.where(on, ends, -self._since[j]))
            before = np.concatenate(([-self._since[j]], last_on[:-1]))
            begins = ends - lengths
            hung = np.clip(before + self._hangover - begins, 0, lengths)
            self._active[j] += int(np.where(on, lengths, hung).sum())
            self._since[j] = min(total - int(last_on[-1]), self._hangover)

    def result(self) -> ActiveLevel:
        """Return level and activity of all samples so far; more may follow."""
        if self._n_waiting:  # measured on a copy: later samples continue after the last complete piece
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
    """Measure the active speech level of a whole signal.

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
        If `x` is not one-dimensional, or `sample_rate` is below 600.

    See Also
    --------
    ActiveLevelMeter : The method and its reference.

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
