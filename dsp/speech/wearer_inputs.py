"""Compute what tells the wearer of a headset from people who talk in the same room, with the whole recording known.

All inputs are of the pairs of ticks that hold speech. Levels are relative to the wearer's loud speech in this
recording, and spectra to the wearer's mean spectrum in it; neither outlives the computation.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS

__all__ = [
    "N_FIRST",
    "N_GROUPS",
    "N_SECOND",
    "FirstInputs",
    "Pairs",
    "SecondInputs",
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
_PIECE = 8192  # pairs that are worked at a time: a multiple of the blocks
_BESIDE = 64  # pairs beside a piece that its inputs reach to, and ...
_FAR_BESIDE = 256  # ... those of the second network
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
    (3, array([1, 2], dtype=int32))
    """

    def __init__(self, speaking: NDArray[np.bool_]) -> None:
        self.count = (len(speaking) + 1) // 2
        spoken = speaking[::2].copy()
        spoken[: len(speaking) // 2] |= speaking[1::2]
        self.at = np.flatnonzero(spoken).astype(np.int32)

    def means(self, ticks: Float32) -> Float32:
        """Return the mean of each pair of ticks, shape ``(count,)``."""
        last = ticks[-1:] if len(ticks) % 2 else ticks[:0]
        mean: Float32 = (ticks[::2] + np.concatenate((ticks[1::2], last))) * np.float32(0.5)
        return mean

    def within(self, first: int, last: int) -> slice:
        """Return which of the pairs with speech lie in the pairs ``[first, last)``."""
        edges = np.array((first, last), self.at.dtype)  # of another type, all of `at` would be converted each time
        return slice(*np.searchsorted(self.at, edges).tolist())

    def pieces(self) -> Iterator[tuple[int, int, slice]]:
        """Yield the pairs piece by piece, ``[first, last)``, and which of those with speech lie in it, if any do."""
        for first in range(0, self.count, _PIECE):
            last = min(first + _PIECE, self.count)
            spoken = self.within(first, last)
            if spoken.start < spoken.stop:
                yield first, last, spoken


def band_groups(powers: Float32) -> Float32:
    """Add up the powers of neighbouring bands.

    Parameters
    ----------
    powers : ndarray of float32, shape (m, 24)
        Mean squares of the bands of `dsp.speech.bands`.

    Returns
    -------
    ndarray of float32, shape (4, m)
        Mean squares.
    """
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


def _with_mirrored_ends(
    read: Callable[[int, int], Float32], first: int, last: int, *, count: int, beside: int
) -> Float32:
    """Return what is read of pairs ``[first, last)`` and of those beside; beyond both ends stands the mirror image."""
    begin, end = max(first - beside, 0), min(last + beside, count)
    found = read(begin, end)
    missing = begin - (first - beside), last + beside - end
    if missing == (0, 0):
        return found
    return np.pad(found, ((0, 0),) * (found.ndim - 1) + (missing,), mode="symmetric")


def _means_around(x: Float32, n_pairs: int, beside: int) -> Float32:
    """Return the mean of the `n_pairs` values around each, an odd number, but for `beside` values at both ends."""
    cut = beside - n_pairs // 2
    x = x[..., cut : x.shape[-1] - cut]
    sums = np.empty((*x.shape[:-1], x.shape[-1] - n_pairs + 1))
    x[..., :n_pairs].sum(axis=-1, dtype=np.float64, out=sums[..., 0])
    # As a running sum of differences: in a difference of running sums what is faint would be lost behind what is loud.
    np.subtract(x[..., n_pairs:], x[..., :-n_pairs], dtype=np.float64, out=sums[..., 1:])
    np.cumsum(sums, axis=-1, out=sums)
    sums /= n_pairs
    return sums.astype(np.float32)


def _greatest(x: Float32, n_pairs: int, begin: int, length: int) -> Float32:
    """Return the greatest of each run of `n_pairs` values, of `length` runs of which the first begins at `begin`."""
    width = 1
    x = x[begin : begin + length + n_pairs - 1]
    while width < n_pairs:
        step = min(width, n_pairs - width)
        x = np.maximum(x[step:], x[:-step])
        width += step
    return x


class FirstInputs:
    """The inputs of the first network, for some pairs at a time: whole recordings would take much memory.

    Parameters
    ----------
    pairs : Pairs
        Of n ticks; at least one holds speech.
    power, noise, probability : callable
        Give the mean over each pair of ticks ``[first, last)`` of the mean square, of that of the noise, and of the
        probability of speech.
    groups : callable
        Gives `band_groups` of the first ticks of pairs ``[first, last)``, shape ``(4, last - first)``.
    """

    def __init__(
        self,
        pairs: Pairs,
        *,
        power: Callable[[int, int], Float32],
        noise: Callable[[int, int], Float32],
        probability: Callable[[int, int], Float32],
        groups: Callable[[int, int], Float32],
    ) -> None:
        self._pairs, self._noise, self._probability, self._groups = pairs, noise, probability, groups
        n = pairs.count
        level = np.empty(n, np.float32)
        for first in range(0, n, _PIECE):
            last = min(first + _PIECE, n)
            level[first:last] = _db(_means_around(_with_mirrored_ends(power, first, last, count=n, beside=1), 3, 1))
        self._level = level
        near, widely = (self._loudest(n_pairs) for n_pairs in (11, 31))
        self._wearer = np.float32(loud_level(near))
        for some in (level, near, widely):
            some -= self._wearer
            np.maximum(some, np.float32(-_FAR_DB), out=some)
        self.near = near
        """Loudest level within 0.1 s of each pair with speech relative to the wearer's loud speech, dB."""
        self.widely = widely
        """The same within 0.3 s."""
        self._between, apart, share = _two_groups(self.widely)
        n_blocks = -(-n // _BLOCK)
        padded = np.full(n_blocks * _BLOCK, -_FAR_DB, np.float32)
        padded[:n] = level
        beside = 400 // _BLOCK // 2
        peaks = np.pad(padded.reshape(-1, _BLOCK).max(axis=1), beside, constant_values=-_FAR_DB)
        self._peaks = _greatest(peaks, 2 * beside + 1, 0, n_blocks)  # of blocks
        del padded
        k = len(pairs.at)
        ranks = [int(q * (k - 1)) for q in _QUANTILES]
        in_order = np.partition(self.widely, ranks)
        self._whole = [float(in_order[rank]) for rank in ranks]
        del in_order
        quiet = self._loudest(101) < np.float32(-9)
        self._whole += [20 * k / n, 20 * float(quiet.mean()), self._between, 20 * apart, 20 * share]
        self.shapes = np.empty((2 * N_GROUPS, k), np.float32)
        """Spectra around each pair with speech, over two spans, less the wearer's usual one, in tens of dB."""
        for piece in pairs.pieces():
            self._add_shapes(*piece)
        loud = self.near > -8
        for row in self.shapes:
            row -= row[loud].mean()
            row *= np.float32(0.1)
            np.clip(row, np.float32(-2.5), np.float32(2.5), out=row)

    def _read_level(self, first: int, last: int) -> Float32:
        return self._level[first:last]

    def _around(self, read: Callable[[int, int], Float32], first: int, last: int) -> Float32:
        return _with_mirrored_ends(read, first, last, count=self._pairs.count, beside=_BESIDE)

    def _loudest(self, n_pairs: int) -> Float32:
        """Return the greatest level around each pair with speech."""
        found = np.empty(len(self._pairs.at), np.float32)
        for first, last, spoken in self._pairs.pieces():
            level = self._around(self._read_level, first, last)
            greatest = _greatest(level, n_pairs, _BESIDE - n_pairs // 2, last - first)
            found[spoken] = greatest[self._pairs.at[spoken] - first]
        return found

    def _add_shapes(self, first: int, last: int, spoken: slice) -> None:
        groups = self._around(self._groups, first, last)
        for number, span in enumerate((9, 51)):
            shape = _db(_means_around(groups, span, _BESIDE)[:, self._pairs.at[spoken] - first])
            shape -= shape.mean(axis=0)
            self.shapes[number * N_GROUPS : (number + 1) * N_GROUPS, spoken] = shape

    def rows(self, first: int, last: int, spoken: slice) -> Float32:
        """Return the inputs of a piece of `Pairs.pieces`, shape ``(m, N_FIRST)``; levels are in tens of decibels."""
        here = self._pairs.at[spoken] - first
        level = self._around(self._read_level, first, last)
        slow = _means_around(level, 31, _BESIDE)
        depth = np.sqrt(np.maximum(_means_around(level * level, 31, _BESIDE) - slow * slow, 0))
        spoken_share = self._around(self._probability, first, last)
        near, widely = self.near[spoken], self.widely[spoken]
        length = last - first
        columns = (
            level[_BESIDE : _BESIDE + length][here],
            near,
            widely,
            _greatest(level, 101, _BESIDE - 50, length)[here],
            self._peaks[(first + here) // _BLOCK],
            _greatest(level, 15, _BESIDE - 14, length)[here],  # of the last 0.3 s
            _greatest(level, 15, _BESIDE, length)[here],  # of the next 0.3 s
            _means_around(level, 25, _BESIDE)[here],
            depth[here],
            _db(self._noise(first, last)[here]) - self._wearer,
            10 * _means_around(spoken_share, 11, _BESIDE)[here],
            10 * _means_around(spoken_share, 51, _BESIDE)[here],
            near - np.float32(self._between),
            widely - np.float32(self._between),
        )
        inputs = np.empty((N_FIRST, len(here)), np.float32)
        for row, column in enumerate(columns):
            inputs[row] = column
        row = len(columns)
        inputs[:row] *= np.float32(0.1)
        inputs[row : row + 2 * N_GROUPS] = self.shapes[:, spoken]
        inputs[row + 2 * N_GROUPS :] = np.array(self._whole, np.float32)[:, None] * np.float32(0.1)
        return np.ascontiguousarray(inputs.T)


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

    def of_pairs(ticks: Float32) -> Callable[[int, int], Float32]:
        means = pairs.means(ticks)
        return lambda first, last: means[first:last]

    inputs = FirstInputs(
        pairs,
        power=of_pairs(power),
        noise=of_pairs(noise),
        probability=of_pairs(probability),
        groups=lambda first, last: groups[:, first:last],
    )
    return np.concatenate([inputs.rows(*piece) for piece in pairs.pieces()])


def near_level_db(first: Float32) -> Float32:
    """Return the loudest level within 0.1 s of each pair relative to the wearer's loud speech, from `first_inputs`."""
    level: Float32 = first[:, 1] * np.float32(10)
    return level


class SecondInputs:
    """The inputs of the second network, for some pairs at a time.

    Parameters
    ----------
    pairs : Pairs
        As for `FirstInputs`.
    near, widely : ndarray of float32, shape (k,)
        Of `FirstInputs`.
    shapes : ndarray of float32, shape (8, k)
        Of `FirstInputs`.
    logit : ndarray of float32, shape (k,)
        Output of the first network: above 0 for the wearer.
    """

    def __init__(self, pairs: Pairs, near: Float32, widely: Float32, shapes: Float32, logit: Float32) -> None:
        self._pairs, self._near, self._widely, self._shapes = pairs, near, widely, shapes
        at = pairs.at
        self._logit = logit = np.clip(logit, np.float32(-8), np.float32(8))
        wearer: Float32 = np.exp(-logit)
        wearer += 1
        np.divide(1, wearer, out=wearer)
        room: Float32 = 1 - wearer
        self._run = np.cumsum(np.diff(at, prepend=at[0]) > _RUN_PAIRS, dtype=np.int32)
        pairs_of_run = np.bincount(self._run)
        self._mean_of_run = (np.bincount(self._run, logit) / pairs_of_run).astype(np.float32)
        self._length_of_run = np.log(np.minimum(pairs_of_run / 50, 10) + 0.1).astype(np.float32)
        middle, scatter = _mean_and_scatter(widely, wearer, 0.0, 0.0, 0.0)
        sure: Float32 = np.where(wearer < _SURE_ROOM, room, np.float32(0))
        room_middle, room_scatter = _mean_and_scatter(widely, sure, _PRIOR_PAIRS, middle - _PRIOR_DB, 9.0)
        self._middle, self._room_middle = middle, room_middle
        n_sure = np.count_nonzero(sure)
        room *= wearer
        between = float(room.mean())
        del room
        whole = (
            2 * float(n_sure) / len(at),
            np.log(n_sure / 50 + 1),
            (middle - room_middle) / 10,
            scatter / 10,
            room_scatter / 10,
            4 * between,
            np.log(float((self._mean_of_run < 0) @ np.minimum(pairs_of_run, 500)) / 50 + 1),
        )
        self._whole = np.array(whole, np.float32)
        own, squares, others = np.zeros((3, 2 * N_GROUPS))
        for _, _, spoken in pairs.pieces():
            shape = shapes[:, spoken]
            own += shape @ wearer[spoken]
            squares += np.square(shape) @ wearer[spoken]
            others += shape @ sure[spoken]
        total = float(wearer.sum()) + 1e-3
        mean = own / total
        others = (others + _PRIOR_SHAPE * mean) / float(sure.sum() + _PRIOR_SHAPE)
        variance = (squares - 2 * mean * own + np.square(mean) * (total - 1e-3)) / total + 0.04
        self._own, self._others, self._variance = (x.astype(np.float32)[:, None] for x in (mean, others, variance))

    def rows(self, first: int, last: int, spoken: slice) -> Float32:
        """Return the inputs of a piece of `Pairs.pieces`, shape ``(m, N_SECOND)``."""
        at = self._pairs.at
        here = at[spoken] - first
        beside = self._pairs.within(first - _FAR_BESIDE, last + _FAR_BESIDE)
        known = max(first - _FAR_BESIDE, 0)
        said, present = np.zeros((2, min(last + _FAR_BESIDE, self._pairs.count) - known), np.float32)
        said[at[beside] - known], present[at[beside] - known] = self._logit[beside], 1

        def around(x: Float32) -> Float32:
            count = self._pairs.count
            return _with_mirrored_ends(
                lambda a, b: x[a - known : b - known], first, last, count=count, beside=_FAR_BESIDE
            )

        said, present = around(said), around(present)
        inputs = np.empty((N_SECOND, len(here)), np.float32)
        inputs[0] = self._logit[spoken]
        for row, n_pairs in enumerate((11, 25, 75, 501), 1):
            share = _means_around(present, n_pairs, _FAR_BESIDE)[here]
            inputs[row] = _means_around(said, n_pairs, _FAR_BESIDE)[here] / np.maximum(share, np.float32(1e-3))
        begin, length = _FAR_BESIDE - 15, last - first
        inputs[5] = _greatest(np.where(present > 0, said, np.float32(-8)), 31, begin, length)[here]
        inputs[6] = -_greatest(np.where(present > 0, -said, np.float32(-8)), 31, begin, length)[here]
        run = self._run[spoken]
        inputs[7], inputs[8] = self._mean_of_run[run], self._length_of_run[run]
        near, widely = self._near[spoken], self._widely[spoken]
        for row, (level, mean) in enumerate(
            ((near, self._room_middle), (near, self._middle), (widely, self._room_middle)), 9
        ):
            inputs[row] = (level - np.float32(mean)) * np.float32(0.1)
        # How much likelier each spectrum is the wearer's than the room's, as the logarithm of the ratio.
        shape = self._shapes[:, spoken]
        ratio = (np.square(shape - self._others) - np.square(shape - self._own)) / (2 * self._variance)
        inputs[12] = ratio[:N_GROUPS].sum(axis=0)
        inputs[13] = ratio[N_GROUPS:].sum(axis=0)
        np.clip(inputs[12:14], -6, 6, out=inputs[12:14])
        inputs[14:] = self._whole[:, None]
        return np.ascontiguousarray(inputs.T)


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
    shapes = np.ascontiguousarray(first[:, 14 : 14 + 2 * N_GROUPS].T)
    widely: Float32 = first[:, 2] * np.float32(10)
    inputs = SecondInputs(pairs, near_level_db(first), widely, shapes, logit)
    return np.concatenate([inputs.rows(*piece) for piece in pairs.pieces()])


def _mean_and_scatter(
    level: Float32, weight: Float32, prior: float, prior_mean: float, prior_variance: float
) -> tuple[float, float]:
    total = float(weight.sum()) + prior + 1e-3
    mean = (float(level @ weight) + prior * prior_mean) / total
    variance = (float(np.square(level - np.float32(mean)) @ weight) + prior * prior_variance) / total
    return mean, float(np.sqrt(variance))
