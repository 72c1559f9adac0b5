"""Ctrl-C comes through at once, or at the next block where Python would have lost it."""

import io
import os
import signal
import sys

import pytest
import soundfile

from cxaudio.replay.interruption import watched_interruptions

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process alone")


@pytest.fixture(autouse=True)
def _as_in_a_terminal():
    """Whoever runs the tests in the background ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, "given back"
    signal.signal(signal.SIGINT, before)


class Interrupting(io.BytesIO):
    """A file during whose reading Ctrl-C is pressed, once."""

    pressed = False

    def readinto(self, buffer):
        if not self.pressed:
            self.pressed = True
            os.kill(os.getpid(), signal.SIGINT)
        return super().readinto(buffer)


def recording() -> Interrupting:
    written = io.BytesIO()
    soundfile.write(written, [0.0] * 100, 8000, format="WAV", subtype="PCM_16")
    return Interrupting(written.getvalue())


def test_ctrl_c_comes_through_at_once():
    def pressed() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("it went on")

    with pytest.raises(KeyboardInterrupt), watched_interruptions():
        pressed()


def test_ctrl_c_inside_libsndfile_is_kept_for_the_next_block(capfd):
    with watched_interruptions() as check:
        with soundfile.SoundFile(recording()) as sound:
            assert len(sound.read()) == 100, "the read is whole, nothing was printed"
        with pytest.raises(KeyboardInterrupt):
            check()
    assert capfd.readouterr().err == ""


def test_whoever_ignores_ctrl_c_is_let_be():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with watched_interruptions() as check:
        os.kill(os.getpid(), signal.SIGINT)
        check()
    signal.signal(signal.SIGINT, signal.default_int_handler)
