"""`RowRecorder`: what is kept of a call's ticks does not depend on the pieces of memory that it is kept in."""

from dataclasses import fields

import numpy as np

from cxaudio.analysis.settling import rows
from support.settled_call import rows_of


def test_rows_in_many_pieces_are_those_of_one(monkeypatch):
    sound = np.random.default_rng(5).normal(0, 0.05, (2, 24_000)).astype(np.float32)
    whole = rows_of(sound)
    monkeypatch.setattr(rows, "_PIECE_BYTES", 96)  # 4 rows of bands
    in_pieces = rows_of(sound)
    for field in fields(rows.CallRows):
        np.testing.assert_array_equal(getattr(in_pieces, field.name), getattr(whole, field.name), field.name)
    assert whole.n_ticks == 300
