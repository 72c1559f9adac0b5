"""Read roles and labels out of the names of recordings, by a pattern with named groups."""

import re
import warnings
from collections.abc import Sequence
from typing import NamedTuple

from cxaudio.archive.finding.fields import FIELDS, Checks, Field, Value, near_name
from cxaudio.archive.finding.matching import TOO_SLOW, Groups, Matcher
from cxaudio.errors import UsageError

__all__ = ["GROUPS", "NamePattern", "NameSays"]

GROUPS: tuple[Field, ...] = (
    *FIELDS,
    Field("side", "`agent` or `customer`: whose file this is of a call with a file for each side"),
    Field("agent_side", "any text, in place of `side`: this is the file of the agent's side"),
    Field("customer_side", "any text, in place of `side`: this is the file of the customer's side"),
    Field("call", "what both files of a call have in common; else all other groups are compared"),
)


_SIDES = {"side", "agent_side", "customer_side"}


class NameSays(NamedTuple):
    """What a name says."""

    values: dict[str, Value]
    side: str | None  # "agent" or "customer": one of two files
    call: str | None  # the same for both files of a call


class NamePattern:
    r"""A regular expression with named groups out of `GROUPS`, searched for in the path below the place given.

    Parameters
    ----------
    pattern : str
        In Python's syntax; folders are separated by "/".
    checks : Checks
        Of values.

    Raises
    ------
    UsageError
        If it is no regular expression, has no group or an unknown one, or says a side and not of which call.

    Examples
    --------
    >>> pattern = NamePattern(r"(?P<team>\w+)/(?P<agent>\w+)-\d+\.wav$", Checks())
    >>> (groups,) = pattern.groups(["sales/ada-17.wav"])
    >>> pattern.read(groups).values
    {'agent': 'ada', 'team': 'sales'}
    """

    def __init__(self, pattern: str, checks: Checks) -> None:
        self.pattern = pattern
        self._checks = checks
        try:
            with warnings.catch_warnings(action="ignore"):
                groups = set(re.compile(pattern).groupindex)
        except (re.error, RecursionError, OverflowError) as exc:
            raise UsageError(f"--names {pattern!r} is no regular expression: {exc}; correct it") from exc
        known = [group.name for group in GROUPS]
        for group in sorted(groups - set(known)):
            near = near_name(group, known)
            hint = f"did you mean {near}" if near else f"use {', '.join(known)}"
            raise UsageError(f"--names {pattern!r} has the group {group!r}, which is not known; {hint}")
        if not groups:
            raise UsageError(f"--names {pattern!r} has no named group; add one, as (?P<agent>...)")
        if groups & _SIDES and groups <= {*_SIDES, "channel"}:
            raise UsageError(
                f"--names {pattern!r} says whose side a file is, and not of which call; add the group (?P<call>...)"
            )
        self._matcher = Matcher(pattern)
        self._compared = sorted(groups - {*_SIDES, "channel"})

    def groups(self, names: Sequence[str]) -> list[Groups | None]:
        """Return the groups of several names, which are paths below a place with "/"; None where it does not fit.

        Raises
        ------
        UsageError
            If the pattern needs too much time.
        """
        return self._matcher.groups(names)

    def read(self, groups: Groups | None) -> NameSays:
        """Return what a name says.

        Parameters
        ----------
        groups : dict or None
            Of the name, see `groups`.

        Raises
        ------
        LookupError
            If the pattern does not fit.
        ValueError
            If a value is wrong; the text says how to cure it.
        """
        if groups is None:
            raise LookupError(f"its name does not fit --names {self.pattern}; correct the pattern or the name")
        if groups is TOO_SLOW:
            raise ValueError(
                f"comparing its name with --names {self.pattern} takes too long; write it without a repetition inside "
                "a repetition"
            )
        try:
            values = self._checks.checked(groups, only_format=True)
        except ValueError as exc:
            raise ValueError(f"by its name, {exc}") from exc
        side = _side(groups)
        if side is None:
            return NameSays(values, None, None)
        if "channel" in values:
            raise ValueError(
                "its name says a side and a channel, but a file of one side has one channel; correct the pattern"
            )
        compared = ["call"] if groups.get("call") else [name for name in self._compared if name != "call"]
        return NameSays(values, side, repr([(name, groups[name]) for name in compared if groups[name]]))


def _side(groups: Groups) -> str | None:
    """Return whose file it is; None where the name does not say that it is one of two."""
    word = groups.get("side")
    said = [word.casefold()] if word else []
    said += [side for side in ("agent", "customer") if groups.get(f"{side}_side")]
    for side in said:
        if side not in ("agent", "customer"):
            raise ValueError(f"by its name, side {side!r} is neither agent nor customer; correct the pattern")
    if len(set(said)) > 1:
        raise ValueError("its name says that it is the file of both sides; correct the pattern")
    return said[0] if said else None
