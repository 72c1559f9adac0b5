"""Compute the skew of two clocks, and jumps of the delay, from delays measured at regular times."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64

__all__ = ["ClockSkew", "Slip", "clock_skew", "without_skew"]

_FEWEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A jump of the delay: sound was lost or inserted."""

    at_s: float  # time since the first delay, accurate to one step
    jump_s: float  # > 0: inserted, what follows comes later; < 0: lost


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkew:
    """The skew of two clocks: how much faster the recording clock ran than the playing clock."""

    ppm: float  # > 0: the recording has more samples than were played
    uncertainty_ppm: float  # one standard deviation of the slope, from the scatter around the line
    n_used: int  # number of delays used for the line
    slips: tuple[Slip, ...]


def clock_skew(delays_s: NDArray[np.floating], step_s: float, *, most_ppm: float = 500.0) -> ClockSkew:
    """Compute the clock skew from delays measured every `step_s`, by the method of 3GPP.

    A median over three delays is computed, then the differences between neighbours. Differences above
    ``min(max(most_ppm step, 1 ms), 4 ms)`` are slips; they are left out together with one neighbour on each side. The
    rest is summed again, and the slope of a straight line through the sums is the skew.

    Parameters
    ----------
    delays_s : ndarray, shape (n,)
        Delay of the recording at times 0, step, 2 step ..., s; nan where it was not found. Such a step is left out.
    step_s : float
        Time between two delays, s, > 0.
    most_ppm : float
        Largest skew expected, ppm; a larger change of the delay is a slip.

    Returns
    -------
    ClockSkew
        Accurate to 0.01 ppm on clean delays; otherwise the error is about ``3.5 e / (T sqrt(n))`` for n delays with
        error e over the time T.

    Raises
    ------
    ParameterError
        If `delays_s` is not one-dimensional, `step_s` is not above 0, or less than five delays are left.

    See Also
    --------
    dsp.measurement.delay.track_delay : Measures these delays.

    References
    ----------
    3GPP TS 26.132, annex D.2, Clock skew estimation algorithm.

    Examples
    --------
    >>> found = clock_skew(0.1 + 20e-6 * 5 * np.arange(13), 5.0)
    >>> round(found.ppm, 3), found.slips
    (20.0, ())
    """
    delays = np.asarray(delays_s, np.float64)
    if delays.ndim != 1 or not step_s > 0:
        raise ParameterError(
            f"delays_s has shape {delays.shape} and step_s={step_s:g}; needs shape (n,) and a step > 0"
        )
    limit = min(max(most_ppm * 1e-6 * step_s, 1e-3), 4e-3)
    median = _median_of_three(delays)
    steps = np.diff(median)
    jumps = np.flatnonzero(np.abs(steps) > limit)
    masked = ~np.isfinite(steps)
    for near in (-1, 0, 1):
        masked[np.clip(jumps + near, 0, len(steps) - 1)] = True
    left = steps[~masked]
    if len(left) < _FEWEST - 1:
        raise ParameterError(f"{len(left) + 1} delays can be used and a skew needs {_FEWEST}; record for longer")
    delay = np.concatenate(([0.0], np.cumsum(left)))
    time = np.arange(len(delay)) * step_s
    time -= time.mean()
    slope = float(np.sum(time * delay) / np.sum(time**2))
    rest = delay - delay.mean() - slope * time
    deviation = float(np.sqrt(np.sum(rest**2) / max(1, len(delay) - 2) / np.sum(time**2)))
    return ClockSkew(
        ppm=1e6 * slope, uncertainty_ppm=1e6 * deviation, n_used=len(delay), slips=_slips(delays, limit, slope, step_s)
    )


def _median_of_three(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the median of each value and its neighbours; values at an end or next to a gap stay as they are."""
    y = x.copy()
    if len(x) > 2:
        threes = np.stack((x[:-2], x[1:-1], x[2:]))
        whole = np.isfinite(threes).all(axis=0)
        y[1:-1][whole] = np.median(threes[:, whole], axis=0)
    return y


def _slips(delays: NDArray[np.float64], limit: float, slope: float, step_s: float) -> tuple[Slip, ...]:
    """Find jumps across known delays; neighbouring jumps of the same sign are added to one."""
    # Without the skew, the median does not change the height of a jump.
    delays = _median_of_three(delays - slope * step_s * np.arange(len(delays)))
    known = np.flatnonzero(np.isfinite(delays))
    found: list[Slip] = []
    last = -2
    for before, after in zip(known[:-1].tolist(), known[1:].tolist(), strict=True):
        jump = float(delays[after] - delays[before])
        if abs(jump) <= limit:
            continue
        if before == last and found and found[-1].jump_s * jump > 0:
            jump += found.pop().jump_s
            found.append(Slip(at_s=before * step_s, jump_s=jump))
        else:
            found.append(Slip(at_s=(before + after) / 2 * step_s, jump_s=jump))
        last = after
    return tuple(found)


def without_skew(x: NDArray[np.floating], skew_ppm: float) -> Float64:
    """Resample a recording to the clock of the player, so that it lags as much at its end as at its beginning.

    Parameters
    ----------
    x : ndarray, shape (n,)
        The recording.
    skew_ppm : float
        How much faster the recording clock ran (`ClockSkew.ppm`).

    Returns
    -------
    ndarray, shape (m,)
        By Lagrange's polynomial through four points at four times the rate: within a thousandth of the signal.

    Examples
    --------
    >>> x = np.sin(2 * np.pi * 0.05 * np.arange(10_000) / (1 + 100e-6))  # recorded by a clock 100 ppm faster
    >>> bool(np.abs(without_skew(x, 100.0) - np.sin(2 * np.pi * 0.05 * np.arange(9_999)))[100:-100].max() < 1e-3)
    True
    """
    from scipy.fft import irfft, next_fast_len, rfft

    y = np.asarray(x, np.float64)
    n = next_fast_len(len(y) + 256, real=True)
    fine = np.pad(4 * irfft(rfft(y, n), 4 * n)[: 4 * len(y)], 2)
    at = 4 * np.arange(int(len(y) / (1 + skew_ppm * 1e-6))) * (1 + skew_ppm * 1e-6) + 2
    k = np.clip(np.floor(at).astype(np.int64), 1, len(fine) - 3)
    t = np.clip(at - k, 0, 1)
    return np.asarray(
        fine[k - 1] * (-t * (t - 1) * (t - 2) / 6)
        + fine[k] * ((t + 1) * (t - 1) * (t - 2) / 2)
        + fine[k + 1] * (-(t + 1) * t * (t - 2) / 2)
        + fine[k + 2] * ((t + 1) * t * (t - 1) / 6)
    )
