"""`Trial`: what the judges say of some calls so far; its parts come in order, so that no kind of call is preferred."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from itertools import repeat
from typing import Generic, TypeVar

from cxaudio.archive.whatif.answer import Answer
from cxaudio.archive.whatif.asking import answer_pieces, in_this_process
from cxaudio.archive.whatif.chunk import Piece
from cxaudio.archive.whatif.held import HeldRows
from cxaudio.archive.whatif.question import Question
from cxaudio.workbench.policies.judges import Job, Judges

__all__ = ["Trial", "answer_whole", "try_rows"]

_CALLS = (25, 25, 50)
_CALLS_OF_PACE = (5, 5, 10, 10, 20)
"""Calls of a task, the last number again and again: few, so that no other job waits for long, and the first are soon
there. A call takes about half a millisecond, or where the pace is in question up to 60."""

_LONGEST_S = 60.0
"""That is waited for the first part."""

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Trial(Generic[Part]):
    """Parts of an answer, which judges work on; several threads may ask for them."""

    job: Job
    _futures: Sequence["Future[Part]"]

    def parts(self, *, wait_s: float, at_least_one: bool = False) -> list[Part]:
        """Return what is done so far, without a gap, after waiting for `wait_s` at most.

        Parameters
        ----------
        wait_s : float
            How long to wait.
        at_least_one : bool, optional
            Whether the first part is waited for however long it takes.

        Raises
        ------
        Stopped
            If the job was stopped.
        StoreError, UsageError
            If calls cannot be judged.
        """
        until = time.monotonic() + wait_s
        found: list[Part] = []
        for future in self._futures:
            least = _LONGEST_S if at_least_one and not found else 0.0
            try:
                found.append(future.result(timeout=max(least, until - time.monotonic())))
            except FutureTimeoutError:
                break
        return found

    @property
    def n_parts(self) -> int:
        """Return how many parts there will be."""
        return len(self._futures)

    @property
    def is_done(self) -> bool:
        """Return whether nothing is worked on any more."""
        return all(future.done() for future in self._futures)


def try_rows(
    judges: Judges, question: Question, rows: HeldRows | None, do: Callable[[Piece, Question], Part], *, rank: int
) -> Trial[Part]:
    """Give rows to the judges, some at a time, in their order.

    Parameters
    ----------
    judges : Judges
        Who judges.
    question : Question
        What is asked.
    rows : HeldRows or None
        None: no calls.
    do : callable
        What is done with each part of the rows; importable by its name.
    rank : int
        Of the job.
    """
    job = judges.job(question, rank=rank)
    if rows is None:
        return Trial(job, [])
    of_pace = question.concerns_pace
    sent = rows if of_pace else rows.without_pace()
    futures = []
    first = 0
    for size in _sizes(_CALLS_OF_PACE if of_pace else _CALLS):
        if first >= len(rows):
            break
        futures.append(judges.submit(job, do, Piece(sent.some(first, first + size), frozenset())))
        first += size
    return Trial(job, futures)


def _sizes(sizes: Sequence[int]) -> Iterator[int]:
    yield from sizes
    yield from repeat(sizes[-1])


def answer_whole(piece: Piece, question: Question) -> Answer:
    """Return the answer for a piece, with the nudges of all its calls."""
    return answer_pieces(question, [piece], spread=in_this_process(question))
