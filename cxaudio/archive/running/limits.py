"""Prepare a process that judges calls: one thread, a limit of memory, no noise, and an end with whoever started it."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cxaudio.memory import collect_seldom, keep_freed_memory
from cxaudio.one_thread import ONE_THREAD

__all__ = ["one_thread_in_children", "prepare_worker"]

_PR_SET_PDEATHSIG = 1  # prctl(2), Linux


@contextmanager
def one_thread_in_children() -> Iterator[None]:
    """Let processes that are started inside work on one thread each: every core has a worker already.

    Examples
    --------
    >>> with one_thread_in_children():
    ...     os.environ["OMP_NUM_THREADS"]
    '1'
    """
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def prepare_worker(memory_mb: int) -> None:
    """Make this process a worker; for processes that do nothing else.

    It dies with the process that started it (Linux), is not stopped by Ctrl-C nor by a signal to all processes of a
    service, so that the driver can let it finish, writes files for their owner only, and keeps the messages of
    decoders off the terminal.

    Parameters
    ----------
    memory_mb : int
        What it may take beside what it has now; where the system has such a limit.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.umask(0o077)
    _die_with_parent()
    _silence_decoders()
    keep_freed_memory()
    collect_seldom()
    _limit_memory(memory_mb)


def _die_with_parent() -> None:
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    parent = os.getppid()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended in between
        os._exit(1)


def _silence_decoders() -> None:
    """Send standard error to nowhere: libmpg123 prints a line of its own for every damaged frame."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _limit_memory(memory_mb: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    with suppress(OSError, ValueError):  # a lower limit of the system's own stays
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = _address_space() + memory_mb * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _address_space() -> int:
    """Return the bytes of addresses that this process uses now: its libraries take many that cost no memory."""
    with suppress(OSError, ValueError):
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0
