"""Made calls that several tests look at, each made once."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cxaudio.made.demo_script import DEMO_SEED, demo_script
from cxaudio.made.synthetic import SyntheticCall, made_call, make_call
from cxaudio.made.truth import CallTruth

__all__ = ["demo_call", "noisy_talk"]


@lru_cache
def demo_call() -> SyntheticCall:
    """Return the demonstration's call; sound and truth are read-only."""
    return make_call(demo_script(), seed=DEMO_SEED)


@lru_cache
def noisy_talk() -> tuple[NDArray[np.float32], CallTruth]:
    """Return a minute and a half of talk over noise, with leakage, and its truth; both are read-only."""
    samples, truth = made_call(7, seconds=90)
    samples.setflags(write=False)
    return samples, truth
