"""Keep answers that were computed lately, for the next who asks the same of the same calls."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

__all__ = ["KeptAnswers"]

_MOST = 256

Value = TypeVar("Value")


class KeptAnswers:
    """Answers by their question; those that were asked for longest ago go first.

    Examples
    --------
    >>> kept = KeptAnswers()
    >>> kept.get("n", lambda: 3), kept.get("n", lambda: 4)
    (3, 3)
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, question: Hashable, make: Callable[[], Value]) -> Value:
        """Return the answer to a question, computed now where it is not kept; two may compute it at once."""
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
                found: Value = self._answers[question]
                return found
        made = make()
        with self._lock:
            self._answers[question] = made
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)
        return made
