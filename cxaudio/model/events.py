"""The facts of a call as frozen values: who spoke when, who cut in, how fast, and which rule was broken.

Positions are integer samples since the call began, at the call's one rate; an interval is ``[start, end)``.
``decided_at`` is the first sample after which the fact could be known, so a replay shows when the agent would have
seen it. An event never changes once it has been said: what lasts (a flag, a hold) is raised and later ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import ClassVar

__all__ = [
    "Backchannel",
    "Dropout",
    "Event",
    "FlagState",
    "Hold",
    "HoldKind",
    "Nudge",
    "Overlap",
    "OverlapKind",
    "PacingFlag",
    "QualityKind",
    "QualityNotice",
    "RateEstimate",
    "Response",
    "Severity",
    "Side",
    "SideFigures",
    "Silence",
    "Spurt",
    "Tempo",
    "TempoState",
    "Turn",
]


class Side(IntEnum):
    """Who is meant; also the row of ``AudioBlock.samples``."""

    AGENT = 0
    CUSTOMER = 1

    @property
    def other(self) -> "Side":
        """The side across the line."""
        return Side(1 - self)

    @property
    def label(self) -> str:
        """Name in files: ``agent`` or ``customer``."""
        return self.name.lower()


class OverlapKind(StrEnum):
    """What an overlap was (DEFINITIONS §3)."""

    BACKCHANNEL = "backchannel"
    EARLY_REPLY = "early_reply"
    SIMULTANEOUS_START = "simultaneous_start"
    INTERRUPTION = "interruption"
    BUTT_IN = "butt_in"
    PAUSE_CUT_IN = "pause_cut_in"


class TempoState(StrEnum):
    """The customer's tempo (DEFINITIONS §4)."""

    UNKNOWN = "unknown"
    NEUTRAL = "neutral"
    HURRIED = "hurried"
    RELAXED = "relaxed"


class Severity(StrEnum):
    """How far a rule was broken; compares by how bad it is, not by its letters.

    Examples
    --------
    >>> Severity.NOTE < Severity.FLAG < Severity.SEVERE
    True
    """

    NOTE = "note"
    FLAG = "flag"
    SEVERE = "severe"

    @property
    def _rank(self) -> int:
        return tuple(Severity).index(self)

    def __lt__(self, other: str) -> bool:
        return self._rank < Severity(other)._rank

    def __le__(self, other: str) -> bool:
        return self._rank <= Severity(other)._rank

    def __gt__(self, other: str) -> bool:
        return self._rank > Severity(other)._rank

    def __ge__(self, other: str) -> bool:
        return self._rank >= Severity(other)._rank


class FlagState(StrEnum):
    """What a flag line says: it begins, grows worse, or is over."""

    RAISED = "raised"
    ESCALATED = "escalated"
    ENDED = "ended"


class HoldKind(StrEnum):
    """Why a stretch is left out of the metrics."""

    TONE = "tone"
    RINGING = "ringing"
    MUSIC = "music"
    ANNOUNCEMENT = "announcement"
    TOLD = "told"  # by the headset, the softphone or the agent


class QualityKind(StrEnum):
    """What is wrong with the sound or the recording."""

    CLIPPING = "clipping"
    DC_OFFSET = "dc_offset"
    TOO_QUIET = "too_quiet"
    NOISY = "noisy"
    SILENT_CHANNEL = "silent_channel"
    SAME_AUDIO = "same_audio"
    LEAKAGE = "leakage"
    NOISE_GATED = "noise_gated"
    NARROWBAND = "narrowband"
    SWAPPED_ROLES = "swapped_roles"
    UNFINISHED_FILE = "unfinished_file"
    TRUNCATED_FILE = "truncated_file"
    REPAIRED_FILE = "repaired_file"
    INVALID_SAMPLES = "invalid_samples"
    LENGTH_MISMATCH = "length_mismatch"
    DROPOUT = "dropout"
    ONE_SIDED = "one_sided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The stretch a fact speaks of, and when it could first be known."""

    type: ClassVar[str] = "event"
    start: int  # samples
    end: int | None  # samples; None while it lasts
    decided_at: int  # samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Spurt(Event):
    """Speech of one side, short gaps bridged."""

    type: ClassVar[str] = "spurt"
    side: Side
    n_nuclei: int
    level_dbov: float  # RMS over the spurt


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn(Event):
    """Spurts of one side while it holds the floor."""

    type: ClassVar[str] = "turn"
    side: Side
    speech: int  # samples of speech inside
    n_nuclei: int
    level_dbov: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Backchannel(Event):
    """A short sign of listening, which never takes the floor."""

    type: ClassVar[str] = "backchannel"
    side: Side
    n_nuclei: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Event):
    """A change of speaker: `start` is the end of the other's turn, `end` the start of the reply.

    Where the reply began first, `start` is greater than `end` and `response_time` is negative.
    """

    type: ClassVar[str] = "response"
    side: Side  # who replied
    response_time: int  # samples, negative for an overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap(Event):
    """Both sides speak (or, for a pause cut-in, one enters the other's short pause)."""

    type: ClassVar[str] = "overlap"
    kind: OverlapKind
    holder: Side
    entrant: Side
    floor_taken: bool
    yielded: Side | None  # who stopped first
    yield_delay: int | None  # samples from the entrant's start to the yielding side's stop
    resumed_after: int | None  # samples from yielding to the interrupted side's resumption
    level_rise_db: float | None  # entrant in the overlap over its own running median
    competitive: bool
    latency_suspect: bool

    @property
    def is_interruption(self) -> bool:
        """True for the kinds that count as interruptions: `interruption` and `butt_in`."""
        return self.kind in (OverlapKind.INTERRUPTION, OverlapKind.BUTT_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateEstimate(Event):
    """Articulation rate of one side over its trailing speech; `end` is the instant it speaks for."""

    type: ClassVar[str] = "rate"
    side: Side
    syllables_per_s: float | None  # None: unknown
    std_error: float | None  # syllables/s
    confidence: float  # 0..1
    n_nuclei: int
    speech: int  # samples
    baseline: float | None = None  # the side's own pace as far as it is known, syllables/s


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo(Event):
    """The customer's tempo changed to `state` at `start`; `end` is None (the next one ends it)."""

    type: ClassVar[str] = "tempo"
    state: TempoState


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(Event):
    """Both sides silent; `owed_by` says whose turn it was to speak, None where that is not clear."""

    type: ClassVar[str] = "silence"
    owed_by: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Event):
    """A stretch left out of every other metric."""

    type: ClassVar[str] = "hold"
    kind: HoldKind
    side: Side | None  # where the tone or music was heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropout(Event):
    """Sound lost in capture, delivered as zeros."""

    type: ClassVar[str] = "dropout"
    side: Side | None  # None: both


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingFlag(Event):
    """A pacing rule broken. Lines with one `flag_id` belong together: raised, perhaps escalated, ended."""

    type: ClassVar[str] = "flag"
    flag_id: int
    state: FlagState
    rule: str
    side: Side
    severity: Severity
    measured: float
    limit: float
    unit: str
    evidence: Mapping[str, float | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge(Event):
    """What the agent is shown: `start` shown at, `end` gone at (None while shown); `message_key` is not prose.

    Like a flag it is said twice under one `nudge_id`: when shown (`end` None) and when gone.
    """

    type: ClassVar[str] = "nudge"
    nudge_id: int
    rule: str
    flag_id: int | None  # the flag behind it; None for a positive one
    message_key: str  # for example "rushing.slow_down"
    evidence: Mapping[str, float | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityNotice(Event):
    """Something about the sound that a reader of the figures must know."""

    type: ClassVar[str] = "notice"
    kind: QualityKind
    side: Side | None
    measured: float | None
    limit: float | None
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFigures(Event):
    """What a side's sound came to over the whole call: said once, at its end; ``start`` is 0, ``end`` its length."""

    type: ClassVar[str] = "side_figures"
    side: Side
    level_dbov: float | None  # active speech level, ITU-T P.56
    noise_dbov: float | None
    snr_db: float | None
    baseline_rate: float | None  # syllables/s, of the side's first speech (DEFINITIONS §2)
