"""Find the delay between a known and a recorded signal, once or along a recording."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64

__all__ = ["Delay", "find_delay", "track_delay"]

_LOBE_S = 0.025  # a second peak nearer than this may come from the signal's own pitch
_ALIKE = 0.4  # of its own autocorrelation: at lags with more than this the signal cannot be distinguished from itself
_FINE = 0.25  # samples between the points of the parabola


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """The delay of a recording behind a reference."""

    samples: float  # with a fraction; negative: the recording leads
    sample_rate: int  # Hz
    correlation: float  # normalised, -1..1, where both overlap; negative: polarity inverted
    prominence: float  # height of the peak divided by that of the second highest; >= 1
    accepted: bool  # the prominence is high enough: the delay may be used

    @property
    def seconds(self) -> float:
        """The delay, s."""
        return self.samples / self.sample_rate


def _power_before(x: Float64) -> Float64:
    return np.concatenate(([0.0], np.cumsum(x * x)))


def find_delay(
    reference: NDArray[np.floating],
    recorded: NDArray[np.floating],
    sample_rate: int,
    *,
    most_s: float | None = None,
    least_s: float = 0.0,
    whitened: bool = False,
    least_prominence: float = 2.0,
    lobe_s: float = 0.0,
    fine: bool = True,
) -> Delay:
    """Find the delay of a recording behind what was played.

    The delay is the lag of the largest correlation, normalised by the powers of both where they overlap. A parabola
    through points a quarter of a sample apart, computed from the cross spectrum, then gives the fraction of a sample.
    The second peak is searched outside the main lobe, which ends where the autocorrelation of the reference falls below
    0.4, at most 25 ms away.

    Parameters
    ----------
    reference, recorded : ndarray of float, shape (n,) and (m,)
        Full scale does not matter.
    sample_rate : int
        Of both, Hz.
    least_s, most_s : float
        Smallest and largest delay, s; by default from 0 to the whole recording. Negative: the recording may lead.
    whitened : bool
        Use generalised cross-correlation with phase transform: all frequencies of the reference have the same weight.
        Better for speech in rooms, where plain correlation has broad lobes; worse in noise.
    least_prominence : float
        A peak is accepted if it is at least this many times as high as the second one (chosen).
    lobe_s : float
        The main lobe reaches at least this far to both sides, s. A steep filter on the way blurs the correlation over
        some milliseconds, and what it adds there is no second arrival.
    fine : bool
        False: whole samples are enough, in half the time.

    Returns
    -------
    Delay
        For a sweep of 2 s the error is at most 0.03 sample at 0 dB signal-to-noise and 0.2 at -20 dB. The delay of a
        device varies with its buffers, so measure it several times.

    Raises
    ------
    ParameterError
        If either signal is empty or silent, or the range contains no delay.

    References
    ----------
    C. H. Knapp and G. C. Carter, "The generalized correlation method for estimation of time delay", IEEE Trans. ASSP
    24(4), 1976.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(0, 0.1, 8_000)
    >>> found = find_delay(x, np.concatenate((np.zeros(123), x)), 8_000)
    >>> round(found.samples, 2), round(found.correlation, 3), found.accepted
    (123.0, 1.0, True)
    """
    x, y = np.asarray(reference, np.float64), np.asarray(recorded, np.float64)
    for name, each in (("reference", x), ("recorded", y)):
        if each.ndim != 1 or not each.any():
            raise ParameterError(f"{name} has shape {each.shape} and must hold sound of one side, shape (n,)")
    least = max(-(len(x) - 1), round(least_s * sample_rate))
    most = len(y) - 1 if most_s is None else min(len(y) - 1, round(most_s * sample_rate))
    if least > most:
        raise ParameterError(f"no delay lies between least_s={least_s:g} and most_s={most_s}; widen the range")
    from scipy.fft import irfft, next_fast_len, rfft

    # Samples beyond the range of delays are not used, so the transform need not contain them.
    y = y[: most + len(x)]
    n = next_fast_len(len(x) + len(y), real=True)
    X, Y = rfft(x, n), rfft(y, n)
    cross = np.conj(X) * Y
    if whitened:
        # Where either contains only the noise of rounding, the phase means nothing.
        power_x, power_y = np.abs(X) ** 2, np.abs(Y) ** 2
        there = (power_x > 1e-6 * power_x.max()) & (power_y > 1e-5 * power_y.max())
        cross = np.where(there, cross / np.where(there, np.abs(cross), 1.0), 0)
    lags = np.arange(least, most + 1)
    products = irfft(cross, n)[lags % n]
    if whitened:
        scale = np.full(len(lags), float(np.abs(cross).sum()) * 2 / n)
        alike = irfft(np.abs(cross), n)
    else:
        begin, end = np.clip(-lags, 0, len(x)), np.clip(len(y) - lags, 0, len(x))
        before_x, before_y = _power_before(x), _power_before(y)
        power_x = before_x[end] - before_x[begin]
        power_y = before_y[np.clip(end + lags, 0, len(y))] - before_y[np.clip(begin + lags, 0, len(y))]
        # A short overlap that agrees by chance must not win: at least a tenth of the reference must overlap.
        enough = (power_x > 0.1 * before_x[-1]) & (power_y > 1e-9 * before_y[-1])
        scale = np.where(enough, np.sqrt(power_x * power_y), np.inf)
        alike = irfft(np.abs(X) ** 2, n)
    correlation = products / scale
    height = np.abs(correlation)
    peak = int(np.argmax(height))

    resembles = np.abs(alike[: round(_LOBE_S * sample_rate) + 1]) >= _ALIKE * alike[0]
    lobe = max(int(np.flatnonzero(resembles)[-1]) + 2, round(lobe_s * sample_rate))
    apart = np.abs(lags - lags[peak]) > lobe
    second = float(height[apart].max()) if apart.any() else 0.0
    prominence = float(height[peak]) / second if second > 0 else float("inf")

    fraction, top = 0.0, abs(float(products[peak]))
    if fine:
        fraction, top = _refined(cross, n, int(lags[peak]), float(np.sign(products[peak])))
    return Delay(
        samples=float(lags[peak]) + fraction,
        sample_rate=sample_rate,
        correlation=float(np.clip(np.sign(products[peak]) * top / scale[peak], -1.0, 1.0)),
        prominence=prominence,
        accepted=bool(prominence >= least_prominence),
    )


def _refined(cross: NDArray[np.complex128], n: int, lag: int, sign: float) -> tuple[float, float]:
    """Find the peak of a correlation between the samples, -1..1, and its height, from the spectrum."""
    phase = 2j * np.pi / n * np.arange(len(cross))
    turned = cross * np.exp(phase * lag)
    turned[1 : (n + 1) // 2] *= 2  # for the negative frequencies of a real signal
    step = np.exp(phase * _FINE)
    at = np.arange(-4, 5)
    values = np.empty(len(at))
    turned = turned * np.conj(step) ** 4
    for k in range(len(at)):
        values[k] = sign * turned.real.sum()
        turned *= step
    best = int(np.clip(np.argmax(values), 1, len(at) - 2))
    left, middle, right = values[best - 1 : best + 2]
    bend = left - 2 * middle + right
    beside = float(np.clip(0.5 * (left - right) / bend, -1, 1)) if bend < 0 else 0.0
    return (float(at[best]) + beside) * _FINE, float(middle - 0.25 * (left - right) * beside) / n


def track_delay(
    reference: NDArray[np.floating],
    recorded: NDArray[np.floating],
    sample_rate: int,
    *,
    step_s: float = 5.0,
    window_s: float = 2.0,
    most_s: float = 1.0,
    around_s: float = 0.1,
    least_prominence: float = 2.0,
    lobe_s: float = 0.0,
) -> Float64:
    """Find the delay along a recording: one for every `step_s` of the reference.

    Parameters
    ----------
    reference, recorded : ndarray of float, shape (n,) and (m,)
        All that was played, for example a marker every 5 s, and its whole recording.
    sample_rate : int
        Of both, Hz.
    step_s : float
        Time from one delay to the next, s.
    window_s : float
        Length of the piece of the reference that is searched, s, from the beginning of each step.
    most_s : float
        Largest delay of the first piece that is found, s; the distance of markers must be larger.
    around_s : float
        Largest difference of a delay from the one before, s.
    least_prominence, lobe_s : float
        As of `find_delay`.

    Returns
    -------
    ndarray, shape (k,)
        Seconds, one for each step; nan where the reference is silent or no peak is accepted.

    Raises
    ------
    ParameterError
        If no piece of the reference is found in the recording.

    See Also
    --------
    dsp.measurement.skew.clock_skew : The skew of two clocks from these delays.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(0, 0.1, 24_000)
    >>> track_delay(x, np.concatenate((np.zeros(80), x)), 8_000, step_s=1.0, window_s=0.5).round(4)
    array([0.01, 0.01, 0.01])
    """
    x, y = np.asarray(reference), np.asarray(recorded)
    length = round(window_s * sample_rate)
    n_steps = int(max(0, len(x) - length) / (step_s * sample_rate)) + 1
    delays = np.full(n_steps, np.nan)
    least, most = -round(around_s * sample_rate), round(most_s * sample_rate)
    for k in range(n_steps):
        start = round(k * step_s * sample_rate)
        piece = x[start : start + length]
        begin = max(0, start + least)
        searched = y[begin : start + most + len(piece)]
        if not piece.any() or not searched.any() or start + most <= begin:
            continue
        found = find_delay(
            piece,
            searched,
            sample_rate,
            least_s=(start + least - begin) / sample_rate,
            most_s=(start + most - begin) / sample_rate,
            least_prominence=least_prominence,
            lobe_s=lobe_s,
        )
        if found.accepted:
            samples = found.samples + begin - start
            delays[k] = samples / sample_rate
            least, most = (round(samples + sign * around_s * sample_rate) for sign in (-1, 1))
    if not np.isfinite(delays).any():
        raise ParameterError(
            f"nothing within {most_s:g} s in the recording resembles the reference; check that the two belong together"
        )
    return delays
