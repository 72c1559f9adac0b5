"""The six kinds of overlap and their labels, by drawings: a letter is 100 ms."""

from dataclasses import replace

import pytest

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.overlaps import OverlapTracker
from cxaudio.model.events import Overlap, OverlapKind, Side
from cxaudio.model.policy import OverlapSettings
from support.drawings import CLOCK, OVERLAPS, TURNS, letters, track

AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER
BACKCHANNEL, EARLY_REPLY, SIMULTANEOUS_START, INTERRUPTION, BUTT_IN, PAUSE_CUT_IN = OverlapKind


def overlaps(agent: str, customer: str, settings: OverlapSettings = OVERLAPS) -> list[Overlap]:
    floor = Floor(TURNS, settings, timebase=CLOCK)
    said = track([floor, OverlapTracker(floor, TURNS, settings, timebase=CLOCK)], agent=agent, customer=customer)
    return [event for event in said if isinstance(event, Overlap)]


def kinds(agent: str, customer: str) -> list[tuple[OverlapKind, Side]]:
    """Kind and entrant of each."""
    return [(event.kind, event.entrant) for event in overlaps(agent, customer)]


def span(event: Overlap) -> tuple[float | None, float | None]:
    return letters(event.start), letters(event.end)


# --- the six kinds ---------------------------------------------------------------------------------------------------


def test_a_short_yes_is_a_backchannel() -> None:
    (event,) = overlaps("AAAAAAAAAAAAAAAAAAAAAAAAAAA", "............CCC............")
    assert (BACKCHANNEL, AGENT, CUSTOMER) == (event.kind, event.holder, event.entrant)
    assert (12, 15) == span(event)
    assert 25 == letters(event.decided_at)
    assert not event.floor_taken
    assert not event.is_interruption


def test_a_reply_upon_the_last_word_is_an_early_reply() -> None:
    (event,) = overlaps("AAAAAAAAAAAAAAA..................", "..........CCCCCCCCCCCCCCCCCCCCCCC")
    assert (EARLY_REPLY, AGENT, CUSTOMER) == (event.kind, event.holder, event.entrant)
    assert (10, 15) == span(event)  # exactly 0.5 s
    assert event.floor_taken
    assert (AGENT, 5) == (event.yielded, letters(event.yield_delay))
    assert 25 == letters(event.decided_at)


def test_two_who_begin_together_after_silence_collide() -> None:
    (event,) = overlaps("..........AAAAAAAAAAAAAAAAAAAAAA..........", "............CCCCCCCCCCCCCCCCCCCCCCCCCCCCCC")
    assert (SIMULTANEOUS_START, AGENT, CUSTOMER) == (event.kind, event.holder, event.entrant)
    assert event.floor_taken
    assert not event.is_interruption


def test_who_talks_the_other_down_interrupts() -> None:
    (event,) = overlaps("AAAAAAAAAAAAAAAAAA...............", "..........CCCCCCCCCCCCCCCCCCCCCCC")
    assert (INTERRUPTION, AGENT, CUSTOMER) == (event.kind, event.holder, event.entrant)
    assert (10, 18) == span(event)
    assert event.floor_taken
    assert event.is_interruption
    assert (AGENT, 8, None) == (event.yielded, letters(event.yield_delay), event.resumed_after)
    assert 28 == letters(event.decided_at)  # kept for 1.0 s


def test_who_comes_in_long_and_gives_way_butts_in() -> None:
    (event,) = overlaps("..........AAAAAAAAAAA...............", "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC")
    assert (BUTT_IN, CUSTOMER, AGENT) == (event.kind, event.holder, event.entrant)
    assert not event.floor_taken
    assert event.is_interruption
    assert (AGENT, 11) == (event.yielded, letters(event.yield_delay))
    assert 21.1 == letters(event.decided_at)  # too long for a backchannel: known when it stops


def test_who_begins_in_the_others_pause_cuts_in() -> None:
    (event,) = overlaps("AAAAAAAAAA........AAAAAAAAAAAA", "..............CCCCCCCCCCCC....")
    assert (PAUSE_CUT_IN, AGENT, CUSTOMER) == (event.kind, event.holder, event.entrant)
    assert (14, 26) == span(event)  # from the entrant's start
    assert (CUSTOMER, 12, 4) == (event.yielded, letters(event.yield_delay), letters(event.resumed_after))
    assert not event.floor_taken
    assert not event.is_interruption


# --- where one kind ends and another begins --------------------------------------------------------------------------


@pytest.mark.parametrize(("n_upon", "kind"), [(5, EARLY_REPLY), (6, INTERRUPTION)])
def test_half_a_second_upon_the_holder_is_still_an_early_reply(n_upon: int, kind: OverlapKind) -> None:
    agent = "A" * (10 + n_upon) + "." * 20
    assert [(kind, CUSTOMER)] == kinds(agent, "." * 10 + "C" * 26)


@pytest.mark.parametrize(("n_spurt", "kind"), [(10, BACKCHANNEL), (11, BUTT_IN)])
def test_a_spurt_of_a_second_is_still_no_butt_in(n_spurt: int, kind: OverlapKind) -> None:
    assert [(kind, CUSTOMER)] == kinds("A" * 40, "." * 15 + "C" * n_spurt)


@pytest.mark.parametrize(("n_apart", "kind"), [(2, SIMULTANEOUS_START), (3, SIMULTANEOUS_START), (6, INTERRUPTION)])
def test_who_has_not_yet_the_floor_cannot_be_interrupted(n_apart: int, kind: OverlapKind) -> None:
    """0.3 s after the other's start after silence is late for a collision, but the other held no floor yet."""
    agent = "." * 20 + "A" * 20
    customer = "." * (20 + n_apart) + "C" * 40
    assert [(kind, CUSTOMER)] == kinds(agent, customer)


def test_a_start_after_less_than_half_a_second_of_silence_is_no_collision() -> None:
    """The agent had the floor, pauses for 0.4 s, and the customer comes upon its resumption."""
    assert [(BUTT_IN, CUSTOMER)] == kinds(
        "AAAAAAAAAA....AAAAAAAAAAAAAAAAAAAAAA", "...............CCCCCCCCCCCC........."
    )


def test_two_who_start_on_one_tick_leave_the_floor_with_its_holder() -> None:
    (event,) = overlaps("AAAAAAAAAA........AAAAAAAA....", "..................CCCCCCCCCCCC")
    assert (SIMULTANEOUS_START, AGENT, CUSTOMER) == (event.kind, event.holder, event.entrant)


def test_an_entrant_who_does_not_keep_the_floor_has_not_interrupted() -> None:
    """The holder came back after 0.3 s and carried on: what looked like giving way was a breath."""
    (event,) = overlaps("AAAAAAAAAAAAAAAAAA...AAAAAAAAAAAAAA", "..........CCCCCCCCCCC..............")
    assert EARLY_REPLY is event.kind
    assert not event.floor_taken
    assert (10, 18) == span(event)


def test_a_holder_who_comes_back_after_losing_the_floor_was_interrupted_all_the_same() -> None:
    """And returns half a second after its own last word: no sign of listening, and it gives way."""
    (event, again) = overlaps("AAAAAAAAAAAAAAAAAA......AAA..........", "..........CCCCCCCCCCCCCCCCCCCCCCCCCC")
    assert (INTERRUPTION, CUSTOMER, 6) == (event.kind, event.entrant, letters(event.resumed_after))
    assert (EARLY_REPLY, AGENT, AGENT) == (again.kind, again.entrant, again.yielded)


def test_a_breath_of_the_holders_makes_no_two_overlaps_out_of_one() -> None:
    """Talked down over a breath: one interruption, from the entrant's start to the holder's last stop."""
    (event,) = overlaps("AAAAAAAAAAAAAA...AAAA..............", "..........CCCCCCCCCCCCCCCCCCCCCCCCC")
    assert INTERRUPTION is event.kind
    assert (10, 21) == span(event)
    assert 11 == letters(event.yield_delay)
    assert not event.competitive  # both spoke for 0.8 s only


def test_a_backchannel_over_a_breath_is_one_overlap() -> None:
    (event,) = overlaps("AAAAAAAAAAAAAA..AAAAAAAAAAAAAAAAA", "............CCCCCC...............")
    assert BACKCHANNEL is event.kind
    assert (12, 18) == span(event)


def test_two_short_sounds_in_a_row_are_backchannels() -> None:
    said = kinds("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "..........CCCCCC...CCCCCC..........")
    assert [(BACKCHANNEL, CUSTOMER), (BACKCHANNEL, CUSTOMER)] == said


def test_who_talks_long_and_stops_with_the_holder_has_not_interrupted() -> None:
    """Nobody gave way."""
    (event,) = overlaps("AAAAAAAAAAAAAAAAAAAAAAAAA....", "..........CCCCCCCCCCCCCCC....")
    assert (EARLY_REPLY, None, None) == (event.kind, event.yielded, event.yield_delay)


def test_who_answers_and_is_spoken_upon_again_was_interrupted() -> None:
    """The customer answered at once and had the floor; the agent came back 0.6 s later and talked it down."""
    agent = "AAAAAAAAAA......AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert [(INTERRUPTION, AGENT)] == kinds(agent, "..........CCCCCCCCCCCCCCCCCCCCCC.............")


def test_who_comes_in_after_a_pause_and_is_spoken_upon_has_cut_in() -> None:
    """As above, but 0.4 s into what the agent made a pause of 0.9 s; after 1.1 s it had been answered."""
    agent = "AAAAAAAAAA.........AAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert [(PAUSE_CUT_IN, CUSTOMER)] == kinds(agent, "..............CCCCCCCCCCCCCCCCCC.............")
    agent = "AAAAAAAAAA...........AAAAAAAAAAAAAAAAAAAAAAAA"
    assert [(INTERRUPTION, AGENT)] == kinds(agent, "..............CCCCCCCCCCCCCCCCCC.............")


def test_a_short_answer_spoken_upon_in_its_last_word_gets_an_early_reply() -> None:
    agent = "AAAAAAAAAA..........AAAAAAAAAAAA"
    assert [(EARLY_REPLY, AGENT)] == kinds(agent, "..............CCCCCCCC..........")


def test_a_complete_short_answer_is_no_cut_in() -> None:
    """0.6 s after 0.4 s of silence, and the next question at once: question, answer, question."""
    assert [] == kinds("AAAAAAAAAA..........AAAAAAAAAAAA", "..............CCCCCC............")


def test_a_cut_in_may_be_over_before_the_holder_resumes() -> None:
    """0.2 s into the pause, and too soon after own speech to be a backchannel; then the agent goes on."""
    lines = "A" * 20 + "......AAAAAAAAAAAAAAAAAAAAAA", "........CCCCCCCCCCC...CC........................"
    (earlier, event) = overlaps(*lines)
    assert (BUTT_IN, 8) == (earlier.kind, letters(earlier.start))
    assert (PAUSE_CUT_IN, AGENT, CUSTOMER) == (event.kind, event.holder, event.entrant)
    assert (22, 24) == span(event)
    assert (CUSTOMER, 2, 4) == (event.yielded, letters(event.yield_delay), letters(event.resumed_after))


def test_a_continuer_in_a_pause_is_a_backchannel_and_no_cut_in() -> None:
    """It has a row of its own although nobody spoke upon anybody."""
    (event,) = overlaps("AAAAAAAAAA..........AAAAAAAAAAAAAAAAA", "..............CCC....................")
    assert (BACKCHANNEL, CUSTOMER, AGENT) == (event.kind, event.entrant, event.holder)
    assert (14, 17, 0) == (*span(event), event.overlap_length)
    assert (False, None, None, None) == (event.floor_taken, event.yielded, event.yield_delay, event.resumed_after)


def test_a_backchannel_on_whose_end_the_other_goes_on_has_a_row_too() -> None:
    assert [(BACKCHANNEL, CUSTOMER)] == kinds("A" * 20 + "....." + "A" * 20, "." * 22 + "CCC" + "." * 20)


def test_a_short_word_close_to_own_speech_is_neither_a_backchannel_nor_an_interruption() -> None:
    """A reply that is tried, and tried again half a second later, longer."""
    said = kinds("A" * 40, "." * 10 + "CCC....." + "C" * 12 + "." * 10)
    assert [(EARLY_REPLY, CUSTOMER), (BUTT_IN, CUSTOMER)] == said


def test_how_long_both_spoke_leaves_out_the_holders_breath() -> None:
    (event,) = overlaps("AAAAAAAAAAAAAA...AAAA..............", "..........CCCCCCCCCCCCCCCCCCCCCCCCC")
    assert (11, 8) == (span(event)[1] - span(event)[0], letters(event.overlap_length))


def episodes(agent: str, customer: str) -> list[float | None]:
    return [letters(event.episode_start) for event in overlaps(agent, customer)]


def test_overlaps_with_a_breath_between_them_are_one_episode() -> None:
    """Both draw breath, at different times, and the customer never stops for long; then a second of quiet."""
    customer = "C" * 30 + ".." + "C" * 50
    agent = "." * 10 + "A" * 12 + "..." + "A" * 12 + "." * 10 + "A" * 12 + "." * 20
    assert [10, 10, 47] == episodes(agent, customer)


def test_who_has_taken_the_floor_begins_no_episode_that_goes_on() -> None:
    """The agent takes the floor; the customer's return, and the agent's next entry, are other episodes."""
    agent, customer = "." * 20 + "A" * 40 + "....." + "A" * 15, "C" * 30 + "." * 26 + "C" * 30
    first, *later = episodes(agent, customer)
    assert first == 20
    assert 20 not in later


# --- what is kept of each --------------------------------------------------------------------------------------------


def test_a_long_overlap_is_competitive() -> None:
    (event,) = overlaps("AAAAAAAAAAAAAAAAAAAA..............", "..........CCCCCCCCCCCCCCCCCCCCCCCC")
    assert event.competitive
    (event,) = overlaps("AAAAAAAAAAAAAAAAAAA...............", "..........CCCCCCCCCCCCCCCCCCCCCCCC")
    assert not event.competitive


def test_who_raises_the_voice_competes() -> None:
    """Three spurts at -32 dBov, then one upon the agent at -26."""
    agent = "." * 60 + "AAAAAAAAAAAAAAAAAA" + "." * 20
    usual = "cccccccccc..........cccccccccc..........cccccccccc.........." + "." * 10
    (event,) = overlaps(agent, usual + "C" * 28)
    assert 6.0 == pytest.approx(event.level_rise_db, abs=1e-6)
    assert event.competitive
    (event,) = overlaps(agent, usual + "c" * 28)
    assert 0.0 == pytest.approx(event.level_rise_db, abs=1e-6)
    assert not event.competitive


def test_a_level_is_unknown_before_three_spurts() -> None:
    agent = "." * 40 + "AAAAAAAAAAAAAAAAAA" + "." * 20
    (event,) = overlaps(agent, "cccccccccc..........cccccccccc.........." + "." * 10 + "C" * 28)
    assert event.level_rise_db is None
    assert not event.competitive


def test_an_overlap_shorter_than_the_lines_delay_is_suspect() -> None:
    """On a line of 0.6 s there and back, 0.5 s upon the last word was no hurry."""
    delayed = replace(OVERLAPS, round_trip_s=0.6)
    (event,) = overlaps("AAAAAAAAAAAAAAA..................", "..........CCCCCCCCCCCCCCCCCCCCCCC", delayed)
    assert event.latency_suspect
    (event,) = overlaps("AAAAAAAAAAAAAAAAA................", "..........CCCCCCCCCCCCCCCCCCCCCCC", delayed)
    assert not event.latency_suspect


# --- edges of the call, and holds ------------------------------------------------------------------------------------


def test_an_overlap_that_the_call_cuts_is_no_interruption() -> None:
    (event,) = overlaps("AAAAAAAAAAAAAAAAAAAAAAAAA", "..........CCCCCCCCCCCCCCC")
    assert EARLY_REPLY is event.kind
    assert (10, 25, 25) == (*span(event), letters(event.decided_at))


def test_a_floor_kept_to_the_end_of_the_call_but_not_for_a_second_is_not_kept() -> None:
    (event,) = overlaps("AAAAAAAAAAAAAAAAAA.........", "..........CCCCCCCCCCCCCCCCC")
    assert EARLY_REPLY is event.kind
    assert not event.floor_taken


def test_a_hold_ends_what_is_open_and_nothing_in_it_counts() -> None:
    agent = "AAAAAAAAAAAAAAAAAAAHHHHHHHHHHHHHAAAAAAAAAAAAAAAAAAAAAAAAA"
    (event,) = overlaps(agent, "...........CCCCCCCCCCCCCCCCCCC..........................")
    assert (11, 19) == span(event)
    assert 19.1 == letters(event.decided_at)


def test_one_who_talks_alone_overlaps_nobody() -> None:
    assert [] == overlaps("AAAAAAAAAAAA.....AAAAAAA", "")
