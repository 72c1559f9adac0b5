"""One side over the whole call, with values by hand; 8 kHz."""

import math

import pytest

from cxaudio.model.events import Backchannel, Overlap, OverlapKind, Response, Side, SideFigures, Spurt, Turn
from cxaudio.model.side_summary import SideSummary, summarise_side
from cxaudio.model.timebase import Timebase

CLOCK = Timebase(8000)
S = 8000


def spurt(start: float, end: float | None, n_nuclei: int, level_dbov: float = -26.0) -> Spurt:
    edges = (round(start * S), None if end is None else round(end * S))
    return Spurt(start=edges[0], end=edges[1], decided_at=0, side=Side.AGENT, n_nuclei=n_nuclei, level_dbov=level_dbov)


def turn(start: float, end: float, speech: float, n_nuclei: int) -> Turn:
    return Turn(
        start=round(start * S),
        end=round(end * S),
        decided_at=round(end * S),
        side=Side.AGENT,
        speech=round(speech * S),
        n_nuclei=n_nuclei,
        level_dbov=-26.0,
    )


def reply(seconds: float) -> Response:
    time = round(seconds * S)
    return Response(start=0, end=time, decided_at=time, side=Side.AGENT, response_time=time)


def overlap(kind: OverlapKind, entrant: Side = Side.AGENT, *, latency_suspect: bool = False) -> Overlap:
    return Overlap(
        start=0,
        end=80,
        decided_at=80,
        kind=kind,
        holder=entrant.other,
        entrant=entrant,
        floor_taken=False,
        yielded=None,
        yield_delay=None,
        resumed_after=None,
        level_rise_db=None,
        competitive=False,
        latency_suspect=latency_suspect,
    )


def summary(**given: object) -> SideSummary:
    nothing: dict[str, object] = {
        "spurts": (),
        "turns": (),
        "backchannels": (),
        "responses": (),
        "overlaps": (),
        "held": [],
        "figures": None,
        "rates": (),
        "both_recorded_s": (0.0, 0.0),
        "turn_min_nuclei": 6,
    }
    return summarise_side(Side.AGENT, clock=CLOCK, **(nothing | given))  # type: ignore[arg-type]


def figures(**given: object) -> SideFigures:
    measured: dict[str, object] = {
        "level_dbov": -25.0,
        "noise_dbov": -60.0,
        "snr_db": 35.0,
        "baseline_rate": 4.0,
    }
    return SideFigures(start=0, end=S, decided_at=S, side=Side.AGENT, **(measured | given))  # type: ignore[arg-type]


def test_a_side_that_said_nothing_has_no_rate_no_share_and_no_level() -> None:
    found = summary()
    assert (0.0, None, 0, None, None, None, None) == (
        found.speech_s,
        found.talk_share,
        found.syllables,
        found.articulation_rate,
        found.speaking_rate,
        found.baseline_rate,
        found.level_dbov,
    )
    assert found.response_times is not None
    assert (0, None, None) == (found.response_times.n, found.response_times.median_s, found.response_times.p90_s)


def test_what_needs_another_side_is_unknown_without_one() -> None:
    found = summary(spurts=[spurt(0, 2, 10)], both_recorded_s=None)
    assert (None, None, None, None) == (
        found.talk_share,
        found.response_times,
        found.interruptions,
        found.backchannels,
    )
    assert 5.0 == found.articulation_rate


def test_pauses_inside_turns_slow_the_speaking_rate_only() -> None:
    found = summary(
        spurts=[spurt(0, 2, 10), spurt(3, 5, 10)],
        turns=[turn(0, 5, 4, 20), turn(6, 7, 1, 5)],
        both_recorded_s=(4.0, 12.0),
    )
    assert (4.0, 0.25, 20, 5.0) == (found.speech_s, found.talk_share, found.syllables, found.articulation_rate)
    assert pytest.approx(25 / 6) == found.speaking_rate
    assert [5.0, None] == [each.articulation_rate for each in found.turns], "five syllables are too few for a pace"


def test_backchannels_are_speech_but_do_not_count_for_the_pace() -> None:
    sign = Backchannel(start=3 * S, end=4 * S, decided_at=4 * S, side=Side.AGENT, n_nuclei=1)
    found = summary(
        spurts=[spurt(0, 2, 10), spurt(3, 4, 1)], backchannels=[sign], overlaps=[overlap(OverlapKind.BACKCHANNEL)]
    )
    assert (3.0, 11, 5.0, 1) == (found.speech_s, found.syllables, found.articulation_rate, found.backchannels)


def test_a_spurt_mostly_inside_a_hold_does_not_count() -> None:
    found = summary(spurts=[spurt(0, 2, 10), spurt(3, 4, 10)], held=[(round(3.4 * S), 9 * S)])
    assert (2.0, 10, 2) == (found.speech_s, found.syllables, len(found.spurts))


def test_a_spurt_without_an_end_has_no_length() -> None:
    assert (2.0, 5.0) == (
        (found := summary(spurts=[spurt(0, 2, 10), spurt(3, None, 0)])).speech_s,
        found.articulation_rate,
    )


def test_quantiles_of_one_and_of_two_replies() -> None:
    one, two = summary(responses=[reply(0.5)]), summary(responses=[reply(2.0), reply(-1.0)])
    assert one.response_times is not None
    assert two.response_times is not None
    assert (1, 0.5, 0.5) == (one.response_times.n, one.response_times.median_s, one.response_times.p90_s)
    assert (2, 0.5) == (two.response_times.n, two.response_times.median_s)
    assert pytest.approx(1.7) == two.response_times.p90_s


def test_only_the_sides_own_interruptions_that_the_line_does_not_explain_count() -> None:
    overlaps = [
        overlap(OverlapKind.INTERRUPTION),
        overlap(OverlapKind.BUTT_IN),
        overlap(OverlapKind.EARLY_REPLY),
        overlap(OverlapKind.INTERRUPTION, Side.CUSTOMER),
        overlap(OverlapKind.BUTT_IN, latency_suspect=True),
    ]
    assert 2 == summary(overlaps=overlaps).interruptions


def test_levels_are_those_measured_on_the_sound_or_else_the_mean_over_the_spurts() -> None:
    """A second at -20 dBov and three at -30: 10 lg((0.01 + 3 * 0.001) / 4)."""
    spurts = [spurt(0, 1, 5, -20.0), spurt(2, 5, 5, -30.0), spurt(6, 9, 5, math.nan)]
    assert pytest.approx(10 * math.log10(0.013 / 4)) == summary(spurts=spurts).level_dbov
    found = summary(spurts=spurts, figures=figures())
    assert (-25.0, -60.0, 35.0, 4.0) == (found.level_dbov, found.noise_dbov, found.snr_db, found.baseline_rate)


def test_the_error_of_the_rate_is_the_share_that_was_measured() -> None:
    """20 syllables in 4 s: 5 a second, of which 8 % are 0.4; a rate that is unknown has none."""
    spurts = [spurt(0, 2, 10), spurt(3, 5, 10)]
    known = summary(spurts=spurts, figures=figures(rate_error=0.08))
    assert (5.0, 0.4) == (known.articulation_rate, known.articulation_rate_std_error)
    unknown = summary(spurts=spurts, figures=figures(rate_error=0.4, rate_known=False))
    assert (None, None) == (unknown.articulation_rate, unknown.articulation_rate_std_error)
    assert summary(spurts=spurts).articulation_rate_std_error is None
