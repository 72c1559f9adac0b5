"""What holds for a flag is decided by more votes."""

import pytest

from cxaudio.workbench.judging.settling import settled


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([], None),
        (["unsure", "unsure"], "unsure"),
        (["right", "unsure"], "right"),
        (["right", "excused"], "right"),
        (["right", "excused", "excused"], "excused"),
        (["wrong", "wrong", "excused"], "wrong"),
        (["wrong", "right"], "disputed"),
        (["wrong", "right", "excused"], "right"),
    ],
)
def test_more_votes_decide_and_who_is_unsure_has_none(decisions, expected):
    assert expected == settled(decisions)


def test_what_was_agreed_counts_in_place_of_the_votes():
    assert "excused" == settled(["wrong", "wrong", "right"], agreed="excused")
