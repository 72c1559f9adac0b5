"""What is recorded of a call so that it can be judged again: numbers only, no sound and no words; judges nothing."""

from dataclasses import dataclass, field, fields

__all__ = ["LINE", "OF_PACE", "RENEWED", "SILENT", "CallFacts", "Column", "WalkFacts"]

Column = list[int]
"""One number of each entry of a table of facts."""


class SILENT:
    """Bits of an entry about the present silence."""

    QUIET, SINCE, OVER, AGENT_SPOKE, HELD, BY_AGENT, BY_CUSTOMER = (1 << bit for bit in range(7))
    AGENT_OWES = 1 << 7  # the agent is to speak; the bits before say whose reply it is, however short the turn was


class RENEWED:
    """Bits of an entry about the pace; those of the customer are the agent's times 2."""

    WINDOWS, RATE, BASELINE = 1, 4, 16


class LINE:
    """Bits of a line of a flag: numbers of its state, severity and unit, and what else the nudges depend on."""

    STATE, SEVERITY, UNIT = 0, 2, 4  # place of two bits each
    HOLD, IN_STEP = 1 << 6, 1 << 7


OF_PACE = frozenset(
    (
        *("pace_ticks", "pace_states", "pace_faster", "pace_slower", "piece_dropped", "piece_undone", "piece_added"),
        *("piece_starts", "piece_lengths", "piece_nuclei", "piece_edges", "voices", "baselines"),
    )
)
"""Columns that only the rules about the pace need: three quarters of all bytes, kept apart."""


def _column() -> Column:
    return []


def _numbers() -> list[float]:
    return []


@dataclass(slots=True)
class WalkFacts:
    """Facts of one walk through the ticks of a call: tables of whole numbers, a list a column, and the fractions.

    Ticks are numbers of ticks; positions are samples, relative to the start of the entry's tick. An entry is what
    changed at its tick.
    """

    # who speaks, and holds
    edge_ticks: Column = field(default_factory=_column)
    edge_states: Column = field(default_factory=_column)  # bits: agent 1, customer 2, held 4
    # spurts that are speech: the agent's and the customer's, each with its start, when it was known, and its end or -1
    speech_sides: Column = field(default_factory=_column)
    speech_starts: Column = field(default_factory=_column)
    speech_known: Column = field(default_factory=_column)  # ticks after the start
    speech_ends: Column = field(default_factory=_column)  # ticks after the start; -1: not before the call's end
    # the present silence
    silence_ticks: Column = field(default_factory=_column)
    silence_states: Column = field(default_factory=_column)  # bits of `SILENT`
    silence_since: Column = field(default_factory=_column)  # ticks before the entry's, where it has SINCE
    silence_over: Column = field(default_factory=_column)  # ticks before the entry's, where it has OVER
    silence_turns: Column = field(default_factory=_column)  # ticks of the turn before it, where somebody owes a reply
    # spurts of the customer: start, and ticks after it from which their meaning is decided
    spurt_starts: Column = field(default_factory=_column)
    spurt_settled: Column = field(default_factory=_column)
    # backchannels of the customer: tick of the decision, and start before it
    backchannel_ticks: Column = field(default_factory=_column)
    backchannel_starts: Column = field(default_factory=_column)
    # overlaps of the agent that count (`AgentOverlaps`)
    overlap_ticks: Column = field(default_factory=_column)
    overlap_kinds: Column = field(default_factory=_column)
    overlap_starts: Column = field(default_factory=_column)  # samples
    overlap_lengths: Column = field(default_factory=_column)  # samples from start to end
    overlap_resumed: Column = field(default_factory=_column)  # samples; -1: None
    overlap_together: Column = field(default_factory=_column)  # samples in which both spoke; -1: None
    overlap_episodes: Column = field(default_factory=_column)  # samples before its start; -1: None
    # replies: side, samples of the end of the other's turn, of the start of the reply, and between them
    response_ticks: Column = field(default_factory=_column)
    response_sides: Column = field(default_factory=_column)
    response_starts: Column = field(default_factory=_column)
    response_ends: Column = field(default_factory=_column)
    response_times: Column = field(default_factory=_column)
    # beginnings and ends of holds
    hold_ticks: Column = field(default_factory=_column)
    hold_kinds: Column = field(default_factory=_column)
    hold_starts: Column = field(default_factory=_column)  # samples
    hold_lengths: Column = field(default_factory=_column)  # samples; -1: it begins
    # the customer's tempo, as it was decided, and what it is decided by
    tempo_ticks: Column = field(default_factory=_column)
    tempo_states: Column = field(default_factory=_column)
    turn_ticks: Column = field(default_factory=_column)  # turns of the customer
    turn_speech: Column = field(default_factory=_column)  # samples
    turn_pauses: Column = field(default_factory=_column)  # samples
    cut_in_ticks: Column = field(default_factory=_column)  # cut-ins of the customer
    cut_in_starts: Column = field(default_factory=_column)  # ticks before the entry's
    # lines of flags, as they were decided
    line_ticks: Column = field(default_factory=_column)
    line_rules: Column = field(default_factory=_column)  # number of the rule among all
    line_flags: Column = field(default_factory=_column)  # number of the flag
    line_states: Column = field(default_factory=_column)  # bits of `LINE`
    # renewals of the pace
    pace_ticks: Column = field(default_factory=_column)
    pace_states: Column = field(default_factory=_column)  # bits of `RENEWED`
    pace_faster: Column = field(default_factory=_column)  # how high the ratio may surely be, see `ratio_bound`
    pace_slower: Column = field(default_factory=_column)  # ... and how low
    # pieces of speech: for each renewed side how many old ones go, how many new ones are taken back, how many come
    piece_dropped: Column = field(default_factory=_column)
    piece_undone: Column = field(default_factory=_column)
    piece_added: Column = field(default_factory=_column)
    piece_starts: Column = field(default_factory=_column)  # ticks
    piece_lengths: Column = field(default_factory=_column)  # ticks
    piece_nuclei: Column = field(default_factory=_column)
    piece_edges: Column = field(default_factory=_column)  # ticks of speech beyond its length
    voices: list[float] = field(default_factory=_numbers)  # error of the voice, each time a rate or window is new
    baselines: list[float] = field(default_factory=_numbers)  # rate and its standard error, each time they change

    def clear(self) -> None:
        """Prepare for another call."""
        for spec in fields(self):
            getattr(self, spec.name).clear()


@dataclass(slots=True)
class CallFacts:
    """Facts of a call: of the walk while it went on, which decides the nudges, and of the settled one.

    Examples
    --------
    Give one to `cxaudio.replay.one_call.replay_call`, and to `make_tape` what came of it.
    """

    latency: int = 0  # samples from the end of a tick to when it could first be known
    n_ticks: int = 0
    live: WalkFacts = field(default_factory=WalkFacts)
    settled: WalkFacts = field(default_factory=WalkFacts)
    soft_talk: list[tuple[int, int]] = field(default_factory=list)  # samples: somebody far from the microphone spoke

    def clear(self) -> None:
        """Prepare for another call."""
        self.latency = self.n_ticks = 0
        self.live.clear()
        self.settled.clear()
        self.soft_talk.clear()
