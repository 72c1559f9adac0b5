"""The operator at a terminal: prompts, a level, keys; and one who always goes on."""

import sys
from collections.abc import Sequence
from typing import TextIO

from cxaudio.laboratory.takes.protocol import TakePlan
from cxaudio.laboratory.takes.session import Answer
from cxaudio.laboratory.takes.take import Fault

__all__ = ["SilentOperator", "TerminalOperator", "level_bar"]

_LOWEST_DBOV = -60.0
_WIDTH = 40
_MOST_TRIES = 3
_ANSWERS: dict[str, Answer] = {"": "go", "g": "go", "s": "skip", "q": "quit", "a": "again"}


def level_bar(dbov: float) -> str:
    """A level as a bar from -60 to 0 dBov.

    Examples
    --------
    >>> level_bar(-30.0)[:24].count("#"), level_bar(-90.0).count("#")
    (20, 0)
    """
    filled = round(_WIDTH * min(1.0, max(0.0, (dbov - _LOWEST_DBOV) / -_LOWEST_DBOV)))
    return "#" * filled + "." * (_WIDTH - filled)


class SilentOperator:
    """Goes on whatever comes, for loops that nobody sits at; what the computer disturbed is recorded up to 3 times."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._tries: dict[str, int] = {}

    def ready(self, plan: TakePlan, number: int, total: int) -> Answer:
        """Name the take and go."""
        print(f"{plan.title} {number}/{total}", file=self._out)
        return "go"

    def level(self, dbov: float, seconds_left: float) -> None:
        """Nothing."""

    def kept(self, name: str, faults: Sequence[Fault]) -> Answer:
        """Tell what is wrong and go on."""
        for fault in faults:
            print(f"  {fault.sentence}", file=self._out)
        if not any(fault.kind == "disturbed" for fault in faults):
            return "go"
        self._tries[name] = self._tries.get(name, 1) + 1
        return "again" if self._tries[name] <= _MOST_TRIES else "go"

    def tell(self, sentence: str) -> None:
        """Say it."""
        print(sentence, file=self._out)


class TerminalOperator(SilentOperator):
    """Asks before each take, shows the level, and offers a bad take again."""

    def __init__(self, keys: TextIO | None = None, out: TextIO | None = None) -> None:
        super().__init__(out)
        self._keys = keys or sys.stdin
        self._wearing = 0

    def ready(self, plan: TakePlan, number: int, total: int) -> Answer:
        """Show what to do and wait for a key."""
        if plan.repeated == "wearing" and number > self._wearing:
            self._wearing = number
            again = "Put the headset on" if number == 1 else "Take the headset off and put it on again"
            print(f"\nWearing {number} of {total}. {again}.", file=self._out)
        print(f"\n{plan.title} ({plan.role} {number} of {total}, {plan.seconds:g} s)", file=self._out)
        if plan.repeated == "opening" and number > 1:
            return "go"  # the loop stays as it is
        print(f"  {plan.prompt}", file=self._out)
        return self._ask("  Enter: record   s: skip these takes   q: stop here ", ("go", "skip", "quit"))

    def level(self, dbov: float, seconds_left: float) -> None:
        """Draw the level over itself."""
        print(f"\r  {level_bar(dbov)} {dbov:6.1f} dBov  {seconds_left:4.0f} s ", end="", file=self._out, flush=True)

    def kept(self, name: str, faults: Sequence[Fault]) -> Answer:
        """Say what is wrong; a bad take may be recorded again at once."""
        print(f"\r  {name}{' ' * 60}", file=self._out)
        if not faults:
            return "go"
        super().kept(name, faults)
        return self._ask("  a: again   Enter: keep it ", ("again", "go"))

    def _ask(self, question: str, allowed: tuple[Answer, ...]) -> Answer:
        while True:
            print(question, end="", file=self._out, flush=True)
            line = self._keys.readline()
            if not line:  # nobody is there any more
                return "quit" if "quit" in allowed else "go"
            answer = _ANSWERS.get(line.strip().lower()[:1])
            if answer in allowed:
                return answer
