"""Fourier transforms of real samples along the last axis, by scipy's compiled routines and quick to load.

``import scipy.fft`` loads scipy.special and all of numpy for other array libraries: 0.2 s and 19 MB, a sixth of what a
short call takes. Its compiled routines are one small module, which is loaded here by itself. Where it is not found, or
is another one than this module knows, `scipy.fft` is used: the results are the same.
"""

from collections.abc import Callable
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["fast_length", "irfft", "rfft"]

_UNSCALED, _BY_N = 0, 2  # norms of the compiled routines


class _Transforms(NamedTuple):
    forward: Callable[[NDArray[Any]], NDArray[Any]]  # along the last axis
    backward: Callable[[NDArray[Any], int], NDArray[Any]]
    fast_length: Callable[[int], int]


def _compiled() -> ModuleType | None:
    """Load scipy's compiled transforms; None where they are not those that this module knows."""
    scipy = find_spec("scipy")
    folders = [
        str(Path(folder) / "fft" / "_pocketfft") for folder in (scipy and scipy.submodule_search_locations) or ()
    ]
    spec = PathFinder.find_spec("pypocketfft", folders)
    if spec is None or spec.loader is None:
        return None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _of_module(module: ModuleType) -> _Transforms:
    r2c, c2r, good_size = module.r2c, module.c2r, module.good_size
    return _Transforms(
        forward=lambda x: r2c(x, (x.ndim - 1,), True, _UNSCALED, None, 1),
        backward=lambda X, n: c2r(X, (X.ndim - 1,), n, False, _BY_N, None, 1),
        fast_length=lambda n: good_size(n, True),
    )


def _of_scipy() -> _Transforms:
    from scipy import fft

    return _Transforms(forward=fft.rfft, backward=fft.irfft, fast_length=lambda n: int(fft.next_fast_len(n, real=True)))


def _transforms() -> _Transforms:
    """Return the compiled transforms if they do what is expected of them, else the public ones."""
    try:
        module = _compiled()
        if module is not None:
            found = _of_module(module)
            x = np.array([[0.0, 1.0, 0.0, 0.0]], np.float32)
            X = found.forward(x)
            known = X.dtype == np.complex64 and np.array_equal(X, np.array([[1, -1j, -1]], np.complex64))
            if known and np.array_equal(found.backward(X, 4), x) and found.fast_length(7 * 11) == 80:
                return found
    except Exception:  # another version of scipy: whatever went wrong, its public functions are right
        pass
    return _of_scipy()


_in_use = _transforms()


def rfft(x: NDArray[Any], n: int | None = None) -> NDArray[Any]:
    """Compute the discrete Fourier transform along the last axis.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (..., m)
        Real samples, m >= 1.
    n : int, optional
        Length to which each row is completed with zeros, at least m.

    Returns
    -------
    ndarray of complex64 or complex128, shape (..., n // 2 + 1)
        The same bits as by `scipy.fft.rfft`.

    Examples
    --------
    >>> rfft(np.array([1.0, 0.0, -1.0, 0.0], np.float32)).real
    array([0., 2., 0.], dtype=float32)
    """
    if n is not None and n != x.shape[-1]:
        completed = np.zeros((*x.shape[:-1], n), x.dtype)
        completed[..., : x.shape[-1]] = x
        x = completed
    return _in_use.forward(x)


def irfft(X: NDArray[Any], n: int) -> NDArray[Any]:
    """Compute the real samples of which `X` is the transform: the inverse of `rfft`.

    Parameters
    ----------
    X : ndarray of complex or float, shape (..., n // 2 + 1)
        In single or double precision; spectra without an imaginary part may be given as real numbers.
    n : int
        Samples in a row.

    Returns
    -------
    ndarray of float32 or float64, shape (..., n)
        The same bits as by `scipy.fft.irfft`.

    Examples
    --------
    >>> irfft(np.array([0, 2, 0], np.complex64), 4)
    array([ 1.,  0., -1.,  0.], dtype=float32)
    """
    return _in_use.backward(X if np.iscomplexobj(X) else X + 0j, n)


def fast_length(n: int) -> int:
    """Return the least length from `n` on that is quick to transform, as `scipy.fft.next_fast_len` does.

    Examples
    --------
    >>> fast_length(1021)
    1024
    """
    return _in_use.fast_length(n)
