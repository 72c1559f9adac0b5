"""Find sound that was cut out of a recording or put into it: steps of its delay behind what was played.

A buffer that is lost without a gap leaves no zeros and no repeat; all that follows comes earlier by its length.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64
from dsp.measurement.delay import find_delay
from dsp.measurement.octave_bands import octave_bands
from dsp.measurement.sweep import SweepResponse

__all__ = ["Jump", "Jumps", "find_jumps", "find_sweep_jumps"]

_WINDOW_S, _HOP_S = 0.25, 0.125
_GRID_S = 0.00025  # between the delays that are compared
_REACH_S = 0.12  # of the delays on both sides of the first
_LOW_HZ, _HIGH_HZ = 200.0, 7_000.0
_SMOOTH_HZ = 100.0  # of the long-term spectra that are taken out
_DEGREES = 45.0  # of a window: independent samples of its correlation, fewer than band times length: speech varies
_SWEEP_DEGREES = 60.0
_MOST_ALIKE = 0.98
_DRIFT_COST = 1.0  # of one step of the grid from window to window
_JUMP_COST = 30.0  # of any other: what a jump has to explain better on both of its sides
_LEAST_S = 0.001
_MERGED_S = 0.5  # jumps nearer than this are one
_SIDE_S, _SIDES_S = 0.4, 2.0  # of sound that is heard on both sides of a jump, at least and at most
_LEFT = 0.25  # of the likelihood of a delay: more of it on the other side of a step, and it was an echo
_SWEEP_LOW_HZ = 160.0
_ECHO_S = 10.0  # on both sides of a jump, in which an echo is looked for
_SWEEP_SIDE = 12  # bands on both sides of a jump
_HEARD = 3.0  # log-likelihood of a window over its median delay: the played sound is heard in it
_QUIET = 1e-5  # of the energy of a loud window: what is softer tells nothing
_FIRST_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A step of the delay."""

    at_s: float  # time in the recording
    jump_s: float  # < 0: cut out, what follows comes earlier; > 0: put in


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumps:
    """All steps of the delay of a recording, and how much of it could tell them."""

    jumps: tuple[Jump, ...]
    heard_s: float  # length in which the played sound was heard: elsewhere a step goes unnoticed


def find_jumps(
    reference: NDArray[np.floating],
    recorded: NDArray[np.floating],
    sample_rate: int,
    *,
    skew_ppm: float = 0.0,
) -> Jumps:
    """Find steps of the delay of 1 ms or more: sound cut out, or put in.

    Windows of 0.25 s of both, with their long-term spectra taken out, are correlated at all delays within 120 ms. Of
    all courses of the delay the one is taken that explains most of the recorded power, where each step costs as much as
    30 nepers of likelihood, so that noise, echoes and pauses make none; a drift costs little. The two delays beside a
    step are then found from up to 2 s on each side.

    Parameters
    ----------
    reference, recorded : ndarray of float, shape (n,) and (m,)
        What was played, and its recording; their levels and spectra may differ. Speech, music, noise or a sweep; a
        steady tone looks the same at every period.
    sample_rate : int
        Of both, Hz.
    skew_ppm : float
        Skew of the two clocks (`dsp.measurement.skew.clock_skew`); up to 200 ppm it need not be known.

    Returns
    -------
    Jumps
        Accurate to 0.3 s in time, or to the pause that a step lies in, and to 0.3 ms in size and what the clocks drift
        in 2 s by a skew that is not given. Steps below 1 ms, and those with less than 0.4 s of audible sound on either
        side, are not found, nor one that is taken back within 10 s, as one to an echo is that is louder for a while.

    Raises
    ------
    ParameterError
        If either is not one-dimensional, silent, or shorter than a second.

    References
    ----------
    G. D. Forney, "The Viterbi algorithm", Proc. IEEE 61(3), 1973.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(0, 0.1, 64_000)
    >>> found = find_jumps(x, np.delete(x, slice(32_000, 32_160)), 16_000).jumps
    >>> [(round(jump.at_s, 1), round(1000 * jump.jump_s, 1)) for jump in found]
    [(2.1, -10.0)]
    """
    x, y = np.asarray(reference, np.float64), np.asarray(recorded, np.float64)
    if x.ndim != 1 or y.ndim != 1 or min(len(x), len(y)) < sample_rate or not x.any() or not y.any():
        raise ParameterError("jumps of the delay are found in sound of one side, a second or more of both")
    first = round(_FIRST_S * sample_rate)
    whole = find_delay(x[:first], y[: 2 * first], sample_rate, least_s=-5.0, most_s=15.0)
    delay_s = whole.seconds
    x, y = (_whitened(each, sample_rate) for each in (x, y))
    hop, length = round(_HOP_S * sample_rate), round(_WINDOW_S * sample_rate)
    starts = np.arange(0, len(x) - length + 1, hop)
    lags_s = _lags_s()
    likely = _likelihoods(x, y, sample_rate, starts, length, delay_s + skew_ppm * 1e-6 * starts / sample_rate, lags_s)
    heard = likely.max(axis=1) - np.median(likely, axis=1) > _HEARD
    path = _best_path(likely)
    middles_s = starts / sample_rate + _WINDOW_S / 2
    jumps = []
    for at, sides in _steps(lags_s[path], heard, longest=round(_SIDES_S / _HOP_S), merged=round(_MERGED_S / _HOP_S)):
        if min(heard[side].sum() for side in sides) < round(_SIDE_S / _HOP_S):
            continue
        step = _step_s(likely, lags_s, sides, longest=round(_ECHO_S / _HOP_S))
        if step is not None:
            before_s, jump_s = step
            at_s = float(middles_s[at] - _HOP_S / 2 + delay_s + before_s)
            jumps.append(Jump(at_s=at_s, jump_s=jump_s))
    return Jumps(jumps=tuple(jumps), heard_s=float(_HOP_S * heard.sum()))


def find_sweep_jumps(response: SweepResponse) -> tuple[Jump, ...]:
    """Find steps of the delay within a sweep: all frequencies above the one at which sound was cut out come earlier.

    The impulse response is split into bands of half an octave, and the course of the delay over them is found as
    `find_jumps` does over time.

    Parameters
    ----------
    response : SweepResponse
        Of a whole sweep, the skew of the clocks made good.

    Returns
    -------
    tuple of Jump
        Accurate to 0.3 s in time, and to 1 ms in size from 500 Hz on. Cuts below 160 Hz, where a band rings for longer
        than they last, and in the last third of an octave are not found.

    Examples
    --------
    >>> from dsp.measurement.sweep import Sweep, deconvolve
    >>> sweep = Sweep(sample_rate=16_000)
    >>> x = np.concatenate((np.zeros(1_600), sweep.samples(), np.zeros(16_000)))
    >>> found = find_sweep_jumps(deconvolve(np.delete(x, slice(64_000, 64_160)), sweep))
    >>> [(round(jump.at_s), round(1000 * jump.jump_s)) for jump in found]
    [(4, -10)]
    """
    sweep, rate = response.sweep, response.sweep.sample_rate
    reach = round(_REACH_S * rate)
    n = 4 * reach  # the harmonics' own responses lie farther ahead
    bands = octave_bands(_SWEEP_LOW_HZ, sweep.stop_hz / 2**0.25, fraction=6)
    around = response.delay + np.concatenate((np.arange(n // 2), np.arange(n // 2 - n, 0)))
    spectrum = np.fft.rfft(response.impulse[around % len(response.impulse)])
    octaves = np.log2(np.maximum(np.arange(len(spectrum)) * (rate / n), 1e-3))
    lags_s = _lags_s()
    likely = np.zeros((len(bands), len(lags_s)))
    near = np.arange(-reach, reach + 1)
    for k, centre_hz in enumerate(bands.centres_hz.tolist()):
        weight = np.cos(np.pi * np.clip(octaves - np.log2(centre_hz), -0.5, 0.5)) ** 2
        analytic = np.zeros(n, np.complex128)
        analytic[: len(spectrum)] = spectrum * weight
        squared = np.abs(np.fft.ifft(analytic)[near]) ** 2
        analytic[: len(spectrum)] = weight
        alone = np.abs(np.fft.ifft(analytic)[near]) ** 2
        # A single arrival at any delay gives 1 there, and reverberation or noise as much less as it holds more energy.
        alike = squared / max(float(squared.sum()), 1e-30) * (alone.sum() / alone.max())
        likely[k] = _log_likelihood(np.interp(lags_s, near / rate, alike), _SWEEP_DEGREES)
    path = _best_path(likely)
    jumps = []
    for at, sides in _steps(lags_s[path], np.ones(len(bands), np.bool_), longest=_SWEEP_SIDE, merged=2):
        step = _step_s(likely, lags_s, sides, longest=_SWEEP_SIDE)
        if step is not None:
            at_s = response.delay / rate + sweep.growth_s * float(np.log(bands.lower_hz[at] / sweep.start_hz))
            jumps.append(Jump(at_s=at_s, jump_s=step[1]))
    return tuple(jumps)


def _lags_s() -> Float64:
    n = round(_REACH_S / _GRID_S)
    return np.arange(-n, n + 1, dtype=np.float64) * _GRID_S


def _whitened(x: Float64, sample_rate: int) -> Float64:
    """Take out the long-term spectrum, which any filter of the path has changed, and what lies outside the band."""
    from scipy.fft import irfft, next_fast_len, rfft

    n = next_fast_len(len(x), real=True)
    spectrum = rfft(x - x.mean(), n)
    power = spectrum.real**2 + spectrum.imag**2
    width = max(1, round(_SMOOTH_HZ * n / sample_rate))
    below = np.concatenate(([0.0], np.cumsum(np.pad(power, (width // 2 + 1, width - width // 2 - 1), mode="edge"))))
    smooth = (below[width:] - below[:-width])[: len(power)] / width
    hertz = np.arange(len(power)) * (sample_rate / n)
    band = (hertz >= _LOW_HZ) & (hertz <= min(_HIGH_HZ, 0.45 * sample_rate))
    # 80 dB below the strongest there is only rounding.
    gain = np.where(band, 1 / np.sqrt(np.maximum(smooth, 1e-8 * smooth.max())), 0.0)
    return np.asarray(irfft(spectrum * gain, n)[: len(x)])


def _likelihoods(
    x: Float64,
    y: Float64,
    sample_rate: int,
    starts: NDArray[np.int64],
    length: int,
    delays_s: Float64,
    lags_s: Float64,
) -> Float64:
    """Compute for each window of the reference the log-likelihood of each delay, shape (windows, delays)."""
    from scipy.fft import ifft, next_fast_len, rfft

    reach = round(_REACH_S * sample_rate) + 2
    n = next_fast_len(length + 2 * reach)
    y_first = np.round(delays_s * sample_rate).astype(np.int64) + starts - reach
    fraction = delays_s * sample_rate - np.round(delays_s * sample_rate)
    padded = np.concatenate((y, np.zeros(1)))
    at_lag = np.clip(lags_s * sample_rate + reach, 0, 2 * reach)
    half = (n + 1) // 2  # of an analytic signal, whose magnitude is the envelope
    analytic = np.zeros(n, np.complex128)
    likely = np.zeros((len(starts), len(lags_s)))
    # Digital silence holds the rounding of a neighbour's filter, which resembles it at any level.
    least_x, least_y = (_QUIET * _loud(each, length) for each in (x, y))
    window = np.hanning(length + 2)[1:-1]
    turns = 2j * np.pi / n * np.arange(1, half)
    for k, start in enumerate(starts.tolist()):
        piece = x[start : start + length] * window
        at = y_first[k] + np.arange(length + 2 * reach)
        searched = padded[np.where((at >= 0) & (at < len(y)), at, len(y))]
        power = np.sum(piece**2)
        squares = np.concatenate(([0.0], np.cumsum(searched**2)))
        # Power under the window at each delay, by its mean over the window's length.
        beside = (squares[length:] - squares[:-length])[: 2 * reach + 1] * float(np.mean(window**2))
        cross = np.conj(rfft(piece, n)[1:half]) * rfft(searched, n)[1:half]
        analytic[1:half] = 2 * cross * np.exp(turns * fraction[k])
        envelope = np.abs(ifft(analytic)[: 2 * reach + 1])
        squared = np.interp(at_lag, np.arange(2 * reach + 1), envelope**2)
        alike = squared / ((power + least_x) * (np.interp(at_lag, np.arange(len(beside)), beside) + least_y))
        likely[k] = _log_likelihood(alike)
    return likely


def _log_likelihood(alike: Float64, degrees: float = _DEGREES) -> Float64:
    """Return that of a delay at which a share 0..1 of the recorded power is explained."""
    return np.asarray(-degrees / 2 * np.log1p(-np.clip(alike, 0.0, _MOST_ALIKE)))


def _loud(x: Float64, length: int) -> float:
    """Return the energy of a loud window."""
    windows = x[: len(x) // length * length].reshape(-1, length)
    return float(np.quantile(np.sum(windows**2, axis=1), 0.95))


def _best_path(likely: Float64) -> NDArray[np.int64]:
    """Find the course of the delay of the largest likelihood less the cost of its steps (Viterbi)."""
    n_windows, n_lags = likely.shape
    total = likely[0].copy()
    origin = np.empty((n_windows, n_lags), np.int64)
    own = np.arange(n_lags)
    for k in range(1, n_windows):
        best = int(np.argmax(total))
        came, value = own.copy(), total.copy()
        for step in (-1, 1):
            moved = np.full(n_lags, -np.inf)
            moved[max(0, step) : n_lags + min(0, step)] = total[max(0, -step) : n_lags - max(0, step)] - _DRIFT_COST
            came = np.where(moved > value, own - step, came)
            value = np.maximum(value, moved)
        jumped = total[best] - _JUMP_COST
        came = np.where(jumped > value, best, came)
        origin[k] = came
        total = np.maximum(value, jumped) + likely[k]
    path = np.empty(n_windows, np.int64)
    path[-1] = int(np.argmax(total))
    for k in range(n_windows - 1, 0, -1):
        path[k - 1] = origin[k, path[k]]
    return path


def _steps(
    lags_s: Float64, heard: NDArray[np.bool_], *, longest: int, merged: int
) -> list[tuple[int, tuple[slice, slice]]]:
    """Return each step with the windows before and after it, as far as the next steps."""
    edges: list[list[int]] = []
    for at in (np.flatnonzero(np.abs(np.diff(lags_s)) > 1.5 * _GRID_S) + 1).tolist():
        if edges and at - edges[-1][-1] <= merged:
            edges[-1].append(at)
        else:
            edges.append([at])
    found = []
    for number, each in enumerate(edges):
        begin = max(edges[number - 1][-1] if number else 0, each[0] - longest)
        end = min(edges[number + 1][0] if number + 1 < len(edges) else len(lags_s), each[-1] + longest)
        # The window that a step lies in holds both delays.
        before, after = slice(begin, max(begin + 1, each[0] - 1)), slice(min(end - 1, each[-1] + 1), end)
        found.append((round((each[0] + each[-1]) / 2), (before, after)))
    return found


def _step_s(
    likely: Float64, lags_s: Float64, sides: tuple[slice, slice], *, longest: int
) -> tuple[float, float] | None:
    """Find the delay before a step and the step's size; None where it is none."""
    totals = [likely[side].sum(axis=0) for side in sides]
    lags = [_mean_lag(total, lags_s) for total in totals]
    if abs(lags[1] - lags[0]) < _LEAST_S:
        return None
    # An echo that is louder for a while leaves the direct sound where it was, and is there all the time: a cut leaves
    # nothing at the old delay, and the new one was not there before.
    near = round(_LEAST_S / 2 / _GRID_S)
    far = (slice(max(0, sides[0].stop - longest), sides[0].stop), slice(sides[1].start, sides[1].start + longest))
    for own, other in ((0, 1), (1, 0)):
        at, elsewhere = (int(np.argmin(np.abs(lags_s - lags[k]))) for k in (own, other))
        for total in (totals[own], likely[far[own]].sum(axis=0)):
            rest = float(np.median(total))
            left = float(total[max(0, elsewhere - near) : elsewhere + near + 1].max()) - rest
            if left > _LEFT * (float(total[max(0, at - near) : at + near + 1].max()) - rest):
                return None
    return lags[0], lags[1] - lags[0]


def _mean_lag(total: Float64, lags_s: Float64) -> float:
    """Find the delay of the largest likelihood, between the points of the grid."""
    best = int(np.clip(np.argmax(total), 1, len(lags_s) - 2))
    left, middle, right = total[best - 1 : best + 2]
    bend = left - 2 * middle + right
    beside = float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0
    return float(lags_s[best]) + beside * _GRID_S
