"""Loop latency over openings of the stream."""

import math

import numpy as np

from cxaudio.laboratory.measures.clock import BLUR_S, clock_of, skew_ppm
from cxaudio.laboratory.measures.figure import Badge, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import listed, said
from cxaudio.laboratory.takes.protocol import N_OPENINGS, Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64
from dsp.measurement.delay import find_delay
from dsp.measurement.skew import without_skew

__all__ = ["LATENCY"]

_KEYS = ("latency.median_ms", "latency.min_ms", "latency.max_ms")
_OPENINGS_MS = 5.0  # by which openings differ where only one is known, one standard deviation (chosen)
_ESTIMATOR_MS = 0.3  # filters blur a marker: its arrival is known to a part of a swing, however fine its peak is read
_UNKNOWN_SKEW_MS = 0.1  # 200 ppm over the half second of a marker
_MEDIAN = 1.2533  # sqrt(pi / 2)

_FIGURES = (
    FigureSpec(
        key="latency.median_ms",
        name="Loop latency, median",
        unit="ms",
        criterion="timing",
        role=Role.OPENING,
        badge=Badge.PROJECT,
        better="lower",
        lead=True,
        worth=10.0,
        cause="brings sound later",
        about="Played to recorded and back, buffers of the system included; over openings of the stream.",
    ),
    FigureSpec(
        key="latency.min_ms",
        name="Loop latency, shortest",
        unit="ms",
        criterion="timing",
        role=Role.OPENING,
        badge=Badge.PROJECT,
        about="Over openings of the stream.",
    ),
    FigureSpec(
        key="latency.max_ms",
        name="Loop latency, longest",
        unit="ms",
        criterion="timing",
        role=Role.OPENING,
        badge=Badge.PROJECT,
        about="Over openings of the stream.",
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    skew = skew_ppm(takes, found)
    openings = takes.of(Role.OPENING)
    delays_ms = [delay for take in openings if (delay := _delay_ms(take, skew, found)) is not None]
    found.openings_ms = tuple(delays_ms)
    if len(delays_ms) > 1:
        n = len(delays_ms)
        how_many = (
            said("{n} openings of the stream", n=n)
            if n >= N_OPENINGS
            else said("{n} openings of the stream of the {wanted} wanted", n=n, wanted=N_OPENINGS)
        )
        _put(found, np.array(delays_ms), skew, listed([how_many, _blocks(openings)]))
        return
    if delays_ms:
        _put_one(
            found,
            delays_ms[0],
            skew,
            listed([said("one opening of the {wanted} wanted", wanted=N_OPENINGS), _blocks(openings)]),
        )
        return
    clocks = (found.shared(clock_of, take) for take in takes.of(Role.MARKERS))
    first_ms = next((clock.first_ms for clock in clocks if clock.first_ms is not None), None)
    if first_ms is not None:
        _put_one(found, first_ms, skew, said("one opening only, from the markers"))


def _delay_ms(take: Take, skew: float | None, found: Findings) -> float | None:
    played = take.played_or_made()
    assert played is not None  # the role has a signal of its own
    try:
        # By correlation the delay is that of the marker's middle: with the clocks apart it is another at its beginning.
        recorded = take.samples if skew is None else without_skew(take.samples, skew)
        delay = find_delay(played, recorded, take.sample_rate, lobe_s=BLUR_S)
    except ParameterError:
        found.withhold(said("{take} holds no sound that could be its marker; record it again", take=take.name), *_KEYS)
        return None
    if not delay.accepted:
        sentence = said("{take}: no marker stands out, so that this opening tells no latency", take=take.name)
        found.notes.append(sentence)
        found.withhold(sentence, *_KEYS)
        return None
    return 1000 * delay.seconds * (1 + (skew or 0.0) * 1e-6)


def _blocks(takes: tuple[Take, ...]) -> str:
    lengths = {take.conditions.block_frames for take in takes} - {None}
    return said("blocks of {frames} frames", frames=lengths.pop()) if len(lengths) == 1 else ""


def _systematic_ms(skew: float | None) -> float:
    return math.hypot(_ESTIMATOR_MS, _UNKNOWN_SKEW_MS if skew is None else 0.0)


def _put(found: Findings, delays_ms: Float64, skew: float | None, conditions: str) -> None:
    n = len(delays_ms)
    # A median of n readings varies by 1.2533 times as much as their mean, or less where they are few.
    error = _MEDIAN * float(np.std(delays_ms, ddof=1)) / math.sqrt(n)
    systematic = _systematic_ms(skew)
    found.put(
        "latency.median_ms",
        float(np.median(delays_ms)),
        error=error,
        dof=n - 1,
        systematic=systematic,
        conditions=conditions,
    )
    # These are of the openings that there were, and not of any other.
    found.put("latency.min_ms", float(delays_ms.min()), error=0.0, systematic=systematic, conditions=conditions)
    found.put("latency.max_ms", float(delays_ms.max()), error=0.0, systematic=systematic, conditions=conditions)


def _put_one(found: Findings, delay_ms: float, skew: float | None, conditions: str) -> None:
    """Give the latency of one opening: how far others are from it is not known."""
    for key in _KEYS:
        found.put(
            key,
            delay_ms,
            error=_OPENINGS_MS,
            dof=math.inf,
            assumed=True,
            systematic=_systematic_ms(skew),
            conditions=said(
                "{conditions}; openings are taken to differ by {spread:g} ms, one standard deviation",
                conditions=conditions,
                spread=_OPENINGS_MS,
            ),
        )


LATENCY = Measure(name="latency", figures=_FIGURES, fill=_fill)
