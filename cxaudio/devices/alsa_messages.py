"""Keep what libasound prints out of the terminal, and count the underruns that it reports so.

PortAudio opens sound through libasound on Linux, which writes a line on the standard error stream for each underrun:
into the display of a session, and a hundred times where the machine is busy. What goes wrong is also returned to
PortAudio, so nothing is lost with these lines. Where there is no libasound (Windows, macOS), nothing is done.
"""

import ctypes
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

__all__ = ["kept_from_terminal", "n_underruns"]

_LIBRARY = "libasound.so.2"
# A handler is variadic: file, line, function, error, format and the format's arguments, of which one is read.
_Handler = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p
)
_RECOVERED = b"%s occurred"  # the only format whose argument is read: of others it may be anything
_lock = threading.Lock()
_users = 0
_n_underruns = 0


def n_underruns() -> int:
    """Return the number of underruns that libasound has reported to this process while it was listened to."""
    return _n_underruns


def kept_from_terminal() -> ExitStack:
    """Receive libasound's messages until the result is closed; several users may overlap.

    Returns
    -------
    ExitStack
        Its `close` lets libasound print again, once its last user has closed it. It may be closed again.

    Examples
    --------
    >>> kept = kept_from_terminal()
    >>> kept.close()
    """
    global _users
    open_until_closed = ExitStack()
    with _lock:
        if _users == 0 and not _set_handler(_handler):
            return open_until_closed
        _users += 1
    open_until_closed.callback(_leave)
    return open_until_closed


def _leave() -> None:
    global _users
    with _lock:
        _users -= 1
        if _users == 0:
            _set_handler(None)


def _set_handler(handler: Any) -> bool:
    """Give libasound a handler, None for its own; return False where there is no libasound."""
    if sys.platform != "linux":
        return False
    try:
        library = ctypes.CDLL(_LIBRARY)
        set_handler: Callable[[Any], int] = library.snd_lib_error_set_handler
    except (OSError, AttributeError):
        return False
    return set_handler(handler) == 0


def _on_message(
    file: bytes | None, line: int, function: bytes | None, error: int, text: bytes | None, first: int | None
) -> None:
    global _n_underruns
    if function == b"snd_pcm_recover" and text == _RECOVERED and first and ctypes.string_at(first) == b"underrun":
        _n_underruns += 1


_handler = _Handler(_on_message)  # kept for ever: libasound may call it from a thread that is ending
