"""What several ask of a take is computed once, and kept no longer than the take."""

import gc
import weakref

import numpy as np

from cxaudio.laboratory.takes.once import once_a_take
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take


def test_each_take_is_computed_once_and_is_not_kept_alive():
    asked = []

    @once_a_take
    def seconds(take):
        asked.append(take.name)
        return take.seconds

    takes = [Take(role=Role.QUIET, number=1, name=name, samples=np.zeros(n, np.float32), sample_rate=100)
             for name, n in (("a.wav", 100), ("b.wav", 200))]  # fmt: skip
    assert [1.0, 2.0, 1.0] == [seconds(takes[0]), seconds(takes[1]), seconds(takes[0])]
    assert ["a.wav", "b.wav"] == asked
    gone = weakref.ref(takes.pop())
    gc.collect()
    assert gone() is None
