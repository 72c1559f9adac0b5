"""Gather all that a page about one agent, or one team, shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from cxaudio.archive.asking.groups import Figure, Metric, figure_of
from cxaudio.workbench.people.adaptation import Limits, PaceSlope, Third, pace_slope, thirds
from cxaudio.workbench.people.before_after import BeforeAfter, before_after
from cxaudio.workbench.people.call_columns import METRIC, Calls, Tables, read_calls
from cxaudio.workbench.people.distributions import SCALES, Distribution, count_by_step
from cxaudio.workbench.people.outlying_calls import OutlyingCalls, outlying_calls
from cxaudio.workbench.people.trend import Week, weeks
from cxaudio.workbench.reading.where import Where

__all__ = ["ADAPTED", "FOLLOWED", "MOST_POINTS", "SHOWN", "Person", "Points", "person"]


def _named(*names: str) -> tuple[Metric, ...]:
    return tuple(METRIC[name] for name in names)


SHOWN = _named(
    "flags_per_hour",
    "in_step_share",
    "agent_response_median_s",
    "agent_interruptions_per_hour",
    "agent_articulation_rate",
    "talk_share_agent",
    "overlap_share",
    "silence_share",
)
"""The figures of the page, in their order."""

ADAPTED = _named("agent_articulation_rate", "agent_response_median_s", "agent_interruptions_per_hour", "flags_per_hour")
"""The figures with slow, middle and fast customers."""

FOLLOWED = _named("flags_per_hour", "in_step_share", "agent_response_median_s", "agent_articulation_rate")
"""The figures by week."""

MOST_POINTS = 400
"""Calls that are drawn as points; more hide one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Articulation rates of single calls, syllables/s."""

    n: int  # calls in which both are known
    pairs: tuple[tuple[float, float], ...]  # of the customer and of the agent; at most `MOST_POINTS`, drawn by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An agent or a team; with fewer calls than are shown, only how many there are."""

    n: int  # calls
    enough: bool
    hours: float = 0.0  # without holds
    figures: tuple[Figure, ...] = ()
    limits: Limits | None = None  # None: no customer's rate is known
    thirds: tuple[Third, ...] = ()
    slope: PaceSlope | None = None
    points: Points | None = None  # None: known in too few calls
    weeks: tuple[Week, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    outlying: OutlyingCalls | None = None
    compared: BeforeAfter | None = None  # None: no date was given


def person(tables: Tables, where: Where, *, limits: Limits | None, at: date | None, min_calls: int) -> Person:
    """Compute everything about the selected calls.

    Parameters
    ----------
    tables : Tables
        Usually the snapshot.
    where : Where
        Calls of one agent or team.
    limits : (float, float), optional
        Between slow, middle and fast customers; from `cxaudio.workbench.people.adaptation.limits_of_thirds`.
    at : date, optional
        Day at which calls are parted into those before and those from it on.
    min_calls : int
        Nothing is shown of fewer calls, and a figure that is known in fewer calls has no value.
    """
    calls = read_calls(tables, where)
    if calls.n < min_calls:
        return Person(n=calls.n, enough=False)
    columns = calls.columns
    found = [count_by_step(columns[scale.column], scale, min_calls=min_calls) for scale in SCALES]
    return Person(
        n=calls.n,
        enough=True,
        hours=float(np.nansum(columns["counted_h"])),
        figures=_figures(calls, SHOWN, min_calls),
        limits=limits,
        thirds=() if limits is None else thirds(calls, limits, metrics=ADAPTED, min_calls=min_calls),
        slope=pace_slope(columns, min_calls=min_calls),
        points=_points(calls, min_calls),
        weeks=weeks(calls, metrics=FOLLOWED, min_calls=min_calls),
        distributions=tuple(each for each in found if each is not None),
        outlying=outlying_calls(tables, where, min_calls=min_calls),
        compared=None if at is None else before_after(calls, at, metrics=SHOWN, min_calls=min_calls),
    )


def _figures(calls: Calls, metrics: Sequence[Metric], min_calls: int) -> tuple[Figure, ...]:
    return tuple(figure_of(metric, calls.columns, n_calls=calls.n, min_group=min_calls) for metric in metrics)


def _points(calls: Calls, min_calls: int) -> Points | None:
    customer, agent = calls.columns["customer_rate"], calls.columns["agent_rate"]
    known = np.isfinite(customer) & np.isfinite(agent)
    n = int(known.sum())
    if n < min_calls:
        return None
    # Calls stand in the order of their ids, which chance decides.
    first = np.flatnonzero(known)[:MOST_POINTS]
    return Points(n=n, pairs=tuple((float(customer[each]), float(agent[each])) for each in first))
