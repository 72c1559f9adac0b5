"""Positions as text."""

import pytest

from cxaudio.model.timebase import Timebase


@pytest.mark.parametrize(
    ("seconds", "exact", "whole"),
    [
        (0, "00:00:00.000", "00:00:00"),
        (192.48, "00:03:12.480", "00:03:12"),
        (59.9999, "00:01:00.000", "00:01:00"),
        (100 * 3600 + 1.5, "100:00:01.500", "100:00:01"),
    ],
)
def test_a_position_is_written_as_a_clock_with_or_without_milliseconds(seconds, exact, whole):
    clock = Timebase(8000)
    position = clock.samples(seconds)
    assert (exact, whole) == (clock.clock_text(position), clock.whole_seconds_text(position))
