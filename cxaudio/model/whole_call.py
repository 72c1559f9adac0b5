"""Judge a call as a whole, once, at its end (DEFINITIONS §5, whole call)."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from cxaudio.model.accommodation import Accommodation
from cxaudio.model.events import Severity, Side
from cxaudio.model.in_step import InStep
from cxaudio.model.policy import WholeCallRules
from cxaudio.model.written import Count, Figure, Omit, Share, Written

__all__ = ["SilentTime", "WholeCall", "WholeCallFigures", "WholeCallFlag", "flags_of_figures", "judge_whole_call"]


_LEAST_S = 20.0
"""Of a call shorter than this no share is judged: one turn would decide it. Chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentTime:
    """The silences of a call between its first word and its last."""

    lengths_s: tuple[float, ...]
    of_s: float  # all that time, without holds

    def share(self, at_least_s: float) -> float:
        """Return the share of silences of at least that length.

        Examples
        --------
        >>> SilentTime(lengths_s=(1.0, 3.0, 5.0), of_s=100.0).share(3.0)
        0.08
        """
        return sum(length_s for length_s in self.lengths_s if length_s >= at_least_s) / self.of_s


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCallFigures:
    """What is judged of a call as a whole; None: unknown."""

    counted_s: float  # length of the call without its holds
    talk_share_agent: float | None
    overlap_share: float | None
    silent: SilentTime | None  # None: nobody spoke
    response_n: int
    response_median_s: float | None
    interruptions: int | None  # the agent's

    @property
    def interruptions_per_min(self) -> float | None:
        """Return the agent's interruptions in a minute of what counts."""
        if self.interruptions is None or self.counted_s <= 0:
            return None
        return self.interruptions / (self.counted_s / 60)


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


def flags_of_figures(figures: WholeCallFigures, rules: WholeCallRules) -> tuple[WholeCallFlag, ...]:
    """Compare the call's shares, and the agent's replies and interruptions, with the rules.

    Parameters
    ----------
    figures : WholeCallFigures
        Of the call.
    rules : WholeCallRules
        Limits.
    """
    enough = figures.response_n >= rules.min_responses
    often = figures.interruptions is not None and figures.interruptions >= rules.interruptions
    silence_share = None if figures.silent is None else figures.silent.share(rules.silence_min_s)
    shares = (
        _judged("talk_share_agent", Side.AGENT, figures.talk_share_agent, rules.talk_share_agent, "share", operator.gt),
        _judged("overlap_share", None, figures.overlap_share, rules.overlap_share, "share", operator.gt),
        _judged("silence_share", None, silence_share, rules.silence_share, "share", operator.gt),
    )
    median_s = figures.response_median_s if enough else None
    per_min = figures.interruptions_per_min if often else None
    judged = (
        *(shares if figures.counted_s >= _LEAST_S else ()),
        _judged("response_median_s", Side.AGENT, median_s, rules.response_median_s, "s", operator.ge),
        _judged("interruptions_per_min", Side.AGENT, per_min, rules.interruptions_per_min, "per_min", operator.ge),
    )
    return tuple(flag for flag in judged if flag is not None)


def judge_whole_call(
    figures: WholeCallFigures, *, rules: WholeCallRules, in_step: InStep | None, accommodation: Accommodation
) -> WholeCall:
    """Sum up a call as a whole, with the rules that it broke.

    Parameters
    ----------
    figures : WholeCallFigures
        Of the call.
    rules : WholeCallRules
        Limits.
    in_step : InStep or None
        Reported: the rules about pace judge the ratio with the customer's tempo.
    accommodation : Accommodation
        Reported, never judged.
    """
    return WholeCall(
        talk_share_agent=figures.talk_share_agent,
        overlap_share=figures.overlap_share,
        silence_share=None if figures.silent is None else figures.silent.share(rules.silence_min_s),
        response_median_s=figures.response_median_s,
        interruptions=figures.interruptions,
        interruptions_per_min=figures.interruptions_per_min,
        in_step=in_step,
        accommodation=accommodation,
        flags=flags_of_figures(figures, rules),
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
