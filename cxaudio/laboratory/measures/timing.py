"""Loop latency over openings, skew of the clocks, jumps of the delay."""

from dataclasses import dataclass

import numpy as np

from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.takes.protocol import MARKER_STEP_S, N_OPENINGS, Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.measurement.delay import find_delay, track_delay
from dsp.measurement.skew import clock_skew

__all__ = ["Timing", "arrival", "measure_timing", "speech_delays"]

_ESTIMATOR_S = 1e-5  # of a delay by correlation, well below one sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What other measures need of it."""

    skew_ppm: float | None
    openings_ms: tuple[float, ...]


def measure_timing(takes: Takes, found: Findings) -> Timing:
    """Figures of latency and clock."""
    skew = None
    first_ms: float | None = None
    for take in takes.of(Role.MARKERS):
        played = take.played_or_made()
        assert played is not None  # the role has a signal of its own
        played = played[: len(take.samples)]
        try:
            delays = track_delay(played, take.samples, take.sample_rate, step_s=MARKER_STEP_S, window_s=0.5)
            result = clock_skew(delays, MARKER_STEP_S)
        except ParameterError as error:
            found.withhold(f"{take.name}: {error}", "clock.skew_ppm", "clock.slips")
            continue
        skew = result.ppm if skew is None else skew
        first_ms = 1000 * float(delays[np.isfinite(delays)][0]) if first_ms is None else first_ms
        conditions = f"{result.n_used} markers, one every {MARKER_STEP_S:g} s"
        found.put("clock.skew_ppm", result.ppm, uncertainty=max(0.05, result.uncertainty_ppm), conditions=conditions)
        where = ", ".join(f"{1000 * slip.jump_s:+.1f} ms at {slip.at_s:.0f} s" for slip in result.slips[:5])
        found.put("clock.slips", len(result.slips), uncertainty=0.0, text=where or None, conditions=conditions)
    openings = _openings(takes, found)
    if len(openings):
        n = len(openings)
        few = "" if n >= N_OPENINGS else f" of the {N_OPENINGS} wanted"
        _put_latency(found, openings, f"{n} openings of the stream{few}{_blocks(takes.of(Role.OPENING))}")
    elif first_ms is not None:
        _put_latency(found, np.array([first_ms]), "one opening only, from the markers")
    return Timing(skew_ppm=skew, openings_ms=tuple(float(each) for each in openings))


def _openings(takes: Takes, found: Findings) -> np.ndarray:
    delays_ms = []
    for take in takes.of(Role.OPENING):
        played = take.played_or_made()
        assert played is not None
        try:
            delay = find_delay(played, take.samples, take.sample_rate)
        except ParameterError as error:
            found.withhold(f"{take.name}: {error}", "latency.median_ms", "latency.min_ms", "latency.max_ms")
            continue
        if delay.accepted:
            delays_ms.append(1000 * delay.seconds)
        else:
            found.notes.append(f"{take.name}: no marker stands out, so that this opening tells no latency")
    return np.array(delays_ms)


def _blocks(takes: tuple[Take, ...]) -> str:
    told = {take.conditions.block_frames for take in takes} - {None}
    return f", blocks of {told.pop()} frames" if len(told) == 1 else ""


def _put_latency(found: Findings, delays_ms: np.ndarray, conditions: str) -> None:
    # Half of the middle two thirds tells how far the next opening may lie from the median.
    wide = float(np.subtract(*np.quantile(delays_ms, [5 / 6, 1 / 6]))) / 2
    uncertainty = max(1000 * _ESTIMATOR_S, wide)
    found.put("latency.median_ms", float(np.median(delays_ms)), uncertainty=uncertainty, conditions=conditions)
    found.put("latency.min_ms", float(delays_ms.min()), uncertainty=1000 * _ESTIMATOR_S, conditions=conditions)
    found.put("latency.max_ms", float(delays_ms.max()), uncertainty=1000 * _ESTIMATOR_S, conditions=conditions)


def speech_delays(
    reference: np.ndarray, recorded: np.ndarray, sample_rate: int, *, skew_ppm: float | None
) -> tuple[float, float]:
    """Delay at the beginning in samples, and skew in ppm, of a recording of speech.

    Parameters
    ----------
    reference, recorded : ndarray of float, shape (n,) and (m,)
        What was played or heard by the reference, and the take.
    sample_rate : int
        Hz.
    skew_ppm : float or None
        As markers told it; None: it is told by the speech itself, 2 s at a time.

    Raises
    ------
    ParameterError
        If the recording does not resemble the reference.
    """
    step_s = 2.0
    # A take that was started by hand may begin seconds before or after the sound.
    shift = arrival(reference, recorded, sample_rate) or 0
    moved = recorded[shift:] if shift >= 0 else np.concatenate((np.zeros(-shift, recorded.dtype), recorded))
    delays = track_delay(reference, moved, sample_rate, step_s=step_s, window_s=2.0, most_s=1.0)
    if skew_ppm is None:
        try:
            skew_ppm = clock_skew(delays, step_s).ppm
        except ParameterError:
            skew_ppm = 0.0
    # Each delay is that of the middle of its window.
    at = np.arange(len(delays)) * step_s + 1.0
    return float(np.nanmedian(delays - skew_ppm * 1e-6 * at)) * sample_rate + shift, skew_ppm


def arrival(played: np.ndarray, recorded: np.ndarray, sample_rate: int) -> int | None:
    """Sample at which what was played begins in a recording, to within half a second before it; None if not found.

    Looked for from 5 s before the recording begins to 15 s into it, by the first 20 s of what was played. For what is
    to be followed more closely: up to half a second is left, so that no delay turns negative.
    """
    length = 20 * sample_rate
    x, y = played[:length], recorded[: 2 * length]
    if len(x) < sample_rate or not np.any(x) or not np.any(y):
        return None
    most = min(15.0, len(y) / sample_rate - 0.5)
    found = find_delay(x, y, sample_rate, least_s=-min(5.0, 0.8 * len(x) / sample_rate), most_s=most)
    if not found.accepted:
        return None
    at = round(found.samples)
    # A loop's own latency stays where it is.
    return at if at < 0 else max(0, at - sample_rate // 2) if at > sample_rate else 0
