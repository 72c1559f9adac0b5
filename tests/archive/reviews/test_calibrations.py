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


def test_only_who_takes_part_judges_in_a_calibration_and_only_until_it_is_closed(calibrations):
    number = opened(calibrations).number
    calibrations.check_takes_part(number, "tom")
    with pytest.raises(UsageError, match="eve takes no part in calibration 1; judge outside of it"):
        calibrations.check_takes_part(number, "eve")
    with pytest.raises(UsageError, match="there is no calibration 2; open its calls from the page of calibrations"):
        calibrations.check_takes_part(number + 1, "tom")
    calibrations.close(number, reviewer="anna")
    with pytest.raises(UsageError, match="calibration 1 is closed, and its verdicts stay as they are; judge outside"):
        calibrations.check_takes_part(number, "tom")


def test_a_verdict_of_a_closed_calibration_is_not_taken_back(tmp_path):
    of_call = {"reviewer": "anna", "call_id": "0a", "type": "call", "decision": "right"}
    with Reviews(tmp_path / "reviews.sqlite") as reviews:
        number = opened(Calibrations(reviews)).number
        reviews.add(Verdict(client="1", sound_id="call-1", **of_call))
        reviews.add(Verdict(client="2", sound_id="call-2", calibration=number, **of_call))
        Calibrations(reviews).close(number, reviewer="anna")
        taken = [reviews.undo("anna", client=client) for client in ("a", "b")]
    assert ["call-1", None] == [each and each.verdict.sound_id for each in taken]


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
    assert [] == calibrations.agreed_in_closed(), "it is still open"
    calibrations.close(number, reviewer="anna")
    assert calibrations.agreed(number) == calibrations.agreed_in_closed()
