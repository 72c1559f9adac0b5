"""Flags, overlaps, holds, speech and syllables against the truth: what counts as found, and what as false."""

from dataclasses import replace

import pytest

from cxaudio.made.truth import CallTruth, HoldTruth, OverlapTruth, PhaseTruth, SideTruth
from cxaudio.model.events import (
    Event,
    FlagState,
    Hold,
    HoldKind,
    Overlap,
    OverlapKind,
    PacingFlag,
    Severity,
    Side,
    Spurt,
)
from cxaudio.model.report import CallReport, ReportBuilder
from cxaudio.selftest.levels import LEVELS, below
from cxaudio.selftest.result_json import selftest_to_dict
from cxaudio.selftest.scores import HOLDS, INTERRUPTIONS, Scores
from support.small_call import call_info, provenance

RATE = 8000
A, C = Side.AGENT, Side.CUSTOMER
SPEECH = (((10.0, 20.0), (40.0, 60.0)), ((20.5, 30.0), (55.0, 70.0)))
SYLLABLES = 10  # of each spurt


def at(seconds: float) -> int:
    return round(seconds * RATE)


def phase(rule: str, start: float, end: float, rates: tuple[float | None, float | None] = (4.5, 4.5)) -> PhaseTruth:
    return PhaseTruth(rule=rule, start=at(start), end=at(end), rates_asked=rates, rates=rates)


NEUTRAL = phase("neutral", 0, 100)


def truth(*phases: PhaseTruth, overlaps: tuple[OverlapTruth, ...] = (), holds: tuple[HoldTruth, ...] = ()) -> CallTruth:
    sides = [
        SideTruth(speech=tuple((at(a), at(b)) for a, b in spans), nuclei=tuple(range(SYLLABLES * len(spans))))
        for spans in SPEECH
    ]
    return CallTruth(
        sample_rate=RATE,
        n_samples=at(400),
        sides=(sides[A], sides[C]),
        lines=(),
        overlaps=overlaps,
        phases=phases,
        holds=holds,
        noise_db=(40.0, 40.0),
        leak_db=None,
    )


def flag(rule: str, start: float, told: float, end: float, severity: Severity = Severity.FLAG) -> list[Event]:
    line = PacingFlag(
        flag_id=round(100 * start), state=FlagState.RAISED, rule=rule, side=A, severity=severity, start=at(start),
        end=None, decided_at=at(told), measured=1.0, limit=1.0, unit="s",
    )  # fmt: skip
    return [line, replace(line, state=FlagState.ENDED, end=at(end), decided_at=at(end))]


def report(*events: list[Event], n_nuclei: int = SYLLABLES, shift_s: float = 0.0) -> CallReport:
    builder = ReportBuilder(call_info(), provenance())
    for side, spans in zip(Side, SPEECH, strict=True):
        for a, b in spans:
            a, b = a + shift_s, b + shift_s
            builder.add(Spurt(start=at(a), end=at(b), decided_at=at(b), side=side, n_nuclei=n_nuclei, level_dbov=-26.0))
    for event in sorted((event for group in events for event in group), key=lambda event: event.decided_at):
        builder.add(event)
    return builder.build(at(400))


def scored(known: CallTruth, found: CallReport) -> Scores:
    scores = Scores()
    scores.add(known, found)
    return scores


def counts(scores: Scores, name: str) -> tuple[int, int, int]:
    row = scores.rows[name]
    return row.planted, row.found, row.false


def test_a_flag_in_its_part_is_found_with_the_seconds_until_it_was_told():
    scores = scored(truth(NEUTRAL, phase("dead_air", 100, 115)), report(flag("dead_air", 100, 110.5, 115)))
    assert counts(scores, "dead_air") == (1, 1, 0)
    assert scores.rows["dead_air"].median_s == pytest.approx(10.5)
    assert scores.total.recall == scores.total.precision == 1.0


@pytest.mark.parametrize(
    ("rule", "start", "told", "expected"),
    [
        ("dead_air", 120, 130, (1, 0, 1)),  # long behind the part
        ("dead_air", 60, 70, (1, 0, 1)),  # before it
        ("monologue", 100, 110, (1, 0, 0)),  # another rule's flag finds nothing
    ],
)
def test_a_flag_elsewhere_is_false_and_finds_nothing(rule, start, told, expected):
    scores = scored(truth(NEUTRAL, phase("dead_air", 100, 115)), report(flag(rule, start, told, told + 5)))
    assert counts(scores, "dead_air") == expected
    assert scores.total.false == 1


def test_a_note_is_no_flag():
    scores = scored(
        truth(NEUTRAL, phase("dead_air", 100, 115)), report(flag("dead_air", 100, 106, 115, severity=Severity.NOTE))
    )
    assert counts(scores, "dead_air") == (1, 0, 0)


@pytest.mark.parametrize(("start", "found"), [(165, 1), (175, 0)])
def test_a_verdict_on_pace_may_come_twenty_seconds_late(start, found):
    fast = phase("rushing", 100, 150, (6.5, 4.0))
    assert scored(truth(NEUTRAL, fast), report(flag("rushing", start, start + 8, 190))).total.found == found


@pytest.mark.parametrize(
    ("rule", "rates", "is_fault"),
    [
        ("rushing", (6.0, 4.0), 1),
        ("rushing", (5.6, 4.0), 0),  # a ratio of 1.4
        ("rushing", (7.5, 5.0), 0),  # the customer hurries, too
        ("dawdling", (4.0, 6.0), 1),
        ("dawdling", (4.5, 6.0), 0),  # a ratio of 0.75
        ("dawdling", (3.0, 5.0), 0),  # the customer does not hurry
        ("dawdling", (None, 6.0), 0),
    ],
)
def test_a_part_of_pace_counts_by_what_was_spoken_in_it(rule, rates, is_fault):
    scores = scored(truth(NEUTRAL, phase(rule, 100, 150, rates)), report(flag(rule, 110, 120, 150)))
    assert counts(scores, rule) == (is_fault, is_fault, 0), "not judged at all where it is none"


def test_a_near_miss_that_is_flagged_counts_twice():
    """Once as a near miss, and once as a false flag."""
    near = phase("near_left_waiting", 100, 103)
    assert scored(truth(NEUTRAL, near), report()).near.false == 0
    scores = scored(truth(NEUTRAL, near), report(flag("left_waiting", 100, 102, 103)))
    assert (scores.near.planted, scores.near.false) == (1, 1)
    assert counts(scores, "left_waiting") == (0, 0, 1)


def test_talking_over_is_timed_from_the_overlap():
    over = OverlapTruth(kind=OverlapKind.INTERRUPTION, start=at(108), end=at(110), holder=C, entrant=A)
    known = truth(NEUTRAL, phase("talking_over", 100, 115), overlaps=(over,))
    scores = scored(known, report(flag("talking_over", 108, 110, 111)))
    assert scores.rows["talking_over"].seconds == [2.0]


def overlap(start: float, end: float, kind: OverlapKind, entrant: Side) -> list[Event]:
    return [
        Overlap(
            start=at(start), end=at(end), decided_at=at(end), kind=kind, holder=entrant.other, entrant=entrant,
            floor_taken=True, yielded=entrant.other, yield_delay=at(end - start), resumed_after=None,
            level_rise_db=None, competitive=False, latency_suspect=False,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "entrant", "expected"),
    [
        (OverlapKind.INTERRUPTION, C, (1, 1, 0)),
        (OverlapKind.BUTT_IN, C, (1, 1, 0)),  # both count as interruptions
        (OverlapKind.BACKCHANNEL, C, (1, 0, 0)),
        (OverlapKind.INTERRUPTION, A, (1, 0, 1)),  # the other side's
    ],
)
def test_an_interruption_is_found_if_the_same_side_made_one(kind, entrant, expected):
    planted = OverlapTruth(kind=OverlapKind.INTERRUPTION, start=at(55), end=at(60), holder=A, entrant=C)
    scores = scored(truth(NEUTRAL, overlaps=(planted,)), report(overlap(55.2, 59.8, kind, entrant)))
    assert counts(scores, INTERRUPTIONS) == expected


@pytest.mark.parametrize(("end", "expected"), [(131.5, (1, 1, 0)), (134.0, (1, 0, 1))])
def test_a_hold_is_found_if_both_its_ends_are(end, expected):
    hold = Hold(start=at(110), end=None, decided_at=at(120), kind=HoldKind.MUSIC, side=A)
    events = [hold, replace(hold, end=at(end), decided_at=at(end))]
    known = truth(NEUTRAL, holds=(HoldTruth(start=at(110), end=at(130), kind=HoldKind.MUSIC),))
    assert counts(scored(known, report(events)), HOLDS) == expected


def test_speech_and_overlap_are_compared_tick_by_tick():
    exact = scored(truth(NEUTRAL), report())
    assert (exact.speech_f1, exact.overlap_f1) == (1.0, 1.0)
    late = scored(truth(NEUTRAL), report(shift_s=0.1))
    assert late.speech_f1 == 1.0, "within what is forgiven"
    # By hand: both speak from 55 to 60, reported 1 s late: 4 s right, 1 s false, 1 s missed.
    assert scored(truth(NEUTRAL), report(shift_s=1.0)).overlap_f1 == pytest.approx(0.8)


def test_syllables_are_counted_side_by_side():
    scores = scored(truth(NEUTRAL), report(n_nuclei=9))
    assert scores.count_errors == pytest.approx([-0.1, -0.1])
    assert (scores.count_error, scores.count_bias) == pytest.approx((0.1, -0.1))


def test_each_level_that_is_not_reached_is_named():
    good = scored(truth(NEUTRAL, phase("dead_air", 100, 115)), report(flag("dead_air", 100, 110, 115)))
    assert below(good) == ()
    bad = scored(
        truth(NEUTRAL, phase("dead_air", 100, 115), holds=(HoldTruth(start=at(200), end=at(220), kind=HoldKind.TONE),)),
        report(flag("monologue", 300, 360, 370), n_nuclei=5, shift_s=5.0),
    )
    assert {level.name for level in below(bad)} == {level.name for level in LEVELS}
    written = selftest_to_dict(bad, seed=3)
    assert written["passed"] is False
    assert written["levels"]["recall"] == {
        "value": 0.0,
        "at_least": written["levels"]["recall"]["at_least"],
        "reached": False,
    }
    assert written["found"]["monologue"] == {"planted": 0, "found": 0, "false": 1, "median_s_to_flag": None}
