"""Measure THD and THD+N of a steady tone in a band; for sweeps see `dsp.measurement.sweep`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.levels import dbov
from dsp.core.spectrum import Float64, power_spectrum

__all__ = ["ToneDistortion", "tone_distortion"]

_SHORTEST_S = 0.25
_WINDOW = (0.35875, 0.48829, 0.14128, 0.01168)  # Blackman-Harris, side lobes below -92 dB
_REFINED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneDistortion:
    """Distortion of a tone as ratios; 0.01 is 1 %."""

    frequency_hz: float  # of the fundamental that was found
    level_dbov: float  # of the fundamental
    thd: float  # root of the summed powers of the harmonics over the fundamental; nan without harmonics in the band
    thd_n: float  # RMS in the band without the fundamental over RMS in the band (AES17)
    thd_n_to_fundamental: float  # the same over the RMS of the fundamental
    n_harmonics: int  # in the band
    harmonics: tuple[float, ...]  # amplitude of each from the second on, relative to the fundamental
    low_hz: float  # the band
    high_hz: float
    bounded: bool  # harmonics less than 6 dB above the noise next to them: `thd` is an upper bound


def _sine_fit(x: Float64, sample_rate: int, frequency_hz: float) -> tuple[float, complex, Float64]:
    """Fit a sine with four parameters (IEEE 1057); return frequency, complex amplitude and the residual."""
    t = (np.arange(len(x)) - len(x) / 2) / sample_rate
    omega = 2 * np.pi * frequency_hz
    cosine, sine, constant = 0.0, 0.0, 0.0
    for step in range(_REFINED):
        c, s = np.cos(omega * t), np.sin(omega * t)
        columns = [c, s, np.ones_like(t)]
        if step:
            columns.append(t * (sine * c - cosine * s))
        design = np.stack(columns, axis=1)
        found = np.linalg.solve(design.T @ design, design.T @ x)
        cosine, sine, constant = (float(each) for each in found[:3])
        if step:
            omega += float(found[3])
    rest = x - constant - cosine * np.cos(omega * t) - sine * np.sin(omega * t)
    return omega / (2 * np.pi), complex(cosine, -sine), rest


def tone_distortion(
    x: NDArray[np.floating],
    sample_rate: int,
    *,
    frequency_hz: float | None = None,
    low_hz: float = 100.0,
    high_hz: float = 7_000.0,
) -> ToneDistortion:
    """Measure the distortion of a steady tone.

    The fundamental is fitted and subtracted. Harmonics are measured with a window whose side lobes are below -92 dB.
    The rest in the band is noise.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        The tone without its beginning and end, at least 0.25 s; full scale +-1.0.
    sample_rate : int
        Hz.
    frequency_hz : float, optional
        Approximate frequency of the fundamental; by default that of the strongest line.
    low_hz, high_hz : float
        The band, Hz; at most up to Nyquist. Always report it with the result: AES17 measures up to 20 kHz.

    Returns
    -------
    ToneDistortion
        Distortion of the whole path. On a clean tone the THD is accurate to 0.01 % of the fundamental.

    Raises
    ------
    ParameterError
        If there is less than 0.25 s, no sound, or no fundamental in the band.

    References
    ----------
    AES17-2020, Measurement of digital audio equipment; IEEE 1057-2017, clause 4.6 (sine fit).

    Examples
    --------
    >>> t = np.arange(48_000) / 48_000
    >>> tone = 0.5 * np.sin(2 * np.pi * 997 * t)
    >>> found = tone_distortion(tone + 0.01 * tone**2, 48_000)
    >>> round(found.frequency_hz, 3), round(100 * found.thd, 3), round(100 * found.thd_n, 3)
    (997.0, 0.25, 0.25)
    """
    if x.ndim != 1 or len(x) < _SHORTEST_S * sample_rate:
        raise ParameterError(f"x has shape {x.shape}; give one side of at least {_SHORTEST_S:g} s of the tone")
    y = np.asarray(x, np.float64)
    if not y.any():
        raise ParameterError("x is silent, so it holds no tone; check the recording")
    high_hz = min(high_hz, sample_rate / 2)
    n = len(y)
    phase = 2 * np.pi * np.arange(n) / n
    window = sum(a * (-1) ** k * np.cos(k * phase) for k, a in enumerate(_WINDOW))
    spectrum = np.abs(np.fft.rfft((y - y.mean()) * window))
    bins_hz = np.fft.rfftfreq(n, 1 / sample_rate)
    near = (bins_hz >= low_hz) & (bins_hz <= high_hz)
    if frequency_hz is not None:
        near &= np.abs(bins_hz - frequency_hz) <= max(0.02 * frequency_hz, 4 * sample_rate / n)
    if not near.any():
        raise ParameterError(f"frequency_hz={frequency_hz} lies outside {low_hz:g} to {high_hz:g} Hz; widen the band")
    peak = int(np.argmax(np.where(near, spectrum, -1.0)))
    fundamental_hz, amplitude, rest = _sine_fit(y, sample_rate, float(bins_hz[peak]))

    orders = np.arange(2, max(2, int(high_hz / fundamental_hz)) + 1)
    orders = orders[orders * fundamental_hz <= high_hz]
    t = np.arange(n) / sample_rate
    lines = [2 * abs(np.sum(rest * window * np.exp(-2j * np.pi * k * fundamental_hz * t))) for k in orders.tolist()]
    harmonics = np.array(lines) / np.sum(window) / abs(amplitude)
    # Noise at each harmonic: the mean of the bins 6 to 16 away, outside the window's main lobe.
    residual = np.abs(np.fft.rfft(rest * window)) * 2 / float(np.sum(window)) / abs(amplitude)
    beside = np.r_[np.arange(-16, -5), np.arange(6, 17)]
    at = np.clip(
        np.round(orders * fundamental_hz * n / sample_rate).astype(int)[:, None] + beside, 0, len(residual) - 1
    )
    noise_power = float(np.sum(np.mean(residual[at] ** 2, axis=1))) if len(orders) else 0.0
    harmonic_power = float(np.sum(harmonics**2))

    left = power_spectrum(rest, sample_rate, frame_s=min(0.25, n / sample_rate)).mean_square(low_hz, high_hz)
    tone = abs(amplitude) ** 2 / 2
    return ToneDistortion(
        frequency_hz=fundamental_hz,
        level_dbov=dbov(tone),
        thd=float(np.sqrt(harmonic_power)) if len(orders) else float("nan"),
        thd_n=float(np.sqrt(left / (left + tone))),
        thd_n_to_fundamental=float(np.sqrt(left / tone)),
        n_harmonics=len(orders),
        harmonics=tuple(harmonics.tolist()),
        low_hz=low_hz,
        high_hz=high_hz,
        bounded=bool(harmonic_power < 4 * noise_power),
    )
