"""What stands in the tables of ``python -m benchmarks.headset_trust`` follows from figures and truths."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.headset_trust import _finite
from benchmarks.trust_tables.coverage import _row, coverage_table
from benchmarks.trust_tables.drawn_headsets import drawn_headset
from benchmarks.trust_tables.figure_intervals import judged
from benchmarks.trust_tables.gain_changes import Found, gain_table
from benchmarks.trust_tables.processing_cases import CASES
from cxaudio.laboratory.measures import figure_specs
from cxaudio.laboratory.measures.estimate import Estimate
from cxaudio.laboratory.measures.figure import Figure

SPEC = figure_specs()["coupling.weighted_db"]


def said(value, bound="exact", withheld=None):
    """A figure of +-0.5."""
    sure = Estimate(error=0.0, dof=np.inf, systematic=0.5)
    return Figure(spec=SPEC, value=value, estimate=sure, bound=bound, withheld=withheld)


def test_verdicts_follow_from_interval_and_truth():
    assert judged(said(40.0), 40.4).verdict == "right"
    assert judged(said(40.0), 42.0).verdict.startswith("WRONG")
    assert judged(said(None, withheld="no take"), 42.0).verdict == "withheld"
    assert judged(said(40.0), None).verdict == "no truth"
    below, above = judged(said(40.0, "at_least"), 55.0), judged(said(40.0, "at_least"), 30.0)
    assert (below.verdict, above.verdict) == ("bound holds", "WRONG bound")
    assert below.high == np.inf
    assert judged(said(40.0, "at_most"), 30.0).inside


def test_coverage_counts_truths_inside_and_leaves_bounds_out_of_errors():
    figures = [
        judged(said(40.0), 40.4),
        judged(said(40.0), 43.0),
        judged(said(40.0, "at_least"), 60.0),
        judged(said(None, withheld="no take"), 40.0),
    ]
    row = _row(3, figures, [1, 2, 3, 4])
    assert (row.n, row.n_bounds, row.n_none, row.worst_seed) == (3, 1, 1, 2)
    assert row.inside == pytest.approx(2 / 3)
    assert row.bias == pytest.approx(-1.7)
    assert row.rms_error == pytest.approx(np.sqrt((0.4**2 + 3.0**2) / 2))
    assert "67 %" in coverage_table([row])
    assert "LOW" in coverage_table([row])
    assert "LOW" not in coverage_table([replace(row, inside=0.95)])


def test_drawn_headsets_are_the_same_again_and_all_processing_is_off():
    assert drawn_headset(5) == drawn_headset(5) != drawn_headset(6)
    for seed in range(30):
        headset = drawn_headset(seed)
        assert headset.gain_control is headset.gate is headset.suppressor is headset.clip_at is None
        assert headset.gain.change is None


def test_json_has_no_infinite_numbers():
    assert _finite({"a": [1.0, np.inf], "b": (-np.inf, "x")}) == {"a": [1.0, None], "b": [None, "x"]}


def test_cases_name_figures_of_the_laboratory():
    assert {key for case in CASES for key in case.figures} <= set(figure_specs())
    assert len({case.name for case in CASES}) == len(CASES)


def test_missed_changes_are_named():
    row = Found(where="inside speech", change_db=3.0, tries=20, found=19, missed=("7 at speech 1",))
    assert "| inside speech | +3 dB | 19 of 20 | 7 at speech 1 |" in gain_table([row])
