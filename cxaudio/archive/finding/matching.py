"""Compare names with a regular expression in a process of its own, so that an expression without end costs no run."""

import json
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from typing import IO

from cxaudio.errors import UsageError

__all__ = ["TOO_SLOW", "Groups", "Matcher"]

Groups = dict[str, str | None]

TOO_SLOW: Groups = {}
"""Stands for the groups of a name whose comparison was ended; every other result has a group, or is None."""

_LIMIT_S = 5.0  # for some hundred names, which take a millisecond: a machine under load answers in time, too
_MOST_SLOW = 10  # names; then the pattern is at fault

_PROGRAM = """
import json, re, signal, sys, warnings
alarm = getattr(signal, "alarm", lambda seconds: None)  # ends this process where the other one is gone
warnings.simplefilter("ignore")
pattern = re.compile(json.loads(sys.stdin.readline()))
for line in sys.stdin:
    alarm(60)
    found = [pattern.search(name) for name in json.loads(line)]
    alarm(0)
    print(json.dumps([each and each.groupdict() for each in found]), flush=True)
"""


class Matcher:
    """Search names for a regular expression, each with a limit of time: Python's own search has none.

    Parameters
    ----------
    pattern : str
        That compiles, with named groups.
    limit_s : float
        For the names that are given together, in seconds.

    Examples
    --------
    >>> Matcher(r"(?P<agent>[a-z]+)").groups(["17-ada.wav", "18"])
    [{'agent': 'ada'}, None]
    """

    def __init__(self, pattern: str, *, limit_s: float = _LIMIT_S) -> None:
        self._pattern = pattern
        self._limit_s = limit_s
        self._process: _Process | None = None
        self._n_slow = 0

    def groups(self, names: Sequence[str]) -> list[Groups | None]:
        """Return the named groups of each name; None where the pattern does not fit, `TOO_SLOW` where it took too long.

        Raises
        ------
        UsageError
            If that happened with ten names.
        """
        found = self._ask(names)
        if found is not None:
            return found
        if len(names) > 1:
            return [groups for name in names for groups in self.groups([name])]
        self._n_slow += 1
        if self._n_slow >= _MOST_SLOW:
            raise UsageError(
                f"--names {self._pattern}: comparing it with one name takes more than {self._limit_s:g} s, as with "
                f"{names[0][:80]!r}; write it without a repetition inside a repetition"
            )
        return [TOO_SLOW]

    def _ask(self, names: Sequence[str]) -> list[Groups | None] | None:
        """Return the answer of the process; None where it took too long, or was ended twice by someone else."""
        for _ in range(2):
            if self._process is None:
                self._process = _Process(self._pattern)
            answer = self._process.ask(json.dumps(list(names)), self._limit_s)
            if answer:
                found: list[Groups | None] = json.loads(answer)
                return found
            self._process = None
            if answer is None:
                break
        return None


class _Process:
    """A Python process that answers each line with a line; ended when nothing refers to it any more."""

    def __init__(self, pattern: str) -> None:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="ascii",
        )
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin = process.stdin
        self.number = process.pid
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        reader = threading.Thread(target=_read_lines, args=(process.stdout, self._answers), name="names", daemon=True)
        self._end = weakref.finalize(self, _end, process, reader)
        reader.start()
        self._send(json.dumps(pattern))

    def ask(self, line: str, limit_s: float) -> str | None:
        """Return the answer to a line; None where there is none in time, empty where the process had ended.

        In both cases there is no process any more.
        """
        self._send(line)
        answer: str | None
        try:
            answer = self._answers.get(timeout=limit_s)
        except queue.Empty:
            answer = None
        if not answer:
            self._end()
        return answer

    def _send(self, line: str) -> None:
        try:
            self._stdin.write(f"{line}\n")
            self._stdin.flush()
        except OSError:  # it has ended: then it gives no answer
            pass


def _read_lines(file: IO[str], lines: "queue.SimpleQueue[str]") -> None:
    for line in file:
        lines.put(line)
    lines.put("")  # it has ended


def _end(process: "subprocess.Popen[str]", reader: threading.Thread) -> None:
    process.kill()
    process.wait()
    reader.join()
    for file in (process.stdin, process.stdout):
        if file is not None:
            try:
                file.close()
            except OSError:  # what was not sent yet
                pass
