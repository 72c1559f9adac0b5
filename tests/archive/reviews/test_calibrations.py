"""Calibrations are open until they are closed, and keep what was agreed."""

import pytest

from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.verdict import Verdict
from cxaudio.errors import UsageError


@pytest.fixture
def calibrations(tmp_path):
    with Reviews(tmp_path / "reviews.sqlite") as opened:
        yield Calibrations(opened)


def opened(calibrations: Calibrations, **changes):
    values = {"client": "1", "sample": 3, "name": "May", "reviewer": "anna", "reviewers": ["tom", "anna", "tom", " "]}
    return calibrations.open(**{**values, **changes})


def test_who_takes_part_is_named_once_and_in_order(calibrations):
    found = opened(calibrations)
    assert (("anna", "tom"), 3, True) == (found.reviewers, found.sample, found.is_open)
    assert [found] == calibrations.all() == [calibrations.get(found.number)]


def test_a_calibration_that_is_sent_twice_is_opened_once(calibrations):
    assert opened(calibrations) == opened(calibrations, name="June")


def test_a_calibration_that_was_closed_stays_closed_by_who_closed_it(calibrations):
    first, second = opened(calibrations), opened(calibrations, client="2")
    assert [] == calibrations.closed_numbers()
    closed = calibrations.close(first.number, reviewer="anna")
    assert (False, "anna") == (closed.is_open, closed.closed_by)
    assert closed == calibrations.close(first.number, reviewer="tom")
    assert [first.number] == calibrations.closed_numbers()
    assert second.is_open


def test_a_calibration_that_is_not_there_cannot_be_closed(calibrations):
    with pytest.raises(UsageError, match="there is no calibration 9; choose one from the list"):
        calibrations.close(9, reviewer="anna")


@pytest.mark.parametrize(
    ("reviewers", "sentence"),
    [(["anna"], "1 reviewers were named; name 2 to 20"), ([f"r{n}" for n in range(21)], "21 reviewers were named")],
)
def test_too_few_or_too_many_reviewers_are_refused(calibrations, reviewers, sentence):
    with pytest.raises(UsageError, match=sentence):
        opened(calibrations, reviewers=reviewers)


def test_what_was_agreed_is_read_back_in_its_order(calibrations):
    number = opened(calibrations).number
    for client, decision in (("a", "wrong"), ("b", "right")):
        calibrations.agree(
            number,
            Verdict(
                client=client, reviewer="anna", sound_id="call-0", call_id="0a", type="flag", rule="rushing",
                side="agent", start_s=1.5, end_s=None, decision=decision,
            ),
        )  # fmt: skip
    assert [("wrong", 1.5, None), ("right", 1.5, None)] == [
        (each.verdict.decision, each.verdict.start_s, each.verdict.end_s) for each in calibrations.agreed(number)
    ]
    assert [] == calibrations.agreed(number + 1)
