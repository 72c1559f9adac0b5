"""The first sound of an answer is heard as long after the agent's last one as drawn, to the sample where it can be.

The agent is drawn in ticks, with a detector that decides as late as the real one, and the earpiece is late, too.
"""

import numpy as np
import pytest

from cxaudio.live.customer_part import CustomerPart
from cxaudio.made.customers import RATE, Customer, Manners
from cxaudio.model.blocks import Analysed, AudioBlock

TICK = RATE // 100
BLOCK = 2 * TICK
LAG_TICKS = 9  # of the detector
FEED_BLOCKS = 3  # analysed at once
EDGE_S = 0.15


def rehearsed(
    agent: list[tuple[int, int]], drawn_s: float, *, later_s: float, seconds: float = 8.0, noise: float = 1e-4
) -> list[int]:
    """Return the microphone samples at which first sounds are heard; the agent speaks in the given ticks."""
    edge = round(EDGE_S * RATE)
    turn = np.concatenate((np.zeros(edge), np.full(RATE // 2, 0.1), np.zeros(edge))).astype(np.float32)
    manners = Manners(answers_after_s=drawn_s, patience_s=20.0)
    part = CustomerPart(Customer(name="drawn", turns=(turn,) * 4, manners=manners, edge_s=EDGE_S))
    speaks = np.zeros(round(seconds * 100) + 100, bool)
    for start, end in agent:
        speaks[start:end] = True
    rng = np.random.default_rng(1)
    decided = 0
    said = []
    for number in range(round(seconds * RATE) // BLOCK):
        ticks = speaks[2 * number : 2 * number + 2]
        sound = np.repeat(np.where(ticks, 0.05, noise), TICK) * rng.standard_normal(BLOCK)
        part.hear(sound.astype(np.float32))
        said.append(part.next(BLOCK, later=round(later_s * RATE)))
        if number % FEED_BLOCKS == FEED_BLOCKS - 1:
            known = max(decided, 2 * number + 2 - LAG_TICKS)
            part.write(analysed(speaks, decided, known, noise))
            decided = known
    sounding = np.concatenate(said) > 0.05
    return [int(at) + 1 + round(later_s * RATE) for at in np.flatnonzero(~sounding[:-1] & sounding[1:])]


def analysed(speaks: np.ndarray, first: int, last: int, noise: float) -> Analysed:
    row = speaks[first:last]
    return Analysed(
        heard_to=last * TICK,
        clean=AudioBlock(start=0, samples=np.zeros((2, 0), np.float32)),
        events=(),
        first_tick=first,
        level_dbov=np.stack((np.where(row, -26.0, 20 * np.log10(noise)), np.full(len(row), -68.0))).astype(np.float32),
        speaking=np.stack((row, np.zeros_like(row))),
        probability=np.zeros((2, len(row)), np.float32),
    )


@pytest.mark.parametrize("drawn_s", [0.3, 0.4, 0.55, 0.8, 1.4])
@pytest.mark.parametrize("later_s", [0.05, 0.1])
def test_an_answer_is_heard_when_drawn_to_the_sample(drawn_s, later_s):
    _, answer = rehearsed([(300, 403)], drawn_s, later_s=later_s)
    assert 403 * TICK + round(drawn_s * RATE) == answer


@pytest.mark.parametrize(("drawn_s", "later_s"), [(0.1, 0.1), (0.3, 0.4)])
def test_an_answer_that_cannot_be_in_time_comes_at_once(drawn_s, later_s):
    _, answer = rehearsed([(300, 403)], drawn_s, later_s=later_s)
    least_s = 0.12 + later_s + 0.01  # of silence, until it is heard, and of the quiet edge
    assert least_s * RATE - BLOCK <= answer - 403 * TICK <= least_s * RATE + BLOCK


def test_a_gap_inside_a_word_is_no_end():
    _, answer = rehearsed([(300, 350), (365, 403)], 0.3, later_s=0.1)
    assert 403 * TICK + round(0.3 * RATE) == answer


def test_in_noise_the_detector_alone_decides():
    """Levels of noise and speech lie so near to each other that a level says nothing: the answer may be late."""
    _, answer = rehearsed([(300, 403)], 0.3, later_s=0.05, noise=0.045)
    assert 0.25 * RATE <= answer - 403 * TICK <= 0.40 * RATE


def test_patience_runs_from_the_last_sound_that_was_heard_to_the_next_one():
    edge = round(EDGE_S * RATE)
    turn = np.concatenate((np.zeros(edge), np.full(RATE // 2, 0.1), np.zeros(edge))).astype(np.float32)
    manners = Manners(answers_after_s=0.5, patience_s=3.0)
    part = CustomerPart(Customer(name="drawn", turns=(turn,) * 2, manners=manners, edge_s=EDGE_S))
    said = np.concatenate([part.next(BLOCK, later=1600) for _ in range(400)]) > 0.05
    starts = np.flatnonzero(~said[:-1] & said[1:]) + 1
    assert abs(int(starts[1] - starts[0]) - (RATE // 2 + 3 * RATE)) <= BLOCK
    assert 1 == part.n_unanswered
