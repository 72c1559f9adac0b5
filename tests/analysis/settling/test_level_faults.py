"""Clipping and steps of the level, in made voices of known peaks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from cxaudio.analysis.settling.level_faults import find_clipping, find_level_step
from support.demo_call import noisy_talk
from support.settled_call import rows_of

RATE = 8_000


def clipped(x: NDArray[np.float32], by_db: float) -> NDArray[np.float32]:
    """Clip both sides so far below their peaks, then turn them down and round their edges."""
    top = np.abs(x).max(axis=1, keepdims=True) * 10 ** (-by_db / 20)
    flat = np.clip(x, -top, top) * np.float32(0.25)
    return ((flat[:, :-1] + 3 * flat[:, 1:]) / 4).astype(np.float32)


def test_speech_is_not_clipped_and_too_little_speech_tells_nothing():
    rows = rows_of(noisy_talk()[0])
    assert (None, None) == find_clipping(rows, rows.speaking)
    assert (None, None) == find_level_step(rows, rows.speaking)
    assert (None, None) == find_clipping(rows, np.zeros_like(rows.speaking))


def test_flat_tops_tell_clipping_after_the_sound_was_made_softer():
    rows = rows_of(clipped(noisy_talk()[0], 18.0))
    shares = find_clipping(rows, rows.speaking)
    assert all(share is not None and 0.2 < share < 0.6 for share in shares)


@pytest.mark.parametrize("by_db", [-18.0, 15.0])
def test_a_step_of_the_level_is_found_where_it_is(by_db: float):
    x = noisy_talk()[0].copy()
    at = 50 * RATE
    x[1, at:] *= np.float32(10 ** (by_db / 20))
    agent, customer = find_level_step(rows := rows_of(x), rows.speaking)
    assert agent is None
    assert customer is not None
    spoken = np.flatnonzero(rows.speaking[1])
    assert spoken[spoken < 5_000][-1] < customer.at <= spoken[spoken >= 5_000][0] + 500
    assert customer.db == pytest.approx(by_db, abs=5.0)
