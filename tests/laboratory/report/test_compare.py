"""Ranks are given only where intervals part, and every headset that comes later has its causes named."""

from dataclasses import replace

import pytest

from cxaudio.laboratory.measures import figure_specs
from cxaudio.laboratory.measures.figure import Figure, Presence
from cxaudio.laboratory.measures.headset_report import measure_headset
from cxaudio.laboratory.report.compare import Comparison, compare_headsets, ranks
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.made.simulated_headset import SimulatedHeadset
from support.lab_takes import RATE, lab_takes

NOISE, SKEW, LOSS = (figure_specs()[key] for key in ("noise.a_weighted_dbov", "clock.skew_ppm", "coupling.weighted_db"))

GOOD = SimulatedHeadset(
    sample_rate=RATE, response=((100, -3.0), (300, 0), (8_000, 0)), bandwidth_hz=7_400, quadratic=0.005, far_db=-22,
    coupling_db=-45, noise_dbov=-78, delay_samples=600, skew_ppm=3,
)  # fmt: skip
MIDDLE = replace(
    GOOD, response=((100, -12.0), (300, -2), (1_000, 0), (3_000, 6), (8_000, -6)), bandwidth_hz=6_900, quadratic=0.05,
    far_db=-14, coupling_db=-36, noise_dbov=-70, hum_dbov=-66, delay_samples=1_400, skew_ppm=30,
)  # fmt: skip
POOR = replace(
    MIDDLE, bandwidth_hz=3_500, quadratic=0.15, cubic=0.1, far_db=-6, coupling_db=-25, noise_dbov=-58, hum_dbov=None,
    delay_samples=3_400, skew_ppm=-140, lost=((3.0, 0.02), (5.0, 0.03)),
)  # fmt: skip
ROLES = (Role.QUIET, Role.SPEECH, Role.FAR, Role.SWEEP_LOUD, Role.EARPIECE, Role.MARKERS, Role.OPENING)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Given out of order, so that their order is found."""
    named = {"middle": MIDDLE, "poor": POOR, "good": GOOD}
    return compare_headsets(
        [
            measure_headset(judge_takes(name, lab_takes([headset], roles=ROLES, n_openings=4)))
            for name, headset in named.items()
        ]
    )


@pytest.mark.slow
def test_three_headsets_are_ranked_as_they_were_made(comparison):
    assert [(each.model, each.rank) for each in comparison.standings] == [("good", 1), ("middle", 2), ("poor", 3)]


@pytest.mark.slow
def test_each_cause_is_named_and_none_that_is_not_there(comparison):
    causes = {each.model: {cause.spec.key for cause in each.causes} for each in comparison.standings}
    assert causes["good"] == set()
    assert {
        "noise.a_weighted_dbov", "hum.level_dbov", "snr.quiet_db", "bandwidth.upper_hz", "response.deviation_db",
        "thd.worst_percent", "latency.median_ms", "clock.skew_ppm", "coupling.weighted_db", "near_far.mean_db",
    } == causes["middle"]  # fmt: skip
    assert causes["poor"] == (causes["middle"] - {"hum.level_dbov"}) | {"dropouts.per_5min"}
    for standing in comparison.standings:
        for cause in standing.causes:
            # The middle one loses no sound, and the poor one does not hum.
            best = {"good"} | {"hum.level_dbov": {"poor"}, "dropouts.per_5min": {"middle"}}.get(cause.spec.key, set())
            assert cause.best_model in best


@pytest.mark.slow
def test_a_cause_tells_both_figures(comparison):
    (noise,) = [each for each in comparison.standings[2].causes if each.spec is NOISE]
    assert noise.figure.value - noise.best.value == pytest.approx(20, abs=1)


def test_overlapping_intervals_share_a_rank():
    told = [Figure(spec=NOISE, value=value, spread=0.8) for value in (-70.0, -68.6, -67.2)]
    assert ranks(NOISE, told) == (1, 1, 2)


def test_a_difference_not_worth_telling_is_none():
    told = [Figure(spec=SKEW, value=value, uncertainty=0.05) for value in (0.0, 4.0, -30.0)]
    assert ranks(SKEW, told) == (1, 1, 3)


def test_bounds_count_only_in_the_direction_in_which_they_bind():
    """At least 40 may be 60: it is not behind 50, but before 30."""
    told = [
        Figure(spec=LOSS, value=50.0, uncertainty=0.5),
        Figure(spec=LOSS, value=40.0, uncertainty=0.5, bound="at_least"),
        Figure(spec=LOSS, value=30.0, uncertainty=0.5),
    ]
    assert ranks(LOSS, told) == (1, 1, 3)


def test_the_noise_of_a_closed_gate_does_not_win():
    told = [Figure(spec=NOISE, value=-70.0), Figure(spec=NOISE, value=-110.0, bound="at_least")]
    assert ranks(NOISE, told) == (1, 1)


def test_a_fault_that_is_not_there_is_better_than_one_that_is():
    hum = figure_specs()["hum.level_dbov"]
    told = [Figure(spec=hum, value=None, presence=Presence.NOT_FOUND), Figure(spec=hum, value=-65.0, uncertainty=1.0)]
    assert ranks(hum, told) == (1, 2)


def test_what_is_withheld_has_no_rank():
    told = [Figure(spec=NOISE, value=-70.0), Figure(spec=NOISE, value=None, withheld="no take")]
    assert ranks(NOISE, told) == (1, None)


def test_a_figure_that_only_describes_ranks_nothing():
    level = figure_specs()["level.active_dbov"]
    assert ranks(level, [Figure(spec=level, value=-20.0), Figure(spec=level, value=-40.0)]) == (None, None)
