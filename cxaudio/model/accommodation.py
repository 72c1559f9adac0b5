"""Measure whether the two paces approached each other over a call: reported, never judged; knows only spurts.

Windows of 20 s every 10 s (both settings); a window's rate is the syllables of its speech over the time of its speech,
spread evenly over each spurt. Measures after Levitan & Hirschberg 2011 (proximity, convergence, synchrony), on the
logarithm of the rates, so that twice as fast and half as fast weigh the same.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import linear_regression
from typing import Annotated

from cxaudio.model.policy import AccommodationSettings
from cxaudio.model.timebase import Timebase
from cxaudio.model.written import Count, Figure, Written

__all__ = ["MIN_WINDOW_NUCLEI", "Accommodation", "PacedSpeech", "accommodation"]

MIN_WINDOW_NUCLEI = 10
"""A window with fewer syllables has no rate: its error would pass 0.37 / sqrt(10) = 12 %. Chosen."""

Correlation = Annotated[float, Written(digits=4, minimum=-1, maximum=1)]


@dataclass(frozen=True, slots=True)
class PacedSpeech:
    """The part of a spurt that matters for pace."""

    start: int  # samples
    end: int  # samples
    n_nuclei: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accommodation:
    """Measures of how the two rates relate; each is None where both rates are known in too few windows."""

    n_windows: Annotated[Count, Written(description="Windows in which both rates are known.")]
    proximity: Annotated[
        Figure | None,
        Written(description="Mean natural logarithm of the agent's rate over the customer's; 0.18 is 20 % faster."),
    ]
    convergence_per_min: Annotated[
        Figure | None,
        Written(description="Trend of the ratio's absolute logarithm; below 0 the two draw together."),
    ]
    agent_follows: Annotated[
        Correlation | None,
        Written(description="Correlation of the agent's rate with the customer's one window before."),
    ]
    customer_follows: Annotated[Correlation | None, Written(description="The same the other way round.")]
    adaptation_index: Annotated[
        Figure | None,
        Written(description="Share of the gap that the agent closes by the next window, less the customer's share."),
    ]


def accommodation(
    agent: Sequence[PacedSpeech],
    customer: Sequence[PacedSpeech],
    *,
    duration: int,
    clock: Timebase,
    settings: AccommodationSettings,
) -> Accommodation:
    """Return the measures of a call.

    Parameters
    ----------
    agent, customer : sequence of PacedSpeech
        In order; without backchannels, short spurts and holds.
    duration : int
        Length of the call in samples.
    clock : Timebase
        The call's clock.
    settings : AccommodationSettings
        Windows.

    Examples
    --------
    >>> calm = [PacedSpeech(s * 8000, (s + 9) * 8000, 36) for s in range(0, 300, 20)]
    >>> fast = [PacedSpeech((s + 10) * 8000, (s + 19) * 8000, 45) for s in range(0, 300, 20)]
    >>> settings = AccommodationSettings(window_s=20, step_s=10, min_windows=10)
    >>> found = accommodation(fast, calm, duration=300 * 8000, clock=Timebase(8000), settings=settings)
    >>> found.n_windows, round(math.exp(found.proximity), 2)
    (29, 1.25)
    """
    window, step = clock.samples(settings.window_s), clock.samples(settings.step_s)
    starts = range(0, max(0, duration - window + 1), step)
    a = [_log_rate(agent, start, start + window, clock) for start in starts]
    c = [_log_rate(customer, start, start + window, clock) for start in starts]
    both = [k for k in range(len(starts)) if a[k] is not None and c[k] is not None]
    if len(both) < settings.min_windows:
        return Accommodation(
            n_windows=len(both),
            proximity=None,
            convergence_per_min=None,
            agent_follows=None,
            customer_follows=None,
            adaptation_index=None,
        )
    gap = {k: _known(a[k]) - _known(c[k]) for k in both}
    minutes = [clock.seconds(starts[k]) / 60 for k in both]
    lag = max(1, math.ceil(settings.window_s / settings.step_s))  # the next window that shares no sound with this one
    pairs = [(k, k + lag) for k in both if k + lag < len(starts)]
    to_agent = [(c[k], a[n]) for k, n in pairs]
    to_customer = [(a[k], c[n]) for k, n in pairs]
    closed_by_agent = _share_closed([(-gap[k], a[n], a[k]) for k, n in pairs])
    closed_by_customer = _share_closed([(gap[k], c[n], c[k]) for k, n in pairs])
    return Accommodation(
        n_windows=len(both),
        proximity=sum(gap.values()) / len(both),
        convergence_per_min=linear_regression(minutes, [abs(gap[k]) for k in both]).slope if len(both) > 1 else None,
        agent_follows=_correlation(to_agent, settings.min_windows),
        customer_follows=_correlation(to_customer, settings.min_windows),
        adaptation_index=None
        if closed_by_agent is None or closed_by_customer is None
        else closed_by_agent - closed_by_customer,
    )


def _known(value: float | None) -> float:
    assert value is not None
    return value


def _log_rate(spurts: Sequence[PacedSpeech], start: int, end: int, clock: Timebase) -> float | None:
    speech = nuclei = 0.0
    first = bisect_right(spurts, start, key=lambda spurt: spurt.end)  # spurts of one side do not overlap
    for spurt in islice(spurts, first, None):
        if spurt.start >= end:
            break
        inside = min(end, spurt.end) - max(start, spurt.start)
        speech += inside
        nuclei += spurt.n_nuclei * inside / (spurt.end - spurt.start)
    if nuclei < MIN_WINDOW_NUCLEI:
        return None
    return math.log(nuclei / (speech / clock.sample_rate))


def _correlation(pairs: Sequence[tuple[float | None, float | None]], at_least: int) -> float | None:
    """Return Pearson's correlation of the known pairs; None where they are too few or one side never changes.

    `statistics.correlation` raises for one that never changes, and answers by rounding errors for one that hardly does.
    """
    known = [(x, y) for x, y in pairs if x is not None and y is not None]
    if len(known) < at_least:
        return None
    mean_x, mean_y = sum(x for x, _ in known) / len(known), sum(y for _, y in known) / len(known)
    var_x, var_y = sum((x - mean_x) ** 2 for x, _ in known), sum((y - mean_y) ** 2 for _, y in known)
    if min(var_x, var_y) < 1e-12 * len(known):
        return None
    return float(sum((x - mean_x) * (y - mean_y) for x, y in known) / math.sqrt(var_x * var_y))


def _share_closed(steps: Sequence[tuple[float, float | None, float | None]]) -> float | None:
    """Return the least-squares share of the gap by which a side moved; steps are (gap to close, next, now)."""
    known = [(gap, after - now) for gap, after, now in steps if after is not None and now is not None]
    weight = sum(gap * gap for gap, _ in known)
    if len(known) < 2 or weight < 1e-9:
        return None
    return sum(gap * moved for gap, moved in known) / weight
