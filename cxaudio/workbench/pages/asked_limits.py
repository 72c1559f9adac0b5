"""Read which limits a request tries, and on which calls."""

from urllib.parse import parse_qsl

from cxaudio.workbench.judging.judged_calls import agreed_flags
from cxaudio.workbench.pages.sample_state import agreed_in_closed
from cxaudio.workbench.policies.asked_policy import asking_of
from cxaudio.workbench.policies.controls import Control, Value
from cxaudio.workbench.policies.judged_flags import judged_flags
from cxaudio.workbench.policies.trials import Asking
from cxaudio.workbench.policies.tried import tried_from_query
from cxaudio.workbench.policies.verdicts_then import PresentFlag
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.serving.asked import Asked

__all__ = ["asking_in", "has_too_few", "judged_in", "sent_pairs"]


def asking_in(
    asked: Asked, *, pairs: list[tuple[str, str]] | None = None
) -> tuple[Asking, dict[str, Value], dict[str, Control]]:
    """Return what is asked, what is tried, and all that can be: from the address, or from a query that was sent.

    Raises
    ------
    UsageError
        If a value is none of its setting, or of the filter.
    StoreError
        If the store has no calls, or not the settings that they were judged with.
    """
    query = list(asked.query) if pairs is None else pairs
    chosen = asked.filter if pairs is None else CallFilter.from_query(pairs)
    asking = asking_of(asked.snapshot, chosen, {})
    controls = asked.workbench.trials.controls(asking.state)
    tried = tried_from_query(query, controls)
    return asking.with_values(tried), tried, controls


def sent_pairs(asked: Asked) -> list[tuple[str, str]]:
    """Return the names and values of the query that was sent."""
    return parse_qsl(str(asked.json.get("query", "")), keep_blank_values=True)


def has_too_few(asked: Asked, asking: Asking) -> bool:
    """Return whether a filter passes so few calls that figures of them can be traced to one person; none are shown."""
    return asking.only is not None and 0 < len(asking.only) < asked.workbench.options.min_calls


def judged_in(asked: Asked) -> list[PresentFlag]:
    """Return all flags of the calls of the filter that have verdicts, with what holds for each.

    What was agreed in a closed calibration counts in place of the verdicts.
    """
    snapshot, chosen, agreed = asked.snapshot, asked.filter, agreed_in_closed(asked)
    return snapshot.kept(
        ("judged flags", tuple(chosen.to_query()), len(agreed)),
        lambda: judged_flags(snapshot, chosen.where(), agreed=agreed_flags(snapshot, agreed)),
    )
