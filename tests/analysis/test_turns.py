"""Turns, backchannels and response times, by drawings: a letter is 100 ms."""

import pytest

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.turns import TurnTracker
from cxaudio.model.events import Backchannel, Event, Response, Side, Turn
from support.drawings import CLOCK, OVERLAPS, TURNS, letters, track

AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER


def heard(agent: str, customer: str = "") -> list[Event]:
    floor = Floor(TURNS, OVERLAPS, timebase=CLOCK)
    return track([floor, TurnTracker(floor, timebase=CLOCK)], agent=agent, customer=customer)


def turns(said: list[Event]) -> list[tuple[Side, float | None, float | None]]:
    return [(event.side, letters(event.start), letters(event.end)) for event in said if isinstance(event, Turn)]


def backchannels(said: list[Event]) -> list[tuple[Side, float | None, float | None]]:
    return [(event.side, letters(event.start), letters(event.end)) for event in said if isinstance(event, Backchannel)]


def responses(said: list[Event]) -> list[tuple[Side, float | None]]:
    return [(event.side, letters(event.response_time)) for event in said if isinstance(event, Response)]


# --- turns and response times ----------------------------------------------------------------------------------------


def test_a_reply_ends_the_turn_and_counts_from_its_end() -> None:
    said = heard("AAAAAAAAAA..........", "............CCCCCCCC")
    assert [(AGENT, 0, 10), (CUSTOMER, 12, 20)] == turns(said)
    assert [(CUSTOMER, 2)] == responses(said)


def test_a_turn_is_said_once_the_other_has_been_alone_for_half_a_second() -> None:
    """The reply came too late to be a backchannel, so nothing else is waited for."""
    turn, response, _ = heard("AAAAAAAAAA.............", "...............CCCCCCCC")
    assert isinstance(turn, Turn)
    assert isinstance(response, Response)
    assert letters(turn.decided_at) == letters(response.decided_at) == 20


def test_a_reply_that_began_in_overlap_has_a_negative_response_time() -> None:
    said = heard("AAAAAAAAAA..........", ".......CCCCCCCCCCCCC")
    assert [(AGENT, 0, 10), (CUSTOMER, 7, 20)] == turns(said)
    assert [(CUSTOMER, -3)] == responses(said)


def test_a_turn_holds_its_pauses_up_to_three_seconds() -> None:
    said = heard("AAAAAAAAAA" + "." * 29 + "AAAAA" + "." * 30 + "AAAAA")
    assert [(AGENT, 0, 44), (AGENT, 74, 79)] == turns(said)
    assert [] == responses(said)


def test_a_long_pause_ends_the_turn_when_it_has_become_long() -> None:
    said = heard("AAAAAAAAAA" + "." * 45)
    (turn,) = said
    assert 40 == letters(turn.decided_at)


def test_a_reply_after_a_long_silence_counts_from_where_the_turn_ended() -> None:
    said = heard("AAAAAAAAAA" + "." * 60, "." * 50 + "CCCCCCCCCC")
    assert [(AGENT, 0, 10), (CUSTOMER, 50, 60)] == turns(said)
    assert [(CUSTOMER, 40)] == responses(said)


def test_who_speaks_first_in_the_call_replies_to_nobody() -> None:
    assert [] == responses(heard("..........", "..CCCCCCCC"))


def test_an_answer_too_short_to_take_the_floor_lies_in_the_others_turn() -> None:
    """And as the other goes on within a second, it is a backchannel."""
    said = heard("AAAAAAAAAA..........AAAAAAAAAA..........", "..............CCCC......................")
    assert [(AGENT, 0, 30)] == turns(said)
    assert [(CUSTOMER, 14, 18)] == backchannels(said)
    assert [] == responses(said)


def test_a_short_answer_that_takes_the_floor_is_a_turn() -> None:
    """It came after a gap, so it answers; the agent's next question replies to it."""
    said = heard("AAAAAAAAAA...........AAAAAAAAAA", "..............CCCCC............")
    assert [(AGENT, 0, 10), (CUSTOMER, 14, 19), (AGENT, 21, 31)] == turns(said)
    assert [(CUSTOMER, 4), (AGENT, 2)] == responses(said)


def test_short_runs_between_own_pauses_add_up_to_a_turn() -> None:
    """0.3 s and 0.3 s alone take the floor; the turn begins with the first."""
    said = heard("AAAAAAAAAA...............", "..............CCC...CCC..")
    assert [(AGENT, 0, 10), (CUSTOMER, 14, 23)] == turns(said)
    assert [(CUSTOMER, 4)] == responses(said)


def test_turns_that_interleave_without_anyone_being_alone_change_no_floor() -> None:
    """The customer is alone for 0.3 s at a time only: the agent holds the floor throughout."""
    said = heard("AAAAAAAAAA...AAAAAA...AAAAAA", ".....CCCCCCCCCCCCCCCCCCCC...")
    assert [(AGENT, 0, 28)] == turns(said)


def test_a_spurt_that_began_upon_the_other_takes_the_floor_when_the_other_stops() -> None:
    said = heard("AAAAAAAAAAAAAAAAAAAAAA..........", "......CCCCCCCCCCCCCCCCCCCCCCCCCC")
    assert [(AGENT, 0, 22), (CUSTOMER, 6, 32)] == turns(said)
    assert [(CUSTOMER, -16)] == responses(said)


def test_speech_of_the_old_holder_under_a_new_turn_is_no_turn() -> None:
    """The agent lost the floor, and its later interjection upon the customer takes nothing back."""
    said = heard("AAAAAAAAAA.............AAA............", "...........CCCCCCCCCCCCCCCCCCCCCCCCCC")
    assert [(AGENT, 0, 10), (CUSTOMER, 11, 37)] == turns(said)


def test_a_side_that_never_speaks_costs_the_other_nothing() -> None:
    """One-sided recordings: turns by pauses, no responses, no backchannels."""
    said = heard("AAAAAAAAAA....AAAAAAAAAAAA" + "." * 35 + "AAAAAAA")
    assert [(AGENT, 0, 26), (AGENT, 61, 68)] == turns(said)
    assert len(said) == 2


def test_a_turn_sums_up_its_own_spurts() -> None:
    """1.0 s and 0.6 s of speech at 5 syllables/s and -26 dBov, whatever the other says meanwhile."""
    (turn,) = (event for event in heard("AAAAAAAAAA....AAAAAA", "................C...") if isinstance(event, Turn))
    assert 16 == letters(turn.speech)
    assert 8 == turn.n_nuclei
    assert -26.0 == pytest.approx(turn.level_dbov, abs=1e-9)


# --- backchannels ----------------------------------------------------------------------------------------------------


def test_a_short_yes_is_a_backchannel_once_its_silence_has_passed() -> None:
    said = heard("AAAAAAAAAAAAAAAAAAAAAAAAAAA", "............CCC............")
    assert [(CUSTOMER, 12, 15)] == backchannels(said)
    assert 25 == letters(said[0].decided_at)
    assert [(AGENT, 0, 27)] == turns(said)


@pytest.mark.parametrize(
    ("customer", "because"),
    [
        ("............CCCCCCCCCCC..............", "it is longer than 1.0 s"),
        ("CC.........CCC.......................", "the own silence before it is 0.9 s"),
        ("............CCC.........CCCCCCCCCCC..", "the own silence before a longer one is 0.9 s"),
    ],
)
def test_what_is_too_long_or_not_alone_is_no_backchannel(customer: str, because: str) -> None:
    said = heard("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", customer)
    assert not any(event.start == 120 * CLOCK.tick_length for event in said if isinstance(event, Backchannel)), because
    assert [(AGENT, 0, 37)] == turns(said)


def test_short_words_close_together_are_backchannels_in_a_row() -> None:
    """Yeah ... okay, 0.75 s apart, over one who talks on; both are known 1.0 s after the last."""
    agent, customer = "A" * 60, "." * 20 + "CCCC" + "." * 7 + "CCCCC" + "." * 24
    assert [(CUSTOMER, 20, 24), (CUSTOMER, 31, 36)] == backchannels(heard(agent, customer))
    assert [46, 46] == [letters(e.decided_at) for e in heard(agent, customer) if isinstance(e, Backchannel)]
    assert [(AGENT, 0, 60)] == turns(heard(agent, customer))


@pytest.mark.parametrize(
    ("agent", "customer", "because"),
    [
        ("A" * 60, "." * 20 + "CCCCCC.......CCCCCCCC" + "." * 19, "the row is 2.1 s long"),
        ("A" * 60, "." * 20 + "CCC....CCCCCCCCCCC" + "." * 22, "the second is a sentence"),
        ("A" * 20 + "." * 20 + "A" * 20, "." * 21 + "CCCC......CCCCCC" + "." * 23, "the agent awaited both words"),
        ("A" * 60, "." * 20 + "CCC....CCC.......CCCCCC..CCCC" + "." * 11, "the customer talks on"),
        ("A" * 30, "." * 20 + "CCC....CCC", "the call ends in the second"),
        ("A" * 35 + "H" * 5, "." * 20 + "CCC.....CCCCCCCHHHHH", "a hold begins in the second"),
    ],
)
def test_a_row_that_is_long_or_answers_is_no_row_of_backchannels(agent: str, customer: str, because: str) -> None:
    assert [] == backchannels(heard(agent, customer)), because


def test_a_backchannel_may_begin_just_after_the_other_stopped() -> None:
    """0.8 s alone would take the floor, but it began within 0.2 s and the agent resumed within 1.0 s."""
    said = heard("AAAAAAAAAAAA...............AAAAAAAAAA", "..............CCCCCCCC...............")
    assert [(CUSTOMER, 14, 22)] == backchannels(said)
    assert [(AGENT, 0, 37)] == turns(said)
    assert [] == responses(said)


def test_a_reply_that_might_have_been_a_backchannel_is_told_when_the_other_does_not_resume() -> None:
    said = heard("AAAAAAAAAAAA" + "." * 30, "..............CCCCCCCC")
    assert [] == backchannels(said)
    assert [(AGENT, 0, 12), (CUSTOMER, 14, 22)] == turns(said)
    assert 32.1 == letters(said[0].decided_at)  # the tick at which the agent's second to resume has run out


def test_a_backchannel_in_the_others_pause_must_not_take_the_floor() -> None:
    """Under 0.5 s in a pause of 1.5 s: the agent's turn goes on around it."""
    said = heard("AAAAAAAAAAAA...............AAAAAAAAAA", "..................CCCC...............")
    assert [(CUSTOMER, 18, 22)] == backchannels(said)
    assert [(AGENT, 0, 37)] == turns(said)


def test_a_short_sound_after_the_others_turn_has_ended_is_no_backchannel() -> None:
    said = heard("AAAAAAAAAAAA" + "." * 36 + "AAAAAAAA", "." * 43 + "CCC")
    assert [] == backchannels(said)
    assert [(AGENT, 0, 12), (AGENT, 48, 56)] == turns(said)


def test_who_starts_together_with_the_other_is_not_listening() -> None:
    """Both begin after silence, the customer 0.1 s later: a collision, not a sign of listening."""
    assert [] == backchannels(heard("..........AAAAAAAAAAAAAAAAAAAAAA", "...........CCC.................."))


def test_a_backchannel_within_a_long_backchannel_like_start_waits_for_it() -> None:
    """The customer's 0.9 s might be a backchannel; it turns out to be a turn, and the agent's "okay" a backchannel."""
    said = heard("AAAAAAAAAA..........AAA..............", "...........CCCCCCCCC...CCCCCCCCCCCCCC")
    assert [(AGENT, 20, 23)] == backchannels(said)
    assert [(AGENT, 0, 10), (CUSTOMER, 11, 37)] == turns(said)
    assert [(CUSTOMER, 1)] == responses(said)


def test_a_floor_won_and_lost_again_is_told_in_order() -> None:
    """The agent resumes while the customer's 0.7 s may be a backchannel; then the customer's next word denies it."""
    said = heard("AAAAAAAAAAAA.........AAAAAA............", ".............CCCCCCC.......CCCCCCCCCCCC")
    assert [] == backchannels(said)
    assert [(AGENT, 0, 12), (CUSTOMER, 13, 20), (AGENT, 21, 27), (CUSTOMER, 27, 39)] == turns(said)
    assert [(CUSTOMER, 1), (AGENT, 1), (CUSTOMER, 0)] == responses(said)
    assert {33.1} == {letters(event.decided_at) for event in said[:4]}, "both words of a row would have been too long"


# --- edges of the call and holds -------------------------------------------------------------------------------------


def test_a_backchannel_at_the_end_of_the_call_needs_no_second_of_silence() -> None:
    """Nothing more will be said; the other went on."""
    said = heard("AAAAAAAAAAAAAAAAAA", "............CCC...")
    assert [(CUSTOMER, 12, 15)] == backchannels(said)
    assert 18 == letters(said[0].decided_at)


def test_a_last_word_is_no_backchannel() -> None:
    """The agent has stopped for good: "bye" answers."""
    said = heard("AAAAAAAAAAAA........", ".............CCCC...")
    assert [] == backchannels(said)


def test_a_spurt_cut_by_the_end_of_the_call_is_no_backchannel() -> None:
    """How long it would have become nobody knows."""
    assert [] == backchannels(heard("AAAAAAAAAAAAAAAAAA", "...............CCC"))


def test_the_silence_before_the_call_counts() -> None:
    said = heard("AAAAAAAAAAAAAAAAAAAAAA", "......CC..............")
    assert [(CUSTOMER, 6, 8)] == backchannels(said)


def test_an_open_turn_ends_where_a_hold_begins_and_nothing_is_answered_across_it() -> None:
    said = heard("AAAAAAAAAAAAHHHHHHHHHHHHHHH..........", "...........................CCCCCCCCCC")
    assert [(AGENT, 0, 12), (CUSTOMER, 27, 37)] == turns(said)
    assert [] == responses(said)
    assert 12.1 == letters(said[0].decided_at)


def test_speech_in_a_hold_counts_nowhere() -> None:
    """Music taken for speech neither holds the floor nor adds to the turn after it."""
    said = heard("HHHHHHHHHHHHHHHHHHHHH.....", "CCCCCCCCCCCCCCCCCCCCCCCCCC")
    (turn,) = said
    assert isinstance(turn, Turn)
    assert (21, 26, 5) == (letters(turn.start), letters(turn.end), letters(turn.speech))


def test_a_call_without_speech_has_no_turns() -> None:
    assert [] == heard("....................", "....................")
    assert [] == heard("", "")
