"""`Visitor`: who asks, and what they may see and do."""

from dataclasses import dataclass

__all__ = ["Visitor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who opened a link of the workbench."""

    name: str  # under which verdicts and the audit log are kept
    own_agent: str | None = None  # the agent whose calls alone are shown, to themselves; None: all calls
    may_write: bool = True  # False: may look only
