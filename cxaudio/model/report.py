"""`CallReport`: all facts of a call, made from its events; reads and writes no file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from cxaudio.errors import StoreError
from cxaudio.model.accommodation import PacedSpeech, accommodation
from cxaudio.model.blocks import CallInfo
from cxaudio.model.call_io import call_from_dict, call_to_dict
from cxaudio.model.event_io import EVENT_TYPES, event_from_dict
from cxaudio.model.events import (
    NOT_TWO_SIDED,
    Backchannel,
    Dropout,
    Event,
    Hold,
    HoldKind,
    LineSound,
    Nudge,
    Overlap,
    PaceEstimate,
    PacingFlag,
    QualityNotice,
    RateEstimate,
    Response,
    Settled,
    Side,
    SideFigures,
    Silence,
    Spurt,
    Tempo,
    Turn,
)
from cxaudio.model.folds import (
    FlagSummary,
    NudgeSummary,
    TempoSpan,
    fold_flags,
    fold_nudges,
    fold_stretches,
    fold_tempo,
)
from cxaudio.model.in_step import pace_in_step
from cxaudio.model.provenance import Provenance
from cxaudio.model.side_summary import SideSummary, seconds_of, summarise_side
from cxaudio.model.spans import Span, covered, join, shared, without
from cxaudio.model.timebase import Timebase
from cxaudio.model.whole_call import SilentTime, WholeCall, WholeCallFigures, judge_whole_call
from cxaudio.model.written import Omit, Scope, Written, describe

__all__ = ["EVENTS_SCHEMA", "REPORT_SCHEMA", "CallReport", "ReportBuilder"]

REPORT_SCHEMA = "cxaudio.report/1"
EVENTS_SCHEMA = "cxaudio.events/1"

Kind = TypeVar("Kind", bound=Event)

_ELSEWHERE = Written(omit=Omit.ALWAYS)  # `to_dict` writes it in another place
_ONE_SIDED = Written(omit=Omit.ONE_SIDED)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CallReport:
    """All facts of one call. Positions are samples of ``call.timebase``; `to_dict` gives seconds.

    Facts that need two sides are empty or None where `two_sided` is False, and absent from `to_dict`; `pace` is
    there, as an empty list.
    """

    call: Annotated[CallInfo, _ELSEWHERE]
    provenance: Annotated[Provenance, _ELSEWHERE]
    duration: Annotated[int, _ELSEWHERE]  # samples
    two_sided: Annotated[bool, _ELSEWHERE]  # False: a mono mix, or what `NOT_TWO_SIDED` names
    sides: Annotated[tuple[SideSummary | None, SideSummary | None], _ELSEWHERE]  # agent, customer; None: no such side
    overlaps: Annotated[tuple[Overlap, ...], _ONE_SIDED]
    backchannels: Annotated[tuple[Backchannel, ...], _ONE_SIDED]
    responses: Annotated[tuple[Response, ...], _ONE_SIDED]
    rates: tuple[RateEstimate, ...]
    pace: Annotated[
        tuple[PaceEstimate, ...],
        Written(omit=Omit.IN_OLDER_FILES, description="Agent's rate over the customer's, and the verdict on it."),
    ]
    tempo: Annotated[
        tuple[TempoSpan, ...],
        Written(omit=Omit.ONE_SIDED, description="The customer's; the stretches cover the call without a gap."),
    ]
    silences: Annotated[tuple[Silence, ...], _ONE_SIDED]
    holds: tuple[Hold, ...]
    line_sounds: Annotated[
        tuple[LineSound, ...],
        Written(omit=Omit.IN_OLDER_FILES, description="Tones, keys, beeps, music of the line, in a hold or not."),
    ]
    dropouts: tuple[Dropout, ...]
    flags: Annotated[tuple[FlagSummary, ...], _ONE_SIDED]
    nudges: Annotated[tuple[NudgeSummary, ...], _ONE_SIDED]
    notices: tuple[QualityNotice, ...]
    whole_call: Annotated[WholeCall | None, Written(omit=Omit.EMPTY, known=True)]  # None: the report is one-sided
    failures: Annotated[
        tuple[str, ...],
        Written(
            omit=Omit.EMPTY,
            description="Results of a live call that could not be written, while the call went on; absent where none.",
        ),
    ] = ()

    @property
    def agent(self) -> SideSummary:
        """Return the agent's side.

        Raises
        ------
        AttributeError
            If the recording has no such side.
        """
        return self._side(Side.AGENT)

    @property
    def customer(self) -> SideSummary:
        """Return the customer's side.

        Raises
        ------
        AttributeError
            If the recording has no such side: it is a mono mix.
        """
        return self._side(Side.CUSTOMER)

    def _side(self, side: Side) -> SideSummary:
        found = self.sides[side]
        if found is None:
            raise AttributeError(f"{self.call.call_id} has no side of the {side.label}: it is a mono mix")
        return found

    @property
    def duration_s(self) -> float:
        """Return the length in seconds."""
        return self.seconds(self.duration)

    @property
    def whole_call_figures(self) -> WholeCallFigures:
        """Return what the whole call is judged by.

        Raises
        ------
        AttributeError
            If the report is one-sided.
        """
        if self.whole_call is None:
            raise AttributeError(f"{self.call.call_id} is one-sided: nothing is judged of the whole call")
        clock, duration = self.call.timebase, self.duration
        held = join((hold.start, duration if hold.end is None else hold.end) for hold in self.holds)
        return _whole_call_figures(
            self.agent,
            overlap_share=self.whole_call.overlap_share,
            counted_s=clock.seconds(duration) - seconds_of(held, clock),
            speech=[_speech(side.spurts, held) for side in (self.agent, self.customer)],
            held=held,
            silences=self.silences,
            clock=clock,
        )

    def seconds(self, position: int) -> float:
        """Return a position of the report in seconds, rounded to the millisecond."""
        return self.call.timebase.seconds(position)

    def to_dict(self) -> dict[str, Any]:
        """Return the values of `report.json`: plain, times in seconds, None where a figure is unknown."""
        scope = Scope(self.call.timebase, two_sided=self.two_sided)
        side, report = describe(SideSummary), describe(CallReport)
        return {
            "schema": REPORT_SCHEMA,
            "call": call_to_dict(self.call) | {"duration_s": self.duration_s},
            **self.provenance.to_dict(),
            "sides": {found.side.label: side.write(found, scope) for found in self.sides if found is not None},
            **report.write(self, scope),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "CallReport":
        """Read the values of `to_dict`; of the spurts they hold only the edges.

        Parameters
        ----------
        values : mapping
            Contents of `report.json`.

        Raises
        ------
        StoreError
            If the values are no report of this schema, or a part is missing.
        """
        if values.get("schema") != REPORT_SCHEMA:
            raise StoreError(f"this is no report of {REPORT_SCHEMA!r} but of {values.get('schema')!r}; replay the call")
        try:
            call = call_from_dict(values["call"])
            scope = Scope(call.timebase, two_sided="overlaps" in values)
            side = describe(SideSummary)
            sides = [
                side.read(values["sides"][each.label], scope._replace(side=each))
                if each.label in values["sides"]
                else None
                for each in Side
            ]
            return cls(
                call=call,
                provenance=Provenance.from_dict(values),
                duration=call.timebase.samples(values["call"]["duration_s"]),
                two_sided=scope.two_sided,
                sides=(sides[Side.AGENT], sides[Side.CUSTOMER]),
                **describe(CallReport).read_fields(values, scope),
            )
        except (ValueError, KeyError, TypeError) as exc:
            raise StoreError(f"the report lacks or misstates {exc}; replay the call") from exc

    @classmethod
    def from_events(cls, lines: Iterable[str | Mapping[str, Any]]) -> "CallReport":
        """Make a report from the lines of `events.jsonl`.

        Parameters
        ----------
        lines : iterable of str or mapping
            The whole file, from its ``call`` line to its ``end`` line; empty lines are passed over, and so are events
            of a type that this version does not know.

        Raises
        ------
        StoreError
            If the first line is no ``call`` line, a line is not an event, or the ``end`` line is missing.
        """
        builder: ReportBuilder | None = None
        for number, line in enumerate(lines, 1):
            if isinstance(line, str) and not line.strip():
                continue
            try:
                values = json.loads(line) if isinstance(line, str) else line
                kind = values["type"]
                if builder is None:
                    if kind != "call" or values.get("schema") != EVENTS_SCHEMA:
                        raise StoreError(
                            f"line {number} is no call line of {EVENTS_SCHEMA!r}; give the events from the beginning"
                        )
                    builder = ReportBuilder(call_from_dict(values["call"]), Provenance.from_dict(values))
                elif kind == "end":
                    return builder.build(values["n_samples"])
                elif kind in EVENT_TYPES:
                    builder.add(event_from_dict(values, builder.call.timebase))
                else:
                    builder.pass_over()
            except (ValueError, KeyError, TypeError) as exc:
                raise StoreError(f"line {number} is no line of events ({exc}); write the events anew") from exc
        raise StoreError("the events have no end line: the call broke off while they were written; replay it anew")

    def __repr__(self) -> str:
        """Return a few lines for a person."""
        clock = self.call.timebase
        lines = [
            f"CallReport {self.call.call_id}: {clock.whole_seconds_text(self.duration)}, {self.call.language}"
            + ("" if self.two_sided else ", one-sided")
        ]
        for summary in self.sides:
            if summary is not None:
                lines.append(f"  {summary.side.label:<9}{_side_in_words(summary)}")
        for flag in self.flags:
            end = "end" if flag.end is None else _minutes(flag.end, clock)
            lines.append(
                f"  {flag.severity.value:<9}{flag.rule} {_minutes(flag.start, clock)}-{end}"
                f" ({flag.measured:.3g} {flag.unit}, limit {flag.limit:.3g})"
            )
        if self.whole_call is not None:
            for whole in self.whole_call.flags:
                lines.append(f"  call     {whole.rule} ({whole.measured:.3g} {whole.unit}, limit {whole.limit:.3g})")
            if not self.flags and not self.whole_call.flags:
                lines.append("  no flags")
        if self.notices:
            lines.append("  notices  " + ", ".join(dict.fromkeys(notice.kind.value for notice in self.notices)))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the same for a notebook."""
        from html import escape

        head, *rows = repr(self).split("\n")
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(row[:11].strip())}</th>"
            f"<td style='text-align:left'>{escape(row[11:])}</td></tr>"
            for row in rows
        )
        return f"<table><caption style='text-align:left'>{escape(head)}</caption>{cells}</table>"


@dataclass(slots=True)
class ReportBuilder:
    """Collect events as they become known and make a report of them.

    Parameters
    ----------
    call : CallInfo
        The call; its notices are in the report without being added.
    provenance : Provenance
        Settings and versions of the report.
    """

    call: CallInfo
    provenance: Provenance
    _events: list[Event | None] = field(default_factory=list)
    _by_kind: dict[type[Event], list[Event]] = field(default_factory=dict)
    _n_given: int = 0

    def __post_init__(self) -> None:
        self._events += self.call.notices  # they are counted, and are in the report by way of the call
        self._n_given = len(self._events)

    def add(self, event: Event) -> None:
        """Add the next event."""
        if isinstance(event, Settled):
            for number in event.retracts:
                self._events[number] = None
        self._events.append(event)

    def pass_over(self) -> None:
        """Count an event that this version does not know."""
        self._events.append(None)

    def build(self, duration: int) -> CallReport:
        """Return the report of the events added so far.

        Parameters
        ----------
        duration : int
            Length of the call in samples.
        """
        self._sort()
        clock = self.call.timebase
        notices = (*self.call.notices, *self._all(QualityNotice))
        two_sided = self.call.two_sided and all(notice.kind not in NOT_TWO_SIDED for notice in notices)
        holds = fold_stretches(self._all(Hold))
        held = join((hold.start, duration if hold.end is None else hold.end) for hold in holds)
        # Where one side was not recorded, the other's own figures still count.
        uncounted = join(
            (hold.start, duration if hold.end is None else hold.end)
            for hold in holds
            if hold.kind is not HoldKind.NOT_RECORDED
        )
        overlaps = self._all(Overlap) if two_sided else ()
        backchannels = self._all(Backchannel) if two_sided else ()
        speech = [_speech(self._of(Spurt, side), held) for side in Side]
        speech_s = [seconds_of(spans, clock) for spans in speech]
        sides = [
            None
            if self.call.channels[side] is None
            else summarise_side(
                side,
                clock=clock,
                spurts=self._of(Spurt, side),
                turns=self._of(Turn, side),
                backchannels=[event for event in backchannels if event.side is side],
                responses=self._of(Response, side),
                overlaps=overlaps,
                held=uncounted,
                figures=next(iter(self._of(SideFigures, side)), None),
                rates=self._of(RateEstimate, side),
                both_recorded_s=(speech_s[side], speech_s[side.other]) if two_sided else None,
                turn_min_nuclei=self.provenance.spurt_min_nuclei,
                spurt_edge_s=self.provenance.spurt_edge_s,
            )
            for side in Side
        ]
        return CallReport(
            call=self.call,
            provenance=self.provenance,
            duration=duration,
            two_sided=two_sided,
            sides=(sides[Side.AGENT], sides[Side.CUSTOMER]),
            overlaps=overlaps,
            backchannels=backchannels,
            responses=self._all(Response) if two_sided else (),
            rates=self._all(RateEstimate),
            pace=self._all(PaceEstimate) if two_sided else (),
            tempo=fold_tempo(self._all(Tempo), duration) if two_sided else (),
            silences=fold_stretches(self._all(Silence)) if two_sided else (),
            holds=holds,
            line_sounds=tuple(sorted(self._all(LineSound), key=lambda sound: sound.start)),
            dropouts=fold_stretches(self._all(Dropout)),
            flags=fold_flags(self._all(PacingFlag)) if two_sided else (),
            nudges=fold_nudges(self._all(Nudge)) if two_sided else (),
            notices=notices,
            whole_call=self._whole_call(sides, speech=speech, held=held, duration=duration) if two_sided else None,
        )

    def _sort(self) -> None:
        """Divide the events that hold by kind; what the settled account added takes its place by `decided_at`."""
        self._by_kind = {}
        for event in self._events[self._n_given :]:
            if event is not None:
                self._by_kind.setdefault(type(event), []).append(event)
        for events in self._by_kind.values():
            events.sort(key=lambda event: event.decided_at)

    def _all(self, kind: type[Kind]) -> tuple[Kind, ...]:
        return tuple(self._by_kind.get(kind, ()))  # type: ignore[arg-type]  # kept under their own type

    def _of(self, kind: type[Kind], side: Side) -> list[Kind]:
        return [event for event in self._all(kind) if event.side is side]  # type: ignore[attr-defined]  # one-sided kinds

    def _whole_call(
        self, sides: list[SideSummary | None], *, speech: list[list[Span]], held: list[Span], duration: int
    ) -> WholeCall:
        clock = self.call.timebase
        agent = sides[Side.AGENT]
        assert agent is not None  # a two-sided call has both
        small = join((b.start, b.end) for b in self._all(Backchannel) if b.end is not None)
        spoken = [without(spans, small) for spans in speech]  # a backchannel is no talking over
        counted_s = clock.seconds(duration) - seconds_of(held, clock)
        together_s = seconds_of(shared(spoken[0], spoken[1]), clock)
        paced = [self._paced(side, held=held, small=small) for side in Side]
        figures = _whole_call_figures(
            agent,
            overlap_share=together_s / counted_s if counted_s > 0 else None,
            counted_s=counted_s,
            speech=speech,
            held=held,
            silences=fold_stretches(self._all(Silence)),
            clock=clock,
        )
        return judge_whole_call(
            figures,
            rules=self.provenance.whole_call,
            in_step=pace_in_step(self._all(PaceEstimate), held=held, duration=duration, clock=clock),
            accommodation=accommodation(
                paced[0], paced[1], duration=duration, clock=clock, settings=self.provenance.accommodation
            ),
        )

    def _paced(self, side: Side, *, held: list[Span], small: list[Span]) -> list[PacedSpeech]:
        """Return the spurts that count for the pace: long enough, no backchannel, in no hold."""
        enough = self.provenance.spurt_min_nuclei
        aside = join([*held, *small])
        return [
            PacedSpeech(s.start, s.end, s.n_nuclei)
            for s in self._of(Spurt, side)
            if s.end is not None and s.end > s.start and s.n_nuclei >= enough and not covered((s.start, s.end), aside)
        ]


def _speech(spurts: Iterable[Spurt], held: list[Span]) -> list[Span]:
    spans = [(spurt.start, spurt.end) for spurt in spurts if spurt.end is not None]
    return join(span for span in spans if not covered(span, held))


def _whole_call_figures(
    agent: SideSummary,
    *,
    overlap_share: float | None,
    counted_s: float,
    speech: list[list[Span]],
    held: list[Span],
    silences: Iterable[Silence],
    clock: Timebase,
) -> WholeCallFigures:
    times = agent.response_times
    return WholeCallFigures(
        counted_s=counted_s,
        talk_share_agent=agent.talk_share,
        overlap_share=overlap_share,
        silent=_silent_time(join([*speech[0], *speech[1]]), held, silences, clock),
        response_n=0 if times is None else times.n,
        response_median_s=None if times is None else times.median_s,
        interruptions=agent.interruptions,
    )


def _silent_time(
    speech: list[Span], held: list[Span], silences: Iterable[Silence], clock: Timebase
) -> SilentTime | None:
    """Return the silences between the first word and the last; None without a word."""
    if not speech:
        return None
    first, last = speech[0][0], speech[-1][1]
    return SilentTime(
        lengths_s=tuple(
            round(clock.seconds(silence.end) - clock.seconds(silence.start), 3)
            for silence in silences
            if silence.end is not None and silence.start >= first and silence.end <= last
        ),
        of_s=seconds_of(without([(first, last)], held), clock),
    )


def _minutes(position: int, clock: Timebase) -> str:
    seconds = int(clock.seconds(position))
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def _side_in_words(summary: SideSummary) -> str:
    parts = [f"spoke {summary.speech_s:.0f} s"]
    if summary.talk_share is not None:
        parts[0] += f" ({summary.talk_share:.0%})"
    rate = summary.articulation_rate
    parts.append("rate unknown" if rate is None else f"{rate:.2f} syllables/s")
    times = summary.response_times
    if times is not None and times.median_s is not None:
        parts.append(f"{times.n} repl{'y' if times.n == 1 else 'ies'} after {times.median_s:.2f} s (median)")
    if summary.interruptions is not None:
        parts.append(f"{summary.interruptions} interruption{'' if summary.interruptions == 1 else 's'}")
    return ", ".join(parts)
