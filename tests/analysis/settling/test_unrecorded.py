"""What was not recorded, in ticks of known truth and in whole made calls."""

import numpy as np
import pytest

from cxaudio.analysis.holds import HoldSpan
from cxaudio.analysis.settling.rows import CallRows
from cxaudio.analysis.settling.unrecorded import (
    LostPackets,
    Unrecorded,
    bridge_losses,
    find_lost_packets,
    find_unrecorded,
    gated_shares,
    recorded,
    with_unrecorded,
)
from cxaudio.model.events import Dropout, HoldKind, QualityKind, QualityNotice, Side
from cxaudio.model.timebase import Timebase
from support.demo_call import noisy_talk
from support.settled_call import analysed

AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER
HISS, TALK = 1e-7, 1e-3  # -70 and -30 dBFS
CLOCK = Timebase(8_000)


class Drawn:
    """Two sides that hiss and talk in turns of 4 s with 1 s between them."""

    def __init__(self, seconds: int = 120) -> None:
        n = 100 * seconds
        rng = np.random.default_rng(3)
        second = np.arange(n) // 100
        self.speaking = np.stack(((second % 10) < 4, ((second % 10) >= 5) & ((second % 10) < 9)))
        self.power = np.where(self.speaking, TALK, HISS) * rng.uniform(0.7, 1.4, (2, n))

    def zeros(self, first_s: float, last_s: float, side: Side | None = None) -> "Drawn":
        where = slice(None) if side is None else side
        some = slice(round(100 * first_s), round(100 * last_s))
        self.power[where, some] = 0.0
        self.speaking[where, some] = False
        return self

    def rows(self) -> CallRows:
        n = self.power.shape[1]
        return CallRows(
            power=self.power.astype(np.float32),
            noise=np.full((2, n), HISS, np.float32),
            speaking=self.speaking,
            probability=np.zeros((2, n), np.uint8),
            nuclei=np.zeros((2, n), np.int8),
            tonal=np.full((2, n), -127, np.int8),
            music=np.zeros((2, -(-n // 40)), np.int8),
            peak=np.zeros((2, n), np.uint8),
            still=self.power == 0.0,
            bands=np.zeros((2, 0, 24), np.uint8),
            present=(True, True),
        )

    def found(self, *ends: int | None) -> list[Unrecorded]:
        return find_unrecorded(self.rows(), pause_ticks=300, ends=(ends[0], ends[1]) if ends else (None, None))

    def lost(self) -> tuple[LostPackets, LostPackets]:
        return find_lost_packets(self.rows(), self.found(), pause_ticks=300)


def gated(drawn: Drawn, side: Side) -> Drawn:
    """Make every pause of a side digital silence, but for half a second behind its talk."""
    quiet = ~drawn.speaking[side]
    for lag in range(1, 50):
        quiet[lag:] &= ~drawn.speaking[side, :-lag]
    drawn.power[side, quiet] = 0.0
    return drawn


def test_zeros_on_both_sides_of_a_line_that_hisses_are_a_paused_recorder():
    assert [Unrecorded(4_050, 7_130, None, True)] == Drawn().zeros(40.5, 71.3).found()


def test_a_call_without_noise_says_nothing_by_its_zeros():
    drawn = Drawn().zeros(40, 70)
    for side in Side:
        gated(drawn, side)
    assert [] == drawn.found()


def test_a_line_that_hisses_tells_a_pause_where_the_other_side_has_a_gate():
    assert [Unrecorded(4_400, 7_000, None, True)] == gated(Drawn(), AGENT).zeros(44, 70).found()


def test_a_gate_that_closes_late_is_no_lost_side():
    drawn = Drawn(240)
    drawn.speaking[AGENT] &= (np.arange(drawn.power.shape[1]) // 100) % 40 < 10  # pauses of half a minute
    drawn.power[AGENT, ~drawn.speaking[AGENT]] = HISS
    assert [] == gated(drawn, AGENT).found()


@pytest.mark.parametrize(("first", "last"), [(40, 70), (90, 120), (0, 5)])
def test_a_side_that_turns_to_zeros_while_the_other_goes_on_was_not_recorded(first: int, last: int):
    assert [Unrecorded(100 * first, 100 * last, CUSTOMER, False)] == Drawn().zeros(first, last, CUSTOMER).found()


def test_a_side_muted_while_nobody_talks_owes_its_answer():
    drawn = Drawn().zeros(40, 70, AGENT)
    drawn.speaking[CUSTOMER, 4_100:6_900] = False
    assert [] == drawn.found()


def test_a_side_of_nothing_but_zeros_was_not_recorded():
    assert [Unrecorded(0, 12_000, CUSTOMER, False)] == Drawn().zeros(0, 120, CUSTOMER).found()


def test_a_known_end_of_a_file_needs_no_hiss():
    drawn = gated(Drawn(), AGENT).zeros(90, 120, AGENT)
    assert [] == drawn.found()
    assert [Unrecorded(9_000, 12_000, AGENT, False)] == drawn.found(9_000, None)


def test_both_sides_lost_in_part_are_told_apart():
    drawn = Drawn().zeros(40, 70, AGENT).zeros(60, 120, CUSTOMER)
    assert [
        Unrecorded(4_000, 6_000, AGENT, False),
        Unrecorded(6_000, 7_000, None, False),
        Unrecorded(7_000, 12_000, CUSTOMER, False),
    ] == drawn.found()


def test_holds_and_what_was_not_recorded_never_overlap():
    """A pause is the reason where both are; a tone says more than a side without sound; a hold by hand is listed."""
    unrecorded = [Unrecorded(1_000, 2_000, None, True), Unrecorded(3_000, 5_000, AGENT, False)]
    tone = HoldSpan(800 * 80, 3_500 * 80, HoldKind.TONE, CUSTOMER)
    found = with_unrecorded([tone], unrecorded, CLOCK, by_hand=[(4_900 * 80, 6_000 * 80)])
    assert [
        (800, 1_000, HoldKind.TONE),
        (1_000, 2_000, HoldKind.PAUSED),
        (2_000, 3_500, HoldKind.TONE),
        (3_500, 4_900, HoldKind.NOT_RECORDED),
    ] == [(hold.start // 80, (hold.end or 0) // 80, hold.kind) for hold in found]


def with_losses(drawn: Drawn, side: Side) -> Drawn:
    """Lose 80 ms in every second."""
    for at in range(37, drawn.power.shape[1] - 10, 100):
        drawn.power[side, at : at + 8] = 0.0
    return drawn


def test_packets_lost_by_the_second_are_listed_with_their_share():
    agent, customer = with_losses(Drawn(), CUSTOMER).lost()
    assert ([], 0.0) == agent
    assert [(37 + 100 * k, 45 + 100 * k) for k in range(120)] == customer.spans
    assert 0.08 == pytest.approx(customer.share)


def test_holes_in_a_noise_and_sound_that_fades_are_no_losses():
    drawn = Drawn()
    quiet = ~drawn.speaking[AGENT] & ((np.arange(12_000) - 150) % 300 < 8)
    drawn.power[AGENT, quiet] = 0.0
    assert ([], 0.0) == drawn.lost()[AGENT]
    drawn = with_losses(Drawn(), AGENT)
    for at in range(37, 11_900, 100):  # 20 dB down over three ticks
        drawn.power[AGENT, at - 3 : at] *= [0.3, 0.1, 0.01]
    assert ([], 0.0) == drawn.lost()[AGENT]


def test_talk_goes_on_through_a_short_loss():
    speaking = np.zeros((2, 300), np.bool_)
    speaking[AGENT, 50:100] = speaking[AGENT, 140:200] = True
    bridged = bridge_losses(speaking, (LostPackets([(100, 140), (200, 220)], 0.2), LostPackets([], 0.0)))
    assert np.flatnonzero(bridged[AGENT]).tolist() == list(range(50, 200))
    assert not bridged[CUSTOMER].any()


def test_a_file_that_ended_does_not_look_like_a_gate():
    drawn = Drawn().zeros(30, 120, AGENT)
    rows, speaking = drawn.rows(), drawn.speaking
    there = recorded(rows, drawn.found())
    assert (0.0, 0.0) == gated_shares(rows, speaking, there)
    assert gated_shares(rows, speaking, np.ones_like(there))[AGENT] > 0.8


@pytest.mark.slow
def test_a_paused_recorder_costs_nobody_a_flag_and_the_talk_around_it_stays():
    talk = noisy_talk()[0]
    cut = 41 * 8_000
    paused = np.concatenate((talk[:, :cut], np.zeros((2, 30 * 8_000), np.float32), talk[:, cut:]), axis=1)
    plain, (report, events) = analysed(talk)[0], analysed(paused)
    assert [(HoldKind.PAUSED, cut, cut + 30 * 8_000)] == [(h.kind, h.start, h.end) for h in report.holds]
    assert len(plain.flags) == len([f for f in report.flags if not cut <= f.start < cut + 30 * 8_000])
    assert [] == [f for f in report.flags if cut - 8_000 <= f.start < cut + 31 * 8_000]
    for side in Side:
        assert plain.sides[side].speech_s == pytest.approx(report.sides[side].speech_s, rel=0.05)
    assert [] == [e for e in events if isinstance(e, QualityNotice) and e.kind is QualityKind.NOISE_GATED]


@pytest.mark.slow
def test_a_side_that_ended_is_neither_late_nor_gated_and_the_other_counts():
    talk = noisy_talk()[0].copy()
    whole = analysed(talk)[0]
    end = 30 * 8_000
    talk[AGENT, end:] = 0.0
    report, events = analysed(talk)
    assert [(HoldKind.NOT_RECORDED, AGENT, talk.shape[1])] == [(h.kind, h.side, h.end) for h in report.holds]
    assert report.holds[0].start == pytest.approx(end, abs=80)
    assert [] == [flag for flag in report.flags if flag.start > end]
    assert [] == [e for e in report.silences if e.start > end]
    assert [] == [e for e in events if isinstance(e, QualityNotice) and e.kind is QualityKind.NOISE_GATED]
    assert whole.customer.speech_s == pytest.approx(report.customer.speech_s, rel=0.02)


@pytest.mark.slow
def test_lost_packets_are_told_and_cost_no_turn():
    talk = noisy_talk()[0].copy()
    whole = analysed(talk)[0]
    rng = np.random.default_rng(5)
    lost = np.repeat(rng.random(talk.shape[1] // 480 + 1) < 0.06, 480)[: talk.shape[1]]  # of 60 ms each
    talk[CUSTOMER, lost] = 0.0
    report, events = analysed(talk)
    notices = [e for e in events if isinstance(e, QualityNotice) and e.kind is QualityKind.DROPOUT]
    assert [CUSTOMER] == [notice.side for notice in notices]
    assert notices[0].measured == pytest.approx(lost.mean(), rel=0.1)
    dropouts = [e for e in events if isinstance(e, Dropout)]
    listed = sum(e.end - e.start for e in dropouts if e.end is not None)
    assert listed == pytest.approx(lost.sum(), rel=0.15)
    assert len(report.customer.turns) == len(whole.customer.turns)
    assert report.customer.speech_s == pytest.approx(whole.customer.speech_s, rel=0.03)
