"""Loop latency over openings of the stream."""

import numpy as np

from cxaudio.laboratory.measures.clock import clock_of
from cxaudio.laboratory.measures.figure import Badge, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.takes.protocol import N_OPENINGS, Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.measurement.delay import find_delay

__all__ = ["LATENCY"]

_ESTIMATOR_S = 1e-5  # error of a delay by correlation, well below one sample

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
    openings = takes.of(Role.OPENING)
    delays_ms = [delay for take in openings if (delay := _delay_ms(take, found)) is not None]
    found.openings_ms = tuple(delays_ms)
    if delays_ms:
        n = len(delays_ms)
        few = "" if n >= N_OPENINGS else f" of the {N_OPENINGS} wanted"
        _put(found, np.array(delays_ms), f"{n} openings of the stream{few}{_blocks(openings)}")
        return
    clocks = (found.shared(clock_of, take) for take in takes.of(Role.MARKERS))
    first_ms = next((clock.first_ms for clock in clocks if clock.first_ms is not None), None)
    if first_ms is not None:
        _put(found, np.array([first_ms]), "one opening only, from the markers")


def _delay_ms(take: Take, found: Findings) -> float | None:
    played = take.played_or_made()
    assert played is not None  # the role has a signal of its own
    try:
        delay = find_delay(played, take.samples, take.sample_rate)
    except ParameterError as error:
        found.withhold(f"{take.name}: {error}", "latency.median_ms", "latency.min_ms", "latency.max_ms")
        return None
    if not delay.accepted:
        found.notes.append(f"{take.name}: no marker stands out, so that this opening tells no latency")
        return None
    return 1000 * delay.seconds


def _blocks(takes: tuple[Take, ...]) -> str:
    lengths = {take.conditions.block_frames for take in takes} - {None}
    return f", blocks of {lengths.pop()} frames" if len(lengths) == 1 else ""


def _put(found: Findings, delays_ms: np.ndarray, conditions: str) -> None:
    # Half the width of the middle two thirds: how far the next opening may be from the median.
    wide = float(np.subtract(*np.quantile(delays_ms, [5 / 6, 1 / 6]))) / 2
    least = 1000 * _ESTIMATOR_S
    found.put("latency.median_ms", float(np.median(delays_ms)), error=max(least, wide), conditions=conditions)
    found.put("latency.min_ms", float(delays_ms.min()), error=least, conditions=conditions)
    found.put("latency.max_ms", float(delays_ms.max()), error=least, conditions=conditions)


LATENCY = Measure(name="latency", figures=_FIGURES, fill=_fill)
