"""All addresses of the workbench, and its navigation."""

from cxaudio.workbench.pages import audit
from cxaudio.workbench.serving.route import NavigationEntry, Route

__all__ = ["HOME", "NAVIGATION", "OWN_HOME", "ROUTES"]

HOME = "/audit"
"""Where a link leads."""

OWN_HOME = "/me"
"""Where a link leads an agent who sees their own calls."""

PAGES = (audit,)
"""The pages; each has its addresses in ``ROUTES``."""

ROUTES: tuple[Route, ...] = tuple(route for page in PAGES for route in page.ROUTES)

NAVIGATION: tuple[NavigationEntry, ...] = (NavigationEntry("/audit", "workbench.audit", "g l"),)
"""Entries at the top of each page, in their order."""
