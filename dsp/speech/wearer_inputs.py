"""Compute what tells the wearer of a headset from people who talk in the same room, with the whole recording known.

All inputs are of the pairs of ticks that hold speech. Levels are relative to the wearer's loud speech in this
recording, and spectra to the wearer's mean spectrum in it; neither outlives the computation.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d, uniform_filter1d

from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS

__all__ = [
    "N_FIRST",
    "N_GROUPS",
    "N_SECOND",
    "Pairs",
    "band_groups",
    "first_inputs",
    "loud_level",
    "near_level_db",
    "second_inputs",
]

_GROUPS = (0, 4, 10, 17, N_BANDS)  # bands up to about 0.4, 1, 2 and 4 kHz
N_GROUPS = len(_GROUPS) - 1
"""Number of rows of `band_groups`."""

_QUANTILES = (0.03, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85)
N_FIRST = 14 + 2 * N_GROUPS + len(_QUANTILES) + 5
"""Number of columns of `first_inputs`."""
N_SECOND = 21
"""Number of columns of `second_inputs`."""

_SILENCE = np.float32(1e-11)  # mean square, -110 dBFS
_FAR_DB = 45.0  # all that is this far below the wearer is equally far
_LOUD_SHARE = 0.03  # the wearer's loud speech is at least this share of all speech ...
_LOUD_PAIRS = 100  # ... and at least 2 s
_BLOCK = 8  # pairs; the longest span is searched by blocks
_RUN_PAIRS = 10  # speech is one run where its gaps are shorter, 0.2 s
_SURE_ROOM = 0.3  # a pair tells of the room where the wearer is less probable than this
_PRIOR_PAIRS = 20.0  # weight of the assumption that a room is 15 dB below the wearer
_PRIOR_DB = 15.0
_PRIOR_SHAPE = 50.0  # weight, in pairs, of the assumption that the room has the wearer's spectrum


class Pairs:
    """The pairs of ticks of one side that hold speech.

    Parameters
    ----------
    speaking : ndarray of bool, shape (n,)
        Decision of the speech detector for each tick.

    Examples
    --------
    >>> pairs = Pairs(np.array([0, 0, 0, 1, 1], bool))
    >>> pairs.count, pairs.at
    (3, array([1, 2]))
    """

    def __init__(self, speaking: NDArray[np.bool_]) -> None:
        self.count = (len(speaking) + 1) // 2
        padded = np.zeros(2 * self.count, np.bool_)
        padded[: len(speaking)] = speaking
        self.at = np.flatnonzero(padded[::2] | padded[1::2])

    def means(self, ticks: Float32) -> Float32:
        """Return the mean of each pair of ticks, shape ``(count,)``."""
        last = ticks[-1:] if len(ticks) % 2 else ticks[:0]
        mean: Float32 = (ticks[::2] + np.concatenate((ticks[1::2], last))) * np.float32(0.5)
        return mean


def band_groups(bands_dbfs: Float32) -> Float32:
    """Add up the powers of neighbouring bands.

    Parameters
    ----------
    bands_dbfs : ndarray of float32, shape (m, 24)
        Levels of the bands of `dsp.speech.bands`.

    Returns
    -------
    ndarray of float32, shape (4, m)
        Mean squares.
    """
    powers = np.exp(bands_dbfs * np.float32(np.log(10) / 10))
    groups = np.empty((N_GROUPS, len(powers)), np.float32)
    for row, (first, last) in enumerate(pairwise(_GROUPS)):
        groups[row] = powers[:, first]
        for band in range(first + 1, last):
            groups[row] += powers[:, band]
    return groups


def loud_level(level: Float32) -> float:
    """Return the level that the loudest 3 % of all speech reach, but at least 2 s of it."""
    n = len(level)
    rank = n - 1 - min(max(_LOUD_PAIRS, int(_LOUD_SHARE * n)), n // 3)
    return float(np.partition(level, rank)[rank])


def _two_groups(level: Float32) -> tuple[float, float, float]:
    """Divide levels into two groups; return the level between them, how far they are apart, and the lower one's share.

    The level is the one with the least scatter within the groups (Otsu 1979). The distance is the share of the variance
    that lies between the groups: 0.64 for a normal distribution, 1 for two single values.
    """
    edges = np.linspace(-_FAR_DB, 10, 56)
    counts = np.bincount(np.clip((level + _FAR_DB).astype(np.int64), 0, 54), minlength=55)
    middles = (edges[1:] + edges[:-1]) / 2
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * middles)
    total, mean = len(level), sums[-1] / len(level)
    above = np.maximum(total - below, 1)
    difference = sums[:-1] / np.maximum(below, 1) - (sums[-1] - sums[:-1]) / above
    between = below * (total - below) * difference**2 / total**2
    best = int(np.argmax(between))
    variance = float((counts * (middles - mean) ** 2).sum()) / total
    return float(edges[best + 1]), float(between[best]) / max(variance, 1e-3), float(below[best]) / total


def _db(power: Float32) -> Float32:
    level: Float32 = np.log(np.maximum(power, _SILENCE)) * np.float32(10 / np.log(10))
    return level


def _loudest_by_blocks(level: Float32, n_pairs: int) -> Float32:
    """Return the maximum over a span, in steps of a block."""
    n_blocks = -(-len(level) // _BLOCK)
    padded = np.full(n_blocks * _BLOCK, -_FAR_DB, np.float32)
    padded[: len(level)] = level
    peaks = maximum_filter1d(padded.reshape(-1, _BLOCK).max(axis=1), n_pairs // _BLOCK | 1)
    return np.repeat(peaks, _BLOCK)[: len(level)]


def first_inputs(pairs: Pairs, power: Float32, noise: Float32, probability: Float32, groups: Float32) -> Float32:
    """Compute the inputs of the first network: each pair of ticks with speech, and the speech of the whole recording.

    Parameters
    ----------
    pairs : Pairs
        Of n ticks; at least one holds speech.
    power, noise : ndarray of float32, shape (n,)
        Mean square of each tick and of the noise in it.
    probability : ndarray of float32, shape (n,)
        Of speech.
    groups : ndarray of float32, shape (4, m)
        `band_groups` of every second tick.

    Returns
    -------
    ndarray of float32, shape (k, N_FIRST)
        Levels in tens of decibels.
    """
    at = pairs.at
    level = _db(uniform_filter1d(pairs.means(power), 3))
    wearer = np.float32(loud_level(maximum_filter1d(level, 11)[at]))
    level = np.maximum(level - wearer, np.float32(-_FAR_DB))
    loudest = {n: maximum_filter1d(level, n) for n in (11, 31, 101)}
    widely = loudest[31][at]
    between, apart, share = _two_groups(widely)
    slow = uniform_filter1d(level, 31)
    depth = np.sqrt(np.maximum(uniform_filter1d(level * level, 31) - slow * slow, 0))
    spoken = pairs.means(probability)
    columns = (
        level,
        *loudest.values(),
        _loudest_by_blocks(level, 400),
        maximum_filter1d(level, 15, origin=7),  # of the next 0.3 s
        maximum_filter1d(level, 15, origin=-7),  # of the last 0.3 s
        uniform_filter1d(level, 25),
        depth,
        _db(pairs.means(noise)) - wearer,
        10 * uniform_filter1d(spoken, 11),
        10 * uniform_filter1d(spoken, 51),
        loudest[11] - np.float32(between),
        loudest[31] - np.float32(between),
    )
    inputs = np.empty((N_FIRST, len(at)), np.float32)
    for row, column in enumerate(columns):
        inputs[row] = column[at]
    row = len(columns)
    loud = inputs[1] > -8
    for span in (9, 51):
        shape = _db(uniform_filter1d(groups, span, axis=1)[:, at])
        shape -= shape.mean(axis=0)
        shape -= shape[:, loud].mean(axis=1, keepdims=True)
        inputs[row : row + N_GROUPS] = np.clip(shape, -25, 25)
        row += N_GROUPS
    in_order = np.sort(widely)
    whole = [float(in_order[int(q * (len(at) - 1))]) for q in _QUANTILES]
    whole += [20 * len(at) / pairs.count, 20 * float((inputs[3] < -9).mean()), between, 20 * apart, 20 * share]
    inputs[row:] = np.array(whole, np.float32)[:, None]
    inputs *= np.float32(0.1)
    return np.ascontiguousarray(inputs.T)


def near_level_db(first: Float32) -> Float32:
    """Return the loudest level within 0.1 s of each pair relative to the wearer's loud speech, from `first_inputs`."""
    level: Float32 = first[:, 1] * np.float32(10)
    return level


def second_inputs(pairs: Pairs, first: Float32, logit: Float32) -> Float32:
    """Compute the inputs of the second network: what the first one says around each pair, and of the whole recording.

    Parameters
    ----------
    pairs : Pairs
        As for `first_inputs`.
    first : ndarray of float32, shape (k, N_FIRST)
        The inputs of the first network.
    logit : ndarray of float32, shape (k,)
        Its output: above 0 for the wearer.

    Returns
    -------
    ndarray of float32, shape (k, N_SECOND)
    """
    at = pairs.at
    logit = np.clip(logit, -8, 8)
    wearer: Float32 = np.float32(1) / (np.float32(1) + np.exp(-logit))
    room: Float32 = 1 - wearer
    said, present = np.zeros((2, pairs.count), np.float32)
    said[at], present[at] = logit, 1
    rows: list[Float32] = [logit]
    for n in (11, 25, 75, 501):
        rows.append(uniform_filter1d(said, n)[at] / np.maximum(uniform_filter1d(present, n)[at], np.float32(1e-3)))
    rows.append(maximum_filter1d(np.where(present > 0, said, np.float32(-8)), 31)[at])
    rows.append(minimum_filter1d(np.where(present > 0, said, np.float32(8)), 31)[at])
    run = np.cumsum(np.diff(at, prepend=at[0]) > _RUN_PAIRS)
    pairs_of_run = np.bincount(run)
    mean_of_run = (np.bincount(run, logit) / pairs_of_run).astype(np.float32)
    rows.append(mean_of_run[run])
    rows.append(np.log(np.minimum(pairs_of_run / 50, 10) + 0.1).astype(np.float32)[run])
    near = near_level_db(first)
    wide: Float32 = np.float32(10) * first[:, 2]
    middle, scatter = _mean_and_scatter(wide, wearer, 0.0, 0.0, 0.0)
    sure: Float32 = np.where(wearer < _SURE_ROOM, room, np.float32(0))
    room_middle, room_scatter = _mean_and_scatter(wide, sure, _PRIOR_PAIRS, middle - _PRIOR_DB, 9.0)
    for level, mean in ((near, room_middle), (near, middle), (wide, room_middle)):
        rows.append((level - np.float32(mean)) * np.float32(0.1))
    for column in (14, 14 + N_GROUPS):
        rows.append(_likelier_spectrum(first[:, column : column + N_GROUPS], wearer, sure))
    whole = (
        2 * float(np.count_nonzero(sure)) / len(at),
        np.log(np.count_nonzero(sure) / 50 + 1),
        (middle - room_middle) / 10,
        scatter / 10,
        room_scatter / 10,
        4 * float((room * wearer).mean()),
        np.log(float((mean_of_run < 0) @ np.minimum(pairs_of_run, 500)) / 50 + 1),
    )
    inputs = np.empty((N_SECOND, len(at)), np.float32)
    for number, row in enumerate(rows):
        inputs[number] = row
    inputs[len(rows) :] = np.array(whole, np.float32)[:, None]
    return np.ascontiguousarray(inputs.T)


def _mean_and_scatter(
    level: Float32, weight: Float32, prior: float, prior_mean: float, prior_variance: float
) -> tuple[float, float]:
    total = float(weight.sum()) + prior + 1e-3
    mean = (float(level @ weight) + prior * prior_mean) / total
    variance = (float(np.square(level - np.float32(mean)) @ weight) + prior * prior_variance) / total
    return mean, float(np.sqrt(variance))


def _likelier_spectrum(shape: Float32, wearer: Float32, room: Float32) -> Float32:
    """Return how much likelier a spectrum is the wearer's than the room's, as the logarithm of the ratio."""
    total = float(wearer.sum()) + 1e-3
    own = wearer @ shape / np.float32(total)
    others = (room @ shape + np.float32(_PRIOR_SHAPE) * own) / np.float32(room.sum() + _PRIOR_SHAPE)
    from_own = np.square(shape - own)
    variance = wearer @ from_own / np.float32(total) + np.float32(0.04)
    ratio: Float32 = ((np.square(shape - others) - from_own) / (2 * variance)).sum(axis=1)
    return np.clip(ratio, -6, 6)
