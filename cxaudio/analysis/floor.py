"""Decide who holds the floor, what was a backchannel and who owes a reply, for all trackers that need it.

One `Floor` serves all trackers of a call. It is stepped once a tick, before those that read it. Works in ticks; reads
no event and knows no rule of pacing.

How DEFINITIONS §1 is read where its words are not exact:

* *Alone* is counted from the moment the other last spoke, across own pauses shorter than the long pause. A side that
  has been alone for `floor_alone_s` takes the floor, unless what it said is a backchannel. Its turn begins with the
  spurt in which that counting began, which may be before the other has stopped.
* *Inside the other's turn* means while the other speaks, or in one of its pauses if the floor is not taken by
  speaking alone: what takes it ends the other's turn. *Just after the turn* means that a spurt long enough to take
  the floor is a backchannel all the same if it began within `backchannel_after_s` of the other's stop.
* Short spurts with less own silence between them than a backchannel needs ("yeah ... okay") are backchannels in a row:
  each is as short as one, together they last at most `backchannel_row_s`, the own silence lies before the first and
  after the last, and the other goes on or resumes in time after each of them. Else none of them is one.
* Two who start together after a silence did not react to each other, so neither start is a backchannel.
* The time before the call and after it counts as silence. A spurt that still goes on when the call ends is no
  backchannel, because its length is unknown.
* Nobody holds the floor at the start of the call, nor after a hold; an open turn ends where a hold begins.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cxaudio.analysis.tally import NOTHING, Tally
from cxaudio.analysis.tick import LONG_AGO, NEVER, Tick, in_ticks
from cxaudio.model.events import Event, Side
from cxaudio.model.policy import OverlapSettings, TurnSettings
from cxaudio.model.timebase import Timebase

__all__ = ["BackchannelFound", "Floor", "FloorFact", "TurnBegun", "TurnOver"]


class TurnBegun(NamedTuple):
    """A side has the floor and speaks; `taken_at` is the tick at which it had been alone for long enough."""

    side: Side
    start: int  # tick
    taken_at: int  # tick
    reply_to: int | None  # tick at which the other's turn ended, if the floor changed hands
    before: Tally  # the side's sums at `start`


class TurnOver(NamedTuple):
    """The floor changed, or its holder paused for long; `end` is the end of the turn's last spurt."""

    side: Side
    start: int  # tick
    end: int  # tick
    after: Tally  # the side's sums at `end`


class BackchannelFound(NamedTuple):
    """A spurt turned out to be a backchannel."""

    side: Side
    start: int  # tick
    end: int  # tick
    spoken: Tally  # within the spurt


FloorFact = TurnBegun | TurnOver | BackchannelFound


class _Claim:
    """A spurt whose meaning for the floor is still open."""

    __slots__ = (
        "after",
        "before",
        "bout_before",
        "bout_start",
        "end",
        "near",
        "other_after",
        "other_end",
        "possible",
        "quiet",
        "resumed_at",
        "row",
        "side",
        "start",
        "taken_at",
        "went_on",
    )

    def __init__(self, side: int, start: int, quiet: int, before: Tally) -> None:
        self.side = side
        self.start = start
        self.end: int | None = None
        self.quiet = quiet  # ticks of own silence before it
        self.before = before
        self.after = before
        self.possible = False  # may still be a backchannel
        self.near = False  # began while the other spoke, or just after
        self.went_on = False  # the other spoke when it ended
        self.resumed_at: int | None = None  # tick at which the other first began after its start
        self.row = [self]  # the short spurts of which it is one, all backchannels or none
        self.taken_at: int | None = None  # tick at which it had been alone for long enough
        self.bout_start = start  # start of the spurt in which the counting began
        self.bout_before = before
        self.other_end = LONG_AGO  # the other's last stop before that
        self.other_after = NOTHING


class Floor:
    """Decide who holds the floor, once a tick, for all trackers that need to know.

    The first of the trackers: it is stepped before those that read it, and reports no events itself. They read its
    present state, and in `facts` what it decided at this tick.

    Parameters
    ----------
    turns : TurnSettings
        Section ``turns``.
    overlaps : OverlapSettings
        Section ``overlaps``: what counts as starting together.
    timebase : Timebase
        The call's clock.

    Attributes
    ----------
    facts : sequence of FloorFact
        What the latest `step` or `close` decided, in the order in which it happened.
    due : int
        The next tick at which something is decided even if nothing changes, or `NEVER`.
    still : bool
        Whether the latest tick changed nothing of all that can be read here, no hold was on, and the same sides spoke
        as before it: who reads no more than the floor and who speaks need not look.

    Examples
    --------
    ``tests/analysis/test_floor.py`` draws every case.
    """

    def __init__(self, turns: TurnSettings, overlaps: OverlapSettings, *, timebase: Timebase) -> None:
        self._tick_length = timebase.tick_length
        self._alone = max(1, in_ticks(turns.floor_alone_s))
        self._long_pause = max(1, in_ticks(turns.long_pause_s))
        self._longest = in_ticks(turns.backchannel_max_s)
        self._silence = max(1, in_ticks(turns.backchannel_silence_s))
        self._longest_row = in_ticks(turns.backchannel_row_s)
        self._after = in_ticks(turns.backchannel_after_s)
        self._resume = in_ticks(turns.backchannel_resume_s)
        self._together = in_ticks(overlaps.simultaneous_within_s)
        self._lull_needed = in_ticks(overlaps.simultaneous_silence_s)
        self.reset()

    def reset(self) -> None:
        """Forget the call."""
        self.facts: Sequence[FloorFact] = ()
        self.still = False
        self._held = False
        self._tallies = [NOTHING, NOTHING]  # each side's sums when it last fell silent
        self._latest: Tick | None = None
        self._forget(0)

    def _forget(self, number: int) -> None:
        """Reset to a state in which nobody has spoken since tick `number`."""
        self._from = number
        self._on = (False, False)
        self._start = [LONG_AGO, LONG_AGO]
        self._end = [LONG_AGO, LONG_AGO]
        self._lull = [0, 0]  # silence of both before each side's latest spurt
        self._claim: list[_Claim | None] = [None, None]  # latest spurt of each side
        self._open_claims: deque[_Claim] = deque()  # in order of start
        self._alone_before = [0, 0]  # ticks alone since the other last spoke, before the present run
        self._bout: list[tuple[int, Tally]] = [(0, NOTHING), (0, NOTHING)]
        self._run_side: int | None = None  # who is alone now
        self._run_start = 0
        self._holder: int | None = None
        self._turn_open = False
        self._turn_start = 0
        self._turn_end = 0  # of the latest turn that is over
        self.due = NEVER

    # --- the present state ---------------------------------------------------------------------------------------

    @property
    def holder(self) -> Side | None:
        """Return who holds the floor, as far as is known; a spurt that may be a backchannel has not taken it."""
        return None if self._holder is None else Side(self._holder)

    @property
    def turn_start(self) -> int | None:
        """Return the tick at which the holder's latest turn began; None where nobody holds the floor."""
        return None if self._holder is None else self._turn_start

    @property
    def silent_since(self) -> int | None:
        """Return the tick since which neither side speaks; None while one does, and in a hold."""
        if self._held or self._on[0] or self._on[1]:
            return None
        return max(self._from, self._end[0], self._end[1])

    @property
    def owed_by(self) -> Side | None:
        """Return whose reply is owed in the present silence: the holder's opposite, if the holder spoke last.

        None while someone speaks, and where it is not clear: at the start of the call and after a hold, after something
        short that did not take the floor, while it may be a backchannel, and where both stopped at once.
        """
        if self._held or self._on[0] or self._on[1] or self._holder is None:
            return None
        for claim in self._open_claims:
            if claim.taken_at is not None:
                return None  # the floor may have changed hands
        other = 1 - self._holder
        return Side(other) if self._end[self._holder] > self._end[other] else None

    def unsettled(self, number: int) -> bool:
        """Return whether it is undecided who held the floor at a past tick, or what a spurt begun by then was."""
        for claim in self._open_claims:
            if claim.start <= number and (claim.possible or (claim.taken_at is not None and claim.taken_at <= number)):
                return True
        return False

    # --- stepping ------------------------------------------------------------------------------------------------

    def step(self, tick: Tick, fresh: Sequence[Event]) -> tuple[()]:
        """Take a tick and put what is now decided into `facts`."""
        self.still = (
            tick.speaking == self._on and tick.number < self.due and not tick.held and not self._held
        )  # mostly another tracker was due
        if self.still:
            self._latest = tick
            self.facts = ()
        else:
            self.facts = self._decide(tick)
        return ()

    def close(self, at: int) -> tuple[()]:
        """Put what is still open at the end of the call, at sample `at`, into `facts`."""
        facts: list[FloorFact] = []
        if not self._held and self._latest is not None:
            sums = Tally.of(self._latest, 0), Tally.of(self._latest, 1)
            self._settle(-(-at // self._tick_length), facts, sums)
        self.due = NEVER
        self.facts = facts
        return ()

    def _decide(self, tick: Tick) -> Sequence[FloorFact]:
        number = tick.number
        facts: list[FloorFact] = []
        if tick.held:
            if not self._held:
                self._held = True
                self._settle(number, facts, (Tally.before(tick, 0), Tally.before(tick, 1)))
            self._forget(number + 1)
            return facts
        if self._held:
            self._held = False
            self._forget(number)
            self._tallies = [Tally.before(tick, 0), Tally.before(tick, 1)]  # nothing of the hold counts
        self._latest = tick
        if tick.speaking != self._on:
            self._change(tick)
        self._count(number)
        self._resolve(number, facts)
        self._watch_pause(number, facts)
        self.due = self._next(number)
        return facts

    def _change(self, tick: Tick) -> None:
        number, was, now = tick.number, self._on, tick.speaking
        self._on = now
        if self._run_side is not None:
            self._alone_before[self._run_side] += number - self._run_start
            self._run_side = None
        for side in (0, 1):
            if was[side] and not now[side]:
                self._stop(side, number, Tally.of(tick, side))
        someone_goes_on = (was[0] and now[0]) or (was[1] and now[1])
        lull = 0 if someone_goes_on else number - max(self._end)
        for side in (0, 1):
            if now[side] and not was[side]:
                self._begin(side, number, lull, other_was_on=was[1 - side] and now[1 - side])
        if now[0] != now[1]:
            side = 0 if now[0] else 1
            claim = self._claim[side]
            assert claim is not None
            self._run_side = side
            self._run_start = number
            if not self._alone_before[side]:
                self._bout[side] = (claim.start, claim.before)

    def _stop(self, side: int, number: int, after: Tally) -> None:
        claim = self._claim[side]
        assert claim is not None
        claim.end = self._end[side] = number
        claim.after = self._tallies[side] = after
        claim.went_on = self._on[1 - side]

    def _begin(self, side: int, number: int, lull: int, *, other_was_on: bool) -> None:
        other = 1 - side
        quiet = number - self._end[side]
        if quiet >= self._long_pause:
            self._alone_before[side] = 0
        self._alone_before[other] = 0
        for past in self._open_claims:
            if past.side == other and past.resumed_at is None:
                past.resumed_at = number
        earlier = self._claim[side]
        claim = _Claim(side, number, quiet, self._tallies[side])
        if quiet >= self._silence or (earlier is not None and earlier.possible):
            if other_was_on:
                claim.near = True
                together = number - self._start[other] <= self._together and self._lull[other] >= self._lull_needed
                claim.possible = not together
            elif not self._on[other]:
                pause = number - self._end[other]
                claim.near = pause <= self._after
                claim.possible = pause < self._long_pause
        if earlier is not None and earlier.possible and quiet < self._silence:
            claim.row = earlier.row
            claim.row.append(claim)
            if not claim.possible:
                self._dismiss(claim)
        self._claim[side] = claim
        self._open_claims.append(claim)
        self._start[side] = number
        self._lull[side] = lull

    def _dismiss(self, claim: _Claim) -> None:
        """Note that neither a spurt nor any in a row with it is a backchannel."""
        for each in claim.row:
            each.possible = False

    def _count(self, number: int) -> None:
        """Note the tick at which a side that is alone has been so for long enough."""
        side = self._run_side
        if side is None:
            return
        claim = self._claim[side]
        assert claim is not None
        reached = max(self._run_start, self._run_start + self._alone - self._alone_before[side] - 1)
        if claim.taken_at is None and number >= reached:
            claim.taken_at = reached
            claim.bout_start, claim.bout_before = self._bout[side]
            claim.other_end = self._end[1 - side]
            claim.other_after = self._tallies[1 - side]

    def _resolve(self, number: int, facts: list[FloorFact], *, final: bool = False) -> None:
        """Decide claims from the oldest on, as far as can be."""
        claims = self._open_claims
        while claims:
            claim = claims[0]
            if claim.possible:
                verdict = self._verdict(claim, number, final=final)
                if verdict is None:
                    return
                if verdict:
                    assert claim.end is not None
                    spoken = claim.after - claim.before
                    facts.append(BackchannelFound(Side(claim.side), claim.start, claim.end, spoken))
                    claim.possible = False
                    claims.popleft()
                    continue
                self._dismiss(claim)
            if claim.side == self._holder:
                self._go_on(claim, facts)
            elif claim.taken_at is not None:
                self._take(claim, facts)
            elif claim.end is None:
                return
            claims.popleft()

    def _verdict(self, claim: _Claim, number: int, *, final: bool) -> bool | None:
        """Return whether the oldest open claim is a backchannel; None while that cannot be known."""
        other = 1 - claim.side
        if self._holder != other or not self._turn_open or self._turn_start > claim.start:
            return False
        row = claim.row
        is_known = final or self._fell_silent(row, number)
        for each in row:
            if not each.near and each.taken_at is not None:
                return False
            end = number if each.end is None else each.end
            if end - each.start > self._longest or end - row[0].start > self._longest_row:
                return False
            if each.end is None:
                if final or number + 1 - each.start > self._longest or number + 1 - row[0].start > self._longest_row:
                    return False
            elif not each.went_on and (each.resumed_at is None or each.resumed_at > each.end + self._resume):
                if final or number >= each.end + self._resume:
                    return False
                is_known = False
        return True if is_known else None

    def _fell_silent(self, row: list[_Claim], number: int) -> bool:
        """Return whether the own silence after the last of a row has lasted long enough."""
        end = row[-1].end
        return end is not None and number >= end + self._silence - 1

    def _go_on(self, claim: _Claim, facts: list[FloorFact]) -> None:
        """Handle a spurt of the side that holds the floor."""
        side = Side(claim.side)
        if self._turn_open and claim.quiet < self._long_pause:
            return
        if self._turn_open:
            self._end_turn(claim.start - claim.quiet, claim.before, facts)
        self._turn_open = True
        self._turn_start = claim.start
        facts.append(TurnBegun(side, claim.start, claim.start, None, claim.before))

    def _take(self, claim: _Claim, facts: list[FloorFact]) -> None:
        """Give the floor to the side of a claim."""
        assert claim.taken_at is not None
        if self._turn_open:
            self._end_turn(claim.other_end, claim.other_after, facts)
        reply_to = None if self._holder is None else self._turn_end
        self._holder = claim.side
        self._turn_open = True
        self._turn_start = claim.bout_start
        facts.append(TurnBegun(Side(claim.side), claim.bout_start, claim.taken_at, reply_to, claim.bout_before))

    def _end_turn(self, end: int, after: Tally, facts: list[FloorFact]) -> None:
        assert self._holder is not None
        self._turn_open = False
        self._turn_end = end
        facts.append(TurnOver(Side(self._holder), self._turn_start, end, after))

    def _watch_pause(self, number: int, facts: list[FloorFact]) -> None:
        """End the turn after a long own pause."""
        if not self._turn_open or self._holder is None or self._on[self._holder]:
            return
        if number < self._end[self._holder] + self._long_pause - 1:
            return
        for claim in self._open_claims:
            if claim.possible or claim.taken_at is not None:
                return  # it may have ended earlier, by a change of the floor
        self._end_turn(self._end[self._holder], self._tallies[self._holder], facts)

    def _settle(self, number: int, facts: list[FloorFact], sums: tuple[Tally, Tally]) -> None:
        """Decide all that is open, as nothing counts from tick `number` on; `sums` are those before it."""
        on = self._on
        self._on = (False, False)
        for side in (0, 1):
            claim = self._claim[side]
            if on[side] and claim is not None:
                self._dismiss(claim)
                self._stop(side, number, sums[side])
        self._run_side = None
        self._resolve(number, facts, final=True)
        if self._turn_open and self._holder is not None:
            self._end_turn(self._end[self._holder], self._tallies[self._holder], facts)

    def _next(self, number: int) -> int:
        """Return the next tick at which a deadline is reached."""
        due = NEVER
        side = self._run_side
        if side is not None:
            claim = self._claim[side]
            assert claim is not None
            if claim.taken_at is None:
                due = self._run_start + self._alone - self._alone_before[side] - 1
        if self._open_claims:
            claim = self._open_claims[0]
            if claim.possible:
                due = min(due, *(deadline for deadline in self._deadlines(claim.row) if deadline > number), NEVER)
        if self._turn_open and self._holder is not None and not self._on[self._holder]:
            deadline = self._end[self._holder] + self._long_pause - 1
            if deadline > number:
                due = min(due, deadline)
        return due

    def _deadlines(self, row: list[_Claim]) -> Iterator[int]:
        """Yield the ticks at which a row of spurts that may be backchannels is judged again."""
        for each in row:
            if each.end is None:
                yield each.start + self._longest
                yield row[0].start + self._longest_row
            else:
                yield each.end + self._resume
        if row[-1].end is not None:
            yield row[-1].end + self._silence - 1
