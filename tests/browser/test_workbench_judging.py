"""Samples, calibrations and rules in a browser: by keys alone, without a fault in the console, open to everybody."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.samples import Samples
from support.accessibility import grave_findings
from support.flagged_store import judge
from support.judging_server import CALLS, JudgingServer, judging_server
from support.made_store import call_id_of
from support.opened_pages import opened_pages

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"),
]


@pytest.fixture
def server(tmp_path) -> Iterator[JudgingServer]:
    with judging_server(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture
def opened(server: JudgingServer, browser: Any) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page as a reviewer; its ``faults`` are what it wrote into the console."""
    with opened_pages(browser, server.clients) as open_page:
        yield open_page


def judge_all(server: JudgingServer, reviewer: str, *, wrong: int | None = None) -> None:
    """Judge all of the first calibration; one flag of a call as wrong."""
    for each in Samples(server.workbench.reviews).calls(1):
        number = int(each.sound_id[-12:])
        for flag in range(2):
            decision = "wrong" if (number, flag) == (wrong, 0) else "right"
            judge(server.workbench.reviews, number, flag, decision, made=CALLS, reviewer=reviewer, calibration=1)


def test_a_sample_is_drawn_and_opened_by_keys_alone(opened, server):
    page = opened("/samples")
    page.keyboard.press("n")
    page.wait_for_url("**/samples/new")
    assert "name" == page.evaluate("document.activeElement.id")
    page.keyboard.press("Control+A")
    page.keyboard.type("November")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    assert "6 calls at most" == page.inner_text("#drawn-total")
    page.keyboard.press("Enter")
    page.wait_for_url("**/samples/1")
    assert "November" == page.inner_text("h1")
    assert (3, 6) == (Samples(server.workbench.reviews).get(1).design["n"], page.locator("tr[data-row]").count())
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("tr[data-row]").first
    assert "true" == first.get_attribute("aria-selected")
    target = first.locator("a.to").get_attribute("href")
    assert [] == page.faults  # the page of a call has some, since made calls have no recordings
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")
    page.goto("/samples/1")
    page.keyboard.press("r")
    page.wait_for_url("**/calls/*in=sample%3D1*")


def test_shares_that_do_not_add_up_are_named_before_and_refused_after_sending(opened, server):
    page = opened("/samples/new")
    page.fill("#share-worst", "50")
    assert "130 % in all; make it 100 %" == page.inner_text("#share-total").replace("\N{NO-BREAK SPACE}", " ")
    page.keyboard.press("Enter")
    page.wait_for_selector("#messages p.fault")
    assert "make them 100 %" in page.inner_text("#messages")
    assert page.is_enabled("#draw button")
    assert [] == Samples(server.workbench.reviews).all()


def test_a_list_leads_to_a_sample_of_its_calls(opened):
    page = opened("/calls?agent=Bo")
    page.keyboard.press("d")
    page.wait_for_url("**/samples/new?agent=Bo")
    assert "Agent: Bo" in page.inner_text(".chips")


@pytest.mark.slow
def test_a_calibration_is_opened_judged_closed_and_agreed_upon(opened, server):
    server.draw(query="rule=dead_air", n=2)
    page = opened("/calibrations")
    page.keyboard.press("n")
    page.wait_for_url("**/calibrations/new")
    page.fill("#reviewers", "anna\ntom\n")
    page.click("#open-calibration button")
    page.wait_for_url("**/calibrations/1")
    assert "Others' verdicts are hidden." in page.inner_text(".blind")
    numbers = [int(each.sound_id[-12:]) for each in Samples(server.workbench.reviews).calls(1)]
    judge_all(server, "anna")
    judge_all(server, "tom", wrong=numbers[0])
    page.reload()
    page.click("#ask-close")
    assert page.is_visible("#sure")
    page.keyboard.press("Escape")
    assert not page.is_visible("#sure")
    page.click("#ask-close")
    page.click("#close-calibration button.primary")
    page.wait_for_selector("select[data-agree]")
    assert [1] == Calibrations(server.workbench.reviews).closed_numbers()
    page.select_option("select[data-agree]", "excused")
    page.wait_for_selector("#messages p.done")
    (agreed,) = Calibrations(server.workbench.reviews).agreed(1)
    assert (call_id_of(numbers[0]), "excused") == (agreed.verdict.call_id, agreed.verdict.decision)
    page.reload()
    assert "excused" == page.input_value("select[data-agree]")
    assert [] == page.faults


def test_the_help_names_the_keys_of_a_sample(opened, server):
    server.draw()
    page = opened("/samples/1")
    page.keyboard.press("?")
    help_text = page.inner_text("#help-keys")
    for part in ("Next row", "Row before", "Open the row", "Review"):
        assert part in help_text


@pytest.mark.slow
@pytest.mark.parametrize(("width", "theme", "language"), [(1280, "light", "en"), (800, "dark", "zh-Hant")])
def test_every_page_is_accessible_and_no_wider_than_the_window(opened, server, width, theme, language):
    server.draw()
    server.draw(client="s2", query="rule=dead_air", n=5)
    server.calibrate(2, "anna", "tom")
    server.calibrate(2, "anna", "eve", client="k2")
    for number in range(10):
        for flag in range(2):
            for reviewer in ("anna", "tom"):
                decision = "wrong" if number % 3 == 0 and reviewer == "tom" else "right"
                given = {"made": CALLS, "reviewer": reviewer}
                judge(server.workbench.reviews, number, flag, decision, **given)
                judge(server.workbench.reviews, number, flag, decision, calibration=1, **given)
    server.clients["anna"].post("/calibrations/1/close")
    paths = (
        "/samples", "/samples/new", "/samples/1", "/calibrations", "/calibrations/new", "/calibrations/1",
        "/calibrations/2", "/rules",
    )  # fmt: skip
    page = opened("/samples", width=width, theme=theme, language=language)
    for path in paths:
        page.goto(path)
        assert [] == grave_findings(page), path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert [] == page.faults
