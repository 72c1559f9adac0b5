"""The overview and the list of calls in a browser: by keys alone, in each colour and width, open to everybody."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options
from support.accessibility import grave_findings
from support.asked_store import add_failures
from support.flagged_store import MadeCall, MadeFlag, flagged_store
from support.opened_pages import opened_pages
from support.workbench_server import served

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"),
]
HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"
AGENTS = ("Ada", "Bo", HOSTILE, "客服三")
START = datetime(2026, 11, 2, 8, tzinfo=UTC)


def made(n: int) -> MadeCall:
    """Return a call; the smaller the number, the worse."""
    n_flags = max(0, 60 - n) % 20 + 1 if n < 55 else 0
    flags = [MadeFlag(rule=("rushing", "dead_air")[n % 2], severity="severe" if n < 20 else "flag")] * min(3, n_flags)
    more = {
        "file": f"call-{n:02d}.wav",
        "n_flag": 0 if n < 20 else max(0, 60 - n),
        "n_severe": max(0, 20 - n),
        "team": f"Team {n % 3}",
        "queue": "billing",
        "direction": "inbound",
        "timeline": "aac-bh" * 10,
        "rules": ("rushing", "dead_air")[n % 2],
        "whole_call_rules": "",
        "notices": "",
        "headset": None,
        "started_at": START + timedelta(hours=7 * n),
        "sentence": f"Sentence number {n} of the agent.",
    }
    return MadeCall(agent=AGENTS[n % 4], flags=flags, duration_s=60.0 + n, more=more)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page as a visitor; its ``faults`` are what it wrote into the console."""
    path = flagged_store(tmp_path_factory.mktemp("lists") / "store", [made(n) for n in range(120)])
    add_failures(path, "{file}: is no recording; export it again")
    own = Visitor(name="own", own_agent="Bo", may_write=False)
    looks = Visitor(name="looks", may_write=False)
    with (
        open_workbench(path, options=Options()) as workbench,
        served(workbench, Visitor(name="anna"), own, looks) as running,
        sync_api.sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        clients = {name: running.client(name) for name in ("anna", "own", "looks")}
        with opened_pages(browser, clients) as open_page:
            yield open_page
        browser.close()


def names(page: Any) -> list[str]:
    """Return the calls in the list."""
    return page.locator("#calls a.name").all_inner_texts()


def current(page: Any) -> str:
    return page.locator("#calls tr.current a.name").inner_text()


# Keys ----------------------------------------------------------------------------------------------------------------


def test_keys_move_through_the_list_and_open_a_call_with_its_place(opened):
    page = opened("/calls?team=Team+1&sort=longest")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert names(page)[1] == current(page)
    assert page.evaluate("document.activeElement.className") == "name"
    assert [] == page.faults
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls/*?in=team%3DTeam%2B1&sort=longest")
    page.go_back()
    page.wait_for_url("**/calls?team=Team+1&sort=longest")
    assert names(page)[1] == current(page)


def test_pages_of_the_list_are_turned_by_keys_and_hold_each_call_once(opened):
    page = opened("/calls")
    found = names(page)
    for _ in range(2):
        with page.expect_navigation():
            page.keyboard.press("n")
        found += names(page)
    assert [f"call-{n:02d}.wav" for n in range(60)] == found[:60]
    assert 120 == len(found) == len(set(found))
    last = names(page)
    with page.expect_navigation():
        page.keyboard.press("p")
    with page.expect_navigation():
        page.keyboard.press("n")
    assert last == names(page)
    assert 0 == page.locator("#next").count()


def test_search_filters_and_orders_need_no_mouse(opened):
    page = opened("/calls")
    page.keyboard.press("/")
    page.keyboard.type("sentence bo")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/calls?text=sentence+bo")
    assert "30 of 120 calls" == page.locator(".count-line").inner_text().partition(" · ")[0]
    page.keyboard.press("f")
    assert page.locator("#more-filters").evaluate("each => each.open")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.body")
    with page.expect_navigation():
        page.locator("#sort").select_option("newest")
    assert "sort=newest" in page.url
    assert "text=sentence+bo" in page.url
    assert [] == page.faults


def test_each_filter_in_use_can_be_taken_away(opened):
    page = opened("/calls?agent=Ada&rule=rushing&min_duration_s=70&sort=newest")
    assert ["Agent: Ada", "Rule: Rushing", "70 s or longer"] == [
        text.partition("×")[0].strip() for text in page.locator(".chips a.chip:not(.clear)").all_inner_texts()
    ]
    page.locator("a.chip", has_text="Ada").click()
    page.wait_for_url("**/calls?rule=rushing&min_duration_s=70&sort=newest")
    page.locator("a.chip.clear").click()
    page.wait_for_url("**/calls")


def test_a_filter_is_saved_found_by_others_and_deleted(opened):
    page = opened("/calls?agent=Ada&sort=newest")
    page.keyboard.press("s")
    page.keyboard.type("Ada's newest <b>")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    other = opened("/calls", visitor="looks")
    other.locator(".saved-filter a").click()
    other.wait_for_url("**/calls?agent=Ada&sort=newest")
    assert 0 == other.locator("[data-delete-filter], #save-filter").count()
    with page.expect_navigation():
        page.locator("[data-delete-filter]").click()
    assert 0 == page.locator(".saved-filter").count()
    assert [] == page.faults + other.faults


def test_two_calls_are_chosen_to_be_compared_also_on_two_pages(opened):
    page = opened("/calls")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("#compare").is_visible()
    assert page.locator("#compare-link").is_hidden()
    with page.expect_navigation():
        page.keyboard.press("n")
    page.keyboard.press("j")
    page.keyboard.press("x")
    link = page.locator("#compare-link").get_attribute("href")
    assert 2 == len({part.partition("=")[2] for part in link.partition("?")[2].split("&")})
    page.locator("#compare-clear").click()
    assert page.locator("#compare").is_hidden()


def test_the_help_names_every_key_of_the_list(opened):
    page = opened("/calls?agent=Ada")
    page.keyboard.press("?")
    text = page.locator("#help-keys").inner_text()
    for label in (
        "Next call",
        "Open the call",
        "Search",
        "Show all filters",
        "Choose the call to compare",
        "Save this filter",
    ):
        assert label in text


# What is shown -------------------------------------------------------------------------------------------------------


def test_a_row_says_why_it_stands_there(opened):
    page = opened("/calls")
    row = page.locator("#calls tbody tr").first
    assert "20 severe flags, out of step 25 %" in row.inner_text()
    assert "agent speaks" in row.locator("svg").get_attribute("aria-label")
    assert "none yet" in row.inner_text()


def test_names_of_any_letters_are_shown_and_never_run(opened):
    page = opened("/calls")
    assert HOSTILE in page.locator("#calls").inner_text()
    assert "hacked" not in page.title()
    page.goto(page.url + "?text=%3Cscript%3Edocument.title%3D1%3C/script%3E")
    assert "No call passes these filters." in page.locator("main").inner_text()
    assert [] == page.faults


def test_a_wrong_value_is_refused_in_one_sentence(opened):
    page = opened("/calls?min_duration_s=long")
    assert "min_duration_s = 'long' is no number of 0 or more; write it as 90" in page.locator("main").inner_text()


def test_an_agent_sees_their_own_calls_and_nothing_that_reviewers_keep(opened):
    page = opened("/calls", visitor="own")
    assert "30 of 30 calls" == page.locator(".count-line").inner_text().partition(" · ")[0]
    text = page.content()
    assert "Ada" not in text
    assert "客服三" not in text
    assert 0 == page.locator("[name=verdict], .saved-filter, #save-filter, .state").count()
    base = page.url.rpartition("/calls")[0]
    assert [403, 403] == [page.goto(base + path).status for path in ("/overview", "/failures")]


@pytest.mark.slow
def test_each_number_of_the_overview_leads_to_as_many_calls(opened):
    page = opened("/overview?agent=Ada")
    links = page.locator("main :not(svg) > a[href^='/calls?']").evaluate_all(
        "links => links.map((link) => [link.textContent.trim(), link.getAttribute('href')])"
    )
    shown = {href: text for text, href in links if text.replace(",", "").isdigit()}
    assert len(shown) > 20
    base = page.url.partition("/overview")[0]
    for href, text in list(shown.items())[::4]:
        page.goto(base + href)
        assert text == page.locator(".count-line b").inner_text(), href
    assert [] == page.faults


def test_recordings_that_were_not_judged_are_listed_without_their_names(opened):
    page = opened("/overview")
    page.locator("a[href='/failures?kind=unreadable']").click()
    page.wait_for_url("**/failures?kind=unreadable")
    text = page.locator("main").inner_text()
    assert "is no recording; export it again" in text
    assert "9000000" not in text


# For everybody -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/calls?agent=Ada&agent=Bo", "/calls?text=nothing", "/overview", "/failures"])
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 800)])
def test_pages_are_open_to_everybody_and_fit_their_width(opened, path, theme, width):
    page = opened(path, theme=theme, width=width)
    for details in page.locator("main details").all():
        details.evaluate("each => { each.open = true; }")
    assert [] == grave_findings(page)
    assert width >= page.evaluate("document.documentElement.scrollWidth")
    assert [] == page.faults


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_pages_speak_the_reader_s_language(opened, language):
    page = opened("/calls?severity=severe", language=language)
    heading = {"zh-Hans": "通话", "zh-Hant": "通話"}[language]
    assert heading == page.locator("h1").inner_text()
    assert {"zh-Hans": "严重标记", "zh-Hant": "嚴重標記"}[language] in page.locator("#calls").inner_text()
    page.goto(page.url.partition("/calls")[0] + "/overview")
    assert [] == page.faults
