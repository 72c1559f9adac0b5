"""Predict, while a call goes on, how much of the far side's sound leaks into the near channel."""

import math
from typing import NamedTuple

import numpy as np

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32, Open
from dsp.speech.bands import N_BANDS
from dsp.speech.echo_path import (
    ALONE,
    FEWEST_COMPARED,
    KNOWN_LAG,
    LIKELY,
    SURE,
    TAIL,
    WORTH_FITTING,
    EchoFit,
    above_chance,
    band_power,
    echo_power,
    fit_echo,
    lag_sums,
    noise_floor,
    sounding,
    total_db,
    trailing_max,
)

__all__ = ["LeakagePredictor", "LeakageState"]

_BLOCK = 750  # rows: the estimate of the leak is renewed every fifteen seconds
_HISTORY = 4 * _BLOCK  # noise floors are those of the last minute
_WEAKER_DB = -6.0  # speech detected on the near side may be a leak if it is this far below the far side, and ...
_LEAST_SPOKEN = 0.35  # ... if it is so great a share of all such speech in the window; else nothing is looked for
_FIRST_LAGS = TAIL  # rows: an expected leak is that of the headset itself, within a quarter of a second

_NEAR, _FAR = slice(0, N_BANDS), slice(N_BANDS, 2 * N_BANDS)
_NEAR_SPEAKS, _FAR_SPEAKS = 2 * N_BANDS, 2 * N_BANDS + 1


class LeakageState(NamedTuple):
    """The present estimate of the leak."""

    gain_db: float  # level of the leak minus level of the far side, dB; nan while unknown
    lag: int  # rows
    correlation: float  # of the two envelopes in dB at that lag, -1..1


_UNKNOWN = LeakageState(math.nan, 0, 0.0)


def _loudest_band(bands_db: Float32) -> Float32:
    """Return the level of the loudest band of each row."""
    half = N_BANDS // 2  # halves against each other: five times as fast as numpy's maximum over so short an axis
    loudest = np.maximum(bands_db[:, :half], bands_db[:, half:])
    loudest = np.maximum(loudest[:, : half // 2], loudest[:, half // 2 :])
    greatest: Float32 = np.ascontiguousarray(loudest.T).max(axis=0)
    return greatest


class LeakagePredictor:
    """Predict the power that leaks from the far side into the near channel, from the band levels of both.

    Every fifteen seconds the patterns of the bands of both sides are compared at every lag up to `max_lag`
    (`dsp.speech.echo_path`). Where they agree, the gain of each band is measured, and the leak of the next rows is
    predicted from it. A lag that the call has shown once is remembered: a weaker agreement at it suffices. So a leak is
    found soon after it begins, also in the middle of a call, and dropped soon after it ends.

    Grid: one row for each 20 ms; row k of the output belongs to row k of the input, and uses the complete blocks of
    fifteen seconds before it. Withholds nothing. Remembers the last minute.

    Parameters
    ----------
    max_lag : int
        Longest lag, rows.
    min_correlation : float
        Correlation of the envelopes from which the near side is taken to follow the far side, above 0 and at most 1.
    start_gain_db : float, optional
        Expected level of the leak minus level of the far side, dB. It is used for lags up to a quarter of a second
        until the first block has been judged; after that only the measured gain is used. `state` never contains it.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    See Also
    --------
    dsp.speech.echo_path : The same for a whole call.

    Examples
    --------
    The far side talks for 2 s in every 3, and leaks 20 dB weaker and 80 ms later; the detector takes it for speech:

    >>> rng = np.random.default_rng(1)
    >>> far = np.repeat(rng.normal(-40, 9, (300, 24)), 5, axis=0)
    >>> far[np.arange(1500) % 150 >= 100] = -90
    >>> near = np.maximum(np.roll(far, 4, axis=0) - 20, -80)
    >>> noise = rng.normal(0, 1, (2, 1500, 24))
    >>> near_speaks, far_speaks = (np.roll(far, 4, axis=0) > -60).any(axis=1), (far > -60).any(axis=1)
    >>> rows = np.column_stack((near + noise[0], far + noise[1], near_speaks, far_speaks)).astype(np.float32)
    >>> predictor = LeakagePredictor(max_lag=75, min_correlation=0.6)
    >>> leak = predictor.process(rows)
    >>> state = predictor.state
    >>> abs(state.gain_db + 20) < 2, state.lag
    (True, 4)
    """

    def __init__(self, *, max_lag: int, min_correlation: float, start_gain_db: float | None = None) -> None:
        if max_lag < 1:
            raise ParameterError(f"max_lag={max_lag} must be at least 1 row")
        if not 0 < min_correlation <= 1:
            raise ParameterError(f"min_correlation={min_correlation} must lie above 0 and not above 1")
        self._n_lags = max_lag + 1
        self._min_correlation = min_correlation
        self._start_gain_db = start_gain_db
        self._open = Open("LeakagePredictor")
        self.reset()

    @property
    def latency_samples(self) -> int:
        """Most rows withheld: none."""
        return 0

    @property
    def state(self) -> LeakageState:
        """Present estimate of the leak."""
        return self._state

    def reset(self) -> None:
        """Reset to the initial state: no leak is known."""
        self._open.reopen()
        self._state = _UNKNOWN
        self._gain_db: Float32 | None = None
        self._expected_db = self._start_gain_db  # None as soon as enough was judged
        self._known_lags = np.zeros(self._n_lags, np.bool_)
        self._suspected_lags = np.zeros(self._n_lags, np.bool_)  # one block showed them
        self._rows = np.empty((_HISTORY, 2 * N_BANDS + 2), np.float32)  # of the last minute
        self._n_before = 0  # of complete blocks
        self._n_new = 0  # of the incomplete block behind them
        self._lead = self._n_lags + TAIL  # rows of the far side that a prediction reaches back

    def process(self, rows: Float32, /) -> Float32:
        """Predict the leak in each row.

        Parameters
        ----------
        rows : ndarray of float32, shape (m, 2 * N_BANDS + 2)
            Band levels of the near side and of the far side, dBFS; whether speech is detected on the near side and on
            the far side (0 or 1).

        Returns
        -------
        ndarray of float32, shape (m,)
            Predicted mean square of the leak in the near channel, all bands together, >= 0; 0 where no leak is known.
        """
        self._open.check()
        leak = np.zeros(len(rows), np.float32)
        at = 0
        while at < len(rows):
            take = min(len(rows) - at, _BLOCK - self._n_new)
            fresh = rows[at : at + take]
            first = self._n_before + self._n_new
            self._rows[first : first + take] = fresh
            if self._gain_db is not None or self._expected_db is not None:
                leak[at : at + take] = self._predict(self._far_rows(first, take), take)
            self._n_new += take
            at += take
            if self._n_new == _BLOCK:
                self._learn(self._rows[max(first + take - _HISTORY, 0) : first + take])
                self._n_new = 0
                self._n_before = min(first + take, _HISTORY - _BLOCK)
                self._rows[: self._n_before] = self._rows[first + take - self._n_before : first + take]
        return leak

    def flush(self) -> Float32:
        """Return no rows: nothing is withheld."""
        self._open.close()
        return np.zeros(0, np.float32)

    def _far_rows(self, first: int, n_rows: int) -> Float32:
        """Return the far side in some rows and in those before that a prediction reaches back to."""
        begin = first - self._lead
        found = self._rows[max(begin, 0) : first + n_rows, _FAR]
        if begin >= 0:
            return found
        return np.concatenate((np.full((-begin, N_BANDS), -110.0, np.float32), found))  # before the call: silence

    def _predict(self, far_db: Float32, n_rows: int) -> Float32:
        """Predict the leak in the last rows of the far side's."""
        if self._gain_db is not None:
            lag = max(self._state.lag, 1)  # the row to come is not known yet
            return echo_power(np.concatenate((far_db, far_db[-1:])), n_rows, lag, self._gain_db)
        assert self._expected_db is not None
        loudest = trailing_max(total_db(far_db[-n_rows - _FIRST_LAGS :]), _FIRST_LAGS + 1)[_FIRST_LAGS:]
        power: Float32 = np.float32(10) ** ((loudest + np.float32(self._expected_db)) / np.float32(10))
        return power

    def _learn(self, rows: Float32) -> None:
        """Renew the estimate of the leak from the last minute; a block has just become complete."""
        lead = self._lead
        window = rows[-_BLOCK - lead :]
        if len(window) < _BLOCK + lead:  # before the call there is silence
            silence = np.zeros((_BLOCK + lead - len(window), window.shape[1]), np.float32)
            silence[:, : 2 * N_BANDS] = -110.0
            window = np.concatenate((silence, window))
        near, spoken = window[lead:, _NEAR], window[lead:, _NEAR_SPEAKS] > 0
        far_level = np.where(window[:, _FAR_SPEAKS] > 0, _loudest_band(window[:, _FAR]), np.float32(-200.0))
        loudest = trailing_max(far_level, self._n_lags)[lead:]
        weaker = np.count_nonzero(spoken & (_loudest_band(near) < loudest + np.float32(_WEAKER_DB)))
        if not weaker or weaker < _LEAST_SPOKEN * np.count_nonzero(spoken):
            return
        near_floor, far_floor = noise_floor(rows[:, _NEAR]), noise_floor(rows[:, _FAR])
        near_power, far_power = band_power(near), band_power(window[:, _FAR])
        far_sounds = sounding(far_power, far_floor, window[:, _FAR_SPEAKS] > 0)
        sums = lag_sums(
            near,
            window[TAIL + 1 :, _FAR],
            near_power=near_power,
            far_power=far_power[TAIL + 1 :],
            near_floor_db=near_floor,
            far_floor_db=far_floor,
            far_sounds=far_sounds[TAIL + 1 :],
            block=_BLOCK,
            n_lags=self._n_lags,
        )
        if sums.compared.max() < FEWEST_COMPARED:
            return
        self._expected_db = None
        correlations = np.where(sums.compared >= FEWEST_COMPARED, sums.correlation(), np.float32(0.0))
        far = np.concatenate((window[:, _FAR], window[-1:, _FAR]))
        far_sounds = np.append(far_sounds, far_sounds[-1])

        def measured(among: Float32, worth: float) -> tuple[int, EchoFit | None, float]:
            lags = np.argmax(among, axis=1)
            pattern, lag = float(above_chance(correlations, lags)[0]), int(lags[0])
            if pattern < worth:
                return lag, None, 0.0
            fit = fit_echo(near, far, lag, near_power=near_power, near_floor_db=near_floor, far_sounds=far_sounds)
            return lag, fit, fit.evidence(pattern) if fit else 0.0

        lag, fit, evidence = measured(correlations, WORTH_FITTING)
        sure = fit is not None and evidence >= SURE and fit.envelope >= self._min_correlation
        around = slice(max(lag - 1, 0), lag + 2)
        if sure and (evidence >= ALONE or self._suspected_lags[lag]):
            self._known_lags[around] = True
        self._suspected_lags[around] |= sure
        if not (sure and self._known_lags[lag]):
            fit = None
            if self._known_lags.any():
                lag, fit, evidence = measured(np.where(self._known_lags, correlations, np.float32(-1.0)), KNOWN_LAG)
                fit = fit if evidence >= LIKELY else None
        if fit is None:
            self._gain_db, self._state = None, _UNKNOWN
        else:
            self._gain_db = fit.gain_db
            self._state = LeakageState(fit.level_db, lag, fit.envelope)
