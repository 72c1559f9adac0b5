"""The six pacing rules by drawings: when each is raised, how it grows and ends, and what it must not be raised for."""

import math
import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.overlaps import OverlapTracker
from cxaudio.analysis.pace import PaceTracker
from cxaudio.analysis.pace_watch import PaceWatch
from cxaudio.analysis.pacing import PacingTracker, pace_limits
from cxaudio.analysis.rate import RateTracker
from cxaudio.analysis.rate_error import RateError
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.tempo import TempoTracker
from cxaudio.analysis.tick import Tick
from cxaudio.analysis.turns import TurnTracker
from cxaudio.model.events import (
    FlagState,
    Hold,
    HoldKind,
    PacingFlag,
    Response,
    Severity,
    Side,
    Tempo,
    TempoState,
)
from cxaudio.settings import load_settings
from support.drawings import step_through, ticks
from support.given_events import GivenEvents, cut_in
from support.paced import CLOCK, Part, paced
from support.random_drawings import drawings

NOBODY = "/nonexistent"


def chain(**overrides: object) -> list:
    """All trackers that the pacing rules read, and the rules."""
    values = load_settings(
        user_folder=NOBODY, overrides={key.replace("__", "."): value for key, value in overrides.items()}
    )
    analysis, policy = values.analysis, values.pacing
    floor = Floor(analysis.turns, analysis.overlaps, timebase=CLOCK)
    pieces, error = SpokenPieces(analysis.rates, timebase=CLOCK), RateError()
    watch = PaceWatch(policy.pace, pace_limits(policy), pieces, error, max_error=analysis.rates.max_error)
    return [
        floor,
        TurnTracker(floor, timebase=CLOCK),
        OverlapTracker(floor, analysis.turns, analysis.overlaps, timebase=CLOCK),
        RateTracker(analysis.rates, pieces, error, timebase=CLOCK),
        PaceTracker(watch, renew_s=analysis.rates.renew_s, timebase=CLOCK),
        TempoTracker(policy.tempo, policy.norms, watch, timebase=CLOCK),
        PacingTracker(policy, floor, watch, timebase=CLOCK),
    ]


def judge(
    row: Sequence[Tick], *, every_tick: bool = False, upstream: Sequence = (), **overrides: object
) -> list[PacingFlag]:
    said = step_through([*upstream, *chain(**overrides)], row, every_tick=every_tick)
    return [event for event in said if isinstance(event, PacingFlag)]


def drawn(agent: str, customer: str, **overrides: object) -> list[PacingFlag]:
    """A letter is a second."""
    return judge(ticks(agent, customer, letter_ticks=100), **overrides)


def lines(flags: Sequence[PacingFlag]) -> list[tuple[str, str, str, float]]:
    """Rule, state, severity and the second in which each line was said."""
    return [(f.rule, f.state.value, f.severity.value, round(f.decided_at / 8000, 1)) for f in flags]


# --- left waiting ------------------------------------------------------------------------------------------------


def test_a_customer_left_waiting_is_noted_flagged_and_severe_in_turn():
    flags = drawn(agent="AA" + "." * 15 + "AA", customer="..CCCC")
    assert [
        ("left_waiting", "raised", "note", 9.0),
        ("left_waiting", "escalated", "flag", 11.0),
        ("left_waiting", "escalated", "severe", 16.0),
        ("left_waiting", "ended", "severe", 17.5),
    ] == lines(flags)
    assert {1} == {flag.flag_id for flag in flags}
    assert {6.0} == {flag.start / 8000 for flag in flags}
    last = flags[-1]
    assert FlagState.ENDED is last.state
    assert (11.0, 17.0) == (last.measured, last.end / 8000)
    assert (4.0, "agent") == (last.evidence["turn_s"], last.evidence["owed_by"])


def test_a_prompt_agent_is_not_flagged():
    assert [] == drawn(agent="AA......AAAA..AAAA", customer="..CCCC......CC....CC")


def test_a_short_word_of_the_customers_asks_nothing():
    row = ticks("A" * 30, "." * 35 + "CCCCCCCC" + "." * 60)
    assert [] == [flag for flag in judge(row) if flag.rule == "left_waiting"]


def test_a_click_of_the_agents_microphone_is_no_reply():
    """0.2 s of sound without a syllable, two seconds into the wait; with a syllable it is one."""
    talk: list[Part] = [(5.0, None, 3.0), (None, None, 0.3), (None, 5.0, 4.0), (None, None, 2.0)]
    after: list[Part] = [(None, None, 5.0), (5.0, None, 3.0)]
    flags = judge(paced([*talk, (0.0, None, 0.2), *after]))
    assert ["note", "flag", "flag"] == [flag.severity.value for flag in flags if flag.rule == "left_waiting"]
    assert 7.2 == pytest.approx(flags[-1].measured)
    spoken = judge(paced([*talk, (5.0, None, 0.25), *after]))
    assert "left_waiting" not in {flag.rule for flag in spoken}


def test_a_customer_who_asks_again_is_still_waiting():
    """After "hello?", too short to be a turn that asks something, the wait starts anew."""
    flags = judge(ticks("AA....................AA", "..CCCC.......C" + "." * 10, letter_ticks=50))
    assert [3.0, 7.0] == sorted({flag.start / 8000 for flag in flags if flag.rule == "left_waiting"})


def test_a_wait_that_the_call_ends_in_ends_with_it():
    flags = drawn(agent="AA..............", customer="..CCCC..........")
    assert FlagState.ENDED is flags[-1].state
    assert (16.0, 10.0) == (flags[-1].end / 8000, flags[-1].measured)


def hold(start_s: float, end_s: float, *, kind: HoldKind = HoldKind.BY_HAND, late_s: float = 0.0) -> list[Hold]:
    opened = Hold(
        kind=kind, side=None, start=round(start_s * 8000), end=None, decided_at=round((start_s + late_s) * 8000)
    )
    closed = Hold(
        kind=kind, side=None, start=round(start_s * 8000), end=round(end_s * 8000), decided_at=round(end_s * 8000)
    )
    return [opened, closed]


def test_a_customer_on_hold_is_looked_in_on_twice():
    row = paced([(5.0, None, 5.0), (None, 5.0, 5.0), (None, None, 150.0), (5.0, None, 3.0)], held=[(10.0, 160.0)])
    flags = judge(row, upstream=[GivenEvents(*hold(10.0, 160.0))])
    assert [
        ("left_waiting", "raised", "note", 70.0),
        ("left_waiting", "escalated", "note", 130.0),
        ("left_waiting", "ended", "note", 160.0),
    ] == lines(flags)
    assert "told" == flags[0].evidence["hold"]
    assert 150.0 == flags[-1].measured


def test_nobody_waits_in_a_ringing_line():
    row = paced([(5.0, None, 5.0), (None, None, 150.0)], held=[(10.0, 155.0)])
    assert [] == [f for f in judge(row, upstream=[GivenEvents(*hold(10.0, 155.0, kind=HoldKind.RINGING))])]


# --- dead air ----------------------------------------------------------------------------------------------------


def test_dead_air_after_the_agents_word_is_noted_flagged_and_severe_in_turn():
    flags = drawn(agent="..AAAA" + "." * 22 + "AA", customer="CC")
    assert [
        ("dead_air", "raised", "note", 12.0),
        ("dead_air", "escalated", "flag", 16.0),
        ("dead_air", "escalated", "severe", 26.0),
        ("dead_air", "ended", "severe", 28.5),
    ] == lines(flags)
    assert (22.0, 28.0) == (flags[-1].measured, flags[-1].end / 8000)
    assert "customer" == flags[0].evidence["owed_by"]


def test_silence_before_the_first_word_is_no_dead_air():
    assert [] == drawn(agent="." * 40 + "AA", customer="." * 45 + "CC")


def test_a_hold_is_no_dead_air():
    assert [] == drawn(agent="..AAAA" + "H" * 30 + "AA", customer="CC")


def test_many_silences_of_four_seconds_are_one_severe_flag_however_many():
    """Seven of 5 s, 9 s apart, of which the fifth makes them many; the flag lies over all of them."""
    flags = drawn(agent="AAAA....." * 7 + "A", customer="")
    many = [flag for flag in flags if flag.unit == "count"]
    assert [("dead_air", "raised", "severe", 44.0), ("dead_air", "ended", "severe", 64.0)] == lines(many)
    raised, ended = many
    assert (5.0, 7.0) == (raised.measured, ended.measured)
    assert (4.0, 63.0) == (ended.start / 8000, ended.end / 8000)
    assert {"many": 7.0, "many_silence_s": 4.0, "window_s": 180.0} == ended.evidence
    spread = drawn(agent="AAAA....." + ("AAAA....." + "A" * 50) * 4, customer="")
    assert [] == [flag for flag in spread if flag.unit == "count"]


def test_many_silences_are_many_until_too_few_lie_within_three_minutes():
    """The flag ends with the last of them, and a long one among them has its own."""
    flags = drawn(agent="AAAA....." * 4 + "AAAA..........." + "A" * 200, customer="")
    many = [flag for flag in flags if flag.unit == "count"]
    assert [44.0, 184.0] == [round(flag.decided_at / 8000, 1) for flag in many]
    assert 51.0 == many[-1].end / 8000
    long = [flag for flag in flags if flag.unit == "s" and flag.rule == "dead_air"]
    assert [("note", 6.0), ("flag", 10.0), ("flag", 11.0)] == [(f.severity.value, f.measured) for f in long]


def test_the_fifth_long_silence_counts_on_the_tick_on_which_it_has_lasted_four_seconds():
    row = paced([(5.0, None, 3.0), (None, None, 4.2)] * 5 + [(5.0, None, 3.0)])
    first = next(flag for flag in judge(row) if flag.unit == "count")
    fifth = 5 * 300 + 4 * 420  # tick at which it begins
    assert (300 * 80, (fifth + 400 + 1) * 80) == (first.start, first.decided_at)


def test_the_evidence_of_a_flag_that_is_over_holds_its_final_figures():
    row = paced([(5.0, None, 5.0), (None, 5.0, 5.0), (None, None, 75.0), (5.0, None, 3.0)], held=[(10.0, 85.0)])
    waited = judge(row, upstream=[GivenEvents(*hold(10.0, 85.0))])
    assert (75.0, 75.0) == (waited[-1].measured, waited[-1].evidence["hold_s"])
    silent = drawn(agent="..AAAA" + "." * 13 + "AA", customer="CC")
    assert (13.0, 13.0) == (silent[-1].measured, silent[-1].evidence["silence_s"])
    heard = "." * 100 + "CCC" + "." * 97
    talk = [flag for flag in judge(ticks("A" * 800 + "." * 20, heard * 4)) if flag.rule == "monologue"]
    assert (3.0, 4.0) == (talk[1].evidence["backchannels"], talk[-1].evidence["backchannels"])


# --- monologue ---------------------------------------------------------------------------------------------------


def test_a_monologue_is_noted_flagged_and_severe_in_turn_and_ends_with_a_pause():
    flags = drawn(agent="..." + "A" * 125 + "...", customer="CCC" + "." * 127 + "CC")
    assert [
        ("monologue", "raised", "note", 48.0),
        ("monologue", "escalated", "flag", 63.0),
        ("monologue", "escalated", "severe", 123.0),
        ("monologue", "ended", "severe", 129.5),
    ] == [(*line[:3], round(line[3] * 2) / 2) for line in lines(flags)]
    assert (125.0, 128.0) == (flags[-1].measured, flags[-1].end / 8000)


def test_short_pauses_let_nobody_in_and_long_ones_do():
    breath = "A" * 12 + "..."  # 1.2 s and 0.3 s
    assert ["note", "flag", "flag"] == [f.severity.value for f in judge(ticks(breath * 50, ""))]
    room = "A" * 100 + "." * 16  # 10 s and 1.6 s
    assert [] == judge(ticks(room * 8, ""))


def test_one_pause_that_may_have_been_shorter_does_not_hide_a_monologue():
    """1.6 s may be 1.4 s with a soft end that was missed; twice in half a minute it lets the customer in."""
    parts = "A" * 300 + "." * 16, "A" * 250 + "." * 16, "A" * 400
    assert ["note", "flag", "flag"] == [f.severity.value for f in judge(ticks(parts[0] + parts[2], ""))]
    assert ["note", "flag", "flag"] == [f.severity.value for f in judge(ticks(parts[0] * 2 + parts[2], ""))]
    assert {"note"} == {f.severity.value for f in judge(ticks(parts[1] * 2 + parts[2], ""))}
    assert [] == judge(ticks("A" * 400 + "." * 19 + "A" * 400, ""))


def test_signs_of_listening_do_not_break_a_monologue_and_are_counted():
    heard = "." * 100 + "CCC" + "." * 97
    flags = judge(ticks("A" * 800, heard * 4))
    assert ["note", "flag", "flag"] == [flag.severity.value for flag in flags]
    assert 3.0 == flags[1].evidence["backchannels"]


def test_two_interjections_close_together_do_not_break_a_monologue():
    """Yeah ... okay, every eight seconds, 0.75 s apart."""
    pair = "." * 100 + "C" * 5 + "." * 15 + "C" * 8 + "." * 32
    flags = [flag for flag in judge(ticks("A" * 1600, pair * 10, letter_ticks=5)) if flag.rule == "monologue"]
    assert ["note", "flag", "flag"] == [flag.severity.value for flag in flags]
    assert 20.0 == flags[-1].evidence["backchannels"]


def test_an_answer_of_the_customers_breaks_a_monologue():
    flags = judge(ticks("A" * 400 + "." * 15 + "A" * 400, "." * 404 + "CCCCCCCC"))
    assert [] == flags


def test_a_click_of_the_customers_does_not_break_a_monologue():
    """Two clicks 0.6 s apart could be no backchannels, for want of silence between them."""
    clicks: list[Part] = [(5.0, 0.0, 0.2), (5.0, None, 0.6), (5.0, 0.0, 0.2)]
    flags = judge(paced([(5.0, None, 30.0), *clicks, (5.0, None, 34.0), (None, None, 5.0)]))
    assert ["note", "flag", "flag"] == [flag.severity.value for flag in flags if flag.rule == "monologue"]


# --- talking over ------------------------------------------------------------------------------------------------


BOTH_KNOWN = "A" * 60 + "." * 70, "." * 65 + "C" * 60 + "....."


def met(agent: str, customer: str) -> list[PacingFlag]:
    """After both voices have become known: 13 s."""
    return judge(ticks(BOTH_KNOWN[0] + agent, BOTH_KNOWN[1] + customer))


def test_a_long_interruption_is_flagged_and_a_longer_one_severe():
    brief = met("." * 30 + "A" * 30, "C" * 43)
    assert [("talking_over", Severity.FLAG, 1.3)] == [(f.rule, f.severity, f.measured) for f in brief][:1]
    long = met("." * 30 + "A" * 40, "C" * 55)
    assert [("talking_over", Severity.SEVERE, 2.5)] == [(f.rule, f.severity, f.measured) for f in long][:1]
    assert [FlagState.RAISED, FlagState.ENDED] == [flag.state for flag in long]
    assert (16.0, 18.5) == (long[1].start / 8000, long[1].end / 8000)
    assert "interruption" == long[0].evidence["seen_as"]


def test_an_agent_who_talks_over_a_customer_who_draws_breath_is_heard():
    """Four times 0.6 s over one who talks on, both drawing breath: none is long, together they are severe."""
    flags = met("." * 30 + "AAAAAA...." * 4 + "." * 30, "C" * 27 + "." + "C" * 60)
    assert ["raised", "escalated", "ended"] == [flag.state.value for flag in flags]
    assert [Severity.FLAG, Severity.SEVERE, Severity.SEVERE] == [flag.severity for flag in flags]
    assert 2.4 == pytest.approx(flags[-1].measured)
    assert (16.0, 19.6) == (flags[-1].start / 8000, flags[-1].end / 8000)
    assert 4.0 == flags[-1].evidence["overlaps"]


def test_overlaps_with_half_a_second_between_them_are_not_summed():
    assert [] == met("." * 30 + "AAAAAAAAA.....AAAAAAAAA" + "." * 20, "C" * 80)


def test_the_customers_interruption_is_not_the_agents_fault():
    assert [] == met("A" * 55, "." * 30 + "C" * 40)


def test_what_is_far_softer_than_the_voice_is_no_talking_over():
    """Speech of either side 20 dB under its own level: somebody behind it, or a leak."""
    row = ticks(BOTH_KNOWN[0] + "." * 30 + "A" * 40, BOTH_KNOWN[1] + "C" * 55)
    assert [] != judge(row)
    for side in Side:
        began = row[1300].energy[side]
        soft = [
            tick._replace(
                energy=tuple(
                    began + (value - began) / 100 if which is side and tick.number > 1300 else value
                    for which, value in zip(Side, tick.energy, strict=True)
                )
            )
            for tick in row
        ]
        assert [] == judge(soft)


def test_early_replies_and_signs_of_listening_are_no_talking_over():
    assert [] == met("." * 40 + "A" * 30, "C" * 43)
    assert [] == met("." * 20 + "AAAAAA" + "." * 40, "C" * 50)


def test_a_pause_excuses_the_start_and_not_a_second_of_talking_on():
    """The agent comes in after half a second, the customer goes on, and neither gives way for two seconds."""
    flags = met("." * 35 + "A" * 30 + "." * 20, "C" * 30 + "." * 9 + "C" * 30)
    assert {("talking_over", "severe")} == {(flag.rule, flag.severity.value) for flag in flags}
    polite = met("." * 35 + "A" * 10 + "." * 20, "C" * 30 + "." * 9 + "C" * 30)
    assert [] == polite


def test_who_begins_together_with_a_customer_in_midturn_and_talks_on_is_heard():
    """After 0.7 s of the customer's silence both begin, the agent 0.1 s ahead or behind, and the customer gives way."""
    for agent_from in (36, 37, 38):
        flags = met("." * agent_from + "A" * 40 + "." * 20, "C" * 30 + "." * 7 + "C" * 18)
        assert [("talking_over", "raised", "flag"), ("talking_over", "ended", "flag")] == [
            line[:3] for line in lines(flags)
        ]
        assert "simultaneous_start" == flags[0].evidence["seen_as"]
    brief = met("." * 37 + "A" * 40 + "." * 20, "C" * 30 + "." * 7 + "C" * 8)
    assert [] == brief
    anew = met("." * 45 + "A" * 40 + "." * 20, "C" * 30 + "." * 15 + "C" * 20)
    assert [] == anew, "after 1.5 s the floor was free"
    own_turn = met("A" * 30 + "." * 7 + "A" * 40, "." * 37 + "C" * 20 + "." * 20)
    assert [] == own_turn


def test_three_short_interruptions_in_two_minutes_are_one_flag():
    said = [cut_in(t, entrant=Side.AGENT) for t in (10, 40, 70, 100)]
    row = paced([(5.0, 5.0, 120.0), (None, None, 180.0)])
    flags = [
        event
        for event in step_through([GivenEvents(*said), chain()[-1]], row)
        if isinstance(event, PacingFlag) and event.rule == "talking_over"
    ]
    assert [("raised", 3.0, 72.0), ("ended", 4.0, 160)] == [
        (flag.state.value, flag.measured, round(flag.decided_at / 8000)) for flag in flags
    ]
    assert (10.0, "count") == (flags[0].start / 8000, flags[0].unit)
    assert 100.6 == pytest.approx(flags[1].end / 8000)


# --- pace --------------------------------------------------------------------------------------------------------


def exchange(agent: float, customer: float, n: int, *, reply_s: float = 0.4, answer_s: float = 0.4) -> list[Part]:
    """Turns of five seconds; the agent replies after `reply_s`, the customer after `answer_s`."""
    return [(None, None, answer_s), (None, customer, 5.0), (None, None, reply_s), (agent, None, 5.0)] * n


def pace_flags(parts: Sequence[Part], **overrides: object) -> list[PacingFlag]:
    return [f for f in judge(paced(parts), **overrides) if f.rule in ("rushing", "dawdling")]


def test_an_agent_who_starts_to_rush_is_flagged_until_both_are_in_step_again():
    flags = pace_flags([*exchange(4.5, 4.5, 6), *exchange(6.0, 3.8, 6), *exchange(4.5, 4.5, 8)])
    assert ["rushing"] == list({flag.rule for flag in flags})
    assert FlagState.RAISED is flags[0].state
    raised, ended = flags[0], flags[-1]
    assert 65 - 10 < raised.start / 8000 < raised.decided_at / 8000 < 65 + 40
    assert 6.0 / 3.8 == pytest.approx(ended.measured, rel=0.05)
    assert ended.end / 8000 > 130
    seen = ended.evidence
    assert 6.0 == pytest.approx(seen["agent_rate"], rel=0.05)
    assert 3.8 == pytest.approx(seen["customer_rate"], rel=0.05)
    assert 4.5 == pytest.approx(seen["agent_baseline"], rel=0.05)
    assert seen["customer_tempo"] in ("neutral", "relaxed")
    assert seen["agent_std_error"] > 0


@pytest.mark.parametrize(
    ("agent", "customer"),
    [
        pytest.param(4.5, 4.5, id="in step"),
        pytest.param(5.2, 4.5, id="a little faster"),
        pytest.param(5.5, 4.2, id="always faster than this customer, at the own pace"),
        pytest.param(4.0, 5.0, id="slower than a customer at ease"),
    ],
)
def test_a_steady_call_is_not_flagged(agent, customer):
    assert [] == pace_flags(exchange(agent, customer, 20))


def test_an_agent_fast_by_the_norm_from_the_first_word_is_rushing():
    assert "rushing" in {flag.rule for flag in pace_flags(exchange(6.9, 4.5, 8))}


def test_keeping_up_with_a_hurried_customer_is_not_rushing():
    hurry = [(None, 6.3, 5.0), (None, None, 0.2), (8.0, None, 5.0)] * 10
    assert [] == [flag for flag in pace_flags([*exchange(4.5, 4.5, 6), *hurry]) if flag.rule == "rushing"]


def test_an_agent_who_dawdles_with_a_hurried_customer_is_flagged():
    slow = exchange(3.2, 6.0, 7, reply_s=0.3, answer_s=0.0)
    flags = pace_flags([*exchange(4.5, 4.5, 6), *slow])
    assert ["dawdling"] == list({flag.rule for flag in flags})
    assert ("ratio", 0.8) == (flags[0].unit, flags[0].limit)
    assert Severity.SEVERE is flags[-1].severity
    assert 3.2 / 6.0 == pytest.approx(flags[-1].measured, rel=0.05)


def test_slow_answers_to_a_hurried_customer_are_dawdling_at_any_rate():
    late = exchange(6.0, 6.0, 7, reply_s=2.0, answer_s=0.0)
    flags = pace_flags([*exchange(4.5, 4.5, 6), *late])
    assert ["dawdling"] == list({flag.rule for flag in flags})
    assert ("s", 2.0) == (flags[0].unit, pytest.approx(flags[0].measured, abs=0.05))
    very_late = exchange(6.0, 6.0, 7, reply_s=3.5, answer_s=0.0)
    assert Severity.SEVERE is pace_flags([*exchange(4.5, 4.5, 6), *very_late])[-1].severity


def test_the_same_slowness_with_a_customer_at_ease_is_no_dawdling():
    assert [] == pace_flags([*exchange(4.5, 4.5, 6), *exchange(3.6, 4.8, 8, reply_s=2.0, answer_s=0.6)])


def test_a_voice_twice_as_fast_is_flagged_within_sixty_syllables_of_it():
    before = exchange(4.0, 4.0, 5)
    begun = sum(seconds for *_, seconds in before)
    raised = pace_flags([*before, *exchange(8.0, 4.0, 4)])[0]
    row = paced([*before, *exchange(8.0, 4.0, 4)])
    said = row[raised.decided_at // 80 - 1].nuclei[Side.AGENT] - row[round(begun * 100)].nuclei[Side.AGENT]
    assert ("rushing", FlagState.RAISED) == (raised.rule, raised.state)
    assert 0 < said <= 60


def test_the_evidence_is_that_of_the_windows_that_decided():
    raised = pace_flags([*exchange(4.5, 4.5, 6), *exchange(6.6, 3.8, 6)])[0]
    seen = raised.evidence
    assert raised.measured == seen["ratio"]
    assert seen["agent_rate"] / seen["customer_rate"] == pytest.approx(seen["ratio"])
    assert seen["ratio_low"] < seen["ratio"] < seen["ratio_high"]
    assert seen["probability"] >= 0.95
    assert min(seen["agent_speech_s"], seen["customer_speech_s"]) >= 5


def test_nothing_is_known_before_eight_seconds_of_each_sides_speech():
    """7.4 s of the agent's are too few, however fast; 8.5 s are enough."""

    def call(agent_s: float) -> list[Part]:
        half: list[Part] = [(None, 4.0, 4.5), (None, None, 0.5), (8.0, None, agent_s / 2), (None, None, 0.7)]
        return [*half, *half, (None, None, 20.0)]

    assert [] == pace_flags(call(7.4))
    assert ["rushing"] == [flag.rule for flag in pace_flags(call(8.5))][:1]


def test_one_sentence_shows_no_pace_but_a_long_one_does():
    """9 s in one go by each, the agent's twice as fast, are one sentence each; of 14 s that is not so."""

    def call(seconds: float) -> list[Part]:
        return [(None, 4.0, seconds), (None, None, 0.5), (8.0, None, seconds), (None, None, 20.0)]

    assert [] == pace_flags(call(9.0))
    assert ["rushing"] == [flag.rule for flag in pace_flags(call(14.5))][:1]


def test_a_closing_formula_is_not_compared_with_what_the_customer_said_long_before():
    """The customer has been silent for twenty seconds when the agent becomes fast: no flag; at five seconds one."""

    def call(wait_s: float) -> list[Part]:
        talk = [*exchange(4.6, 3.8, 4), (None, None, 0.4), (None, 3.8, 6.0)]
        return [*talk, (None, None, wait_s), *([(8.0, None, 4.0), (None, None, 0.4)] * 2)]

    assert [] == pace_flags(call(20.0))
    assert ["rushing"] == list({flag.rule for flag in pace_flags(call(4.0))})


def test_speech_older_than_a_minute_says_nothing():
    """After 65 s of the agent's alone, the customer's rate is no longer known: the flag ends."""
    rush = [*exchange(4.5, 4.5, 6), *exchange(6.6, 3.8, 3)]
    alone = [(6.6, None, 5.0), (None, None, 0.5)] * 14
    flags = pace_flags([*rush, *alone], monologue__enabled=False)
    assert FlagState.ENDED is flags[-1].state
    end = sum(seconds for *_, seconds in rush)
    assert 40 < flags[-1].decided_at / 8000 - end < 65


def test_a_flag_of_pace_lies_where_the_agent_speaks():
    """Whatever stretch is flagged, the agent speaks at its first and at its last tick."""
    row = paced([*exchange(4.5, 4.5, 6), *exchange(6.6, 3.8, 5), (None, 3.8, 10.0), (None, None, 70.0)])
    raised, *_, ended = [flag for flag in judge(row) if flag.rule == "rushing"]
    assert row[raised.start // 80].speaking[Side.AGENT]
    assert row[ended.end // 80 - 1].speaking[Side.AGENT]
    assert FlagState.ENDED is ended.state


def test_an_agent_at_the_own_pace_is_rushing_only_from_the_severe_ratio_on():
    """Over a customer who is slow: 1.36 times as fast is not the agent's doing; 1.75 times is told all the same."""
    assert [] == pace_flags(exchange(4.9, 3.6, 12))
    assert ["rushing"] == list({flag.rule for flag in pace_flags(exchange(5.6, 3.2, 12))})


def test_one_fault_is_one_flag():
    flags = pace_flags([*exchange(4.5, 4.5, 6), *exchange(6.2, 3.8, 10), *exchange(4.5, 4.5, 8)])
    assert {1} == {flag.flag_id for flag in flags}


def test_a_rule_that_is_switched_off_says_nothing():
    rush = [*exchange(4.5, 4.5, 6), *exchange(6.6, 3.8, 6)]
    assert "rushing" in {flag.rule for flag in pace_flags(rush)}
    assert [] == pace_flags(rush, rushing__enabled=False)
    row = ticks("AA" + "." * 12 + "AA", "..CCCC", letter_ticks=100)
    assert "left_waiting" not in {flag.rule for flag in judge(row, left_waiting__enabled=False)}


def test_late_answers_need_more_than_half_of_three():
    """One says nothing; of two the shorter is what the median of three will be at least."""
    hurried = Tempo(start=0, end=None, decided_at=8000, state=TempoState.HURRIED)

    def fed(*times: float) -> list[float]:
        answers = [
            Response(side=Side.AGENT, start=0, end=t * 8000, decided_at=t * 8000, response_time=round(s * 8000))
            for t, s in zip(range(10, 60, 5), times, strict=False)
        ]
        said = step_through([GivenEvents(hurried, *answers), chain()[-1]], paced([(5.0, None, 120.0)]))
        return [flag.measured for flag in said if isinstance(flag, PacingFlag) and flag.rule == "dawdling"][:1]

    assert [] == fed(2.0)
    assert [] == fed(0.3, 2.0)
    assert [1.9] == fed(2.0, 1.9)
    assert [1.9] == fed(0.3, 2.0, 1.9)
    assert [] == fed(0.3, 2.0, 0.4)


def random_call(rng: random.Random, agent: float, customer: float, seconds: float) -> list[Part]:
    """Turns of 2 to 7 s with rates that differ from sentence to sentence by 10 %, around both given ones."""
    parts: list[Part] = []
    while seconds > 0:
        for side, rate in ((1, customer), (0, agent)):
            length, own = rng.uniform(2, 7), rate * math.exp(rng.gauss(0, 0.10))
            parts += [(None, None, rng.uniform(0.25, 0.9)), (own, None, length) if side == 0 else (None, own, length)]
            seconds -= length
    return parts


def test_equal_paces_are_seldom_flagged_in_long_calls():
    """Two hours of calls: at most one flag of pace an hour."""
    rng = random.Random(9)
    flagged = 0
    for _ in range(24):
        rate = rng.uniform(3.8, 5.4)
        flagged += len({f.flag_id for f in pace_flags(random_call(rng, rate, rate, 300.0))})
    assert flagged <= 2


# --- laws --------------------------------------------------------------------------------------------------------


def lives(flags: Sequence[PacingFlag]) -> Mapping[int, list[PacingFlag]]:
    found: dict[int, list[PacingFlag]] = {}
    for flag in flags:
        found.setdefault(flag.flag_id, []).append(flag)
    return found


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(pair=drawings())
def test_stepping_at_every_tick_gives_the_same_flags(pair):
    row = ticks(*pair, letter_ticks=2)
    assert judge(row) == judge(row, every_tick=True)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(pair=drawings())
def test_every_flag_is_raised_once_grows_only_worse_and_ends_once(pair):
    rank = [Severity.NOTE, Severity.FLAG, Severity.SEVERE]
    flags = judge(ticks(*pair, letter_ticks=2))
    assert sorted(flags, key=lambda flag: flag.decided_at) == flags
    for life in lives(flags).values():
        assert FlagState.RAISED is life[0].state
        assert FlagState.ENDED is life[-1].state
        assert {FlagState.ESCALATED} >= {flag.state for flag in life[1:-1]}
        assert [rank.index(f.severity) for f in life] == sorted(rank.index(f.severity) for f in life)
        assert 1 == len({(flag.rule, flag.start) for flag in life})
        for flag in life:
            assert flag.start <= flag.decided_at
            assert flag.end is None or flag.start <= flag.end <= flag.decided_at


@settings(max_examples=15, deadline=None)
@given(pair=drawings())
def test_a_reset_tracker_is_as_new(pair):
    row = ticks(*pair, letter_ticks=2)
    trackers = chain()
    first = step_through(trackers, row)
    for tracker in trackers:
        tracker.reset()
    assert first == step_through(trackers, row)
