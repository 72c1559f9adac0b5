"""Regression values: no truth, only what came out when ``tests/references/values.json`` was made.

A difference says that a result moved. If it was meant to, make the values anew by the command in that file.
"""

import numpy as np
import pytest

from references.cases import CASES
from references.make import stored
from references.numbers import numbers


def test_every_case_has_stored_values_and_none_is_left_over():
    assert sorted(CASES) == sorted(stored())


@pytest.mark.parametrize("name", CASES)
def test_a_made_signal_gives_what_it_gave_before(name: str):
    expected, actual = stored()[name], numbers(CASES[name]())
    assert list(expected) == list(actual)
    for column, values in expected.items():
        before, now = np.array(values, float), np.array(actual[column], float)
        np.testing.assert_allclose(now, before, rtol=1e-3, atol=1e-3 * _scale(before), err_msg=column)


def _scale(column: np.ndarray) -> float:
    """Largest of a column, at most 1: a column of small numbers is held as closely as one of large ones."""
    finite = np.abs(column[np.isfinite(column)])
    return min(1.0, float(finite.max(initial=0.0))) + 1e-9
