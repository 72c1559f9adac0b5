"""`Kept`: what a store keeps of a judged call so that it can be judged again without its sound."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxaudio.analysis.rejudging.facts import CallFacts
from cxaudio.analysis.rejudging.screens import screens_of
from cxaudio.analysis.rejudging.tape import WrittenTape, make_tape, write_tape
from cxaudio.model.policy import AnalysisSettings, PacingPolicy

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["Kept", "keep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Bytes and numbers of one call; no sound and no words."""

    tape: WrittenTape
    screens: Mapping[str, float | None]  # by the names of `SCREENS`


def keep(report: "CallReport", facts: CallFacts, analysis: AnalysisSettings, pacing: PacingPolicy) -> Kept:
    """Return what a store keeps of a call.

    Parameters
    ----------
    report : CallReport
        Of the call.
    facts : CallFacts
        That `cxaudio.replay.one_call.replay_call` filled with it.
    analysis, pacing : AnalysisSettings, PacingPolicy
        That it was judged with.
    """
    tape = make_tape(report, facts)
    return Kept(
        tape=write_tape(tape),
        screens=screens_of(tape, analysis, pacing, flags=report.flags, n_nudges=len(report.nudges)),
    )
