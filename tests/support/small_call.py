"""A call of half a minute as events written by hand, and a source and an analyser that give it without any sound."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np

from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.events import (
    Backchannel,
    Event,
    FlagState,
    Hold,
    HoldKind,
    LineSound,
    LineSoundKind,
    Nudge,
    Overlap,
    OverlapKind,
    Pace,
    PaceEstimate,
    PacingFlag,
    QualityKind,
    QualityNotice,
    RateEstimate,
    Response,
    Settled,
    Severity,
    Side,
    SideFigures,
    Silence,
    Spurt,
    Tempo,
    TempoSign,
    TempoState,
    Turn,
)
from cxaudio.model.provenance import Provenance
from cxaudio.model.report import CallReport, ReportBuilder
from cxaudio.model.timebase import Timebase
from cxaudio.settings import load_settings

__all__ = ["CLOCK", "DURATION", "Played", "SmallSource", "call_info", "events", "mono_events", "provenance", "report"]

CLOCK = Timebase(8000)
DURATION = CLOCK.samples(30) + 37  # no whole number of milliseconds
AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER


def at(seconds: float) -> int:
    """Return the sample at a time."""
    return CLOCK.samples(seconds)


def call_info(**changes: object) -> CallInfo:
    """Return the identity of the small call."""
    values: dict[str, object] = {
        "call_id": "call-0123456789ab",
        "origin": "wav",
        "language": "en",
        "started_at": None,
        "timebase": CLOCK,
        "source_rates": (8000, 8000),
        "channels": (0, 1),
    }
    return CallInfo(**(values | changes))  # type: ignore[arg-type]


def provenance() -> Provenance:
    """Return the shipped settings as a report holds them."""
    settings = load_settings(user_folder="/nonexistent")
    return Provenance(
        digest=f"sha256:{settings.digest}",
        policy=settings.pacing.language,
        values=settings.as_dict(),
        versions={"cxaudio": "0.1.0"},
    )


def spurt(side: Side, start: float, end: float, n_nuclei: int, level_dbov: float = -26.0) -> Spurt:
    """Make a spurt, decided a bridge after its end."""
    return Spurt(
        start=at(start), end=at(end), decided_at=at(end + 0.2), side=side, n_nuclei=n_nuclei, level_dbov=level_dbov
    )


def turn(side: Side, start: float, end: float, speech: float, n_nuclei: int) -> Turn:
    """Make a turn, decided when it ended."""
    return Turn(
        start=at(start),
        end=at(end),
        decided_at=at(end + 0.3),
        side=side,
        speech=at(speech),
        n_nuclei=n_nuclei,
        level_dbov=-26.0,
    )


def flag(state: FlagState, decided: float, severity: Severity, measured: float, limit: float) -> PacingFlag:
    """Make one event of the flag of the call: the customer was left waiting from 14.0 to 20.0."""
    return PacingFlag(
        start=at(14.0),
        end=at(20.0) if state is FlagState.ENDED else None,
        decided_at=at(decided),
        flag_id=1,
        state=state,
        rule="left_waiting",
        side=AGENT,
        severity=severity,
        measured=measured,
        limit=limit,
        unit="s",
        evidence={"turn_s": 3.0, "seen_as": "reply owed"},
    )


def events() -> tuple[Event, ...]:
    """Return what happens, in order of `decided_at`.

    The agent speaks 1-5 and 6-9 with a pause, says mhm at 11, answers at 20-24 and cuts in at 26; the customer speaks
    9.5-14 and 24.5-27; music holds the line from 28.
    """
    made: list[Event] = [
        Tempo(start=at(13), end=None, decided_at=at(13), state=TempoState.RELAXED, signs=(TempoSign.NO_CUT_INS,)),
        spurt(AGENT, 1.0, 5.0, 16),
        spurt(AGENT, 6.0, 9.0, 14, -20.0),
        turn(AGENT, 1.0, 9.0, 7.0, 30),
        PaceEstimate(start=at(9.5), end=at(9.5), decided_at=at(9.5), pace=Pace.UNKNOWN),
        Response(start=at(9.0), end=at(9.5), decided_at=at(10.0), side=CUSTOMER, response_time=at(0.5)),
        spurt(AGENT, 11.0, 11.4, 1),
        Backchannel(start=at(11.0), end=at(11.4), decided_at=at(12.4), side=AGENT, n_nuclei=1),
        Overlap(
            start=at(11.0),
            end=at(11.4),
            decided_at=at(12.4),
            kind=OverlapKind.BACKCHANNEL,
            holder=CUSTOMER,
            entrant=AGENT,
            floor_taken=False,
            yielded=None,
            yield_delay=None,
            resumed_after=None,
            level_rise_db=None,
            competitive=False,
            latency_suspect=False,
        ),
        spurt(CUSTOMER, 9.5, 14.0, 15, -30.0),
        turn(CUSTOMER, 9.5, 14.0, 4.5, 15),
        flag(FlagState.RAISED, 17.0, Severity.NOTE, 3.0, 3.0),
        Nudge(
            start=at(18.0),
            end=None,
            decided_at=at(18.0),
            nudge_id=1,
            rule="left_waiting",
            flag_id=1,
            message_key="left_waiting.answer",
            evidence={"silence_s": 4.0},
        ),
        flag(FlagState.ESCALATED, 19.0, Severity.FLAG, 5.0, 5.0),
        Silence(start=at(14.0), end=at(20.0), decided_at=at(20.0), owed_by=AGENT),
        flag(FlagState.ENDED, 20.0, Severity.FLAG, 6.0, 5.0),
        Nudge(
            start=at(18.0),
            end=at(20.0),
            decided_at=at(20.0),
            nudge_id=1,
            rule="left_waiting",
            flag_id=1,
            message_key="left_waiting.answer",
            evidence={"silence_s": 4.0},
        ),
        Response(start=at(14.0), end=at(20.0), decided_at=at(20.5), side=AGENT, response_time=at(6.0)),
        spurt(AGENT, 20.0, 24.0, 18),
        turn(AGENT, 20.0, 24.0, 4.0, 18),
        RateEstimate(
            start=at(1.0),
            end=at(24.0),
            decided_at=at(24.0),
            side=AGENT,
            syllables_per_s=48 / 11,
            std_error=0.3,
            confidence=0.75,
            n_nuclei=48,
            speech=at(11.0),
            baseline=4.25,
        ),
        RateEstimate(
            start=at(9.5),
            end=at(25.0),
            decided_at=at(25.0),
            side=CUSTOMER,
            syllables_per_s=None,
            std_error=None,
            confidence=0.1,
            n_nuclei=15,
            speech=at(4.5),
        ),
        spurt(AGENT, 26.0, 27.5, 7),
        spurt(CUSTOMER, 24.5, 27.0, 9, -30.0),
        turn(CUSTOMER, 24.5, 27.0, 2.5, 9),
        turn(AGENT, 26.0, 27.5, 1.5, 7),
        Overlap(
            start=at(26.0),
            end=at(27.0),
            decided_at=at(28.0),
            kind=OverlapKind.INTERRUPTION,
            holder=CUSTOMER,
            entrant=AGENT,
            floor_taken=True,
            yielded=CUSTOMER,
            yield_delay=at(1.0),
            resumed_after=None,
            level_rise_db=2.123456,
            competitive=True,
            latency_suspect=False,
        ),
        Hold(start=at(28.0), end=None, decided_at=at(29.0), kind=HoldKind.MUSIC, side=CUSTOMER),
        spurt(CUSTOMER, 28.2, 29.0, 2, -30.0),
        Hold(start=at(28.0), end=at(30.0), decided_at=DURATION, kind=HoldKind.MUSIC, side=CUSTOMER),
        LineSound(start=at(28.0), end=at(30.0), decided_at=DURATION, kind=LineSoundKind.MUSIC, side=CUSTOMER),
        Settled(start=0, end=DURATION, decided_at=DURATION, retracts=()),
        SideFigures(
            start=0,
            end=DURATION,
            decided_at=DURATION,
            side=AGENT,
            level_dbov=-25.5,
            noise_dbov=-61.25,
            snr_db=35.75,
            baseline_rate=4.3,
        ),
    ]
    return tuple(sorted(made, key=lambda event: event.decided_at))


def mono_events() -> tuple[Event, ...]:
    """Return what can be found in a mono mix: the speech of one row and its rate."""
    return tuple(e for e in events() if isinstance(e, Spurt | Turn | RateEstimate) and e.side is AGENT)


def report(call: CallInfo | None = None, made: Sequence[Event] | None = None) -> CallReport:
    """Return the report of the small call."""
    builder = ReportBuilder(call or call_info(), provenance())
    for event in events() if made is None else made:
        builder.add(event)
    return builder.build(DURATION)


NOTICE = QualityNotice(
    start=0,
    end=DURATION,
    decided_at=0,
    kind=QualityKind.UNFINISHED_FILE,
    side=None,
    measured=1.5,
    limit=None,
    unit="s",
)


class SmallSource:
    """Give the small call as blocks of silence; it can fail at a block, or change its info at the end."""

    def __init__(
        self,
        *,
        block_length: int = 8000,
        fails_at: int | None = None,
        late: QualityNotice | None = None,
        late_id: str | None = None,
    ) -> None:
        self.info = call_info(notices=(NOTICE,))
        self.n_samples: int | None = DURATION
        self._block_length = block_length
        self._fails_at = fails_at
        self._late = late
        self._late_id = late_id

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def __iter__(self) -> Iterator[AudioBlock]:
        for start in range(0, DURATION, self._block_length):
            if self._fails_at is not None and start >= self._fails_at:
                raise OSError(5, "the disk went away")
            samples = np.zeros((2, min(self._block_length, DURATION - start)), np.float32)
            yield AudioBlock(start=start, samples=samples)
        if self._late is not None:
            self.info = call_info(notices=(NOTICE, self._late))
        if self._late_id is not None:
            self.info = replace(self.info, call_id=self._late_id)


class Played:
    """Give each event of the small call at the block in which it is decided."""

    def __init__(self) -> None:
        self._heard_to = 0
        self._next_tick = 0
        self._waiting = list(events())

    def process(self, block: AudioBlock, /) -> Analysed:
        """Return everything decided up to the end of the block."""
        self._heard_to = block.end
        return self._say([event for event in self._waiting if event.decided_at <= block.end], block)

    def flush(self) -> Analysed:
        """Return the remaining events."""
        return self._say(self._waiting, AudioBlock(start=self._heard_to, samples=np.zeros((2, 0), np.float32)))

    def _say(self, events: list[Event], clean: AudioBlock) -> Analysed:
        self._waiting = self._waiting[len(events) :]
        first_tick, self._next_tick = self._next_tick, self._heard_to // 80
        n_ticks = self._next_tick - first_tick
        return Analysed(
            heard_to=self._heard_to,
            clean=clean,
            events=tuple(events),
            first_tick=first_tick,
            level_dbov=np.full((2, n_ticks), -60, np.float32),
            speaking=np.zeros((2, n_ticks), np.bool_),
            probability=np.zeros((2, n_ticks), np.float32),
        )
