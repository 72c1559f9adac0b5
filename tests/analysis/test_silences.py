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
    found = [(event.start, event.end, event.owed_by) for event in said if isinstance(event, Silence)]
    return [(letters(start), letters(end), owed_by) for start, end, owed_by in sorted(found, key=lambda row: row[0])]


def test_the_agent_owes_what_follows_the_customers_turn_and_the_other_way_round() -> None:
    said = silences("...............AAAAAAAAAA.......", "CCCCCCCCCC...................CCC")
    assert [(10, 15, AGENT), (25, 29, CUSTOMER)] == said


def test_a_pause_in_a_turn_is_a_silence_that_nobody_owes() -> None:
    assert [(10, 13, None)] == silences("AAAAAAAAAA...AAA")


def test_a_sign_of_listening_in_a_pause_makes_nobody_a_debtor() -> None:
    said = silences("AAAAAAAAAA.......AAAAAAAAAAAA", ".............CCC.............")
    assert [(10, 13, None), (16, 17, None)] == said


def test_a_long_pause_before_speaking_on_was_owed_by_the_other() -> None:
    """After 3 s the turn was over."""
    assert [(10, 41, CUSTOMER)] == silences("A" * 10 + "." * 31 + "A" * 5)


def test_a_short_sound_of_the_others_that_takes_no_floor_leaves_the_silence_before_it_to_the_turn() -> None:
    said = silences("A" * 10 + "." * 22 + "A" * 10, "." * 26 + "CCC" + "." * 13)
    assert [(10, 26, None), (29, 32, None)] == said


def test_nothing_is_owed_at_the_start_of_the_call() -> None:
    assert [(0, 20, None)] == silences("....................AAA")


def test_nothing_is_clearly_owed_after_a_short_answer() -> None:
    said = silences("AAAAAAAAAA..............................", "............CCC.........................")
    assert [(10, 12, CUSTOMER), (15, 40, None)] == said


def test_a_silence_is_said_when_it_is_known_whose_it_was() -> None:
    """A pause when its side speaks on; one that a reply ended when the reply has taken the floor."""
    (pause,) = track(silence_trackers(), agent="AAAAAAAAAA.....AAAA")
    assert 15.1 == letters(pause.decided_at)
    (owed,) = track(silence_trackers(), agent="AAAAAAAAAA............", customer=".............CCCCCCCCC")
    assert (13, 18, CUSTOMER) == (letters(owed.end), letters(owed.decided_at), owed.owed_by)
    (long, _) = track(silence_trackers(), agent="A" * 10 + "." * 31 + "A" * 5 + ".")
    assert 41.1 == letters(long.decided_at)


def test_the_call_ends_its_last_silence() -> None:
    (silence,) = track(silence_trackers(), agent="AAAAAAAAAA.....")
    assert (10, 15, 15) == (letters(silence.start), letters(silence.end), letters(silence.decided_at))


def test_a_hold_ends_a_silence_and_another_begins_behind_it() -> None:
    assert [(10, 14, CUSTOMER), (24, 30, None)] == silences("AAAAAAAAAA....HHHHHHHHHH......")


def test_a_call_without_speech_is_one_silence() -> None:
    assert [(0, 30, None)] == silences("." * 30)
    assert [] == silences("")
