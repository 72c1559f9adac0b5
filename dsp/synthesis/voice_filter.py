"""Make the sound of planned tracks: glottal pulses and noises, filtered by formants in overlapping frames.

Each frame is 10 ms of source under a raised-cosine window, multiplied in the frequency domain by the response of that
frame and added to its neighbours, so the response changes smoothly. Grid: frame k is centred on sample ``k * hop``.
"""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from dsp.core.stage import Float32
from dsp.synthesis.voice_plan import FRAMES_PER_S, Tracks

__all__ = ["render_tracks"]

_BATCH = 256  # frames processed at once, so that spectra stay in the cache
_PIECES = 8  # length of a transform in hops: 10 ms of source and 30 ms for the decay of the formants
_TAPS = 8  # of the kernel that places a pulse between two samples
_WIDTHS_HZ = (70.0, 90.0, 130.0)
_UPPER_FORMANTS_HZ, _UPPER_WIDTHS_HZ = (3500.0, 4500.0, 5600.0, 6600.0), (190.0, 320.0, 420.0, 500.0)
_NASAL_POLE_HZ, _NASAL_ZERO_HZ, _NASAL_WIDTH_HZ = 270.0, 480.0, 110.0
_LEVELLED = 0.55  # how far differences in level between vowels are reduced: real ones differ by about 5 dB

_PLAIN_POWER = 0.02  # of the response of a plain vowel
_S_SCALE = 2 * np.pi * 1000.0  # keeps powers of s near 1

Float64 = NDArray[np.float64]


def _pulses(
    tracks: Tracks, rng: np.random.Generator, *, f0_hz: float, jitter: float, shimmer_db: float, hop: int
) -> Float32:
    """Make glottal closures as band-limited unit pulses, scaled so that their mean power is the voicing squared."""
    n_frames = len(tracks.voicing)
    creak = tracks.roughness
    pitch = f0_hz * 2 ** (tracks.semitones / 12) * (1 - 0.45 * creak)
    cycles = np.concatenate(([0.0], np.cumsum(pitch / FRAMES_PER_S)))
    number = np.arange(1, int(cycles[-1]))
    at = np.interp(number, cycles, np.arange(n_frames + 1))  # frames
    frame = np.minimum(at.astype(np.int64), n_frames - 1)
    strength = np.interp(at, np.arange(n_frames), tracks.voicing)
    keep = strength > 1e-4
    at, frame, strength = at[keep], frame[keep], strength[keep]
    noise = rng.standard_normal((2, len(at)))
    rough = creak[frame]
    at = at + noise[0] * (jitter + 0.10 * rough) * FRAMES_PER_S / pitch[frame]
    strength = strength * 10 ** (noise[1] * (shimmer_db + 1.5 * rough) / 20)
    strength *= np.sqrt(hop * FRAMES_PER_S / pitch[frame])
    sample = np.clip(at * hop, _TAPS, n_frames * hop - 2 * _TAPS)
    whole = np.floor(sample).astype(np.int64)
    tap = np.arange(_TAPS)[None, :] - (_TAPS // 2 - 1)
    distance = tap - (sample - whole)[:, None]
    kernel = np.sinc(0.94 * distance) * 0.94 * np.cos(np.pi * distance / (_TAPS + 1)) ** 2
    weights = (kernel * strength[:, None]).ravel()
    return np.bincount((whole[:, None] + tap).ravel(), weights, minlength=n_frames * hop).astype(np.float32)


def _resonator(frequency_hz: NDArray[Any], width_hz: NDArray[Any] | float, sample_rate: int) -> Float64:
    """Compute the coefficients of ``1 + a1 / z + a2 / z^2`` as rows, shape (m, 3)."""
    radius = np.exp(-np.pi * np.broadcast_to(width_hz, frequency_hz.shape) / sample_rate)
    a1 = -2 * radius * np.cos(2 * np.pi * frequency_hz / sample_rate)
    return np.stack((np.ones_like(a1), a1, radius**2), axis=1)


def _band(frequencies: NDArray[Any], band: str) -> NDArray[np.float64]:
    """Compute the amplitude of the path from the mouth to the recording."""
    x = np.maximum(frequencies, 1.0)
    if band == "telephone":
        low = 1 / np.sqrt(1 + (290 / x) ** 8)
        return np.asarray(low / np.sqrt(1 + (x / 3450) ** 24))
    return np.asarray(1 / np.sqrt(1 + (90 / x) ** 4))


def render_tracks(
    tracks: Tracks,
    rng: np.random.Generator,
    *,
    sample_rate: int,
    f0_hz: float,
    tract: float,
    breathiness: float,
    jitter: float,
    shimmer_db: float,
    band: str,
) -> Float32:
    """Make the sound of planned tracks.

    Parameters
    ----------
    tracks : Tracks
        Values of each source and formant.
    rng : numpy.random.Generator
        Source of random numbers.
    sample_rate : int
        In Hz, a multiple of 200, 8000 to 16000.
    f0_hz, tract, breathiness, jitter, shimmer_db, band
        As of `dsp.synthesis.voice.Voice`.

    Returns
    -------
    ndarray of float32, shape (n_frames * sample_rate / 200,)
        A full vowel has an RMS of about 1.

    See Also
    --------
    dsp.synthesis.voice.speak : Plans the tracks and makes their sound; has an example.
    """
    from scipy import fft  # imported here, so that programs without made voices need not wait for it

    hop = sample_rate // FRAMES_PER_S
    n_frames = len(tracks.voicing)
    length = _PIECES * hop
    pulses = _pulses(tracks, rng, f0_hz=f0_hz, jitter=jitter, shimmer_db=shimmer_db, hop=hop)
    noise = rng.standard_normal(len(pulses), np.float32)
    window = np.hanning(2 * hop + 1)[:-1].astype(np.float32)
    lead = np.zeros(hop, np.float32)
    framed = [sliding_window_view(np.concatenate((lead, x)), 2 * hop)[::hop] for x in (pulses, noise)]

    frequencies = np.fft.rfftfreq(length, 1 / sample_rate)
    omega = 2 * np.pi * frequencies
    z_powers = _interleaved([np.exp(-1j * omega * k / sample_rate) for k in range(7)])
    s_powers = _interleaved([(1j * omega / _S_SCALE) ** k for k in range(4)])
    upper = [f * tract for f in _UPPER_FORMANTS_HZ if f * tract < 0.48 * sample_rate]
    fixed = _band(frequencies, band).astype(np.complex128)
    for frequency, width in zip(
        (*upper, _NASAL_POLE_HZ), (*_UPPER_WIDTHS_HZ[: len(upper)], _NASAL_WIDTH_HZ), strict=True
    ):
        pole = _resonator(np.array([frequency]), width, sample_rate)
        fixed *= pole.sum() / (pole @ np.exp(-1j * np.outer(np.arange(3), omega) / sample_rate))[0]
    through = fixed.astype(np.complex64)
    # The level of a response is its power in the telephone band, so that both rates give the same balance.
    weights = ((frequencies > 150) & (frequencies < 3600)) * (sample_rate / 4000 / length)
    weights = np.repeat(weights, 2).astype(np.float32)

    tracts, zeros, glottis, gains = _responses(tracks, f0_hz=f0_hz, breathiness=breathiness, sample_rate=sample_rate)
    aspiration = (tracks.aspiration + 0.14 * breathiness * tracks.voicing).astype(np.float32)
    humps, which = _frication(tracks, frequencies, band)

    y = np.zeros((n_frames + _PIECES, hop), np.float32)
    for first in range(0, n_frames, _BATCH):
        part = slice(first, min(first + _BATCH, n_frames))
        glottal = (glottis[part] @ s_powers).view(np.complex64)
        H = (zeros[part] @ z_powers[:3]).view(np.complex64)
        H *= through
        H /= (tracts[part] @ z_powers).view(np.complex64) * glottal
        G = H * (s_powers[1].view(np.complex64))
        H *= glottal
        voiced = gains[part] / np.maximum(_power(G, weights), 1e-20) ** (_LEVELLED / 2)
        H *= (aspiration[part] / np.sqrt(np.maximum(_power(H, weights), 1e-20)))[:, None]
        rows = np.flatnonzero(which[part])
        if len(rows):
            H[rows] += humps[which[part][rows]] * tracks.frication[part].astype(np.float32)[rows, None]
        X = fft.rfft(framed[0][part] * (window * voiced[:, None]), length, axis=1)
        X *= G
        N = fft.rfft(framed[1][part] * window, length, axis=1)
        N *= H
        X += N
        pieces = fft.irfft(X, length, axis=1)
        for j in range(_PIECES):
            y[first + j : part.stop + j] += pieces[:, j * hop : (j + 1) * hop]
    # Frame 0 begins one hop before sample 0.
    sound: Float32 = y.reshape(-1)[hop : hop + n_frames * hop].copy()
    return sound


def _responses(
    tracks: Tracks, *, f0_hz: float, breathiness: float, sample_rate: int
) -> tuple[Float32, Float32, Float32, Float32]:
    """Compute coefficients by frame: formants in 1/z (7), nasal zero in 1/z (3), glottis in s (4), and voiced gain."""
    widths = [np.full(len(tracks.voicing), width) for width in _WIDTHS_HZ]
    widths[0] = widths[0] * (1 + 0.6 * breathiness) + 90 * tracks.nasal
    widths[1] = widths[1] + 120 * tracks.nasal
    tracts = np.ones((len(tracks.voicing), 1))
    for j in range(3):
        pole = _resonator(tracks.formants_hz[:, j], widths[j], sample_rate)
        tracts = _times(tracts, pole / pole.sum(axis=1, keepdims=True))
    zero_hz = _NASAL_POLE_HZ + (_NASAL_ZERO_HZ - _NASAL_POLE_HZ) * tracks.nasal
    zeros = _resonator(zero_hz, _NASAL_WIDTH_HZ, sample_rate)
    zeros /= zeros.sum(axis=1, keepdims=True)
    # The derivative of the flow has a maximum at about 1.4 times the pitch and falls by 6 dB per octave above it.
    corner = 2 * np.pi * 1.4 * f0_hz * 2 ** (tracks.semitones / 12) / _S_SCALE
    one = np.ones_like(corner)
    swell = np.stack((one, 1.5 / corner, corner**-2.0), axis=1)
    # Breathy voices and soft syllables have weaker upper harmonics, because the glottis closes slowly.
    tilt = 2 * np.pi * 5600 * 5**-breathiness * np.clip(tracks.voicing, 0.15, 1.2) ** 0.35 / _S_SCALE
    glottis = _times(swell, np.stack((one, 1 / tilt), axis=1))
    # The numerator of `swell` is s over its corner; a plain vowel gets a level of about 1.
    gains = 0.45 * corner ** (_LEVELLED - 1) * _PLAIN_POWER ** ((_LEVELLED - 1) / 2)
    return (
        tracts.astype(np.float32),
        zeros.astype(np.float32),
        glottis.astype(np.float32),
        gains.astype(np.float32),
    )


def _times(a: Float64, b: Float64) -> Float64:
    """Multiply polynomials row by row, shapes (m, p) and (m, q)."""
    product = np.zeros((len(a), a.shape[1] + b.shape[1] - 1))
    for j in range(b.shape[1]):
        product[:, j : j + a.shape[1]] += a * b[:, j : j + 1]
    return product


def _interleaved(rows: list[NDArray[Any]]) -> Float32:
    """View complex rows as real rows with twice the columns, for one product with real coefficients."""
    return np.stack(rows).astype(np.complex64).view(np.float32)


def _power(response: NDArray[np.complex64], weights: Float32) -> Float32:
    flat = response.view(np.float32)
    return np.asarray((flat * flat) @ weights, np.float32)


def _frication(tracks: Tracks, frequencies: NDArray[Any], band: str) -> tuple[Float32, NDArray[np.int64]]:
    """Compute the amplitudes of the friction noises, unit power below 8 kHz, and the noise of each frame (0: none)."""
    loud = tracks.frication > 1e-4
    kinds, index = np.unique(np.stack((tracks.centre_hz, tracks.width_hz))[:, loud], axis=1, return_inverse=True)
    which = np.zeros(len(loud), np.int64)
    which[loud] = index.ravel() + 1
    humps = np.zeros((kinds.shape[1] + 1, len(frequencies)), np.float32)
    grid = np.arange(125, 8000, 250.0)
    for k, (centre, width) in enumerate(kinds.T, start=1):
        hump, whole = (
            f / (f + 400) / np.sqrt(1 + np.abs((f - centre) / (width / 2)) ** 3) for f in (frequencies, grid)
        )
        # White noise of unit power at this rate has (rate / 8000) of its power from 0 to 4 kHz.
        humps[k] = hump / np.sqrt((whole**2).sum() * 250 / 4000) * _band(frequencies, band)
    return humps, which
