"""All addresses of the workbench."""

from cxaudio.workbench.pages import audit, sound
from cxaudio.workbench.serving.route import Route

__all__ = ["ROUTES"]

_PAGES = (audit, sound)  # each has its addresses in ROUTES

ROUTES: tuple[Route, ...] = tuple(route for page in _PAGES for route in page.ROUTES)
"""Every address, page by page."""
