"""Sum up over a call how far the agent's rate was from the customer's: opposite faults do not cancel."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from cxaudio.model.events import Pace, PaceEstimate
from cxaudio.model.spans import Span, without
from cxaudio.model.timebase import Timebase
from cxaudio.model.written import Figure, Share, Written

__all__ = ["LONGEST_S", "InStep", "pace_in_step"]

LONGEST_S = 30.0
"""An estimate stands until the next one, but no longer than this, as in the curves on the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InStep:
    """How the ratio of both rates, agent's over customer's, was spread over the time in which both were known."""

    known_s: Annotated[float, Written(digits=3, known=True, minimum=0)]
    share: Annotated[Share, Written(description="Of the time known, with no verdict of faster or slower.")]
    lowest: Annotated[Figure, Written(known=True, description="Least of the ratio.")]
    highest: Annotated[Figure, Written(known=True, description="Greatest of the ratio.")]


def pace_in_step(
    estimates: Iterable[PaceEstimate], *, held: list[Span], duration: int, clock: Timebase
) -> InStep | None:
    """Return the share of time in which the verdict was *in step*, and the extremes of the ratio.

    Parameters
    ----------
    estimates : iterable of PaceEstimate
        In any order.
    held : sequence of (start, end)
        Stretches in samples that count for nothing, joined.
    duration : int
        Length of the call in samples.
    clock : Timebase
        The call's clock.

    Returns
    -------
    InStep or None
        None where the ratio was never known.

    Examples
    --------
    >>> def at(second, ratio, pace):
    ...     return PaceEstimate(start=0, end=second * 8000, decided_at=second * 8000, pace=pace, ratio=ratio)
    >>> told = [at(10, 1.5, Pace.FASTER), at(20, 1.0, Pace.IN_STEP), at(30, 0.5, Pace.SLOWER)]
    >>> pace_in_step(told, held=[], duration=40 * 8000, clock=Timebase(8000))
    InStep(known_s=30.0, share=0.3333333333333333, lowest=0.5, highest=1.5)
    """
    lasts = clock.samples(LONGEST_S)
    known = inside = 0.0
    ratios: list[float] = []
    ordered = sorted(estimates, key=_at)
    for number, estimate in enumerate(ordered, 1):
        following = _at(ordered[number]) if number < len(ordered) else duration
        start, end = _at(estimate), min(following, _at(estimate) + lasts, duration)
        if estimate.ratio is None or end <= start:
            continue
        counted_s = sum((clock.seconds(b) - clock.seconds(a) for a, b in without([(start, end)], held)), 0.0)
        if counted_s <= 0:
            continue
        ratios.append(estimate.ratio)
        known += counted_s
        inside += counted_s * (estimate.pace is Pace.IN_STEP)
    if not ratios:
        return None
    return InStep(known_s=known, share=inside / known, lowest=min(ratios), highest=max(ratios))


def _at(estimate: PaceEstimate) -> int:
    return estimate.decided_at if estimate.end is None else estimate.end
