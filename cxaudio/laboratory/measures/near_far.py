"""Level of the wearer over a talker farther away."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.alignment import arrival
from cxaudio.laboratory.measures.figure import Badge, CurveSpec, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.gain_control import is_gain_controlled
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import listed, said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.measurement.near_far import Talkers, find_near_far

__all__ = ["NEAR_FAR"]

_FIGURES = (
    FigureSpec(
        key="near_far.mean_db",
        fit=1.5,
        name="Near over far talker",
        unit="dB re far",
        criterion="near_far",
        role=Role.FAR,
        needs=(Role.SPEECH,),
        badge=Badge.PROJECT,
        better="higher",
        lead=True,
        worth=1.0,
        cause="hears far talkers more",
        about="Near less far level, mean over third octaves from 315 Hz to 3.15 kHz, less that of the reference "
        "microphone where there was one, else less that of what was played.",
    ),
)
_CURVES = (
    CurveSpec(
        key="near_far",
        name="Near over far talker",
        unit="dB re far",
        x_unit="Hz",
        role=Role.FAR,
        badge=Badge.PROJECT,
        about="Third octaves; higher is better.",
    ),
)
_KEYS = ("near_far.mean_db", "near_far")


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.FAR):
        _fill_from(take, takes, found)


def _fill_from(take: Take, takes: Takes, found: Findings) -> None:
    near, quiet = takes.beside(take, Role.SPEECH), takes.beside(take, Role.QUIET)
    if near is None:
        found.withhold(said("there is no good speech take, which is the near talker; record it as speech.wav"), *_KEYS)
        return
    if is_gain_controlled(takes, found):
        found.forbid(said("gain control was found, so that the levels of two takes cannot be compared"), *_KEYS)
        return
    ambient = quiet.samples if quiet is not None else None
    reference, error, systematic = None, 1.0, 0.5
    compared: str = said("no reference microphone: same session only")
    if near.reference is not None and take.reference is not None:
        # Its sound is that of the same stretch of time.
        reference = Talkers(
            near=_while_played(near, near.reference),
            far=_while_played(take, take.reference),
            ambient=quiet.reference if quiet is not None else None,
        )
        compared, error, systematic = said("less that of the reference microphone"), 0.3, 0.1
    elif near.played is not None and take.played is not None:
        # Other words, or fewer of them, have another level: only the paths are compared.
        reference = Talkers(near=near.played, far=take.played)
        compared, error, systematic = listed([said("less what was played"), compared], "; "), 0.3, 0.1
    device = Talkers(near=_while_played(near, near.samples), far=_while_played(take, take.samples), ambient=ambient)
    try:
        result = find_near_far(device, take.sample_rate, reference=reference)
    except ParameterError:
        found.withhold(
            said(
                "the talker of {take} does not stand out of the room's noise in any band; talk louder or nearer",
                take=near.name,
            ),
            *_KEYS,
        )
        return
    if not result.n_bands:
        found.withhold(
            said("the talker of {take} is heard in no third octave from 315 Hz to 3.15 kHz", take=take.name), *_KEYS
        )
        return
    whole = result.mean_at_least or result.n_bands == result.n_all
    found.put(
        "near_far.mean_db",
        result.mean_db,
        error=error,
        systematic=systematic,
        bound="at_least" if result.mean_at_least else "exact",
        known=None if whole else said("known in {n} of {all} bands", n=result.n_bands, all=result.n_all),
        conditions=listed(
            [
                said("{n} third octaves", n=result.n_bands),
                compared,
                said("ambient not known") if ambient is None else "",
            ],
            "; ",
        ),
    )
    found.draw("near_far", result.bands.centres_hz, result.difference_db, bounded=result.at_least)


def _while_played(take: Take, sound: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the stretch in which speech was played, where that is known: silence after it would lower the level."""
    if take.played is None:
        return sound
    start = max(0, arrival(take.played, take.samples, take.sample_rate) or 0)
    return sound[start : start + len(take.played)]


NEAR_FAR = Measure(name="near against far", figures=_FIGURES, curves=_CURVES, fill=_fill)
