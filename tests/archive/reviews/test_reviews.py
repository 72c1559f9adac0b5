"""Verdicts are added, never lost and never stored twice, whoever writes at the same time; undo goes back in steps."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.verdict import LONGEST_NOTE, Verdict
from cxaudio.errors import StoreError, UsageError

FLAG = Verdict(
    client="1",
    reviewer="anna",
    sound_id="call-0",
    call_id="0a",
    type="flag",
    decision="right",
    rule="rushing",
    side="agent",
    start_s=10.25,
    end_s=14.5,
    severity="flag",
    note="fast",
)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "reviews.sqlite"


@pytest.fixture
def reviews(path):
    with Reviews(path) as opened:
        yield opened


def said(reviews: Reviews) -> list[tuple[str, str, str]]:
    return [(each.verdict.reviewer, each.verdict.decision, each.verdict.note) for each in reviews.since(0)]


def test_a_verdict_comes_back_as_it_was_given(reviews):
    stored = reviews.add(FLAG)
    assert FLAG == stored.verdict
    assert [stored] == reviews.since(0) == reviews.of_calls(["call-0", "call-0"])
    assert [] == reviews.since(stored.number)


def test_a_verdict_that_is_sent_again_is_stored_once(reviews):
    assert reviews.add(FLAG) == reviews.add(FLAG)
    assert 1 == len(reviews.since(0))


def test_two_different_verdicts_never_pass_for_one(reviews):
    reviews.add(FLAG)
    with pytest.raises(UsageError, match="another verdict has the number 1"):
        reviews.add(replace(FLAG, decision="wrong"))


def test_the_file_is_for_its_owner_alone(reviews, path):
    assert 0o600 == path.stat().st_mode & 0o777


def test_undo_goes_back_through_changed_minds_step_by_step(reviews):
    other = replace(FLAG, rule="dawdling", note="")
    reviews.add(FLAG)
    reviews.add(replace(FLAG, client="2", decision="wrong", note="no"))
    reviews.add(replace(other, client="3"))
    taken = [reviews.undo("anna", client=f"u{step}") for step in range(4)]
    assert [
        ("dawdling", "withdrawn"),
        ("rushing", "right"),
        ("rushing", "withdrawn"),
        None,
    ] == [None if each is None else (each.verdict.rule, each.verdict.decision) for each in taken]
    assert "fast" == taken[1].verdict.note
    assert 6 == len(reviews.since(0)), "what was taken back stays in the history"


def test_twenty_steps_can_be_taken_back_and_judged_again(reviews):
    for number in range(20):
        reviews.add(replace(FLAG, client=str(number), start_s=float(number), end_s=None))
    assert [float(number) for number in reversed(range(20))] == [
        reviews.undo("anna", client=f"u{number}").verdict.start_s for number in range(20)
    ]
    reviews.add(replace(FLAG, client="again", start_s=3.0, end_s=None, decision="excused"))
    assert "withdrawn" == reviews.undo("anna", client="last").verdict.decision


def test_an_undo_that_is_sent_again_is_done_once(reviews):
    reviews.add(FLAG)
    reviews.add(replace(FLAG, client="2", decision="wrong"))
    assert reviews.undo("anna", client="u") == reviews.undo("anna", client="u")
    assert 3 == len(reviews.since(0))


def test_nobody_takes_back_what_another_said(reviews):
    reviews.add(FLAG)
    assert None is reviews.undo("ben", client="u")


def test_a_verdict_of_a_calibration_is_taken_back_within_it(reviews):
    reviews.add(FLAG)
    reviews.add(replace(FLAG, client="2", calibration=7, decision="wrong"))
    taken = reviews.undo("anna", client="u")
    assert ("withdrawn", 7) == (taken.verdict.decision, taken.verdict.calibration)


def test_threads_that_judge_at_once_lose_nothing(path):
    def judge(name: str) -> None:
        with Reviews(path) as own:
            for number in range(25):
                own.add(replace(FLAG, client=f"{name}-{number}", reviewer=name, note=str(number)))

    with Reviews(path):
        threads = [threading.Thread(target=judge, args=(name,)) for name in ("anna", "ben", "cora")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with Reviews(path, read_only=True) as reviews:
        assert sorted((name, "right", str(n)) for name in ("anna", "ben", "cora") for n in range(25)) == sorted(
            said(reviews)
        )


_KILLED = """
import os, signal, sys
from pathlib import Path
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.verdict import Verdict
reviews = Reviews(Path(sys.argv[1]))
for number in range(10_000):
    of_call = {"sound_id": "call-0", "call_id": "0a", "type": "call", "decision": "right"}
    reviews.add(Verdict(client=str(number), reviewer="anna", **of_call))
    print(number, flush=True)
    if number == 20:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_who_waits_to_write_keeps_nobody_from_reading(path, reviews):
    """Another process that writes for long, such as a purge, must not hold the pages."""
    reviews.add(FLAG)
    with Reviews(path) as other, other.writing().writing():
        waiting = threading.Thread(target=reviews.add, args=(replace(FLAG, client="2"),))
        waiting.start()
        lock = reviews.writing()._lock
        while lock.acquire(blocking=False):  # until the other thread has it
            lock.release()
        assert ["1"] == [each.verdict.client for each in reviews.since(0)]
    waiting.join()
    assert ["1", "2"] == [each.verdict.client for each in reviews.since(0)]


def test_what_was_acknowledged_before_a_kill_is_there(path):
    done = subprocess.run([sys.executable, "-c", _KILLED, str(path)], capture_output=True, text=True, check=False)
    assert [str(n) for n in range(21)] == done.stdout.split()
    with Reviews(path) as reviews:
        assert 21 == len(reviews.since(0))


def test_a_store_without_reviews_has_none_and_gets_no_file_for_reading(path):
    with Reviews(path, read_only=True) as reviews:
        assert [] == reviews.since(0) == reviews.saved_filters() == reviews.audit()
        reviews.note("anna", "open call", "0a")
        for change in (
            lambda: reviews.add(FLAG),
            lambda: reviews.undo("anna", client="u"),
            lambda: reviews.save_filter("a", "", reviewer="anna"),
            lambda: reviews.delete_filter("a"),
        ):
            with pytest.raises(UsageError, match="start it without --read-only"):
                change()
    assert not path.exists()


def test_a_damaged_file_is_named_with_its_cure(path):
    path.write_bytes(b"no database " * 100)
    with pytest.raises(StoreError, match=r"reviews\.sqlite: is damaged .*; put back a copy of it"):
        Reviews(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"decision": "perhaps"}, "'perhaps' is not known; use one of right, wrong"),
        ({"type": "word"}, "'word' is not known"),
        ({"note": "a" * (LONGEST_NOTE + 1)}, f"at most {LONGEST_NOTE}"),
        ({"reviewer": " "}, "1 to 80 printable"),
        ({"reviewer": "a\nb"}, "1 to 80 printable"),
        ({"client": ""}, "client has 0 characters"),
        ({"sound_id": "a" * 81}, "sound_id has 81"),
        ({"start_s": None}, "needs start_s"),
        ({"rule": ""}, "needs a rule"),
        ({"type": "call"}, "has no rule"),
    ],
)
def test_a_wrong_verdict_is_refused_in_one_sentence(change, message):
    with pytest.raises(UsageError, match=message):
        replace(FLAG, **change)


def test_filters_are_saved_under_a_name_replaced_and_deleted(reviews):
    reviews.save_filter("  rushed ", "rule=rushing", reviewer="anna")
    reviews.save_filter("Answers", "rule=left_waiting", reviewer="ben")
    reviews.save_filter("rushed", "rule=rushing&severity=severe", reviewer="ben")
    assert [("Answers", "rule=left_waiting"), ("rushed", "rule=rushing&severity=severe")] == [
        (each.name, each.query) for each in reviews.saved_filters()
    ]
    reviews.delete_filter("rushed")
    reviews.delete_filter("never there")
    assert ["Answers"] == [each.name for each in reviews.saved_filters()]
    for name in ("", " ", "a" * 61, "a\tb"):
        with pytest.raises(UsageError, match="1 to 60 printable"):
            reviews.save_filter(name, "", reviewer="anna")


def test_text_that_looks_like_sql_is_text(reviews):
    hostile = "x'); DROP TABLE verdicts; --"
    reviews.add(replace(FLAG, note=hostile, reviewer=hostile, rule=hostile))
    reviews.save_filter(hostile, hostile, reviewer=hostile)
    reviews.note(hostile, hostile, hostile)
    assert hostile == reviews.since(0)[0].verdict.note
    assert hostile == reviews.saved_filters()[0].query
    assert None is not reviews.undo(hostile, client=hostile)


def test_the_audit_log_is_read_from_its_end_in_pieces(reviews):
    for number in range(5):
        reviews.note("anna", "open call", f"{number}")
    first = reviews.audit(limit=2)
    assert ["4", "3"] == [entry.target for _, entry in first]
    assert ["2", "1", "0"] == [entry.target for _, entry in reviews.audit(before=first[-1][0])]
