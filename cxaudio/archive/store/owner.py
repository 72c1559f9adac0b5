"""Tell the processes that work on a store apart, and find out whether one on this computer still lives."""

import os
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Owner"]

_ENDED = "ended"  # a process that is dead and whose parent has not asked for its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A process that works on a store.

    Examples
    --------
    >>> Owner.this_process().is_gone()
    False
    """

    id: str  # 16 hex digits, by chance
    host: str  # name of the computer
    place: str  # what process numbers count in: one start of one system, or a container in it
    pid: int
    started: str  # when the process started, as its system says it; empty: it does not

    @classmethod
    def this_process(cls) -> "Owner":
        """Return a new owner: this process, from now on."""
        pid = os.getpid()
        return cls(
            id=secrets.token_hex(8), host=socket.gethostname(), place=_place(), pid=pid, started=_started(pid) or ""
        )

    def is_gone(self) -> bool:
        """Return whether the process is surely dead; False where this process cannot know it."""
        if self.place != _place() or os.name != "posix":  # on Windows, os.kill would end it
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False  # it is another user's
        now = _started(self.pid)
        return now == _ENDED or (now is not None and bool(self.started) and now != self.started)


def _place() -> str:
    """Name the space that process numbers count in.

    The host's name alone is not enough: containers on two computers may bear the same, and a restarted system counts
    anew.
    """
    parts = [socket.gethostname()]
    with suppress(OSError):  # not Linux
        parts += [Path("/proc/sys/kernel/random/boot_id").read_text().strip(), os.readlink("/proc/self/ns/pid")]
    return " ".join(parts)


def _started(pid: int) -> str | None:
    """Return the start of a process in ticks since its system started; None where the system does not say it."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # from the third on; the second, in brackets, may hold blanks
    return _ENDED if fields[0] in "ZX" else fields[19]
