"""Find overlaps and their kinds: who started into whose speech, who stopped, and whether it was an interruption.

How DEFINITIONS §3 is read where its words are not exact. An event is one stretch in which both speak; where the entrant
goes on and the holder returns before the entrant could take the floor, it is still the same event, so that a breath
of the holder does not split one overlap in two and hides no interruption. *Holder* is who held the floor when
it began, *entrant* the other; where the kind cannot be known at once (a long backchannel may turn out to have
taken the floor) the decision waits. The kinds are tried in this order:

1. `backchannel`: one of the two spurts was one (`cxaudio.analysis.floor`). So each backchannel has one event here; one
   that nobody spoke upon has the stretch of its spurt.
2. `simultaneous_start`: both spurts began together after silence. The holder is who held the floor before; where nobody
   did, who began first, and of two on one tick the customer.
3. `early_reply`: the holder stopped soon after the entrant's start, and the entrant went on.
4. `pause_cut_in`: the entrant's spurt began in the holder's own pause, and the holder resumed in time. A spurt that was
   alone for long enough to take the floor is an answer, and the entrant is the other side; unless the answer began
   `pause_min_s` or more into the silence and the other was back within `pause_max_s` of its own stop, because that was
   a pause. The event begins with the entrant's start. A cut-in that came `pause_min_s` or more into the pause and was
   over before the holder resumed is an event too, though it holds no overlap.
5. `interruption` and `butt_in`: exactly as defined, by the time that both spoke.

What fits no rule gets the nearest kind that does not count as an interruption: `early_reply` if the entrant outlasted
the holder but did not keep the floor; `simultaneous_start` if nobody held the floor, or its holder had been silent for
long; otherwise `early_reply` if the entrant's spurt was no longer than a backchannel (it is none, because the entrant
speaks shortly before or after it: a reply that is tried, or the last word of a turn). The rest is an `early_reply` if
both stopped on one tick, and a `pause_cut_in` if the entrant had gone on through the holder's pause and stopped when
the holder resumed.

Events in which both speak are one *episode* where the entrant and the holder are the same, less than `episode_gap_s`
lies between them, and the entrant has not taken the floor; one that is a backchannel is an episode by itself.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cxaudio.analysis.floor import BackchannelFound, Floor, FloorFact, TurnBegun
from cxaudio.analysis.tally import NOTHING, Tally
from cxaudio.analysis.tick import LONG_AGO, NEVER, Tick, in_ticks
from cxaudio.model.events import Event, Overlap, OverlapKind, Side
from cxaudio.model.policy import OverlapSettings, TurnSettings
from cxaudio.model.timebase import Timebase

__all__ = ["OverlapTracker"]

_MEDIAN_OF = 41
"""Number of spurts in a side's running median of levels: about two minutes of its talk. Chosen."""

_MEDIAN_FROM = 3
"""Fewest spurts for which that median is known. Chosen."""


class _RunningMedian:
    """Compute the median level of a side's latest spurts, dBov."""

    def __init__(self) -> None:
        self._latest: deque[float] = deque()
        self._sorted: list[float] = []

    def add(self, level: float) -> None:
        self._latest.append(level)
        insort(self._sorted, level)
        if len(self._latest) > _MEDIAN_OF:
            del self._sorted[bisect_left(self._sorted, self._latest.popleft())]

    @property
    def value(self) -> float | None:
        """Return the median; None while it is not known."""
        n = len(self._sorted)
        return None if n < _MEDIAN_FROM else (self._sorted[(n - 1) // 2] + self._sorted[n // 2]) / 2


def _rise(spoken: Tally, usual_dbov: float | None) -> float | None:
    """Return how many dB some speech is above the usual level; None where that is not known."""
    return None if usual_dbov is None or spoken.speech <= 0 else spoken.level_dbov - usual_dbov


@dataclass(slots=True, eq=False)
class _Spurt:
    """The present or latest spurt of one side; all in ticks."""

    start: int
    before: Tally  # the side's sums at its start
    lull: int  # silence of both before it
    since_other: int | None  # time since the other had stopped; None where the other was speaking
    overlapped: int = 0  # how much of it both have spoken, up to the last change


@dataclass(slots=True, eq=False)
class _Meeting:
    """A stretch in which both speak, and what followed; all in ticks, pairs by side."""

    start: int
    spurts: tuple[_Spurt, _Spurt]
    sums: tuple[Tally, Tally]  # at its start
    holder: int | None  # of the floor, at its start
    taken_at: int  # when the holder had taken it ...
    taken_from_other: bool  # ... and whether from the other
    end: int | None = None
    overlapped: tuple[int, int] = (0, 0)  # of each spurt, through the end
    length: int = 0  # how long both spoke, through the end, in all meetings that make one overlap with this one
    sums_at_end: tuple[Tally, Tally] = (NOTHING, NOTHING)
    usual_dbov: tuple[float | None, float | None] = (None, None)  # running medians, before these spurts count in them
    survivor: int | None = None  # who spoke on at the end
    alone: int = 0  # how long the survivor has been alone since ...
    counted_to: int = 0  # ... up to this tick
    kept: bool | None = None  # whether it kept the floor
    resumed: int | None = None  # tick at which the other returned
    backchannel: int | None = None  # whose spurt was one
    began: "_Meeting | None" = None  # the first of those that make one overlap with this one
    began_as: tuple[OverlapKind, int] | None = None  # kind of that one, and its entrant

    @property
    def first(self) -> int:
        """Return the side that started first; of two on one tick the holder, or else the customer."""
        agent, customer = self.spurts
        if agent.start == customer.start:
            return Side.CUSTOMER if self.holder is None else self.holder
        return Side.AGENT if agent.start < customer.start else Side.CUSTOMER


@dataclass(slots=True, eq=False)
class _LoneSpurt:
    """A spurt that nobody spoke upon: perhaps a cut-in into a pause of the other side, or a backchannel."""

    entrant: int
    start: int
    end: int
    rise: float | None
    holder: int | None
    in_pause: bool
    resumed: int | None = None  # tick at which the other returned
    backchannel: bool = False


class OverlapTracker:
    """Report each `Overlap` with its kind, as soon as that can be known (DEFINITIONS §3, as read above).

    Every tick in which both sides speak outside a hold is in exactly one event. It is reported when it can no longer be
    a backchannel and, if the entrant went on, once it is known whether the entrant keeps the floor: mostly 1.0 s after
    the overlap. What is still open when a hold begins or the call ends is decided by what is known then.

    Of the fields: `yield_delay` runs from the entrant's start to the first stop of either. `resumed_after` runs from
    the holder's stop to its return, if it returned before the event was reported; for a pause cut-in, from the
    entrant's start to the holder's return. `floor_taken` says that the entrant outlasted the holder and kept the floor.
    `level_rise_db` compares the entrant's level in the overlap with the median of its earlier spurts long enough to
    take the floor (the latest 41), and is None before the third. `competitive` counts all that the entrant has spoken
    together with the holder in one spurt.

    Parameters
    ----------
    floor : Floor
        Must be stepped before this tracker.
    turns : TurnSettings
        Section ``turns``: the floor and backchannels.
    overlaps : OverlapSettings
        Section ``overlaps``.
    timebase : Timebase
        The call's clock.
    """

    def __init__(self, floor: Floor, turns: TurnSettings, overlaps: OverlapSettings, *, timebase: Timebase) -> None:
        self._floor = floor
        self._tick_length = timebase.tick_length
        self._floor_alone = max(1, in_ticks(turns.floor_alone_s))
        self._longest_backchannel = in_ticks(turns.backchannel_max_s)
        self._early_reply = in_ticks(overlaps.early_reply_max_s)
        self._together = in_ticks(overlaps.simultaneous_within_s)
        self._lull = in_ticks(overlaps.simultaneous_silence_s)
        self._interruption = in_ticks(overlaps.interruption_min_s)
        self._kept = max(1, in_ticks(overlaps.floor_kept_s))
        self._shortest_pause = in_ticks(overlaps.pause_min_s)
        self._longest_pause = in_ticks(overlaps.pause_max_s)
        self._resume = in_ticks(overlaps.pause_resume_s)
        self._episode_gap = in_ticks(overlaps.episode_gap_s)
        self._competitive = in_ticks(overlaps.competitive_s)
        self._competitive_rise_db = overlaps.competitive_rise_db
        self._round_trip = in_ticks(overlaps.round_trip_s)
        self.reset()

    def reset(self) -> None:
        """Forget the call."""
        self._medians = (_RunningMedian(), _RunningMedian())
        self._before = [NOTHING, NOTHING]  # each side's sums when it last fell silent
        self._latest: Tick | None = None
        self._held = False
        self._forget()

    def _forget(self) -> None:
        """Reset to a state in which nobody has spoken."""
        self.due = NEVER
        """The next tick at which something is decided even if nothing changes, or `NEVER`."""
        self._on = (False, False)
        self._ends = [LONG_AGO, LONG_AGO]
        self._spurts: list[_Spurt | None] = [None, None]
        self._meetings: list[_Meeting] = []  # the last of them may be going on
        self._lone_spurts: list[_LoneSpurt] = []
        self._episode: Overlap | None = None  # the latest event in which both spoke, of the present episode
        self._taken_at = LONG_AGO  # when the floor was last taken ...
        self._taken_from_other = False  # ... and whether it changed hands

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Take a tick; return the overlaps whose kind is now known."""
        if self._floor.still and tick.number < self.due:
            self._latest = tick
            return ()
        facts = self._floor.facts
        if tick.held:
            if self._held:
                return ()
            self._held = True
            sums = (Tally.before(tick, 0), Tally.before(tick, 1))
            return self._finish(facts, tick.number, sums, tick.at)
        if self._held:
            self._held = False
            self._before = [Tally.before(tick, 0), Tally.before(tick, 1)]  # nothing of the hold counts
        self._latest = tick
        for fact in facts:
            self._learn(fact)
        if self._meetings:
            self._wait(tick.number, tick.speaking)
        if tick.speaking != self._on:
            self._change(tick.number, tick.speaking, (Tally.of(tick, 0), Tally.of(tick, 1)))
        if not self._meetings and not self._lone_spurts:
            return ()
        events = self._decide(tick.at)
        self.due = NEVER
        for meeting in self._meetings:
            if meeting.end is not None and meeting.kept is None:
                self.due = min(self.due, meeting.end + self._kept - 1)
        return events

    def close(self, at: int) -> Iterable[Event]:
        """End the call at sample `at`; return the overlaps that are still open."""
        latest = self._latest
        if self._held or latest is None:
            return ()
        number = -(-at // self._tick_length)
        return self._finish(self._floor.facts, number, (Tally.of(latest, 0), Tally.of(latest, 1)), at)

    # --- following -----------------------------------------------------------------------------------------------

    def _learn(self, fact: FloorFact) -> None:
        """Take a decision about the floor; it may concern the past."""
        if isinstance(fact, TurnBegun):
            self._taken_at = fact.taken_at
            self._taken_from_other = fact.reply_to is not None
            for meeting in self._meetings:
                if fact.taken_at <= meeting.start:
                    meeting.holder = fact.side
                    meeting.taken_at = fact.taken_at
                    meeting.taken_from_other = fact.reply_to is not None
            for lone in self._lone_spurts:
                if fact.taken_at < lone.end:
                    lone.holder = fact.side
        elif isinstance(fact, BackchannelFound):
            for meeting in self._meetings:
                if meeting.spurts[fact.side].start == fact.start:
                    meeting.backchannel = fact.side
            for lone in self._lone_spurts:
                if lone.entrant == fact.side and lone.start == fact.start:
                    lone.backchannel = True

    def _wait(self, number: int, now: tuple[bool, bool]) -> None:
        """Follow whether the side that went on after an overlap keeps the floor."""
        was = self._on
        for meeting in self._meetings:
            survivor = meeting.survivor
            if meeting.end is None or survivor is None:
                continue
            other = 1 - survivor
            if was[survivor] and not was[other]:
                meeting.alone += number - meeting.counted_to
            meeting.counted_to = number
            returned = now[other] and not was[other]
            if returned and meeting.resumed is None:
                meeting.resumed = number
            if meeting.kept is None:
                if returned and meeting.alone < self._floor_alone:
                    meeting.kept = False
                elif number >= meeting.end + self._kept - 1:
                    alone = meeting.alone + (now[survivor] and not now[other])
                    meeting.kept = alone >= self._floor_alone

    def _change(self, number: int, now: tuple[bool, bool], sums: tuple[Tally, Tally]) -> None:
        was = self._on
        self._on = now
        if was == (True, True):
            self._end_meeting(number, now, sums)
        for side in (0, 1):
            if was[side] and not now[side]:
                self._end_spurt(side, number, sums[side])
        someone_goes_on = (was[0] and now[0]) or (was[1] and now[1])
        lull = 0 if someone_goes_on else number - max(self._ends)
        for side in (0, 1):
            if now[side] and not was[side]:
                since_other = None if was[1 - side] and now[1 - side] else number - self._ends[1 - side]
                self._spurts[side] = _Spurt(number, self._before[side], lull, since_other)
                self._note_start(side, number)
        if now == (True, True):
            agent, customer = self._spurts
            assert agent is not None
            assert customer is not None
            self._meetings.append(
                _Meeting(
                    start=number,
                    spurts=(agent, customer),
                    # A side that starts now is counted from its start; the other without this tick.
                    sums=(
                        agent.before if agent.start == number else sums[0],
                        customer.before if customer.start == number else sums[1],
                    ),
                    holder=self._floor.holder,
                    taken_at=self._taken_at,
                    taken_from_other=self._taken_from_other,
                )
            )

    def _end_meeting(self, number: int, now: tuple[bool, bool], sums: tuple[Tally, Tally]) -> None:
        meeting = self._meetings[-1]
        length = number - meeting.start
        for spurt in meeting.spurts:
            spurt.overlapped += length
        meeting.end = meeting.counted_to = number
        meeting.length += length
        meeting.overlapped = (meeting.spurts[0].overlapped, meeting.spurts[1].overlapped)
        meeting.sums_at_end = sums
        meeting.usual_dbov = (self._medians[0].value, self._medians[1].value)
        meeting.survivor = 0 if now[0] else 1 if now[1] else None
        if meeting.survivor is None:
            meeting.kept = False

    def _end_spurt(self, side: int, number: int, sums: Tally) -> None:
        spurt = self._spurts[side]
        assert spurt is not None
        spoken = sums - spurt.before
        if not spurt.overlapped and spurt.since_other is not None:
            in_pause = self._shortest_pause <= spurt.since_other <= self._longest_pause
            rise = _rise(spoken, self._medians[side].value)
            self._lone_spurts.append(_LoneSpurt(side, spurt.start, number, rise, self._floor.holder, in_pause))
        if spoken.speech >= self._floor_alone:
            self._medians[side].add(spoken.level_dbov)
        self._ends[side] = number
        self._before[side] = sums

    def _note_start(self, side: int, number: int) -> None:
        """Update the lone spurts when a side starts: one of the other side's is answered, its own is continued."""
        for lone in self._lone_spurts:
            if lone.resumed is not None:
                continue
            if lone.entrant == side or number - lone.start > self._resume:
                lone.in_pause = False
            else:
                lone.resumed = number

    # --- deciding ------------------------------------------------------------------------------------------------

    def _decide(self, at: int) -> list[Event]:
        events: list[Event] = []
        waiting: list[_Meeting] = []
        for number, meeting in enumerate(self._meetings):
            if waiting or meeting.end is None or self._floor.unsettled(meeting.start):
                waiting.append(meeting)
                continue
            kind, entrant = self._kind(meeting)
            if meeting.survivor == entrant and meeting.kept is None and kind is not OverlapKind.BACKCHANNEL:
                waiting.append(meeting)
            elif not self._goes_on(meeting, kind, entrant, self._meetings[number + 1 :]):
                events.append(self._overlap(meeting, kind, entrant, at))
        self._meetings = waiting
        undecided: list[_LoneSpurt] = []
        for lone in self._lone_spurts:
            if lone.backchannel:
                events.append(self._upon_nobody(lone, at))
            elif self._floor.unsettled(lone.end - 1) or (lone.in_pause and lone.resumed is None):
                undecided.append(lone)
            elif self._cuts_in(lone):
                events.append(self._upon_nobody(lone, at))
        self._lone_spurts = undecided
        return events

    def _finish(self, facts: Iterable[FloorFact], number: int, sums: tuple[Tally, Tally], at: int) -> list[Event]:
        """Decide all that is open, as nothing counts from tick `number` on."""
        for fact in facts:
            self._learn(fact)
        if self._on == (True, True):
            self._end_meeting(number, (False, False), sums)
        events: list[Event] = []
        for index, meeting in enumerate(self._meetings):
            kind, entrant = self._kind(meeting)
            if not self._goes_on(meeting, kind, entrant, self._meetings[index + 1 :]):
                events.append(self._overlap(meeting, kind, entrant, at, last=at))
        events += [self._upon_nobody(lone, at) for lone in self._lone_spurts if lone.backchannel or self._cuts_in(lone)]
        self._forget()
        return events

    def _goes_on(self, meeting: _Meeting, kind: OverlapKind, entrant: int, later: Sequence[_Meeting]) -> bool:
        """Return whether the next meeting belongs to the same overlap; note in it where the overlap began."""
        if not later or later[0].spurts[entrant] is not meeting.spurts[entrant]:
            return False
        following = later[0]
        if kind is not OverlapKind.BACKCHANNEL and (
            meeting.survivor != entrant or meeting.kept or following.start != meeting.resumed
        ):
            return False
        following.length += meeting.length
        following.began = meeting.began or meeting
        following.began_as = meeting.began_as or (kind, entrant)
        return True

    def _kind(self, meeting: _Meeting) -> tuple[OverlapKind, int]:
        """Return the kind of a meeting and its entrant."""
        if meeting.backchannel is not None:
            return OverlapKind.BACKCHANNEL, meeting.backchannel
        if meeting.began_as is not None:
            kind, entrant = meeting.began_as
            as_begun = kind in (OverlapKind.SIMULTANEOUS_START, OverlapKind.PAUSE_CUT_IN)
            return kind if as_begun else self._ordinary(meeting, entrant), entrant
        return self._kind_by_starts(meeting)

    def _kind_by_starts(self, meeting: _Meeting) -> tuple[OverlapKind, int]:
        """Return the kind and the entrant, judged by when the spurts started and who held the floor then."""
        holder, spurts, first = meeting.holder, meeting.spurts, meeting.first
        second = 1 - first
        ahead = spurts[second].start - spurts[first].start
        since_other = spurts[first].since_other
        if holder is None:
            return OverlapKind.SIMULTANEOUS_START, second
        if ahead <= self._together and spurts[first].lull >= self._lull:
            return OverlapKind.SIMULTANEOUS_START, 1 - holder
        if since_other is not None and since_other + ahead < self._shortest_pause:
            since_other = None  # too short for a pause: the side never stopped
        into_pause = since_other is not None and since_other <= self._longest_pause and ahead <= self._resume
        if holder == first:
            just_taken = meeting.taken_from_other and meeting.taken_at >= spurts[first].start
            early = meeting.survivor == second and meeting.overlapped[second] <= self._early_reply
            if into_pause and just_taken and not early and since_other is not None:
                # Did the side that returned only pause, or was it answered?
                if since_other >= self._shortest_pause and since_other + ahead <= self._longest_pause:
                    return OverlapKind.PAUSE_CUT_IN, first
            return self._ordinary(meeting, second), second
        if since_other is None:
            return self._ordinary(meeting, first), first
        return (OverlapKind.PAUSE_CUT_IN, first) if into_pause else (OverlapKind.SIMULTANEOUS_START, second)

    def _ordinary(self, meeting: _Meeting, entrant: int) -> OverlapKind:
        """Return the kind where the entrant began while the holder spoke."""
        assert meeting.end is not None
        overlapped = meeting.overlapped[entrant]
        brief = meeting.end - meeting.spurts[entrant].start <= self._longest_backchannel
        if meeting.survivor == entrant:
            if overlapped > max(self._interruption, self._early_reply) and meeting.kept:
                return OverlapKind.INTERRUPTION
            return OverlapKind.EARLY_REPLY
        if meeting.survivor is None or brief:
            return OverlapKind.EARLY_REPLY
        return OverlapKind.BUTT_IN if overlapped > self._interruption else OverlapKind.PAUSE_CUT_IN

    def _overlap(self, meeting: _Meeting, kind: OverlapKind, entrant: int, at: int, last: int | None = None) -> Overlap:
        assert meeting.end is not None
        began = meeting.began or meeting
        came_in = meeting.spurts[entrant].start
        into_pause = kind is OverlapKind.PAUSE_CUT_IN and came_in < began.start
        outlasted = meeting.survivor == entrant
        resumed_after = None
        if into_pause:
            resumed_after = began.start - came_in
        elif outlasted and meeting.resumed is not None:
            resumed_after = meeting.resumed - meeting.end
        rise = _rise(meeting.sums_at_end[entrant] - began.sums[entrant], meeting.usual_dbov[entrant])
        start, end = (came_in if into_pause else began.start) * self._tick_length, meeting.end * self._tick_length
        overlap = Overlap(
            start=start,
            end=end if last is None else min(end, last),  # the last tick may be partly filled
            decided_at=at,
            kind=kind,
            holder=Side(1 - entrant),
            entrant=Side(entrant),
            floor_taken=outlasted and bool(meeting.kept) and kind is not OverlapKind.BACKCHANNEL,
            yielded=None if meeting.survivor is None else Side(1 - meeting.survivor),
            yield_delay=None if meeting.survivor is None else (meeting.end - came_in) * self._tick_length,
            resumed_after=None if resumed_after is None else resumed_after * self._tick_length,
            level_rise_db=rise,
            competitive=self._is_competitive(meeting.overlapped[entrant], rise),
            latency_suspect=meeting.end - began.start < self._round_trip,
            overlap_length=meeting.length * self._tick_length,
            episode_start=start,
        )
        self._episode = overlap = self._in_episode(overlap)
        return overlap

    def _in_episode(self, overlap: Overlap) -> Overlap:
        """Return the event as a part of the present episode, if it is one."""
        earlier = self._episode
        goes_on = (
            earlier is not None
            and OverlapKind.BACKCHANNEL not in (earlier.kind, overlap.kind)
            and earlier.entrant is overlap.entrant
            and not earlier.floor_taken
            and overlap.start - earlier.end < self._episode_gap * self._tick_length
        )
        return replace(overlap, episode_start=earlier.episode_start) if earlier and goes_on else overlap

    def _cuts_in(self, lone: _LoneSpurt) -> bool:
        """Return whether it was a cut-in: no turn, and in a pause of the side that held the floor."""
        return lone.in_pause and lone.resumed is not None and lone.holder == 1 - lone.entrant

    def _upon_nobody(self, lone: _LoneSpurt, at: int) -> Overlap:
        """Return the event of a cut-in, or of a backchannel, that holds no overlap."""
        start, end = lone.start * self._tick_length, lone.end * self._tick_length
        cuts_in = not lone.backchannel and lone.resumed is not None
        return Overlap(
            start=start,
            end=end,
            decided_at=at,
            kind=OverlapKind.PAUSE_CUT_IN if cuts_in else OverlapKind.BACKCHANNEL,
            holder=Side(1 - lone.entrant),
            entrant=Side(lone.entrant),
            floor_taken=False,
            yielded=Side(lone.entrant) if cuts_in else None,
            yield_delay=end - start if cuts_in else None,
            resumed_after=lone.resumed * self._tick_length - start if cuts_in and lone.resumed is not None else None,
            level_rise_db=lone.rise,
            competitive=self._is_competitive(0, lone.rise),
            latency_suspect=False,
            overlap_length=0,
            episode_start=start,
        )

    def _is_competitive(self, overlapped: int, rise: float | None) -> bool:
        return overlapped >= self._competitive or (rise is not None and rise >= self._competitive_rise_db)
