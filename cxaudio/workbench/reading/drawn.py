"""Keep the tables of samples and of closed calibrations in step with the reviews of a store."""

from collections.abc import Sequence
from typing import NamedTuple

from cxaudio.archive.asking.memory_tables import MemoryTables
from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.samples import Samples

__all__ = ["NOTHING_DRAWN", "DrawnState", "take_in_drawn"]


class DrawnState(NamedTuple):
    """What was taken in."""

    sample: int  # number of the newest sample
    closed: Sequence[int]  # calibrations


NOTHING_DRAWN = DrawnState(0, ())


def take_in_drawn(tables: MemoryTables, reviews: Reviews, state: DrawnState) -> DrawnState:
    """Take new samples into the table ``sampled``, and newly closed calibrations into ``closed_calibrations``.

    Parameters
    ----------
    tables : MemoryTables
        With both tables.
    reviews : Reviews
        Read.
    state : DrawnState
        What was taken in before; `NOTHING_DRAWN` at first.

    Returns
    -------
    DrawnState
        What is taken in now.
    """
    closed = Calibrations(reviews).closed_numbers()
    if newly_closed := [number for number in closed if number not in state.closed]:
        tables.change([("INSERT INTO closed_calibrations SELECT unnest(CAST(? AS BIGINT[]))", (newly_closed,))])
    drawn = Samples(reviews).sounds(state.sample)
    if not drawn:
        return DrawnState(state.sample, closed)
    numbers, sounds = ([each[column] for each in drawn] for column in (0, 1))
    tables.change(
        [
            (
                "INSERT INTO sampled SELECT unnest(CAST(? AS BIGINT[])), unnest(CAST(? AS VARCHAR[]))",
                (numbers, sounds),
            )
        ]
    )
    return DrawnState(max(number for number, _ in drawn), closed)
