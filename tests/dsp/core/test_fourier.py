"""The transforms are those of `scipy.fft`, bit for bit, whether or not its compiled routines are found alone."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import fft

from dsp.core import fourier


@pytest.fixture(params=["compiled", "public"])
def used(request, monkeypatch):
    """Use the compiled routines, or the public functions in their place."""
    if request.param == "public":
        monkeypatch.setattr(fourier, "_in_use", fourier._of_scipy())
    return fourier


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(160,), (7, 160), (200, 320), (3, 5, 121)])
def test_transforms_are_those_of_scipy(used, dtype, shape):
    """Also of rows that are not contiguous."""
    x = np.random.default_rng(1).standard_normal(shape).astype(dtype)
    for rows in (x, x[..., ::2]):
        n = rows.shape[-1]
        found = used.rfft(rows)
        assert_array_equal(fft.rfft(rows), found, strict=True)
        assert_array_equal(fft.irfft(found, n), used.irfft(found, n), strict=True)
        assert_array_equal(fft.rfft(rows, 2 * n), used.rfft(rows, 2 * n), strict=True)


def test_fast_lengths_are_those_of_scipy(used):
    """A length decides where the sums of a correlation are cut."""
    lengths = range(1, 2000)
    assert [fft.next_fast_len(n, real=True) for n in lengths] == [used.fast_length(n) for n in lengths]


def _wrong_values(x, *_):
    return np.zeros((*x.shape[:-1], x.shape[-1] // 2 + 1), np.complex64)


@pytest.mark.parametrize(
    "module",
    [
        None,
        SimpleNamespace(),
        SimpleNamespace(r2c=lambda x: x, c2r=lambda x: x, good_size=int),
        SimpleNamespace(r2c=_wrong_values, c2r=_wrong_values, good_size=lambda n, real: n),
    ],
    ids=["not there", "without the functions", "with other parameters", "with other results"],
)
def test_another_scipy_is_used_by_its_public_functions(monkeypatch, module):
    """A later version may have its compiled routines elsewhere, or others of the same names."""
    monkeypatch.setattr(fourier, "_compiled", lambda: module)
    assert fft.rfft is fourier._transforms().forward


def test_this_scipy_is_used_by_its_compiled_routines():
    """Otherwise each start costs 0.2 s more, and nobody would notice."""
    assert fourier._in_use.forward is not fft.rfft
