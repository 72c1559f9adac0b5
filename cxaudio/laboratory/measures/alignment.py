"""Find when the sound that was played arrives in a recording."""

import numpy as np

from dsp.core.errors import ParameterError
from dsp.measurement.delay import find_delay, track_delay
from dsp.measurement.skew import clock_skew

__all__ = ["arrival", "speech_delay"]


def speech_delay(
    reference: np.ndarray, recorded: np.ndarray, sample_rate: int, *, skew_ppm: float | None
) -> tuple[float, float]:
    """Return the delay at the beginning in samples, and the skew in ppm, of a recording of speech.

    Parameters
    ----------
    reference, recorded : ndarray of float, shape (n,) and (m,)
        The sound that was played or that a reference microphone recorded, and the take.
    sample_rate : int
        Hz.
    skew_ppm : float or None
        Skew that is known from markers; None: it is computed from the speech itself, 2 s at a time.

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
    """Return the sample at which the played sound begins in a recording, up to half a second early; None if not found.

    The first 20 s of the played sound are searched from 5 s before the recording begins to 15 s into it. The caller
    refines the result: half a second is left so that no delay turns negative.
    """
    length = 20 * sample_rate
    x, y = played[:length], recorded[: 2 * length]
    if len(x) < sample_rate or not np.any(x) or not np.any(y):
        return None
    most = min(15.0, len(y) / sample_rate - 0.5)
    earliest_s = -min(5.0, 0.8 * len(x) / sample_rate)
    found = find_delay(x, y, sample_rate, least_s=earliest_s, most_s=most, fine=False)
    if not found.accepted:
        return None
    at = round(found.samples)
    # The latency of the loop itself is kept.
    return at if at < 0 else max(0, at - sample_rate // 2) if at > sample_rate else 0
