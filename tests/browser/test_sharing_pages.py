"""Sharing a call and exporting tables by keys in a real browser: no mouse, no fault, nothing grave by axe-core."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.workbench import Options
from support.accessibility import grave_findings
from support.shared_store import shared_store
from support.workbench_server import served

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    made = shared_store(tmp_path_factory.mktemp("sharing"))
    with (
        open_workbench(made.path, options=Options()) as workbench,
        served(workbench) as server,
        sync_api.sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 800, "height": 900})
        opened.problems = []
        opened.on("pageerror", lambda error: opened.problems.append(str(error)))
        opened.on("console", lambda line: opened.problems.append(line.text) if line.type == "error" else None)
        opened.goto(server.link("anna"))
        opened.wait_for_load_state("networkidle")
        opened.origin = f"http://127.0.0.1:{server.port}"
        opened.call = f"{opened.origin}/calls/{made.call_id}"
        yield opened
        browser.close()


def downloaded(page: Any, *keys: str) -> str:
    """Press keys of which the last one makes a file, and return its name."""
    for key in keys[:-1]:
        page.keyboard.press(key)
    with page.expect_download() as download:
        page.keyboard.press(keys[-1])
    assert download.value.failure() is None
    return download.value.suggested_filename


def test_a_call_is_shared_by_keys_alone(page):
    page.goto(page.call)
    page.keyboard.press("S")
    page.wait_for_url("**/share*")
    name = page.inner_text(".shared-name")
    assert f"call-{name}.html" == downloaded(page, "h")
    assert f"call-{name}.pdf" == downloaded(page, "p")
    assert f"clip-{name}-2.html" == downloaded(page, "j", "j", "Enter")
    page.keyboard.press("Escape")
    page.wait_for_url(f"{page.call}*")
    assert "/share" not in page.url
    assert [] == page.problems


def test_notes_are_not_shared_without_their_verdicts(page):
    page.goto(f"{page.call}/share")
    page.check("input[name=notes]")
    assert page.is_checked("input[name=verdicts]")
    page.uncheck("input[name=verdicts]")
    assert not page.is_checked("input[name=notes]")


def test_a_list_is_exported_by_keys_alone(page):
    page.goto(f"{page.origin}/calls?severity=severe")
    page.keyboard.press("e")
    page.wait_for_url("**/exports*")
    assert "severity=severe" in page.url
    assert "cxaudio-verdicts.csv" == downloaded(page, "3", "Enter")
    page.keyboard.press("Escape")
    page.wait_for_url("**/calls*")
    assert "severity=severe" in page.url
    assert [] == page.problems


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_both_pages_fit_800_pixels_and_can_be_used_by_all(page, theme, language):
    page.context.add_cookies(
        [
            {"name": f"cxaudio_{name}", "value": value, "url": page.origin}
            for name, value in (("theme", theme), ("language", language))
        ]
    )
    for address in (f"{page.call}/share", f"{page.origin}/exports?severity=severe"):
        page.goto(address)
        assert [] == grave_findings(page)
        assert 800 == page.evaluate("document.documentElement.scrollWidth")
    assert [] == page.problems
