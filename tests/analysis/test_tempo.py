"""The customer's tempo: two signs for a hurry, none left at once, unknown where too little was heard."""

import math
from typing import cast

import pytest

from cxaudio.analysis.pace_watch import PaceWatch
from cxaudio.analysis.pace_windows import Baseline, SideWindows
from cxaudio.analysis.piece_row import RateWindow
from cxaudio.analysis.tempo import TempoTracker
from cxaudio.analysis.tick import Tick
from cxaudio.model.events import Event, OverlapKind, RateEstimate, Response, Side, Tempo, TempoState, Turn
from cxaudio.settings import load_settings
from support.given_events import cut_in
from support.paced import CLOCK

SETTINGS = load_settings(user_folder="/nonexistent")
POLICY = SETTINGS.pacing
TEMPO, NORMS = POLICY.tempo, POLICY.norms


class GivenWindows:
    """Windows of the customer as a test's estimates give them: one of 15 s, the baseline exactly known."""

    def __init__(self) -> None:
        self.customer: SideWindows | None = None
        self.baselines: list[Baseline | None] = [None, None]

    def side(self, side: Side) -> SideWindows | None:
        return self.customer if side is Side.CUSTOMER else None


class GivenWatch:
    """Stands for the watch of the pace."""

    def __init__(self) -> None:
        self.windows = GivenWindows()
        self.renewed = (False, False)
        self.probability = POLICY.pace.probability

    def take(self, fresh: list[Event]) -> None:
        self.renewed = (False, False)
        for event in fresh:
            if isinstance(event, RateEstimate) and event.side is Side.CUSTOMER:
                self.renewed = (False, True)
                self.windows.customer = None
                if event.syllables_per_s is not None:
                    window = RateWindow(0, 1500, event.n_nuclei, 1500)
                    log_rates, variances = [math.log(event.syllables_per_s)], [0.2 / event.n_nuclei]
                    self.windows.customer = SideWindows([window], log_rates, variances, 0.0)
                baseline = None if event.baseline is None else Baseline(event.baseline, 0.0)
                self.windows.baselines[Side.CUSTOMER] = baseline


def tracker_of(watch: GivenWatch | None = None) -> TempoTracker:
    return TempoTracker(TEMPO, NORMS, cast("PaceWatch", watch or GivenWatch()), timebase=CLOCK)


def rate(
    at_s: float,
    syllables_per_s: float | None,
    *,
    baseline: float | None = 4.5,
    side: Side = Side.CUSTOMER,
    n_nuclei: int = 4000,
) -> Event:
    return RateEstimate(
        side=side,
        start=0,
        end=round(at_s * 8000),
        decided_at=round(at_s * 8000),
        syllables_per_s=syllables_per_s,
        std_error=None if syllables_per_s is None else 0.3,
        confidence=1.0,
        n_nuclei=n_nuclei,
        speech=15 * 8000,
        baseline=baseline,
    )


def response(at_s: float, seconds: float, *, side: Side = Side.CUSTOMER) -> Event:
    end = round(at_s * 8000)
    return Response(
        side=side, start=end - round(seconds * 8000), end=end, decided_at=end, response_time=round(seconds * 8000)
    )


def turn(at_s: float, *, seconds: float, speech_s: float) -> Event:
    end = round(at_s * 8000)
    return Turn(
        side=Side.CUSTOMER,
        start=end - round(seconds * 8000),
        end=end,
        decided_at=end,
        speech=round(speech_s * 8000),
        n_nuclei=20,
        level_dbov=-26.0,
    )


def tempo(events: list[Event], *, until_s: float = 200.0, every_tick: bool = False) -> list[tuple[float, str]]:
    """Changes of tempo as (second, state); the events about a further sign are left out."""
    said = [(second, state) for second, state, _ in signs(events, until_s=until_s, every_tick=every_tick)]
    return [change for k, change in enumerate(said) if not k or said[k - 1][1] != change[1]]


def signs(
    events: list[Event], *, until_s: float = 200.0, every_tick: bool = False
) -> list[tuple[float, str, list[str]]]:
    """Events of tempo as (second, state, signs)."""
    watch = GivenWatch()
    tracker = tracker_of(watch)
    said = []
    for number in range(round(until_s * 100)):
        fresh = [event for event in events if event.decided_at // 80 == number]
        if not (fresh or every_tick or number >= tracker.due):
            continue
        tick = Tick(
            number=number, at=(number + 1) * 80, speaking=(False, False), nuclei=(0, 0),
            speech=(0, 0), energy=(0.0, 0.0), held=False,
        )  # fmt: skip
        watch.take(fresh)
        for event in tracker.step(tick, fresh):
            assert isinstance(event, Tempo)
            said.append((round(event.start / 8000), event.state.value, [sign.value for sign in event.signs]))
    return said


PROMPT = [response(20 + 3 * k, -0.1) for k in range(5)]
FAST = rate(40, 5.4)


def test_the_tempo_is_unknown_until_a_rate_is_known():
    assert [] == tempo(PROMPT)
    assert [(40, "neutral")] == tempo([rate(40, 4.7)])


def test_a_fast_customer_who_waits_for_no_silence_is_hurried():
    assert [(40, "hurried")] == tempo([*PROMPT, FAST])


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([FAST], id="fast alone"),
        pytest.param([*PROMPT, rate(40, 4.7)], id="prompt alone"),
        pytest.param([rate(40, 4.7), cut_in(41), cut_in(45)], id="cut-ins alone"),
        pytest.param([FAST, cut_in(45)], id="one cut-in"),
        pytest.param([FAST, cut_in(45, entrant=Side.AGENT), cut_in(47, entrant=Side.AGENT)], id="the agent's cut-ins"),
        pytest.param([FAST, *(response(20 + k, -0.1, side=Side.AGENT) for k in range(5))], id="the agent's answers"),
        pytest.param([FAST, *(cut_in(42 + k, kind=OverlapKind.EARLY_REPLY) for k in range(3))], id="early replies"),
        pytest.param([FAST, *(cut_in(42 + k, latency_suspect=True) for k in range(3))], id="what the line delayed"),
        pytest.param([FAST, PROMPT[0]], id="one answer"),
        pytest.param([FAST, *PROMPT[:1], response(30, 0.5)], id="the newest answer waited"),
        pytest.param([*PROMPT, rate(40, 5.4, n_nuclei=60)], id="a rate that its error explains"),
    ],
)
def test_one_sign_makes_no_hurry(events):
    assert "hurried" not in [state for _, state in tempo(events)]


def test_two_prompt_answers_are_enough_where_the_rate_is_a_sign():
    """Without it, the median needs three."""
    assert [(40, "hurried")] == tempo([*PROMPT[:2], FAST])
    assert [(20, "neutral")] == tempo([rate(20, 4.7), *PROMPT[:2], cut_in(45), rate(40, 4.7)])
    late, soon = response(20, 2.0), [response(30, -0.1), response(33, 0.1)]
    assert [(40, "hurried")] == tempo([late, late, late, *soon, FAST])


def test_a_customer_fast_from_the_first_word_is_measured_by_the_norm():
    """Norm en: 5.1 x 1.2 = 6.12 syllables/s; the own baseline is as fast."""
    assert [(40, "neutral")] == tempo([*PROMPT, rate(40, 6.0, baseline=6.0)])
    assert [(40, "hurried")] == tempo([*PROMPT, rate(40, 6.2, baseline=6.2)])


def test_two_cut_ins_within_a_minute_are_a_sign_and_are_forgotten_after_it():
    assert [(40, "neutral"), (52, "hurried"), (105, "neutral")] == tempo([FAST, cut_in(45), cut_in(50)])
    assert [(40, "neutral")] == tempo([FAST, cut_in(45), cut_in(110)])


def test_no_state_is_left_within_ten_seconds():
    changes = tempo([*PROMPT, FAST, rate(43, 4.0), rate(44, 5.4), rate(48, 4.0)])
    assert [(40, "hurried"), (50, "neutral")] == changes


def test_a_sign_once_seen_is_not_lost_at_its_own_limit():
    """Limit 1.15 x 4.5 = 5.175; once hurried 5.0 will do, 4.8 will not."""
    assert [(40, "hurried")] == tempo([*PROMPT, FAST, rate(60, 5.0)])
    assert [(40, "neutral")] == tempo([*PROMPT, rate(40, 5.0)])
    assert [(40, "hurried"), (60, "neutral")] == tempo([*PROMPT, FAST, rate(60, 4.8)])


def test_a_slow_customer_with_pauses_is_relaxed_until_a_cut_in():
    calm = [turn(30 + 5 * k, seconds=4.0, speech_s=2.8) for k in range(3)]
    assert [(41, "relaxed"), (60, "neutral")] == tempo([*calm, rate(41, 4.3), cut_in(58)], until_s=100)
    brisk = [turn(30 + 5 * k, seconds=4.0, speech_s=3.5) for k in range(3)]
    assert [(41, "neutral")] == tempo([*brisk, rate(41, 4.3)])
    assert [(41, "neutral")] == tempo([*calm, rate(41, 4.8)])


def test_a_rate_that_is_lost_makes_the_tempo_unknown():
    assert [(40, "neutral"), (60, "unknown")] == tempo([rate(40, 4.7), rate(60, None)])


def test_stepping_at_every_tick_gives_the_same_changes():
    events = [*PROMPT, FAST, cut_in(45), cut_in(50), rate(60, 4.0), rate(63, 5.6), turn(70, seconds=3, speech_s=2)]
    assert signs(events) == signs(events, every_tick=True)


def test_a_state_carries_the_signs_that_held():
    assert [(40, "hurried", ["rate_above_baseline", "quick_replies"])] == signs([*PROMPT, FAST])
    by_norm = [*PROMPT, rate(40, 6.2, baseline=6.2)]
    assert [(40, "hurried", ["rate_above_norm", "quick_replies"])] == signs(by_norm)
    assert (52, "hurried", ["rate_above_baseline", "cut_ins"]) in signs([FAST, cut_in(45), cut_in(50)])
    calm = [turn(30 + 5 * k, seconds=4.0, speech_s=2.8) for k in range(3)]
    assert [(41, "relaxed", ["slow_rate", "long_pauses", "no_cut_ins"])] == signs([*calm, rate(41, 4.3)])
    assert [(40, "neutral", [])] == signs([rate(40, 4.7)])


def test_a_sign_that_joins_is_reported_with_the_state_that_goes_on():
    """The answers stay; the rate falls and cut-ins come: all three have held in the one state."""
    said = signs([*PROMPT, FAST, cut_in(60), cut_in(64), rate(70, 4.0), rate(80, 5.4)], until_s=100)
    assert [
        (40, "hurried", ["rate_above_baseline", "quick_replies"]),
        (66, "hurried", ["rate_above_baseline", "quick_replies", "cut_ins"]),
    ] == said


def test_one_sign_is_named_where_it_makes_no_hurry():
    assert [(40, "neutral", ["quick_replies"])] == signs([*PROMPT, rate(40, 4.7)])


def test_a_reset_tracker_is_as_new():
    watch = GivenWatch()
    tracker = tracker_of(watch)
    watch.take([FAST])
    tick = Tick(5000, 5001 * 80, (False, False), (0, 0), (0, 0), (0.0, 0.0), False)
    first = list(tracker.step(tick, [*PROMPT, FAST]))
    tracker.reset()
    assert [TempoState.HURRIED] == [event.state for event in first]
    assert first == list(tracker.step(tick, [*PROMPT, FAST]))


def test_a_relaxed_customer_may_pause_a_little_less_and_stay_relaxed():
    """The limit is a share of pauses of 0.25; once relaxed 0.22 will do, 0.18 will not."""
    calm = [turn(20 + 4 * k, seconds=4.0, speech_s=2.8) for k in range(5)]
    fewer = [turn(50 + 4 * k, seconds=4.0, speech_s=3.12) for k in range(5)]
    fewest = [turn(50 + 4 * k, seconds=4.0, speech_s=3.28) for k in range(5)]
    assert [(41, "relaxed")] == tempo([*calm, rate(41, 4.3), *fewer])
    assert [(41, "relaxed"), (66, "neutral")] == tempo([*calm, rate(41, 4.3), *fewest])
    assert [(71, "neutral")] == tempo([*fewer, rate(71, 4.3)])
