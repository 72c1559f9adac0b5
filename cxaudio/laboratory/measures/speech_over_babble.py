"""Speech over the babble of a room, and the drop from the quiet room.

P.56 counts babble as activity. So the power of the babble alone is subtracted from the whole, and what is left is
related to the activity of the speech take.
"""

import numpy as np

from cxaudio.laboratory.measures.alignment import arrival
from cxaudio.laboratory.measures.figure import Badge, Bound, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.speech_over_noise import speech_over_noise_db, why_not_comparable
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes, lead_of
from dsp.core.levels import dbov
from dsp.core.spectrum import power_spectrum
from dsp.measurement.level_p56 import active_level

__all__ = ["SPEECH_OVER_BABBLE"]

_LOW_HZ, _HIGH_HZ = 100.0, 7_000.0

_FIGURES = (
    FigureSpec(
        key="snr.babble_db",
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
        name="Drop from quiet to babble",
        unit="dB",
        criterion="speech",
        role=Role.BABBLE,
        badge=Badge.PROJECT,
        about="Speech over noise in the quiet room less that in babble.",
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    sentence = why_not_comparable(takes, found)
    if sentence is not None:
        found.forbid(sentence, "snr.drop_db")
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
        found.withhold(f"{take.name} is too short: it needs 5 s of babble and 5 s of speech", "snr.babble_db")
        return
    alone, both = x[margin : lead - margin], x[lead + margin :]
    if take.played is not None:
        end = min(len(both), len(take.played) - lead)
        both = both[: max(rate, end)]
    noise = power_spectrum(alone, rate).mean_square(_LOW_HZ, _HIGH_HZ)
    whole = power_spectrum(both, rate).mean_square(_LOW_HZ, _HIGH_HZ)
    activity = active_level(np.asarray(speech.samples, np.float64), rate).activity if speech else 1.0
    conditions = f"{_LOW_HZ:g} Hz to {min(_HIGH_HZ, rate / 2) / 1000:g} kHz; babble from the first 5 s of {take.name}"
    if not noise > 1e-12:
        found.withhold(
            f"{take.name}: the first 5 s hold no babble (gated or not played), so that speech over babble is not known",
            "snr.babble_db",
        )
        return
    left = whole - noise
    bound: Bound = "exact" if left > 0.26 * noise else "at_most"
    ratio = dbov(max(left, 0.26 * noise) / max(activity, 0.05) / noise)
    found.put("snr.babble_db", ratio, uncertainty=1.0, bound=bound, conditions=conditions)
    in_quiet = _in_quiet_db(takes, found)
    if in_quiet:
        at = min(take.number, len(in_quiet)) - 1
        found.put("snr.drop_db", in_quiet[at] - ratio, uncertainty=1.1, conditions=conditions)
    else:
        found.withhold("speech over noise in the quiet room is not known", "snr.drop_db")


def _in_quiet_db(takes: Takes, found: Findings) -> list[float]:
    """Return speech over noise in the quiet room, one value a speech take, as far as it is known."""
    pairs = ((take, takes.beside(take, Role.QUIET)) for take in takes.of(Role.SPEECH))
    ratios = [found.shared(speech_over_noise_db, take, quiet) for take, quiet in pairs if quiet is not None]
    return [ratio for ratio in ratios if np.isfinite(ratio)]


SPEECH_OVER_BABBLE = Measure(name="speech over babble", figures=_FIGURES, fill=_fill)
