"""Detect what a device does to levels over time: noise gates and gain control.

While either is active, the noise in pauses is not the noise under speech, and the level does not show how loud the
talker is.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.levels import dbov
from dsp.core.spectrum import Float64
from dsp.measurement.defects import silent_share
from dsp.measurement.level_p56 import active_level

__all__ = ["GainControl", "Gate", "find_gain_control", "find_gate", "level_linearity"]

_FRAME_S = 0.01
_SPEECH_DB = 15.0  # below the active level: speech
_PAUSE_S = 0.35
_FEWEST_PAUSES = 3
_FLAT_FRAMES, _FLAT_DB = 4, 6.0  # before it closes, an open gate passes noise of constant level
_FALL_FRAMES, _FALL_DB = 3, 10.0
_STAYS_FRAMES = 10
_ALIKE_DB = 5.0  # the level of the noise that is cut off is the same each time; ends of words differ more
_SHARE = 0.4
_MUTED_DBOV = -95.0
_ZERO_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A noise gate, or none, in the pauses of a take."""

    found: bool
    evidence: Literal["zeros", "floor", "closings", "none"]  # how it was found
    n_pauses: int  # of 0.35 s or more
    depth_db: float  # fall of the noise at a closing, median; nan without a closing
    hold_s: float  # from the end of speech to the closing, median; nan without a closing
    closed_dbov: float  # level of the quietest part of a pause: median over pauses; nan without pauses
    zero_share: float  # of the samples in pauses that are digital silence, 0..1


def _frame_levels(x: Float64, sample_rate: int) -> tuple[Float64, int]:
    """Compute levels of frames of 10 ms in dBov, at least -150, and the length of a frame in samples."""
    length = max(1, round(_FRAME_S * sample_rate))
    frames = x[: len(x) // length * length].reshape(-1, length)
    levels: Float64 = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-15)
    return levels, length


def find_gate(x: NDArray[np.floating], sample_rate: int) -> Gate:
    """Detect a noise gate in a take of speech, from its pauses.

    A pause is 0.35 s or more at a level at least 15 dB below the active level. A gate is found in one of three ways. At
    least a fifth of the samples in pauses is digital silence. The median over pauses of the level of their quietest
    fifth is below -95 dBov. Or noise is cut off in at least three pauses, and in at least 40 % of them: constant noise
    (40 ms within 6 dB) falls by 10 dB within 30 ms and stays there for 100 ms, each time from the same level
    (interquartile range at most 5 dB: the tails of words differ more).

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Speech with pauses, ten seconds or more, in a room with some noise; full scale +-1.0.
    sample_rate : int
        Hz.

    Returns
    -------
    Gate
        All limits are chosen. A gate that closes during the decay of a word, to a floor above -95 dBov, is not found. A
        suppressor that reduces noise slowly does not count as a gate.

    Raises
    ------
    ParameterError
        If `x` is not one-dimensional or shorter than a second.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> speaks = np.repeat(np.tile([1.0, 0.0], 6), 8_000)  # half a second each
    >>> x = rng.normal(0, 0.1, 96_000) * speaks + rng.normal(0, 1e-3, 96_000)
    >>> find_gate(x, 16_000).found, find_gate(x * (speaks > 0), 16_000).evidence
    (False, 'zeros')
    """
    if x.ndim != 1 or len(x) < sample_rate:
        raise ParameterError(f"x has shape {x.shape} at {sample_rate} Hz; give a second of one side or more")
    y = np.asarray(x, np.float64)
    constant = float(np.median(y))  # of the pauses; a mean would not remove the exact offset of silence
    levels, length = _frame_levels(y - constant, sample_rate)
    speech_dbov = active_level(y - constant, sample_rate).level_dbov - _SPEECH_DB
    is_speech = np.concatenate(([False], levels >= speech_dbov, [False]))
    bounds = np.flatnonzero(np.diff(is_speech)).reshape(-1, 2)
    pauses = [(end, begin) for end, begin in zip(bounds[:-1, 1].tolist(), bounds[1:, 0].tolist(), strict=True)]
    pauses = [(end, begin) for end, begin in pauses if (begin - end) * _FRAME_S >= _PAUSE_S]
    if not pauses:
        nan = float("nan")
        return Gate(
            found=False,
            evidence="none",
            n_pauses=0,
            depth_db=nan,
            hold_s=nan,
            closed_dbov=nan,
            zero_share=0.0,
        )
    floors = [float(np.quantile(levels[end:begin], 0.2)) for end, begin in pauses]
    silence = np.concatenate([y[end * length : begin * length] - constant for end, begin in pauses])
    zero_share = silent_share(silence, sample_rate)
    closings = [found for end, begin in pauses if (found := _closing(levels[end:begin])) is not None]
    holds, opens, depths = np.array(closings).T if closings else np.full((3, 1), np.nan)
    same = bool(closings) and float(np.subtract(*np.quantile(opens, [0.75, 0.25]))) <= _ALIKE_DB
    evidence: Literal["zeros", "floor", "closings", "none"] = "none"
    if zero_share >= _ZERO_SHARE:
        evidence = "zeros"
    elif float(np.median(floors)) < _MUTED_DBOV:
        evidence = "floor"
    elif len(closings) >= max(_FEWEST_PAUSES, _SHARE * len(pauses)) and same:
        evidence = "closings"
    return Gate(
        found=evidence != "none",
        evidence=evidence,
        n_pauses=len(pauses),
        depth_db=float(np.median(depths)),
        hold_s=float(np.median(holds)),
        closed_dbov=float(np.median(floors)),
        zero_share=zero_share,
    )


def _closing(levels: Float64) -> tuple[float, float, float] | None:
    """Find the first closing in a pause: after how many seconds, from which level, by how much; None without one."""
    need = _FLAT_FRAMES + _FALL_FRAMES + _STAYS_FRAMES
    if len(levels) < need:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(levels, need)
    flat, after = windows[:, :_FLAT_FRAMES], windows[:, _FLAT_FRAMES + _FALL_FRAMES - 1 :]
    before = flat.mean(axis=1)
    cut = (flat.max(axis=1) - flat.min(axis=1) <= _FLAT_DB) & (after.max(axis=1) <= before - _FALL_DB)
    if not cut.any():
        return None
    k = int(np.argmax(cut))
    # With a short hold several windows in a row fulfil the condition; the last of them ends at the closing.
    while k + 1 < len(cut) and cut[k + 1]:
        k += 1
    return (k + _FLAT_FRAMES) * _FRAME_S, float(before[k]), float(before[k] - np.median(after[k]))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GainControl:
    """The change that a device makes to the level of speech."""

    found: bool  # the slope is below 0.8 over 6 dB of input or more
    slope: float  # dB out per dB in; 1: no control, 0: all talkers equally loud; nan if the input is constant
    slope_error: float  # one standard deviation
    gain_range_db: float  # from the 5th to the 95th percentile
    input_range_db: float  # the same for the input levels
    times_s: Float64  # (n,), middle of each window
    gains_db: Float64  # (n,)


_LEAST_RANGE_DB = 6.0
_LINEAR = 0.8


def level_linearity(levels_in_db: NDArray[np.floating], levels_out_db: NDArray[np.floating]) -> tuple[float, float]:
    """Fit the slope of output level over input level by least squares.

    Parameters
    ----------
    levels_in_db, levels_out_db : ndarray, shape (n,)
        Levels of the same stretches before and after a device, in dB relative to any reference.

    Returns
    -------
    slope, error : float
        Slope in dB per dB and its standard deviation; nan if less than three levels are given or all are the same.

    Raises
    ------
    ParameterError
        If the shapes differ.

    Examples
    --------
    >>> slope, _ = level_linearity(np.array([-40.0, -30.0, -20.0]), np.array([-30.0, -25.0, -20.0]))
    >>> round(slope, 3)
    0.5
    """
    before, behind = np.asarray(levels_in_db, np.float64), np.asarray(levels_out_db, np.float64)
    if before.shape != behind.shape or before.ndim != 1:
        raise ParameterError(f"levels_in_db has shape {before.shape}, levels_out_db {behind.shape}; give pairs")
    known = np.isfinite(before) & np.isfinite(behind)
    x, y = before[known] - before[known].mean() if known.any() else before[known], behind[known]
    if len(x) < 3 or not np.sum(x**2) > 1e-9:
        return float("nan"), float("nan")
    slope = float(np.sum(x * y) / np.sum(x**2))
    rest = y - y.mean() - slope * x
    return slope, float(np.sqrt(np.sum(rest**2) / (len(x) - 2) / np.sum(x**2)))


def find_gain_control(
    reference: NDArray[np.floating],
    recorded: NDArray[np.floating],
    sample_rate: int,
    *,
    delay_samples: int = 0,
    window_s: float = 3.0,
) -> GainControl:
    """Detect automatic gain control, from speech at several levels and its recording.

    Windows that overlap by half are compared, by the power of the frames of 10 ms in which the reference contains
    speech (at most 20 dB below its level in that window). The slope of output level over input level shows gain
    control. Control slower than the window is measured fully; a compressor that acts within syllables is not found.

    Parameters
    ----------
    reference, recorded : ndarray of float, shape (n,) and (m,)
        Speech at levels at least 6 dB apart, each for two windows or more, and the recording.
    sample_rate : int
        Of both, Hz.
    delay_samples : int
        Number of samples by which the recording lags.
    window_s : float
        Length of a window, s.

    Returns
    -------
    GainControl
        The slope is accurate to 0.05 if the signal is 15 dB above the noise; noise makes it smaller. The limit 0.8 is
        chosen.

    Raises
    ------
    ParameterError
        If less than two windows overlap or contain speech.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(0, 1, 320_000) * np.repeat([0.01, 0.1], 160_000)
    >>> y = x * np.repeat([1.0, 0.1], 160_000)
    >>> found = find_gain_control(x, y, 16_000)
    >>> found.found, round(abs(found.slope), 1), round(found.input_range_db), round(found.gain_range_db)
    (True, 0.0, 20, 20)
    """
    x = np.asarray(reference, np.float64)[max(0, -delay_samples) :]
    y = np.asarray(recorded, np.float64)[max(0, delay_samples) :]
    n = min(len(x), len(y))
    if n < 2 * window_s * sample_rate:
        raise ParameterError(f"{n / sample_rate:g} s overlap; gain control needs {2 * window_s:g} s or more")
    played, _ = _frame_levels(x[:n] - x[:n].mean(), sample_rate)
    levels, _ = _frame_levels(y[:n] - y[:n].mean(), sample_rate)
    whole = active_level(x[:n], sample_rate).level_dbov
    length = round(window_s / _FRAME_S)
    times, levels_in, levels_out = [], [], []
    for start in range(0, len(played) - length + 1, length // 2):
        window = played[start : start + length]
        loud = dbov(float(np.mean(10 ** (np.sort(window)[-length // 4 :] / 10))))
        active = window >= loud - 20
        if loud < whole - 40 or active.mean() < 0.2:  # a pause
            continue
        times.append((start + length / 2) * _FRAME_S)
        levels_in.append(dbov(float(np.mean(10 ** (window[active] / 10)))))
        levels_out.append(dbov(float(np.mean(10 ** (levels[start : start + length][active] / 10)))))
    before, behind = np.array(levels_in), np.array(levels_out)
    if len(before) < 2:
        raise ParameterError("the reference holds speech in less than two windows; play more of it")
    slope, error = level_linearity(before, behind)
    ranges = [float(np.subtract(*np.quantile(each, [0.95, 0.05]))) for each in (before, behind - before)]
    return GainControl(
        found=bool(ranges[0] >= _LEAST_RANGE_DB and slope < _LINEAR),
        slope=slope if ranges[0] >= _LEAST_RANGE_DB else float("nan"),
        slope_error=error,
        gain_range_db=ranges[1],
        input_range_db=ranges[0],
        times_s=np.array(times),
        gains_db=behind - before,
    )
