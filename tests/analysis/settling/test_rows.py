"""`RowRecorder`: what is kept of a call's ticks does not depend on the pieces of memory that it is kept in."""

from dataclasses import fields

import numpy as np
import pytest

from cxaudio.analysis.settling import columns, rows
from cxaudio.analysis.settling.columns import BothSides, Column
from support.settled_call import rows_of


@pytest.mark.parametrize("most_plain", [0, 3, 1000])
def test_rows_in_many_pieces_are_those_of_one(monkeypatch, most_plain):
    sound = np.random.default_rng(5).normal(0, 0.05, (2, 24_000)).astype(np.float32)
    whole = rows_of(sound)
    monkeypatch.setattr(columns, "_TOGETHER", 7)
    monkeypatch.setattr(columns, "_BANDS_TOGETHER", 4)
    monkeypatch.setattr(columns, "_AREA_BYTES", 1000)
    monkeypatch.setattr(columns, "_MOST_PLAIN", most_plain)
    in_pieces = rows_of(sound)
    for field in fields(rows.CallRows):
        np.testing.assert_array_equal(getattr(in_pieces, field.name), getattr(whole, field.name), field.name)
    assert whole.n_ticks == 300


@pytest.mark.parametrize("most_plain", [0, 1000])
def test_a_column_is_read_like_an_array(monkeypatch, most_plain):
    monkeypatch.setattr(columns, "_TOGETHER", 8)
    monkeypatch.setattr(columns, "_MOST_PLAIN", most_plain)
    random = np.random.default_rng(6)
    values = random.normal(size=(2, 45)).astype(np.float32)
    sides = Column(np.float32), Column(np.float32)
    for column, row in zip(sides, values, strict=True):
        for first in range(0, 45, 5):
            column.add(row[first : first + 5])
    both = BothSides(*sides)
    places = random.integers(0, 45, (6, 7))
    mask = random.random(45) < 0.3
    assert both.shape == values.shape
    for key in (0, (1, slice(7, 30)), (slice(None), slice(16, 24)), (0, places), (1, mask), (0, slice(40, 60))):
        np.testing.assert_array_equal(both[key], values[key])
    both[0][:] = 0  # what is read is a copy
    np.testing.assert_array_equal(both, values)


def test_a_long_call_takes_half_the_memory(monkeypatch):
    level = np.random.default_rng(7).normal(-40, 5, (columns._BANDS_TOGETHER, 24))
    steps = np.rint(2 * (level + 110)).astype(np.uint8)
    column = Column(np.uint8, 24)
    for _ in range(columns._MOST_PLAIN + 1):
        column.add(steps)
    assert sum(map(len, column._pieces)) < 0.75 * len(column) * 24
    np.testing.assert_array_equal(column.read(0, len(steps)), steps)
