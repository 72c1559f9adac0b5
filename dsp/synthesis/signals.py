"""Make test signals: tones, sweeps, noises, key strokes, ringing tones, music and syllables.

All signals are float32, full scale +-1.0. Functions that use random numbers take a ``numpy.random.Generator`` and
return the same signal for the same generator state.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32

__all__ = [
    "brown_noise",
    "clicks",
    "exponential_sweep",
    "hum",
    "key_taps",
    "music",
    "pink_noise",
    "ringing",
    "shaped_noise",
    "syllable_train",
    "tone",
    "white_noise",
]

_Shape = Callable[[NDArray[Any]], NDArray[Any]]

_NOISE_BLOCK_S = 0.25
"""Coloured noise is joined from overlapping pieces of about this length, so its spectrum is exact to about 5 Hz."""


def _float32(x: NDArray[Any]) -> Float32:
    return x.astype(np.float32)


def _check(n_samples: int, sample_rate: int) -> None:
    if n_samples < 0:
        raise ParameterError(f"n_samples={n_samples} must be at least 0")
    if sample_rate < 1:
        raise ParameterError(f"sample_rate={sample_rate} must be at least 1 Hz")


def _check_frequency(name: str, frequency_hz: float, sample_rate: int) -> None:
    if not 0 < frequency_hz <= sample_rate / 2:
        raise ParameterError(f"{name}={frequency_hz:g} must lie above 0 and not above Nyquist, {sample_rate / 2:g} Hz")


def tone(
    frequency_hz: float, n_samples: int, *, sample_rate: int, amplitude: float = 1.0, phase: float = 0.0
) -> Float32:
    """Make a sine.

    Parameters
    ----------
    frequency_hz : float
        Above 0, at most half the sample rate.
    n_samples : int
        Length, >= 0.
    sample_rate : int
        In Hz.
    amplitude : float
        Peak; full scale is 1.0.
    phase : float
        Phase at sample 0, radians.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        RMS is ``amplitude / sqrt(2)`` over whole periods.

    Raises
    ------
    ParameterError
        If the frequency is out of range or the length is negative.

    Examples
    --------
    >>> tone(2000, 4, sample_rate=8000).round(3) + 0.0
    array([ 0.,  1.,  0., -1.], dtype=float32)
    """
    _check(n_samples, sample_rate)
    _check_frequency("frequency_hz", frequency_hz, sample_rate)
    k = np.arange(n_samples)
    return _float32(amplitude * np.sin(2 * np.pi * frequency_hz / sample_rate * k + phase))


def exponential_sweep(
    start_hz: float, stop_hz: float, n_samples: int, *, sample_rate: int, amplitude: float = 1.0
) -> Float32:
    """Make a sine whose frequency rises by the same factor each second.

    Parameters
    ----------
    start_hz, stop_hz : float
        Frequency at the first sample and after the last, 0 < start_hz < stop_hz <= half the sample rate.
    n_samples : int
        Length, >= 0.
    sample_rate : int
        In Hz.
    amplitude : float
        Peak; full scale is 1.0.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        ``f(t) = start_hz * (stop_hz / start_hz) ** (t / T)`` with T the whole length.

    Raises
    ------
    ParameterError
        If a frequency is out of range, the frequencies do not rise, or the length is negative.

    See Also
    --------
    dsp.measurement.sweep.Sweep : A sweep with fades, for measurements.

    References
    ----------
    A. Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine technique", AES 108,
    2000.

    Examples
    --------
    >>> sweep = exponential_sweep(100, 3200, 8000, sample_rate=8000)
    >>> crossings = np.diff(np.signbit(sweep)).sum()  # twice the periods: 2 (f2 - f1) T / ln(f2 / f1)
    >>> abs(int(crossings) - round(2 * 3100 / np.log(32))) <= 1
    True
    """
    _check(n_samples, sample_rate)
    _check_frequency("start_hz", start_hz, sample_rate)
    _check_frequency("stop_hz", stop_hz, sample_rate)
    if start_hz >= stop_hz:
        raise ParameterError(f"start_hz={start_hz:g} must lie below stop_hz={stop_hz:g}")
    growth = np.log(stop_hz / start_hz) / max(1, n_samples)
    cycles = start_hz / sample_rate * np.expm1(growth * np.arange(n_samples)) / growth
    return _float32(amplitude * np.sin(2 * np.pi * cycles))


def white_noise(n_samples: int, rng: np.random.Generator, *, rms: float = 1.0) -> Float32:
    """Make Gaussian noise with equal power at all frequencies.

    Parameters
    ----------
    n_samples : int
        Length, >= 0.
    rng : numpy.random.Generator
        Source of random numbers.
    rms : float
        Expected root mean square, >= 0.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        Not clipped.

    Raises
    ------
    ParameterError
        If the length is negative.

    Examples
    --------
    >>> x = white_noise(100_000, np.random.default_rng(1), rms=0.1)
    >>> round(float(x.std()), 3)
    0.1
    """
    _check(n_samples, 1)
    return rng.standard_normal(n_samples, np.float32) * np.float32(rms)


def shaped_noise(
    n_samples: int, rng: np.random.Generator, *, sample_rate: int, shape: _Shape, rms: float = 1.0
) -> Float32:
    """Make Gaussian noise with any spectrum.

    Parameters
    ----------
    n_samples : int
        Length, >= 0.
    rng : numpy.random.Generator
        Source of random numbers.
    sample_rate : int
        In Hz.
    shape : callable
        Function from frequencies in Hz, shape (m,), to amplitudes >= 0, shape (m,). Only their ratios count; 0 Hz is
        left out.
    rms : float
        Expected root mean square, >= 0.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        Stationary: independent pieces with random spectra, joined by windows whose squares add up to one.

    Raises
    ------
    ParameterError
        If the length is negative or all amplitudes are 0.

    Examples
    --------
    >>> band = lambda f: ((f > 300) & (f < 3400)).astype(float)
    >>> x = shaped_noise(80_000, np.random.default_rng(1), sample_rate=8000, shape=band, rms=0.1)
    >>> P = np.abs(np.fft.rfft(x)) ** 2
    >>> bool(P[: 8000 * 250 // 800].sum() < 0.01 * P.sum())  # bins to 250 Hz
    True
    """
    _check(n_samples, sample_rate)
    hop = max(16, 1 << round(np.log2(sample_rate * _NOISE_BLOCK_S / 2)))
    frequencies = np.fft.rfftfreq(2 * hop, 1 / sample_rate)
    amplitude = np.zeros(hop + 1)
    amplitude[1:hop] = shape(frequencies[1:hop])
    power = float((amplitude**2).sum())
    if not power > 0:
        raise ParameterError("shape leaves no frequency above 0; give it an amplitude somewhere below Nyquist")
    # A bin of standard complex normal numbers (variance 2) gives a sine of power 4 |a|^2 / (2 hop)^2.
    amplitude *= rms * hop / np.sqrt(power)
    n_pieces = n_samples // hop + 2
    spectrum = rng.standard_normal((n_pieces, hop + 1, 2), np.float32).view(np.complex64)[..., 0]
    pieces = np.fft.irfft(spectrum * amplitude.astype(np.float32), axis=1).astype(np.float32, copy=False)
    pieces *= np.sin(np.pi * (np.arange(2 * hop) + 0.5) / (2 * hop)).astype(np.float32)
    joined: Float32 = (pieces[1:, :hop] + pieces[:-1, hop:]).ravel()[:n_samples]
    return joined


def pink_noise(n_samples: int, rng: np.random.Generator, *, sample_rate: int, rms: float = 1.0) -> Float32:
    """Make noise whose power density falls by 3 dB per octave, as in many rooms and machines.

    Parameters
    ----------
    n_samples : int
        Length, >= 0.
    rng : numpy.random.Generator
        Source of random numbers.
    sample_rate : int
        In Hz.
    rms : float
        Expected root mean square, >= 0.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        Flat below 20 Hz, so that the level does not depend on the length.

    Raises
    ------
    ParameterError
        If the length is negative.

    Examples
    --------
    >>> x = pink_noise(160_000, np.random.default_rng(1), sample_rate=16_000)
    >>> P = np.abs(np.fft.rfft(x)) ** 2  # 0.1 Hz a bin
    >>> round(float(10 * np.log10(P[5000:10000].sum() / P[10000:20000].sum())))  # octaves of equal power
    0
    """
    return shaped_noise(
        n_samples, rng, sample_rate=sample_rate, shape=lambda f: 1 / np.sqrt(np.maximum(f, 20.0)), rms=rms
    )


def brown_noise(n_samples: int, rng: np.random.Generator, *, sample_rate: int, rms: float = 1.0) -> Float32:
    """Make noise whose power density falls by 6 dB per octave, like wind and traffic.

    Parameters
    ----------
    n_samples : int
        Length, >= 0.
    rng : numpy.random.Generator
        Source of random numbers.
    sample_rate : int
        In Hz.
    rms : float
        Expected root mean square, >= 0.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        Flat below 20 Hz.

    Raises
    ------
    ParameterError
        If the length is negative.

    Examples
    --------
    >>> brown_noise(3, np.random.default_rng(1), sample_rate=8000).shape
    (3,)
    """
    return shaped_noise(n_samples, rng, sample_rate=sample_rate, shape=lambda f: 1 / np.maximum(f, 20.0), rms=rms)


def hum(
    n_samples: int, *, sample_rate: int, fundamental_hz: float = 50.0, n_harmonics: int = 7, rms: float = 1.0
) -> Float32:
    """Make mains hum: a fundamental and harmonics, of which the odd ones are stronger.

    Parameters
    ----------
    n_samples : int
        Length, >= 0.
    sample_rate : int
        In Hz.
    fundamental_hz : float
        Usually 50 or 60 Hz.
    n_harmonics : int
        Number of multiples of the fundamental, >= 1; those from Nyquist on are left out.
    rms : float
        Root mean square over whole periods.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        The same for the same arguments.

    Raises
    ------
    ParameterError
        If the fundamental is out of range, `n_harmonics` is below 1, or the length is negative.

    Examples
    --------
    >>> round(float(np.sqrt((hum(8000, sample_rate=8000) ** 2).mean())), 3)
    1.0
    """
    _check(n_samples, sample_rate)
    _check_frequency("fundamental_hz", fundamental_hz, sample_rate)
    if n_harmonics < 1:
        raise ParameterError(f"n_harmonics={n_harmonics} must be at least 1")
    # A whole number of hertz repeats after one second, so one second is made and repeated.
    n_made = min(n_samples, sample_rate) if fundamental_hz == int(fundamental_hz) else n_samples
    y = np.zeros(n_made)
    power = 0.0
    seconds = np.arange(n_made) / sample_rate
    for k in range(1, n_harmonics + 1):
        if k * fundamental_hz >= sample_rate / 2:
            break
        amplitude = (1.0 if k % 2 else 0.4) / k
        power += amplitude**2 / 2
        y += amplitude * np.sin(2 * np.pi * k * fundamental_hz * seconds + 1.3 * k * k)
    return np.resize(_float32(y * (rms / np.sqrt(power))), n_samples)


def clicks(
    n_samples: int, rng: np.random.Generator, *, sample_rate: int, per_second: float = 1.0, peak: float = 0.3
) -> tuple[Float32, NDArray[np.int64]]:
    """Make the crackle of a bad line: single clicks with a short decay.

    Parameters
    ----------
    n_samples : int
        Length, >= 0.
    rng : numpy.random.Generator
        Source of random numbers.
    sample_rate : int
        In Hz.
    per_second : float
        Mean number of clicks a second, >= 0 (a Poisson process).
    peak : float
        Largest peak; the peak of each click is between a third of it and all of it.

    Returns
    -------
    samples : ndarray of float32, shape (n_samples,)
        Zero between the clicks.
    positions : ndarray of int64
        Samples at which clicks begin, ascending.

    Raises
    ------
    ParameterError
        If the length is negative.

    Examples
    --------
    >>> x, positions = clicks(80_000, np.random.default_rng(1), sample_rate=8000, per_second=2)
    >>> len(positions), bool(x[positions].all())
    (17, True)
    """
    _check(n_samples, sample_rate)
    positions = np.sort(rng.integers(0, max(1, n_samples), rng.poisson(per_second * n_samples / sample_rate)))
    length = max(2, sample_rate // 500)
    ring = np.exp(-np.arange(length) / (length / 5)) * np.cos(np.pi * 0.55 * np.arange(length))
    y = np.zeros(n_samples + length, np.float32)
    for position, height in zip(positions, rng.uniform(1 / 3, 1, len(positions)) * peak, strict=True):
        y[position : position + length] += (rng.choice((-1.0, 1.0)) * height * ring).astype(np.float32)
    return y[:n_samples], positions.astype(np.int64)


def key_taps(
    n_samples: int, rng: np.random.Generator, *, sample_rate: int, per_second: float = 5.0, peak: float = 0.1
) -> tuple[Float32, NDArray[np.int64]]:
    """Make the sound of typing near a microphone: runs of key strokes, each a press and a softer release.

    Parameters
    ----------
    n_samples : int
        Length, >= 0.
    rng : numpy.random.Generator
        Source of random numbers.
    sample_rate : int
        In Hz.
    per_second : float
        Strokes a second while typing, > 0; about half of the time nothing is typed.
    peak : float
        Approximate largest peak of a press.

    Returns
    -------
    samples : ndarray of float32, shape (n_samples,)
        Zero where nothing is typed. The rhythm is like that of syllables, the spectrum is not.
    positions : ndarray of int64
        Samples at which presses begin, ascending.

    Raises
    ------
    ParameterError
        If the length is negative or `per_second` is not above 0.

    Examples
    --------
    >>> x, positions = key_taps(80_000, np.random.default_rng(1), sample_rate=8000)
    >>> 10 < len(positions) < 50
    True
    """
    _check(n_samples, sample_rate)
    if not per_second > 0:
        raise ParameterError(f"per_second={per_second:g} must be above 0")
    presses: list[int] = []
    at = rng.exponential(2.0) * sample_rate
    while at < n_samples:
        for _ in range(int(rng.integers(4, 22))):
            presses.append(int(at))
            at += rng.gamma(4, 1 / (4 * per_second)) * sample_rate
        at += rng.exponential(3.0) * sample_rate
    positions = np.array([p for p in presses if p < n_samples], np.int64)
    length = int(0.03 * sample_rate)
    seconds = np.arange(length) / sample_rate
    strokes = []  # a keyboard has a few sounds of its own
    for _ in range(16):
        ring = np.sin(2 * np.pi * rng.uniform(900, 2600) * seconds) * np.exp(-seconds / rng.uniform(0.002, 0.005))
        thud = np.sin(2 * np.pi * rng.uniform(150, 350) * seconds) * np.exp(-seconds / 0.008)
        hiss = rng.standard_normal(length) * np.exp(-seconds / 0.0015)
        strokes.append(_float32(0.5 * ring + 0.3 * thud + 0.5 * hiss))
    y = np.zeros(n_samples + int(0.2 * sample_rate), np.float32)
    for press in positions.tolist():
        height = peak * rng.uniform(0.3, 1.0)
        for delay_s, part in ((0.0, 1.0), (rng.uniform(0.06, 0.12), rng.uniform(0.2, 0.5))):
            start = press + int(delay_s * sample_rate)
            y[start : start + length] += np.float32(height * part) * strokes[int(rng.integers(len(strokes)))]
    return y[:n_samples], positions


def ringing(
    n_samples: int,
    *,
    sample_rate: int,
    frequencies_hz: Sequence[float] = (440.0, 480.0),
    on_s: float = 2.0,
    off_s: float = 4.0,
    rms: float = 0.05,
) -> Float32:
    """Make the ringing tone for a caller: tones in a cadence.

    Parameters
    ----------
    n_samples : int
        Length, >= 0.
    sample_rate : int
        In Hz.
    frequencies_hz : sequence of float
        Tones that sound together: 440 and 480 Hz in North America, 425 Hz in much of Europe and in China.
    on_s, off_s : float
        Length of each tone and of the silence after it: 2 and 4 s in North America, 1 and 4 s in much of Europe and in
        China.
    rms : float
        Root mean square during a tone.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        The first tone begins at sample 0; edges last 5 ms.

    Raises
    ------
    ParameterError
        If a frequency is out of range, `on_s` is not above 0, `off_s` is below 0, or the length is negative.

    References
    ----------
    ITU-T E.180 Supplement 2, "Various tones used in national networks".

    Examples
    --------
    >>> x = ringing(48_000, sample_rate=8000)
    >>> bool(x[8000:16000].any()), bool(x[16_100:].any())
    (True, False)
    """
    _check(n_samples, sample_rate)
    if on_s <= 0 or off_s < 0:
        raise ParameterError(f"on_s={on_s:g} must be above 0 and off_s={off_s:g} at least 0")
    seconds = np.arange(n_samples) / sample_rate
    y = np.zeros(n_samples)
    for frequency in frequencies_hz:
        _check_frequency("frequencies_hz", frequency, sample_rate)
        y += np.sin(2 * np.pi * frequency * seconds)
    within = seconds % (on_s + off_s)
    gate = np.clip(np.minimum(within, on_s - within) / 0.005, 0, 1)
    return _float32(y * gate * rms / np.sqrt(len(frequencies_hz) / 2))


_CHORDS = ((0, 4, 7, 12), (9, 12, 16, 21), (5, 9, 12, 17), (7, 11, 14, 19))
"""I, vi, IV, V in semitones over the key note: a very common progression."""


def music(
    n_samples: int, rng: np.random.Generator, *, sample_rate: int, tempo_bpm: float = 96.0, rms: float = 0.05
) -> Float32:
    """Make simple hold music: broken chords over strings and a bass, a melody and a light beat.

    Parameters
    ----------
    n_samples : int
        Length, >= 0.
    rng : numpy.random.Generator
        Chooses key and melody.
    sample_rate : int
        In Hz.
    tempo_bpm : float
        Quarter notes a minute, > 0.
    rms : float
        Root mean square of the whole.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        Like speech it has pitch, rhythm and changes of level, but its formants do not move.

    Raises
    ------
    ParameterError
        If the length is negative or the tempo is not above 0.

    Examples
    --------
    >>> x = music(16_000, np.random.default_rng(1), sample_rate=8000)
    >>> round(float(np.sqrt((x**2).mean())), 3)
    0.05
    """
    _check(n_samples, sample_rate)
    if not tempo_bpm > 0:
        raise ParameterError(f"tempo_bpm={tempo_bpm:g} must be above 0")
    eighth = int(30 / tempo_bpm * sample_rate)
    key_hz = 220.0 * 2 ** (rng.integers(-3, 4) / 12)
    y = np.zeros(n_samples + 10 * eighth)

    def note(start: int, semitones: float, length: int, loudness: float) -> None:
        seconds = np.arange(length) / sample_rate
        pitch = key_hz * 2 ** (semitones / 12)
        swell = np.minimum(seconds / 0.01, 1) * np.exp(-seconds / 0.45)
        swell *= np.minimum(1, (length - np.arange(length)) / (0.02 * sample_rate))
        for k in range(1, 6):
            if k * pitch < 0.45 * sample_rate:
                y[start : start + length] += loudness / k**1.3 * swell * np.sin(2 * np.pi * k * pitch * seconds)

    def strings(start: int, chord: tuple[int, ...], length: int) -> None:
        seconds = np.arange(length) / sample_rate
        # They fade in and out over an eighth note, so that each chord overlaps the next.
        swell = np.minimum(1, np.minimum(np.arange(length), length - np.arange(length)) / eighth)
        for semitones in chord[:3]:
            for detune, k in ((0.997, 1), (1.003, 1), (1.0, 2), (1.001, 3)):
                pitch = k * detune * key_hz * 2 ** (semitones / 12)
                if pitch < 0.45 * sample_rate:
                    y[start : start + length] += 0.35 / k * swell * np.sin(2 * np.pi * pitch * seconds)

    for step in range(n_samples // max(1, eighth) + 1):
        start = step * eighth
        chord = _CHORDS[step // 8 % 4]
        if step % 8 == 0:
            strings(start, chord, 9 * eighth)
        note(start, chord[(0, 2, 1, 3, 2, 1, 3, 2)[step % 8]], 2 * eighth, 0.35)
        if step % 4 == 0:
            note(start, chord[0] - 12, 4 * eighth, 0.6)
        if step % 2 == 0 and rng.random() < 0.7:
            note(start, chord[int(rng.integers(4))] + 12, int(rng.integers(2, 5)) * eighth, 0.4)
        tick = int(0.04 * sample_rate)
        y[start : start + tick] += 0.15 * rng.standard_normal(tick) * np.exp(-np.arange(tick) / (0.008 * sample_rate))
    y = y[:n_samples]
    loudness = float(np.sqrt((y**2).mean())) if n_samples else 1.0
    return _float32(y * (rms / max(loudness, 1e-12)))


def syllable_train(
    n_syllables: int,
    rng: np.random.Generator,
    *,
    sample_rate: int,
    rate: float = 5.0,
    variation: float = 0.0,
    pitch_hz: float = 140.0,
    depth_db: float = 20.0,
    rms: float = 0.1,
) -> tuple[Float32, NDArray[np.int64]]:
    """Make the simplest signal for a syllable counter: a buzz through two formants with n maxima of level.

    Parameters
    ----------
    n_syllables : int
        Number of maxima, >= 1.
    rng : numpy.random.Generator
        Chooses the formants, and the intervals if they vary.
    sample_rate : int
        In Hz.
    rate : float
        Syllables a second, > 0.
    variation : float
        Standard deviation of the intervals over their mean; 0: all equal. Real speech has about 0.4.
    pitch_hz : float
        Pitch of the buzz.
    depth_db : float
        Level of the maxima above the minima, dB.
    rms : float
        Root mean square of the whole.

    Returns
    -------
    samples : ndarray of float32, shape (round(n_syllables / rate * sample_rate),)
        Begins and ends at a minimum.
    nuclei : ndarray of int64, shape (n_syllables,)
        Samples of the maxima.

    Raises
    ------
    ParameterError
        If `n_syllables` is below 1 or `rate` is not above 0.

    See Also
    --------
    dsp.synthesis.voice.speak : Speech of a made voice.

    Examples
    --------
    >>> x, nuclei = syllable_train(5, np.random.default_rng(1), sample_rate=8000, rate=5.0)
    >>> len(x), nuclei.tolist()
    (8000, [800, 2400, 4000, 5600, 7200])
    """
    if n_syllables < 1 or not rate > 0:
        raise ParameterError(f"n_syllables={n_syllables} and rate={rate:g} must be at least 1 and above 0")
    weights = np.ones(n_syllables)
    if variation > 0:
        weights = rng.gamma(1 / variation**2, size=n_syllables) + 0.1
    n_samples = round(n_syllables / rate * sample_rate)
    edges = np.concatenate(([0.0], np.cumsum(weights / weights.sum()))) * n_samples
    nuclei = np.round((edges[1:] + edges[:-1]) / 2).astype(np.int64)
    k = np.arange(n_samples)
    which = np.clip(np.searchsorted(edges, k, side="right") - 1, 0, n_syllables - 1)
    within = (k - edges[which]) / np.maximum(1e-9, (edges[1:] - edges[:-1])[which])
    envelope = 10 ** (depth_db / 20 * (np.sin(np.pi * within) ** 2 - 1))
    first, second = rng.uniform(350, 750, n_syllables)[which], rng.uniform(900, 2200, n_syllables)[which]
    y = np.zeros(n_samples)
    for harmonic in np.arange(1, int(min(3400.0, 0.45 * sample_rate) / pitch_hz) + 1) * pitch_hz:
        strength = 1 / (1 + ((harmonic - first) / 90) ** 2) + 0.4 / (1 + ((harmonic - second) / 120) ** 2) + 0.02
        y += strength * np.sin(2 * np.pi * harmonic / sample_rate * k + harmonic**2 * 1e-4)
    y *= envelope
    return _float32(y * (rms / np.sqrt((y**2).mean()))), nuclei
