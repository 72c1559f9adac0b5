"""The events of a call as frozen values: speech, turns, interruptions, rates, flags, and faults of the sound.

Positions are integer samples since the call began, at the call's one rate; an interval is ``[start, end)``.
``decided_at`` is the first sample after which the fact could be known, so a replay shows when the agent would have
seen it. An event never changes once it was issued: what lasts (a flag, a hold) has one event for its beginning and
another for its end. The annotations also describe each field in files, see `cxaudio.model.written`.
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Annotated, ClassVar

from cxaudio.model.written import Count, Evidence, Figure, Length, Level, Omit, Position, Rate, TimeSpan, Written

__all__ = [
    "NOT_TWO_SIDED",
    "Backchannel",
    "Dropout",
    "Event",
    "FlagState",
    "Hold",
    "HoldKind",
    "LineSound",
    "LineSoundKind",
    "Nudge",
    "Overlap",
    "OverlapKind",
    "Pace",
    "PaceEstimate",
    "PacingFlag",
    "QualityKind",
    "QualityNotice",
    "RateEstimate",
    "Response",
    "Settled",
    "Severity",
    "Side",
    "SideFigures",
    "Silence",
    "Spurt",
    "Tempo",
    "TempoSign",
    "TempoState",
    "Turn",
]


class Side(IntEnum):
    """A side of the call; also its row in ``AudioBlock.samples``."""

    AGENT = 0
    CUSTOMER = 1

    @property
    def other(self) -> "Side":
        """Return the other side."""
        return Side(1 - self)

    @property
    def label(self) -> str:
        """Return the name in files: ``agent`` or ``customer``."""
        return self.name.lower()


class OverlapKind(StrEnum):
    """Kind of an overlap (DEFINITIONS §3)."""

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


class TempoSign(StrEnum):
    """A sign of hurry or of ease (DEFINITIONS §4)."""

    RATE_ABOVE_BASELINE = "rate_above_baseline"
    RATE_ABOVE_NORM = "rate_above_norm"
    QUICK_REPLIES = "quick_replies"
    CUT_INS = "cut_ins"
    SLOW_RATE = "slow_rate"
    LONG_PAUSES = "long_pauses"
    NO_CUT_INS = "no_cut_ins"  # only where the state is relaxed, which needs it


class Pace(StrEnum):
    """The agent's articulation rate compared with the customer's."""

    UNKNOWN = "unknown"
    IN_STEP = "in_step"
    FASTER = "faster"
    MUCH_FASTER = "much_faster"
    SLOWER = "slower"
    MUCH_SLOWER = "much_slower"

    @property
    def is_faster(self) -> bool:
        """Return whether the agent is faster, or much faster."""
        return self in (Pace.FASTER, Pace.MUCH_FASTER)

    @property
    def is_slower(self) -> bool:
        """Return whether the agent is slower, or much slower."""
        return self in (Pace.SLOWER, Pace.MUCH_SLOWER)


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
    """Whether a flag begins, becomes more severe, or ends."""

    RAISED = "raised"
    ESCALATED = "escalated"
    ENDED = "ended"


class HoldKind(StrEnum):
    """Why a stretch is left out of the figures."""

    TONE = "tone"
    RINGING = "ringing"
    MUSIC = "music"
    ANNOUNCEMENT = "announcement"
    PAUSED = "paused"  # the recorder stood still
    NOT_RECORDED = "not_recorded"  # one side has no sound of its own; the other's own figures still count
    BY_HAND = "told"  # set by the headset, the softphone or the agent; files keep the older word


class LineSoundKind(StrEnum):
    """What the line itself plays: no person (DEFINITIONS §1, "the line is not a person")."""

    TONE = "tone"
    RINGING = "ringing"
    KEYS = "keys"  # DTMF
    BEEP = "beep"
    MUSIC = "music"


class QualityKind(StrEnum):
    """What is wrong with the sound or the recording."""

    CLIPPING = "clipping"
    LEVEL_STEP = "level_step"
    DC_OFFSET = "dc_offset"
    TOO_QUIET = "too_quiet"
    NOISY = "noisy"
    SILENT_CHANNEL = "silent_channel"
    SAME_AUDIO = "same_audio"
    LEAKAGE = "leakage"
    NOISE_GATED = "noise_gated"
    NOISE_SUPPRESSED = "noise_suppressed"
    NARROWBAND = "narrowband"
    SWAPPED_ROLES = "swapped_roles"
    UNFINISHED_FILE = "unfinished_file"
    TRUNCATED_FILE = "truncated_file"
    REPAIRED_FILE = "repaired_file"
    INVALID_SAMPLES = "invalid_samples"
    LENGTH_MISMATCH = "length_mismatch"
    OUT_OF_STEP = "out_of_step"
    DROPOUT = "dropout"
    PLAYBACK_GAPS = "playback_gaps"
    ONE_SIDED = "one_sided"


NOT_TWO_SIDED = (QualityKind.SAME_AUDIO, QualityKind.OUT_OF_STEP, QualityKind.SILENT_CHANNEL)
"""Faults that leave nothing to say of the two sides together, the one to name first at the front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A stretch of the call, and the sample at which the event could first be known."""

    type: ClassVar[str] = "event"
    decided_at: Position
    start: Position
    end: Position | None  # None while it lasts


@dataclass(frozen=True, slots=True, kw_only=True)
class Spurt(Event):
    """Speech of one side, short gaps bridged."""

    type: ClassVar[str] = "spurt"
    side: Side
    n_nuclei: Annotated[Count, Written(key="syllables")]
    level_dbov: Level  # RMS over the spurt


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn(Event):
    """Spurts of one side while it holds the floor."""

    type: ClassVar[str] = "turn"
    end: Position
    side: Side
    speech: Annotated[Length, Written(key="speech_s", description="Speech inside the turn, without its pauses.")]
    n_nuclei: Annotated[Count, Written(key="syllables")]
    level_dbov: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Backchannel(Event):
    """A short sign of listening, which never takes the floor."""

    type: ClassVar[str] = "backchannel"
    end: Position
    side: Side
    n_nuclei: Annotated[Count, Written(key="syllables")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Event):
    """A change of speaker: `start` is the end of the other's turn, `end` the start of the reply.

    Where the reply began first, `start` is greater than `end` and `response_time` is negative.
    """

    type: ClassVar[str] = "response"
    start: Annotated[Position, Written(description="End of the other's turn.")]
    end: Annotated[Position, Written(description="Start of the reply.")]
    side: Annotated[Side, Written(description="Who replied.")]
    response_time: Annotated[
        TimeSpan, Written(key="response_time_s", description="Negative: the reply began before the other had ended.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap(Event):
    """Both sides speak (or, for a pause cut-in, one enters the other's short pause)."""

    type: ClassVar[str] = "overlap"
    end: Position
    kind: OverlapKind
    holder: Side
    entrant: Side
    floor_taken: bool
    yielded: Annotated[Side | None, Written(description="Who stopped first.")]
    yield_delay: Annotated[
        TimeSpan | None,
        Written(key="yield_delay_s", description="From the entrant's start to the stop of the side that yielded."),
    ]
    resumed_after: Annotated[
        TimeSpan | None,
        Written(key="resumed_after_s", description="From yielding to the interrupted side's resumption."),
    ]
    level_rise_db: Annotated[
        Level | None, Written(description="The entrant's level in the overlap over its own running median.")
    ]
    competitive: bool
    latency_suspect: Annotated[bool, Written(description="Shorter than the line's known delay: never flagged.")]
    overlap_length: Annotated[
        Length | None,
        Written(
            key="overlap_s", description="How long both spoke, the holder's breaths left out.", omit=Omit.IN_OLDER_FILES
        ),
    ] = None
    episode_start: Annotated[
        Position | None,
        Written(
            description="Start of the first overlap of its episode: one entrant over one holder, who keeps the floor.",
            omit=Omit.IN_OLDER_FILES,
        ),
    ] = None

    @property
    def is_interruption(self) -> bool:
        """Return whether the kind counts as an interruption: `interruption` or `butt_in`."""
        return self.kind in (OverlapKind.INTERRUPTION, OverlapKind.BUTT_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateEstimate(Event):
    """Articulation rate of one side over its latest speech, which ends at `end`."""

    type: ClassVar[str] = "rate"
    end: Annotated[Position, Written(key="at")]
    side: Side
    syllables_per_s: Rate | None  # None: unknown
    std_error: Annotated[Figure | None, Written(minimum=0, description="Of the rate, syllables a second.")]
    confidence: Annotated[Figure, Written(minimum=0, maximum=1, known=True)]
    n_nuclei: Annotated[Count, Written(key="syllables")]
    speech: Annotated[Length, Written(key="speech_s")]
    baseline: Annotated[
        Rate | None,
        Written(description="The side's own pace as far as it was known then.", omit=Omit.IN_OLDER_FILES),
    ] = None
    baseline_std_error: Annotated[
        Figure | None,
        Written(minimum=0, description="Of the baseline, syllables a second.", omit=Omit.IN_OLDER_FILES),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceEstimate(Event):
    """The agent's rate over the customer's in their newest speech, and the verdict; both end at `end`."""

    type: ClassVar[str] = "pace"
    end: Annotated[Position, Written(key="at")]
    pace: Annotated[Pace, Written(description="The verdict; it begins and ends by probability.")]
    ratio: Annotated[Figure | None, Written(minimum=0, description="In the windows that fit; null: unknown.")] = None
    low: Annotated[Figure | None, Written(minimum=0, description="Lower end of the ratio's 90 % interval.")] = None
    high: Annotated[Figure | None, Written(minimum=0, description="Upper end of it.")] = None
    faster: Annotated[
        Figure | None, Written(minimum=0, maximum=1, description="Probability of the flag ratio of rushing or more.")
    ] = None
    slower: Annotated[
        Figure | None, Written(minimum=0, maximum=1, description="Probability of the flag ratio of dawdling or less.")
    ] = None
    agent_rate: Rate | None = None
    agent_std_error: Annotated[Figure | None, Written(minimum=0, description="Of that rate, syllables a second.")] = (
        None
    )
    customer_rate: Rate | None = None
    customer_std_error: Annotated[
        Figure | None, Written(minimum=0, description="Of that rate, syllables a second.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo(Event):
    """The customer's tempo changed to `state` at `start`, or a further sign of that state was found there.

    `end` is None; the next event of this type ends it.
    """

    type: ClassVar[str] = "tempo"
    state: TempoState
    signs: Annotated[
        tuple[TempoSign, ...],
        Written(description="Signs that have held since the state began.", omit=Omit.IN_OLDER_FILES),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(Event):
    """Both sides are silent."""

    type: ClassVar[str] = "silence"
    owed_by: Annotated[
        Side | None,
        Written(description="Whose turn it was to speak; null in a pause inside a turn, and where it is not clear."),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Event):
    """A stretch left out of every other figure."""

    type: ClassVar[str] = "hold"
    kind: HoldKind
    side: Annotated[Side | None, Written(description="Where the tone or music was.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSound(Event):
    """A sound of the line on one side, of any length: never speech, backchannel or owed silence."""

    type: ClassVar[str] = "line_sound"
    end: Position
    kind: LineSoundKind
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropout(Event):
    """Sound lost in capture, delivered as zeros."""

    type: ClassVar[str] = "dropout"
    side: Annotated[Side | None, Written(description="Whose sound was lost; null: both.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingFlag(Event):
    """A pacing rule broken. Events with one `flag_id` belong together: raised, perhaps escalated, ended."""

    type: ClassVar[str] = "flag"
    flag_id: Annotated[int, Written(key="id")]
    state: FlagState
    rule: str
    side: Side
    severity: Severity
    measured: Figure
    limit: Figure
    unit: str
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge(Event):
    """A text shown to the agent, named by its key; `start` shown at, `end` gone at.

    There are two events with one `nudge_id`: when it is shown (`end` None) and when it is gone.
    """

    type: ClassVar[str] = "nudge"
    start: Annotated[Position, Written(key="shown_at")]
    end: Annotated[Position | None, Written(key="gone_at")]
    nudge_id: Annotated[int, Written(key="id")]
    rule: str
    flag_id: int | None  # the flag behind it; None for a positive one
    message_key: str  # for example "rushing.slow_down"
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityNotice(Event):
    """A fault of the sound that affects the figures."""

    type: ClassVar[str] = "notice"
    kind: QualityKind
    side: Annotated[Side | None, Written(description="Null: both sides.")]
    measured: Figure | None
    limit: Figure | None
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Event):
    """The account was settled with the whole call known: which earlier events no longer hold.

    The events that replace them follow it; each has as its `decided_at` the sample at which it could have been known by
    someone who knew what the line would do.
    """

    type: ClassVar[str] = "settled"
    retracts: Annotated[
        tuple[int, ...],
        Written(description="Events taken back, by their number: 0 is the first line after the call's."),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFigures(Event):
    """Sound figures of one side over the whole call: one event at its end; ``start`` is 0, ``end`` its length."""

    type: ClassVar[str] = "side_figures"
    end: Position
    side: Side
    level_dbov: Level | None  # active speech level, ITU-T P.56
    noise_dbov: Level | None
    snr_db: Level | None
    baseline_rate: Rate | None  # of the side's first speech (DEFINITIONS §2)
    rate_known: Annotated[
        bool,
        Written(
            description="False: too little speech, or too much noise, loss or clipping, for a rate to be of use.",
            omit=Omit.IN_OLDER_FILES,
        ),
    ] = True
    rate_error: Annotated[
        Figure | None,
        Written(
            minimum=0,
            description="Standard error of the side's articulation rate, as a share of it.",
            omit=Omit.IN_OLDER_FILES,
        ),
    ] = None
