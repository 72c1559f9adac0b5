"""Count calls by the value of a figure, in the same steps for every agent."""

from dataclasses import dataclass

import numpy as np

from cxaudio.archive.asking.groups import COLUMNS
from cxaudio.archive.asking.intervals import Values

__all__ = ["SCALES", "Distribution", "Scale", "count_by_step", "step_sql"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Steps in which calls are counted; the first and the last hold all that is beyond, too."""

    metric: str  # name of the figure
    column: str  # a key of `COLUMNS`
    low: float
    step: float
    n_steps: int

    @property
    def high(self) -> float:
        """Return the end of the last step."""
        return self.low + self.step * self.n_steps


SCALES: tuple[Scale, ...] = (
    # Limits were chosen: hardly a call of any language is beyond them.
    Scale(metric="agent_articulation_rate", column="agent_rate", low=2.0, step=0.25, n_steps=24),
    Scale(metric="agent_response_median_s", column="agent_response_s", low=-0.5, step=0.25, n_steps=18),
    Scale(metric="in_step_share", column="in_step_share", low=0.0, step=0.05, n_steps=20),
)
"""The figures of single calls whose distribution is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Calls by the value of one figure."""

    scale: Scale
    n: int  # calls in which it is known
    shares: tuple[float, ...]  # of these calls in each step, 0..1


def count_by_step(values: Values, scale: Scale, *, min_calls: int) -> Distribution | None:
    """Count calls by step.

    Parameters
    ----------
    values : ndarray of float
        One of each call; NaN: unknown.
    scale : Scale
        The steps.
    min_calls : int
        Fewer calls with a known value are not shown.

    Returns
    -------
    Distribution or None
        None for too few calls.

    Examples
    --------
    >>> scale = Scale(metric="in_step_share", column="in_step_share", low=0.0, step=0.5, n_steps=2)
    >>> count_by_step(np.array([0.1, 0.5, 1.0, np.nan, 0.9]), scale, min_calls=4).shares
    (0.25, 0.75)
    """
    known = values[np.isfinite(values)]
    if len(known) < max(1, min_calls):
        return None
    steps = np.clip(np.floor((known - scale.low) / scale.step), 0, scale.n_steps - 1).astype(int)
    shares = np.bincount(steps, minlength=scale.n_steps) / len(known)
    return Distribution(scale=scale, n=len(known), shares=tuple(shares.tolist()))


def step_sql(scale: Scale) -> tuple[str, str]:
    """Return the SQL of a call's step, a whole number from 0, and of the value, which is null where it is unknown.

    Examples
    --------
    >>> step_sql(SCALES[2])[0]
    'CAST(greatest(0, least(19, floor((in_step_share - 0.0) / 0.05))) AS INTEGER)'
    """
    value = COLUMNS[scale.column]
    step = f"greatest(0, least({scale.n_steps - 1}, floor(({value} - {scale.low}) / {scale.step})))"
    return f"CAST({step} AS INTEGER)", value
