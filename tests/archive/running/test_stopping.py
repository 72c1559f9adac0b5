"""Signals to a run: the first asks it to stop, the second ends it."""

import signal
import threading

import pytest

from cxaudio.archive.running.stopping import stop_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_to_stop_and_the_second_ends_at_once(number):
    before = signal.getsignal(number)
    asked = []
    with stop_signals(lambda: asked.append(1)) as stop:
        assert not stop()
        signal.raise_signal(number)
        assert stop()
        assert [1] == asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert before == signal.getsignal(number)


def test_outside_the_main_thread_no_signal_is_touched():
    seen = []

    def other():
        with stop_signals() as stop:
            seen.append((stop(), signal.getsignal(signal.SIGTERM)))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert [(False, before)] == seen
