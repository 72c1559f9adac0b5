"""Silences of both sides, by drawings: a letter is 100 ms."""

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.silences import SilenceTracker
from cxaudio.analysis.tick import Tracker
from cxaudio.model.events import Side, Silence
from support.drawings import CLOCK, OVERLAPS, TURNS, letters, track

AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER


def silence_trackers() -> list[Tracker]:
    floor = Floor(TURNS, OVERLAPS, timebase=CLOCK)
    return [floor, SilenceTracker(floor, timebase=CLOCK)]


def silences(agent: str, customer: str = "") -> list[tuple[float | None, float | None, Side | None]]:
    said = track(silence_trackers(), agent=agent, customer=customer)
    return [(letters(event.start), letters(event.end), event.owed_by) for event in said if isinstance(event, Silence)]


def test_the_agent_owes_what_follows_the_customers_turn_and_the_other_way_round() -> None:
    said = silences("...............AAAAAAAAAA.......", "CCCCCCCCCC...................CCC")
    assert [(10, 15, AGENT), (25, 29, CUSTOMER)] == said


def test_a_pause_in_a_turn_is_a_silence_too() -> None:
    """Unfiltered: the other might have spoken in it."""
    assert [(10, 13, CUSTOMER)] == silences("AAAAAAAAAA...AAA")


def test_nothing_is_owed_at_the_start_of_the_call() -> None:
    assert [(0, 20, None)] == silences("....................AAA")


def test_nothing_is_clearly_owed_after_a_short_answer() -> None:
    said = silences("AAAAAAAAAA..............................", "............CCC.........................")
    assert [(10, 12, CUSTOMER), (15, 40, None)] == said


def test_a_silence_is_said_when_it_ends() -> None:
    (silence,) = track(silence_trackers(), agent="AAAAAAAAAA.....AAAA")
    assert 15.1 == letters(silence.decided_at)


def test_the_call_ends_its_last_silence() -> None:
    (silence,) = track(silence_trackers(), agent="AAAAAAAAAA.....")
    assert (10, 15, 15) == (letters(silence.start), letters(silence.end), letters(silence.decided_at))


def test_a_hold_ends_a_silence_and_another_begins_behind_it() -> None:
    assert [(10, 14, CUSTOMER), (24, 30, None)] == silences("AAAAAAAAAA....HHHHHHHHHH......")


def test_a_call_without_speech_is_one_silence() -> None:
    assert [(0, 30, None)] == silences("." * 30)
    assert [] == silences("")
