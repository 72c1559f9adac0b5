"""Stores whose calls have chosen flags, and verdicts about them, for tests of what reviewers said."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from cxaudio.archive.columns import EVENTS
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.verdict import Verdict
from cxaudio.archive.store.folder import Store
from support.asked_store import PLAIN
from support.made_store import SETTINGS, call_id_of, made_job, made_judged

_CLIENTS = count()


@dataclass(frozen=True, kw_only=True)
class MadeFlag:
    """A flag of a made call."""

    rule: str = "rushing"
    severity: str | None = "flag"  # None: a limit of the whole call
    measured: float = 2.0
    limit: float = 1.0


@dataclass(frozen=True, kw_only=True)
class MadeCall:
    """A made call."""

    agent: str = "Ada"
    flags: Sequence[MadeFlag] = ()
    duration_s: float = 360.0
    more: dict[str, Any] = field(default_factory=dict)


def flagged_store(path: Path, calls: Sequence[MadeCall]) -> Path:
    """Make a store. Call `n` has the sound ``call-n``; its flag `k` is event `k`, from 10 k to 10 k + 5 s."""
    with Store.create(path) as store:
        store.ledger.begin(SETTINGS)
        store.ledger.add([made_job(number) for number in range(len(calls))])
        judged = []
        for each in store.ledger.lease(len(calls), seconds=60):
            number = int(each.job.files[0][-11:-4])
            call = calls[number]
            made = made_judged(each.job, number, n_events=0)
            counts = {
                f"n_{name}": sum(flag.severity == name for flag in call.flags) for name in ("note", "flag", "severe")
            }
            row = {
                **made.call,
                **PLAIN,
                **counts,
                "n_whole_call": sum(flag.severity is None for flag in call.flags),
                "agent": call.agent,
                "sound_id": sound_of(number),
                "duration_s": call.duration_s,
                **call.more,
            }
            events = tuple(flag_event(row["call_id"], n, flag) for n, flag in enumerate(call.flags))
            judged.append(replace(made, call=row, events=events))
        store.commit(judged)
    return path


def sound_of(number: int) -> str:
    """Return the name of a made call's sound."""
    return f"call-{number:012d}"


def judge(
    reviews: Reviews,
    call: int,
    flag: int | None,
    decision: str,
    *,
    made: Sequence[MadeCall],
    reviewer: str = "anna",
    calibration: int | None = None,
    note: str = "",
) -> None:
    """Give a verdict about a flag of a made call; about the call itself where `flag` is None."""
    about: dict[str, Any] = {"type": "call"}
    if flag is not None:
        given = made[call].flags[flag]
        kind = "whole_call" if given.severity is None else "flag"
        about = {"type": kind, "rule": given.rule, "side": "agent", "severity": given.severity}
        about |= {"start_s": 10.0 * flag, "end_s": 10.0 * flag + 5}
    reviews.add(
        Verdict(
            client=f"client-{next(_CLIENTS)}",
            reviewer=reviewer,
            sound_id=sound_of(call),
            call_id=call_id_of(call),
            decision=decision,
            calibration=calibration,
            note=note,
            **about,
        )
    )


def flag_event(call_id: str, n: int, flag: MadeFlag) -> dict[str, Any]:
    """Return the row of events of a call's flag `n`."""
    row: dict[str, Any] = {column.name: None for column in EVENTS}
    kind = "whole_call" if flag.severity is None else "flag"
    return row | {
        "call_id": call_id, "n": n, "type": kind, "start_s": 10.0 * n, "end_s": 10.0 * n + 5, "side": "agent",
        "decided_at_s": 10.0 * n + 5, "rule": flag.rule, "severity": flag.severity, "measured": flag.measured,
        "limit_value": flag.limit, "unit": "ratio", "detail": "{}",
    }  # fmt: skip
