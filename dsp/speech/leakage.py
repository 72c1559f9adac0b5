"""Estimate, for each tick, how much of the far side's sound leaks into the near microphone."""

import math
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32, Open

__all__ = ["LeakagePredictor", "LeakageState"]

_BLOCK = 400  # ticks: the estimate of the leak is updated every four seconds
_EVERY = 4  # every fourth tick of a block is enough for the statistics
_SPREAD = 2  # ticks on each side of the lag over which the leak is spread: a room's first echoes
_CANDIDATE_DB = -9.0  # a near tick this far below the far side may be its leak; own speech rarely is
_ABOVE_LEAK_DB = 8.0  # ... and, once a leak is known, a candidate is at most this far above it
_MEMORY = 0.935  # weight of the old statistics at each new block: a time constant of one minute
_ENOUGH = 40.0  # candidates (at most 25 a second) before anything is predicted
_TINY = 1e-12


class LeakageState(NamedTuple):
    """The present estimate of the leak."""

    gain_db: float  # level of the leak minus level of the far side, dB; nan while unknown
    lag: int  # ticks
    correlation: float  # of the two envelopes in dB at that lag, -1..1


class LeakagePredictor:
    """Predict the power that leaks from the far side into the near channel, from the envelopes of both.

    For every lag up to `max_lag`, the near envelope of about the last minute is compared with the far one. Only ticks
    count at which the far side speaks and the near side is much weaker, so the near side's own speech does not count.
    If the correlation at the best lag reaches `min_correlation`, the near side follows the far side, and the ratio of
    their powers (after the noise is subtracted) is the gain of the leak.

    Grid: one row for each tick; row k of the output belongs to row k of the input, and uses the complete blocks of four
    seconds before it. Withholds nothing. Remembers the statistics, `max_lag` ticks of the far side, and the incomplete
    block.

    Parameters
    ----------
    max_lag : int
        Longest lag, ticks.
    min_correlation : float
        Correlation from which the near side is taken to follow the far side, above 0 and at most 1.
    start_gain_db : float, optional
        Expected level of the leak minus level of the far side, dB. It is used at every lag up to `max_lag` until enough
        ticks have been compared; after that only the measured gain is used. `state` never contains it.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    Examples
    --------
    The far side speaks every other second, and leaks 30 dB weaker and 50 ms later:

    >>> far = np.tile(np.repeat([1e-2, 1e-8], 100), 10) * np.tile([1.0, 0.2, 0.05, 0.6, 0.3], 400)
    >>> near = 1e-3 * np.roll(far, 5) + 1e-9
    >>> ticks = np.stack([near, np.full(2000, 1e-9), far, far > 1e-6], axis=1).astype(np.float32)
    >>> predictor = LeakagePredictor(max_lag=25, min_correlation=0.6)
    >>> leak = predictor.process(ticks)
    >>> state = predictor.state
    >>> round(state.gain_db), state.lag
    (-30, 5)
    """

    def __init__(self, *, max_lag: int, min_correlation: float, start_gain_db: float | None = None) -> None:
        if max_lag < 1:
            raise ParameterError(f"max_lag={max_lag} must be at least 1 tick")
        if not 0 < min_correlation <= 1:
            raise ParameterError(f"min_correlation={min_correlation} must lie above 0 and not above 1")
        self._max_lag = max_lag
        self._min_correlation = min_correlation
        self._start_gain_db = start_gain_db
        self._open = Open("LeakagePredictor")
        self.reset()

    @property
    def latency_samples(self) -> int:
        """Most ticks withheld: none."""
        return 0

    @property
    def state(self) -> LeakageState:
        """Present estimate of the leak."""
        return self._state

    def reset(self) -> None:
        """Reset to the initial state: no leak is known."""
        self._open.reopen()
        n_lags = self._max_lag + 1
        self._sums = np.zeros((9, n_lags))
        self._state = LeakageState(math.nan, 0, 0.0)
        self._expected_db = self._start_gain_db  # None as soon as enough was measured
        # The far side's past, as far back as the longest lag and the spread need it.
        self._history = np.zeros((self._max_lag + _SPREAD, 4), np.float32)
        self._block = np.zeros((0, 4), np.float32)  # ticks of the incomplete block

    def process(self, ticks: Float32, /) -> Float32:
        """Predict the leak at each tick.

        Parameters
        ----------
        ticks : ndarray of float32, shape (m, 4)
            Mean square of the near side, noise of the near side, mean square of the far side, and whether the far side
            speaks (0 or 1).

        Returns
        -------
        ndarray of float32, shape (m,)
            Predicted mean square of the leak in the near channel, >= 0; 0 where no leak is known.
        """
        self._open.check()
        out = np.zeros(len(ticks), np.float32)
        at = 0
        while at < len(ticks):
            take = min(len(ticks) - at, _BLOCK - len(self._block))
            fresh = ticks[at : at + take]
            self._predict(fresh, out[at : at + take])
            self._block = np.concatenate((self._block, fresh))
            at += take
            if len(self._block) == _BLOCK:
                self._learn()
        return out

    def flush(self) -> Float32:
        """Return no rows: nothing is withheld."""
        self._open.close()
        return np.zeros(0, np.float32)

    def _predict(self, fresh: Float32, out: NDArray[np.float32]) -> None:
        gain_db, lag, _ = self._state
        first, last = max(0, lag - _SPREAD), lag + _SPREAD
        if self._expected_db is not None:
            gain_db, first, last = self._expected_db, 0, self._max_lag + _SPREAD
        if math.isnan(gain_db) or not len(fresh):
            return
        far = np.concatenate((self._history[:, 2], self._block[:, 2], fresh[:, 2]))
        # Loudest far tick within the spread around the lag, or at any lag while the lag is unknown.
        width = last - first + 1
        begin = len(far) - len(fresh) - last
        around = sliding_window_view(far[begin : begin + len(fresh) + width - 1], width)
        out[:] = around.max(axis=-1) * np.float32(10 ** (gain_db / 10))

    def _learn(self) -> None:
        """Add the complete block to the statistics and update the estimate of the leak."""
        whole = np.concatenate((self._history, self._block))
        self._history = whole[-len(self._history) :]
        self._block = whole[:0]
        if whole[:, 3].any():
            self._accumulate(whole)
        n, a, c, aa, cc, ac, near, noise, far = self._sums
        enough = n > _ENOUGH
        if not enough.any():
            return
        self._expected_db = None
        n = np.maximum(n, 1.0)
        variance = (aa - a * a / n) * (cc - c * c / n)
        correlation = np.where(enough, (ac - a * c / n) / np.sqrt(np.maximum(variance, _TINY)), 0.0)
        lag = int(np.argmax(correlation))
        power = float(near[lag] - noise[lag])
        if correlation[lag] < self._min_correlation or power <= 0:
            self._state = LeakageState(math.nan, lag, float(correlation[lag]))
        else:
            gain_db = 10 * math.log10(power / float(far[lag]))
            self._state = LeakageState(gain_db, lag, float(correlation[lag]))

    def _accumulate(self, whole: Float32) -> None:
        """Add the sums over the block's candidates: one row for each statistic, one column for each lag."""
        n_lags = self._max_lag + 1
        begin = len(whole) - _BLOCK
        rows = slice(begin, None, _EVERY)
        near_power = whole[rows, 0].astype(np.float64)
        noise = whole[rows, 1].astype(np.float64)
        # Column l contains the far side l ticks earlier.
        lagged = sliding_window_view(whole[begin - self._max_lag :, 2].astype(np.float64), n_lags)[::_EVERY, ::-1]
        on = sliding_window_view(whole[begin - self._max_lag :, 3], n_lags)[::_EVERY, ::-1] > 0
        a = 10 * np.log10(near_power + _TINY)
        c = 10 * np.log10(lagged + _TINY)
        known = self._state.gain_db
        limit_db = _CANDIDATE_DB if math.isnan(known) else min(_CANDIDATE_DB, known + _ABOVE_LEAK_DB)
        weight = (on & (a[:, None] < c + limit_db)).astype(np.float64)
        wc = weight * c
        fresh = np.stack(
            [
                np.einsum("tl->l", weight),
                np.einsum("tl,t->l", weight, a),
                np.einsum("tl->l", wc),
                np.einsum("tl,t->l", weight, a * a),
                np.einsum("tl,tl->l", wc, c),
                np.einsum("tl,t->l", wc, a),
                np.einsum("tl,t->l", weight, near_power),
                np.einsum("tl,t->l", weight, noise),
                np.einsum("tl,tl->l", weight, lagged),
            ]
        )
        self._sums = self._sums * _MEMORY + fresh
