"""Holds set by hand: nothing inside them counts, whatever the cutting, and they are merged with those detected."""

from itertools import pairwise

import pytest

from cxaudio.analysis.call import CallAnalyser
from cxaudio.analysis.hold_merger import HoldMerger
from cxaudio.analysis.holds import HoldMark, HoldSpan
from cxaudio.analysis.tick import NEVER
from cxaudio.made.synthetic import made_call
from cxaudio.model.blocks import AudioBlock, CallInfo
from cxaudio.model.events import Event, Hold, HoldKind, PacingFlag, Side, Silence, Spurt
from cxaudio.model.timebase import Timebase
from cxaudio.settings import load_settings

pytestmark = pytest.mark.slow  # whole calls, or takes of whole headsets

CLOCK = Timebase(8_000)
SETTINGS = load_settings()
HELD = (8_000 * 12 + 13, 8_000 * 27 + 41)  # samples; on no tick's edge


def analyse(samples, spans, cut: int) -> list[Event]:
    """Feed in blocks of `cut` samples, cut at the edges of `spans`, and marked inside them."""
    info = CallInfo(
        call_id="by-hand",
        origin="live",
        language="en",
        started_at=None,
        timebase=CLOCK,
        source_rates=(8_000, 8_000),
        channels=(0, 1),
    )
    analyser = CallAnalyser(info, SETTINGS.analysis, SETTINGS.pacing)
    n = samples.shape[1]
    edges = sorted({0, n, *range(0, n, cut), *(min(edge, n) for span in spans for edge in span)})
    events: list[Event] = []
    for start, end in pairwise(edges):
        held = any(a <= start < b for a, b in spans)
        events += analyser.process(AudioBlock(start=start, samples=samples[:, start:end], held=held)).events
    return [*events, *analyser.flush().events]


@pytest.fixture(scope="module")
def samples():
    return made_call(3, seconds=45)[0]


@pytest.fixture(scope="module")
def held_events(samples):
    return analyse(samples, [HELD], 1_600)


def test_a_hold_by_hand_is_reported_to_the_sample_and_once(held_events):
    holds = [event for event in held_events if isinstance(event, Hold)]
    assert [(HELD[0], None), HELD] == [(hold.start, hold.end) for hold in holds]
    assert {HoldKind.BY_HAND} == {hold.kind for hold in holds}


@pytest.mark.parametrize("cut", [pytest.param(800, marks=pytest.mark.slow), 3_217, 8_000 * 20])
def test_a_hold_by_hand_gives_the_same_events_however_the_sound_is_cut(samples, held_events, cut):
    assert held_events == analyse(samples, [HELD], cut)


@pytest.mark.slow
def test_no_speech_and_no_owed_silence_counts_inside_a_hold_by_hand(samples, held_events):
    quiet = samples.copy()
    quiet[:, 8_000 * 10 : 8_000 * 27] = 0
    free = analyse(quiet, [], 1_600)
    held = analyse(quiet, [(8_000 * 10, 8_000 * 27)], 1_600)
    assert any(isinstance(event, PacingFlag) for event in free)
    assert not any(isinstance(event, PacingFlag) and event.evidence.get("hold") is None for event in held)
    inside = [
        event
        for event in held_events
        if isinstance(event, Spurt | Silence) and event.start >= HELD[0] and (event.end or 0) <= HELD[1] - 80
    ]
    assert inside == []


def test_a_hold_lasting_at_the_end_of_the_call_ends_with_it(samples):
    n = samples.shape[1]
    holds = [event for event in analyse(samples, [(n - 16_000, n)], 1_600) if isinstance(event, Hold)]
    assert holds[-1].end == n


MUSIC = HoldSpan(1_000, None, HoldKind.MUSIC, Side.CUSTOMER)


def test_a_hold_by_hand_takes_precedence_over_detected_music_which_is_reported_again_after_it():
    holds = HoldMerger(CLOCK)
    holds.add_detected([HoldMark(tick=200, held=True, span=MUSIC)])
    holds.set_by_hand(40_000, True)
    holds.set_by_hand(80_000, False)
    holds.add_detected([HoldMark(tick=1_300, held=False, span=MUSIC._replace(end=90_000))])
    assert 200 == holds.next_tick
    events = holds.take(1_200, 96_000)
    assert holds.held
    assert 1_300 == holds.next_tick
    events += holds.take(1_300, 104_000)
    assert not holds.held
    assert NEVER == holds.next_tick
    assert [
        (HoldKind.MUSIC, 1_000, None, 96_000),
        (HoldKind.MUSIC, 1_000, 40_000, 96_000),
        (HoldKind.BY_HAND, 40_000, None, 96_000),
        (HoldKind.BY_HAND, 40_000, 80_000, 96_000),
        (HoldKind.MUSIC, 80_000, None, 96_000),
        (HoldKind.MUSIC, 80_000, 90_000, 104_000),
    ] == [(hold.kind, hold.start, hold.end, hold.decided_at) for hold in events]


def test_music_that_begins_and_ends_inside_a_hold_by_hand_is_not_reported():
    holds = HoldMerger(CLOCK)
    holds.set_by_hand(8_000, True)
    begun = MUSIC._replace(start=9_000)
    holds.add_detected(
        [HoldMark(tick=150, held=True, span=begun), HoldMark(tick=260, held=False, span=begun._replace(end=20_000))]
    )
    holds.set_by_hand(40_000, False)
    assert [HoldKind.BY_HAND, HoldKind.BY_HAND] == [hold.kind for hold in holds.take(1_000, 80_000)]


def test_a_hold_by_hand_covers_the_ticks_that_it_touches():
    holds = HoldMerger(CLOCK)
    holds.set_by_hand(8_001, True)
    assert [] == holds.take(99, 8_000)
    assert [(8_001, None)] == [(hold.start, hold.end) for hold in holds.take(100, 8_080)]
    holds.set_by_hand(16_001, False)
    assert [] == holds.take(200, 16_080)
    assert holds.held
    assert [(8_001, 16_001)] == [(hold.start, hold.end) for hold in holds.take(201, 16_160)]
    assert not holds.held


def test_the_end_of_the_call_takes_what_is_left():
    holds = HoldMerger(CLOCK)
    holds.set_by_hand(8_000, True)
    holds.set_by_hand(8_000, True)
    holds.set_by_hand(24_000, False)
    assert [(8_000, None, 24_000), (8_000, 24_000, 24_000)] == [
        (hold.start, hold.end, hold.decided_at) for hold in holds.take(NEVER, 24_000)
    ]
