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


@pytest.mark.parametrize("rate", [8000, 16000])
def test_whole_milliseconds_need_no_rounding(rate):
    clock = Timebase(rate)
    positions = [*range(-500, 5000), *range(10**9, 10**9 + 2000)]
    assert [round(position / rate, 3) for position in positions] == [clock.seconds(position) for position in positions]
