"""Read the calls of a store for its index page, some at a time."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cxaudio.archive.failed_names import shown_name, shown_reason
from cxaudio.archive.store.parquet import read_rows
from cxaudio.sinks.index_page.listed_call import FailedCall, ListedCall

if TYPE_CHECKING:
    from cxaudio.archive.store.folder import Store
    from cxaudio.archive.store.parts import PartFiles

__all__ = ["failed_calls", "listed_calls"]

_CALLS = (
    "call_id", "settings_digest", "file", "agent", "team", "queue", "direction", "started_at", "duration_s",
    "in_step_share", "n_flag", "n_severe", "n_whole_call", "rules", "whole_call_rules", "notices", "sentence",
    "timeline",
)  # fmt: skip
_FLAGS = ("call_id", "start_s", "end_s", "severity")

Flags = list[tuple[float, float | None, str]]


def listed_calls(store: "Store") -> Iterator[ListedCall]:
    """Yield the calls that were judged with the settings of the newest run.

    Memory: a batch of rows of each table.

    Raises
    ------
    StoreError
        If a file of the store cannot be read.
    """
    settings = store.current_settings()
    gone: dict[str, set[str]] = {}
    for call_id, name in store.superseded():
        gone.setdefault(name, set()).add(call_id)
    for part in store.parts():
        left_out = gone.get(part.name, set())
        for row, flags in _with_flags(part):
            if row["settings_digest"] == settings and row["call_id"] not in left_out:
                call_id = row["call_id"]
                page = f"pages/{call_id[:2]}/{call_id}.html"
                yield ListedCall.from_row(row, name=row["file"] or call_id[:16], page=page, flags=flags)


def _with_flags(part: "PartFiles") -> Iterator[tuple[dict[str, Any], Flags]]:
    """Yield each row of a part with its call's flags; both tables are in the order of the calls."""
    flags = _flags_of_calls(part)
    at, found = next(flags, ("", []))
    for row in read_rows(part.calls, _CALLS):
        while at and at < row["call_id"]:
            at, found = next(flags, ("", []))
        yield row, found if at == row["call_id"] else []


def _flags_of_calls(part: "PartFiles") -> Iterator[tuple[str, Flags]]:
    call_id, flags = "", Flags()
    for event in read_rows(part.events, _FLAGS, where=("type", "flag")):
        if event["call_id"] != call_id:
            if flags:
                yield call_id, flags
            call_id, flags = event["call_id"], []
        flags.append((event["start_s"], event["end_s"], event["severity"]))
    if flags:
        yield call_id, flags


def failed_calls(store: "Store", *, plain: bool) -> Iterator[FailedCall]:
    """Yield the recordings that were set aside, were refused or are still growing, with their reasons.

    Parameters
    ----------
    store : Store
        Opened.
    plain : bool
        Whether names of recordings may be shown; they can be telephone numbers.
    """
    from cxaudio.archive.store.ledger import State

    for failed in store.ledger.failures((State.FAILED, State.REFUSED, State.DEFERRED)):
        yield FailedCall(
            name=shown_name(failed, plain=plain), reason=shown_reason(failed, plain=plain), n_tries=failed.attempts
        )
