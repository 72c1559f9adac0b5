"""Who holds the floor now and who owes a reply, by drawings: a letter is 100 ms."""

import pytest

from cxaudio.analysis.floor import Floor, FloorFact, TurnOver
from cxaudio.model.events import Side
from support.drawings import CLOCK, LETTER_TICKS, OVERLAPS, TURNS, ticks

AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER


def floor_after(agent: str, customer: str = "") -> Floor:
    """The floor as it is known at the end of a drawing."""
    floor = Floor(TURNS, OVERLAPS, timebase=CLOCK)
    for tick in ticks(agent, customer):
        floor.step(tick, ())
    return floor


def test_nobody_holds_the_floor_before_someone_was_alone_for_half_a_second() -> None:
    assert floor_after("..AAAA").holder is None
    assert AGENT is floor_after("..AAAAA").holder


def test_the_floor_stays_with_whoever_had_it_through_silence() -> None:
    floor = floor_after("AAAAAAAAAA" + "." * 60)
    assert AGENT is floor.holder
    assert 0 == floor.turn_start


def test_a_spurt_that_may_be_a_backchannel_has_not_taken_the_floor_yet() -> None:
    assert AGENT is floor_after("AAAAAAAAAA........", "...........CCCCCCC").holder
    assert CUSTOMER is floor_after("AAAAAAAAAA............", "...........CCCCCCCCCCC").holder


@pytest.mark.parametrize(
    ("agent", "customer", "owed_by", "because"),
    [
        ("....................", "", None, "nobody has spoken"),
        ("AAAAAAAAAA..........", "", CUSTOMER, "the agent had the floor and spoke last"),
        ("AAAAAAAAAA..........", "...............CCCCC", None, "someone speaks"),
        ("AAAAAAAAAA..................", "...............CCCCCC.......", AGENT, "the customer replied"),
        ("AAAAAAAAAA..................", "...............CCC..........", None, "a short answer took no floor"),
        ("AAAAAAAAAA..............", "...........CCCCCCC......", None, "it may yet have been a backchannel"),
        ("AAAAAAAAAA..............................", "...........CCCCCCC......", AGENT, "it was none"),
        ("AAAAAAAAAA.....", "......CCCC.....", None, "both stopped at once"),
        ("AAAAAAAAAAAA...", "......CCCC.....", CUSTOMER, "the agent outlasted a backchannel"),
        ("AAAAAAAAAAHHHHHHHHH..........", "", None, "a hold lay between"),
        ("AAAAAAAAAAHHHHHHHHH", "", None, "it is a hold"),
    ],
)
def test_a_reply_is_owed_where_that_is_clear(agent: str, customer: str, owed_by: Side | None, because: str) -> None:
    assert owed_by == floor_after(agent, customer).owed_by, because


def test_silence_is_counted_from_the_last_speech_or_hold() -> None:
    assert 0 == floor_after("....").silent_since
    assert 12 * LETTER_TICKS == floor_after("AAAAAAAAAA....", "....CCCCCCCC..").silent_since
    assert floor_after("....AA").silent_since is None
    assert floor_after("HHHH").silent_since is None
    assert 4 * LETTER_TICKS == floor_after("HHHH..").silent_since


def test_the_past_is_open_while_a_backchannel_is_possible() -> None:
    floor = floor_after("AAAAAAAAAA............", "...........CCCCCCC....")
    assert not floor.unsettled(10 * LETTER_TICKS)
    assert floor.unsettled(11 * LETTER_TICKS)
    assert not floor_after("AAAAAAAAAA...................", "...........CCCCCCC...........").unsettled(
        11 * LETTER_TICKS
    )


def facts_at_the_end(agent: str, customer: str = "") -> list[FloorFact]:
    """What the end of the call decides, for a call that ends with the drawing."""
    floor = floor_after(agent, customer)
    floor.close(max(len(agent), len(customer)) * LETTER_TICKS * CLOCK.tick_length)
    return list(floor.facts)


@pytest.mark.parametrize("side", Side)
def test_a_turn_that_goes_on_when_the_call_ends_ends_with_it(side: Side) -> None:
    drawings = [""] * 2
    drawings[side] = "..AAAAAAAA"
    (over,) = facts_at_the_end(*drawings)
    assert isinstance(over, TurnOver)
    assert (side, 20, 100, 80) == (over.side, over.start, over.end, over.after.speech)


def test_a_turn_that_a_long_pause_has_ended_does_not_end_again_with_the_call() -> None:
    assert [] == facts_at_the_end("AAAAAAAAAA" + "." * 40)
    (over,) = facts_at_the_end("AAAAAAAAAA" + "." * 20)
    assert (0, 100) == (over.start, over.end)
