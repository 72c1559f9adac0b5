"""The present silence and whose reply is owed in it; a letter is 100 ms."""

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.pacing_rules.silence_watch import SilenceWatch
from cxaudio.model.events import Side
from support.drawings import CLOCK, OVERLAPS, TURNS, ticks


def after(agent: str, customer: str, *, min_turn: int = 100) -> SilenceWatch:
    return over_at(agent, customer, min_turn=min_turn)[0]


def over_at(agent: str, customer: str, *, min_turn: int = 100) -> tuple[SilenceWatch, list[tuple[int, int]]]:
    """The watch after a drawing, and each silence's end with the tick at which it was found to be over."""
    floor = Floor(TURNS, OVERLAPS, timebase=CLOCK)
    watch = SilenceWatch(min_turn)
    over = []
    for tick in ticks(agent, customer):
        floor.step(tick, ())
        watch.step(tick, floor)
        if watch.over is not None:
            over.append((watch.over, tick.number))
    return watch, over


def test_no_silence_is_counted_before_anyone_has_spoken() -> None:
    watch = after("..........", "")
    assert (None, True, None) == (watch.since, watch.quiet, watch.owed_by)


def test_the_agent_owes_a_reply_after_a_turn_that_is_long_enough() -> None:
    watch = after("", "CCCCCCCCCC.....")
    assert (100, True, Side.AGENT, 100, True) == (
        watch.since,
        watch.quiet,
        watch.owed_by,
        watch.turn_length,
        watch.agent_owes,
    )
    assert not after("", "CCCCCCCCCC.....", min_turn=101).agent_owes


def test_the_customer_owes_what_follows_the_agents_turn() -> None:
    watch = after("AAAAAAAAAA.....", "")
    assert (Side.CUSTOMER, False) == (watch.owed_by, watch.agent_owes)


def test_a_click_does_not_break_a_silence() -> None:
    watch = after("...............A...", "CCCCCCCCCC")
    assert (100, True) == (watch.since, watch.agent_owes)


def test_a_reply_ends_the_silence_where_it_began() -> None:
    watch, over = over_at("...............AAAAAAAA", "CCCCCCCCCC")
    assert [(150, 200)] == over
    assert (None, None, False, 0) == (watch.since, watch.owed_by, watch.agent_owes, watch.turn_length)


def test_a_customer_who_asks_again_shortly_is_still_owed_a_reply() -> None:
    watch = after("", "CCCCCCCCCC....................CC.....")
    assert (320, Side.AGENT, True) == (watch.since, watch.owed_by, watch.agent_owes)


def test_a_hold_ends_the_silence_and_the_next_begins_behind_it() -> None:
    watch, over = over_at("", "CCCCCCCCCC.....HHHHH....")
    assert [(150, 150)] == over
    assert (200, None, False) == (watch.since, watch.owed_by, watch.agent_owes)
