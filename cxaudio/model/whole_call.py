"""Judge a call as a whole, once, at its end (DEFINITIONS §5, whole call)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from cxaudio.model.accommodation import Accommodation
from cxaudio.model.events import Severity, Side
from cxaudio.model.in_step import InStep
from cxaudio.model.policy import WholeCallRules
from cxaudio.model.written import Count, Figure, Omit, Share, Written

__all__ = [
    "SilentTime",
    "WholeCall",
    "WholeCallFigures",
    "WholeCallFlag",
    "broken_limits",
    "flags_of_figures",
    "judge_whole_call",
]


_LEAST_S = 20.0
"""Of a call shorter than this no share is judged: one turn would decide it. Chosen."""

_LIMITS: Mapping[str, tuple[Side | None, str]] = {
    "talk_share_agent": (Side.AGENT, "share"),
    "overlap_share": (None, "share"),
    "silence_share": (None, "share"),
    "response_median_s": (Side.AGENT, "s"),
    "interruptions_per_min": (Side.AGENT, "per_min"),
}
"""Rules by the name of their figure and of their limit: whose they are (None: both), and the unit."""


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

    def values(self, *, silence_min_s: float) -> dict[str, float]:
        """Return the figures by name, with the share of silences of at least that length; nan: unknown."""
        share = None if self.silent is None else self.silent.share(silence_min_s)
        return {
            "counted_s": self.counted_s,
            "talk_share_agent": _or_nan(self.talk_share_agent),
            "overlap_share": _or_nan(self.overlap_share),
            "silence_share": _or_nan(share),
            "response_n": float(self.response_n),
            "response_median_s": _or_nan(self.response_median_s),
            "interruptions": _or_nan(self.interruptions),
            "interruptions_per_min": _or_nan(self.interruptions_per_min),
        }


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
    measured = figures.values(silence_min_s=rules.silence_min_s)
    broken = broken_limits(measured, rules)
    return tuple(
        WholeCallFlag(rule=rule, side=side, measured=measured[rule], limit=getattr(rules, rule), unit=unit)
        for rule, (side, unit) in _LIMITS.items()
        if broken[rule]
    )


def broken_limits(values: Mapping[str, Any], rules: WholeCallRules) -> dict[str, Any]:
    """Return for each rule about whole calls whether it is broken.

    Parameters
    ----------
    values : mapping
        `WholeCallFigures.values` of a call, or arrays of those of many calls.
    rules : WholeCallRules
        Limits.

    Examples
    --------
    >>> from cxaudio.settings import load_settings
    >>> rules = load_settings(user_folder="/nonexistent").pacing.whole_call
    >>> silent = SilentTime(lengths_s=(), of_s=300.0)
    >>> figures = WholeCallFigures(
    ...     counted_s=300.0, talk_share_agent=0.8, overlap_share=0.1, silent=silent, response_n=2,
    ...     response_median_s=9.0, interruptions=None
    ... )
    >>> broken = broken_limits(figures.values(silence_min_s=2.0), rules)
    >>> [rule for rule, is_broken in broken.items() if is_broken]
    ['talk_share_agent']
    """
    enough_s = values["counted_s"] >= _LEAST_S
    broken = {
        rule: enough_s & (values[rule] > getattr(rules, rule))
        for rule in ("talk_share_agent", "overlap_share", "silence_share")
    }
    late, often = values["response_median_s"], values["interruptions_per_min"]
    enough = values["response_n"] >= rules.min_responses
    broken["response_median_s"] = enough & (late >= rules.response_median_s)
    several = values["interruptions"] >= rules.interruptions
    broken["interruptions_per_min"] = several & (often >= rules.interruptions_per_min)
    return broken


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


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)
