"""A thread for slow tasks: in order, bounded where asked for, and never in the way of the program's end."""

import threading

import pytest

from cxaudio.worker import Worker


def test_tasks_are_done_in_order_on_the_named_thread():
    worker, done = Worker("slow"), []
    for number in range(5):
        worker.put(lambda number=number: done.append((number, threading.current_thread().name)))
    worker.stop()
    assert [(number, "slow") for number in range(5)] == done


def test_no_thread_is_started_before_there_is_a_task():
    before = threading.active_count()
    worker = Worker("idle")
    assert before == threading.active_count()
    worker.stop()


def test_a_full_queue_refuses_a_task_and_stays_in_order():
    worker, go, begun, done = Worker("full", most_waiting=1), threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        go.wait()

    worker.put(first)
    begun.wait()
    assert worker.try_put(lambda: done.append("waited"))
    assert not worker.try_put(lambda: done.append("refused"))
    go.set()
    worker.stop()
    assert ["waited"] == done


def test_a_submitted_task_gives_its_result_or_its_failure():
    worker = Worker("results")
    assert 42 == worker.submit(lambda: 6 * 7).result()
    with pytest.raises(ZeroDivisionError):
        worker.submit(lambda: 1 // 0).result()
    worker.stop()


def test_after_the_stop_a_task_is_done_by_the_caller():
    worker = Worker("stopped")
    worker.stop()
    assert threading.current_thread() is worker.submit(threading.current_thread).result()


def test_a_task_that_never_ends_does_not_hold_the_stop():
    worker, go = Worker("stuck"), threading.Event()
    worker.put(go.wait)
    worker.stop(timeout_s=0.01)
    go.set()
    worker.stop()
