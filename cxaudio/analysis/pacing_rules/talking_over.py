"""Detect an agent who interrupts long, or often."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from cxaudio.analysis.pacing_rules.flag_line import FlagLine
from cxaudio.analysis.pacing_rules.rule import PacingRule, Read
from cxaudio.analysis.pacing_rules.scene import Scene
from cxaudio.analysis.tick import NEVER, in_ticks
from cxaudio.model.events import Overlap, OverlapKind, PacingFlag, Severity
from cxaudio.model.policy import RuleSettings, check_numbers
from cxaudio.model.timebase import Timebase

__all__ = ["TalkingOver", "TalkingOverRule"]

_DECIDED_WITHIN = 300
"""Ticks within which an overlap that is over is decided: a second to keep the floor, two if it may be a backchannel."""


@dataclass(slots=True)
class _Episode:
    """The agent's overlaps that follow one another closely, as far as they are decided; in samples."""

    of: int | None  # start of its first overlap, as its overlaps name it
    start: int  # from where both spoke
    end: int
    length: int = 0  # how long both spoke
    longest: int = -1  # of its overlaps ...
    kind: OverlapKind = OverlapKind.BUTT_IN  # ... and the kind of that one
    n_overlaps: int = 0

    def add(self, overlap: Overlap, length: int) -> None:
        """Take the next overlap, in which both spoke for `length`."""
        self.end = max(self.end, overlap.end)
        self.length += length
        self.n_overlaps += 1
        if length > self.longest:
            self.longest, self.kind = length, overlap.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkingOverRule(RuleSettings):
    """Agent interrupts long, or often."""

    flag_overlap_s: float = 1.0
    severe_overlap_s: float = 2.0
    flag_count: int = 3
    window_s: float = 120.0

    def __post_init__(self) -> None:
        check_numbers("talking_over", self)


class TalkingOver(PacingRule):
    """Rule ``talking_over``.

    An episode in which both speak for long is a flag of its own, from its first overlap to its last, measured by the
    time that both spoke; it may still grow worse while the episode goes on. So is a long overlap into which the agent
    came by a pause of the customer's, also where both began at once in it, or after which the agent fell silent: that
    excuses the start, not a second of talking on. Short interruptions that come together are one flag, from the first
    of them until fewer than `flag_count` lie within the window; a long one among them counts too, but does not raise
    that flag, for it has been reported already. An overlap with what is far softer than a side's own voice is none.

    Parameters
    ----------
    settings : TalkingOverRule
        Limits.
    timebase : Timebase
        The call's clock.
    ids : iterator of int
        Numbers of flags.
    """

    name = "talking_over"
    settings = TalkingOverRule
    messages = ("talking_over.let_finish",)
    judges_the_past = True
    in_sentence = "interruptions"
    reads = frozenset({Read.OVERLAPS})
    texts: ClassVar = {
        "en": {
            "rule.talking_over": "Talking over",
            "rule_meaning.talking_over": "the agent interrupts for long, or often",
            "talking_over.let_finish": "Let the customer finish first",
            "evidence.overlaps": "overlaps in one go",
        },
        "zh-Hans": {
            "rule.talking_over": "抢话",
            "rule_meaning.talking_over": "坐席打断时间长，或次数多",
            "talking_over.let_finish": "先让客户说完",
            "evidence.overlaps": "连续重叠次数",
        },
        "zh-Hant": {
            "rule.talking_over": "搶話",
            "rule_meaning.talking_over": "客服打斷時間長，或次數多",
            "talking_over.let_finish": "先讓客戶說完",
            "evidence.overlaps": "連續重疊次數",
        },
    }

    def __init__(self, settings: TalkingOverRule, timebase: Timebase, ids: Iterator[int]) -> None:
        self._rule = settings
        self._length = timebase.tick_length
        self._rate = timebase.sample_rate
        self._window = in_ticks(settings.window_s)
        self.reset(ids)

    def reset(self, ids: Iterator[int]) -> None:
        """Prepare for another call, whose flags `ids` numbers."""
        self._long = FlagLine("talking_over", ids)
        self._often = FlagLine("talking_over", ids)
        self._recent: deque[Overlap] = deque()
        self._last_end = 0  # sample at which the latest interruption ended
        self._episode: _Episode | None = None
        self.due = NEVER  # the oldest interruption leaves the window, or an episode is over

    def step(self, scene: Scene) -> Iterable[PacingFlag]:
        """Judge one tick and return the flag lines that it gives."""
        tick, overlaps = scene.tick, scene.overlaps
        if not overlaps.counted and self._often.severity is None and self._long.severity is None:
            return ()
        said: list[PacingFlag] = []
        self._expire(tick.number)
        if self._often.severity is not None and len(self._recent) < self._rule.flag_count:
            said.append(self._often.end(self._last_end, tick.at))
        for overlap in overlaps.counted:
            said.extend(self._judge(overlap, tick.at))
        self.due = NEVER if self._often.severity is None else self._recent[0].start // self._length + self._window
        if self._long.severity is not None and self._episode is not None and not overlaps.both_on:
            # from then on no further overlap of the flagged episode can come
            over_at = max(overlaps.both_until, -(-self._episode.end // self._length)) + _DECIDED_WITHIN
            if tick.number >= over_at:
                said.extend(self._finish_episode(tick.at))
            else:
                self.due = min(self.due, over_at)
        return said

    def close(self, at: int) -> Iterable[PacingFlag]:
        """End every open flag with the call, at sample `at`."""
        said = list(self._finish_episode(at))
        if self._often.severity is not None:
            said.append(self._often.end(self._last_end, at))
        return said

    def _expire(self, number: int) -> None:
        while self._recent and self._recent[0].start // self._length + self._window <= number:
            self._recent.popleft()

    def _finish_episode(self, at: int) -> Iterator[PacingFlag]:
        """Yield the last line of the flag about the present episode, if it has one."""
        if self._long.severity is not None and self._episode is not None:
            yield self._long.end(self._episode.end, at)

    def _judge(self, overlap: Overlap, at: int) -> Iterator[PacingFlag]:
        rule = self._rule
        both_from = overlap.start
        if overlap.kind is OverlapKind.PAUSE_CUT_IN:
            both_from += overlap.resumed_after or 0
        length = max(0, overlap.end - both_from) if overlap.overlap_length is None else overlap.overlap_length
        if not length:
            return  # a cut-in that was over before the customer resumed
        episode = self._episode
        if episode is None or episode.of is None or episode.of != overlap.episode_start:
            yield from self._finish_episode(at)
            episode = self._episode = _Episode(overlap.episode_start, both_from, overlap.end)
        episode.add(overlap, length)
        seconds = episode.length / self._rate
        is_long = seconds >= rule.flag_overlap_s
        if overlap.is_interruption:
            self._recent.append(overlap)
            self._last_end = overlap.end
        elif not is_long:
            return
        evidence = {
            "overlap_s": seconds,
            "overlaps": float(episode.n_overlaps),
            "seen_as": episode.kind.value,
            "interruptions": float(len(self._recent)),
            "window_s": rule.window_s,
        }
        if is_long:
            severe = seconds >= rule.severe_overlap_s
            severity = Severity.SEVERE if severe else Severity.FLAG
            self._long.worsen(seconds, evidence)
            if not self._long.reaches(severity):
                yield self._long.say(
                    severity,
                    start=episode.start,
                    at=at,
                    measured=seconds,
                    limit=rule.severe_overlap_s if severe else rule.flag_overlap_s,
                    unit="s",
                    evidence=evidence,
                )
        count = len(self._recent)
        if self._often.severity is not None:
            self._often.worsen(float(count), evidence)
        elif count >= rule.flag_count and not is_long and overlap.is_interruption:
            yield self._often.say(
                Severity.FLAG,
                start=self._recent[0].start,
                at=at,
                measured=float(count),
                limit=float(rule.flag_count),
                unit="count",
                evidence=evidence,
            )
