"""Stretches are joined, cut and compared."""

import random

from cxaudio.model.spans import covered, join, length, shared


def test_more_than_half_of_a_stretch_is_covered_as_its_intersection_says():
    drawn = random.Random(2)
    for _ in range(300):
        by = join((start, start + drawn.randrange(1, 9)) for start in drawn.sample(range(60), drawn.randrange(6)))
        start = drawn.randrange(60)
        span = start, start + drawn.randrange(12)
        assert (2 * length(shared([span], by)) > span[1] - span[0]) is covered(span, by), (span, by)
