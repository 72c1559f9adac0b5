"""Compute fair figures of groups of calls: how many calls, how sure, how much is unknown; sums before divisions.

Counts and seconds of calls are added before anything is divided, so that a call of an hour is not worth as little as
one of a minute. Holds are left out. A group of few calls has no figures. Groups stand in the order of their names.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from cxaudio.archive.asking.consistency import Consistency, consistency
from cxaudio.archive.asking.duck import Duck
from cxaudio.archive.asking.intervals import (
    Interval,
    Values,
    count_rate_interval,
    median_interval,
    ratio_interval,
)

__all__ = [
    "COLUMNS",
    "GROUPS",
    "METRICS",
    "MIN_KNOWN",
    "Columns",
    "Figure",
    "Group",
    "Metric",
    "figure_of",
    "summarise",
]

MIN_KNOWN = 2
"""Calls in which a figure is known: of fewer no spread can be computed, whatever size a group must have."""

GROUPS: Mapping[str, str] = {
    "agent": "agent",
    "team": "team",
    "queue": "queue",
    "day": "strftime(started_at, '%Y-%m-%d')",
    "settings": "settings_digest",
}
"""What calls can be grouped by, with its SQL; days are those of UTC."""

_ONE_SIDED = "CASE WHEN two_sided THEN {} END"
COLUMNS: Mapping[str, str] = {
    "counted_h": "greatest(duration_s - coalesce(hold_s, 0), 0) / 3600",
    "agent_speech_s": "agent_speech_s",
    "customer_speech_s": "customer_speech_s",
    "agent_rate": "agent_articulation_rate",
    "agent_rate_error": "agent_articulation_rate_std_error",
    "customer_rate": "customer_articulation_rate",
    "customer_rate_error": "customer_articulation_rate_std_error",
    "in_step_share": "in_step_share",
    "pace_known_s": "pace_known_s",
    "agent_response_s": "agent_response_median_s",
    "interruptions": _ONE_SIDED.format("agent_interruptions"),
    "flags": _ONE_SIDED.format("n_flag + n_severe"),
    "two_sided": _ONE_SIDED.format("1"),
    "overlap_share": "overlap_share",
    "silence_share": "silence_share",
}
"""What a metric needs of a call, with its SQL over ``calls``; every other figure of a call follows from these."""

Columns = Mapping[str, Values]


class _Parts(NamedTuple):
    """A metric of calls as fractions: its value is the sum of the parts over the sum of the wholes."""

    parts: Values  # NaN: unknown in this call
    wholes: Values
    errors: Values | None = None  # standard error of each call's own fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure of a group."""

    name: str
    unit: str
    kind: Literal["mean", "count", "median"]
    of: Callable[[Columns], _Parts]
    meaning: str


def _weighted(value: str, weight: str, error: str | None = None) -> Callable[[Columns], _Parts]:
    """Return a metric whose parts are values times their weights, such as a rate times the seconds of speech."""

    def parts(c: Columns) -> _Parts:
        return _Parts(c[value] * c[weight], c[weight], None if error is None else c[error])

    return parts


def _per_hour(c: Columns, counts: str) -> _Parts:
    return _Parts(c[counts], c["counted_h"])


def _per_100_calls(c: Columns, counts: str) -> _Parts:
    return _Parts(c[counts], c["two_sided"] / 100)


METRICS: tuple[Metric, ...] = (
    Metric(
        name="agent_articulation_rate",
        unit="syllables/s",
        kind="mean",
        of=_weighted("agent_rate", "agent_speech_s", "agent_rate_error"),
        meaning="mean over the agent's speech",
    ),
    Metric(
        name="customer_articulation_rate",
        unit="syllables/s",
        kind="mean",
        of=_weighted("customer_rate", "customer_speech_s", "customer_rate_error"),
        meaning="mean over the customer's speech",
    ),
    Metric(
        name="in_step_share",
        unit="share",
        kind="mean",
        of=_weighted("in_step_share", "pace_known_s"),
        meaning="part of the time with known paces in which they fit",
    ),
    Metric(
        name="agent_response_median_s",
        unit="s",
        kind="median",
        of=lambda c: _Parts(c["agent_response_s"], np.ones_like(c["agent_response_s"])),
        meaning="median over calls of the median response time in a call",
    ),
    Metric(
        name="agent_interruptions_per_hour",
        unit="per hour",
        kind="count",
        of=lambda c: _per_hour(c, "interruptions"),
        meaning="the agent's interruptions, by time without holds",
    ),
    Metric(
        name="agent_interruptions_per_100_calls",
        unit="per 100 calls",
        kind="count",
        of=lambda c: _per_100_calls(c, "interruptions"),
        meaning="the agent's interruptions",
    ),
    Metric(
        name="flags_per_hour",
        unit="per hour",
        kind="count",
        of=lambda c: _per_hour(c, "flags"),
        meaning="flags and severe flags, by time without holds",
    ),
    Metric(
        name="flags_per_100_calls",
        unit="per 100 calls",
        kind="count",
        of=lambda c: _per_100_calls(c, "flags"),
        meaning="flags and severe flags",
    ),
    Metric(
        name="talk_share_agent",
        unit="share",
        kind="mean",
        of=lambda c: _Parts(
            c["agent_speech_s"] * c["two_sided"], (c["agent_speech_s"] + c["customer_speech_s"]) * c["two_sided"]
        ),
        meaning="the agent's part of all speech",
    ),
    Metric(
        name="overlap_share",
        unit="share",
        kind="mean",
        of=_weighted("overlap_share", "counted_h"),
        meaning="part of the time without holds in which both speak",
    ),
    Metric(
        name="silence_share",
        unit="share",
        kind="mean",
        of=_weighted("silence_share", "counted_h"),
        meaning="part of the time in long silences",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A metric of a group."""

    metric: Metric
    n: int  # calls in which it is known
    unknown_share: float  # of the group's calls
    value: float | None  # None: known in too few calls
    interval: Interval | None  # None: not known, or all calls have the same value
    consistency: Consistency | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        spread = self.consistency
        return {
            "meaning": self.metric.meaning,
            "unit": self.metric.unit,
            "n": self.n,
            "unknown_share": _rounded(self.unknown_share),
            "value": _rounded(self.value),
            "interval": _ends(self.interval),
            "quartiles": None if spread is None else [_rounded(spread.first_quartile), _rounded(spread.third_quartile)],
            "interquartile_range": None if spread is None else _rounded(spread.interquartile_range),
            "std": None if spread is None else _rounded(spread.std),
            "std_interval": None if spread is None else _ends(spread.std_interval),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of calls."""

    name: str | None  # None: calls without this label
    n: int | None  # calls; None: fewer than are shown
    hours: float | None  # of all calls, holds left out
    figures: tuple[Figure, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        figures = {figure.metric.name: figure.to_dict() for figure in self.figures}
        return {"name": self.name, "n": self.n, "hours": _rounded(self.hours), "figures": figures}


def summarise(duck: Duck, *, by: str | None = None, min_group: int = 5) -> Iterator[Group]:
    """Compute the figures of each group of calls.

    Parameters
    ----------
    duck : Duck
        The store. Only calls judged with the newest run's settings count, except where groups are settings.
    by : str, optional
        A key of `GROUPS`; all calls are one group where it is left out.
    min_group : int, optional
        A group of fewer calls is only named, and a figure that is known in fewer calls has no value.

    Yields
    ------
    Group
        In the order of their names; calls without the label are the last.

    Raises
    ------
    UsageError
        If the store is too large for the memory that `duck` may use.
    """
    label = "CAST(NULL AS VARCHAR)" if by is None else GROUPS[by]
    counted = "true" if by == "settings" else "current"
    groups = [
        (None if name is None else str(name), int(n))
        for name, n in duck.ask(
            f"SELECT {label} AS name, count(*) FROM calls WHERE {counted} GROUP BY name ORDER BY name NULLS LAST"
        ).rows
    ]
    selected = ", ".join(f"{sql} AS {name}" for name, sql in COLUMNS.items())
    # The order of the calls decides which of them are drawn again.
    every = duck.arrays(
        f"SELECT {selected} FROM calls WHERE {counted} ORDER BY {label} NULLS LAST, call_id" if groups else
        f"SELECT {selected} FROM calls WHERE false"
    )  # fmt: skip
    end = 0
    for name, n in groups:
        start, end = end, end + n
        if n < min_group:
            yield Group(name=name, n=None, hours=None, figures=())
            continue
        columns = {key: values[start:end] for key, values in every.items()}
        yield Group(
            name=name,
            n=n,
            hours=float(np.nansum(columns["counted_h"])),
            figures=tuple(figure_of(metric, columns, n_calls=n, min_group=min_group) for metric in METRICS),
        )


def figure_of(metric: Metric, columns: Columns, *, n_calls: int, min_group: int) -> Figure:
    """Compute one figure of a group.

    Parameters
    ----------
    metric : Metric
        Which one.
    columns : mapping of str to ndarray of float, shape (n_calls,)
        Those of `COLUMNS` that the metric needs, a value for each call; NaN: unknown.
    n_calls : int
        Calls of the group.
    min_group : int
        A figure that is known in fewer calls has no value.

    Examples
    --------
    >>> (flags,) = (metric for metric in METRICS if metric.name == "flags_per_hour")
    >>> columns = {"flags": np.array([1.0, 0.0, 2.0]), "counted_h": np.array([0.1, 0.1, 0.1])}
    >>> round(figure_of(flags, columns, n_calls=3, min_group=2).value, 6)
    10.0
    """
    found = metric.of(columns)
    known = np.isfinite(found.parts) & np.isfinite(found.wholes) & (found.wholes > 0)
    n = int(known.sum())
    value: float | None = None
    interval: Interval | None = None
    spread: Consistency | None = None
    if n >= max(MIN_KNOWN, min_group):
        parts, wholes = found.parts[known], found.wholes[known]
        each = parts / wholes
        errors = None if found.errors is None else found.errors[known]
        if metric.kind == "median":
            value, interval = float(np.median(parts)), median_interval(parts)
        else:
            value = float(parts.sum() / wholes.sum())
            interval = (count_rate_interval if metric.kind == "count" else ratio_interval)(parts, wholes)
        if metric.kind == "count":
            errors = np.sqrt(value / wholes)  # of a Poisson count, over its whole
        spread = consistency(each, errors)
    return Figure(metric=metric, n=n, unknown_share=1 - n / n_calls, value=value, interval=interval, consistency=spread)


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def _ends(interval: Interval | None) -> list[float | None] | None:
    return None if interval is None else [_rounded(interval.low), _rounded(interval.high)]
