"""Batches of about half a minute of work, which keep the order of the calls and lose none."""

import pytest

from cxaudio.archive.job import FileStamp, Job
from cxaudio.archive.running.batches import BatchedCall, WaitingCalls, estimated_s
from support.poison import Handed


def call(name, *, seconds=180.0, ending=".wav"):
    stamp = FileStamp(size=round(seconds * 32_000), modified_ns=1)
    return BatchedCall(Handed(Job(files=(f"/calls/{name}{ending}",), stamps=(stamp,))), 60.0)


def names(calls):
    return [each.job.files[0].split("/")[-1].split(".")[0] for each in calls]


def waiting_calls(n, **changes):
    waiting = WaitingCalls(batch_s=30.0)
    for number in range(n):
        waiting.add(call(number, **changes))
    return waiting


def test_a_long_row_of_calls_gives_batches_of_half_a_minute_in_order():
    waiting = waiting_calls(500)
    found = []
    for _ in range(3):
        batch = waiting.take(2)
        assert 30.0 <= sum(estimated_s(each.job) for each in batch.calls) < 31.0
        found += names(batch.calls)
    assert [str(n) for n in range(len(found))] == found
    assert 500 - len(found) == len(waiting)


def test_at_the_end_all_workers_get_a_part():
    waiting = waiting_calls(40)
    sizes = []
    while (batch := waiting.take(4)) is not None:
        sizes.append(len(batch.calls))
    assert 40 == sum(sizes)
    assert max(sizes) <= 6, "an eighth of what waits"
    assert len(sizes) >= 8


def test_a_call_longer_than_a_batch_is_a_batch_of_its_own():
    waiting = WaitingCalls(batch_s=30.0)
    waiting.add(call("long", seconds=5 * 3600))
    waiting.add(call("short"))
    assert ["long"] == names(waiting.take(1).calls)
    assert ["short"] == names(waiting.take(1).calls)


def test_no_batch_has_more_than_a_hundred_calls():
    waiting = waiting_calls(5_000, seconds=1.0)
    assert 100 == len(waiting.take(1).calls) == waiting.calls_per_batch


def test_what_is_put_back_comes_first_and_in_its_order():
    waiting = waiting_calls(200)
    first = waiting.take(1).calls
    waiting.put_back(first[3:])
    assert names(first[3:]) == names(waiting.take(1).calls)[: len(first) - 3]


def test_all_can_be_taken_at_once():
    waiting = waiting_calls(7)
    assert [str(n) for n in range(7)] == names(waiting.take_all())
    assert (0, None) == (len(waiting), waiting.take(1))


@pytest.mark.parametrize(("ending", "times"), [(".wav", 1.0), (".FLAC", 32 / 12), (".mp3", 8.0), (".wav49", 32 / 3.3)])
def test_a_byte_of_a_dense_encoding_is_more_sound(ending, times):
    plain, dense = (estimated_s(call("a", ending=each).job) for each in (".wav", ending))
    assert pytest.approx(times, rel=0.01) == (dense - 0.1) / (plain - 0.1)
