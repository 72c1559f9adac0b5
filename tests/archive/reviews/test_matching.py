"""A verdict stays with its flag when the call is judged anew: same rule and side, best overlap, one to one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cxaudio.archive.reviews.matching import FlagTime, matched_verdicts
from cxaudio.archive.reviews.verdict import StoredVerdict, Verdict


def flag(n: int, start_s: float | None, end_s: float | None, **more) -> FlagTime:
    return FlagTime(
        **({"n": n, "type": "flag", "rule": "rushing", "side": "agent"} | more), start_s=start_s, end_s=end_s
    )


def verdict(number: int, start_s: float | None, end_s: float | None, decision: str = "right", **more) -> StoredVerdict:
    about = {
        "reviewer": "anna",
        "sound_id": "call-0",
        "call_id": "0a",
        "type": "flag",
        "rule": "rushing",
        "side": "agent",
    }
    given = Verdict(**(about | more), client=str(number), decision=decision, start_s=start_s, end_s=end_s)
    return StoredVerdict(number=number, at_ms=number, undoes=None, verdict=given)


def found(verdicts: list[StoredVerdict], flags: list[FlagTime]) -> list[tuple[int, int | None]]:
    return [(each.stored.number, each.n) for each in matched_verdicts(verdicts, flags)]


def test_flags_that_moved_a_little_keep_their_verdicts():
    flags = [flag(3, 10.4, 15.0), flag(9, 40.0, 48.0)]
    assert [(1, 3), (2, 9)] == found([verdict(1, 10.0, 14.0), verdict(2, 41.0, 47.0)], flags)


def test_of_two_flags_that_overlap_the_one_that_overlaps_more_is_the_same():
    flags = [flag(3, 10.0, 15.0), flag(4, 13.0, 19.0)]
    assert [(1, 4)] == found([verdict(1, 12.5, 19.0)], flags)


def test_two_verdicts_that_were_given_on_one_row_are_never_of_one_flag():
    """The second of two neighbours is gone in the new analysis: its verdict must not land on the first."""
    assert [(1, 3), (2, None)] == found([verdict(1, 10.0, 14.0), verdict(2, 14.0, 18.0)], [flag(3, 10.0, 16.0)])


def test_another_rule_side_or_type_is_another_flag():
    given_on = [
        verdict(1, 10.0, 14.0, rule="dawdling"),
        verdict(2, 10.0, 14.0, side="customer"),
        verdict(3, 10.0, 14.0, type="missed"),
    ]
    assert [(1, None), (2, None), (3, None)] == found(given_on, [flag(3, 10.0, 14.0)])


def test_a_flag_elsewhere_is_another_flag_and_a_near_one_is_the_same():
    assert [(1, None)] == found([verdict(1, 10.0, 11.0)], [flag(3, 11.6, 14.0)])
    assert [(1, 3)] == found([verdict(1, 10.0, 11.0)], [flag(3, 11.3, 14.0)])


def test_a_limit_of_the_whole_call_needs_no_time():
    given_on = [verdict(1, None, None, type="whole_call", rule="talk_share_agent", side=None)]
    assert [(1, 0)] == found(given_on, [flag(0, None, None, type="whole_call", rule="talk_share_agent", side=None)])
    assert [(1, 0)] == found(given_on, [flag(0, 0.0, None, type="whole_call", rule="talk_share_agent", side=None)])


def test_flags_until_the_end_of_the_call_are_matched_by_their_start():
    assert [(1, 5)] == found([verdict(1, 50.0, None)], [flag(4, 20.0, 30.0), flag(5, 49.0, None)])


def test_the_newest_verdict_of_each_reviewer_counts_also_when_the_old_one_was_of_the_earlier_analysis():
    old = verdict(1, 10.0, 14.0, "wrong", call_id="0a")
    new = verdict(2, 10.5, 14.5, "excused", call_id="0b")
    other = verdict(3, 10.0, 14.0, "unsure", reviewer="ben")
    assert [(2, 7), (3, 7)] == found([old, new, other], [flag(7, 10.5, 14.5)])


def test_what_was_taken_back_does_not_count():
    assert [] == found([verdict(1, 10.0, 14.0), verdict(2, 10.0, 14.0, "withdrawn")], [flag(7, 10.0, 14.0)])


def test_a_calibration_counts_apart():
    both = [verdict(1, 10.0, 14.0), verdict(2, 10.0, 14.0, "wrong", calibration=4)]
    assert [(1, 7), (2, 7)] == found(both, [flag(7, 10.0, 14.0)])


times = st.lists(
    st.tuples(st.integers(0, 100), st.integers(1, 20)).map(lambda pair: (float(pair[0]), float(sum(pair)))),
    max_size=6,
    unique=True,
)


@given(times, times)
def test_no_flag_has_two_verdicts_of_one_row_and_the_same_flags_keep_theirs(judged, now):
    verdicts = [verdict(number, *span) for number, span in enumerate(judged)]
    flags = [flag(n, *span) for n, span in enumerate(now)]
    matched = found(verdicts, flags)
    taken = [n for _, n in matched if n is not None]
    assert len(taken) == len(set(taken))
    for number, n in matched:
        if judged[number] in now:
            assert now.index(judged[number]) == n
    same = [replace(each, n=each.n) for each in [flag(n, *span) for n, span in enumerate(judged)]]
    assert [(number, number) for number in range(len(judged))] == sorted(found(verdicts, same))
