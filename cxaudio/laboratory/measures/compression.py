"""Gain lost at the higher of two levels of the sweep."""

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.processing import why_not_steady
from cxaudio.laboratory.measures.responses import responses_of
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes

__all__ = ["COMPRESSION"]

_FIGURES = (
    FigureSpec(
        key="compression.db",
        fit=0.2,
        name="Gain lost at the higher level",
        unit="dB re the lower level",
        criterion="processing",
        role=Role.SWEEP_LOUD,
        needs=(Role.SWEEP_SOFT,),
        badge=Badge.PROJECT,
        better="near_zero",
        lead=True,
        worth=0.5,
        cause="compresses loud sound",
        about="Response of the loud sweep less that of the soft one, median over 315 Hz to 3.15 kHz.",
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    responses = responses_of(takes, found)
    sentence = why_not_steady(takes, found)
    if sentence is not None:
        found.forbid(sentence, "compression.db")
    for swept in (*responses.loud.values(), *responses.soft.values()):
        if swept.error is not None:
            found.withhold(swept.error, "compression.db")
    if not responses.loud.keys() & responses.soft.keys():
        found.withhold(said("no wearing has both a loud sweep and a soft one; record both in one"), "compression.db")
    inside = responses.thirds.within(315, 3_150)
    for number, loud in responses.loud.items():
        soft = responses.soft.get(number)
        if loud.thirds_db is None or soft is None or soft.thirds_db is None:
            continue
        lost = loud.thirds_db[inside] - soft.thirds_db[inside]
        known = lost[np.isfinite(lost)]
        if not len(known):
            found.withhold(
                said("{take} is lost in noise from 315 Hz to 3.15 kHz", take=soft.take.name), "compression.db"
            )
        else:
            found.put(
                "compression.db",
                float(np.median(known)),
                error=0.01,
                systematic=0.01,
                conditions=said("{loud} at -10 dBov less {soft} at -20 dBov", loud=loud.take.name, soft=soft.take.name),
            )


COMPRESSION = Measure(name="compression", figures=_FIGURES, fill=_fill)
