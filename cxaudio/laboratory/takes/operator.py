"""Operators: one at a terminal with prompts, a level and keys, and one that always continues."""

import sys
from collections.abc import Sequence
from typing import TextIO

from cxaudio.laboratory.takes.protocol import TakePlan
from cxaudio.laboratory.takes.recording_session import Answer
from cxaudio.laboratory.takes.take import Fault, FaultKind

__all__ = ["SilentOperator", "TerminalOperator", "level_bar"]

_LOWEST_DBOV = -60.0
_WIDTH = 40
_MOST_TRIES = 3
_ANSWERS: dict[str, Answer] = {"": "go", "g": "go", "s": "skip", "q": "quit", "a": "again"}


def level_bar(dbov: float) -> str:
    """Draw a level as a bar from -60 to 0 dBov.

    Examples
    --------
    >>> level_bar(-30.0)[:24].count("#"), level_bar(-90.0).count("#")
    (20, 0)
    """
    filled = round(_WIDTH * min(1.0, max(0.0, (dbov - _LOWEST_DBOV) / -_LOWEST_DBOV)))
    return "#" * filled + "." * (_WIDTH - filled)


class SilentOperator:
    """Continue whatever happens, for unattended loops; a take the computer disturbed is recorded up to 3 times."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._tries: dict[str, int] = {}

    def ready(self, plan: TakePlan, number: int, total: int) -> Answer:
        """Print the take and answer go."""
        print(f"{plan.title} {number}/{total}", file=self._out)
        return "go"

    def level(self, dbov: float, seconds_left: float) -> None:
        """Show no level."""

    def kept(self, name: str, faults: Sequence[Fault]) -> Answer:
        """Print the faults and continue."""
        for fault in faults:
            print(f"  {fault.sentence}", file=self._out)
        if not any(fault.kind is FaultKind.DISTURBED for fault in faults):
            return "go"
        self._tries[name] = self._tries.get(name, 1) + 1
        return "again" if self._tries[name] <= _MOST_TRIES else "go"

    def show(self, sentence: str) -> None:
        """Print a sentence."""
        print(sentence, file=self._out)


class TerminalOperator(SilentOperator):
    """Ask before each take, show the level, and offer to record a bad take again."""

    def __init__(self, keys: TextIO | None = None, out: TextIO | None = None) -> None:
        super().__init__(out)
        self._keys = keys or sys.stdin
        self._wearing = 0

    def ready(self, plan: TakePlan, number: int, total: int) -> Answer:
        """Print what to do and wait for a key."""
        if plan.repeated == "wearing" and number > self._wearing:
            self._wearing = number
            again = "Put the headset on" if number == 1 else "Take the headset off and put it on again"
            print(f"\nWearing {number} of {total}. {again}.", file=self._out)
        print(f"\n{plan.title} ({plan.role} {number} of {total}, {plan.seconds:g} s)", file=self._out)
        if plan.repeated == "opening" and number > 1:
            return "go"  # the loop stays connected
        print(f"  {plan.prompt}", file=self._out)
        return self._ask("  Enter: record   s: skip these takes   q: stop here ", ("go", "skip", "quit"))

    def level(self, dbov: float, seconds_left: float) -> None:
        """Draw the level over the one before."""
        print(f"\r  {level_bar(dbov)} {dbov:6.1f} dBov  {seconds_left:4.0f} s ", end="", file=self._out, flush=True)

    def kept(self, name: str, faults: Sequence[Fault]) -> Answer:
        """Print the faults and ask whether to record the take again."""
        print(f"\r  {name}{' ' * 60}", file=self._out)
        if not faults:
            return "go"
        super().kept(name, faults)
        return self._ask("  a: again   Enter: keep it ", ("again", "go"))

    def _ask(self, question: str, allowed: tuple[Answer, ...]) -> Answer:
        while True:
            print(question, end="", file=self._out, flush=True)
            line = self._keys.readline()
            if not line:  # the input has ended
                return "quit" if "quit" in allowed else "go"
            answer = _ANSWERS.get(line.strip().lower()[:1])
            if answer in allowed:
                return answer
