"""What a worker returns for a job: the rows of a judged call, or a failure with its reason; plain and picklable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Failure", "FailureKind", "Judged", "Outcome"]


class FailureKind(StrEnum):
    """Why a call could not be judged."""

    UNREADABLE = "unreadable"  # the recording is damaged, or no recording
    UNREACHABLE = "unreachable"  # cannot be opened or fetched now; it, or its place, may come back
    USAGE = "usage"  # roles or settings do not fit the recording
    TOO_LONG = "too_long"  # holds more sound than the limit allows
    CRASHED = "crashed"  # the process that judged it died
    TIMEOUT = "timeout"  # took longer than the limit allows
    MEMORY = "memory"  # needed more memory than the limit allows
    LOST = "lost"  # the worker or its machine is gone
    STORE = "store"  # results could not be written
    FAULT = "fault"  # cxaudio's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The rows of one call."""

    job_key: str
    call_id: str  # identity of the row: sound, settings and metric version
    call: Mapping[str, Any]  # row of `calls`, see `cxaudio.archive.columns`
    events: tuple[Mapping[str, Any], ...]  # rows of `events`
    tape: bytes = b""  # what `whatif` needs to judge the call again ...
    pace_tape: bytes = b""  # ... and besides by the rules about the pace
    screens: Mapping[str, float | None] = field(default_factory=dict)  # row of `tapes` beside the tape
    page: str | None = None  # path of the call's page inside the store, None where none was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A call that was not judged this time."""

    job_key: str
    kind: FailureKind
    reason: str  # one sentence; may name the file: it is kept in the ledger only


Outcome = Judged | Failure
