"""Running sums of both sides: exact figures, and the same for every cutting."""

import math
from typing import Any

import numpy as np
import pytest

from cxaudio.analysis.running_sums import RunningSums, Sums
from cxaudio.model.events import Side

N = 6
SPURTS = np.array([[1, 1, 0, 0, 1, 0], [0, 0, 0, 1, 1, 0]], bool)
NUCLEI = np.array([[1, 0, 1, 0, 1, 0], [1, 1, 1, 1, 0, 0]])
ENERGY = np.array([[4.0, 2.0, 9.0, 9.0, 6.0, 9.0], [9.0, 9.0, 9.0, 5.0, 3.0, 9.0]])
NOISE = np.array([[1.0, 1.0, 1.0, 1.0, 2.0, 0.0], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]])


def added(*cuts: int) -> tuple[Sums, list[object]]:
    """The total, and the sums through every tick, where ticks come in blocks of the lengths `cuts`."""
    sums, at, through = RunningSums(), 0, []
    for n in cuts:
        part = slice(at, at + n)
        sums.add(spurts=SPURTS[:, part], nuclei=NUCLEI[:, part], energy=ENERGY[:, part], noise=NOISE[:, part])
        through += [sums.through(number) for number in range(at, at + n)]
        at += n
    return sums.total, through


def test_only_what_lies_inside_a_spurt_is_added_but_for_noise_and_pauses() -> None:
    total, through = added(N)
    assert Sums(6, (2, 1), (3, 2), (12.0, 8.0), (6.0, 3.0), (6, 6), (27.0, 36.0)) == total
    assert ((2, 1), (3, 2), (12.0, 8.0), (27.0, 36.0)) == through[-1]
    assert ((1, 1), (2, 1), (6.0, 5.0), (18.0, 27.0)) == through[3]


@pytest.mark.parametrize("cuts", [(1, 1, 1, 1, 1, 1), (2, 4), (5, 1)], ids=str)
def test_any_cutting_gives_the_same_sums(cuts: tuple[int, ...]) -> None:
    assert added(N) == added(*cuts)


def test_blocks_that_nobody_asks_about_count_all_the_same() -> None:
    """A hundred blocks of one and two ticks: asked about each, about the last alone, and in one block."""
    rng = np.random.default_rng(0)
    n = 150
    spurts, heard = rng.random((2, n)) < 0.5, rng.random((2, n)) < 0.8
    nuclei, energy, noise = rng.integers(0, 2, (2, n)), rng.random((2, n)), rng.random((2, n))
    found = []
    for cuts, ask in (((1, 2) * 50, True), ((1, 2) * 50, False), ((n,), False)):
        sums, at = RunningSums(), 0
        for length in cuts:
            part = slice(at, at + length)
            block: dict[str, Any] = {
                "spurts": spurts,
                "nuclei": nuclei,
                "energy": energy,
                "noise": noise,
                "heard": heard,
            }
            given = {name: row[:, part].copy() for name, row in block.items()}
            sums.add(**given)
            for row in given.values():
                row.fill(0)  # what was given may change afterwards
            at += length
            if ask:
                sums.through(at - 1)
        found.append((sums.total, sums.through(n - 1)))
    assert found[0] == found[1] == found[2]


def test_the_noise_in_the_spurts_is_taken_off_before_speech_is_compared_with_it() -> None:
    """Agent: power 12 / 3 = 4 over noise 6 / 6 = 1; 3 are speech. Customer: 8 / 2 = 4 over 0.5; 7 times the noise."""
    last, _ = added(N)
    assert 10 * math.log10(3) == pytest.approx(last.snr_db(Side.AGENT))
    assert 10 * math.log10(7) == pytest.approx(last.snr_db(Side.CUSTOMER))


def test_speech_no_louder_than_the_noise_is_thirty_db_below_it_at_the_least() -> None:
    assert -30.0 == pytest.approx(Sums(4, (0, 0), (2, 0), (2.0, 0.0), (4.0, 4.0), (4, 4)).snr_db(Side.AGENT))


def test_without_speech_or_noise_no_ratio_is_known() -> None:
    assert math.isnan(added(1)[0].snr_db(Side.CUSTOMER))
    assert math.isnan(Sums(2, (0, 0), (2, 0), (2.0, 0.0), (0.0, 0.0), (2, 2)).snr_db(Side.AGENT))


def test_the_totals_before_the_first_tick_are_nothing() -> None:
    total = RunningSums().total
    assert Sums(0, (0, 0), (0, 0), (0.0, 0.0), (0.0, 0.0), (0, 0)) == total
    assert 0.0 == total.noise_power(Side.AGENT)


def test_noise_is_the_mean_of_the_ticks_of_which_it_counts() -> None:
    """The agent's two last ticks are in a hold: four ticks of noise 1 are left."""
    heard = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]], bool)
    sums = RunningSums()
    sums.add(spurts=SPURTS, nuclei=NUCLEI, energy=ENERGY, noise=NOISE, heard=heard)
    assert (1.0, 0.5) == (sums.total.noise_power(Side.AGENT), sums.total.noise_power(Side.CUSTOMER))
    assert 10 * math.log10(3) == pytest.approx(sums.total.snr_db(Side.AGENT))
