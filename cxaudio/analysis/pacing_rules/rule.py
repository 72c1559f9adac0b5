"""The base of every pacing rule: its declarations and its steps; knows no rule by name."""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto
from typing import Any, ClassVar, Literal

from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.tick import NEVER
from cxaudio.model.events import PacingFlag, Severity
from cxaudio.model.policy import RuleSettings
from cxaudio.model.timebase import Timebase

__all__ = ["PacingRule", "Read"]


class Read(Enum):
    """A part of a scene that a rule may read, and that is recorded so that a stored call can be judged again."""

    SIDES = auto()  # `Tick.speaking` and `Tick.held`
    SPEECH = auto()  # `SilenceWatch.agent` and `customer`
    SILENCE = auto()  # all else of `SilenceWatch`
    FLOOR = auto()  # what the customer's spurts were
    OVERLAPS = auto()  # `AgentOverlaps`
    HOLDS = auto()  # `Hold` events
    PACE = auto()  # `PaceScene`


class PacingRule:
    """One rule of DEFINITIONS §5: its declarations, and the judging of one call.

    A rule is one module with one subclass, and one entry of `cxaudio.analysis.pacing_rules.RULES`. Settings, nudges,
    the report's page, the display and the sentence about a call find all they need here. Stepping keeps the promises
    of a `Tracker`.

    Parameters
    ----------
    settings : RuleSettings
        Limits; an instance of the class's own `settings`.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags, shared by all rules.
    """

    name: ClassVar[str]
    """Name in settings, reports and texts; its section in a settings file."""
    settings: ClassVar[type[RuleSettings]]
    """Class of its settings, with a default for every field."""
    texts: ClassVar[Mapping[str, Mapping[str, str]]]
    """By interface language, then by key: ``rule.NAME``, ``rule_meaning.NAME``, each message, ``evidence.KEY`` for
    each key of its evidence that no other rule has, and for the sentence about a call ``summary.NAME`` with the endings
    that `cxaudio.sinks.call_sentence` describes."""
    messages: ClassVar[tuple[str, ...]]
    """Keys of all its nudges, the usual one first. ``NAME.in_step_again`` is shown when a flag has ended well."""
    judged_by: ClassVar[Literal["tick", "pace"]] = "tick"
    """Whether it is stepped with every tick, or only when a rate, the tempo or a response time is new."""
    shown_at_once: ClassVar[bool] = False
    """Whether its nudge is shown in a silence, and not in a pause of the agent's speech."""
    names_debtor: ClassVar[bool] = False
    """Whether its flags name in ``evidence["owed_by"]`` who owes the reply."""
    is_silence: ClassVar[bool] = False
    """Whether its flags in seconds are of the length of a silence, so that the end of the call may explain it."""
    judges_the_past: ClassVar[bool] = False
    """Whether its flags end as they are raised, so that their nudges are shown after the end."""
    reads: ClassVar[frozenset[Read]] = frozenset()
    """All that it reads of a `Scene`, so that stored calls can be judged again by it; by default they cannot."""
    in_sentence: ClassVar[Literal["agent", "call", "interruptions"]] = "agent"
    """Part of the sentence about a call that names it: the agent's, the whole call's, or the interruptions."""
    due: int = NEVER
    """The next tick at which it must be stepped even if nothing changes, or `NEVER`."""

    def __init__(self, settings: Any, timebase: Timebase, ids: Iterator[int]) -> None:
        raise NotImplementedError

    @classmethod
    def message(cls, flag: PacingFlag) -> str | None:
        """Return the key of the nudge for a flag that was raised or grew worse; None where it is too slight for one."""
        return None if flag.severity is Severity.NOTE else cls.messages[0]

    @classmethod
    def is_momentary(cls, flag: PacingFlag) -> bool:
        """Return whether the nudge for a flag is of use only when it is raised: shown soon and once, or not at all."""
        return False

    @classmethod
    def shortest_s(cls, settings: Any) -> float:
        """Return the length of the shortest silence or run of speech, in seconds, of which it says anything."""
        return 0.0

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick and return the flag lines that it gives."""
        raise NotImplementedError

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End every open flag with the call, at sample `at`."""
        raise NotImplementedError

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call, whose flags `ids` numbers."""
        raise NotImplementedError
