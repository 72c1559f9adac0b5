"""Ask the calls of a store what another policy would have said of them, on all cores."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from cxaudio.archive.running.kept_settings import kept_settings
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.parquet import TapeChunk, group_count
from cxaudio.archive.whatif.answer import Answer
from cxaudio.archive.whatif.chunk import Piece, answer_for
from cxaudio.archive.whatif.nudges_left import NudgesLeft, estimate, nudges_then, sample
from cxaudio.archive.whatif.question import Question, make_question
from cxaudio.errors import StoreError

__all__ = ["Spread", "answer_pieces", "in_this_process", "pieces_of", "what_if"]

_GROUPS_AT_ONCE = 20  # row groups of tapes, of 1 000 calls: some MB
_MOST_FOR_NUDGES = 20_000  # calls whose nudges are judged; of more a sample of so many is
_FEW = 2  # pieces for which no process is started

Job = TypeVar("Job")
Result = TypeVar("Result")

Progress = Callable[[int, int], None]
"""Called with the pieces that are done and their number."""


class Spread(Protocol):
    """Do the same with many pieces of a store, here or in processes; yields what is done with each, in their order."""

    def __call__(self, do: Callable[[Job, Question], Result], jobs: Sequence[Job]) -> Iterator[Result]:
        """Yield the results."""
        ...


def what_if(
    store: Store,
    *,
    policy: Path | str | None = None,
    overrides: Mapping[str, object] | None = None,
    workers: int | None = None,
    all_nudges: bool = False,
    progress: Progress | None = None,
) -> tuple[Question, Answer]:
    """Return what is asked, and how the verdicts on the calls of a store would differ.

    Asked are the calls that were judged with the settings of the newest run.

    Parameters
    ----------
    store : Store
        To read.
    policy : path, optional
        A settings file; what it does not name stays as the calls were judged.
    overrides : mapping, optional
        ``"section.key"`` to value, over the file.
    workers : int, optional
        Processes; one for each core by default.
    all_nudges : bool, optional
        Whether the nudges of all calls are judged. Else they are of a random sample, with its interval, where those of
        more than 20 000 calls may differ.
    progress : callable, optional
        Called with the pieces that are done and their number.

    Raises
    ------
    ConfigError
        If a setting is unknown, ill-typed or out of its range.
    StoreError
        If the store cannot be read, is empty, or does not hold what is needed.
    UsageError
        If nothing is tried, or a setting that stored facts cannot answer.
    """
    digest = store.current_settings()
    if digest is None:
        raise StoreError(f"{store.path}: holds no calls yet; judge some with cxaudio archive run")
    question = make_question(kept_settings(store.layout, digest), policy=policy, overrides=overrides)
    pieces = list(pieces_of(store))
    with _Workers(question, n_pieces=len(pieces), workers=workers or os.cpu_count() or 1) as pool:
        answer = answer_pieces(
            question,
            pieces,
            spread=pool.map,
            most_for_nudges=None if all_nudges else _MOST_FOR_NUDGES,
            progress=progress,
        )
    return question, answer


def in_this_process(question: Question) -> Spread:
    """Return what does all pieces one after the other."""

    def spread(do: Callable[[Job, Question], Result], jobs: Sequence[Job]) -> Iterator[Result]:
        return (do(job, question) for job in jobs)

    return spread


def answer_pieces(
    question: Question,
    pieces: Sequence[Piece],
    *,
    spread: Spread,
    most_for_nudges: int | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Return the answer for some pieces of a store, the largest changes first.

    Parameters
    ----------
    question : Question
        What is asked.
    pieces : sequence of Piece
        Rows to ask.
    spread : Spread
        Who does it; an error that it raises ends the asking.
    most_for_nudges : int, optional
        Calls whose nudges are judged at most; all by default.
    progress : callable, optional
        Called with the pieces that are done and their number.

    Raises
    ------
    StoreError
        If the store cannot be read.
    UsageError
        If it has no settings for a call's language.
    """
    answer, left = Answer(), list[tuple[Piece, NudgesLeft]]()
    for number, (piece, (part, nudges)) in enumerate(zip(pieces, spread(answer_for, pieces), strict=True), 1):
        moved = (each._replace(entries=_moved(each.entries, len(answer.changed))) for each in nudges)
        left += ((piece, each) for each in moved if len(each.rows))
        answer.add(part)
        if progress is not None:
            progress(number, 2 * len(pieces))
    _judge_nudges(answer, left, spread, most=most_for_nudges, progress=progress)
    answer.sort()
    return answer


def _moved(entries: NDArray[np.int32], by: int) -> NDArray[np.int32]:
    return np.where(entries < 0, entries, entries + np.int32(by))


def _judge_nudges(
    answer: Answer,
    left: list[tuple[Piece, NudgesLeft]],
    spread: Spread,
    *,
    most: int | None,
    progress: Progress | None,
) -> None:
    """Judge the nudges of all calls of which they may differ, or of a sample of them; put what it gives in place."""
    chosen = [each.of(mask) for (_, each), mask in zip(left, sample([each for _, each in left], most), strict=True)]
    jobs = [(piece, each) for (piece, _), each in zip(left, chosen, strict=True) if len(each.rows)]
    if not jobs:
        return
    now, then = [each.now for _, each in jobs], []
    for number, ((_, each), nudges) in enumerate(zip(jobs, spread(_nudges_for, jobs), strict=True), 1):
        then.append(nudges)
        for entry, n in zip(each.entries.tolist(), nudges.tolist(), strict=True):
            if entry >= 0:
                call = answer.changed[entry]
                answer.changed[entry] = replace(call, nudges=(call.nudges[0], n))
        if progress is not None:
            progress(len(jobs) + number, 2 * len(jobs))
    said = estimate(np.concatenate(now), np.concatenate(then), of=sum(len(each.rows) for _, each in left))
    answer.replayed += said.n
    answer.nudges_more_squared += int(((np.concatenate(then) - np.concatenate(now)) ** 2).sum())
    answer.nudges_then += round(said.more)
    answer.calls_with_other_nudges += round(said.other)
    answer.nudge_sample = said if said.n < said.of else None


def pieces_of(
    store: Store, *, only: Collection[str] | None = None, groups_at_once: int = _GROUPS_AT_ONCE
) -> Iterator[Piece]:
    """Yield the rows of a store, some at a time.

    Parameters
    ----------
    store : Store
        To read.
    only : collection of str, optional
        Calls that are asked about; all by default. Rows without any of them are passed over.
    groups_at_once : int, optional
        Row groups of a piece, of 1 000 calls each.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    left_out: dict[str, set[str]] = {}
    for call_id, name in store.superseded():
        left_out.setdefault(name, set()).add(call_id)
    asked = None if only is None else frozenset(only)
    for part in store.parts():
        n_groups = group_count(part.tapes)
        gone = frozenset(left_out.get(part.name, ()))
        for first in range(0, n_groups, groups_at_once):
            chunk = TapeChunk(part.calls, part.tapes, first, min(first + groups_at_once, n_groups))
            here = None if asked is None else asked.intersection(chunk.of_calls(("call_id",))["call_id"])
            if here is None or here:
                yield Piece(chunk, gone, here)


class _Workers:
    """Do the same with many pieces of a store, in processes where there are several."""

    def __init__(self, question: Question, *, n_pieces: int, workers: int) -> None:
        self._question = question
        self._pool: ProcessPoolExecutor | None = None
        if workers > 1 and n_pieces > _FEW:
            self._pool = ProcessPoolExecutor(min(workers, n_pieces), get_context("spawn"), _prepare, (question,))

    def __enter__(self) -> "_Workers":
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=kind is not None)

    def map(self, do: Callable[[Job, Question], Result], jobs: Sequence[Job]) -> Iterator[Result]:
        """Yield what is done with each job, in their order."""
        if self._pool is None:
            return in_this_process(self._question)(do, jobs)
        return self._pool.map(partial(_do, do), jobs)


def _nudges_for(job: tuple[Piece, NudgesLeft], question: Question) -> NDArray[np.int32]:
    """Return how many nudges each of some calls then has."""
    return nudges_then(job[0].chunk, job[1], question)


_question: Question | None = None


def _prepare(question: Question) -> None:
    """Keep the question in a new process."""
    global _question
    _question = question


def _do(do: Callable[[Job, Question], Result], job: Job) -> Result:
    assert _question is not None
    return do(job, _question)
