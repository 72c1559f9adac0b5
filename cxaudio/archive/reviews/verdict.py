"""`Verdict`: what one reviewer decided about one flag, one limit of a whole call, or one call."""

from dataclasses import dataclass
from typing import Literal, get_args

from cxaudio.errors import UsageError

__all__ = ["DECISIONS", "LONGEST_NOTE", "Decision", "StoredVerdict", "Verdict", "VerdictType", "checked_reviewer"]

VerdictType = Literal["flag", "whole_call", "call", "missed"]
"""What a verdict is of: a flag, a broken limit of the whole call, the call itself, or a fault that was not flagged."""

Decision = Literal["right", "wrong", "excused", "unsure", "withdrawn"]
"""right: it happened and counts. wrong: it did not happen. excused: it happened for a good reason. withdrawn: none."""

DECISIONS: tuple[Decision, ...] = get_args(Decision)

LONGEST_NOTE = 2000
"""Characters."""

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one reviewer decided; a later one of the same reviewer about the same thing counts in its place.

    Raises
    ------
    UsageError
        If a value is out of its range.

    Examples
    --------
    >>> Verdict(client="1", reviewer="anna", sound_id="call-0", call_id="0a", type="call", decision="right").rule
    ''
    """

    client: str  # given by the page; a verdict that is sent again is stored once
    reviewer: str
    sound_id: str  # of the call; the same after it was judged anew
    call_id: str  # the row that the reviewer saw
    type: VerdictType
    decision: Decision
    rule: str = ""
    side: str | None = None
    start_s: float | None = None  # from the start of the call; None: of the whole call
    end_s: float | None = None  # None: until the end of the call
    severity: str | None = None  # note, flag or severe, as the reviewer saw it
    note: str = ""
    calibration: int | None = None  # the calibration that it was given in
    sample: int | None = None  # the sample that the call was drawn for

    def __post_init__(self) -> None:
        checked_reviewer(self.reviewer)
        if self.type not in get_args(VerdictType):
            raise UsageError(f"a verdict of {self.type!r} is not known; use one of {', '.join(get_args(VerdictType))}")
        if self.decision not in DECISIONS:
            raise UsageError(f"the verdict {self.decision!r} is not known; use one of {', '.join(DECISIONS)}")
        if len(self.note) > LONGEST_NOTE:
            raise UsageError(f"a note of {len(self.note)} characters is too long; write at most {LONGEST_NOTE}")
        for name, value in (("client", self.client), ("sound_id", self.sound_id), ("call_id", self.call_id)):
            if not 0 < len(value) <= _LONGEST_NAME:
                raise UsageError(f"{name} has {len(value)} characters; give 1 to {_LONGEST_NAME}")
        if self.type in ("flag", "missed") and self.start_s is None:
            raise UsageError(f"a verdict of type {self.type} needs start_s")
        if (self.type == "call") == bool(self.rule):
            raise UsageError(f"a verdict of type {self.type} {'has no' if self.type == 'call' else 'needs a'} rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerdict:
    """A verdict with its number and time."""

    number: int  # grows with each that is stored
    at_ms: int  # since 1970, UTC
    undoes: int | None  # the number of the verdict that it takes back
    verdict: Verdict


def checked_reviewer(name: str) -> str:
    """Return the name of a reviewer.

    Raises
    ------
    UsageError
        If it is empty, too long, or holds a control character.
    """
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(f"the name {name[:100]!r} of a reviewer must have 1 to {_LONGEST_NAME} printable characters")
    return name
