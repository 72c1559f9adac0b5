"""Ask the calls of a store what another policy would have said of them, on all cores."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from cxaudio.archive.running.kept_settings import kept_settings
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.parquet import TapeChunk, group_count
from cxaudio.archive.whatif.answer import Answer
from cxaudio.archive.whatif.chunk import Piece, answer_for
from cxaudio.archive.whatif.question import Question, make_question
from cxaudio.errors import StoreError

__all__ = ["what_if"]

_GROUPS_AT_ONCE = 20  # row groups of tapes, of 1 000 calls: some MB
_FEW = 2  # pieces for which no process is started


def what_if(
    store: Store,
    *,
    policy: Path | str | None = None,
    overrides: Mapping[str, object] | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
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
    pieces = list(_pieces(store))
    answer = Answer()
    for number, part in enumerate(_answers(pieces, question, workers or os.cpu_count() or 1), 1):
        answer.add(part)
        if progress is not None:
            progress(number, len(pieces))
    answer.sort()
    return question, answer


def _pieces(store: Store) -> Iterator[Piece]:
    left_out: dict[str, set[str]] = {}
    for call_id, name in store.superseded():
        left_out.setdefault(name, set()).add(call_id)
    for part in store.parts():
        n_groups = group_count(part.tapes)
        for first in range(0, n_groups, _GROUPS_AT_ONCE):
            chunk = TapeChunk(part.calls, part.tapes, first, min(first + _GROUPS_AT_ONCE, n_groups))
            yield Piece(chunk, frozenset(left_out.get(part.name, ())))


def _answers(pieces: list[Piece], question: Question, workers: int) -> Iterable[Answer]:
    if workers == 1 or len(pieces) <= _FEW:
        return (answer_for(piece, question) for piece in pieces)
    return _answers_of_processes(pieces, question, min(workers, len(pieces)))


def _answers_of_processes(pieces: list[Piece], question: Question, workers: int) -> Iterator[Answer]:
    with ProcessPoolExecutor(workers, get_context("spawn"), _prepare, (question,)) as pool:
        yield from pool.map(_answer, pieces)


_question: Question | None = None


def _prepare(question: Question) -> None:
    """Keep the question in a new process."""
    global _question
    _question = question


def _answer(piece: Piece) -> Answer:
    assert _question is not None
    return answer_for(piece, _question)
