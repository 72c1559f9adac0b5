"""Store calibrations: reviewers judge the same calls without knowing what the others said, and then compare.

While a calibration is open, nobody is shown verdicts of others in it, except who has judged all of it. What counts as
all is known by who has the calls; this module only says which calibrations are open, and who takes part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cxaudio.archive.reviews.instants import ms_of, now_ms, seconds_of
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.samples import checked_name
from cxaudio.archive.reviews.verdict import DECISIONS, StoredVerdict, Verdict, checked_reviewer
from cxaudio.errors import UsageError

__all__ = ["MOST_REVIEWERS", "Calibration", "Calibrations"]

MOST_REVIEWERS = 20
"""In one calibration; chosen."""

_SELECT = "SELECT number, client, sample, name, reviewer, opened_ms, closed_ms, closed_by FROM calibrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One calibration."""

    number: int
    client: str  # given by the page; one that is sent again is stored once
    sample: int  # whose calls are judged
    name: str
    reviewer: str  # who opened it
    reviewers: tuple[str, ...]  # who takes part, by name
    opened_ms: int  # since 1970, UTC
    closed_ms: int | None  # None: it goes on
    closed_by: str | None

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.closed_ms is None


class Calibrations:
    """The calibrations of a store's reviews.

    Parameters
    ----------
    reviews : Reviews
        Of the store.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Reviews(Path(folder.name) / "reviews.sqlite") as reviews:
    ...     calibrations = Calibrations(reviews)
    ...     opened = calibrations.open(client="1", sample=1, name="May", reviewer="anna", reviewers=["tom", "anna"])
    ...     before = calibrations.closed_numbers()
    ...     opened.reviewers, before, calibrations.close(opened.number, reviewer="anna").is_open
    (('anna', 'tom'), [], False)
    >>> folder.cleanup()
    """

    def __init__(self, reviews: Reviews) -> None:
        self._reviews = reviews

    def open(self, *, client: str, sample: int, name: str, reviewer: str, reviewers: Iterable[str]) -> Calibration:
        """Open a calibration; one that was opened before, by its `client`, is returned as it is.

        Raises
        ------
        UsageError
            If the name or one of the reviewers' names is not usable, or there are not 2 to `MOST_REVIEWERS` reviewers.
        StoreError
            If it cannot be stored.
        """
        names = sorted({checked_reviewer(each.strip()) for each in reviewers if each.strip()})
        if not 2 <= len(names) <= MOST_REVIEWERS:
            raise UsageError(f"{len(names)} reviewers were named; name 2 to {MOST_REVIEWERS}, one on each line")
        name = checked_name(name, "calibration")
        with self._reviews.writing().writing() as rows:
            known = rows.execute("SELECT number FROM calibrations WHERE client = ?", (client,)).fetchone()
            if known is None:
                number = rows.execute(
                    "INSERT INTO calibrations (client, sample, name, reviewer, opened_ms) VALUES (?, ?, ?, ?, ?)",
                    (client, sample, name, reviewer, now_ms()),
                ).lastrowid
                rows.executemany("INSERT INTO calibration_reviewers VALUES (?, ?)", [(number, each) for each in names])
            else:
                (number,) = known
        found = self.get(int(number or 0))
        assert found is not None
        return found

    def close(self, number: int, *, reviewer: str) -> Calibration:
        """Close a calibration, so that everybody sees all verdicts; one that is closed stays as it is.

        Raises
        ------
        UsageError
            If there is none of this number.
        StoreError
            If it cannot be stored.
        """
        with self._reviews.writing().writing() as rows:
            rows.execute(
                "UPDATE calibrations SET closed_ms = ?, closed_by = ? WHERE number = ? AND closed_ms IS NULL",
                (now_ms(), reviewer, number),
            )
        found = self.get(number)
        if found is None:
            raise UsageError(f"there is no calibration {number}; choose one from the list")
        return found

    def all(self) -> list[Calibration]:
        """Return the calibrations, the newest first."""
        return self._read("ORDER BY number DESC", ())

    def get(self, number: int) -> Calibration | None:
        """Return a calibration; None where there is none of this number."""
        found = self._read("WHERE number = ?", (number,))
        return found[0] if found else None

    def closed_numbers(self) -> list[int]:
        """Return the numbers of the closed calibrations: verdicts of all others are not shown."""
        rows = self._reviews.rows("SELECT number FROM calibrations WHERE closed_ms IS NOT NULL ORDER BY number")
        return [int(number) for (number,) in rows]

    def check_takes_part(self, number: int, reviewer: str) -> None:
        """Check that a reviewer can give verdicts in a calibration.

        Raises
        ------
        UsageError
            If there is none of this number, it is closed, or the reviewer takes no part in it.
        """
        found = self.get(number)
        if found is None:
            raise UsageError(f"there is no calibration {number}; open its calls from the page of calibrations")
        if not found.is_open:
            raise UsageError(f"calibration {number} is closed, and its verdicts stay as they are; judge outside of it")
        if reviewer not in found.reviewers:
            raise UsageError(f"{reviewer} takes no part in calibration {number}; judge outside of it")

    def agree(self, calibration: int, verdict: Verdict) -> None:
        """Store what the reviewers agreed on for one flag; a later one about the same flag counts in its place.

        Raises
        ------
        UsageError
            If the reviews are open for reading only.
        StoreError
            If it cannot be stored.
        """
        with self._reviews.writing().writing() as rows:
            rows.execute(
                "INSERT INTO agreed_verdicts (at_ms, reviewer, calibration, sound_id, call_id, type, rule, side, "
                "start_ms, end_ms, decision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    now_ms(), verdict.reviewer, calibration, verdict.sound_id, verdict.call_id, verdict.type,
                    verdict.rule, verdict.side, ms_of(verdict.start_s), ms_of(verdict.end_s), verdict.decision,
                ),
            )  # fmt: skip

    def agreed(self, calibration: int) -> list[StoredVerdict]:
        """Return all that was agreed in a calibration, in its order, as if it were one reviewer's verdicts."""
        return self._read_agreed("WHERE calibration = ? ORDER BY number", (calibration,))

    def agreed_in_closed(self) -> list[StoredVerdict]:
        """Return all that was agreed in closed calibrations, in the order of their numbers."""
        closed = "(SELECT number FROM calibrations WHERE closed_ms IS NOT NULL)"
        return self._read_agreed(f"WHERE calibration IN {closed} ORDER BY calibration, number", ())

    def _read_agreed(self, where: str, values: Sequence[Any]) -> list[StoredVerdict]:
        rows = self._reviews.rows(
            "SELECT number, at_ms, sound_id, call_id, type, rule, side, start_ms, end_ms, decision, calibration "
            f"FROM agreed_verdicts {where}",
            values,
        )
        return [_agreed(row) for row in rows]

    def _read(self, where: str, values: Sequence[Any]) -> list[Calibration]:
        names: dict[int, list[str]] = {}
        query = "SELECT calibration, reviewer FROM calibration_reviewers ORDER BY calibration, reviewer"
        for number, name in self._reviews.rows(query):
            names.setdefault(number, []).append(name)
        return [
            Calibration(
                number=row[0], client=row[1], sample=row[2], name=row[3], reviewer=row[4],
                reviewers=tuple(names.get(row[0], ())), opened_ms=row[5], closed_ms=row[6], closed_by=row[7],
            )
            for row in self._reviews.rows(f"{_SELECT} {where}", values)
        ]  # fmt: skip


def _agreed(row: Sequence[Any]) -> StoredVerdict:
    number, at_ms, sound_id, call_id, type_, rule, side, start_ms, end_ms, decision, calibration = row
    assert decision in DECISIONS
    verdict = Verdict(
        client=f"agreed-{number}", reviewer="agreed", sound_id=sound_id, call_id=call_id, type=type_, decision=decision,
        rule=rule, side=side, start_s=seconds_of(start_ms), end_s=seconds_of(end_ms), calibration=calibration,
    )  # fmt: skip
    return StoredVerdict(number=number, at_ms=at_ms, undoes=None, verdict=verdict)
