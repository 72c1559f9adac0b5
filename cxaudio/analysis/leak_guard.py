"""Remove, while a call goes on, detected speech that is only the other side's leak; knows ticks, no samples."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.rows import BANDS_EVERY
from cxaudio.analysis.tick import in_ticks
from cxaudio.analysis.waiting import WaitingTicks
from cxaudio.model.events import Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.policy import LeakageSettings
from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS
from dsp.speech.echo_path import band_power
from dsp.speech.leakage import LeakagePredictor

__all__ = ["LeakGuard"]

_MEAN_ROWS = 5  # of 20 ms: levels are compared over 100 ms, as single rows scatter by several dB
_AUDIBLE = 0.25  # of the noise: a weaker leak changes nothing
_HANGOVER_ROWS = 12  # the detector goes on for so long after a leak
_CLEARLY_DB = 4.0  # above the margin: own speech, and ...
_OWN_ROWS = 8  # ... what follows within so many rows is its soft end


class _Direction:
    """One side's rows, and what the other side leaks into them."""

    def __init__(self, settings: LeakageSettings, start_gain_db: float | None) -> None:
        self._predictor = LeakagePredictor(
            max_lag=max(in_ticks(settings.max_lag_s) // BANDS_EVERY, 1),
            min_correlation=settings.min_correlation,
            start_gain_db=start_gain_db,
        )
        self._margin = np.float32(10 ** (settings.margin_db / 10))
        self._clearly = np.float32(10 ** ((settings.margin_db + _CLEARLY_DB) / 10))
        self.reset()

    def reset(self) -> None:
        self._predictor.reset()
        self._before = np.zeros((_MEAN_ROWS - 1, 2), np.float32)  # near side; leak and noise
        self._since_audible = _HANGOVER_ROWS + 1
        self._since_own = _OWN_ROWS + 1

    def explained(self, rows: Float32, noise: Float32) -> NDArray[np.bool_]:
        """Return the rows that the leak explains; `rows` are those of the predictor, `noise` is the near side's."""
        if not len(rows):
            return np.zeros(0, np.bool_)
        leak = self._predictor.process(rows)
        known = leak > 0
        if not known.any() and not self._before.any() and self._since_audible > _HANGOVER_ROWS:
            self._since_own = min(self._since_own + len(rows), _OWN_ROWS + 1)
            return known
        both = np.zeros((len(rows), 2), np.float32)  # near side; leak and noise; nothing while no leak is known
        if known.any():
            both[known, 0] = band_power(rows[known, :N_BANDS])
            both[known, 1] = (leak + noise)[known]
        joined = np.concatenate((self._before, both))
        self._before = joined[len(joined) - _MEAN_ROWS + 1 :]
        # The same order of sums in whatever blocks the rows come.
        mean = joined[_MEAN_ROWS - 1 :].copy()
        for back in range(1, _MEAN_ROWS):
            mean += joined[_MEAN_ROWS - 1 - back : len(joined) - back]
        audible, self._since_audible = _since(leak > np.float32(_AUDIBLE) * noise, self._since_audible, _HANGOVER_ROWS)
        own, self._since_own = _since(mean[:, 0] > self._clearly * mean[:, 1], self._since_own, _OWN_ROWS)
        found: NDArray[np.bool_] = audible & ~own & (mean[:, 0] <= self._margin * mean[:, 1])
        return found


def _since(rows: NDArray[np.bool_], before: int, width: int) -> tuple[NDArray[np.bool_], int]:
    """Return which rows are at most `width` behind one of `rows`, and how far the next row is behind the last of them.

    `before` is that distance of the first row.
    """
    number = np.arange(len(rows))
    last = np.maximum.accumulate(np.where(rows, number, -before))
    within: NDArray[np.bool_] = number - last <= width
    return within, min(len(rows) - int(last[-1]), width + 1)


class LeakGuard:
    """Predict the leak of each side into the other's channel, and remove what it explains (DEFINITIONS §1).

    What is found late is left to the settled account.

    Parameters
    ----------
    settings : LeakageSettings
        Section ``leakage``.
    facts : HeadsetFacts
        The agent's headset; a known coupling loss is where the agent's prediction starts.
    """

    def __init__(self, settings: LeakageSettings, facts: HeadsetFacts) -> None:
        start_gain_db = None if facts.coupling_loss_db is None else -facts.coupling_loss_db
        self._directions = tuple(_Direction(settings, start_gain_db if side is Side.AGENT else None) for side in Side)
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state."""
        for direction in self._directions:
            direction.reset()
        self._bands = [WaitingTicks(np.float32, N_BANDS) for _ in Side]  # of rows whose ticks are still to come
        self._next = 0  # tick
        self._last = [False, False]  # whether the row of the last tick was explained

    def remove_leaks(
        self, bands: tuple[Float32, Float32], noise: tuple[Float32, Float32], speaking: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Take ticks of both sides; return the speech that is louder than a leak could be.

        Parameters
        ----------
        bands : pair of ndarray of float32, shape (h, N_BANDS)
            The next band rows of each side, dBFS; they may run ahead of the ticks, and never fall behind them.
        noise : pair of ndarray of float32, shape (m,)
            Mean square of the noise in each tick.
        speaking : ndarray of bool, shape (2, m)
            The detectors' decisions.
        """
        for waiting, fresh in zip(self._bands, bands, strict=True):
            waiting.add(len(fresh))[:] = fresh.T
        odd = self._next % BANDS_EVERY  # the first tick belongs to a row that came before
        begins = slice(odd, None, BANDS_EVERY)
        spoken = speaking[:, begins]
        n_rows = spoken.shape[1]
        guarded = speaking.copy()
        near_bands, far_bands = (waiting.take(n_rows).T for waiting in self._bands)
        for direction, side, far in zip(self._directions, Side, reversed(Side), strict=True):
            rows = np.empty((n_rows, 2 * N_BANDS + 2), np.float32)
            rows[:, :N_BANDS], rows[:, N_BANDS:-2] = near_bands, far_bands
            rows[:, -2], rows[:, -1] = spoken[side], spoken[far]
            explained = direction.explained(rows, noise[side][begins])
            if self._last[side] or explained.any():
                by_tick = np.repeat(np.concatenate(([self._last[side]], explained)), BANDS_EVERY)
                guarded[side] &= ~by_tick[BANDS_EVERY - odd :][: speaking.shape[1]]
            if n_rows:
                self._last[side] = bool(explained[-1])
            near_bands, far_bands = far_bands, near_bands
        self._next += speaking.shape[1]
        return guarded
