"""Blocks of lost sound become stretches; 8 kHz, blocks of 100 ms."""

import numpy as np

from cxaudio.analysis.dropout_watch import DropoutWatch
from cxaudio.model.blocks import AudioBlock
from cxaudio.model.events import Side
from cxaudio.model.timebase import Timebase

BOTH, AGENT, CUSTOMER, NONE = (True, None), (True, Side.AGENT), (True, Side.CUSTOMER), (False, None)


def stretches(
    *blocks: tuple[bool, Side | None], end: int | None = None
) -> list[tuple[int, int | None, Side | None, int]]:
    """Start, end, side and tick of each stretch."""
    watch = DropoutWatch(Timebase(8_000))
    found = []
    for number, (dropout, side) in enumerate(blocks):
        samples = np.zeros((2, 800), np.float32)
        found += watch.follow(AudioBlock(start=800 * number, samples=samples, dropout=dropout, dropout_side=side))
    found += watch.end(800 * len(blocks) if end is None else end)
    made = [(lost.make(decided_at=0), lost.tick) for lost in found]
    return [(lost.start, lost.end, lost.side, tick) for lost, tick in made]


def test_blocks_that_follow_each_other_are_one_stretch() -> None:
    assert [(800, 2_400, None, 29)] == stretches(NONE, BOTH, BOTH, NONE)


def test_another_side_is_another_stretch() -> None:
    assert [(0, 800, Side.AGENT, 9), (800, 1_600, Side.CUSTOMER, 19)] == stretches(AGENT, CUSTOMER, NONE)


def test_a_stretch_that_goes_on_ends_with_the_call_and_leaves_with_its_last_tick() -> None:
    assert [(0, 750, Side.AGENT, 9)] == stretches(AGENT, end=750)
    assert [] == stretches(NONE, NONE)
