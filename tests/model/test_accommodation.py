"""How two rates relate, with values by hand: windows of ten seconds, all of it speech; 8 kHz."""

import math

import pytest

from cxaudio.model.accommodation import Accommodation, PacedSpeech, accommodation
from cxaudio.model.policy import AccommodationSettings
from cxaudio.model.timebase import Timebase

WINDOW = 10 * 8_000


def measured(agent: list[int], customer: list[int], *, min_windows: int = 1) -> Accommodation:
    """Each side's syllables in the windows of a call."""
    sides = [
        [PacedSpeech(k * WINDOW, (k + 1) * WINDOW, n) for k, n in enumerate(syllables)]
        for syllables in (agent, customer)
    ]
    settings = AccommodationSettings(window_s=10.0, step_s=10.0, min_windows=min_windows)
    return accommodation(sides[0], sides[1], duration=len(agent) * WINDOW, clock=Timebase(8_000), settings=settings)


def test_proximity_is_the_mean_logarithm_and_convergence_its_trend_a_minute() -> None:
    """Gaps of 0 and ln 2, ten seconds apart."""
    found = measured([40, 80], [40, 40])
    assert 2 == found.n_windows
    assert pytest.approx(math.log(2) / 2) == found.proximity
    assert pytest.approx(math.log(2) * 6) == found.convergence_per_min


def test_one_window_has_no_trend() -> None:
    found = measured([80], [40])
    assert pytest.approx(math.log(2)) == found.proximity
    assert (None, None, None, None) == (
        found.convergence_per_min,
        found.agent_follows,
        found.customer_follows,
        found.adaptation_index,
    )


def test_a_side_that_repeats_the_others_rate_one_window_later_follows_it() -> None:
    found = measured([40, 40, 80, 20, 40], [40, 80, 20, 40, 60])
    assert pytest.approx(1.0) == found.agent_follows
    assert found.customer_follows is not None
    assert found.customer_follows < 0.9


def test_a_rate_that_never_changes_follows_nothing() -> None:
    found = measured([40, 40, 40, 40], [40, 80, 20, 40])
    assert found.agent_follows is None
    assert found.customer_follows is None


def test_windows_with_few_syllables_are_unknown_and_too_few_windows_give_no_figure() -> None:
    assert 2 == measured([40, 9, 40], [40, 40, 40]).n_windows
    few = measured([40, 9, 40], [40, 40, 40], min_windows=3)
    assert (2, None, None) == (few.n_windows, few.proximity, few.convergence_per_min)
