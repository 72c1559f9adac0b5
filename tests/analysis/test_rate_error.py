"""The error of a rate: less with more syllables, more with noise and faults, and by side."""

import math

import pytest

from cxaudio.analysis.rate_error import RateError, SoundFaults
from cxaudio.model.events import Side


def relative(n_nuclei: float = 60, *, snr_db: float = 30.0, side: Side = Side.AGENT, **faults: float) -> float:
    return RateError((SoundFaults(**faults), SoundFaults())).relative(n_nuclei, side=side, snr_db=snr_db)  # type: ignore[arg-type]


def test_the_part_of_the_count_falls_with_its_root_and_the_other_stays():
    error = RateError()
    assert error.count(25) == pytest.approx(2 * error.count(100))
    fixed = error.voice(side=Side.AGENT, snr_db=30.0)
    assert 0.02 < fixed < relative(10_000) < 1.05 * fixed
    assert math.hypot(fixed, error.count(60)) == pytest.approx(relative(60))
    assert relative(0) == math.inf


def test_noise_makes_it_larger_and_an_unknown_noise_does_not():
    assert relative(snr_db=math.nan) == pytest.approx(relative(snr_db=60.0), rel=1e-3)
    assert relative(snr_db=30.0) < relative(snr_db=15.0) < relative(snr_db=5.0)


@pytest.mark.parametrize(
    "faults", [{"lost": 0.1}, {"clipped": 0.7}, {"narrow": True}, {"suppressed": True}, {"gated": True}], ids=str
)
def test_a_fault_makes_the_rates_of_its_own_side_less_sure(faults):
    assert relative(**faults) > 1.05 * relative()
    assert relative(**faults, side=Side.CUSTOMER) == relative()


def test_a_little_clipping_changes_nothing():
    assert relative(clipped=0.2) == relative()
