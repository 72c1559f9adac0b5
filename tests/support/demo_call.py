"""The demonstration's call, made once for all tests that look at it."""

from functools import lru_cache

from cxaudio.made.demo_script import DEMO_SEED, demo_script
from cxaudio.made.synthetic import SyntheticCall, make_call

__all__ = ["demo_call"]


@lru_cache
def demo_call() -> SyntheticCall:
    """Sound and truth; both are read-only."""
    return make_call(demo_script(), seed=DEMO_SEED)
