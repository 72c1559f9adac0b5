import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.core.tiles import TILE, ExponentialSmoother, tiled_product

cuttings = st.lists(st.integers(0, 3 * TILE), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(cuts=cuttings)
def test_a_product_cut_anywhere_gives_the_same_bits(cuts):
    rng = np.random.default_rng(1)
    rows, matrix = rng.normal(size=(sum(cuts), 70)).astype(np.float32), rng.normal(size=(70, 24)).astype(np.float32)
    expected = tiled_product(rows, matrix, first=0)
    ends = np.cumsum(cuts)
    parts = [tiled_product(rows[e - c : e], matrix, first=int(e - c)) for c, e in zip(cuts, ends, strict=True)]
    np.testing.assert_array_equal(expected, np.concatenate(parts))


def test_a_product_is_the_product():
    rng = np.random.default_rng(2)
    rows, matrix = rng.normal(size=(75, 9)).astype(np.float32), rng.normal(size=(9, 4)).astype(np.float32)
    np.testing.assert_allclose(rows.astype(float) @ matrix, tiled_product(rows, matrix, first=11), atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(cuts=cuttings)
def test_a_smoother_cut_anywhere_gives_the_same_bits(cuts):
    x = np.random.default_rng(3).normal(size=(sum(cuts), 5)).astype(np.float32)
    expected = ExponentialSmoother(5, time_constant=9.0).process(x)
    smoother = ExponentialSmoother(5, time_constant=9.0)
    actual = np.concatenate([smoother.process(part) for part in np.split(x, np.cumsum(cuts)[:-1])])
    np.testing.assert_array_equal(expected, actual)


def test_a_smoother_is_the_recursion_it_says():
    """Analytic: the recursion itself, frame by frame in double precision."""
    x = np.random.default_rng(4).uniform(0, 1, (500, 2))
    decay, y, expected = np.exp(-1 / 30.0), np.zeros(2), []
    for row in x:
        y = decay * y + (1 - decay) * row
        expected.append(y)
    actual = ExponentialSmoother(2, time_constant=30.0).process(x.astype(np.float32))
    np.testing.assert_allclose(expected, actual, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(cuts=cuttings, n_channels=st.sampled_from([1, 2, 5]))
def test_averages_written_to_columns_of_a_wider_array_are_the_same_bits(cuts, n_channels):
    x = np.random.default_rng(5).normal(size=(sum(cuts), 7)).astype(np.float32)[:, :n_channels]
    expected = ExponentialSmoother(n_channels, time_constant=9.0).process(x)
    smoother = ExponentialSmoother(n_channels, time_constant=9.0)
    wide = np.full((len(x), 9), 7, np.float32)
    for end, cut in zip(np.cumsum(cuts), cuts, strict=True):
        smoother.process(x[end - cut : end], wide[end - cut : end, 2 : 2 + n_channels])
    np.testing.assert_array_equal(expected, wide[:, 2 : 2 + n_channels])
    assert (wide[:, :2] == 7).all()
    assert (wide[:, 2 + n_channels :] == 7).all()
