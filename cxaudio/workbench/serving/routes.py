"""All addresses of the workbench."""

from cxaudio.workbench.pages import (
    agents,
    audit,
    calibration,
    call,
    calls,
    compare,
    exports,
    overview,
    own_view,
    policy,
    rules,
    samples,
    saved_policies,
    sharing,
    sound,
    verdicts,
)
from cxaudio.workbench.serving.route import Route

__all__ = ["ROUTES"]

_PAGES = (
    agents,
    audit,
    calibration,
    call,
    calls,
    compare,
    exports,
    overview,
    own_view,
    policy,
    rules,
    samples,
    saved_policies,
    sharing,
    sound,
    verdicts,
)  # each has its addresses in ROUTES

ROUTES: tuple[Route, ...] = tuple(route for page in _PAGES for route in page.ROUTES)
"""Every address, page by page."""
