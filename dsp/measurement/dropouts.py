"""Find drop-outs of a recording: sound replaced by zeros, one value or a repeat, or missing against a reference.

Losses that were concealed by repeating the last pitch period (G.711 appendix I) are found as repeats. Better
concealment leaves no such trace and is not found. Samples left out without a gap are not found either. (A jump of the
waveform is no proof: above six standard deviations of the local slope there are 24 in 6.6 s of clean speech of the
ITU-T Software Tool Library, voice.src, and 67 in 6 s of its fullband American speech.)
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64
from dsp.measurement.level_p56 import active_level

__all__ = ["DropOut", "DropOuts", "find_dropouts", "find_lost"]

Kind = Literal["zeros", "held", "repeat", "lost"]

_SHORTEST_S = 0.004
_LONGEST_S = 0.5  # longer is a mute or a gate
_ANYWHERE_S = 0.06  # up to this long also in a pause: packets are 10 to 60 ms, a gate stays closed for longer
_BESIDE_S = 0.02
_REPEAT_LAG_S = (0.005, 0.1)  # a shorter lag is the signal's own period, a longer one is longer than a buffer
_LEAST_RMS = 2 / 32768  # weaker sound is rounded to zeros in 16 bits anyway
_ACTIVE_DB = 20.0  # below the active level: speech
_TIMES_LONGER = 3  # than the longest run of one value beside
_BY_CHANCE = 1e-6  # runs in a whole recording
_AT_ONCE = 1 << 19

_WINDOW_S, _HOP_S = 0.005, 0.001
_LOST_DB = 25.0
_BELOW_DB = 20.0


@dataclass(frozen=True, slots=True)
class DropOut:
    """One stretch in which sound is missing."""

    start: int  # sample
    length: int  # samples
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOuts:
    """All drop-outs of a recording."""

    bursts: tuple[DropOut, ...]
    duration_s: float  # of the recording
    sample_rate: int

    @property
    def total_s(self) -> float:
        """Total length of the drop-outs, s."""
        return sum(each.length for each in self.bursts) / self.sample_rate


def _runs(there: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return begin and end of each run of True, shape (k, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False]))))
    return edges.reshape(-1, 2)


def _rms_beside(x: Float64, start: int, end: int, length: int) -> tuple[float, float]:
    """Compute the root mean square about the mean, before and after a stretch; 0 where there are no samples."""
    before, behind = x[max(0, start - length) : start], x[end : end + length]
    return (float(before.std()) if len(before) else 0.0, float(behind.std()) if len(behind) else 0.0)


def _stays_by_chance(x: Float64, start: int, end: int, length: int) -> bool:
    """Tell whether sound as weak as that beside a stretch may stay at one value for so long.

    Weak noise of a line has only a few values. What the samples beside do, the stretch may do: so often does each equal
    the one before it, and so long they stayed.
    """
    equal = [np.diff(x[max(0, start - length) : start]) == 0, np.diff(x[end : end + length]) == 0]
    share = (sum(int(each.sum()) for each in equal) + 1) / (sum(map(len, equal)) + 2)
    longest = max(int(np.diff(_runs(each)).max(initial=0)) for each in equal)
    n_equal = end - start - 1
    return bool(n_equal < _TIMES_LONGER * longest or len(x) * share**n_equal > _BY_CHANCE)


def _held(x: Float64, shortest: int) -> list[DropOut]:
    """Find runs of one value that are not the flat top of a clipped wave."""
    top = 0.98 * float(np.abs(x).max())
    found = []
    for begin, end in _runs(np.diff(x) == 0).tolist():
        length = end - begin + 1
        if length >= shortest and abs(x[begin]) < top:
            found.append(DropOut(begin, length, "held" if x[begin] else "zeros"))
    return found


def _repeats(x: Float64, sample_rate: int, shortest: int) -> list[DropOut]:
    """Find runs that repeat earlier samples exactly, by a rolling hash of every short window."""
    least, most = (round(lag * sample_rate) for lag in _REPEAT_LAG_S)
    overlap = most + 2 * shortest
    found: dict[int, DropOut] = {}
    for at in range(0, max(1, len(x) - overlap), _AT_ONCE):
        piece = x[at : at + _AT_ONCE + overlap]
        if len(piece) < least + shortest:
            break
        bits = (piece.astype(np.float32) + np.float32(0)).view(np.uint32).astype(np.uint64)
        bits *= np.uint64(0x9E3779B97F4A7C15)
        bits ^= bits >> np.uint64(29)
        # Sum of bits[s] r^s over a window, times r^-start, so that its position does not matter. r is odd, so it has an
        # inverse.
        ratio = 0xD1342543DE82EF95
        powers = np.multiply.accumulate(np.full(len(bits), ratio, np.uint64))
        back = np.multiply.accumulate(np.full(len(bits), pow(ratio, -1, 1 << 64), np.uint64))
        before = np.concatenate((np.zeros(1, np.uint64), np.cumsum(bits * powers)))
        marks = (before[shortest:] - before[:-shortest]) * back[: len(bits) - shortest + 1]
        order = np.argsort(marks, kind="stable")
        same = marks[order[1:]] == marks[order[:-1]]
        lag = np.zeros(len(marks), np.int64)
        lag[order[1:][same]] = np.diff(order)[same]
        lag[(lag < least) | (lag > most)] = 0
        changes = np.flatnonzero(np.diff(np.concatenate(([0], lag, [0]))))
        for begin, end in zip(changes[:-1].tolist(), changes[1:].tolist(), strict=True):
            length = end - begin + shortest - 1
            if lag[begin] and np.array_equal(piece[begin : begin + length], piece[begin - lag[begin] :][:length]):
                found[at + begin] = DropOut(at + begin, length, "repeat")
    return list(found.values())


def find_dropouts(x: NDArray[np.floating], sample_rate: int) -> DropOuts:
    """Find drop-outs without a reference: runs of zeros, of one value, or of an exact repeat, of 4 ms or more.

    Runs at the beginning or the end, and runs in silence, do not count. A run of up to 60 ms counts if there is sound
    on both sides. A longer one, up to 0.5 s, counts if there is speech on both sides, because a gate closes in pauses.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        The recording as it was made, not resampled; full scale +-1.0.
    sample_rate : int
        Hz.

    Returns
    -------
    DropOuts
        Positions and lengths are exact to a sample for zeros (a zero of the sound next to a gap is counted with it),
        and to 2 samples for repeats.

    Raises
    ------
    ParameterError
        If `x` is not one-dimensional or empty.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(0, 0.1, 16_000)
    >>> x[8_000:8_160] = 0
    >>> find_dropouts(x, 16_000).bursts
    (DropOut(start=8000, length=160, kind='zeros'),)
    """
    if x.ndim != 1 or not len(x):
        raise ParameterError(f"x has shape {x.shape}; one side of at least one sample, shape (n,)")
    y = np.asarray(x, np.float64)
    if not y.any():
        return DropOuts(bursts=(), duration_s=len(y) / sample_rate, sample_rate=sample_rate)
    shortest, beside = round(_SHORTEST_S * sample_rate), round(_BESIDE_S * sample_rate)
    # Coarse codes such as G.711 round away more than one step: the sound must be at least three of the smallest steps.
    quantum = float(np.min(np.abs(y[y != 0])))
    audible = max(_LEAST_RMS, min(3 * quantum, 0.01))
    speech = 10 ** ((active_level(y, sample_rate).level_dbov - _ACTIVE_DB) / 20)
    bursts: list[DropOut] = []
    for each in sorted((*_held(y, shortest), *_repeats(y, sample_rate, shortest)), key=lambda found: found.start):
        end = each.start + each.length
        if bursts and each.start < bursts[-1].start + bursts[-1].length:
            continue
        if each.length > _LONGEST_S * sample_rate:
            continue
        needed = audible if each.length <= _ANYWHERE_S * sample_rate else max(audible, speech)
        if min(_rms_beside(y, each.start, end, beside)) < needed:
            continue
        if each.kind == "held" and _stays_by_chance(y, each.start, end, 5 * beside):
            continue
        if each.kind == "repeat" and y[each.start : end].std() < audible:
            continue
        bursts.append(each)
    return DropOuts(bursts=tuple(bursts), duration_s=len(y) / sample_rate, sample_rate=sample_rate)


def find_lost(
    reference: NDArray[np.floating], recorded: NDArray[np.floating], sample_rate: int, *, delay_samples: int = 0
) -> DropOuts:
    """Find drop-outs against a reference: speech was played, and the recording is 25 dB weaker than elsewhere.

    Energies of 5 ms every millisecond are compared where the reference is at most 20 dB below its active level. Exact
    zeros and repeats that are not in the reference are added (`find_dropouts`).

    Parameters
    ----------
    reference, recorded : ndarray of float, shape (n,) and (m,)
        What was played, and its recording; their levels may differ.
    sample_rate : int
        Of both, Hz.
    delay_samples : int
        Number of samples by which the recording lags; an error of a few milliseconds does not matter.

    Returns
    -------
    DropOuts
        Positions in the recording; edges are accurate to 1 ms. Speech that a noise suppressor removes counts as well.

    Raises
    ------
    ParameterError
        If less than 20 ms overlap, or the reference contains no speech.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(0, 0.1, 16_000)
    >>> y = 0.5 * x
    >>> y[8_000:8_160] *= 0.01
    >>> [(each.start, each.length, each.kind) for each in find_lost(x, y, 16_000).bursts]
    [(8000, 160, 'lost')]
    """
    x = np.asarray(reference, np.float64)[max(0, -delay_samples) :]
    y = np.asarray(recorded, np.float64)
    first = max(0, delay_samples)
    n = min(len(x), len(y) - first)
    window, hop = round(_WINDOW_S * sample_rate), max(1, round(_HOP_S * sample_rate))
    if n < 4 * window:
        raise ParameterError(f"{max(0, n) / sample_rate:g} s overlap; drop-outs need {4 * _WINDOW_S:g} s or more")
    starts = np.arange(0, n - window + 1, hop)

    def energies(z: Float64) -> Float64:
        below = np.concatenate(([0.0], np.cumsum(z * z)))
        energy: Float64 = np.maximum(below[starts + window] - below[starts], 0.0) / window
        return energy

    played, found = energies(x[:n] - x[:n].mean()), energies(y[first : first + n] - y[first : first + n].mean())
    speech = 10 ** ((active_level(x[:n], sample_rate).level_dbov - _BELOW_DB) / 10)
    active = played > speech
    if not active.any() or speech <= 0:
        raise ParameterError("the reference holds no speech that could be lost; give what was played")
    with np.errstate(divide="ignore"):
        gain_db = 10 * np.log10(np.maximum(found[active], 1e-30) / played[active])
    usual = float(np.median(gain_db))
    lost = np.zeros(len(starts), np.bool_)
    lost[active] = gain_db < usual - _LOST_DB
    gone = np.zeros(len(y), np.bool_)
    for begin, end in _runs(lost).tolist():
        gone[first + starts[begin] : first + starts[end - 1] + window] = True
    kinds = np.where(gone, 1, 0)
    names: tuple[Kind, ...] = ("lost", "lost", "zeros", "held", "repeat")
    known = {(each.start, each.length) for each in find_dropouts(x, sample_rate).bursts}
    for each in find_dropouts(y, sample_rate).bursts:
        if (each.start - first, each.length) not in known:
            kinds[each.start : each.start + each.length] = names.index(each.kind, 2)
    bursts = [DropOut(b, e - b, names[int(kinds[b:e].max())]) for b, e in _runs(kinds > 0).tolist()]
    return DropOuts(bursts=tuple(bursts), duration_s=n / sample_rate, sample_rate=sample_rate)
