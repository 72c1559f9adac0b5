"""A queue of ticks against a plain list."""

import numpy as np

from cxaudio.analysis.waiting import WaitingTicks


def test_ticks_leave_in_the_order_in_which_they_came():
    """Random runs, also longer than the queue's room, in and out: as from a list."""
    rng = np.random.default_rng(1)
    waiting, plain, number = WaitingTicks(np.int64, 2), [], 0
    for _ in range(400):
        n = int(rng.integers(0, 90)) if rng.random() < 0.95 else int(rng.integers(500, 1500))
        ticks = np.arange(number, number + n)
        waiting.add(n)[:] = ticks, -ticks
        plain += ticks.tolist()
        number += n
        n = int(rng.integers(0, 120))
        taken = waiting.take(n)
        assert [plain[:n], [-tick for tick in plain[:n]]] == taken.tolist()
        del plain[:n]
        assert len(plain) == len(waiting)
    waiting.clear()
    assert 0 == len(waiting) == waiting.take(3).shape[1]
