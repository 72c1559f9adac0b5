"""Compare the noise of two stretches band by band, and find the moment at which it steps: a gain that was changed.

The noise of a microphone passes the same gain as speech does. A changed gain moves it by the same amount in all bands,
which a noise of the room does not.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64
from dsp.measurement.octave_bands import octave_bands

__all__ = ["FloorStep", "NoisePieces", "find_floor_step", "floor_gains_db", "noise_pieces"]

_FRAME_S = 0.032
_LOW_HZ = 250.0
_FEWEST_FRAMES = 3
_STEPS = 32768.0  # of 16 bits
_ROUNDING = 1 / _STEPS**2 / 12  # mean square of rounding to them (Widrow and Kollar, Quantization Noise, 2008)
_ABOVE_ROUNDING = 2.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NoisePieces:
    """Power of the noise of a take, piece by piece, in third octaves from 250 Hz up, less that of rounding."""

    times_s: Float64  # (k,), middle of each piece
    powers: Float64  # (k, n_bands), mean square; full scale 1
    weights: Float64  # (n_bands,), sum 1: how surely a band tells a level

    def __len__(self) -> int:
        return len(self.times_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorStep:
    """A step of the noise within one take."""

    step_db: float  # after less before
    at_s: float  # between the two pieces


def noise_pieces(
    x: NDArray[np.floating], sample_rate: int, stretches: NDArray[np.integer], *, longest_s: float = 1.0
) -> NoisePieces:
    """Measure the noise in those stretches of a take in which nothing else sounds.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        The take; full scale +-1.0.
    sample_rate : int
        Hz, 8000 or more.
    stretches : ndarray of int, shape (m, 2)
        Begin and end of each stretch, samples. Those shorter than 64 ms are left out.
    longest_s : float
        Longer stretches are cut into pieces of this length, s.

    Returns
    -------
    NoisePieces
        One for each stretch or piece of it. Frames of digital silence are left out.

    Raises
    ------
    ParameterError
        If `x` is not one-dimensional.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(0, 1e-3, 32_000)
    >>> found = noise_pieces(x, 16_000, np.array([[0, 16_000], [20_000, 32_000]]))
    >>> len(found), found.powers.shape[1]
    (2, 15)
    """
    if x.ndim != 1:
        raise ParameterError(f"x has shape {x.shape}; give one side, shape (n,)")
    length = round(_FRAME_S * sample_rate)
    hop = length // 2
    bands = octave_bands(_LOW_HZ, 0.4 * sample_rate)
    window = np.hanning(length + 2)[1:-1]
    window /= np.sqrt(np.mean(window**2))
    bin_hz = sample_rate / length
    edges = np.clip(np.round(np.append(bands.lower_hz, bands.upper_hz[-1]) / bin_hz).astype(int), 1, length // 2)
    times, powers = [], []
    for begin, end in _cut(stretches, round(longest_s * sample_rate)):
        if end - begin < 2 * length:
            continue
        frames = np.lib.stride_tricks.sliding_window_view(x[begin:end], length)[::hop].astype(np.float64)
        frames = frames[np.any(frames != 0, axis=1)]
        if len(frames) < _FEWEST_FRAMES:
            continue
        spectrum = np.abs(np.fft.rfft((frames - frames.mean()) * window, axis=1)) ** 2 * (2 / length**2)
        below = np.concatenate((np.zeros((len(frames), 1)), np.cumsum(spectrum, axis=1)), axis=1)
        powers.append(np.mean(below[:, edges[1:]] - below[:, edges[:-1]], axis=0))
        times.append((begin + end) / 2 / sample_rate)
    widths = np.maximum(np.diff(edges), 1).astype(np.float64)
    found = np.array(powers).reshape(len(times), len(widths))
    # Rounding is the same at any gain, and hides a change of weak noise.
    rounding = _ROUNDING * 2 * widths / length if np.array_equal(x * _STEPS, np.rint(x * _STEPS)) else 0.0
    return NoisePieces(
        times_s=np.array(times),
        powers=np.maximum(found - rounding, np.maximum(0.1 * found, 1e-20)),
        weights=widths / widths.sum(),
    )


def floor_gains_db(pieces: NoisePieces, reference: Float64) -> tuple[Float64, Float64]:
    """Compute by how much the noise of each piece lies above a reference, and how unevenly over the bands.

    Parameters
    ----------
    pieces : NoisePieces
        Of one take.
    reference : ndarray, shape (n_bands,)
        Power of the noise that it is compared with.

    Returns
    -------
    gain_db, uneven_db : ndarray, shape (k,)
        Weighted mean over the bands, and half the distance of the weighted means over the lower and the upper half of
        them.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(0, 1e-3, 64_000)
    >>> found = noise_pieces(x * np.repeat([1.0, 2.0], 32_000), 16_000, np.array([[0, 32_000], [32_000, 64_000]]))
    >>> gains, uneven = floor_gains_db(found, found.powers[0])
    >>> np.abs(gains).round().tolist(), bool(uneven.max() < 0.5)
    ([0.0, 0.0, 6.0, 6.0], True)
    """
    apart = 10 * np.log10(pieces.powers / reference)
    # What is left where rounding is stronger than the noise is chance.
    heard = reference > _ABOVE_ROUNDING * _ROUNDING * pieces.weights
    w = pieces.weights * heard if heard.any() else pieces.weights
    w = w / w.sum()
    half = int(np.searchsorted(np.cumsum(w), 0.5))
    lower, upper = (
        (apart[:, part] * w[part]).sum(axis=1) / w[part].sum()
        for part in (slice(0, max(half, 1)), slice(max(half, 1), None))
    )
    return (apart * w).sum(axis=1), np.abs(lower - upper) / 2


def find_floor_step(
    times_s: NDArray[np.floating], gains_db: NDArray[np.floating], *, least_db: float
) -> FloorStep | None:
    """Find the step of a noise floor within a take: the split whose sides differ most.

    Parameters
    ----------
    times_s, gains_db : ndarray, shape (k,)
        Levels of the noise along the take.
    least_db : float
        Smaller steps are none, nor are those below four standard errors of the levels about them.

    Returns
    -------
    FloorStep or None
        None without a step.

    Examples
    --------
    >>> find_floor_step(np.arange(6.0), np.array([0.1, -0.1, 0.0, 3.1, 2.9, 3.0]), least_db=1.5)
    FloorStep(step_db=3.0, at_s=2.5)
    """
    n = len(gains_db)
    if n < 4:
        return None
    best: FloorStep | None = None
    sharpest = 4.0
    for k in range(2, n - 1):
        before, after = gains_db[:k], gains_db[k:]
        step = float(np.median(after) - np.median(before))
        rest = np.concatenate((before - np.median(before), after - np.median(after)))
        noise = 1.2533 * float(np.mean(np.abs(rest))) + 0.05
        sharp = abs(step) / (noise * np.sqrt(1 / k + 1 / (n - k)))
        if abs(step) >= least_db and sharp > sharpest:
            sharpest = sharp
            best = FloorStep(step_db=round(step, 2), at_s=float(times_s[k - 1] + times_s[k]) / 2)
    return best


def _cut(stretches: NDArray[np.integer], longest: int) -> list[tuple[int, int]]:
    """Cut stretches into pieces of equal length, at most `longest` samples each."""
    found: list[tuple[int, int]] = []
    for begin, end in stretches.tolist():
        n = max(1, -(-(end - begin) // longest))
        edges = np.linspace(begin, end, n + 1).astype(int).tolist()
        found += itertools.pairwise(edges)
    return found
