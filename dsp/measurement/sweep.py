"""Make exponential sweeps, and compute from their recordings the response and each order of harmonic distortion.

Many noise suppressors take a sweep for noise; `dsp.measurement.response.compare_with_speech` shows whether one did.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64, power_spectrum
from dsp.core.stage import Float32
from dsp.measurement.octave_bands import OctaveBands, band_means
from dsp.synthesis.signals import exponential_sweep

__all__ = ["HarmonicDistortion", "Sweep", "SweepResponse", "deconvolve"]

_LOWEST_S = 0.2
_BEFORE_S = 0.05  # kept of an impulse response before its peak: the ringing of the band's lower edge
_OUTSIDE_DB = 0.0  # regularisation outside the band, relative to the sweep's strongest bin
_INSIDE_DB = -80.0
_MARGIN_DB = 6.0  # harmonics less than this above the noise are reported as an upper bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A sine whose frequency rises by the same factor each second, faded in and out.

    Parameters
    ----------
    sample_rate : int
        Hz.
    duration_s : float
        Length, s, at least 0.2.
    start_hz, stop_hz : float
        First and last frequency, Hz; a `stop_hz` of 0 is replaced by 0.45 of the sample rate.
    amplitude : float
        Peak; full scale is 1. The default is -10 dBov.
    fade_s : float
        Length of the fades at both ends, s.

    Raises
    ------
    ParameterError
        If `duration_s` is below 0.2, or the frequencies do not rise between 0 and half the sample rate.

    References
    ----------
    A. Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine technique", AES 108,
    2000.

    Examples
    --------
    >>> sweep = Sweep(sample_rate=16_000, duration_s=2.0)
    >>> sweep.samples().shape, sweep.stop_hz
    ((32000,), 7200.0)
    """

    sample_rate: int  # Hz
    duration_s: float = 5.0
    start_hz: float = 50.0
    stop_hz: float = 0.0  # 0: 0.45 of the sample rate
    amplitude: float = 0.447  # peak; -10 dBov
    fade_s: float = 0.01

    def __post_init__(self) -> None:
        if self.duration_s < _LOWEST_S:
            raise ParameterError(f"duration_s={self.duration_s:g} is too short for a sweep; use at least {_LOWEST_S:g}")
        if not self.stop_hz:
            object.__setattr__(self, "stop_hz", 0.45 * self.sample_rate)
        exponential_sweep(self.start_hz, self.stop_hz, 0, sample_rate=self.sample_rate)  # checks the frequencies

    @property
    def n_samples(self) -> int:
        """Length in samples."""
        return round(self.duration_s * self.sample_rate)

    @property
    def growth_s(self) -> float:
        """Time L, s, in which the frequency rises by the factor e; harmonic n leads its fundamental by L ln n."""
        return self.duration_s / float(np.log(self.stop_hz / self.start_hz))

    def samples(self) -> Float32:
        """Return the samples of the sweep, shape ``(n_samples,)``."""
        x = exponential_sweep(
            self.start_hz, self.stop_hz, self.n_samples, sample_rate=self.sample_rate, amplitude=self.amplitude
        )
        n_fade = min(round(self.fade_s * self.sample_rate), self.n_samples // 2)
        fade = (0.5 - 0.5 * np.cos(np.pi * (np.arange(n_fade) + 0.5) / max(1, n_fade))).astype(np.float32)
        x[:n_fade] *= fade
        x[self.n_samples - n_fade :] *= fade[::-1]
        return x


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HarmonicDistortion:
    """Harmonic distortion of a sweep at each frequency of its fundamental."""

    frequencies_hz: Float64  # (n,), of the fundamental
    orders: Float64  # (n_orders, n), amplitude of harmonic k + 2 over the fundamental, >= 0; nan outside the band
    floor: Float64  # (n_orders, n), the same of the noise; nan where the noise is not known
    n_orders: NDArray[np.int64]  # (n,), number of harmonics inside the band

    @property
    def thd(self) -> Float64:
        """Total harmonic distortion: root of summed powers over the fundamental, shape (n,); nan without harmonics."""
        total: Float64 = np.sqrt(np.nansum(self.orders**2, axis=0))
        return np.where(self.n_orders > 0, total, np.nan)

    @property
    def bounded(self) -> NDArray[np.bool_]:
        """Whether the harmonics are less than 6 dB above the noise, so that `thd` is an upper bound, shape (n,)."""
        power = np.nansum(self.orders**2, axis=0)
        noise = np.nansum(self.floor**2, axis=0)
        return np.asarray(power < noise * 10 ** (_MARGIN_DB / 10), np.bool_)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SweepResponse:
    """The impulse response of a sweep's path, with those of the harmonics before it."""

    sweep: Sweep
    impulse: Float64  # (n,), circular: index 0 is no delay, and the last indices are times before it
    delay: int  # samples from the beginning of the recording to that of the sweep in it; may be negative
    noise: Float64  # (m,), samples of the recording without the sweep; may be empty

    def _windowed(self, order: int, length_s: float) -> tuple[Float64, Float64]:
        """Cut out the impulse response of one order; return it and the window used."""
        rate = self.sweep.sample_rate
        ahead_s = self.sweep.growth_s * np.log(order)
        to_next_s = self.sweep.growth_s * np.log((order + 1) / order)
        to_last_s = self.sweep.growth_s * np.log(order / (order - 1)) if order > 1 else np.inf
        n_before = max(2, round(min(_BEFORE_S, to_next_s / 4) * rate))
        n_after = max(4, round(min(length_s, to_last_s * 0.75) * rate))
        n_after = min(n_after, len(self.impulse) // 4)
        rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n_before) + 0.5) / n_before)
        n_fall = n_after // 4
        fall = 0.5 + 0.5 * np.cos(np.pi * (np.arange(n_fall) + 0.5) / n_fall)
        window = np.concatenate((rise, np.ones(n_after - n_fall), fall))
        begin = self.delay - round(float(ahead_s) * rate) - n_before
        return self.impulse[(begin + np.arange(len(window))) % len(self.impulse)] * window, window

    def impulse_response(self, length_s: float = 0.3) -> Float64:
        """Return the linear part, windowed; the main arrival is 50 ms after its beginning (less with a short sweep).

        Parameters
        ----------
        length_s : float
            Time kept after the main arrival, s; the last quarter is faded out.

        Returns
        -------
        ndarray, shape (n,)
            Impulse response, without unit.
        """
        return self._windowed(1, length_s)[0]

    def _gains(self, order: int, bands: OctaveBands, length_s: float, noise: bool) -> Float64:
        """Compute the mean squared gain of one order, or of the noise, in each band of output frequency."""
        rate = self.sweep.sample_rate
        impulse, window = self._windowed(order, length_s)
        n = 1 << (max(len(impulse), rate) - 1).bit_length()  # bins of 1 Hz or less
        if not noise:
            return band_means(np.abs(np.fft.rfft(impulse, n)) ** 2, rate / n, bands)
        # Noise of density S after the inverse filter and the window has E|FFT|^2 = sum(w^2) S rate / 2 / |X|^2.
        noise_spectrum = power_spectrum(self.noise, rate, frame_s=min(0.25, len(self.noise) / rate))
        frequencies_hz = np.arange(n // 2 + 1) * rate / n
        density = np.interp(frequencies_hz, noise_spectrum.frequencies_hz, noise_spectrum.density)
        sweep_power = self.sweep.amplitude**2 / 4 * rate**2 * self.sweep.growth_s / np.maximum(frequencies_hz, 1.0)
        return band_means(np.sum(window**2) * density * rate / 2 / sweep_power, rate / n, bands)

    def response_db(self, bands: OctaveBands, *, length_s: float = 0.3) -> Float64:
        """Compute the gain in each band.

        Parameters
        ----------
        bands : OctaveBands
            The bands.
        length_s : float
            Length of the impulse response that is used, s. With 0.005 the reflections of a room are left out, but
            frequencies below 200 Hz are not valid.

        Returns
        -------
        ndarray, shape (n,)
            20 log10 of recorded over played, dB; nan outside the sweep. Accurate to 0.05 dB on a clean recording.
        """
        with np.errstate(divide="ignore"):
            gains: Float64 = 10 * np.log10(self._gains(1, bands, length_s, noise=False))
        outside = (bands.lower_hz < self.sweep.start_hz * 0.999) | (bands.upper_hz > self.sweep.stop_hz * 1.001)
        gains[outside] = np.nan
        return gains

    def response_over_noise_db(self, bands: OctaveBands, *, length_s: float = 0.3) -> tuple[Float64, NDArray[np.bool_]]:
        """Compute the gain in each band less the recording's noise in it, and where the noise hides it.

        Parameters
        ----------
        bands : OctaveBands
            The bands.
        length_s : float
            As of `response_db`.

        Returns
        -------
        gain_db : ndarray, shape (n,)
            As of `response_db`, the noise's power subtracted; where that is half of the band's power or more, the gain
            with the noise, an upper bound.
        hidden : ndarray of bool, shape (n,)
            Where the gain is a bound.
        """
        whole = self.response_db(bands, length_s=length_s)
        if len(self.noise) < 0.1 * self.sweep.sample_rate:
            return whole, np.zeros(len(bands), np.bool_)
        power, noise = 10 ** (whole / 10), self._gains(1, bands, length_s, noise=True)
        hidden = np.asarray(power < 2 * noise, np.bool_)
        with np.errstate(divide="ignore", invalid="ignore"):
            clean = 10 * np.log10(power - noise)
        return np.where(hidden, whole, clean), hidden

    def response_error_db(self, bands: OctaveBands, *, length_s: float = 0.3) -> Float64:
        """Compute the standard deviation of each band's gain that the recording's noise makes.

        Returns
        -------
        ndarray, shape (n,)
            dB: ``8.69 sqrt(N / (2 S B T))`` for the noise N and the gain S in a band of B Hz over the length T; 0 where
            the noise is not known, nan outside the sweep.
        """
        whole = self.response_db(bands, length_s=length_s)
        if len(self.noise) < 0.1 * self.sweep.sample_rate:
            return np.where(np.isfinite(whole), 0.0, np.nan)
        noise = self._gains(1, bands, length_s, noise=True)
        degrees = np.maximum((bands.upper_hz - bands.lower_hz) * length_s, 1.0)
        error: Float64 = 8.686 * np.sqrt(noise / 10 ** (whole / 10) / (2 * degrees))
        return error

    def distortion(
        self, bands: OctaveBands, *, n_harmonics: int = 5, limit_hz: float = np.inf, length_s: float = 0.1
    ) -> HarmonicDistortion:
        """Compute the harmonics of each order at each frequency of the fundamental.

        ``thd(f) = sqrt(sum |H_n(n f)|^2) / |H_1(f)|`` for n from 2; each H from its own part of the impulse response.

        Parameters
        ----------
        bands : OctaveBands
            Bands of the fundamental, over which powers are averaged; thirds or twelfths of an octave.
        n_harmonics : int
            Highest order, >= 2.
        limit_hz : float
            Highest frequency of a harmonic, Hz: the effective bandwidth of the recording.
        length_s : float
            Length of each order's impulse response that is used, s.

        Returns
        -------
        HarmonicDistortion
            Of the whole path, with the loudspeaker: an upper bound for the microphone. On a clean recording each order
            is within 3 % of its value.

        Raises
        ------
        ParameterError
            If `n_harmonics` is below 2.
        """
        if n_harmonics < 2:
            raise ParameterError(f"n_harmonics={n_harmonics} leaves no harmonic; use at least 2")
        limit_hz = min(limit_hz, self.sweep.stop_hz)
        fundamental = self._gains(1, bands, length_s, noise=False)
        swept = (bands.lower_hz >= self.sweep.start_hz * 0.999) & (bands.upper_hz <= self.sweep.stop_hz * 1.001)
        orders = np.full((n_harmonics - 1, len(bands)), np.nan)
        floor = np.full_like(orders, np.nan)
        noise_known = len(self.noise) >= 0.1 * self.sweep.sample_rate
        for order in range(2, n_harmonics + 1):
            above = OctaveBands(
                bands.fraction, order * bands.centres_hz, order * bands.lower_hz, order * bands.upper_hz, bands.names
            )
            inside = swept & (above.upper_hz <= limit_hz)
            ratio = np.sqrt(self._gains(order, above, length_s, noise=False) / fundamental)
            orders[order - 2] = np.where(inside, ratio, np.nan)
            if noise_known:
                ratio = np.sqrt(self._gains(order, above, length_s, noise=True) / fundamental)
                floor[order - 2] = np.where(inside, ratio, np.nan)
        return HarmonicDistortion(
            frequencies_hz=bands.centres_hz, orders=orders, floor=floor, n_orders=np.isfinite(orders).sum(axis=0)
        )


def deconvolve(recorded: NDArray[np.floating], sweep: Sweep) -> SweepResponse:
    """Compute the impulse response of a sweep's path by regularised division of spectra.

    ``H = Y conj(X) / (|X|^2 + e)``; relative to the sweep's strongest bin, e is -80 dB inside its band and 0 dB
    outside.

    Parameters
    ----------
    recorded : ndarray of float, shape (n,)
        Recording of the whole sweep, full scale +-1.0, with half a second of silence after it for the noise.
    sweep : Sweep
        The sweep that was played.

    Returns
    -------
    SweepResponse
        Its delay is that of the strongest arrival.

    Raises
    ------
    ParameterError
        If the recording is shorter than the sweep or silent.

    References
    ----------
    A. Farina, AES 108, 2000; O. Kirkeby et al., "Fast deconvolution of multichannel systems using regularization",
    IEEE Trans. Speech Audio Processing 6(2), 1998.

    Examples
    --------
    >>> from dsp.measurement.octave_bands import octave_bands
    >>> sweep = Sweep(sample_rate=16_000, duration_s=2.0)
    >>> recorded = np.concatenate((np.zeros(480), 0.5 * sweep.samples(), np.zeros(8_000)))
    >>> found = deconvolve(recorded, sweep)
    >>> found.delay, found.response_db(octave_bands(1000, 2000)).round(2).tolist()
    (480, [-6.02, -6.02, -6.02, -6.02])
    """
    y = np.asarray(recorded, np.float64)
    x = sweep.samples().astype(np.float64)
    if y.ndim != 1 or len(y) < len(x):
        raise ParameterError(
            f"the recording has shape {y.shape}, the sweep {len(x)} samples; record the whole sweep, one side"
        )
    if not y.any():
        raise ParameterError("the recording is silent, so no sweep can be found; check the device and its mute switch")
    from scipy.fft import next_fast_len

    n = next_fast_len(len(x) + len(y), real=True)
    X, Y = np.fft.rfft(x, n), np.fft.rfft(y, n)
    frequencies_hz = np.fft.rfftfreq(n, 1 / sweep.sample_rate)
    # Regularisation rises over a sixth of an octave outside each edge, so that the edges ring only for a short time.
    octaves = np.log2(np.maximum(frequencies_hz, 1e-3))
    beyond = np.maximum(np.log2(sweep.start_hz) - octaves, octaves - np.log2(sweep.stop_hz))
    share = np.clip(6 * beyond, 0.0, 1.0)
    strongest = float(np.max(np.abs(X)) ** 2)
    regular = strongest * 10 ** ((_INSIDE_DB + (_OUTSIDE_DB - _INSIDE_DB) * share) / 10)
    impulse = np.fft.irfft(Y * np.conj(X) / (np.abs(X) ** 2 + regular), n)
    delay = int(np.argmax(np.abs(impulse)))
    delay -= n if delay > n - len(x) else 0
    behind = y[min(len(y), max(0, delay) + len(x) + round(0.1 * sweep.sample_rate)) :]
    before = y[: max(0, delay - round(0.02 * sweep.sample_rate))]
    return SweepResponse(
        sweep=sweep, impulse=impulse, delay=delay, noise=behind if len(behind) >= len(before) else before
    )
