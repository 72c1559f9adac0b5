"""Judge a call as a whole, once, at its end (DEFINITIONS §5, whole call)."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from cxaudio.model.accommodation import Accommodation
from cxaudio.model.events import Severity, Side
from cxaudio.model.in_step import InStep
from cxaudio.model.policy import WholeCallRules
from cxaudio.model.side_summary import SideSummary
from cxaudio.model.written import Count, Figure, Omit, Share, Written

__all__ = ["WholeCall", "WholeCallFlag", "judge_whole_call"]


_LEAST_S = 20.0
"""Of a call shorter than this no share is judged: one turn would decide it. Chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCallFlag:
    """A rule that the call broke as a whole."""

    rule: Annotated[str, Written(description="Named like the measure.")]
    severity: Severity = Severity.FLAG
    side: Side | None  # None: both
    measured: Figure
    limit: Figure
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCall:
    """Figures of a whole call; shares are of it without its holds, 0..1, None where nothing is left of it."""

    talk_share_agent: Annotated[Share | None, Written(description="Of both sides' speech.")]
    overlap_share: Annotated[
        Share | None, Written(description="Of the call without holds; backchannels are no overlap here.")
    ]
    silence_share: Annotated[
        Share | None,
        Written(
            description="`silences` of `whole_call.silence_min_s` and more, between the first word and the last, "
            "of that time without holds."
        ),
    ]
    response_median_s: Annotated[float | None, Written(digits=3, description="The agent's.")]
    interruptions: Annotated[Count | None, Written(description="The agent's.")]
    interruptions_per_min: Annotated[Figure | None, Written(minimum=0)]
    in_step: Annotated[
        InStep | None,
        Written(
            omit=Omit.IN_OLDER_FILES,
            description="Agent's rate over customer's, in the time in which both are known; null where they never are.",
        ),
    ]
    accommodation: Annotated[Accommodation, Written(description="Reported, never judged.")]
    flags: tuple[WholeCallFlag, ...]


def judge_whole_call(
    agent: SideSummary,
    *,
    overlap_share: float | None,
    silence_share: float | None,
    counted_s: float,
    rules: WholeCallRules,
    in_step: InStep | None,
    accommodation: Accommodation,
) -> WholeCall:
    """Compare the call's shares, and the agent's replies and interruptions, with the rules.

    Parameters
    ----------
    agent : SideSummary
        The agent's side.
    overlap_share, silence_share : float or None
        Shares of the call, 0..1.
    counted_s : float
        Length of the call without its holds, in seconds.
    rules : WholeCallRules
        Limits.
    in_step : InStep or None
        Reported: the rules about pace judge the ratio with the customer's tempo.
    accommodation : Accommodation
        Reported, never judged.
    """
    times = agent.response_times
    n = agent.interruptions
    enough = times is not None and times.n >= rules.min_responses
    median_s = None if times is None else times.median_s
    per_min = None if n is None or counted_s <= 0 else n / (counted_s / 60)
    often = n is not None and n >= rules.interruptions
    shares = (
        _judged("talk_share_agent", Side.AGENT, agent.talk_share, rules.talk_share_agent, "share", operator.gt),
        _judged("overlap_share", None, overlap_share, rules.overlap_share, "share", operator.gt),
        _judged("silence_share", None, silence_share, rules.silence_share, "share", operator.gt),
    )
    judged = (
        *(shares if counted_s >= _LEAST_S else ()),
        _judged(
            "response_median_s", Side.AGENT, median_s if enough else None, rules.response_median_s, "s", operator.ge
        ),
        _judged(
            "interruptions_per_min",
            Side.AGENT,
            per_min if often else None,
            rules.interruptions_per_min,
            "per_min",
            operator.ge,
        ),
    )
    return WholeCall(
        talk_share_agent=agent.talk_share,
        overlap_share=overlap_share,
        silence_share=silence_share,
        response_median_s=median_s,
        interruptions=n,
        interruptions_per_min=per_min,
        in_step=in_step,
        accommodation=accommodation,
        flags=tuple(flag for flag in judged if flag is not None),
    )


def _judged(
    rule: str,
    side: Side | None,
    measured: float | None,
    limit: float,
    unit: str,
    broken: Callable[[float, float], bool],
) -> WholeCallFlag | None:
    if measured is None or not broken(measured, limit):
        return None
    return WholeCallFlag(rule=rule, side=side, measured=measured, limit=limit, unit=unit)
