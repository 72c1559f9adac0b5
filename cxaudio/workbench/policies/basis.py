"""`Basis`: what is so now in all calls that are asked about, and a random sample of them in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from cxaudio.archive.running.kept_settings import KeptSettings
from cxaudio.archive.store.folder import Store
from cxaudio.archive.whatif.answer import Answer
from cxaudio.archive.whatif.asking import answer_pieces, in_this_process, pieces_of
from cxaudio.archive.whatif.chunk import IDENTITY, Piece, asked_rows
from cxaudio.archive.whatif.held import HeldRows, by_name, held_rows
from cxaudio.archive.whatif.question import question_of_no_change

__all__ = ["SAMPLE", "Basis", "read_basis", "read_calls"]

SAMPLE = 2_000
"""Calls of a sample at most: about a second for most questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What questions about some calls of a store are answered by."""

    kept: KeptSettings
    now: Answer  # of all these calls; its `then` is the same
    sample: HeldRows | None  # in random order; None: of none of them facts are stored


def read_basis(store: Store, kept: KeptSettings, *, only: Collection[str] | None = None, most: int = SAMPLE) -> Basis:
    """Count what is so now, and read a sample.

    A call is named by a SHA-256 of its sound. So the calls with the smallest names are a random sample, the same each
    time, and they are neighbours in the files. They stand in that order: the first of them are a random sample, too.

    Parameters
    ----------
    store : Store
        To read.
    kept : KeptSettings
        Of the calls that are asked about.
    only : collection of str, optional
        Calls that are asked about; all by default.
    most : int, optional
        Calls of the sample at most.

    Raises
    ------
    StoreError
        If the store cannot be read.
    UsageError
        If it has no settings for a call's language.
    """
    pieces = list(pieces_of(store, only=only))
    question = question_of_no_change(kept)
    now = answer_pieces(question, pieces, spread=in_this_process(question))
    return Basis(kept=kept, now=now, sample=_sample(pieces, digest=kept.digest, most=most))


def read_calls(store: Store, kept: KeptSettings, call_ids: Collection[str]) -> HeldRows | None:
    """Read some calls into memory, as far as facts of them are stored; None where of none.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    if not call_ids:
        return None
    pieces = list(pieces_of(store, only=call_ids))
    return _sample(pieces, digest=kept.digest, most=len(call_ids))


def _sample(pieces: Sequence[Piece], *, digest: str, most: int) -> HeldRows | None:
    names: list[str] = []
    places: list[tuple[int, int]] = []
    for number, piece in enumerate(pieces):
        texts = piece.chunk.of_calls(IDENTITY)
        here = asked_rows(piece, texts, digest=digest) & ~np.isnan(piece.chunk.numbers(("duration_s",))["duration_s"])
        rows = np.flatnonzero(here).tolist()
        names += (texts["call_id"][row] for row in rows)
        places += ((number, row) for row in rows)
    wanted: dict[int, list[int]] = {}
    for _, (number, row) in sorted(zip(names, places, strict=True))[:most]:
        wanted.setdefault(number, []).append(row)
    parts = [held_rows(pieces[number].chunk, sorted(rows)) for number, rows in sorted(wanted.items())]
    return by_name(parts) if parts else None
