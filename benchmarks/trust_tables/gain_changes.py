"""How often a gain that was changed between or inside takes is found, and how often one is found that was not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from benchmarks.results import markdown_table
from benchmarks.second_headset import Gain, GainChange, SecondHeadset
from benchmarks.second_headset.recording import order_of, record_take
from benchmarks.trust_tables.drawn_headsets import drawn_headset
from benchmarks.trust_tables.measured_headset import ROLES, each_of
from cxaudio.laboratory.takes.gain_changes import gain_faults
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take

__all__ = ["Found", "gain_changes_of", "gain_table"]

_WEARINGS = 2
_ROOM_DB = 8.0
"""By how much headsets are turned down, so that no change clips a sweep: that would be found for another reason."""

_CHANGES_DB = (3.0, -3.0, 6.0)
_WHERE = ("from a take on", "inside speech", "inside a sweep", "one take alone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Tries of one kind."""

    where: str
    change_db: float
    tries: int
    found: int
    missed: tuple[str, ...]  # "seed at take"


def _headset(seed: int) -> SecondHeadset:
    headset = drawn_headset(seed)
    return replace(headset, gain=Gain(db=headset.gain.db - _ROOM_DB))


def _change(where: str, db: float, order: Sequence[tuple[Role, int]], rng: np.random.Generator) -> GainChange:
    if where == "inside speech":
        return GainChange(db=db, role=Role.SPEECH, second=11.0)
    if where == "inside a sweep":
        return GainChange(db=db, role=Role.SWEEP_LOUD, second=float(rng.uniform(2.0, 4.0)))
    role, number = order[int(rng.integers(1, len(order)))]  # not from the first on: that would be no change
    return GainChange(db=db, role=role, number=number, stays=where == "from a take on")


def _one(seed: int, *, with_changes: bool) -> list[tuple[str, float, str, bool]]:
    """Return where, change, take and whether it was found, for each change of one headset and for none."""
    roles = [role for role in ROLES if role not in (Role.MARKERS, Role.OPENING)]
    headset = _headset(seed)
    order = order_of(roles, wearings=_WEARINGS)
    plain = {each: record_take(headset, seed, *each, order=order) for each in order}
    tried = [("no change", 0.0, "-", any(gain_faults(list(plain.values()))))]
    rng = np.random.default_rng((seed, 99))
    for where in _WHERE if with_changes else ():
        for db in _CHANGES_DB:
            change = _change(where, db, order, rng)
            place = (change.role, change.number)
            changed = replace(headset, gain=Gain(db=headset.gain.db, change=change))
            takes: list[Take] = []
            for k, each in enumerate(order):
                touched = each == place or (change.stays and k > order.index(place))
                takes.append(record_take(changed, seed, *each, order=order) if touched else plain[each])
            tried.append((where, db, f"{change.role} {change.number}", any(gain_faults(takes))))
    return tried


def gain_changes_of(tries: int, headsets: int, *, first_seed: int = 1, n_processes: int = 1) -> list[Found]:
    """Change the gain of drawn headsets, and look whether the judge of takes says so.

    Parameters
    ----------
    tries : int
        Of each change.
    headsets : int
        Without any change; at least as many as tries.
    first_seed : int
    n_processes : int

    Returns
    -------
    list of Found
        The first: headsets without a change.
    """
    seeds = range(first_seed, first_seed + tries)
    others = range(first_seed + tries, first_seed + max(tries, headsets))
    every = each_of(partial(_one, with_changes=True), seeds, n_processes)
    every += each_of(partial(_one, with_changes=False), others, n_processes)
    kinds = list(dict.fromkeys((where, db) for each in every for where, db, _, _ in each))
    rows = []
    for where, db in kinds:
        tried = [
            (seed, take, found)
            for seed, each in zip([*seeds, *others], every, strict=True)
            for its_where, its_db, take, found in each
            if (its_where, its_db) == (where, db)
        ]
        # Of headsets without a change, those are named in which one was found.
        named = tuple(f"{seed} at {take}" for seed, take, found in tried if found is (where == "no change"))
        rows.append(Found(where=where, change_db=db, tries=len(tried), found=sum(f for *_, f in tried), missed=named))
    return rows


def gain_table(rows: Sequence[Found]) -> str:
    """Return the table as text."""
    lines = []
    for row in rows:
        share = f"{row.found} of {row.tries}"
        named = ", ".join(row.missed[:4]) + (", ..." if len(row.missed) > 4 else "")
        lines.append([row.where, f"{row.change_db:+.0f} dB", share, named])
    return markdown_table(["gain changed", "by", "found", "wrong (seed at take)"], lines)
