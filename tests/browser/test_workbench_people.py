"""The pages about people in a browser: by keys alone, without a fault in the console, and open to everybody."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cxaudio.workbench.pages.people_words import address_of
from cxaudio.workbench.serving.visitor import Visitor
from support.accessibility import grave_findings
from support.opened_pages import opened_pages
from support.people_store import calls_of, people_store, people_workbench
from support.workbench_server import served

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"),
]
DOTS = ".."


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page as a visitor; its ``faults`` are what it wrote into the console."""
    calls = [
        call
        for number, (name, n) in enumerate([("Ada", 40), ("Bo", 30), ("Cy", 25), (DOTS, 20), ("Di", 4)])
        for call in calls_of(name, n, seed=number, pace=4.6 + 0.2 * number, queue=("billing", "support")[number % 2])
    ]
    store = people_store(tmp_path_factory.mktemp("people") / "store", calls)
    own = Visitor(name="own", own_agent="Ada", may_write=False)
    with (
        people_workbench(store) as workbench,
        served(workbench, Visitor(name="anna"), own) as running,
        sync_api.sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with opened_pages(browser, {name: running.client(name) for name in ("anna", "own")}) as open_page:
            yield open_page
        browser.close()


def test_an_agent_is_opened_by_keys_and_a_row_without_a_page_leads_to_its_calls(opened):
    page = opened("/agents")
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("k")
    row = page.locator("tr[aria-selected=true]")
    assert "Ada" in row.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/agents/Ada")
    assert "Ada" == page.locator("h1").inner_text()
    assert [] == page.faults


def test_a_name_of_two_dots_is_a_page_like_any_other(opened):
    page = opened("/agents")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address_of('agent', DOTS)}")
    assert DOTS == page.locator("h1").inner_text()
    assert [] == page.faults


def test_the_filter_is_reached_by_its_key_and_leaves_no_empty_field_in_the_address(opened):
    page = opened("/agents")
    page.keyboard.press("/")
    page.keyboard.type("bo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/agents?name=bo")
    assert ["Bo"] == page.locator("tr[data-row] th").all_inner_texts()
    assert [] == page.faults


def test_before_and_after_is_reached_by_its_key(opened):
    page = opened("/agents/Ada")
    page.keyboard.press("b")
    assert "at" == page.evaluate("document.activeElement.id")
    page.fill("#at", "2026-04-06")
    page.keyboard.press("Enter")
    page.wait_for_url("**/agents/Ada?at=2026-04-06#h-compare")
    assert "20 calls before, 20 from that day on." in page.locator("section[aria-labelledby=h-compare]").inner_text()
    assert [] == page.faults


def test_keys_go_through_the_calls_worth_opening(opened):
    page = opened("/agents/Ada")
    n_rules = page.locator("section[aria-labelledby=h-rules] tr[data-row]").count()
    for _ in range(n_rules + 1):
        page.keyboard.press("j")
    link = page.locator("tr[aria-selected=true] a.to").get_attribute("href")
    assert link.startswith("/calls/")


@pytest.mark.parametrize(
    ("visitor", "path"),
    [("anna", "/agents"), ("anna", "/agents/Ada?at=2026-04-06"), ("anna", "/agents/Di"), ("own", "/me?at=2026-04-06")],
)
@pytest.mark.parametrize(("width", "theme", "language"), [(1280, "light", "en"), (800, "dark", "zh-Hans")])
def test_each_page_is_accessible_and_does_not_scroll_sideways(opened, visitor, path, width, theme, language):
    page = opened(path, visitor=visitor, width=width, theme=theme, language=language)
    assert [] == grave_findings(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [] == page.faults


def test_nothing_of_a_drawing_is_blocked_by_the_policy_of_the_page(opened):
    """Dots have a colour of the style sheet, and histograms have bars with a height."""
    page = opened("/me", visitor="own")
    assert "rgb(0, 114, 178)" == page.locator(".whisker .dot").first.evaluate("dot => getComputedStyle(dot).fill")
    assert page.locator(".plot .bar").first.evaluate("bar => bar.getBoundingClientRect().width") > 2
    assert 3 == page.locator(".plot .others").count()
