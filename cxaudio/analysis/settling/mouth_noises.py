"""Find short sounds of a mouth that are no speech: coughs, laughs, breath and blowing that stand by themselves."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.rows import (
    BAND_STEP_DB,
    BANDS_EVERY,
    POWER_OF_STEP,
    PROBABILITY_STEPS,
    CallRows,
)
from cxaudio.analysis.settling.runs import runs_of
from cxaudio.analysis.tick import in_ticks
from cxaudio.model.events import Side
from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS

__all__ = ["find_noises_of_mouth"]

Ticks = NDArray[np.bool_]

_BRIDGE = in_ticks(0.2)  # gaps within one sound
_LONGEST = in_ticks(1.2)
_ALONE = in_ticks(0.3)  # own silence before and behind: what touches talk is judged as talk
_AT_ONCE = 100  # sounds
_SNR_DB = 15.0  # nearer to the noise, words look like noise

# A logistic regression (scikit-learn) over 1 800 short sounds that the detector took for speech: single words
# and cuts of recorded voices, and coughs, breath and handling made by formula, beside noise, lines and codecs. No
# recorded cough was used. Of such sounds of other voices, 1 % of the words and 42 % of the rest are below the limit; of
# 260 whole recorded words in quiet, 1 is.
_CUTS_HZ_BANDS = (10, 14, 18, 24)  # bands from 1.1, 1.6 and 2.4 kHz
_WEIGHTS = {
    "log_duration": -0.683,
    "probability": 2.678,
    "greatest": 5.456,
    "lower_quartile": -0.14,
    "nuclei": 0.431,
    "share_1100_hz": -4.583,
    "share_1600_hz": -4.028,
    "share_2400_hz": -5.176,
    "flatness_db": -0.089,
    "flux_db": -0.272,
}
_BIAS = -4.873
_LIMIT = -0.8


def find_noises_of_mouth(rows: CallRows, speaking: Ticks) -> Ticks:
    """Find short sounds with own silence around that sound like noise and little like speech.

    Words stay, also "mm" and "uh-huh"; so do coughs and laughs that touch talk, and laughs that sound like speech.

    Parameters
    ----------
    rows : CallRows
        All ticks of the call.
    speaking : ndarray of bool, shape (2, n)
        Ticks that are speech by what is settled so far.

    Returns
    -------
    ndarray of bool, shape (2, n)
        True only where `speaking` is.
    """
    found = np.zeros_like(speaking)
    for side in Side:
        spans = _alone(speaking[side])
        for at in range(0, len(spans), _AT_ONCE):
            some = spans[at : at + _AT_ONCE]
            noises = some[_evidence_of_speech(rows, side, some) < _LIMIT]
            for first, last in noises.tolist():
                found[side, first:last] = speaking[side, first:last]
    return found


def _alone(speaking: Ticks) -> NDArray[np.int64]:
    """Return short runs of speech, with gaps closed, that have own silence on both sides: rows ``[first, last)``."""
    runs = runs_of(speaking)
    if not len(runs):
        return runs
    starts, ends = runs.T
    opens = np.concatenate(([True], starts[1:] - ends[:-1] >= _BRIDGE))
    starts, ends = starts[opens], ends[np.concatenate((opens[1:], [True]))]
    gaps = np.concatenate(([_ALONE], starts[1:] - ends[:-1], [_ALONE]))
    chosen = (ends - starts <= _LONGEST) & (gaps[:-1] >= _ALONE) & (gaps[1:] >= _ALONE)
    return np.stack((starts[chosen], ends[chosen]), axis=1)


def _evidence_of_speech(rows: CallRows, side: Side, spans: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the logit of each sound ``[first, last)`` being speech; infinite where it cannot be judged."""
    first, last = spans.T
    # All sounds together, each padded to the longest.
    a, b = -(-first // BANDS_EVERY), -(-last // BANDS_EVERY)
    n_rows = np.maximum(b - a, 1)
    at = np.arange(n_rows.max())
    inside = at < n_rows[:, None]
    steps = rows.bands[side, np.minimum(a[:, None] + at, rows.bands.shape[1] - 1)]
    bands = np.where(inside[:, :, None], POWER_OF_STEP[steps], np.float32(0))
    power = bands.sum(axis=2)
    greatest = power.max(axis=1)
    loud = inside[:, 1:] & (power[:, 1:] > np.float32(0.05) * greatest[:, None])
    change = np.abs(np.diff(steps.astype(np.int16), axis=1)).sum(axis=2) * (BAND_STEP_DB / N_BANDS)
    share = bands.sum(axis=1) / power.sum(axis=1, keepdims=True)
    n_peak = np.maximum(2, n_rows // 3)[:, None]
    rank = np.argsort(np.argsort(-power, axis=1, kind="stable"), axis=1, kind="stable")
    at_peak = (bands * (rank < n_peak)[:, :, None]).sum(axis=1) / n_peak

    n_ticks = last - first
    at = np.arange(n_ticks.max())
    inside = at < n_ticks[:, None]
    ticks = np.minimum(first[:, None] + at, rows.n_ticks - 1)
    probability = np.where(inside, rows.probability[side, ticks], PROBABILITY_STEPS + 1.0) / PROBABILITY_STEPS
    in_order = np.sort(probability, axis=1)
    quarter = 0.25 * (n_ticks - 1)
    number, below = np.arange(len(spans)), quarter.astype(np.int64)
    lower, upper = in_order[number, below], in_order[number, np.minimum(below + 1, n_ticks - 1)]
    values = {
        "log_duration": np.log(n_ticks / 100),
        "probability": probability.sum(axis=1, where=inside) / n_ticks,
        "greatest": in_order[number, n_ticks - 1],
        "lower_quartile": lower + (upper - lower) * (quarter - below),
        "nuclei": (rows.nuclei[side, ticks] * inside).sum(axis=1),
        "share_1100_hz": share[:, _CUTS_HZ_BANDS[0] : _CUTS_HZ_BANDS[1]].sum(axis=1),
        "share_1600_hz": share[:, _CUTS_HZ_BANDS[1] : _CUTS_HZ_BANDS[2]].sum(axis=1),
        "share_2400_hz": share[:, _CUTS_HZ_BANDS[2] : _CUTS_HZ_BANDS[3]].sum(axis=1),
        "flatness_db": _flatness_db(at_peak),
        "flux_db": (change * loud).sum(axis=1) / np.maximum(loud.sum(axis=1), 1),
    }
    logit = _BIAS + np.sum([_WEIGHTS[name] * value for name, value in values.items()], axis=0)
    noise = (rows.noise[side, ticks] * inside).sum(axis=1) / n_ticks
    clear = (b - a >= 3) & (greatest >= noise * 10 ** (_SNR_DB / 10))
    return np.where(clear, logit, np.inf)


def _flatness_db(power: Float32) -> Float32:
    """Return the ratio of the geometric to the arithmetic mean of the bands: 0 dB if all are equal."""
    flatness: Float32 = 10 * (np.log10(power).mean(axis=1) - np.log10(power.mean(axis=1)))
    return flatness
