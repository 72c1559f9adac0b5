"""Speech over the babble of a room, the drop from the quiet room, and what our suppressor makes of it.

P.56 counts babble as activity. So the power of the babble alone is subtracted from the whole, and what is left is
related to the activity of the speech take.

A headset that suppresses noise itself leaves less for a suppressor behind it. So the same figures are computed again of
what `dsp.speech.suppression` makes of the take.
"""

import math
from typing import NamedTuple

import numpy as np

from cxaudio.laboratory.measures.alignment import arrival
from cxaudio.laboratory.measures.figure import Badge, Bound, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.processing import is_gated, why_gain_is_unknown
from cxaudio.laboratory.measures.speech_over_noise import why_not_comparable
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes, lead_of
from dsp.core.levels import dbov
from dsp.core.resample import Resampler
from dsp.core.spectrum import Float64, power_spectrum
from dsp.core.stage import run
from dsp.measurement.level_p56 import active_level
from dsp.speech.suppression import SUPPRESSORS, make_suppressor

__all__ = ["SPEECH_OVER_BABBLE"]

_LOW_HZ, _HIGH_HZ = 100.0, 7_000.0
_ACTIVITY_DB = 0.2  # of the activity of speech, which is that of another take
_CLEANED = ("snr.cleaned_babble_db", "snr.left_for_ours_db")

_FIGURES = (
    FigureSpec(
        key="snr.babble_db",
        fit=1.5,
        name="Speech over babble",
        unit="dB re babble",
        criterion="speech",
        role=Role.BABBLE,
        badge=Badge.PROJECT,
        better="higher",
        lead=True,
        worth=1.0,
        cause="lets more of the room's voices through",
        about="Power of the speech over that of the five seconds of babble alone at the beginning of the take.",
    ),
    FigureSpec(
        key="snr.drop_db",
        fit=1.5,
        name="Drop from quiet to babble",
        unit="dB",
        criterion="speech",
        role=Role.BABBLE,
        needs=(Role.QUIET, Role.SPEECH),
        badge=Badge.PROJECT,
        about="Speech over noise in the quiet room less that in babble, both from 100 Hz to 7 kHz.",
    ),
    FigureSpec(
        key="snr.cleaned_babble_db",
        fit=2.0,
        name="Speech over babble, behind our suppressor",
        unit="dB re babble",
        criterion="speech",
        role=Role.BABBLE,
        badge=Badge.PROJECT,
        better="higher",
        worth=1.0,
        cause="leaves more of the room's voices behind our suppressor",
        about="Speech over babble of what cxaudio's noise suppressor makes of the take: what a customer would hear.",
    ),
    FigureSpec(
        key="snr.left_for_ours_db",
        fit=1.0,
        name="Babble left for our suppressor",
        unit="dB re take",
        criterion="speech",
        role=Role.BABBLE,
        badge=Badge.PROJECT,
        about="By how much our suppressor raises speech over babble; little where the headset suppresses it itself.",
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    sentence = why_not_comparable(takes, found)
    if sentence is not None:
        found.forbid(sentence, "snr.drop_db")
    unknown = why_gain_is_unknown(takes, found)
    if unknown is not None:
        found.forbid(unknown, "snr.babble_db", *_CLEANED)
    for take in takes.of(Role.BABBLE):
        _fill_from(take, takes, found)


def _fill_from(take: Take, takes: Takes, found: Findings) -> None:
    rate, x = take.sample_rate, np.asarray(take.samples, np.float64)
    lead = lead_of(take)
    if take.played is not None:
        x = x[max(0, arrival(take.played, x, rate) or 0) :]
    speech = takes.beside(take, Role.SPEECH)
    margin = round(0.3 * rate)
    if len(x) < lead + 4 * rate:
        found.withhold(
            said("{take} is too short: it needs 5 s of babble and 5 s of speech", take=take.name),
            "snr.babble_db",
            *_CLEANED,
        )
        return
    n_both = len(x) - lead - margin
    if take.played is not None:
        n_both = min(len(x), max(rate, min(n_both, len(take.played) - lead)))
    parts = (slice(margin, lead - margin), slice(lead + margin, lead + margin + n_both))
    activity = active_level(np.asarray(speech.samples, np.float64), rate).activity if speech else 1.0
    conditions = said(
        "{low:g} Hz to {high:g} kHz; babble from the first 5 s of {take}",
        low=_LOW_HZ,
        high=min(_HIGH_HZ, rate / 2) / 1000,
        take=take.name,
    )
    gated = is_gated(takes, found)
    ratio = _ratio(x, parts, rate, activity, gated=gated)
    if ratio is None:
        found.withhold(
            said(
                "{take}: the first 5 s hold no babble (gated or not played), so that speech over babble is not known",
                take=take.name,
            ),
            "snr.babble_db",
            *_CLEANED,
        )
        return
    error = math.hypot(_babble_error_db(x[parts[0]], rate), _ACTIVITY_DB)
    found.put("snr.babble_db", ratio.db, error=error, bound=ratio.bound, conditions=conditions)
    quiet = takes.beside(take, Role.QUIET)
    in_quiet = None if speech is None or quiet is None else _in_quiet_db(speech, quiet, activity)
    if in_quiet is not None:
        found.put("snr.drop_db", in_quiet - ratio.db, error=1.1 * error, conditions=conditions)
    else:
        found.withhold(said("speech over noise in the quiet room is not known"), "snr.drop_db")
    cleaned = _ratio(_suppressed(x, rate), parts, rate, activity, gated=gated)
    if cleaned is None:
        found.withhold(said("{take}: our suppressor leaves no babble", take=take.name), *_CLEANED)
        return
    found.put("snr.cleaned_babble_db", cleaned.db, error=error, bound=cleaned.bound, conditions=conditions)
    found.put("snr.left_for_ours_db", cleaned.db - ratio.db, error=error, conditions=conditions)


def _babble_error_db(x: Float64, rate: int) -> float:
    """Return the standard deviation of the level of babble, dB, by how much half seconds of it differ."""
    n = max(2, 2 * len(x) // rate)
    power = np.array([power_spectrum(each, rate).mean_square(_LOW_HZ, _HIGH_HZ) for each in np.array_split(x, n)])
    share = float(power.std(ddof=1) / max(float(power.mean()), 1e-12)) / math.sqrt(n)
    return 10 / math.log(10) * share


class _Ratio(NamedTuple):
    db: float
    bound: Bound


def _ratio(x: Float64, parts: tuple[slice, slice], rate: int, activity: float, *, gated: bool) -> _Ratio | None:
    """Return speech over babble of the babble alone and of both; None where there is no babble.

    A gate hides babble that is there under speech, so that with one the figure is at most this.
    """
    noise, whole = (power_spectrum(x[part], rate).mean_square(_LOW_HZ, _HIGH_HZ) for part in parts)
    if not noise > 1e-12:
        return None
    left = whole - noise
    return _Ratio(
        dbov(max(left, 0.26 * noise) / max(activity, 0.05) / noise),
        "exact" if left > 0.26 * noise and not gated else "at_most",
    )


def _suppressed(x: Float64, rate: int) -> Float64:
    """Return what our suppressor makes of a take that it has heard once before, so that it knows the wearer."""
    at = 16_000 if rate >= 16_000 else 8_000
    heard = run(Resampler(rate, at), np.concatenate((x, x)).astype(np.float32))
    back = run(Resampler(at, rate), run(make_suppressor(SUPPRESSORS[0], at), heard))
    return np.pad(back, (0, max(0, 2 * len(x) - len(back))))[len(x) : 2 * len(x)].astype(np.float64)


def _in_quiet_db(speech: Take, quiet: Take, activity: float) -> float | None:
    """Return speech over the noise of the quiet room in the band of the babble; None where there is no noise."""
    whole, noise = (
        power_spectrum(each.samples.astype(np.float64), each.sample_rate).mean_square(_LOW_HZ, _HIGH_HZ)
        for each in (speech, quiet)
    )
    return dbov((whole - noise) / max(activity, 0.05) / noise) if whole > noise > 0 else None


SPEECH_OVER_BABBLE = Measure(name="speech over babble", figures=_FIGURES, fill=_fill)
