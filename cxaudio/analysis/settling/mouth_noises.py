"""Find short sounds of a mouth that are no speech: coughs, laughs, breath and blowing that stand by themselves."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.rows import BANDS_EVERY, PROBABILITY_STEPS, CallRows
from cxaudio.analysis.settling.runs import runs_of
from cxaudio.analysis.tick import in_ticks
from cxaudio.model.events import Side
from dsp.core.stage import Float32

__all__ = ["find_noises_of_mouth"]

Ticks = NDArray[np.bool_]

_BRIDGE = in_ticks(0.2)  # gaps within one sound
_LONGEST = in_ticks(1.2)
_ALONE = in_ticks(0.3)  # own silence before and behind: what touches talk is judged as talk
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
        for first, last in _alone(speaking[side]):
            if _evidence_of_speech(rows, side, first, last) < _LIMIT:
                found[side, first:last] = speaking[side, first:last]
    return found


def _alone(speaking: Ticks) -> list[tuple[int, int]]:
    """Return short runs of speech, with gaps closed, that have own silence on both sides."""
    starts, ends = runs_of(speaking).T
    if not len(starts):
        return []
    opens = np.concatenate(([True], starts[1:] - ends[:-1] >= _BRIDGE))
    starts, ends = starts[opens], ends[np.concatenate((opens[1:], [True]))]
    gaps = np.concatenate(([_ALONE], starts[1:] - ends[:-1], [_ALONE]))
    chosen = (ends - starts <= _LONGEST) & (gaps[:-1] >= _ALONE) & (gaps[1:] >= _ALONE)
    return list(zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True))


def _evidence_of_speech(rows: CallRows, side: Side, first: int, last: int) -> float:
    """Return the logit of a sound being speech; infinite where it cannot be judged."""
    bands = 10 ** (rows.band_dbfs(side, -(-first // BANDS_EVERY), -(-last // BANDS_EVERY)) / 10)
    power = bands.sum(axis=1)
    if len(power) < 3 or power.max() < rows.noise[side, first:last].mean() * 10 ** (_SNR_DB / 10):
        return float("inf")
    loud = power[1:] > 0.05 * power.max()
    change = np.abs(np.diff(10 * np.log10(bands), axis=0))[loud]
    probability = rows.probability[side, first:last] / PROBABILITY_STEPS
    share = bands.sum(axis=0) / power.sum()
    at_peak = bands[np.argsort(power)[-max(2, len(power) // 3) :]].mean(axis=0)
    values = {
        "log_duration": np.log((last - first) / 100),
        "probability": probability.mean(),
        "greatest": probability.max(),
        "lower_quartile": np.quantile(probability, 0.25),
        "nuclei": int(rows.nuclei[side, 0, first:last].sum()),
        "share_1100_hz": share[_CUTS_HZ_BANDS[0] : _CUTS_HZ_BANDS[1]].sum(),
        "share_1600_hz": share[_CUTS_HZ_BANDS[1] : _CUTS_HZ_BANDS[2]].sum(),
        "share_2400_hz": share[_CUTS_HZ_BANDS[2] : _CUTS_HZ_BANDS[3]].sum(),
        "flatness_db": _flatness_db(at_peak),
        "flux_db": change.mean() if len(change) else 0.0,
    }
    return _BIAS + float(sum(_WEIGHTS[name] * value for name, value in values.items()))


def _flatness_db(power: Float32) -> float:
    """Return the ratio of the geometric to the arithmetic mean of the bands: 0 dB if all are equal."""
    return float(10 * (np.log10(power).mean() - np.log10(power.mean())))
