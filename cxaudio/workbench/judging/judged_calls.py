"""Read calls with their flags and what each reviewer said about them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxaudio.archive.reviews.calibrations import Calibration
from cxaudio.archive.reviews.matching import FlagTime, MatchedVerdict, matched_verdicts
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.verdict import StoredVerdict
from cxaudio.workbench.judging.settling import Settled, settled
from cxaudio.workbench.reading.snapshot import Snapshot

__all__ = ["JudgedCall", "JudgedFlag", "agreed_flags", "judged_calls"]

_FLAG = "call_id, n, type, start_s, end_s, side, rule, severity, severity_rank, measured, limit_value, unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFlag:
    """A flag of a call that counts: no note."""

    facts: Mapping[str, Any]  # columns of the snapshot's table ``flags``
    verdicts: tuple[MatchedVerdict, ...]  # one of each reviewer, in their order
    agreed: str | None  # what was agreed in a calibration

    @property
    def settled(self) -> Settled | None:
        """What holds for it; None: not judged."""
        return settled((each.stored.verdict.decision for each in self.verdicts), agreed=self.agreed)

    def decisions(self) -> dict[str, str]:
        """Return the verdict of each reviewer."""
        return {each.stored.verdict.reviewer: each.stored.verdict.decision for each in self.verdicts}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCall:
    """A call with its flags, notes left out, and its verdicts."""

    row: Mapping[str, Any]  # call_id, sound_id, agent, started_at, duration_s, sentence, worst_rank
    flags: tuple[JudgedFlag, ...]
    looked_at_by: frozenset[str]  # reviewers who said of the whole call that they reviewed it
    n_missed: int  # faults that reviewers added, which no rule had flagged

    @property
    def is_judged(self) -> bool:
        """Whether each flag has a verdict; of a call without flags, whether somebody reviewed it."""
        if not self.flags:
            return bool(self.looked_at_by)
        return all(each.settled is not None for each in self.flags)

    def is_judged_by(self, reviewer: str) -> bool:
        """Return whether one reviewer judged all of it."""
        if not self.flags:
            return reviewer in self.looked_at_by
        return all(reviewer in each.decisions() for each in self.flags)

    @property
    def is_begun(self) -> bool:
        """Whether anything of it is judged."""
        return bool(self.looked_at_by) or any(each.verdicts for each in self.flags)

    def count(self, what: Settled, rule: str | None = None) -> int:
        """Return for how many of its flags, of a rule or of all, something holds."""
        return sum(each.settled == what for each in self.flags if rule is None or each.facts["rule"] == rule)


def judged_calls(
    snapshot: Snapshot,
    reviews: Reviews,
    sounds: Sequence[str],
    *,
    calibration: Calibration | None = None,
    closed: Collection[int] = (),
    agreed: Iterable[StoredVerdict] = (),
) -> dict[str, JudgedCall]:
    """Read calls with what counts for their flags.

    Parameters
    ----------
    snapshot : Snapshot
        The calls.
    reviews : Reviews
        The verdicts.
    sounds : sequence of str
        Names of the calls by their sound.
    calibration : Calibration, optional
        Only verdicts that were given in it, before it was closed. Default: the newest of each reviewer.
    closed : collection of int
        Calibrations that are closed; verdicts of all others are left out, unless one of them is asked for.
    agreed : iterable of StoredVerdict
        What was agreed in calibrations.

    Returns
    -------
    dict of str to JudgedCall
        By sound, in the order that was given. A call that is not in the snapshot any more is left out.
    """
    rows = {
        row["sound_id"]: row
        for row in snapshot.ask(
            "SELECT call_id, sound_id, agent, started_at, duration_s, sentence, worst_rank FROM calls "
            "WHERE sound_id IN (SELECT unnest(?))",
            (list(sounds),),
        )
    }
    flags = _flags(snapshot, [row["worst_rank"] for row in rows.values()])
    shown = {None, *closed}
    given = _by_sound(
        each
        for each in reviews.of_calls(rows)
        if (each.verdict.calibration in shown if calibration is None else _was_given_in(calibration, each))
    )
    together = _by_sound(each for each in agreed if each.verdict.sound_id in rows)
    found = {}
    for sound in dict.fromkeys(sounds):
        if (row := rows.get(sound)) is not None:
            of_call = flags.get(row["call_id"], [])
            found[sound] = _judged_call(row, of_call, given.get(sound, []), together.get(sound, []))
    return found


def _was_given_in(calibration: Calibration, given: StoredVerdict) -> bool:
    """Return whether a verdict is of a calibration; what came after it was closed changes nothing in it."""
    in_time = calibration.closed_ms is None or given.at_ms <= calibration.closed_ms
    return given.verdict.calibration == calibration.number and in_time


def agreed_flags(snapshot: Snapshot, agreed: Iterable[StoredVerdict]) -> dict[tuple[str, int], str]:
    """Return what was agreed in calibrations, by call and number of the flag."""
    by_sound = _by_sound(agreed)
    rows = snapshot.ask(
        "SELECT call_id, sound_id, worst_rank FROM calls WHERE sound_id IN (SELECT unnest(?))", (list(by_sound),)
    )
    flags = _flags(snapshot, [row["worst_rank"] for row in rows])
    found: dict[tuple[str, int], str] = {}
    for row in rows:
        times = [_time(each) for each in flags.get(row["call_id"], [])]
        for each in _newest(matched_verdicts(by_sound[row["sound_id"]], times)):
            if each.n is not None:
                found[row["call_id"], each.n] = each.stored.verdict.decision
    return found


def _flags(snapshot: Snapshot, ranks: Sequence[int]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in snapshot.ask(
        f"SELECT {_FLAG} FROM flags WHERE worst_rank IN (SELECT unnest(?)) ORDER BY worst_rank, n", (list(ranks),)
    ):
        found.setdefault(row["call_id"], []).append(row)
    return found


def _judged_call(
    row: Mapping[str, Any],
    flags: Sequence[Mapping[str, Any]],
    given: Sequence[StoredVerdict],
    agreed: Sequence[StoredVerdict],
) -> JudgedCall:
    times = [_time(each) for each in flags]
    matched = _newest(matched_verdicts(given, times))
    decided = {each.n: each.stored.verdict.decision for each in _newest(matched_verdicts(agreed, times))}
    of_flag: dict[int, list[MatchedVerdict]] = {}
    for each in matched:
        if each.n is not None:
            of_flag.setdefault(each.n, []).append(each)
    types = [each.stored.verdict.type for each in matched]
    return JudgedCall(
        row=row,
        flags=tuple(
            JudgedFlag(facts=each, verdicts=tuple(of_flag.get(each["n"], ())), agreed=decided.get(each["n"]))
            for each in flags
            if each["severity_rank"] != 1
        ),
        looked_at_by=frozenset(each.stored.verdict.reviewer for each in matched if each.stored.verdict.type == "call"),
        n_missed=types.count("missed"),
    )


def _newest(matched: Iterable[MatchedVerdict]) -> list[MatchedVerdict]:
    """Keep the newest verdict of each reviewer about a thing, in whatever calibration it was given, or in none."""
    newest: dict[tuple[object, ...], MatchedVerdict] = {}
    for each in sorted(matched, key=lambda each: each.stored.number):
        verdict = each.stored.verdict
        thing = (
            (verdict.type, verdict.rule, verdict.side, verdict.start_s, verdict.end_s) if each.n is None else (each.n,)
        )
        newest[(verdict.reviewer, *thing)] = each
    return list(newest.values())


def _time(flag: Mapping[str, Any]) -> FlagTime:
    return FlagTime(
        n=flag["n"],
        type=flag["type"],
        rule=flag["rule"],
        side=flag["side"],
        start_s=flag["start_s"],
        end_s=flag["end_s"],
    )


def _by_sound(verdicts: Iterable[StoredVerdict]) -> dict[str, list[StoredVerdict]]:
    found: dict[str, list[StoredVerdict]] = {}
    for each in verdicts:
        found.setdefault(each.verdict.sound_id, []).append(each)
    return found
