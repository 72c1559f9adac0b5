"""A pacing rule that the program does not ship: all of it is in this one module."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from cxaudio.analysis.pacing_rules import PacingRule
from cxaudio.analysis.pacing_rules.flag_line import FlagLine
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.model.events import PacingFlag, Severity, Side
from cxaudio.model.policy import RuleSettings, check_numbers
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["Wordy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordyRule(RuleSettings):
    """Set the limit of the rule ``wordy``."""

    flag_s: float = 600.0

    def __post_init__(self) -> None:
        check_numbers("wordy", self)


class Wordy(PacingRule):
    """Rule ``wordy``: one flag, from the moment at which the agent's speech in all reaches `flag_s`."""

    name = "wordy"
    settings = WordyRule
    messages = ("wordy.be_brief",)
    shown_at_once = True
    texts: ClassVar = {
        language: {
            "rule.wordy": f"Wordy ({language})",
            "rule_meaning.wordy": "the agent has spoken for long in all",
            "wordy.be_brief": f"Be brief ({language})",
            "summary.wordy": f"spoke for {{seconds}} s in all ({language})",
        }
        for language in ("en", "zh-Hans", "zh-Hant")
    }

    def __init__(self, settings: WordyRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._flag_s = settings.flag_s
        self.reset(ids)

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call."""
        self._flag = FlagLine("wordy", ids)

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick."""
        spoken = scene.tick.speech[Side.AGENT] / TICKS_PER_SECOND
        if spoken >= self._flag_s and self._flag.severity is None:
            yield self._flag.say(
                Severity.FLAG,
                start=scene.tick.at,
                at=scene.tick.at,
                measured=spoken,
                limit=self._flag_s,
                unit="s",
                evidence={"speech_s": spoken},
            )

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End the flag with the call."""
        return () if self._flag.severity is None else (self._flag.end(at, at),)
