"""Holds told by hand: nothing inside them counts, whatever the cutting, and they are joined with those heard."""

from itertools import pairwise

import pytest

from cxaudio.analysis.call import CallAnalyser
from cxaudio.analysis.holds import HoldMark, HoldTeller
from cxaudio.made.synthetic import made_call
from cxaudio.model.blocks import AudioBlock, CallInfo
from cxaudio.model.events import Event, Hold, HoldKind, PacingFlag, Side, Silence, Spurt
from cxaudio.model.timebase import Timebase
from cxaudio.settings import load_settings

CLOCK = Timebase(8_000)
SETTINGS = load_settings()
HELD = (8_000 * 12 + 13, 8_000 * 27 + 41)  # samples; on no tick's edge


def analyse(samples, spans, cut: int) -> list[Event]:
    """Feed in blocks of `cut` samples, cut at the edges of `spans`, and marked inside them."""
    info = CallInfo(
        call_id="told",
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


def test_a_hold_told_by_hand_is_said_to_the_sample_and_once(samples):
    holds = [event for event in analyse(samples, [HELD], 1_600) if isinstance(event, Hold)]
    assert [(HELD[0], None), HELD] == [(hold.start, hold.end) for hold in holds]
    assert {HoldKind.TOLD} == {hold.kind for hold in holds}


@pytest.mark.parametrize("cut", [800, 3_217, 8_000 * 20])
def test_a_told_hold_gives_the_same_events_however_the_sound_is_cut(samples, cut):
    assert analyse(samples, [HELD], 1_600) == analyse(samples, [HELD], cut)


def test_no_speech_and_no_owed_silence_counts_inside_a_told_hold(samples):
    quiet = samples.copy()
    quiet[:, 8_000 * 10 : 8_000 * 27] = 0
    free = analyse(quiet, [], 1_600)
    held = analyse(quiet, [(8_000 * 10, 8_000 * 27)], 1_600)
    assert any(isinstance(event, PacingFlag) for event in free)
    assert not any(isinstance(event, PacingFlag) and event.evidence.get("hold") is None for event in held)
    inside = [
        event
        for event in analyse(samples, [HELD], 1_600)
        if isinstance(event, Spurt | Silence) and event.start >= HELD[0] and (event.end or 0) <= HELD[1] - 80
    ]
    assert inside == []


def test_a_hold_lasting_at_the_end_of_the_call_ends_with_it(samples):
    n = samples.shape[1]
    holds = [event for event in analyse(samples, [(n - 16_000, n)], 1_600) if isinstance(event, Hold)]
    assert holds[-1].end == n


def test_a_told_hold_goes_before_music_that_is_heard_and_the_music_is_spoken_of_again_after_it():
    teller = HoldTeller(CLOCK)
    music = Hold(start=1_000, end=None, decided_at=0, kind=HoldKind.MUSIC, side=Side.CUSTOMER)
    over = Hold(start=1_000, end=90_000, decided_at=0, kind=HoldKind.MUSIC, side=Side.CUSTOMER)
    teller.hear([HoldMark(tick=200, held=True, event=music)])
    teller.tell(40_000, True)
    teller.tell(80_000, False)
    teller.hear([HoldMark(tick=1_300, held=False, event=over)])
    said = teller.take(1_200)
    assert teller.held
    said += teller.take(1_300)
    assert not teller.held
    assert [
        (HoldKind.MUSIC, 1_000, None),
        (HoldKind.MUSIC, 1_000, 40_000),
        (HoldKind.TOLD, 40_000, None),
        (HoldKind.TOLD, 40_000, 80_000),
        (HoldKind.MUSIC, 80_000, None),
        (HoldKind.MUSIC, 80_000, 90_000),
    ] == [(hold.kind, hold.start, hold.end) for hold in said]


def test_music_that_begins_and_ends_inside_a_told_hold_is_not_spoken_of():
    teller = HoldTeller(CLOCK)
    teller.tell(8_000, True)
    begun = Hold(start=9_000, end=None, decided_at=0, kind=HoldKind.MUSIC, side=Side.CUSTOMER)
    over = Hold(start=9_000, end=20_000, decided_at=0, kind=HoldKind.MUSIC, side=Side.CUSTOMER)
    teller.hear([HoldMark(tick=150, held=True, event=begun), HoldMark(tick=260, held=False, event=over)])
    teller.tell(40_000, False)
    assert [HoldKind.TOLD, HoldKind.TOLD] == [hold.kind for hold in teller.take(1_000)]
