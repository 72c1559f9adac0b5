"""Only what differs is ranked, and every headset that comes later has its causes named."""

import math
from dataclasses import replace

import numpy as np
import pytest

from cxaudio.laboratory.measures import figure_specs
from cxaudio.laboratory.measures.estimate import Count, Estimate, estimate_mean
from cxaudio.laboratory.measures.figure import Figure, Presence
from cxaudio.laboratory.measures.headset_report import measure_headset
from cxaudio.laboratory.report.compare import Comparison, compare_headsets, ranks
from cxaudio.laboratory.report.decide import is_better, ranking_significance
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
            measure_headset(judge_takes(name, lab_takes([headset] * 2, roles=ROLES, n_openings=4)))
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
            # The poor one does not hum. Four drop-outs against none in a minute may be chance, but break the limit.
            best = {"hum.level_dbov": {"good", "poor"}, "dropouts.per_5min": {None}}.get(cause.spec.key, {"good"})
            assert cause.best_model in best


@pytest.mark.slow
def test_a_cause_tells_both_figures(comparison):
    (noise,) = [each for each in comparison.standings[2].causes if each.spec is NOISE]
    assert noise.figure.value - noise.best.value == pytest.approx(20, abs=1)


def told(spec, value, error=0.3, *, dof=4.0, **more) -> Figure:
    return Figure(spec=spec, value=value, estimate=Estimate(error=error, dof=dof), **more)


def ranked(*figures: Figure) -> tuple[int | None, ...]:
    return ranks(figures, significance=0.05 / 12)


def test_what_does_not_surely_differ_shares_a_rank():
    """Welch at 0.4 %, 8 degrees of freedom: 3.98 standard errors of the difference, 1.69 dB."""
    assert ranked(told(NOISE, -70.0), told(NOISE, -68.4), told(NOISE, -68.2)) == (1, 1, 2)


def test_a_difference_not_worth_telling_is_none():
    assert ranked(told(SKEW, 0.0, 0.05), told(SKEW, 4.0, 0.05), told(SKEW, -30.0, 0.05)) == (1, 1, 3)


def test_bounds_count_only_in_the_direction_in_which_they_bind():
    """At least 40 may be 60: it is not behind 50, but before 30."""
    assert ranked(told(LOSS, 50.0), told(LOSS, 40.0, bound="at_least"), told(LOSS, 30.0)) == (1, 1, 3)


def test_the_noise_of_a_closed_gate_does_not_win():
    assert ranked(told(NOISE, -70.0), told(NOISE, -110.0, bound="at_least")) == (1, 1)


def test_a_fault_that_is_not_there_is_better_than_one_that_is():
    hum = figure_specs()["hum.level_dbov"]
    none = told(hum, -90.0, bound="at_most", presence=Presence.NOT_FOUND)
    assert ranked(none, told(hum, -65.0)) == (1, 2)


def test_what_is_withheld_has_no_rank():
    assert ranked(told(NOISE, -70.0), Figure(spec=NOISE, value=None, withheld="no take")) == (1, None)


def test_a_figure_that_only_describes_ranks_nothing():
    level = figure_specs()["level.active_dbov"]
    assert ranked(told(level, -20.0), told(level, -40.0)) == (None, None)


def test_a_figure_known_in_a_part_of_its_range_ranks_nothing():
    assert ranked(told(NOISE, -70.0, known="known to 3.2 kHz of 8 kHz"), told(NOISE, -40.0)) == (1, 1)


def test_one_wearing_ranks_nothing_that_depends_on_the_fit():
    once = [replace(told(LOSS, value), estimate=Estimate(error=2.0, dof=math.inf, assumed=True)) for value in (60, 20)]
    assert ranked(*once) == (1, 1)


def test_counts_are_told_apart_by_the_exact_test_of_two_counts():
    """Two minutes each: 5 against 0 events may be chance (0.03 by one side), 10 against 0 is not (0.001)."""
    lost = figure_specs()["dropouts.per_5min"]
    none, some, many = (
        Figure(spec=lost, value=count.rate, count=count)
        for count in (Count(events=n, exposure=0.4) for n in (0, 5, 10))
    )
    assert ranked(none, some) == (1, 1)
    assert ranked(none, many) == (1, 2)


@pytest.mark.parametrize("wearings", [1, 2, 3, 5])
def test_equal_headsets_are_told_apart_in_at_most_five_of_a_hundred_pairs(wearings):
    """Eight figures that depend on the fit (1 to 3 dB) and four that do not, 600 pairs each."""
    rng = np.random.default_rng(wearings)
    leads = [spec for spec in figure_specs().values() if spec.lead and spec.better in ("higher", "lower")][:12]
    apart = 0
    for _ in range(600):
        pair = []
        spreads = [rng.uniform(1, 3) if spec.depends_on_fit else 0.1 for spec in leads]
        for _ in range(2):
            figures = []
            for spec, spread in zip(leads, spreads, strict=True):
                values = rng.normal(20, spread, wearings).tolist()
                estimate = estimate_mean(
                    values, errors=[0.1] * wearings, systematics=[0.0] * wearings, fit=1.5,
                    depends_on_fit=spec.depends_on_fit,
                )  # fmt: skip
                figures.append(Figure(spec=replace(spec, worth=0.0), value=float(np.mean(values)), estimate=estimate))
            pair.append(figures)
        chance = ranking_significance(*pair)
        apart += any(
            is_better(a, b, significance=chance) or is_better(b, a, significance=chance)
            for a, b in zip(*pair, strict=True)
        )
    assert apart / 600 <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 600)


@pytest.mark.slow
def test_takes_that_were_left_out_never_win():
    """The good headset without what would show it worse: its place is no better than with it."""
    good, poor = (
        measure_headset(judge_takes(name, lab_takes([headset] * 2, roles=roles, n_openings=4)))
        for name, headset, roles in (
            ("half", POOR, (Role.QUIET, Role.SPEECH)),
            ("whole", replace(POOR, noise_dbov=-52), ROLES),
        )
    )
    standings = {each.model: each for each in compare_headsets([good, poor]).standings}
    assert (standings["half"].better > 0, standings["half"].worse) == (True, 0)
    assert standings["half"].rank == 2
    assert "latency.median_ms" in {spec.key for spec in standings["half"].left_out}
    assert standings["whole"].left_out == ()
