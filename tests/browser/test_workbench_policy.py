"""The page of limits in a browser: by keys alone, without a reload, and with its values in the address."""

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cxaudio.workbench.serving.visitor import Visitor
from support.accessibility import grave_findings
from support.opened_pages import opened_pages
from support.tried_workbench import tried_workbench
from support.workbench_server import served

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"),
]

FLAG = "[data-key='left_waiting.flag_s']"
QUERY = "left_waiting.flag_s=3.5&dead_air.note_s=2"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page as anna; its ``faults`` are what it wrote into the console."""
    with (
        tried_workbench(tmp_path_factory.mktemp("tried")) as workbench,
        served(workbench, Visitor(name="anna")) as running,
        sync_api.sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with opened_pages(browser, {"anna": running.client("anna")}) as open_page:
            yield open_page
        browser.close()


def settled(page: Any) -> None:
    """Wait until what is tried was judged."""
    page.locator("#answer > *").first.wait_for()
    page.locator("#working").wait_for(state="hidden")


def test_a_limit_is_moved_by_keys_and_its_answer_comes_without_a_reload(opened):
    page = opened("/policy")
    page.get_by_text("Nothing differs").wait_for()
    page.locator(f"{FLAG} input[type=range]").focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.locator("#answer .basis").wait_for()
    assert "4.7" == page.input_value(f"{FLAG} input[type=number]")
    page.keyboard.press("PageDown")
    assert "3.7" == page.input_value(f"{FLAG} input[type=number]")
    page.wait_for_url("**/policy?left_waiting.flag_s=3.7")
    page.locator(f"{FLAG}.changed").wait_for()
    settled(page)
    page.get_by_text("All 12 calls were judged.").wait_for()
    assert "1 changed" == page.locator("[data-section=left_waiting] .changed-count").inner_text()
    assert ([], 1) == (page.faults, len(page.loads))


def test_r_resets_the_limit_in_use_and_then_all(opened):
    page = opened(f"/policy?{QUERY}")
    settled(page)
    page.locator(f"{FLAG} input[type=range]").focus()
    page.keyboard.press("r")
    page.wait_for_url(re.compile(r"/policy\?dead_air\.note_s=2$"))
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("r")
    page.wait_for_url(re.compile("/policy$"))
    page.get_by_text("Nothing differs").wait_for()
    assert page.locator("#reset").is_disabled()


def test_a_number_that_is_typed_moves_the_slider_and_a_letter_in_a_field_is_no_key(opened):
    page = opened("/policy")
    page.fill(f"{FLAG} input[type=number]", "6.3")
    assert "6.3" == page.input_value(f"{FLAG} input[type=range]")
    page.wait_for_url("**/policy?left_waiting.flag_s=6.3")
    page.locator("[data-key='nudges.disabled']").evaluate("field => { field.closest('details').open = true; }")
    page.locator("[data-key='nudges.disabled'] input").press_sequentially("rs")
    assert "rs" == page.input_value("[data-key='nudges.disabled'] input")
    assert not page.locator("#save-dialog").is_visible()


def test_what_a_setting_refuses_is_marked_there(opened):
    page = opened("/policy?left_waiting.flag_s=12")
    page.locator(f"{FLAG} input[aria-invalid]").first.wait_for()
    assert "must lie between note_s and severe_s" in page.locator("#answer").inner_text()
    page.fill(f"{FLAG} input[type=number]", "9")
    page.locator("#answer .basis").wait_for()
    assert 0 == page.locator("[aria-invalid]").count()
    assert [] == page.faults


def test_all_calls_are_judged_by_the_key_and_the_answer_is_exact(opened):
    page = opened("/policy?left_waiting.flag_s=3.4")
    settled(page)
    page.keyboard.press("a")
    page.get_by_text("All 12 calls were judged.").wait_for()
    page.locator("#all-progress").wait_for(state="hidden")
    assert [] == page.faults


def test_a_chart_is_shown_beneath_its_limit_and_put_away_by_the_same_key(opened):
    page = opened("/policy")
    page.locator(f"{FLAG} input[type=range]").focus()
    page.keyboard.press("c")
    page.locator(f"{FLAG} + div .tradeoff circle").nth(8).wait_for()
    assert "true" == page.locator(f"{FLAG} .show-chart").get_attribute("aria-pressed")
    page.keyboard.press("c")
    page.locator(".tradeoff").wait_for(state="detached")
    assert [] == page.faults


def test_the_keys_of_the_page_stand_in_its_help(opened):
    page = opened("/policy")
    page.keyboard.press("?")
    page.locator("#help-keys").get_by_text("Judge all calls").wait_for()
    shown = page.locator("#help-keys").inner_text()
    assert all(text in shown for text in ("Move it by ten steps", "Reset the limit in use, or all", "Save the policy"))


@pytest.mark.slow
def test_a_policy_is_saved_opened_and_deleted_by_keys(opened):
    page = opened(f"/policy?{QUERY}")
    settled(page)
    page.keyboard.press("s")
    page.locator("#save-name").wait_for()
    page.keyboard.type("a/b")
    page.keyboard.press("Enter")
    page.locator("#save-problem").get_by_text("cannot name a policy").wait_for()
    page.fill("#save-name", "Milder")
    page.keyboard.press("Enter")
    page.locator(".saved-policies").get_by_text("Milder").wait_for()
    page.locator("#save-name").wait_for(state="hidden")  # until then a key is a letter of the name
    page.keyboard.press("r")
    page.wait_for_url(re.compile("/policy$"))
    page.locator(".saved-policies a").click()
    page.wait_for_url(f"**/policy?{QUERY}")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".delete-policy").click()
    page.locator(".saved-policies li").wait_for(state="detached")
    assert [] == [line for line in page.faults if "400" not in line]


def test_the_page_works_without_scripts(opened):
    page = opened("/policy", java_script_enabled=False)
    assert 0 == page.locator("input[type=range]:visible").count()
    page.fill(f"{FLAG} input[type=number]", "3.5")
    page.locator("button.without-script").click()
    page.locator("#answer .basis").wait_for()
    assert "left_waiting.flag_s=3.5" in page.url
    assert "3.5" == page.input_value(f"{FLAG} input[type=number]")


@pytest.mark.slow
@pytest.mark.parametrize("path", [f"/policy?{QUERY}", "/policy", f"/policy/compare?{QUERY}"])
@pytest.mark.parametrize(
    ("width", "theme", "language"), [(1280, "light", "en"), (800, "dark", "zh-Hans"), (500, "light", "en")]
)
def test_the_page_is_accessible_and_does_not_scroll_sideways(opened, path, width, theme, language):
    page = opened(path, width=width, theme=theme, language=language)
    if "compare" not in path:
        settled(page)
    assert [] == grave_findings(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
