"""What must hold of turns, overlaps, silences and spurts together, whatever is said: on random talk."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from hypothesis import HealthCheck, given, settings

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.overlaps import OverlapTracker
from cxaudio.analysis.silences import SilenceTracker
from cxaudio.analysis.spurts import SpurtTracker
from cxaudio.analysis.tick import Tracker
from cxaudio.analysis.turns import TurnTracker
from cxaudio.model.events import Backchannel, Event, Overlap, OverlapKind, Response, Side, Silence, Spurt, Turn
from support.drawings import CLOCK, OVERLAPS, TURNS, step_through, ticks
from support.random_drawings import drawings

Drawing = tuple[str, str]
examples = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def chain() -> list[Tracker]:
    floor = Floor(TURNS, OVERLAPS, timebase=CLOCK)
    return [
        SpurtTracker(timebase=CLOCK),
        floor,
        TurnTracker(floor, timebase=CLOCK),
        OverlapTracker(floor, TURNS, OVERLAPS, timebase=CLOCK),
        SilenceTracker(floor, timebase=CLOCK),
    ]


def heard(lines: Drawing) -> list[Event]:
    return step_through(chain(), ticks(*lines, letter_ticks=1))


def reach(event: Event) -> range:
    """The ticks of an event."""
    assert event.end is not None
    return range(event.start // CLOCK.tick_length, event.end // CLOCK.tick_length)


def cover(events: Iterable[Event]) -> Counter[int]:
    """How many of the events hold each tick."""
    return Counter(k for event in events for k in reach(event))


def both(lines: Drawing, k: int) -> bool:
    return lines[0][k] == "A" and lines[1][k] == "C"


def spoken(lines: Drawing, side: Side, span: range) -> int:
    """In how many ticks of a span a side speaks."""
    return sum(lines[side][k] not in ".H" for k in span if k < len(lines[side]))


@examples
@given(lines=drawings())
def test_being_stepped_at_every_tick_gives_the_same_events(lines: Drawing) -> None:
    row = ticks(*lines, letter_ticks=1)
    trackers = chain()
    said = step_through(trackers, row)
    assert said == step_through(chain(), row, every_tick=True)
    for tracker in trackers:
        tracker.reset()
    assert said == step_through(trackers, row)


@examples
@given(lines=drawings())
def test_events_leave_in_the_order_in_which_they_could_be_known(lines: Drawing) -> None:
    """And none is known before it has happened."""
    said = heard(lines)
    assert [event.decided_at for event in said] == sorted(event.decided_at for event in said)
    end = len(lines[0]) * CLOCK.tick_length
    for event in said:
        assert event.end is not None
        assert max(event.start, event.end) <= event.decided_at <= end
        assert event.start <= event.end or isinstance(event, Response)


@examples
@given(lines=drawings())
def test_what_has_been_said_depends_on_nothing_that_comes_later(lines: Drawing) -> None:
    """A call that breaks off has said the same up to then."""
    row = ticks(*lines, letter_ticks=1)
    said = step_through(chain(), row)
    cut = row[: len(row) * 2 // 3]
    if cut:
        until = cut[-1].at
        trackers = chain()
        before = [event for tick in cut for tracker in trackers for event in tracker.step(tick, ())]
        at_once = [event for event in said if event.decided_at <= until and event.decided_at < row[-1].at]
        assert sorted(map(repr, at_once)) == sorted(map(repr, before))


@examples
@given(lines=drawings())
def test_every_tick_of_the_call_is_speech_or_hold_or_one_silence(lines: Drawing) -> None:
    said = heard(lines)
    quiet = cover(event for event in said if isinstance(event, Silence))
    speech = [cover(event for event in said if isinstance(event, Spurt) and event.side is side) for side in Side]
    for k, pair in enumerate(zip(*lines, strict=True)):
        assert (1 if pair == (".", ".") else 0) == quiet[k]
        for side in Side:
            assert (1 if pair[side] in "AC" and "H" not in pair else 0) == speech[side][k]


@examples
@given(lines=drawings())
def test_every_tick_of_overlap_lies_in_exactly_one_event(lines: Drawing) -> None:
    overlapped = cover(event for event in heard(lines) if isinstance(event, Overlap))
    assert {1} >= {overlapped[k] for k in range(len(lines[0])) if both(lines, k)}


@examples
@given(lines=drawings())
def test_turns_of_one_side_follow_one_another_and_begin_and_end_with_spurts(lines: Drawing) -> None:
    said = heard(lines)
    spurts = [event for event in said if isinstance(event, Spurt)]
    for side in Side:
        turns = [event for event in said if isinstance(event, Turn) and event.side is side]
        starts = {event.start for event in spurts if event.side is side}
        ends = {event.end for event in spurts if event.side is side}
        for earlier, later in pairwise(turns):
            assert earlier.end is not None
            assert earlier.end < later.start
        for turn in turns:
            assert turn.start in starts
            assert turn.end in ends
            held_before = "H" in (lines[0] + lines[1])
            if not held_before:  # the tick on which a hold ends is lost
                assert spoken(lines, side, reach(turn)) * CLOCK.tick_length == turn.speech


@examples
@given(lines=drawings())
def test_a_silence_is_owed_after_a_turn_and_never_inside_one(lines: Drawing) -> None:
    said = heard(lines)
    turns = [event for event in said if isinstance(event, Turn)]
    for silence in said:
        if isinstance(silence, Silence) and silence.owed_by is not None:
            holders = [turn for turn in turns if turn.side is silence.owed_by.other]
            assert any(turn.end == silence.start for turn in holders)
            assert not any(turn.start <= silence.start < turn.end for turn in holders)


@examples
@given(lines=drawings(holds=False))
def test_there_is_a_response_wherever_the_floor_changes_hands(lines: Drawing) -> None:
    """From the end of the other's last turn to the start of the new one."""
    said = heard(lines)
    turns = [event for event in said if isinstance(event, Turn)]
    responses = [event for event in said if isinstance(event, Response)]
    changes = [(a, b) for a, b in pairwise(turns) if a.side is not b.side]
    assert [(a.end, b.start, b.side) for a, b in changes] == [(r.start, r.end, r.side) for r in responses]
    assert all(r.end is not None and r.response_time == r.end - r.start for r in responses)


@examples
@given(lines=drawings(holds=False))
def test_every_backchannel_is_one_by_its_definition(lines: Drawing) -> None:
    """Alone or in a row of short ones, before and after which is a second of own silence."""
    said = heard(lines)
    found = [event for event in said if isinstance(event, Backchannel)]
    for event in found:
        row = [reach(event)]
        for near in found:
            if near.side is event.side and -100 < reach(near).start - row[-1].stop < 100 and near is not event:
                row.append(reach(near))
        assert max(each.stop for each in row) - min(each.start for each in row) <= 200
        span, other = reach(event), event.side.other
        assert 1 <= len(span) <= 100
        alone = spoken(lines, event.side, range(max(0, span.start - 100), span.stop + 100))
        in_row = sum(
            spoken(lines, event.side, range(max(each.start, span.start - 100), min(each.stop, span.stop + 100)))
            for each in row
        )
        assert alone == in_row
        turns = [reach(turn) for turn in said if isinstance(turn, Turn) and turn.side is other]
        assert any(turn.start <= span.start < turn.stop + 20 for turn in turns)
        assert spoken(lines, other, range(span.stop, span.stop + 101)) or spoken(lines, other, span)
        assert not any(
            set(span) & set(reach(turn)) for turn in said if isinstance(turn, Turn) and turn.side is event.side
        )


@examples
@given(lines=drawings(holds=False))
def test_every_interruption_is_one_by_its_definition(lines: Drawing) -> None:
    """Of those that count: who stopped first, how long both spoke, and who spoke on."""
    for event in heard(lines):
        if not isinstance(event, Overlap):
            continue
        span = reach(event)
        n_both = sum(both(lines, k) for k in span)
        after = range(span.stop, span.stop + 100)
        match event.kind:
            case OverlapKind.INTERRUPTION:
                assert n_both > 50
                assert (event.yielded, event.floor_taken) == (event.holder, True)
                alone = [k for k in after if k < len(lines[0]) and not both(lines, k) and lines[event.holder][k] == "."]
                assert sum(lines[event.entrant][k] != "." for k in alone) >= 50
            case OverlapKind.BUTT_IN:
                assert n_both > 50
                assert (event.yielded, event.floor_taken) == (event.entrant, False)
                assert event.yield_delay is not None
                assert event.yield_delay > 100 * CLOCK.tick_length
            case OverlapKind.EARLY_REPLY:
                assert event.yielded is not event.entrant or len(span) <= 100
            case OverlapKind.BACKCHANNEL:
                assert not event.floor_taken
            case OverlapKind.PAUSE_CUT_IN | OverlapKind.SIMULTANEOUS_START:
                assert not event.is_interruption


@examples
@given(lines=drawings())
def test_each_backchannel_has_one_row_among_the_overlaps_and_each_such_row_is_one(lines: Drawing) -> None:
    """So that there is one count of them; no other row lies on one."""
    said = heard(lines)
    found = [event for event in said if isinstance(event, Backchannel)]
    rows = [event for event in said if isinstance(event, Overlap)]
    for event in found:
        upon = [row for row in rows if set(reach(row)) & set(reach(event))]
        assert [(OverlapKind.BACKCHANNEL, event.side)] == [(row.kind, row.entrant) for row in upon]
    assert len(found) == sum(row.kind is OverlapKind.BACKCHANNEL for row in rows)


@examples
@given(lines=drawings())
def test_how_long_both_spoke_in_the_overlaps_is_how_long_both_spoke(lines: Drawing) -> None:
    rows = [event for event in heard(lines) if isinstance(event, Overlap)]
    n_both = sum(both(lines, k) for k in range(len(lines[0])))
    assert sum(row.overlap_length or 0 for row in rows) == n_both * CLOCK.tick_length
    starts = {row.start for row in rows}
    for row in rows:
        assert row.episode_start in starts
        assert row.episode_start <= row.start


def test_the_two_sides_are_judged_alike() -> None:
    """A drawing and its mirror image give mirrored events."""
    lines = ("AAAAAAAAAAAAAAAAAA......AAA...AAAAAAAAAAAAAAAAAA", "..........CCCCCCCCCCCCCCCCCCCCCCCC..CC..CCCCC....")

    def facts(said: list[Event], *, mirrored: bool) -> list[tuple[object, ...]]:
        sides = [getattr(event, "side", getattr(event, "entrant", None)) for event in said]
        if mirrored:
            sides = [None if side is None else side.other for side in sides]
        kinds = [(event.type, getattr(event, "kind", None), event.start, event.decided_at) for event in said]
        return sorted(zip(kinds, sides, strict=True), key=repr)

    said, mirrored = step_through(chain(), ticks(*lines)), step_through(chain(), ticks(lines[1], lines[0]))
    assert any(isinstance(event, Overlap) for event in said)
    assert facts(said, mirrored=False) == facts(mirrored, mirrored=True)
