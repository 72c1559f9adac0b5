"""What libasound prints stays out of the terminal while a sound system is open, and underruns are counted."""

import ctypes
import subprocess
import sys

import pytest

from cxaudio.devices import alsa_messages

_UNDERRUN = (b"pcm.c", 8570, b"snd_pcm_recover", 0, b"%s occurred")
_PRINTS = """
import ctypes
from cxaudio.devices.alsa_messages import kept_from_terminal
library = ctypes.CDLL("libasound.so.2")
def fail():
    library.snd_pcm_open(ctypes.byref(ctypes.c_void_p()), b"no_such_device", 0, 0)
kept = kept_from_terminal(), kept_from_terminal()
fail()
kept[0].close()
fail()
kept[0].close()
fail()
kept[1].close()
print("now", file=__import__("sys").stderr, flush=True)
fail()
"""


def has_libasound() -> bool:
    try:
        ctypes.CDLL("libasound.so.2")
    except OSError:
        return False
    return True


def test_only_underruns_are_counted():
    before = alsa_messages.n_underruns()
    words = ctypes.create_string_buffer(b"underrun"), ctypes.create_string_buffer(b"overrun")
    underrun, overrun = (ctypes.cast(word, ctypes.c_void_p) for word in words)
    alsa_messages._handler(*_UNDERRUN, underrun)
    assert 1 == alsa_messages.n_underruns() - before
    alsa_messages._handler(*_UNDERRUN, overrun)
    alsa_messages._handler(*_UNDERRUN, None)
    alsa_messages._handler(b"pcm.c", 1, b"snd_pcm_open", -2, b"Unknown PCM %s", underrun)
    alsa_messages._handler(None, 0, None, 0, None, None)
    assert 1 == alsa_messages.n_underruns() - before


@pytest.mark.skipif(not has_libasound(), reason="no libasound here")
def test_nothing_is_printed_until_the_last_user_has_closed():
    done = subprocess.run([sys.executable, "-c", _PRINTS], capture_output=True, text=True, timeout=60, check=True)
    before, after = done.stderr.split("now\n")
    assert "" == before
    assert "no_such_device" in after


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_elsewhere_nothing_is_done(monkeypatch, system):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: pytest.fail("there is no libasound"))
    alsa_messages.kept_from_terminal().close()


def test_without_the_library_nothing_is_done(monkeypatch):
    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    alsa_messages.kept_from_terminal().close()
    assert 0 == alsa_messages._users
