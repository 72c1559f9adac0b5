"""Measure how much stronger a microphone picks up its wearer than a talker farther away."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64, power_spectrum
from dsp.measurement.octave_bands import OctaveBands, band_levels_dbov, octave_bands

__all__ = ["NearFar", "Talkers", "find_near_far"]

_ABOVE_AMBIENT_DB = 5.0
_LOW_HZ, _HIGH_HZ = 200.0, 6_300.0
_MEAN_LOW_HZ, _MEAN_HIGH_HZ = 300.0, 3_400.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Talkers:
    """Recordings of one microphone at one gain: the near talker, the far talker, and the room without talkers."""

    near: NDArray[np.floating]  # (n,), full scale +-1.0
    far: NDArray[np.floating]  # (m,)
    ambient: NDArray[np.floating] | None = None  # (k,), nobody talking


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NearFar:
    """Near level minus far level of a device, minus that of a reference microphone at the user's head if given."""

    bands: OctaveBands
    difference_db: Float64  # (n,), nan where not known; higher is better
    at_least: NDArray[np.bool_]  # (n,), the device's noise hid the far talker: the difference is this or more
    mean_db: float  # over the bands from 300 to 3400 Hz that are known, at least half of them; nan if there are none
    n_bands: int  # in that mean
    n_all: int  # bands from 300 to 3400 Hz
    mean_at_least: bool  # fewer than half are known, so that those with a lower bound alone are in the mean
    with_reference: bool  # if False, compare only headsets recorded in one session


def _difference(talkers: Talkers, sample_rate: int, bands: OctaveBands) -> tuple[Float64, NDArray[np.bool_]]:
    """Compute near level minus far level in each band, dB, and whether noise hid the far talker."""
    near, far = (
        10 ** (band_levels_dbov(power_spectrum(x, sample_rate), bands) / 10) for x in (talkers.near, talkers.far)
    )
    hidden = np.zeros(len(bands), np.bool_)
    if talkers.ambient is not None:
        ambient = 10 ** (band_levels_dbov(power_spectrum(talkers.ambient, sample_rate), bands) / 10)
        audible = ambient * 10 ** (_ABOVE_AMBIENT_DB / 10)
        hidden = np.asarray(far < audible, np.bool_)
        near = np.where(near >= audible, near - ambient, np.nan)
        far = np.where(hidden, far, far - ambient)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference: Float64 = 10 * np.log10(near) - 10 * np.log10(far)
    return np.where(np.isfinite(difference), difference, np.nan), hidden


def find_near_far(device: Talkers, sample_rate: int, *, reference: Talkers | None = None) -> NearFar:
    """Measure near/far discrimination in third octaves, 200 Hz to 6.3 kHz, and its mean.

    ``D = (L_near - L_far) of the device - (L_near - L_far) of the reference``. A band counts only if the talker is 5 dB
    or more above the room alone, whose power is subtracted. Where the device's own noise hides the far talker, the
    figure is a lower bound.

    Parameters
    ----------
    device : Talkers
        Takes with fixed gain. With gain control on, both talkers must speak in one take, in turn.
    sample_rate : int
        Hz.
    reference : Talkers, optional
        The same takes by a microphone at the user's head, over the same stretches of time; or what was played in them.
        Without it the difference also depends on the distances, the loudness and the words of both talkers.

    Returns
    -------
    NearFar
        Random error about ``6 / sqrt(B T)`` dB for a band B Hz wide over T seconds, and about 1 dB from how the headset
        is worn.

    Raises
    ------
    ParameterError
        If a take is shorter than a quarter of a second, or the near talker is not above the noise in any band.

    References
    ----------
    IEEE 269 (near and far field); the rule of 5 dB: Listen Inc., Microphone SNR with background noise.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> near, far = rng.normal(0, 0.1, (2, 32_000))
    >>> found = find_near_far(Talkers(near=near, far=0.1 * far), 16_000, reference=Talkers(near=near, far=0.5 * far))
    >>> round(found.mean_db), found.n_bands
    (14, 11)
    """
    bands = octave_bands(_LOW_HZ, min(_HIGH_HZ, sample_rate / 2 / 1.13))
    difference, hidden = _difference(device, sample_rate, bands)
    if not np.isfinite(difference).any():
        raise ParameterError(
            "the near talker does not stand out of the room's noise in any band; talk louder or nearer"
        )
    if reference is not None:
        beside, lost = _difference(reference, sample_rate, bands)
        difference = np.where(lost, np.nan, difference - beside)  # there the level of the far talker is not known
    meant = bands.within(_MEAN_LOW_HZ, _MEAN_HIGH_HZ)
    inside = meant & np.isfinite(difference) & ~hidden
    at_least = 2 * inside.sum() < meant.sum() and bool((meant & np.isfinite(difference) & hidden).any())
    if at_least:
        inside = meant & np.isfinite(difference)
    n_bands = int(inside.sum())
    return NearFar(
        bands=bands,
        difference_db=difference,
        at_least=hidden & np.isfinite(difference),
        mean_db=float(np.mean(difference[inside])) if n_bands else float("nan"),
        n_bands=n_bands,
        n_all=int(meant.sum()),
        mean_at_least=bool(n_bands and at_least),
        with_reference=reference is not None,
    )
