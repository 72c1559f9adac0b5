"""Samples are stored whole, once, and are found again with all that led to them."""

import pytest

from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.samples import SampledCall, Samples
from cxaudio.errors import UsageError

CALLS = [
    SampledCall(sound_id="call-b", call_id="0b", stratum="worst", chance=1.0, group="Ada", why={"place": 1}),
    SampledCall(sound_id="call-a", call_id="0a", stratum="random", chance=0.25, group="Ada", why={"n_from": 8}),
]


@pytest.fixture
def reviews(tmp_path):
    with Reviews(tmp_path / "reviews.sqlite") as opened:
        yield opened


def add(reviews: Reviews, **changes):
    values = {
        "client": "1",
        "name": "May",
        "reviewer": "anna",
        "query": "team=A",
        "settings": "d1",
        "design": {"seed": 7},
        "frame": {"n_calls": 9},
        "calls": CALLS,
    }
    return Samples(reviews).add(**{**values, **changes})


def test_a_sample_is_found_again_with_its_calls_in_the_order_of_the_draw(reviews):
    drawn = add(reviews, name="  May ")
    assert ("May", "anna", "team=A", "d1", {"seed": 7}, {"n_calls": 9}) == (
        drawn.name, drawn.reviewer, drawn.query, drawn.settings, drawn.design, drawn.frame,
    )  # fmt: skip
    assert drawn == Samples(reviews).get(drawn.number)
    assert CALLS == Samples(reviews).calls(drawn.number)


def test_a_draw_that_is_sent_twice_is_stored_once(reviews):
    first, again = add(reviews), add(reviews, calls=[])
    assert first == again
    assert CALLS == Samples(reviews).calls(first.number)


def test_the_newest_sample_comes_first_and_only_new_ones_are_read_again(reviews):
    first, second = add(reviews), add(reviews, client="2", name="June", calls=CALLS[:1])
    assert [second, first] == Samples(reviews).all()
    assert [(second.number, "call-b")] == Samples(reviews).sounds(first.number)
    assert 3 == len(Samples(reviews).sounds(0))


def test_what_is_not_there_is_none(reviews):
    assert Samples(reviews).get(1) is None
    assert [] == Samples(reviews).calls(1)


@pytest.mark.parametrize("name", ["", "  ", "a" * 81, "a\nb"])
def test_a_name_that_cannot_be_shown_is_refused(reviews, name):
    with pytest.raises(UsageError, match="the name of a sample must have 1 to 80 printable characters"):
        add(reviews, name=name)


def test_reviews_that_were_never_written_have_no_samples(tmp_path):
    with Reviews(tmp_path / "reviews.sqlite", read_only=True) as reviews:
        assert [] == Samples(reviews).all()
        with pytest.raises(UsageError, match="open for reading only"):
            add(reviews)
