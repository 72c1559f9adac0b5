"""Sum up over a call how far the agent's rate was from the customer's: opposite faults do not cancel."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from cxaudio.model.events import RateEstimate
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
    share: Annotated[Share, Written(description="Of the time known, with the ratio between both limits.")]
    lowest: Annotated[Figure, Written(known=True, description="Least of the ratio.")]
    highest: Annotated[Figure, Written(known=True, description="Greatest of the ratio.")]


def pace_in_step(
    rates: Iterable[RateEstimate],
    *,
    held: list[Span],
    duration: int,
    clock: Timebase,
    limits: tuple[float | None, float | None],
) -> InStep | None:
    """Return the share of time in which the ratio was between two limits, and its extremes.

    Parameters
    ----------
    rates : iterable of RateEstimate
        Of both sides, in any order.
    held : sequence of (start, end)
        Stretches in samples that count for nothing, joined.
    duration : int
        Length of the call in samples.
    clock : Timebase
        The call's clock.
    limits : tuple of float or None
        Lowest and highest ratio that is in step, both included; None where the settings lack it.

    Returns
    -------
    InStep or None
        None where both rates were never known at once, or a limit is missing.

    Examples
    --------
    >>> def rate(side, at, value):
    ...     return RateEstimate(start=0, end=at * 8000, decided_at=at * 8000, side=side, syllables_per_s=value,
    ...                         std_error=None, confidence=1.0, n_nuclei=60, speech=8000)
    >>> from cxaudio.model.events import Side
    >>> told = [rate(Side.CUSTOMER, 10, 4.0), rate(Side.AGENT, 10, 6.0), rate(Side.AGENT, 20, 4.0),
    ...         rate(Side.AGENT, 30, 2.0), rate(Side.CUSTOMER, 30, 4.0)]
    >>> pace_in_step(told, held=[], duration=40 * 8000, clock=Timebase(8000), limits=(0.8, 1.25))
    InStep(known_s=30.0, share=0.3333333333333333, lowest=0.5, highest=1.5)
    """
    low, high = limits
    if low is None or high is None:
        return None
    latest: list[RateEstimate | None] = [None, None]
    lasts = clock.samples(LONGEST_S)
    known = inside = 0.0
    ratios: list[float] = []
    ordered = sorted(rates, key=_at)
    for number, rate in enumerate(ordered, 1):
        following = _at(ordered[number]) if number < len(ordered) else duration
        latest[rate.side] = rate
        agent, customer = latest
        if agent is None or customer is None or not agent.syllables_per_s or not customer.syllables_per_s:
            continue
        start, end = _at(rate), min(following, _at(agent) + lasts, _at(customer) + lasts, duration)
        if end <= start:
            continue
        counted_s = sum((clock.seconds(b) - clock.seconds(a) for a, b in without([(start, end)], held)), 0.0)
        if counted_s <= 0:
            continue
        ratio = round(agent.syllables_per_s, 4) / round(customer.syllables_per_s, 4)  # as files hold them
        ratios.append(ratio)
        known += counted_s
        inside += counted_s * (low <= ratio <= high)
    if not ratios:
        return None
    return InStep(known_s=known, share=inside / known, lowest=min(ratios), highest=max(ratios))


def _at(rate: RateEstimate) -> int:
    return rate.decided_at if rate.end is None else rate.end
