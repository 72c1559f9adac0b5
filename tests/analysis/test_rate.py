"""Rates: counted over own speech only, honest about what is too little, and the same however they are stepped."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxaudio.analysis.rate import RateTracker
from cxaudio.analysis.rate_error import RateError
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.tick import Tick
from cxaudio.model.events import Backchannel, Hold, HoldKind, RateEstimate, Side
from cxaudio.settings import load_settings
from support.drawings import step_through
from support.given_events import GivenEvents
from support.paced import CLOCK, Part, paced

SETTINGS = replace(load_settings(user_folder="/nonexistent").analysis.rates, spurt_edge_s=0.0)  # made spurts have none


def tracker_of(*, agent_baseline: float | None = None) -> RateTracker:
    pieces, error = SpokenPieces(SETTINGS, timebase=CLOCK), RateError()
    return RateTracker(SETTINGS, pieces, error, timebase=CLOCK, agent_baseline=agent_baseline)


def rates(row: list[Tick], *, every_tick: bool = False, agent_baseline: float | None = None) -> list[RateEstimate]:
    tracker = tracker_of(agent_baseline=agent_baseline)
    return [event for event in step_through([tracker], row, every_tick=every_tick) if isinstance(event, RateEstimate)]


def turns(rate: float, n: int, *, seconds: float = 4.0, gap: float = 2.0) -> list[Part]:
    return [(rate, None, seconds), (None, None, gap)] * n


@pytest.mark.parametrize("rate", [3.0, 4.5, 6.0, 8.0])
def test_a_steady_talker_gets_the_rate_that_was_spoken(rate):
    """Analytic: evenly laid nuclei; a second's grain errs by at most one nucleus an utterance."""
    last = rates(paced(turns(rate, 8)))[-1]
    assert rate == pytest.approx(last.syllables_per_s, rel=0.03)
    error = RateError().relative(last.n_nuclei, side=Side.AGENT, snr_db=60.0)  # silent pauses
    assert last.syllables_per_s * error == pytest.approx(last.std_error)
    assert 1 / (1 + (error / SETTINGS.max_error) ** 2) == pytest.approx(last.confidence)


def test_nothing_is_said_before_forty_nuclei():
    row = paced([(5.0, None, 7.5), (None, None, 2.0)])
    assert [] == rates(row)
    found = rates(paced([(5.0, None, 8.5), (None, None, 2.0)]))
    assert found[0].n_nuclei >= SETTINGS.min_nuclei
    assert [Side.AGENT] == list({event.side for event in found})


def test_the_window_is_own_speech_and_not_wall_time():
    """The listener's minute does not age an estimate, and the talker's old pace leaves after 15 s of the new one."""
    slow, fast = turns(4.0, 5), turns(6.0, 5)
    found = rates(paced([*slow, (None, 5.0, 40.0), *fast]))
    agent = [event for event in found if event.side is Side.AGENT]
    while_listening = [e for e in agent if 30.0 < e.end / 8000 < 70.0]
    assert not while_listening  # the last one stands
    assert 6.0 == pytest.approx(agent[-1].syllables_per_s, rel=0.03)
    assert 15.0 <= agent[-1].speech / 8000 <= 16.0


def test_what_is_older_than_ninety_seconds_does_not_count():
    found = rates(paced([*turns(4.0, 5), (None, 5.0, 120.0), (None, None, 1.0)]))
    agent = [event for event in found if event.side is Side.AGENT]
    assert agent[-1].syllables_per_s is None
    assert agent[-1].std_error is None
    assert agent[-1].end / 8000 < 30 + 91
    assert 1 == sum(event.syllables_per_s is None for event in agent)  # said once


def test_what_began_exactly_ninety_seconds_ago_still_counts():
    found = rates(paced([(5.0, None, 9.0), (None, None, 79.99), (5.0, None, 4.0)]))
    assert [1.01] == [event.start / 8000 for event in found if event.end == 91.01 * 8000]


def test_short_turns_say_nothing_of_the_pace():
    short = [(6.0, None, 1.0), (None, None, 1.5)] * 40
    assert [] == rates(paced(short))


def test_a_halting_talkers_turn_is_not_a_short_one():
    """Spurts of five syllables with pauses of half a second between them are one utterance; its pauses do not count."""
    halting = [(5.0, None, 1.0), (None, None, 0.5)] * 20
    last = rates(paced(halting))[-1]
    assert 5.0 == pytest.approx(last.syllables_per_s, rel=0.03)


@pytest.mark.parametrize(("snr_db", "known"), [(30.0, True), (12.0, True), (0.0, False)])
def test_a_rate_is_unknown_only_where_its_error_is_too_large_to_be_of_use(snr_db, known):
    """The louder the pauses are, the larger the error."""
    row = paced(turns(5.0, 8), pause_energy=1e-3 / (1 + 10 ** (snr_db / 10)))
    found = rates(row)
    assert known == bool(found)
    quiet = rates(paced(turns(5.0, 8)))[-1]
    for event in found[-1:]:
        error = RateError().relative(event.n_nuclei, side=Side.AGENT, snr_db=snr_db)
        assert event.syllables_per_s * error == pytest.approx(event.std_error)
        assert 0.5 <= event.confidence < quiet.confidence


def test_the_baseline_is_the_first_half_minutes_and_stays():
    found = rates(paced([*turns(4.0, 9), *turns(6.0, 9)]))
    assert 4.0 == pytest.approx(found[0].baseline, rel=0.05)
    assert 4.0 == pytest.approx(found[-1].baseline, rel=0.03)
    assert 6.0 == pytest.approx(found[-1].syllables_per_s, rel=0.03)


def test_one_number_read_out_slowly_does_not_move_the_baseline():
    found = rates(paced([*turns(5.0, 3), *turns(2.0, 1, seconds=5.0), *turns(5.0, 6)]))
    assert 5.0 == pytest.approx(found[-1].baseline, rel=0.05)


def test_a_stored_baseline_stands_for_the_agent_only():
    row = paced([(5.0, None, 20.0), (None, 4.0, 20.0), (None, None, 2.0)])
    last = {event.side: event for event in rates(row, agent_baseline=4.2)}
    assert 4.2 == last[Side.AGENT].baseline
    assert 4.0 == pytest.approx(last[Side.CUSTOMER].baseline, rel=0.03)


def test_a_backchannel_is_taken_out_of_a_rate():
    row = paced([*turns(5.0, 6), (12.0, None, 0.9), (None, None, 3.0), *turns(5.0, 1)])
    heard = Backchannel(side=Side.AGENT, start=36 * 8000, end=round(36.9 * 8000), decided_at=38 * 8000, n_nuclei=10)
    tracker = tracker_of()
    last = step_through([GivenEvents(heard), tracker], row)[-1]
    assert isinstance(last, RateEstimate)
    assert 5.0 == pytest.approx(last.syllables_per_s, rel=0.03)


def test_what_proves_to_be_a_hold_is_taken_out_again_and_nothing_in_it_counts():
    """A hold is noticed late: what was counted since it began goes; so does what is heard until it ends."""
    row = paced([*turns(5.0, 6), (9.0, None, 20.0), *turns(5.0, 2)], held=[(46.0, 56.0)])
    heard = Hold(kind=HoldKind.MUSIC, side=Side.AGENT, start=36 * 8000, end=None, decided_at=46 * 8000)
    tracker = tracker_of()
    said = step_through([GivenEvents(heard), tracker], row)
    last = [event for event in said if isinstance(event, RateEstimate)][-1]
    assert 5.0 == pytest.approx(last.syllables_per_s, rel=0.03)


def test_every_estimate_is_known_no_earlier_than_it_speaks_for():
    for event in rates(paced(turns(5.0, 6), latency_ticks=7)):
        assert event.start < event.end <= event.decided_at


PARTS = st.lists(
    st.tuples(
        st.sampled_from([None, None, 4.0, 7.0]),
        st.sampled_from([None, None, 5.0]),
        st.sampled_from([0.3, 1.0, 2.51, 9.0]),
    ),
    min_size=1,
    max_size=25,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(parts=PARTS, hold=st.sampled_from([(), ((5.0, 9.0),), ((3.33, 3.34), (7.0, 20.0))]))
def test_stepping_at_every_tick_gives_the_same_rates(parts, hold):
    row = paced(parts, held=hold)
    assert rates(row) == rates(row, every_tick=True)


@settings(max_examples=20, deadline=None)
@given(parts=PARTS)
def test_a_reset_tracker_is_as_new(parts):
    row = paced(parts)
    tracker = tracker_of()
    first = step_through([tracker], row)
    tracker.reset()
    assert first == step_through([tracker], row)
