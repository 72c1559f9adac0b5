"""Estimate frequency responses from speech or noise (H1 with coherence), and compare responses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64, periodic_hann
from dsp.measurement.octave_bands import OctaveBands, band_means

__all__ = [
    "SpeechCheck",
    "Transfer",
    "align_at",
    "band_edges_hz",
    "compare_with_speech",
    "deviation_from_flat_db",
    "relative_response_db",
    "transfer",
]

_AT_ONCE = 256  # frames transformed at once


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Transfer:
    """A transfer function, known at the frequencies that the signal contains."""

    frequencies_hz: Float64  # (n_bins,), from 0 to Nyquist
    gain: NDArray[np.complex128]  # (n_bins,), recorded divided by reference
    coherence: Float64  # (n_bins,), 0..1: share of the recorded power that the reference explains
    n_frames: int

    @property
    def gain_db(self) -> Float64:
        """Gain in dB, 20 log10 of its magnitude, shape (n_bins,)."""
        with np.errstate(divide="ignore"):
            decibels: Float64 = 20 * np.log10(np.abs(self.gain))
        return decibels

    @property
    def uncertainty_db(self) -> Float64:
        """Standard deviation of `gain_db`, dB, shape (n_bins,).

        ``8.69 sqrt((1 - g^2) / (2 n g^2))`` with the coherence g^2 and n independent frames (Bendat and Piersol,
        "Random data", eq. 9.73); a Hann frame that overlaps the next by half counts as 0.95 independent frames.
        """
        g2 = np.clip(self.coherence, 1e-12, 1.0)
        error: Float64 = 8.686 * np.sqrt((1 - g2) / (2 * 0.95 * self.n_frames * g2))
        return error

    def response_db(self, bands: OctaveBands, *, least_coherence: float = 0.9, least_share: float = 0.5) -> Float64:
        """Compute the gain in each band, only from bins with a high coherence.

        Parameters
        ----------
        bands : OctaveBands
            The bands.
        least_coherence : float
            0..1; a bin with a lower coherence is left out.
        least_share : float
            0..1; the gain of a band is not known if less than this share of its bins is left.

        Returns
        -------
        ndarray, shape (n,)
            dB; nan where not known. With a coherence of 0.9 over 10 s of frames of 64 ms, each bin is accurate to
            0.2 dB.
        """
        bin_hz = float(self.frequencies_hz[1])
        squared = np.abs(self.gain) ** 2
        used = (self.coherence >= least_coherence).astype(np.float64)
        means = band_means(squared, bin_hz, bands, weights=used, least_share=least_share)
        with np.errstate(divide="ignore"):
            decibels: Float64 = 10 * np.log10(means)
        return decibels


def transfer(
    reference: NDArray[np.floating],
    recorded: NDArray[np.floating],
    sample_rate: int,
    *,
    delay_samples: float = 0.0,
    skew_ppm: float = 0.0,
    frame_length: int | None = None,
) -> Transfer:
    """Estimate a transfer function by H1: cross spectrum divided by the spectrum of the reference.

    ``H1 = S_xy / S_xx``, ``coherence = |S_xy|^2 / (S_xx S_yy)``, Hann frames half a frame apart. Noise in the recording
    averages out; noise in the reference lowers the gain.

    Parameters
    ----------
    reference, recorded : ndarray of float, shape (n,) and (m,)
        What was played, or what a reference microphone recorded, and the recording.
    sample_rate : int
        Of both, Hz.
    delay_samples : float
        Number of samples by which the recording lags at its beginning (`dsp.measurement.delay.find_delay`). It is
        corrected, because it would lower the coherence.
    skew_ppm : float
        Skew of the two clocks (`dsp.measurement.skew.clock_skew`), corrected frame by frame. Half a millisecond of
        drift over the take leaves no coherence at 1 kHz: 40 ppm over 12 s.
    frame_length : int, optional
        Samples; by default 64 ms. The remaining delay and the reverberation must be much shorter.

    Returns
    -------
    Transfer
        Gain and coherence at each bin.

    Raises
    ------
    ParameterError
        If less than four frames overlap, or one of the two is silent.

    References
    ----------
    J. S. Bendat and A. G. Piersol, "Random data", 4th ed., ch. 6 and 9.

    See Also
    --------
    dsp.measurement.sweep.deconvolve : Responses from sweeps.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(0, 0.1, 32_000)
    >>> found = transfer(x, np.concatenate((np.zeros(40), 0.5 * x)), 16_000, delay_samples=40)
    >>> found.gain_db[100].round(2), found.coherence[100].round(3)
    (np.float64(-6.02), np.float64(1.0))
    """
    length = frame_length or 2 * round(0.032 * sample_rate)
    x, y = np.asarray(reference, np.float64), np.asarray(recorded, np.float64)
    if x.ndim != 1 or y.ndim != 1:
        raise ParameterError(f"reference has shape {x.shape}, recorded {y.shape}; give one side each, shape (n,)")
    starts = np.arange(0, max(0, len(x) - length + 1), length // 2)
    lags = delay_samples + starts * (skew_ppm * 1e-6)
    whole = np.round(lags).astype(np.int64)
    there = (starts + whole >= 0) & (starts + whole + length <= len(y))
    starts, lags, whole = starts[there], lags[there], whole[there]
    n_frames = len(starts)
    if n_frames < 4:
        raise ParameterError(
            f"{n_frames} frames overlap and a transfer needs 4; give {2.5 * length / sample_rate:g} s or more"
        )
    window, within = periodic_hann(length), np.arange(length)
    bins_hz = np.arange(length // 2 + 1, dtype=np.float64) * (sample_rate / length)
    s_xx, s_yy = np.zeros(length // 2 + 1), np.zeros(length // 2 + 1)
    s_xy = np.zeros(length // 2 + 1, np.complex128)
    for k in range(0, n_frames, _AT_ONCE):
        some = slice(k, k + _AT_ONCE)
        X = np.fft.rfft(x[starts[some, None] + within] * window, axis=-1)
        Y = np.fft.rfft(y[(starts + whole)[some, None] + within] * window, axis=-1)
        # The fraction of a sample that rounding left is corrected by a turn of the phase.
        Y *= np.exp(2j * np.pi / sample_rate * np.outer((lags - whole)[some], bins_hz))
        s_xx += np.sum(X.real**2 + X.imag**2, axis=0)
        s_yy += np.sum(Y.real**2 + Y.imag**2, axis=0)
        s_xy += np.sum(np.conj(X) * Y, axis=0)
    if not s_xx.any() or not s_yy.any():
        raise ParameterError(f"the {'recorded' if s_xx.any() else 'reference'} signal is silent; check the take")
    gain = np.divide(s_xy, s_xx, out=np.zeros_like(s_xy), where=s_xx > 0)
    power = s_xx * s_yy
    coherence = np.divide(np.abs(s_xy) ** 2, power, out=np.zeros_like(power), where=power > 0)
    return Transfer(frequencies_hz=bins_hz, gain=gain, coherence=np.minimum(coherence, 1.0), n_frames=n_frames)


def align_at(
    frequencies_hz: NDArray[np.floating], response_db: NDArray[np.floating], *, at_hz: float = 1000.0
) -> Float64:
    """Shift a response so that it is 0 dB at one frequency.

    Parameters
    ----------
    frequencies_hz, response_db : ndarray, shape (n,)
        Rising frequencies; dB, nan where not known.
    at_hz : float
        That frequency; between points the response is linear in dB over the logarithm of frequency.

    Returns
    -------
    ndarray, shape (n,)
        dB relative to `at_hz`.

    Raises
    ------
    ParameterError
        If the response is not known on both sides of `at_hz`.

    Examples
    --------
    >>> align_at(np.array([500.0, 1000.0, 2000.0]), np.array([-3.0, -2.0, np.nan])).tolist()
    [-1.0, 0.0, nan]
    """
    hertz, response = np.asarray(frequencies_hz, np.float64), np.asarray(response_db, np.float64)
    known = np.isfinite(response)
    inside = known.any() and hertz[known][0] <= at_hz * (1 + 1e-9) and hertz[known][-1] >= at_hz * (1 - 1e-9)
    if not inside:
        raise ParameterError(f"the response is not known around {at_hz:g} Hz, so it cannot be aligned there")
    aligned: Float64 = response - np.interp(np.log(at_hz), np.log(hertz[known]), response[known])
    return aligned


def relative_response_db(
    frequencies_hz: NDArray[np.floating],
    device_db: NDArray[np.floating],
    reference_db: NDArray[np.floating],
    *,
    at_hz: float = 1000.0,
) -> Float64:
    """Compute the response of a device relative to a reference in the same conditions: ``D = H_device - H_reference``.

    Parameters
    ----------
    frequencies_hz, device_db, reference_db : ndarray, shape (n,)
        Rising frequencies; dB, nan where not known.
    at_hz : float
        Frequency at which the difference is set to 0 dB.

    Returns
    -------
    ndarray, shape (n,)
        dB; loudspeaker, talker and room cancel if they were the same.

    Raises
    ------
    ParameterError
        If the difference is not known around `at_hz`.

    Examples
    --------
    >>> relative_response_db(np.array([500.0, 1000, 2000]), np.array([1.0, 2, 6]), np.array([0.0, 1, 2])).tolist()
    [0.0, 0.0, 3.0]
    """
    return align_at(frequencies_hz, np.asarray(device_db) - np.asarray(reference_db), at_hz=at_hz)


def deviation_from_flat_db(
    frequencies_hz: NDArray[np.floating],
    response_db: NDArray[np.floating],
    *,
    low_hz: float = 100.0,
    high_hz: float = 7_000.0,
) -> float:
    """Compute the standard deviation of a response over its bands, a measure of how far it is from flat.

    With the gain in third octaves, each the mean power gain over its band, the n bands of 100 Hz to 7 kHz have the
    deviation ``sqrt(sum((r - mean(r))^2) / n)`` of their levels r in dB.

    Parameters
    ----------
    frequencies_hz, response_db : ndarray, shape (n,)
        Points equally spaced in log f, as bands are; dB, nan where not known.
    low_hz, high_hz : float
        Lowest and highest frequency, Hz.

    Returns
    -------
    float
        >= 0 dB; nan if less than two points are known.

    Examples
    --------
    >>> deviation_from_flat_db(np.array([500.0, 1000, 2000]), np.array([-1.0, 0.0, 1.0])).__round__(2)
    0.82
    """
    inside = (frequencies_hz >= 0.985 * low_hz) & (frequencies_hz <= 1.015 * high_hz) & np.isfinite(response_db)
    return float(np.std(response_db[inside])) if inside.sum() >= 2 else float("nan")


def band_edges_hz(
    frequencies_hz: NDArray[np.floating],
    response_db: NDArray[np.floating],
    *,
    drop_db: float = 3.0,
    at_hz: float = 1000.0,
) -> tuple[float, float]:
    """Find the frequencies below and above 1 kHz at which a response has fallen by `drop_db`.

    Parameters
    ----------
    frequencies_hz, response_db : ndarray, shape (n,)
        Rising frequencies; dB, nan where not known.
    drop_db : float
        Usually 3 or 10.
    at_hz : float
        Frequency from which the search goes down and up, and whose response is the reference.

    Returns
    -------
    lower_hz, upper_hz : float
        Interpolated in dB over log f; nan where the known response does not fall that far.

    Raises
    ------
    ParameterError
        If the response is not known around `at_hz`.

    Examples
    --------
    >>> hertz = np.array([125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0])
    >>> [round(edge) for edge in band_edges_hz(hertz, np.array([-12.0, -6.0, 0.0, 0.0, 0.0, -6.0]))]
    [354, 2828]
    """
    aligned = align_at(frequencies_hz, response_db, at_hz=at_hz)
    known = np.isfinite(aligned)
    octaves, fallen = np.log2(np.asarray(frequencies_hz)[known]), aligned[known] <= -drop_db
    values = aligned[known]
    start = int(np.argmin(np.abs(octaves - np.log2(at_hz))))

    def crossing(inner: int, outer: int) -> float:
        share = (-drop_db - values[inner]) / (values[outer] - values[inner])
        return float(2 ** (octaves[inner] + share * (octaves[outer] - octaves[inner])))

    below, above = np.flatnonzero(fallen[:start]), start + 1 + np.flatnonzero(fallen[start + 1 :])
    lower = crossing(int(below[-1]) + 1, int(below[-1])) if len(below) else float("nan")
    upper = crossing(int(above[0]) - 1, int(above[0])) if len(above) else float("nan")
    return lower, upper


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechCheck:
    """The difference between the responses of a sweep and of speech."""

    time_variant: bool  # they differ in shape or in level: the response of the sweep is not valid for speech
    difference_db: float  # largest difference of the two gains; nan if nothing can be compared
    at_hz: float  # frequency of that difference
    level_db: float  # median over the bands of the sweep's gain less that of speech: < 0: it is turned down
    shape_db: float  # largest difference once that median is taken out
    n_bands: int  # number of bands compared


def compare_with_speech(
    frequencies_hz: NDArray[np.floating],
    sweep_db: NDArray[np.floating],
    speech_db: NDArray[np.floating],
    *,
    most_db: float = 3.0,
    low_hz: float = 300.0,
    high_hz: float = 3_400.0,
) -> SpeechCheck:
    """Compare the gains of a sweep with those of speech, band by band, in shape and in level.

    Noise suppressors and gates may take a sweep for noise, and gain control gives it another gain. Where the two
    differ, only the response of speech is valid.

    Parameters
    ----------
    frequencies_hz, sweep_db, speech_db : ndarray, shape (n,)
        Third octaves; recorded over played, dB, nan where not known.
    most_db : float
        Largest difference of level, and largest of shape, at which the responses count as equal, dB (chosen).
    low_hz, high_hz : float
        Lowest and highest frequency compared, Hz.

    Returns
    -------
    SpeechCheck
        The largest difference, its parts, and whether one of them is above `most_db`.

    Examples
    --------
    >>> hertz = np.array([500.0, 1000.0, 2000.0])
    >>> compare_with_speech(hertz, np.array([0.0, 0.0, -9.0]), np.array([1.0, 1.0, 1.0])).time_variant
    True
    """
    inside = (frequencies_hz >= 0.985 * low_hz) & (frequencies_hz <= 1.015 * high_hz)
    inside &= np.isfinite(sweep_db) & np.isfinite(speech_db)
    if not inside.any():
        nan = float("nan")
        return SpeechCheck(time_variant=False, difference_db=nan, at_hz=nan, level_db=nan, shape_db=nan, n_bands=0)
    apart = np.asarray(sweep_db[inside] - speech_db[inside], np.float64)
    level = float(np.median(apart))
    shape = float(np.max(np.abs(apart - level)))
    worst = int(np.argmax(np.abs(apart)))
    return SpeechCheck(
        time_variant=max(abs(level), shape) > most_db,
        difference_db=float(np.abs(apart[worst])),
        at_hz=float(frequencies_hz[inside][worst]),
        level_db=level,
        shape_db=shape,
        n_bands=int(inside.sum()),
    )
