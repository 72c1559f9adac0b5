"""Find where one side's sound is a late and weaker copy of the other's, from the band levels of both every 20 ms."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from dsp.core.fourier import fast_length, irfft, rfft
from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS

__all__ = [
    "ALONE",
    "FEWEST_COMPARED",
    "KNOWN_LAG",
    "LIKELY",
    "SURE",
    "TAIL",
    "WORTH_FITTING",
    "EchoFit",
    "LagSums",
    "above_chance",
    "band_power",
    "echo_power",
    "fit_echo",
    "lag_sums",
    "moving_mean",
    "noise_floor",
    "sounding",
    "total_db",
    "trailing_max",
]

TAIL = 12
"""Rows of the far side before the longest lag that `fit_echo` reads: a room's reverberation lasts about so long."""

# The limits were chosen on calls made of other voices than those that score, with echo of 30 ms to 1.5 s and -8 to
# -35 dB (linear, rooms, GSM, Opus at 6 kbit/s), and on the same calls without echo.
FEWEST_COMPARED = 75
"""Rows that must be compared before a window of some seconds is judged."""
WORTH_FITTING = 0.1
"""Result of `above_chance` from which a copy is worth measuring at a lag."""
KNOWN_LAG = 0.04
"""The same at a lag that this call has already shown."""
SURE = 0.05
"""Evidence in one window, if another that shares no row with it shows the same lag, from which there is a copy."""
ALONE = 0.12
"""Evidence in one window alone from which there is a copy: two utterances may be alike by chance."""
LIKELY = 0.02
"""The same at a lag that this call has already shown."""

_PEAK = 6  # rows beside a lag at which an echo at that lag still shows
_OTHER_SHARE = 0.9  # of the correlations at other lags, those that are below what chance gives here
_FLOOR_SHARE = 0.1  # of the rows in which a band is at its noise
_FLOOR_ROWS = 1_000  # are enough for that
_DECAY_DB = 2.0  # a row, over the tail: a room of 0.6 s reverberation time
_BESIDE_DB = 1.5  # a copy between two rows is this much weaker in each, so half a row of lag does not matter
_WEAKER_DB = -3.0  # only rows this far below the far side may be its copy; a louder one is the near side's own sound
_ABOVE_NOISE_DB = 10.0  # a side sounds in a row this far above its noise floor ...
_SOFTEST_DBFS = -70.0  # ... and not below what a quiet line's idle noise reaches
_SPEECH_DB = 3.0  # where its speech detector says so, this far above the noise floor suffices
_CLEAR_DB = 3.0  # a band shows something from this far above its noise on
_RANGE_DB = 40.0  # of a band above its noise
_OWN_DB = 5.0  # rows this far above the prediction are not used to measure the copy
_NOT_THERE_DB = -8.0  # ... nor are rows this far below it: the echo does not last all the time
_FIRST_QUANTILE = 0.7  # of the differences of levels, before it is known in which rows the echo is there
_MEAN_ROWS = 5  # power is compared over 100 ms: levels of single rows scatter by several dB
_FEWEST_ROWS = 40  # candidates from which a copy is measured: 0.8 s
_FEWEST_CELLS = 150  # levels of single bands from which their correlation means anything
_ALL_ROWS = 150  # candidates from which a correlation has its full weight: fewer agree by chance
_TINY = 1e-12
_DB = np.float32(10.0 / math.log(10.0))


def _power(level_db: Float32) -> Float32:
    power: Float32 = np.exp(level_db * (np.float32(1.0) / _DB))
    return power


def _level(power: Float32) -> Float32:
    level: Float32 = np.log(power + np.float32(_TINY)) * _DB
    return level


def noise_floor(bands_db: Float32) -> Float32:
    """Return the level that each band seldom falls below in some rows: its noise, if the rows are many enough."""
    some = bands_db[:: max(len(bands_db) // _FLOOR_ROWS, 1)]
    at = int(_FLOOR_SHARE * (len(some) - 1))
    floor_db: Float32 = np.partition(some, at, axis=0)[at]
    return floor_db


def band_power(bands_db: Float32) -> Float32:
    """Return the mean square of all bands together: the last axis is summed."""
    power: Float32 = _power(bands_db).sum(axis=-1)
    return power


def total_db(bands_db: Float32) -> Float32:
    """Return the level of all bands together, in dBFS: the last axis is summed in power."""
    return _level(band_power(bands_db))


def moving_mean(x: Float32, width: int) -> Float32:
    """Return the mean of the `width` values around each, an odd number; fewer at the ends."""
    half = width // 2
    total = np.concatenate(([0.0], np.cumsum(x, dtype=np.float64)))
    k = np.arange(len(x))
    first, last = np.maximum(k - half, 0), np.minimum(k + half + 1, len(x))
    mean: Float32 = ((total[last] - total[first]) / (last - first)).astype(np.float32)
    return mean


def trailing_max(x: NDArray[Any], width: int) -> NDArray[Any]:
    """Return the greatest of each value and the ``width - 1`` before it."""
    out = x.copy()
    span = 1
    while span < width:
        step = min(span, width - span)
        out[step:] = np.maximum(out[step:], out[:-step])
        span += step
    return out


def sounding(power: Float32, floor_db: Float32, speaking: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows in which a side sounds, with speech or anything else.

    Parameters
    ----------
    power : ndarray of float32, shape (m,)
        Result of `band_power` for the side.
    floor_db : ndarray of float32, shape (N_BANDS,)
        Its noise floor.
    speaking : ndarray of bool, shape (m,)
        Where its speech detector hears a voice.
    """
    above = _level(power)
    loud = above > _SOFTEST_DBFS
    above = above - total_db(floor_db)
    found: NDArray[np.bool_] = (loud & (above > _ABOVE_NOISE_DB)) | (speaking & (above > _SPEECH_DB))
    return found


class LagSums(NamedTuple):
    """What the correlation at each lag is made of, by blocks of rows; the sums of several blocks add up."""

    product: Float32  # (n_blocks, n_lags) of the patterns of both sides
    near: Float32  # ... their squares
    far: Float32
    compared: Float32  # rows

    def correlation(self) -> Float32:
        """Return the correlation of both sides' patterns at each lag, -1..1."""
        found: Float32 = self.product / np.sqrt(np.maximum(self.near * self.far, np.float32(1e-3)))
        return found


def _pattern(bands_db: Float32, floor_db: Float32, rows: NDArray[np.bool_]) -> Float32:
    """Return how pairs of bands stand out in each of some rows against their means; zero in the other rows.

    What all bands have in common is taken away: two people who take turns share it by chance, but not which bands
    sound when. Shape ``(N_BANDS / 2 + 2, m)``: behind the pairs of bands come their squares' sum, and the rows.
    """
    above = np.ascontiguousarray(bands_db.T)
    above -= floor_db[:, None] + np.float32(_CLEAR_DB)
    np.clip(above, 0, np.float32(_RANGE_DB), out=above)
    used = rows.astype(np.float32)
    columns = np.empty((N_BANDS // 2 + 2, len(bands_db)), np.float32)
    pairs = columns[:-2]
    np.add(above[0::2], above[1::2], out=pairs)
    pairs -= (pairs @ used)[:, None] / np.maximum(used.sum(), np.float32(1.0))
    pairs -= pairs.sum(axis=0) * np.float32(2 / N_BANDS)
    pairs *= used
    np.einsum("bm,bm->m", pairs, pairs, out=columns[-2])
    columns[-1] = used
    return columns


def lag_sums(
    near_db: Float32,
    far_db: Float32,
    *,
    near_power: Float32,
    far_power: Float32,
    near_floor_db: Float32,
    far_floor_db: Float32,
    far_sounds: NDArray[np.bool_],
    block: int,
    n_lags: int,
) -> LagSums:
    """Compare the near side with the far side at every lag.

    Only rows count in which the far side sounded the lag before, and in which the near side is clearly weaker than the
    far side was within all lags: most of the near side's own speech does not count.

    Parameters
    ----------
    near_db : ndarray of float32, shape (n_blocks * block, N_BANDS)
        Band levels of the side that may hold the copy.
    far_db : ndarray of float32, shape (n_lags - 1 + n_blocks * block, N_BANDS)
        Band levels of the other side, beginning the longest lag earlier.
    near_power, far_power : ndarray of float32
        Results of `band_power` for the same rows.
    near_floor_db, far_floor_db : ndarray of float32, shape (N_BANDS,)
        Noise floors.
    far_sounds : ndarray of bool, shape (n_lags - 1 + n_blocks * block,)
        Result of `sounding` for the far side.
    block : int
        Rows of one block.
    n_lags : int
        Lags 0 to ``n_lags - 1``, in rows.

    Returns
    -------
    LagSums
        One row for each block.
    """
    far_level = np.where(far_sounds, _level(far_power), np.float32(-200.0))
    candidate = _level(near_power) < trailing_max(far_level, n_lags)[n_lags - 1 :] + np.float32(_WEAKER_DB)
    if not candidate.any() or not far_sounds.any():
        nothing = np.zeros((len(near_db) // block, n_lags), np.float32)
        return LagSums(nothing, nothing, nothing, nothing)
    near = _pattern(near_db, near_floor_db, candidate)
    far = _pattern(far_db, far_floor_db, far_sounds)
    size = fast_length(block + n_lags - 1)

    def spectra(columns: Float32, length: int) -> NDArray[np.complex64]:
        blocks = sliding_window_view(columns, length, axis=1)[:, ::block]
        spectrum: NDArray[np.complex64] = rfft(blocks, size)
        return spectrum

    a = spectra(near, block).conj()
    b = spectra(far, block + n_lags - 1)
    cross = np.stack((np.einsum("bnf,bnf->nf", a[:-2], b[:-2]), a[-2] * b[-1], a[-1] * b[-2], a[-1] * b[-1]))
    # The far blocks begin the longest lag early, so shift s is lag ``n_lags - 1 - s``.
    sums = irfft(cross, size)[:, :, n_lags - 1 :: -1].copy()  # not the other lags as well
    return LagSums(sums[0], sums[1], sums[2], sums[3])


def above_chance(correlations: Float32, lags: NDArray[np.intp]) -> Float32:
    """Return each window's correlation at a lag, less what chance gives at lags that have nothing to do with it.

    Two people who quickly take turns agree a little at every lag.

    Parameters
    ----------
    correlations : ndarray of float32, shape (m, n_lags)
        One row for each window.
    lags : ndarray of int, shape (m,)
        A lag of each window.
    """
    n_windows, n_lags = correlations.shape
    beside = np.abs(np.arange(n_lags) - lags[:, None]) <= _PEAK
    others = np.sort(np.where(beside, np.float32(-np.inf), correlations), axis=1)
    n_beside = np.count_nonzero(beside, axis=1)
    at = n_beside + np.rint(_OTHER_SHARE * (n_lags - n_beside - 1)).astype(np.intp)
    window = np.arange(n_windows)
    chance = np.maximum(others[window, np.minimum(at, n_lags - 1)], 0)
    above: Float32 = correlations[window, lags] - chance
    return above


class EchoFit(NamedTuple):
    """How well some rows of the near side are a copy of the far side at one lag."""

    gain_db: Float32  # (N_BANDS,) of the copy
    level_db: float  # level of the copy minus level of the far side, where that sounds
    correlation: float  # of the levels of single bands with the prediction, where the copy stands above the noise
    envelope: float  # correlation of the levels of all bands, over 100 ms
    share: float  # of the rows weaker than the far side, those that the prediction explains
    weight: float  # 0..1, less than 1 where few rows were compared
    excess_db: Float32  # (m,) level of the near side minus the prediction (copy and noise), over 100 ms
    above_noise_db: Float32  # (m,) level of the prediction minus the near side's noise
    audible: NDArray[np.bool_]  # (m,) the copy or its reverberation stands above the near side's noise

    def evidence(self, pattern: float) -> float:
        """Return how much speaks for a copy; `pattern` is the result of `above_chance` at this lag."""
        return max(pattern, 0.0) * max(self.correlation, 0.0) * max(self.envelope, 0.0) * self.weight


def _correlation(a: Float32, b: Float32) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / math.sqrt(float((a * a).sum() * (b * b).sum()) + _TINY))


def _far_with_tail(far_db: Float32, n_rows: int, lag: int) -> tuple[Float32, NDArray[np.bool_]]:
    """Return the far side `lag` rows earlier, spread as a room or a codec spreads it, and where it is not the tail."""
    zero = len(far_db) - 1 - n_rows - lag  # row of the far side that belongs to the near side's first

    def shifted(by: int) -> Float32:
        return far_db[zero - by : zero - by + n_rows]

    direct = np.maximum(shifted(-1), shifted(1))
    direct -= np.float32(_BESIDE_DB)
    np.maximum(shifted(0), direct, out=direct)
    spread = direct.copy()
    decayed = np.empty_like(spread)
    for by in range(2, TAIL):
        np.subtract(shifted(by), np.float32(_DECAY_DB * by), out=decayed)
        np.maximum(spread, decayed, out=spread)
    return spread, direct >= spread


def echo_power(far_db: Float32, n_rows: int, lag: int, gain_db: Float32) -> Float32:
    """Return the mean square of the copy in each of some rows, all bands together.

    Parameters
    ----------
    far_db : ndarray of float32, shape (k + n_rows + 1, N_BANDS)
        Band levels of the far side from k rows before the first to one row behind the last, with ``k >= lag + TAIL``.
    n_rows, lag : int
        Rows, and the lag in rows; from a lag of 1 on the last row of `far_db` is not looked at.
    gain_db : ndarray of float32, shape (N_BANDS,)
        Gain of each band.
    """
    power: Float32 = _power(_far_with_tail(far_db, n_rows, lag)[0] + gain_db).sum(axis=1)
    return power


def _gain(near_db: Float32, far_db: Float32, used: NDArray[np.bool_], quantile: float) -> Float32:
    """Return a quantile of the differences of each band over the half of the used rows in which the far side is louder.

    A band that is never used has the lowest difference of all its rows.
    """
    band = np.arange(far_db.shape[1])
    in_order = np.where(used, far_db, np.float32(-np.inf))
    in_order.sort(axis=0)
    middle = in_order[len(used) - 1 - used.sum(axis=0) // 2, band]
    louder = used & (far_db >= middle)
    difference = near_db - far_db
    in_order = np.where(louder, difference, np.float32(np.inf))
    in_order.sort(axis=0)
    at = np.rint(quantile * np.maximum(louder.sum(axis=0) - 1, 0)).astype(np.intp)
    gain_db: Float32 = in_order[at, band]
    known = np.isfinite(gain_db)
    return gain_db if known.all() else np.where(known, gain_db, difference.min(axis=0))


def fit_echo(
    near_db: Float32,
    far_db: Float32,
    lag: int,
    *,
    near_power: Float32,
    near_floor_db: Float32,
    far_sounds: NDArray[np.bool_],
) -> EchoFit | None:
    """Measure the copy of the far side in some rows of the near side, given its lag.

    The gain of each band is the median over its louder rows; rows that stand above the prediction are the near side's
    own and are left out of a second measurement. The prediction is spread over the reverberation of a room.

    Parameters
    ----------
    near_db : ndarray of float32, shape (m, N_BANDS)
        Band levels of the near side.
    far_db : ndarray of float32, shape (k + m + 1, N_BANDS)
        Band levels of the far side from k rows earlier to one row later, with ``k >= lag + TAIL``.
    lag : int
        In rows.
    near_power : ndarray of float32, shape (m,)
        Result of `band_power` for the near side.
    near_floor_db : ndarray of float32, shape (N_BANDS,)
        Noise floor of the near side.
    far_sounds : ndarray of bool, shape (k + m + 1,)
        Result of `sounding` for the far side.

    Returns
    -------
    EchoFit or None
        None if too few rows can be compared.
    """
    n_rows = len(near_db)
    spread, direct = _far_with_tail(far_db, n_rows, lag)
    zero = len(far_db) - 1 - n_rows - lag
    on = far_sounds[zero : zero + n_rows]
    beside = on | far_sounds[zero - 1 : zero - 1 + n_rows] | far_sounds[zero + 1 : zero + 1 + n_rows]
    near_level = _level(near_power)
    spread_level = total_db(spread)
    candidate = beside & (near_level < spread_level + np.float32(_WEAKER_DB))
    if np.count_nonzero(candidate) < _FEWEST_ROWS:
        return None
    near_mean_level = _level(moving_mean(near_power, _MEAN_ROWS))
    noise = _power(near_floor_db)
    kept = candidate
    for quantile in (_FIRST_QUANTILE, 0.5):
        gain_db = _gain(near_db[kept], spread[kept], direct[kept], quantile)
        echo = _power(spread + gain_db)
        predicted = echo + noise
        predicted_power = predicted.sum(axis=1)
        predicted_mean = moving_mean(predicted_power, _MEAN_ROWS)
        excess = near_mean_level - _level(predicted_mean)
        explained = candidate & (excess < np.float32(_OWN_DB))
        kept = explained & (excess > np.float32(_NOT_THERE_DB))
        if np.count_nonzero(kept) < _FEWEST_ROWS:
            return None
    n_explained = int(np.count_nonzero(explained))
    floor_level = _level(noise.sum())
    above_noise = _level(predicted_power) - floor_level
    clear = above_noise > np.float32(_CLEAR_DB)
    cells = (_level(echo) > near_floor_db + np.float32(_CLEAR_DB)) & explained[:, None]
    n_cells = np.maximum(cells.sum(axis=0), 1)
    predicted_db = _level(predicted)
    near_apart = (near_db - (near_db * cells).sum(axis=0) / n_cells)[cells]
    predicted_apart = (predicted_db - (predicted_db * cells).sum(axis=0) / n_cells)[cells]
    compared = explained & clear
    enough = np.count_nonzero(compared) >= _FEWEST_ROWS
    on_power = _power(spread_level[on]).mean() if on.any() else np.float32(1.0)
    return EchoFit(
        gain_db=gain_db,
        level_db=float(_level(echo[on].sum(axis=1).mean() / on_power)) if on.any() else -math.inf,
        correlation=_correlation(near_apart, predicted_apart) if len(near_apart) >= _FEWEST_CELLS else 0.0,
        envelope=_correlation(near_mean_level[compared], _level(predicted_mean)[compared]) if enough else 0.0,
        share=n_explained / int(np.count_nonzero(candidate)),
        weight=min(1.0, n_explained / _ALL_ROWS),
        excess_db=excess,
        above_noise_db=above_noise,
        audible=trailing_max(beside, TAIL) & clear,
    )
