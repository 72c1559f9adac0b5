"""Compute octave bands and fractions of them at exact base-ten frequencies, and the power of a spectrum in each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64, PowerSpectrum

__all__ = ["OctaveBands", "band_levels_dbov", "band_means", "octave_bands"]

_RENARD_10 = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
_OCTAVE = 10**0.3  # IEC 61260-1: the base-ten octave


@dataclass(frozen=True, slots=True, eq=False)
class OctaveBands:
    """Bands of one octave or a fraction of it."""

    fraction: int  # bands per octave
    centres_hz: Float64  # (n,), exact
    lower_hz: Float64  # (n,)
    upper_hz: Float64  # (n,), upper_hz[k] == lower_hz[k + 1]
    names: tuple[str, ...]  # nominal frequencies as printed: "315", "1k", "3.15k"

    def __len__(self) -> int:
        return len(self.centres_hz)

    def within(self, low_hz: float, high_hz: float) -> NDArray[np.bool_]:
        """Return for each band whether its centre is between two frequencies, shape (n,)."""
        # Nominal limits such as 315 or 6300 Hz differ by up to 1 % from the exact centres.
        return (self.centres_hz >= 0.985 * low_hz) & (self.centres_hz <= 1.015 * high_hz)


def _name(hertz: float, fraction: int) -> str:
    if fraction in (1, 3):
        power = 10.0 ** np.floor(np.log10(hertz) + 1e-9)
        hertz = min((*_RENARD_10, 10.0), key=lambda r: abs(np.log(r * power / hertz))) * power
    return f"{hertz / 1000:.4g}k" if hertz >= 999.5 else f"{hertz:.4g}"


def octave_bands(low_hz: float, high_hz: float, *, fraction: int = 3) -> OctaveBands:
    """Return the bands whose centres are between two frequencies.

    Centres are ``1000 G^(k / b)`` for an odd number b of bands per octave and ``1000 G^((2 k + 1) / (2 b))`` for an
    even one. Edges are a factor of ``G^(1 / (2 b))`` above and below, with ``G = 10^0.3``.

    Parameters
    ----------
    low_hz, high_hz : float
        0 < low_hz <= high_hz; a nominal frequency such as 315 Hz stands for the exact one.
    fraction : int
        Bands per octave: 1, 3, 6, 12, 24.

    Returns
    -------
    OctaveBands
        From the lowest to the highest.

    Raises
    ------
    ParameterError
        If not 0 < `low_hz` <= `high_hz`, `fraction` is below 1, or no centre is between the frequencies.

    References
    ----------
    IEC 61260-1:2014, Octave-band and fractional-octave-band filters, eqs. 1-5.

    Examples
    --------
    >>> bands = octave_bands(300, 3400)
    >>> bands.names
    ('315', '400', '500', '630', '800', '1k', '1.25k', '1.6k', '2k', '2.5k', '3.15k')
    >>> float(bands.centres_hz[0].round(2))
    316.23
    """
    if not 0 < low_hz <= high_hz or fraction < 1:
        raise ParameterError(
            f"low_hz={low_hz:g}, high_hz={high_hz:g}, fraction={fraction}: needs 0 < low_hz <= high_hz, fraction >= 1"
        )
    shift = 0.0 if fraction % 2 else 0.5
    reach = np.log(np.array([0.985 * low_hz, 1.015 * high_hz]) / 1000) / np.log(_OCTAVE) * fraction - shift
    k = np.arange(np.ceil(reach[0]), np.floor(reach[1]) + 1)
    if not len(k):
        raise ParameterError(
            f"no band of a {fraction}th octave is centred between {low_hz:g} and {high_hz:g} Hz; widen"
        )
    centres = 1000 * _OCTAVE ** ((k + shift) / fraction)
    half = _OCTAVE ** (0.5 / fraction)
    names = tuple(_name(hertz, fraction) for hertz in centres.tolist())
    return OctaveBands(fraction, centres, centres / half, centres * half, names)


def band_levels_dbov(spectrum: PowerSpectrum, bands: OctaveBands) -> Float64:
    """Compute the level of a signal in each band.

    Parameters
    ----------
    spectrum : PowerSpectrum
        Spectrum of the signal.
    bands : OctaveBands
        The bands.

    Returns
    -------
    ndarray, shape (n,)
        dBov; ``-inf`` without power, and ``nan`` for a band whose upper edge is above Nyquist. The edges are ideal:
        unlike with the filters of IEC 61260-1, power of a neighbouring band counts only where the window of the
        spectrum spreads it.

    Examples
    --------
    >>> from dsp.core.spectrum import power_spectrum
    >>> t = np.arange(16_000) / 16_000
    >>> spectrum = power_spectrum(0.1 * np.sin(2 * np.pi * 1000 * t), 16_000)
    >>> band_levels_dbov(spectrum, octave_bands(800, 1250)).round(1)[1]
    np.float64(-23.0)
    """
    power = spectrum.cumulative(bands.upper_hz) - spectrum.cumulative(bands.lower_hz)
    nyquist_hz = spectrum.frequencies_hz[-1]
    with np.errstate(divide="ignore"):
        levels: Float64 = 10 * np.log10(np.maximum(power, 0.0))
    return np.where(bands.upper_hz <= nyquist_hz, levels, np.nan)


def band_means(
    values: NDArray[np.floating],
    bin_hz: float,
    bands: OctaveBands,
    *,
    weights: NDArray[np.floating] | None = None,
    least_share: float = 0.5,
) -> Float64:
    """Average a quantity over each band; bins at the edges count in part.

    Parameters
    ----------
    values : ndarray, shape (n_bins,)
        What to average, for example a squared gain; bin k is at ``k * bin_hz``.
    bin_hz : float
        Distance between two bins, Hz.
    bands : OctaveBands
        The bands.
    weights : ndarray, shape (n_bins,), optional
        0 leaves a bin out, 1 counts it.
    least_share : float
        0..1; the mean of a band is not known if the sum of its weights is less than this share of its width in bins.

    Returns
    -------
    ndarray, shape (n,)
        ``nan`` where the mean is not known or the band ends above the last bin.

    Examples
    --------
    >>> band_means(np.arange(4001.0), 1.0, octave_bands(1000, 1000)).round()  # between 891.25 and 1122.02 Hz
    array([1007.])
    """
    edges = (np.arange(len(values) + 1) - 0.5) * bin_hz
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, np.float64)
    sums = []
    for counted in (np.where(weights > 0, values, 0.0) * weights, weights):
        below = np.concatenate(([0.0], np.cumsum(counted)))
        sums.append(np.interp(bands.upper_hz, edges, below) - np.interp(bands.lower_hz, edges, below))
    whole = (bands.upper_hz - bands.lower_hz) / bin_hz
    known = (sums[1] >= least_share * whole) & (sums[1] > 0) & (bands.upper_hz <= edges[-1])
    means: Float64 = np.divide(sums[0], sums[1], out=np.full(len(bands), np.nan), where=known)
    return means
