"""Store samples: which calls were drawn to be reviewed, from which, by whom, and why each of them."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxaudio.archive.reviews.instants import now_ms
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.errors import UsageError

__all__ = ["Sample", "SampledCall", "Samples", "checked_name"]

_LONGEST_NAME = 80
_SELECT = "SELECT number, client, name, reviewer, at_ms, query, settings, design, frame FROM samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledCall:
    """One call of a sample."""

    sound_id: str  # name of the call by its sound, which stays when it is judged anew
    call_id: str  # its row when it was drawn
    stratum: str  # the step of the draw in which it was drawn: worst, unsure or random
    chance: float  # to be in the sample, over the whole design, above 0 to 1
    group: str  # the agent whose calls it was drawn from; empty: from all
    why: Mapping[str, Any]  # figures behind the stratum, in plain values


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How a sample was drawn."""

    number: int
    client: str  # given by the page; a draw that is sent again is stored once
    name: str
    reviewer: str  # who drew it
    at_ms: int  # since 1970, UTC
    query: str  # the filter of the calls that it was drawn from, as in the address of the list
    settings: str | None  # digest of the settings with which these calls were judged
    design: Mapping[str, Any]  # with the seed
    frame: Mapping[str, Any]  # of the calls that it was drawn from: how many, their hours, their flags of each rule


class Samples:
    """The samples of a store's reviews.

    Parameters
    ----------
    reviews : Reviews
        Of the store.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> call = SampledCall(sound_id="call-0", call_id="0a", stratum="random", chance=0.1, group="", why={})
    >>> with Reviews(Path(folder.name) / "reviews.sqlite") as reviews:
    ...     samples = Samples(reviews)
    ...     drawn = samples.add(
    ...         client="1", name="May", reviewer="anna", query="", settings=None, design={}, frame={}, calls=[call]
    ...     )
    ...     drawn.number, samples.calls(drawn.number)[0].sound_id, samples.sounds(0)
    (1, 'call-0', [(1, 'call-0')])
    >>> folder.cleanup()
    """

    def __init__(self, reviews: Reviews) -> None:
        self._reviews = reviews

    def add(
        self,
        *,
        client: str,
        name: str,
        reviewer: str,
        query: str,
        settings: str | None,
        design: Mapping[str, Any],
        frame: Mapping[str, Any],
        calls: Sequence[SampledCall],
    ) -> Sample:
        """Store a sample; one that was stored before, by its `client`, is returned as it is.

        Raises
        ------
        UsageError
            If its name is empty or too long, or the reviews are open for reading only.
        StoreError
            If it cannot be stored.
        """
        values = (
            client, checked_name(name, "sample"), reviewer, now_ms(), query, settings,
            _json(design), _json(frame),
        )  # fmt: skip
        with self._reviews.writing().writing() as rows:
            known = rows.execute(f"{_SELECT} WHERE client = ?", (client,)).fetchone()
            if known is not None:
                return _sample(known)
            number = _insert(rows, values)
            rows.executemany(
                "INSERT INTO sampled_calls VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        number,
                        position,
                        each.sound_id,
                        each.call_id,
                        each.stratum,
                        each.chance,
                        each.group,
                        _json(each.why),
                    )
                    for position, each in enumerate(calls, 1)
                ],
            )
            return _sample(rows.execute(f"{_SELECT} WHERE number = ?", (number,)).fetchone())

    def all(self) -> list[Sample]:
        """Return the samples, the newest first."""
        return [_sample(row) for row in self._reviews.rows(f"{_SELECT} ORDER BY number DESC")]

    def get(self, number: int) -> Sample | None:
        """Return a sample; None where there is none of this number."""
        rows = self._reviews.rows(f"{_SELECT} WHERE number = ?", (number,))
        return _sample(rows[0]) if rows else None

    def calls(self, number: int) -> list[SampledCall]:
        """Return the calls of a sample in the order in which they were drawn, which is at random."""
        rows = self._reviews.rows(
            "SELECT sound_id, call_id, stratum, chance, drawn_group, why FROM sampled_calls WHERE sample = ? "
            "ORDER BY position",
            (number,),
        )
        return [
            SampledCall(
                sound_id=row[0], call_id=row[1], stratum=row[2], chance=row[3], group=row[4], why=json.loads(row[5])
            )
            for row in rows
        ]

    def sounds(self, after: int) -> list[tuple[int, str]]:
        """Return number and sound of each call of the samples that were stored after the one with a number."""
        return [
            (row[0], row[1])
            for row in self._reviews.rows("SELECT sample, sound_id FROM sampled_calls WHERE sample > ?", (after,))
        ]


def checked_name(name: str, of: str) -> str:
    """Return the name of a sample or a calibration without blanks around it.

    Raises
    ------
    UsageError
        If it is empty, too long, or holds a control character.
    """
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise UsageError(f"the name of a {of} must have 1 to {_LONGEST_NAME} printable characters")
    return name


def _insert(rows: sqlite3.Connection, values: Sequence[Any]) -> int | None:
    return rows.execute(
        "INSERT INTO samples (client, name, reviewer, at_ms, query, settings, design, frame) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    ).lastrowid


def _sample(row: Sequence[Any]) -> Sample:
    return Sample(
        number=row[0], client=row[1], name=row[2], reviewer=row[3], at_ms=row[4], query=row[5], settings=row[6],
        design=json.loads(row[7]), frame=json.loads(row[8]),
    )  # fmt: skip


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
