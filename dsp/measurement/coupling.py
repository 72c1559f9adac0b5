"""Measure the coupling from earpiece to microphone, from what was played and what the microphone recorded.

Nobody may talk during the recording. The result is valid for two digital signals at one volume setting and one way of
wearing. It is not the terminal coupling loss of a standard, which is measured on a head and torso simulator.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64, power_spectrum
from dsp.measurement.octave_bands import OctaveBands, band_levels_dbov, octave_bands

__all__ = ["TELEPHONE_BAND_HZ", "WIDE_BAND_HZ", "Coupling", "find_coupling", "weighted_loss_db"]

TELEPHONE_BAND_HZ = (300.0, 3_400.0)
"""Band of ITU-T G.122 annex B.4."""

WIDE_BAND_HZ = (300.0, 6_700.0)
"""Band of 3GPP TS 26.132 for wideband."""

_ABOVE_IDLE_DB = 5.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Coupling:
    """Loss from the earpiece to the microphone; higher is better."""

    bands: OctaveBands
    loss_db: Float64  # (n,), nan where nothing was played
    at_least: NDArray[np.bool_]  # (n,), the recording is within 5 dB of its idle noise: the loss is this or more
    weighted_db: float  # over `band_hz`, by G.122
    weighted_at_least: bool  # half of its power or more is from bands with only a lower bound
    band_hz: tuple[float, float]


def weighted_loss_db(
    frequencies_hz: NDArray[np.floating],
    loss_db: NDArray[np.floating],
    *,
    low_hz: float = 300.0,
    high_hz: float = 3400.0,
) -> float:
    """Compute the weighted loss over a band by the trapezoidal rule.

    ``L = C - 10 log10 sum (A_i + A_(i-1)) (log10 f_i - log10 f_(i-1))`` with the power ratio ``A = 10^(-loss / 10)``
    and ``C = 10 log10(2 (log10 f_N - log10 f_0))``: 3.24 dB for 300 to 3400 Hz, 4.31 dB for 300 to 6700 Hz.

    Parameters
    ----------
    frequencies_hz, loss_db : ndarray, shape (n,)
        Rising frequencies; dB. At the edges of the band the loss is interpolated, linear in dB over log f; before the
        first and after the last point it is constant.
    low_hz, high_hz : float
        The band, Hz.

    Returns
    -------
    float
        dB. If the loss is equal at all frequencies, the result is that loss.

    Raises
    ------
    ParameterError
        If a loss inside the band is not known, or no point is in the band.

    References
    ----------
    ITU-T G.122 (03/93), Influence of national systems on stability and talker echo, annex B.4.

    Examples
    --------
    >>> round(weighted_loss_db(np.array([300.0, 1000.0, 3400.0]), np.array([40.0, 40.0, 40.0])), 6)
    40.0
    """
    hertz, loss = np.asarray(frequencies_hz, np.float64), np.asarray(loss_db, np.float64)
    inside = (hertz > low_hz) & (hertz < high_hz)
    if not inside.any() or not np.isfinite(loss[inside]).all():
        raise ParameterError(
            f"the loss is not known everywhere between {low_hz:g} and {high_hz:g} Hz; play a wider signal"
        )
    known = np.isfinite(loss)
    log_f = np.log10(np.concatenate(([low_hz], hertz[inside], [high_hz])))
    ratio = 10 ** (-np.interp(log_f, np.log10(hertz[known]), loss[known]) / 10)
    area = float(np.sum((ratio[1:] + ratio[:-1]) * np.diff(log_f)))
    return float(10 * np.log10(2 * (log_f[-1] - log_f[0])) - 10 * np.log10(area))


def find_coupling(
    played: NDArray[np.floating],
    recorded: NDArray[np.floating],
    sample_rate: int,
    *,
    idle: NDArray[np.floating] | None = None,
    band_hz: tuple[float, float] = TELEPHONE_BAND_HZ,
) -> Coupling:
    """Measure the coupling loss in third octaves, and the weighted loss.

    ``loss = level played - level recorded`` in each band, both over their whole length. The power of the idle noise is
    first subtracted from the recording.

    Parameters
    ----------
    played, recorded : ndarray of float, shape (n,) and (m,)
        Speech, because cancellers and suppressors treat noise differently. Their lengths differ by about a second at
        most, and the part in which a canceller still adapts is left out. Full scale +-1.0.
    sample_rate : int
        Of both, Hz.
    idle : ndarray of float, shape (k,), optional
        Recorded while nothing was played, same gain, a second or more. Without it no band is marked as a lower bound
        because of noise.
    band_hz : tuple of float
        Band of the weighted loss: `TELEPHONE_BAND_HZ` or `WIDE_BAND_HZ`, limited by the sample rate.

    Returns
    -------
    Coupling
        Random error about ``4.3 / sqrt(B T)`` dB for a band B Hz wide over T seconds of sound.

    Raises
    ------
    ParameterError
        If a signal is shorter than a quarter of a second, or nothing was played.

    References
    ----------
    ITU-T G.122 annex B.4; 3GPP TS 26.132 clause 8.7 (which measures it on a head and torso simulator).

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(0, 0.1, 32_000)
    >>> found = find_coupling(x, 0.01 * x, 16_000)
    >>> round(found.weighted_db, 2), found.weighted_at_least
    (40.0, False)
    """
    high_hz = min(band_hz[1], sample_rate / 2 / 1.13)
    bands = octave_bands(200, min(8_000.0, sample_rate / 2 / 1.13))
    levels = [band_levels_dbov(power_spectrum(each, sample_rate), bands) for each in (played, recorded)]
    power_in, power_out = (10 ** (each / 10) for each in levels)
    if not np.nansum(power_in) > 0:
        raise ParameterError("nothing was played, so nothing can couple; give the signal sent to the earpiece")
    at_least = np.zeros(len(bands), np.bool_)
    if idle is not None:
        power_idle = 10 ** (band_levels_dbov(power_spectrum(idle, sample_rate), bands) / 10)
        at_least = np.asarray(power_out < power_idle * 10 ** (_ABOVE_IDLE_DB / 10), np.bool_)
        # Where noise hides the coupling, the power of the recording is its upper limit.
        power_out = np.where(at_least, power_out, power_out - power_idle)
    # A band in which almost nothing was played does not show the loss.
    enough = power_in > 1e-7 * float(np.nanmax(power_in))
    with np.errstate(divide="ignore", invalid="ignore"):
        loss: Float64 = np.where(enough, 10 * np.log10(power_in) - 10 * np.log10(power_out), np.nan)
    at_least |= np.isinf(loss)
    weighted = weighted_loss_db(bands.centres_hz, np.minimum(loss, 200.0), low_hz=band_hz[0], high_hz=high_hz)
    inside = bands.within(band_hz[0], high_hz) & np.isfinite(loss)
    ratio = 10 ** (-loss[inside] / 10)
    bounded = bool(ratio[at_least[inside]].sum() >= 0.5 * ratio.sum()) if inside.any() else True
    return Coupling(
        bands=bands,
        loss_db=loss,
        at_least=at_least,
        weighted_db=weighted,
        weighted_at_least=bounded,
        band_hz=(band_hz[0], high_hz),
    )
