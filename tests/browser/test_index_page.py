"""The page of many calls in a real browser: it sorts, filters, keeps its view in the address, and uses no network."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from cxaudio.i18n import texts
from cxaudio.sinks.index_page.html import render_index
from cxaudio.sinks.index_page.listed_call import FailedCall, ListedCall

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"),
]

HOSTILE = '</script><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
FAILED = [FailedCall(name="broken.wav", reason="is no recording; export it again", n_tries=3)]


def calls(n: int = 60) -> list[ListedCall]:
    """Return calls of which the k-th is worse than all after it: call-00 to call-59."""
    rules = ("rushing", "dead_air", "left_waiting")
    return [
        ListedCall(
            name=f"call-{k:02d}",
            page=f"pages/call {k:02d}.html",
            duration_s=60.0 + (k * 7919) % 600,
            started_at=START + timedelta(hours=9 * k),
            agent=("Anna", "Ben", "客服三")[k % 3],
            queue=("Orders", None)[k % 2],
            timeline=("aac-bh" * 10),
            flag_letters=("sf-" + "-" * 57) if k < 20 else None,
            n_severe=max(0, 20 - k) if k < 58 else None,
            n_flag=max(0, 40 - k) if k < 58 else None,
            n_whole_call=0 if k < 58 else None,
            in_step_share=1 - (60 - k) / 100 if k < 50 else None,
            rules=rules[k % 3] if k < 40 else "",
            whole_call_rules="",
            notices="noisy" if k % 10 == 0 else "",
            sentence=f"Sentence number {k} of the agent.",
        )
        for k in range(n)
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    (folder / "index.html").write_text(render_index(calls(), FAILED), encoding="utf-8")
    (folder / "pages").mkdir()
    for k in range(3):
        (folder / "pages" / f"call {k:02d}.html").write_text(f"<h1>page {k}</h1>")
    return folder


class _Opened:
    """A page with its errors and its requests."""

    def __init__(self, browser, path: Path, fragment: str = "", **options) -> None:
        self.context = browser.new_context(viewport={"width": 1400, "height": 900}, **options)
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.troubles.append(message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri() + fragment)
        self.wait_for("document.documentElement.dataset.ready === 'yes'")

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def wait_for(self, condition: str) -> None:
        for _ in range(1_000):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"never came true: {condition}")

    @property
    def names(self) -> list[str]:
        """Names of the rows that were made, from the top."""
        return self.page.evaluate("[...document.querySelectorAll('#calls-body .name')].map((each) => each.textContent)")

    @property
    def fragment(self) -> str:
        return unquote(self.page.evaluate("location.hash"))

    def shows(self, n: int) -> None:
        self.wait_for(f"document.getElementById('calls').getAttribute('aria-rowcount') === '{n + 1}'")


@pytest.fixture
def opened(browser, folder):
    made: list[_Opened] = []

    def make(fragment: str = "", **options) -> _Opened:
        made.append(_Opened(browser, folder / "index.html", fragment, **options))
        return made[-1]

    yield make
    for page in made:
        page.context.close()


def test_it_opens_from_disk_under_its_own_policy_and_shows_the_worst_first(opened):
    page = opened(offline=True)
    assert ["call-00", "call-01", "call-02"] == page.names[:3]
    assert "60 calls" in page.text("h1")
    assert "Calls shown: 60 of 60." == page.text("#status")
    assert page.text("#order").startswith("Worst first: most severe flags")
    assert [] == page.troubles
    assert 1 == len(page.requests)


def test_it_has_only_the_columns_and_filters_that_there_is_something_for(opened):
    page = opened()
    heads = page.page.evaluate("[...document.querySelectorAll('#calls-head button')].map((each) => each.textContent)")
    assert "Agent" in heads
    assert "Queue" in heads
    assert "Team" not in heads
    assert 0 == page.page.locator("select[name=team]").count()


def test_every_column_sorts_both_ways_and_back(opened):
    page = opened()
    columns = page.page.evaluate("[...document.querySelectorAll('#calls-head > *')].map((each) => each.classList[0])")
    assert 12 == len(columns)
    for column in columns:
        seen = []
        for _ in range(2):
            page.page.evaluate(f"document.querySelector('#calls-head .{column} button').click()")
            seen.append((page.page.get_attribute(f"#calls-head .{column}", "aria-sort"), page.fragment))
        assert {"ascending", "descending"} == {sort for sort, _ in seen}, column
        assert {f"#sort={column}", f"#sort=-{column}"} == {fragment for _, fragment in seen}
        page.page.evaluate(f"document.querySelector('#calls-head .{column} button').click()")
        assert ("", "call-00") == (page.fragment, page.names[0])
    page.page.click("#calls-head .duration button")
    longest = max(calls(), key=lambda call: call.duration_s)
    assert longest.name == page.names[0]
    assert "Sorted by Length, largest first" in page.text("#order")
    assert [] == page.troubles


def test_filters_narrow_the_table_and_stand_in_the_address(opened):
    page = opened()
    page.page.select_option("select[name=agent]", "客服三")
    page.shows(20)
    page.page.select_option("select[name=severity]", "severe")
    page.shows(6)
    assert {"agent=客服三", "severity=severe"} == set(page.fragment[1:].split("&"))
    page.page.fill("#search", "number 8 ")
    page.shows(1)
    assert ["call-08"] == page.names
    again = opened(page.page.evaluate("location.hash"))
    assert ["call-08"] == again.names
    assert "客服三" == again.page.input_value("select[name=agent]")
    assert "number 8" == again.page.input_value("#search")
    page.page.fill("#search", "no such call")
    page.shows(0)
    assert page.page.is_visible("#nothing")
    page.page.click("#reset")
    page.shows(60)
    assert "" == page.fragment


def test_dates_unknown_paces_and_notices_filter(opened):
    page = opened()
    page.page.fill("input[name=from]", "2026-11-03")
    page.page.fill("input[name=to]", "2026-11-03")
    page.shows(3)
    assert ["call-02", "call-03", "call-04"] == sorted(page.names)
    page.page.keyboard.press("Escape")
    page.page.click("#reset")
    page.page.check("input[name=pace]")
    page.shows(10)
    page.page.select_option("select[name=notices]", "any")
    page.shows(1)
    assert ["call-50"] == page.names


def test_of_calls_with_one_name_the_one_that_was_selected_stays_selected(browser, tmp_path):
    """With plain names, recordings in two folders can have the same one."""
    same = [
        ListedCall(name="a.wav", page=None, duration_s=60.0, n_severe=2 - k, sentence=f"Sentence number {k}.")
        for k in range(3)
    ]
    (tmp_path / "index.html").write_text(render_index(same), encoding="utf-8")
    page = _Opened(browser, tmp_path / "index.html")
    page.page.keyboard.press("j")
    page.page.keyboard.press("j")
    assert "Sentence number 1." == page.text("#inspector .sentence")
    page.page.click("[data-set-theme=dark]")
    assert "Sentence number 1." == page.text("#inspector .sentence")
    page.page.click("#calls-head .severe button")
    page.page.click("#calls-head .severe button")
    assert "Sentence number 1." == page.text("#inspector .sentence")
    page.context.close()


def test_keys_search_move_open_and_reset(opened):
    page = opened()
    press = page.page.keyboard.press
    press("j")
    press("j")
    assert "call-01" == page.page.evaluate("document.activeElement.textContent")
    press("ArrowDown")
    press("k")
    assert "#call=call-01" == page.fragment
    assert "Sentence number 1 of the agent." in page.text("#inspector")
    press("/")
    assert "search" == page.page.evaluate("document.activeElement.id")
    page.page.keyboard.type("call-2")
    page.shows(10)
    press("Enter")
    assert "call-20" == page.page.evaluate("document.activeElement.textContent")
    press("r")
    page.shows(60)
    assert "" == page.fragment
    assert page.page.locator("#inspector").is_hidden()
    press("j")
    press("j")
    press("j")
    with page.page.expect_navigation():
        press("Enter")
    assert "page 2" == page.text("h1")
    page.page.go_back()
    page.wait_for("document.documentElement.dataset.ready === 'yes'")
    assert "Sentence number 2 of the agent." in page.text("#inspector")
    assert [] == page.troubles


def test_end_scrolls_to_the_last_row_and_only_rows_near_the_screen_are_made(opened):
    page = opened()
    assert len(page.names) < 40
    page.page.keyboard.press("j")
    page.page.keyboard.press("End")
    page.wait_for("[...document.querySelectorAll('#calls-body .name')].some((each) => each.textContent === 'call-59')")
    row = page.page.locator("#calls-body .row", has_text="call-59").bounding_box()
    inspector = page.page.locator("#inspector").bounding_box()
    assert 0 < row["y"] <= inspector["y"] - row["height"] + 1
    assert "call-00" not in page.names


def test_rows_are_a_table_to_a_screen_reader(opened):
    page = opened()
    table = page.page.locator("#calls")
    assert ("table", "61") == (table.get_attribute("role"), table.get_attribute("aria-rowcount"))
    rows = page.page.locator("#calls-body [role=row]")
    assert ["2", "3"] == [rows.nth(k).get_attribute("aria-rowindex") for k in range(2)]
    n_columns = page.page.locator("#calls-head [role=columnheader]").count()
    assert n_columns == rows.first.locator("[role=cell], [role=rowheader]").count()
    label = rows.first.locator("canvas").get_attribute("aria-label")
    assert "agent speaks 50 %, customer speaks 33 %, hold 17 %, silence 17 %" == label
    assert 1 == page.page.locator("#calls-body [tabindex='0']").count(), "one stop of the tab key"


def test_the_second_tab_lists_what_failed_with_its_reason(opened):
    page = opened()
    page.page.focus("#tab-calls")
    page.page.keyboard.press("ArrowRight")
    assert "#tab=failed" == page.fragment
    assert page.page.locator("#panel-calls").is_hidden()
    table = page.text("#failed")
    assert "broken.wav" in table
    assert "is no recording; export it again" in table
    page.page.fill("#search", "empty")
    page.wait_for("!document.querySelector('#failed tbody tr')")
    assert "Recordings shown: 0 of 1." == page.text("#status")


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_the_language_switches_every_word(opened, language):
    page = opened()
    if language == "en":
        page.page.click('[data-set-language="zh-Hans"]')
    page.page.click(f'[data-set-language="{language}"]')
    words = texts(language)
    assert language == page.page.evaluate("document.documentElement.lang")
    for key in ("column_name", "column_out_of_step", "filter_severity", "tab_failed", "order_worst", "legend_hold"):
        assert words[f"index.{key}"] in page.text("main"), key
    assert words["rule.rushing"] in page.text("#calls-body .row:first-child .rules")
    assert words["index.search_hint"] == page.page.get_attribute("#search", "placeholder")
    if language != "en":
        shown = page.page.evaluate(
            "document.querySelector('.asking').innerText + document.querySelector('#calls-head').innerText"
        )
        assert not {"Agent", "Severe", "Length", "Rule"} & set(shown.split())
    assert [] == page.troubles


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_paper(opened, scheme):
    """WCAG 2.2, contrast of text: 4.5 to 1."""
    page = opened(color_scheme=scheme)
    page.page.keyboard.press("j")
    ratio = """(selector) => {
      const parts = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
      const linear = (x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
      const light = (text) => {
        const [r, g, b] = parts(text).map((x) => linear(x / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const element = document.querySelector(selector);
      let under = element;
      while (getComputedStyle(under).backgroundColor === "rgba(0, 0, 0, 0)") under = under.parentElement;
      const [a, b] = [light(getComputedStyle(element).color), light(getComputedStyle(under).backgroundColor)];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }"""
    selectors = [
        "#calls-head .name button", "#calls-body .name a", "#calls-body .severe", "#calls-body .flagged",
        "#calls-body .zero", "#calls-body .sentence", "#calls-body .started", "#status", "#order", ".legend span",
        "#inspector dt", "#inspector .actions a", ".footer p", ".asking label span",
    ]  # fmt: skip
    ratios = {selector: page.page.evaluate(ratio, selector) for selector in selectors}
    assert {} == {selector: found for selector, found in ratios.items() if found < 4.5}


@pytest.mark.parametrize("width", [1400, 1080, 800, 600])
def test_it_fits_a_narrow_window(opened, width):
    page = opened()
    page.page.set_viewport_size({"width": width, "height": 900})
    page.page.keyboard.press("j")
    assert not page.page.evaluate("document.documentElement.scrollWidth > innerWidth"), "no sideways scrolling"
    boxes = page.page.evaluate("""[...document.querySelectorAll('#calls-body .row:first-child > *')]
        .map((cell) => cell.getBoundingClientRect()).map((box) => [box.left, box.right, box.top, box.bottom])""")
    for k, (left, right, top, bottom) in enumerate(boxes):
        for other in boxes[k + 1 :]:
            apart = right <= other[0] + 1 or other[1] <= left + 1 or bottom <= other[2] + 1 or other[3] <= top + 1
            assert apart, "no cell lies upon another"


def test_paper_gets_two_hundred_rows_and_says_what_is_left_out(browser, tmp_path):
    path = tmp_path / "index.html"
    rows = [ListedCall(name=f"{k:03d}", page=None, duration_s=5.0, n_severe=300 - k) for k in range(203)]
    path.write_text(render_index(rows), encoding="utf-8")
    page = _Opened(browser, path)
    page.page.emulate_media(media="print")
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert 200 == len(page.names)
    assert "3 more calls are left out in print." == page.text("#print-left-out")
    page.page.emulate_media(media="screen")
    page.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert len(page.names) < 40
    page.context.close()


def test_what_the_page_leaves_out_is_told(browser, tmp_path):
    path = tmp_path / "index.html"
    path.write_text(render_index(calls(), max_calls=3), encoding="utf-8")
    page = _Opened(browser, path)
    assert "lists the 3 worst of 60 calls" in page.text("#left-out")
    assert "Calls shown: 3 of 3." == page.text("#status")
    page.context.close()


def test_hostile_text_stays_text(browser, tmp_path):
    path = tmp_path / "index.html"
    words = HOSTILE.replace(" ", "")
    row = ListedCall(
        name=HOSTILE, page=f"javascript:{HOSTILE}", duration_s=9.0, agent=HOSTILE, team=HOSTILE, queue=HOSTILE,
        direction=HOSTILE, timeline=HOSTILE[:60], n_severe=1, n_flag=1, n_whole_call=1, rules=words,
        whole_call_rules=words, notices=words, sentence=HOSTILE,
    )  # fmt: skip
    path.write_text(render_index([row], [FailedCall(name=HOSTILE, reason=HOSTILE)]), encoding="utf-8")
    page = _Opened(browser, path, f"#q={HOSTILE}&agent={HOSTILE}")
    page.page.click("#reset")
    page.page.keyboard.press("j")
    assert page.page.evaluate("document.querySelector('#calls-body a').href").startswith("file:///")
    page.page.click("#tab-failed")
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.page.evaluate("window.hacked") is None
    assert 0 == page.page.locator("img").count()
    assert HOSTILE in page.text("#failed")
    assert [] == page.troubles
    page.context.close()


def test_an_index_without_a_call_is_no_error(browser, tmp_path):
    path = tmp_path / "index.html"
    path.write_text(render_index([], FAILED), encoding="utf-8")
    page = _Opened(browser, path)
    page.page.keyboard.press("j")
    page.page.keyboard.press("Enter")
    assert page.page.is_visible("#nothing")
    assert [] == page.troubles
    page.context.close()
