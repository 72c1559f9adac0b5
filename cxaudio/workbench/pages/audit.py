"""Who opened, was sent the sound of, judged and exported what."""

from cxaudio.archive.reviews.instants import time_of
from cxaudio.workbench.serving.answers import Answer, page
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.route import Route

__all__ = ["ROUTES"]

_ROWS = 200


def show_audit(asked: Asked) -> Answer:
    """Show the lines of the audit log, the newest first."""
    before = asked.query.integer("before", 0, low=1, high=2**62)
    found = asked.workbench.reviews.audit(before=before or None, limit=_ROWS + 1)
    rows = [(time_of(entry.at_ms), entry) for _, entry in found[:_ROWS]]
    older = found[_ROWS - 1][0] if len(found) > _ROWS else None
    return page(asked, "audit.html", rows=rows, older=older, names=_names(asked, {entry.target for _, entry in rows}))


def _names(asked: Asked, targets: set[str]) -> dict[str, str]:
    """Return what the calls among some targets are called; a call that was purged has no name any more."""
    query = "SELECT call_id, file FROM calls WHERE call_id IN (SELECT unnest(CAST(? AS VARCHAR[])))"
    return {row["call_id"]: row["file"] or row["call_id"][:16] for row in asked.snapshot.ask(query, (sorted(targets),))}


ROUTES = (Route("GET", "/audit", show_audit),)
