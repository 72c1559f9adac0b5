"""Find faults of a recording: clipping, a constant offset, mains hum, digital silence, and noise."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.levels import dbov
from dsp.core.spectrum import Float64, power_spectrum
from dsp.measurement.weighting import a_weighting_db, psophometric_weighting_db, weighted_level_dbov

__all__ = [
    "Clipping",
    "DcOffset",
    "Hum",
    "HumLine",
    "IdleNoise",
    "find_clipping",
    "find_dc_offset",
    "find_hum",
    "find_idle_noise",
    "silent_share",
]

_LSB = 1 / 32768
_SHORTEST_RUN = 3
_FLAT_DROP = 33 * _LSB  # a round crest of three samples or more within two steps has fallen by 32 after one more run
_WEAKEST_DBOV = -40.0  # below this, equal extremes come from rounding, not from clipped speech
_FULL_SCALE_DB = -0.1
_PILE_STEPS = 30  # of 16 bits below the extreme, whose samples are compared with those at it
_PILE_OVER_BELOW = 3.0  # a sine has a third at its extreme of what is below; what is clipped has many times as much
_PILE_OVER_CODE = 4.0  # over the fullest value in the tenth below: coarse codes such as G.711 leave gaps
_PILE_LEAST = 10  # samples
_PILE_WAYS = 10  # a clipped wave arrives at its flat top from many values, a sampled sine from few

DC_WARN_DBOV, DC_FAIL_DBOV = -50.0, -40.0
"""Levels of warning and failure; chosen. Clean speech of the ITU-T Software Tool Library has up to -57.4 dBov."""

_HUM_FRAME_S = 2.0
_HUM_ABOVE_DB = 10.0
_N_HUM = 10

_MUTED_DBOV = -95.0
_ZERO_SHARE = 0.01


def _one_side(x: NDArray[np.floating]) -> Float64:
    if x.ndim != 1 or not len(x):
        raise ParameterError(f"x has shape {x.shape}; one side of at least one sample, shape (n,)")
    return np.asarray(x, np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clipping:
    """Flat tops at the highest and lowest values of a take."""

    n_runs: int  # flat tops: three samples or more at the extreme of their sign, or fewer where samples pile up there
    n_samples: int  # in these runs
    per_second: float  # runs
    high_dbov: float  # highest and lowest value as levels, 20 log10 |x|
    low_dbov: float
    at_full_scale: bool  # within 0.1 dB; otherwise the wave was clipped before its gain was set
    clipped: bool  # more than one run in 10 s
    piled: bool  # far more samples are at an extreme than just below it
    share: float  # of all samples within one step of 16 bits of either extreme, 0..1


def find_clipping(x: NDArray[np.floating], sample_rate: int) -> Clipping:
    """Find clipping and flat tops, at full scale or below, in sound of any pitch.

    A run of three samples or more at the extreme is a flat top, unless the wave falls off beside it as a round crest
    does. Above a sixth of the sample rate a flat top holds one or two samples, as the crest of any wave does; the
    histogram tells it, since clipped samples pile up at the extreme. They do where three times as many lie within one
    step of 16 bits of it as in the 30 steps below (in a sine a third as many, by its arcsine density, in a maximally
    flat crest as many), and four times as many as at any value in the tenth below.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        The recording as it was made, not resampled or filtered, because that rounds flat tops. Full scale +-1.0.
    sample_rate : int
        Hz.

    Returns
    -------
    Clipping
        Runs are exact. A single short run is no proof: the limit of one in 10 s is chosen, and so are those of the
        histogram. Runs at an extreme below -40 dBov are not counted. Flat tops of one or two samples are not found in
        coarse codes such as G.711, nor in a tone without noise whose period is a whole number of samples.

    Raises
    ------
    ParameterError
        If `x` is empty or not one-dimensional.

    Examples
    --------
    >>> t = np.arange(16_000) / 16_000
    >>> found = find_clipping(np.clip(np.sin(2 * np.pi * 200 * t), -0.5, 0.5), 16_000)
    >>> found.clipped, found.n_runs, round(found.high_dbov, 1), found.at_full_scale
    (True, 400, -6.0, False)

    At 4.9 kHz a flat top holds one sample or two:

    >>> found = find_clipping(np.clip(1.1 * np.sin(2 * np.pi * 4_900.3 * t), -1, 1), 16_000)
    >>> found.clipped, round(found.share, 3)
    (True, 0.274)
    """
    y = _one_side(x)
    n_runs = n_samples = n_extreme = 0
    piled = False
    extremes = []
    for sign in (1.0, -1.0):
        top = float((sign * y).max())
        extremes.append(dbov(top * top) if top > 0 else -np.inf)
        if extremes[-1] < _WEAKEST_DBOV:
            continue
        below = top - sign * y
        at_top = below <= _LSB
        edges = np.flatnonzero(np.diff(np.concatenate(([False], at_top, [False])))).reshape(-1, 2)
        lengths = np.diff(edges, axis=1)[:, 0]
        n_extreme += int(lengths.sum())
        is_pile = _is_pile(y, below, edges, top)
        piled |= is_pile
        flat = lengths if is_pile else lengths[(lengths >= _SHORTEST_RUN) & _falls_off(below, edges)]
        n_runs += len(flat)
        n_samples += int(flat.sum())
    duration_s = len(y) / sample_rate
    return Clipping(
        n_runs=n_runs,
        n_samples=n_samples,
        per_second=n_runs / duration_s,
        high_dbov=extremes[0],
        low_dbov=extremes[1],
        at_full_scale=bool(n_runs and max(extremes) >= _FULL_SCALE_DB),
        clipped=n_runs > max(1.0, duration_s / 10),
        piled=piled,
        share=n_extreme / len(y),
    )


def _falls_off(below: Float64, edges: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each run whether the wave falls off beside it more steeply than the round crest of a slow wave."""
    begin, end = edges.T
    lengths = end - begin
    fallen = [
        np.where((at >= 0) & (at < len(below)), below[np.clip(at, 0, len(below) - 1)], np.inf)
        for at in (begin - lengths, end - 1 + lengths)
    ]
    return np.asarray(np.maximum(*fallen) >= _FLAT_DROP, np.bool_)


def _is_pile(y: Float64, below: Float64, edges: NDArray[np.int64], top: float) -> bool:
    """Return whether samples pile up at an extreme, given how far each lies below it and the runs at it."""
    n_top = int(np.diff(edges, axis=1).sum())
    if n_top < _PILE_LEAST:
        return False
    # Codes of 16 bits lie whole steps apart: half a step more, and rounding does not matter.
    n_below = int(np.count_nonzero(below <= (_PILE_STEPS + 1.5) * _LSB)) - n_top
    if n_top < _PILE_OVER_BELOW * n_below:
        return False
    tenth = below[(below > 1.5 * _LSB) & (below <= 0.1 * top)]
    fullest = int(np.bincount((tenth / (2 * _LSB)).astype(np.int64)).max()) if len(tenth) else 0
    if n_top < _PILE_OVER_CODE * fullest:
        return False
    before = edges[:, 0][edges[:, 0] > 0] - 1
    return len(np.unique(np.round(y[before] / _LSB))) >= _PILE_WAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class DcOffset:
    """The constant part of a recording."""

    mean: float  # full scale 1
    level_dbov: float  # 20 log10 |mean|; -inf for none
    verdict: Literal["ok", "warn", "fail"]


def find_dc_offset(x: NDArray[np.floating]) -> DcOffset:
    """Measure the constant offset of a recording.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        One second or more, so that speech averages out; full scale +-1.0.

    Returns
    -------
    DcOffset
        A warning above -50 dBov, a failure above -40 dBov (chosen).

    Raises
    ------
    ParameterError
        If `x` is empty or not one-dimensional.

    Examples
    --------
    >>> find_dc_offset(np.full(8_000, 0.005)).verdict
    'warn'
    """
    mean = float(np.mean(_one_side(x)))
    level = dbov(mean * mean)
    verdict: Literal["ok", "warn", "fail"] = (
        "fail" if level > DC_FAIL_DBOV else "warn" if level > DC_WARN_DBOV else "ok"
    )
    return DcOffset(mean=mean, level_dbov=level, verdict=verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HumLine:
    """One line of mains hum."""

    frequency_hz: float
    level_dbov: float
    above_db: float  # over the noise next to it in the same bandwidth


@dataclass(frozen=True, slots=True, kw_only=True)
class Hum:
    """Mains hum in the noise of a room and its equipment."""

    mains_hz: float | None  # 50 or 60; None: no hum
    level_dbov: float  # of all lines found; -inf without lines
    lines: tuple[HumLine, ...]
    hidden_dbov: float  # what hum would still not be found: one line 20 dB above the noise, four 10 dB above it
    error_db: float  # standard deviation of the level by the noise beside the lines; 0 without lines


def find_hum(x: NDArray[np.floating], sample_rate: int) -> Hum:
    """Find mains hum: lines at multiples of 50 or 60 Hz that are stronger than the noise next to them.

    Frames of 2 s. The power of a line is that of three bins of 0.5 Hz, minus that of the noise (the median 3 to 10 Hz
    away on both sides). Hum is found if at least two of the first five lines are 10 dB above the noise, or one is 20 dB
    above it.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Noise without speech, 4 s or more; full scale +-1.0.
    sample_rate : int
        Hz.

    Returns
    -------
    Hum
        Levels of lines are accurate to 1 dB if the lines are 10 dB above the noise. Limits are chosen.

    Raises
    ------
    ParameterError
        If `x` is shorter than 4 s or not one-dimensional.

    Examples
    --------
    >>> from dsp.synthesis.signals import hum
    >>> rng = np.random.default_rng(1)
    >>> found = find_hum(hum(80_000, sample_rate=16_000, rms=0.001) + rng.normal(0, 1e-4, 80_000), 16_000)
    >>> found.mains_hz, round(found.level_dbov)
    (50.0, -60)
    """
    y = _one_side(x)
    if len(y) < 2 * _HUM_FRAME_S * sample_rate:
        raise ParameterError(
            f"{len(y) / sample_rate:g} s are too short to hear hum; give {2 * _HUM_FRAME_S:g} s or more"
        )
    spectrum = power_spectrum(y - y.mean(), sample_rate, frame_s=_HUM_FRAME_S)
    bin_hz, density = spectrum.bin_hz, np.maximum(spectrum.density, 1e-30)
    away = np.arange(round(3 / bin_hz), round(10 / bin_hz) + 1)
    best: tuple[HumLine, ...] = ()
    mains = None
    hidden, n_independent = 0.0, max(1.0, spectrum.n_frames / 2)
    errors: dict[float, float] = {}
    for candidate in (50.0, 60.0):
        lines, beneath = [], []
        variance = 0.0
        for k in range(1, _N_HUM + 1):
            if (k * candidate + 12) > sample_rate / 2:
                break
            # The mains frequency varies by about 0.2 Hz, and that of harmonic k by k times as much.
            middle, reach = round(k * candidate / bin_hz), max(1, round(0.2 * k / bin_hz))
            middle += int(np.argmax(density[middle - reach : middle + reach + 1])) - reach
            beside = float(np.median(density[np.concatenate((middle - away, middle + away))]))
            power = float(density[middle - 1 : middle + 2].sum()) * bin_hz
            noise = 3 * beside * bin_hz
            beneath.append(noise)
            if power >= noise * 10 ** (_HUM_ABOVE_DB / 10):
                variance += 2 * power * noise / 3 / n_independent
                lines.append(
                    HumLine(frequency_hz=middle * bin_hz, level_dbov=dbov(power - noise), above_db=dbov(power / noise))
                )
        loudest = sorted(beneath[:5])
        hidden = max(hidden, 99 * loudest[-1] + 9 * sum(loudest[:-1]))
        total = sum(10 ** (line.level_dbov / 10) for line in lines)
        errors[candidate] = 10 / np.log(10) * float(np.sqrt(variance)) / total if total else 0.0
        first = [line for line in lines if line.frequency_hz < 5.5 * candidate]
        if len(first) < 2 and not any(line.above_db >= 2 * _HUM_ABOVE_DB for line in first):
            continue
        if sum(line.above_db for line in lines) > sum(line.above_db for line in best):
            mains, best = candidate, tuple(lines)
    return Hum(
        mains_hz=mains,
        level_dbov=dbov(sum(10 ** (line.level_dbov / 10) for line in best)),
        lines=best,
        hidden_dbov=dbov(hidden),
        error_db=errors.get(mains or 0.0, 0.0),
    )


def silent_share(x: NDArray[np.floating], sample_rate: int) -> float:
    """Compute the share of digital silence in a recording: runs of zeros of at least a millisecond and 8 samples.

    The noise of a good converter is near the last of 16 bits, so single zeros mean nothing.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        The recording as it was made.
    sample_rate : int
        Hz.

    Returns
    -------
    float
        0..1.

    Raises
    ------
    ParameterError
        If `x` is empty or not one-dimensional.

    Examples
    --------
    >>> silent_share(np.array([0.1] * 30 + [0.0] * 10), 8_000)
    0.25
    """
    zeros = np.concatenate(([False], _one_side(x) == 0, [False]))
    edges = np.flatnonzero(np.diff(zeros)).reshape(-1, 2)
    lengths = np.diff(edges, axis=1)[:, 0]
    return float(lengths[lengths >= max(8, sample_rate // 1000)].sum()) / len(x)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleNoise:
    """The noise of a take in which nobody talks."""

    level_dbov: float  # from 20 Hz up, without the constant part
    a_weighted_dbov: float  # dBov(A)
    psophometric_dbov: float  # dBov(p), for telephone bandwidth
    quantiles_dbov: tuple[float, float, float]  # 10th, 50th and 90th percentile of the levels of 100 ms
    zero_share: float  # of samples that are exact zeros, 0..1
    muted: bool  # 1 % of zeros or a floor below -95 dBov: gated or muted, so this is not the microphone's noise


def find_idle_noise(x: NDArray[np.floating], sample_rate: int) -> IdleNoise:
    """Measure the noise floor of a quiet take.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        The quiet take, half a second or more. Do not use the pauses of speech, which a gate makes silent. Full scale
        +-1.0.
    sample_rate : int
        Hz.

    Returns
    -------
    IdleNoise
        Random error of the levels below 0.1 dB for 10 s of constant noise. `muted` is True with 1 % of zeros or a tenth
        percentile below -95 dBov (chosen); no speech-to-noise ratio is valid then.

    Raises
    ------
    ParameterError
        If `x` is shorter than half a second or not one-dimensional.

    References
    ----------
    See `dsp.measurement.weighting` for the weighted levels.

    Examples
    --------
    >>> found = find_idle_noise(np.random.default_rng(1).normal(0, 1e-3, 32_000), 16_000)
    >>> round(found.level_dbov), round(found.a_weighted_dbov), found.muted
    (-60, -60, False)
    """
    y = _one_side(x)
    if len(y) < 0.5 * sample_rate:
        raise ParameterError(f"{len(y) / sample_rate:g} s of noise is too short; give half a second or more")
    ac = y - y.mean()
    spectrum = power_spectrum(ac, sample_rate)
    n_tick = round(0.1 * sample_rate)
    ticks = ac[: len(ac) // n_tick * n_tick].reshape(-1, n_tick)
    levels = np.sort(np.mean(ticks**2, axis=1))
    low, middle, high = (dbov(float(np.quantile(levels, q))) for q in (0.1, 0.5, 0.9))
    zero_share = silent_share(y, sample_rate)
    return IdleNoise(
        level_dbov=dbov(spectrum.mean_square(20.0)),
        a_weighted_dbov=weighted_level_dbov(spectrum, a_weighting_db(spectrum.frequencies_hz)),
        psophometric_dbov=weighted_level_dbov(spectrum, psophometric_weighting_db(spectrum.frequencies_hz)),
        quantiles_dbov=(low, middle, high),
        zero_share=zero_share,
        muted=zero_share >= _ZERO_SHARE or low < _MUTED_DBOV,
    )
