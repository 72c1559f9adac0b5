"""Findings of axe-core on a page in a browser."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_GRAVE = ("serious", "critical")


def grave_findings(page: Page) -> list[str]:
    """Return what axe-core finds that is serious or critical, each with the first element that it concerns."""
    results = Axe().run(page).response
    assert results["passes"], "axe-core did not run"
    return [
        f"{each['id']}: {each['help']} ({len(each['nodes'])} x, {each['nodes'][0]['html'][:200]})"
        for each in results["violations"]
        if each["impact"] in _GRAVE
    ]
