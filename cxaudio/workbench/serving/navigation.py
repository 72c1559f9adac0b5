"""The entries at the top of each page, and where a link leads."""

from dataclasses import dataclass

__all__ = ["HOME", "NAVIGATION", "OWN_HOME", "NavigationEntry"]


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """One entry of the navigation at the top of each page."""

    path: str
    text: str  # key of its text
    keys: str  # that open it, such as "g o"
    own_view: bool = False  # shown to an agent who sees their own calls
    reviewers: bool = True  # shown to all others


HOME = "/overview"
"""Where a link leads."""

OWN_HOME = "/me"
"""Where a link leads an agent who sees their own calls."""

NAVIGATION: tuple[NavigationEntry, ...] = (
    NavigationEntry("/overview", "workbench.overview", "g o"),
    NavigationEntry("/calls", "workbench.calls", "g c"),
    NavigationEntry("/samples", "workbench.samples", "g s"),
    NavigationEntry("/calibrations", "workbench.calibration", "g k"),
    NavigationEntry("/rules", "workbench.rules", "g r"),
    NavigationEntry("/agents", "workbench.agents", "g a"),
    NavigationEntry("/teams", "workbench.teams", "g t"),
    NavigationEntry("/me", "workbench.own_view", "g m", own_view=True, reviewers=False),
    NavigationEntry("/calls", "workbench.own_calls", "g c", own_view=True, reviewers=False),
    NavigationEntry("/policy", "workbench.policy", "g p"),
    NavigationEntry("/exports", "workbench.exports", "g x", own_view=True),
    NavigationEntry("/audit", "workbench.audit", "g l"),
)
"""Entries at the top of each page, in their order."""
