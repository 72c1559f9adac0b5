"""Find by how much the two sides of a recording are out of step, from turn-taking: people rarely talk at once for long.

Where both sides were recorded by one clock, the overlap of their talk is small and grows when one side is shifted by
seconds. Where one side is seconds late, drifts, or lacks sound, the overlap is what chance gives, and one shift makes
it small. Two models are tried: a shift with a drift through the whole call, and a shift from one instant on.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.runs import mask_of, runs_of
from cxaudio.model.events import Side
from cxaudio.model.timebase import TICKS_PER_SECOND

__all__ = ["LEAST_SHIFT_S", "OutOfStep", "find_out_of_step"]

Bins = NDArray[np.float64]

_BIN = 5  # ticks: 50 ms
_BINS_PER_SECOND = TICKS_PER_SECOND // _BIN
_SHORT = TICKS_PER_SECOND  # ticks: shorter talk may be a sign of listening, which overlaps in every call
_BRIDGE = 30  # ticks: pauses inside talk
_WINDOW = 5 * _BINS_PER_SECOND
_AT_ONCE = 64  # windows of which the spectra are in memory at a time
_MOST = 12 * _BINS_PER_SECOND  # largest shift looked for
_SLOPES = np.arange(-20, 21) / 1000  # drifts looked for
_DRIFT_COST_S = 2.0  # overlap that a drift must save more than a mere shift
LEAST_SHIFT_S = 0.7
"""A smaller shift changes no figure much and cannot be distinguished from a habit of two people."""

# A false alarm costs all two-sided figures. With these limits 988 pairs of speakers of meetings (AMI, 180 s each, where
# others talk, too) draw none; shifted by 8 s a fifth of them is found.
_CHANCE = 0.5  # of the overlap that chance gives: as much must there be as recorded ...
_LEFT = 0.4  # ... and at most this share of it may be left at the shift
_SAVED_S = 8.0  # overlap that the shift must save
_CHANCE_S = 16.0  # overlap by chance, from which on a shift is no luck
# Where the lengths of two files say how much is missing, one shift is looked for and not hundreds. One pair in
# a hundred of the same meetings draws a false alarm then, if its files differ by 1.5 to 6 s at the end.
_KNOWN_CHANCE, _KNOWN_LEFT, _KNOWN_SAVED_S, _KNOWN_CHANCE_S = 0.2, 0.3, 3.0, 2.0
_KNOWN_WITHIN = 6  # bins about the difference in length
_COPY = 0.85  # share of a side's talk during the other's as recorded: the same sound on both, and no dialogue
_SEEN_IN_STEP = 6  # windows in step before a jump, from which on they count


class OutOfStep(NamedTuple):
    """A stretch of ticks ``[first, last)`` in which the customer's side is late by `shift_s` (negative: early)."""

    first: int
    last: int
    shift_s: float


class _Fit(NamedTuple):
    """A model's shift: at the end, and where it sets in; overlaps over that part of the call, in seconds."""

    first: int  # window
    shift: float  # bins, the largest
    recorded: float
    left: float
    chance: float


def find_out_of_step(
    speaking: NDArray[np.bool_], recorded: NDArray[np.bool_], *, missing_s: float | None = None
) -> OutOfStep | None:
    """Find where the sides are out of step.

    Parameters
    ----------
    speaking : ndarray of bool, shape (2, n)
        Ticks in which each side talks, echoes and line sounds taken out.
    recorded : ndarray of bool, shape (2, n)
        Ticks in which each side has sound of its own, outside holds.
    missing_s : float, optional
        By how much the agent's file is shorter than the customer's (negative: longer), where the source knows that.

    Returns
    -------
    OutOfStep or None
        None where the sides are in step, or it cannot be told.
    """
    n_ticks = speaking.shape[1]
    n_bins = n_ticks // _BIN
    if n_bins < 2 * _WINDOW:
        return None
    talk = np.stack([_binned(_long_talk(speaking[side] & recorded[side]), n_bins) for side in Side])
    there = _binned(recorded[0] & recorded[1], n_bins)
    if not talk.any(axis=1).all():
        return None
    cost, chance = _overlaps(talk, there)
    if cost[:, _MOST].sum() > _COPY * min(talk[side].sum() for side in Side) / _BINS_PER_SECOND:
        return None
    known = None if missing_s is None else round(missing_s * _BINS_PER_SECOND)
    if known is not None and LEAST_SHIFT_S <= abs(missing_s or 0.0) and abs(known) <= _MOST - _KNOWN_WITHIN:
        shifts = np.arange(known - _KNOWN_WITHIN, known + _KNOWN_WITHIN + 1)
        slopes = np.array([known / n_bins])
        limits = _KNOWN_CHANCE, _KNOWN_LEFT, _KNOWN_SAVED_S, _KNOWN_CHANCE_S
        fits = [_jump(cost, chance, shifts), _line(cost, chance, np.zeros(1, np.int64), slopes)]
    else:
        every = np.arange(-_MOST, _MOST + 1)
        limits = _CHANCE, _LEFT, _SAVED_S, _CHANCE_S
        fits = [_jump(cost, chance, every), _line(cost, chance, every, _SLOPES)]
    fit = max(fits, key=lambda fit: fit.recorded - fit.left)
    share, left, saved_s, chance_s = limits
    if (
        abs(fit.shift) < LEAST_SHIFT_S * _BINS_PER_SECOND
        or fit.chance < chance_s
        or fit.recorded < share * fit.chance
        or fit.left > left * fit.recorded
        or fit.recorded - fit.left < saved_s
    ):
        return None
    first = max(fit.first - 1, 0)  # the instant is not known more closely
    return OutOfStep(first * _WINDOW * _BIN if first >= _SEEN_IN_STEP else 0, n_ticks, fit.shift / _BINS_PER_SECOND)


def _long_talk(speaking: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the talk without short pauses and without what is short itself."""
    pauses = runs_of(~speaking)
    talk = speaking | mask_of(pauses[pauses[:, 1] - pauses[:, 0] <= _BRIDGE], len(speaking))
    return mask_of(runs_of(talk, _SHORT), len(talk))


def _binned(mask: NDArray[np.bool_], n_bins: int) -> Bins:
    share: Bins = mask[: n_bins * _BIN].reshape(n_bins, _BIN).mean(axis=1, dtype=np.float64)
    return share


def _overlaps(talk: Bins, there: Bins) -> tuple[Bins, Bins]:
    """Return the overlap of each window at each shift of the customer's side, and that which chance gives, in seconds.

    Where the shifted side has no sound it counts as talking as much as it usually does.
    """
    n_bins = talk.shape[1]
    n_windows = -(-n_bins // _WINDOW)
    short = n_windows * _WINDOW - n_bins
    usual = talk[Side.CUSTOMER].sum() / max(there.sum(), 1.0)
    other = np.where(there > 0, talk[Side.CUSTOMER], usual)
    other = np.pad(other, (_MOST, _MOST + short), constant_values=usual)
    own = np.pad(talk[Side.AGENT] * there, (0, short)).reshape(n_windows, _WINDOW)
    pieces = np.lib.stride_tricks.sliding_window_view(other, _WINDOW + 2 * _MOST)[::_WINDOW]
    size = 1 << int(np.ceil(np.log2(2 * _WINDOW + 2 * _MOST)))
    cost = np.empty((n_windows, 2 * _MOST + 1))
    for first in range(0, n_windows, _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        spectrum = np.fft.rfft(pieces[some], size, axis=1) * np.conj(np.fft.rfft(own[some], size, axis=1))
        np.maximum(np.fft.irfft(spectrum, size, axis=1)[:, : 2 * _MOST + 1], 0.0, out=cost[some])
    cost /= _BINS_PER_SECOND
    return cost, own.sum(axis=1) * usual / _BINS_PER_SECOND


def _jump(cost: Bins, chance: Bins, shifts: NDArray[np.int64]) -> _Fit:
    """Return the shift, and the window from which on it holds, that save most overlap."""
    at, penalty = shifts + _MOST, 1e-6 * np.abs(shifts)
    behind = np.zeros(cost.shape[1])  # overlap at each shift from a window on
    best, most = _Fit(0, 0.0, 0.0, 0.0, 0.0), -np.inf
    for first in range(len(cost) - 1, -1, -1):
        behind += cost[first]
        left = behind[at]
        saved = behind[_MOST] - left - penalty
        k = int(saved.argmax())
        if saved[k] >= most:
            most = saved[k]
            best = _Fit(first, float(shifts[k]), float(behind[_MOST]), float(left[k]), 0.0)
    return best._replace(chance=float(chance[best.first :].sum()))


def _line(cost: Bins, chance: Bins, shifts: NDArray[np.int64], slopes: Bins) -> _Fit:
    """Return the shift at the beginning, of consecutive ones, and the drift that leave the least overlap."""
    middles = (np.arange(len(cost)) + 0.5) * _WINDOW
    moved = np.rint(slopes[:, None] * middles).astype(np.int64)
    # Each window once, at all slopes: beyond the largest shift there is what is usual, however far beyond.
    n = len(shifts)
    at = np.clip(int(shifts[0]) + moved + _MOST + n, 0, n + cost.shape[1])
    row = np.empty(cost.shape[1] + 2 * n)
    shifted = np.lib.stride_tricks.sliding_window_view(row, n)
    left = np.zeros((len(slopes), n))
    for window, usual, begin in zip(cost, chance, at.T, strict=True):
        row.fill(usual)
        row[n:-n] = window
        left += shifted[begin]
    recorded = float(cost[:, _MOST].sum())
    best = _Fit(0, 0.0, recorded, recorded, float(chance.sum()))
    penalty = 0.0
    for slope, overlap, moves in zip(slopes, left, moved, strict=True):
        k = int(np.argmin(overlap + 1e-6 * np.abs(shifts)))
        extra = _DRIFT_COST_S if slope else 0.0
        if overlap[k] + extra < best.left + penalty:
            ends = shifts[k], shifts[k] + moves[-1]
            penalty = extra
            best = best._replace(shift=float(max(ends, key=abs)), left=float(overlap[k]))
    return best
