"""Ctrl-C ends a question at once, also while DuckDB computes."""

import signal
import threading

import pytest

from cxaudio.archive.asking.duck import Duck, Tables
from cxaudio.archive.asking.interrupting import Interrupting


@pytest.fixture(autouse=True)
def _ctrl_c_interrupts():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_question_without_an_end_is_ended_by_ctrl_c():
    main = threading.main_thread().ident
    ctrl_c = threading.Timer(0.2, signal.pthread_kill, (main, signal.SIGINT))

    def ask(duck):
        ctrl_c.start()
        return list(duck.ask("SELECT sum(sin(range)) FROM range(1000000000000)").rows)

    with Duck(Tables(calls={}, events={})) as duck, pytest.raises(KeyboardInterrupt):
        ask(duck)
    ctrl_c.join()
    with Duck(Tables(calls={}, events={})) as duck:
        assert [(1,)] == list(duck.ask("SELECT 1").rows)


def test_other_signals_and_other_threads_interrupt_nothing():
    before = signal.set_wakeup_fd(-1)
    told = []
    handler = signal.signal(signal.SIGTERM, lambda number, frame: None)

    def elsewhere():
        with Interrupting(lambda: told.append(2)):
            pass

    try:
        with Interrupting(lambda: told.append(1)):
            signal.raise_signal(signal.SIGTERM)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert (-1, []) == (signal.set_wakeup_fd(before), told)
