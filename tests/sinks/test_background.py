"""Slow and failing sinks behind a live call: the call neither waits nor ends, and the report names them."""

import threading

import pytest

from cxaudio.errors import StoreError
from cxaudio.model.blocks import Analysed
from cxaudio.sinks.background import BackgroundSinks
from cxaudio.worker import Worker
from support.small_call import call_info, report

LONGEST_S = 30.0  # a sink goes on by itself after this, so that a failing test ends


class Kept:
    """A sink that notes what it is given; it can fail, or stand still until `go_on` is set."""

    def __init__(self, *, fails_at: str = "", go_on: threading.Event | None = None) -> None:
        self.fails_at = fails_at
        self.go_on = go_on
        self.seen: list[object] = []

    def _note(self, what: str, value: object) -> None:
        if self.go_on is not None:
            self.go_on.wait(LONGEST_S)
        if what == self.fails_at and value is not None:
            raise StoreError(f"the disk refuses to {what}")
        self.seen.append((what, value, threading.current_thread().name))

    def open(self, call: object) -> None:
        self._note("open", call)

    def write(self, analysed: Analysed) -> None:
        self._note("write", analysed)

    def close(self, report: object) -> None:
        self._note("close", report)


@pytest.fixture
def worker():
    made = Worker("files", most_waiting=8)
    yield made
    made.stop()


def run(sinks: BackgroundSinks, worker: Worker, *, blocks: int = 3) -> None:
    sinks.open(call_info())
    for number in range(blocks):
        sinks.write(number)
    sinks.close(report())
    worker.stop()


def test_sinks_are_worked_in_order_on_their_own_thread(worker):
    kept = Kept()
    run(BackgroundSinks([kept], worker), worker)
    assert ["open", "write", "write", "write", "close"] == [what for what, _, _ in kept.seen]
    assert {"files"} == {thread for _, _, thread in kept.seen}


@pytest.mark.parametrize("when", ["open", "write", "close"])
def test_a_sink_that_fails_is_closed_and_named_in_the_report_of_those_after_it(worker, when):
    bad, good, reports = Kept(fails_at=when), Kept(), []
    run(BackgroundSinks([bad, good], worker, closed=reports.append), worker)
    assert bad.seen[-1][:2] == ("close", None)
    (_, final, _) = good.seen[-1]
    assert (f"Kept: the disk refuses to {when}",) == final.failures == reports[0].failures


def test_a_disk_that_is_too_slow_loses_its_files_and_never_the_call(worker):
    go_on, reports = threading.Event(), []
    slow = Kept(go_on=go_on)
    sinks = BackgroundSinks([slow], worker, closed=reports.append)
    sinks.open(call_info())
    for number in range(100):
        sinks.write(number)
    assert [] == slow.seen, "the call went on while the disk stood still"
    go_on.set()
    sinks.close(report())
    worker.stop()
    assert "fell behind" in reports[0].failures[0]
    assert ("close", None) == slow.seen[-1][:2]


def test_a_call_that_broke_off_closes_its_sinks_with_none(worker):
    kept, told = Kept(), []
    sinks = BackgroundSinks([kept], worker, closed=told.append)
    sinks.open(call_info())
    sinks.close(None)
    worker.stop()
    assert ("close", None) == kept.seen[-1][:2]
    assert [None] == told
