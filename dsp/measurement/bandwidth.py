"""Find the effective bandwidth of a recording of speech: the highest frequency with sound, whatever the sample rate.

A share of the energy does not show it (99 % are below 6.4 kHz in fullband speech), nor does a fixed threshold (at
-40 dB fullband speech seems to end at 12 kHz). A filter leaves a cliff, a steep fall of the spectrum, and speech is
stronger than the noise of its pauses.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64, frame_powers

__all__ = ["Bandwidth", "BandwidthClass", "bandwidth_class", "find_bandwidth"]

BandwidthClass = Literal["NB", "NB-WB", "WB", "WB-SWB", "SWB", "SWB-FB", "FB"]
Evidence = Literal["cliff", "noise", "none"]

_ORDER: tuple[BandwidthClass, ...] = ("NB", "NB-WB", "WB", "WB-SWB", "SWB", "SWB-FB", "FB")
_UPPER_HZ = (4_200.0, 6_500.0, 8_000.0, 12_000.0, 16_000.0, 18_000.0)  # of each class but the last (chosen)

_FRAME_S = 0.032
_SMOOTH_HZ = 100.0
_CLIFF_HZ, _CLIFF_DB = 400.0, 20.0
_LOWEST_HZ = 1_000.0  # a fall below this is a gap in the spectrum of speech, not the edge of a band
_ACTIVE_DB = 25.0
_ABOVE_PAUSE_DB = 6.0
_FEWEST_S = 0.4
_RATES_HZ = (8_000, 11_025, 16_000, 22_050, 24_000)
_MIRRORED = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth:
    """The upper edge of the frequencies of a recording."""

    upper_hz: float
    evidence: Evidence  # how the edge was found: at a cliff, at the noise of the pauses, or none below Nyquist
    uncertainty_hz: float
    name: BandwidthClass
    narrower_than_rate: bool  # the sample rate would allow a higher class
    fall_db: float  # of the cliff over 400 Hz; 0 without one
    image_of_hz: float | None  # former sample rate, if the spectrum above half of it mirrors the spectrum below


def bandwidth_class(upper_hz: float) -> BandwidthClass:
    """Return the class of an upper band edge.

    Narrowband is up to 4.2 kHz, wideband 6.5 to 8 kHz, super-wideband 12 to 16 kHz, fullband from 18 kHz.

    Parameters
    ----------
    upper_hz : float
        Hz.

    Returns
    -------
    str
        NB, WB, SWB, FB, or two of them joined, such as NB-WB, for an edge between them. The limits are chosen; the
        nominal edges are 3400, 7000, 14000 and 20000 Hz [1]_.

    References
    ----------
    .. [1] ITU-T Recommendations P.10, "Vocabulary for performance, quality of service and quality of experience", and
       P.56, "Objective measurement of active speech level", annexes B and C.

    Examples
    --------
    >>> bandwidth_class(3_400), bandwidth_class(5_000), bandwidth_class(7_000), bandwidth_class(20_000)
    ('NB', 'NB-WB', 'WB', 'FB')
    """
    return _ORDER[int(np.searchsorted(_UPPER_HZ, upper_hz, side="left"))]


def _smooth(power: Float64, n_bins: int) -> Float64:
    """Average over n bins around each bin; fewer at the ends."""
    below = np.concatenate(([0.0], np.cumsum(power)))
    at = np.arange(len(power))
    low, high = np.maximum(at - n_bins // 2, 0), np.minimum(at + n_bins // 2 + 1, len(power))
    mean: Float64 = (below[high] - below[low]) / (high - low)
    return mean


def _rounding(frequencies_hz: Float64) -> float:
    """Compute the density of the noise of rounding to 16 bits."""
    return float((1 / 32768) ** 2 / 12 / frequencies_hz[-1])


def _image(powers: Float64, frequencies_hz: Float64) -> float | None:
    """Find a former sample rate: around half of it the fine structure of the spectra is mirrored."""
    bin_hz = float(frequencies_hz[1])
    log = np.log(powers + 1e-16)
    width = round(500 / bin_hz)
    n_near = 2 * (width // 2) + 1
    for rate in _RATES_HZ:
        if not rate < 2 * frequencies_hz[-1] * 0.99:
            break
        reach = np.arange(
            round(150 / bin_hz), round(min(rate / 2 - 300, frequencies_hz[-1] - rate / 2, 1_500) / bin_hz)
        )
        if len(reach) < 2 * width:
            continue
        upper = powers[:, np.round((rate / 2) / bin_hz + reach).astype(int)]
        if upper.mean() < 10 * _rounding(frequencies_hz):  # only the noise of rounding
            continue
        fine = []
        for sign in (-1, 1):
            bins = log[:, np.round((rate / 2 + sign * reach * bin_hz) / bin_hz).astype(int)]
            below = np.cumsum(np.pad(bins, ((0, 0), (1, 0))), axis=1)
            rough = (below[:, n_near:] - below[:, :-n_near]) / n_near
            fine.append(bins[:, width // 2 : width // 2 + rough.shape[1]] - rough)
        if np.corrcoef(fine[0].ravel(), fine[1].ravel())[0, 1] > _MIRRORED:
            return float(rate)
    return None


def find_bandwidth(x: NDArray[np.floating], sample_rate: int) -> Bandwidth:
    """Find the effective bandwidth of a recording of speech.

    The mean spectrum of the active frames (at most 25 dB below the loud ones) is smoothed over 100 Hz. If it falls by
    20 dB or more over 400 Hz and does not rise again, the edge is half-way down that cliff (the highest such cliff).
    Otherwise the edge is the highest frequency at which the active frames are 6 dB stronger than the quietest tenth.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Speech with some pauses; full scale +-1.0.
    sample_rate : int
        Hz.

    Returns
    -------
    Bandwidth
        With a cliff the edge is accurate to 100 Hz. Where noise hides the speech, the edge also depends on the talker
        and the noise, and is accurate to half a kilohertz. All limits are chosen.

    Raises
    ------
    ParameterError
        If there is less than 0.4 s, or no sound.

    See Also
    --------
    bandwidth_class : The class of an edge.

    Examples
    --------
    >>> from dsp.synthesis.signals import shaped_noise
    >>> rng = np.random.default_rng(1)
    >>> telephone = lambda f: ((f > 300) & (f < 3400)).astype(float)
    >>> found = find_bandwidth(shaped_noise(48_000, rng, sample_rate=48_000, shape=telephone, rms=0.1), 48_000)
    >>> found.name, found.narrower_than_rate, abs(found.upper_hz - 3400) < 100
    ('NB', True, True)
    """
    if x.ndim != 1 or len(x) < _FEWEST_S * sample_rate:
        raise ParameterError(f"x has shape {x.shape} at {sample_rate} Hz; give one side of at least {_FEWEST_S:g} s")
    if not np.any(x):
        raise ParameterError("x is silent, so it has no bandwidth; check the recording")
    frequencies_hz, float_powers = frame_powers(x, sample_rate, frame_s=_FRAME_S)
    powers = float_powers.astype(np.float64)
    bin_hz, nyquist_hz = float(frequencies_hz[1]), sample_rate / 2
    levels = powers[:, 2:].sum(axis=1)  # without the constant part
    loud = float(np.quantile(levels, 0.95))
    active = levels >= loud * 10 ** (-_ACTIVE_DB / 10)
    quiet = levels <= np.quantile(levels, 0.1)
    n_smooth = max(1, round(_SMOOTH_HZ / bin_hz))
    rounding = _rounding(frequencies_hz)
    speech = _smooth(powers[active].mean(axis=0), n_smooth)
    pause = np.maximum(_smooth(powers[quiet].mean(axis=0), n_smooth), rounding)
    decibels = 10 * np.log10(np.maximum(speech, rounding / 100))

    image = _image(powers[levels >= loud / 30], frequencies_hz)
    n_cliff = round(_CLIFF_HZ / bin_hz)
    fall = decibels[:-n_cliff] - decibels[n_cliff:]
    highest_behind = np.maximum.accumulate(decibels[::-1])[::-1][n_cliff:]
    cliffs = (fall >= _CLIFF_DB) & (decibels[:-n_cliff] - highest_behind >= _CLIFF_DB)
    cliffs &= frequencies_hz[:-n_cliff] >= _LOWEST_HZ
    if cliffs.any():
        top = int(np.flatnonzero(cliffs)[-1])
        first = top - int(np.argmin(cliffs[: top + 1][::-1])) + 1 if not cliffs[: top + 1].all() else 0
        steepest = first + int(np.argmax(fall[first : top + 1]))
        middle = (decibels[steepest] + decibels[steepest + n_cliff]) / 2
        inside = decibels[steepest : steepest + n_cliff + 1]
        below = int(np.argmax(inside <= middle))
        share = (inside[below - 1] - middle) / (inside[below - 1] - inside[below]) if below else 0.0
        upper_hz = float(frequencies_hz[steepest] + (below - 1 + share) * bin_hz) if below else frequencies_hz[steepest]
        return _judged(upper_hz, "cliff", 100.0, nyquist_hz, float(fall[steepest]), image)

    above = speech >= pause * 10 ** (_ABOVE_PAUSE_DB / 10)
    varied = float(np.quantile(levels, 0.1)) < loud / 10
    last = int(np.flatnonzero(above)[-1]) if above.any() else len(speech) - 1
    if not varied or last * bin_hz >= nyquist_hz - 2 * _SMOOTH_HZ:
        return _judged(nyquist_hz, "none", 2 * _SMOOTH_HZ, nyquist_hz, 0.0, image)
    return _judged(last * bin_hz, "noise", 500.0, nyquist_hz, 0.0, image)


def _judged(
    upper_hz: float, evidence: Evidence, uncertainty_hz: float, nyquist_hz: float, fall_db: float, image: float | None
) -> Bandwidth:
    if image is not None:
        upper_hz = min(upper_hz, image / 2)
    name = bandwidth_class(upper_hz)
    return Bandwidth(
        upper_hz=float(upper_hz),
        evidence=evidence,
        uncertainty_hz=uncertainty_hz,
        name=name,
        narrower_than_rate=_ORDER.index(name) < _ORDER.index(bandwidth_class(nyquist_hz)),
        fall_db=fall_db,
        image_of_hz=image,
    )
