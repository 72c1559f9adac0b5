"""Reduce the noise of one side's sound."""

from functools import lru_cache

import numpy as np

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32
from dsp.core.stft import Complex64, power, sine_window
from dsp.core.tiles import ExponentialSmoother
from dsp.speech.noise_floor import NoiseFloor
from dsp.speech.spectral_suppressor import SpectralSuppressor

__all__ = ["GainRule", "NoiseSuppressor", "log_spectral_gain"]

_TABLE_STEP = 0.02  # of ln v: the gain between two entries differs by less than 0.1 dB
_TABLE_LOW, _TABLE_HIGH = -9.0, 3.0  # ln v


@lru_cache
def _gain_table() -> Float32:
    """Compute exp(E1(v) / 2) on the grid of ln v."""
    from scipy.special import exp1  # slow to import, and needed only where noise is reduced

    table = np.exp(0.5 * exp1(np.exp(np.arange(_TABLE_LOW, _TABLE_HIGH + _TABLE_STEP, _TABLE_STEP))))
    return table.astype(np.float32)  # type: ignore[no-any-return]


def log_spectral_gain(prior: Float32, posterior: Float32) -> Float32:
    """Compute the gain with the smallest mean square error of the log spectrum [1]_.

    Parameters
    ----------
    prior, posterior : ndarray of float32
        Ratios of speech power and of observed power to noise power, >= 0.

    Returns
    -------
    ndarray of float32
        Gain, 0 to about 1.

    References
    ----------
    .. [1] Y. Ephraim and D. Malah, "Speech enhancement using a minimum mean-square error log-spectral amplitude
       estimator", IEEE Trans. ASSP 33(2), 1985, eq. 20.

    Examples
    --------
    >>> ones = np.ones(1, np.float32)
    >>> log_spectral_gain(100 * ones, 100 * ones).round(2), log_spectral_gain(0.01 * ones, ones).round(2)
    (array([0.99], dtype=float32), array([0.08], dtype=float32))
    """
    wiener = prior / (1 + prior)
    place = np.log(np.maximum(wiener * posterior, np.float32(np.exp(_TABLE_LOW))))
    place -= np.float32(_TABLE_LOW)
    place *= np.float32(1 / _TABLE_STEP)
    table = _gain_table()
    np.minimum(place, np.float32(len(table) - 1), out=place)
    wiener *= table[place.astype(np.int16)]
    return wiener


class GainRule:
    """Compute gains of powers: decision-directed prior [1]_, log-spectral gain [2]_, and a floor without speech [3]_.

    The decision-directed recursion uses the frame before, which would need a loop over frames. Here it is computed for
    all frames of a block at once: a fixed number of its steps, from a smoothed first estimate. So a gain depends on
    that number of frames before it and on the estimate. Row k of the output belongs to frame k. Withholds nothing.
    Remembers those frames.

    Parameters
    ----------
    n_bins : int
        Number of bins in a frame.
    floor_db : float
        Gain where there is no speech, dB, < 0.

    References
    ----------
    .. [1] Y. Ephraim and D. Malah, "Speech enhancement using a minimum mean-square error short-time spectral amplitude
       estimator", IEEE Trans. ASSP 32(6), 1984, eq. 51 (decision-directed prior).
    .. [2] Y. Ephraim and D. Malah, "Speech enhancement using a minimum mean-square error log-spectral amplitude
       estimator", IEEE Trans. ASSP 33(2), 1985.
    .. [3] I. Cohen and B. Berdugo, "Speech enhancement for non-stationary noise environments", Signal Processing 81,
       2001 (presence-weighted gain).

    Examples
    --------
    >>> rule = GainRule(1, floor_db=-20.0)
    >>> noise = np.ones((50, 1), np.float32)
    >>> gains = rule.process(np.repeat([[1.0], [1000.0]], 25, axis=0).astype(np.float32), noise)
    >>> bool(gains[24, 0] < 0.2), bool(gains[49, 0] > 0.9)
    (True, True)
    """

    unrolled = 5  # steps of the recursion
    persistence = np.float32(0.96)  # weight of the frame before in the prior; [1] has 0.98 for frames twice as dense
    least_prior = np.float32(10**-2.5)  # -25 dB, Cappé 1994
    guess_memory = 8.0  # frames over which the first estimate is smoothed
    absence_odds = np.float32(0.5)  # probability without speech, divided by that with speech, before the frame is seen

    def __init__(self, n_bins: int, *, floor_db: float) -> None:
        self._n_bins = n_bins
        self._floor = np.float32(floor_db * np.log(10) / 20)  # ln of the gain
        self._smoother = ExponentialSmoother(n_bins, time_constant=self.guess_memory)
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state."""
        self._smoother.reset()
        self._held = np.zeros((2, self.unrolled, self._n_bins), np.float32)

    def process(self, power: Float32, noise: Float32) -> Float32:
        """Return the gain of each bin, above 0 to about 1; all shapes are ``(m, n_bins)``, and `noise` is above 0."""
        posterior = np.minimum(power / noise, np.float32(1e4))
        guess = self._smoother.process(posterior)
        posterior = np.concatenate((self._held[0], posterior))
        guess = np.concatenate((self._held[1], guess))
        self._held = np.stack((posterior[-self.unrolled :], guess[-self.unrolled :]))
        instant = np.maximum(posterior - 1, 0)
        prior = np.maximum(guess - 1, self.least_prior)
        for _ in range(self.unrolled):
            prior = self._renewed(prior, posterior, instant)
            posterior, instant = posterior[1:], instant[1:]
        gain = log_spectral_gain(prior, posterior)
        presence = self._presence(prior, posterior)
        np.log(np.maximum(gain, np.float32(1e-4)), out=gain)
        gain -= self._floor
        gain *= presence
        gain += self._floor
        np.maximum(gain, self._floor, out=gain)
        return np.exp(gain, out=gain)

    def _renewed(self, prior: Float32, posterior: Float32, instant: Float32) -> Float32:
        """Compute one step of the recursion: each frame but the first, from the frame before it."""
        wiener = prior[:-1] / (1 + prior[:-1])
        renewed: Float32 = wiener * wiener
        renewed *= posterior[:-1]
        renewed *= self.persistence
        renewed += (1 - self.persistence) * instant[1:]
        return np.maximum(renewed, self.least_prior, out=renewed)

    def _presence(self, prior: Float32, posterior: Float32) -> Float32:
        """Compute the probability of speech in each bin, from the prior averaged with both neighbours."""
        wide = prior.copy()
        wide[:, 1:-1] += prior[:, :-2]
        wide[:, 1:-1] += prior[:, 2:]
        wide[:, 1:-1] *= np.float32(1 / 3)
        exponent = np.minimum(posterior * wide / (1 + wide), np.float32(50))
        odds = (1 + wide) * np.exp(-exponent) * self.absence_odds
        presence: Float32 = 1 / (1 + odds)
        return presence


class NoiseSuppressor(SpectralSuppressor):
    """Return samples with less noise.

    Frames of 20 ms every 10 ms; frame k covers ``[k * hop - hop, k * hop + hop)``. Output sample k belongs to input
    sample k. Direct current is removed without a change of phase. Withholds at most 20 ms. Remembers the noise floor of
    every bin.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz.
    floor_db : float
        Gain where there is no speech, dB, < 0; a lower value is quieter and less natural.

    Raises
    ------
    ParameterError
        If the sample rate is not 8000 or 16000, or the floor is not below 0 dB.

    See Also
    --------
    GainRule : The gains, and their references.
    dsp.speech.noise_floor.NoiseFloor : The noise floor, and its references.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> noise = 0.1 * rng.standard_normal(40_000).astype(np.float32)
    >>> clean = NoiseSuppressor(8000).process(noise)
    >>> bool(np.std(clean[20_000:]) < 0.25 * np.std(noise[20_000:]))
    True
    """

    def __init__(self, sample_rate: int, *, floor_db: float = -15.0) -> None:
        hop = sample_rate // 100
        window = sine_window(2 * hop)
        super().__init__(sample_rate, window=window, out_window=window)
        if not floor_db < 0:
            raise ParameterError(f"{floor_db=} dB would not suppress; use less than 0")
        self._floor = NoiseFloor(hop + 1, memory=40.0, bias=2.8)
        self._rule = GainRule(hop + 1, floor_db=floor_db)

    def reset(self) -> None:
        """Reset to the initial state: the next sample is sample 0, and no noise is known."""
        super().reset()
        self._floor.reset()
        self._rule.reset()

    def _gains(self, spectra: Complex64) -> Float32:
        P = power(spectra)
        return self._rule.process(P, self._floor.process(P))
