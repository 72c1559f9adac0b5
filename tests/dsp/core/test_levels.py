"""The levels of ticks against their plain definition."""

import numpy as np
import pytest

from dsp.core.levels import FULL_SCALE, TickLevels
from dsp.core.stage import run


@pytest.mark.parametrize("loudest", [0.1, 1.0])
def test_the_columns_are_mean_square_mean_peak_and_number_of_clipped_samples(loudest):
    """Plain definition, in double precision."""
    x = (loudest * np.random.default_rng(1).uniform(-1, 1, 80 * 50)).astype(np.float32)
    x[::997] = -loudest
    ticks = x.reshape(50, 80).astype(float)
    magnitude = np.abs(ticks)
    expected = np.stack(
        [
            np.square(ticks).mean(axis=1),
            ticks.mean(axis=1),
            magnitude.max(axis=1),
            (magnitude >= FULL_SCALE).sum(axis=1),
        ],
        axis=1,
    )
    np.testing.assert_allclose(expected, run(TickLevels(80), x), rtol=1e-5, atol=1e-7)
    assert (loudest >= FULL_SCALE) == (expected[:, TickLevels.CLIPPED].sum() > 0)
