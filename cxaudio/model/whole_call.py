"""What is judged once, at the end of a call (DEFINITIONS §5, whole call)."""

from dataclasses import dataclass

from cxaudio.model.accommodation import Accommodation
from cxaudio.model.events import Side
from cxaudio.model.policy import WholeCallRules
from cxaudio.model.side_summary import SideSummary

__all__ = ["WholeCall", "WholeCallFlag", "judge_whole_call"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCallFlag:
    """A rule that the call broke as a whole."""

    rule: str
    side: Side | None  # None: both
    measured: float
    limit: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCall:
    """Shares are of the call without its holds, 0..1; None where there was nothing but a hold."""

    talk_share_agent: float | None  # of both sides' speech
    overlap_share: float | None  # both speak; backchannels left out
    silence_share: float | None  # neither speaks
    accommodation: Accommodation
    flags: tuple[WholeCallFlag, ...]


def judge_whole_call(
    agent: SideSummary,
    *,
    overlap_share: float | None,
    silence_share: float | None,
    counted_s: float,
    rules: WholeCallRules,
    accommodation: Accommodation,
) -> WholeCall:
    """Hold the call's shares, the agent's replies and interruptions against the rules.

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
    accommodation : Accommodation
        Reported along with the rest, never judged.
    """
    flags = []
    share = agent.talk_share
    if share is not None and share > rules.talk_share_agent:
        flags.append(
            WholeCallFlag(
                rule="talk_share", side=Side.AGENT, measured=share, limit=rules.talk_share_agent, unit="share"
            )
        )
    if overlap_share is not None and overlap_share > rules.overlap_share:
        flags.append(
            WholeCallFlag(
                rule="overlap_share", side=None, measured=overlap_share, limit=rules.overlap_share, unit="share"
            )
        )
    if silence_share is not None and silence_share > rules.silence_share:
        flags.append(
            WholeCallFlag(
                rule="silence_share", side=None, measured=silence_share, limit=rules.silence_share, unit="share"
            )
        )
    times = agent.response_times
    if times is not None and times.median_s is not None and times.n >= rules.min_responses:
        if times.median_s >= rules.response_median_s:
            flags.append(
                WholeCallFlag(
                    rule="slow_responses",
                    side=Side.AGENT,
                    measured=times.median_s,
                    limit=rules.response_median_s,
                    unit="s",
                )
            )
    n = agent.interruptions
    if n is not None and n >= rules.interruptions and counted_s > 0:
        per_min = n / (counted_s / 60)
        if per_min >= rules.interruptions_per_min:
            flags.append(
                WholeCallFlag(
                    rule="interruptions",
                    side=Side.AGENT,
                    measured=per_min,
                    limit=rules.interruptions_per_min,
                    unit="per_min",
                )
            )
    return WholeCall(
        talk_share_agent=share,
        overlap_share=overlap_share,
        silence_share=silence_share,
        accommodation=accommodation,
        flags=tuple(flags),
    )
