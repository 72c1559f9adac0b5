"""The headset pages in a browser: five models side by side, moving by keys, on paper, light and dark."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cxaudio.laboratory.measures.headset_report import HeadsetReport, measure_headset
from cxaudio.laboratory.report.page import render_headsets
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.made.simulated_headset import SimulatedHeadset
from support.accessibility import grave_findings
from support.lab_takes import RATE, lab_takes

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"),
]

MODEL = SimulatedHeadset(sample_rate=RATE, noise_dbov=-76, delay_samples=320, skew_ppm=-140, hum_dbov=-60)
NAMES = (
    "Jabra Evolve2 65 MS Stereo USB-A",
    "Poly Voyager Focus 2 UC USB-C",
    "EPOS Impact SC 660 ANC USB ML",
    "Hion U830",
    "Logitech Zone Wired TEAMS Over-the-Ear",
)
ROLES = (Role.QUIET, Role.SPEECH, Role.SWEEP_LOUD, Role.OPENING)
PAGES = ((1, "en"), (5, "en"), (5, "zh-Hant"))
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def reports() -> list[HeadsetReport]:
    """One headset measured; the others differ from it in name only, so that the page is full of long names."""
    measured = measure_headset(judge_takes(NAMES[0], lab_takes([MODEL], roles=ROLES, n_openings=3)))
    return [replace(measured, model=name) for name in NAMES]


@pytest.fixture(scope="module")
def pages(reports, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for n, language in PAGES:
        text = render_headsets(reports[:n], versions={}, page_language=language)
        (folder / f"{n}-{language}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield launched
        launched.close()


@contextmanager
def opened(browser: Any, path: Path, *, width: int = 1280, **options: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    try:
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda line: faults.append(line.text))
        page.goto(path.as_uri())
        yield page
        assert faults == []
    finally:
        context.close()


@pytest.mark.parametrize(("n", "language"), PAGES)
def test_nothing_scrolls_sideways(browser, pages, n, language):
    for width in (1280, 800):
        with opened(browser, pages / f"{n}-{language}.html", width=width) as page:
            assert page.evaluate(SIDEWAYS) <= 0, width
            cut = page.evaluate(
                "() => [...document.querySelectorAll('th, td.number')]"
                ".filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.trim())"
            )
            assert cut == [], width


def test_a_narrow_window_scrolls_tables_and_not_the_page(browser, pages):
    with opened(browser, pages / "5-en.html", width=500) as page:
        assert page.evaluate(SIDEWAYS) <= 0


def test_sections_are_reached_by_keys_and_stay_in_sight(browser, pages):
    with opened(browser, pages / "5-en.html") as page:
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("() => document.activeElement.getAttribute('href')") == "#figures":
                break
        page.keyboard.press("Enter")
        assert page.url.endswith("#figures")
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(300)
        top, height = page.evaluate("() => [scrollY, innerHeight]")
        assert top > height
        menu = page.locator(".sections").bounding_box()
        head = page.locator(".figures-table thead th").first.bounding_box()
        assert menu["y"] == pytest.approx(0, abs=1)
        assert head["y"] == pytest.approx(menu["height"], abs=2), "names of the models stay in sight below it"


def test_paper_has_no_menu_and_repeats_heads(browser, pages):
    with opened(browser, pages / "5-en.html") as page:
        page.emulate_media(media="print")
        assert not page.locator(".sections").is_visible()
        style = page.locator("thead").first.evaluate("e => getComputedStyle(e).display")
        assert style == "table-header-group"
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_dark_is_dark_and_paper_is_light(browser, pages):
    colour = "() => getComputedStyle(document.documentElement).backgroundColor"
    with opened(browser, pages / "1-en.html", color_scheme="dark") as page:
        assert page.evaluate(colour) == "rgb(20, 22, 26)"
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate(colour) == "rgb(255, 255, 255)"


def test_five_models_differ_in_colour_and_dash(browser, pages):
    with opened(browser, pages / "5-en.html") as page:
        looks = page.evaluate(
            "() => [1, 2, 3, 4, 5].map(k => getComputedStyle(document.querySelector(`line.m${k}`)))"
            ".map(style => [style.stroke, style.strokeDasharray])"
        )
    assert len({colour for colour, _ in looks}) == len({dash for _, dash in looks}) == 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["1-en", "5-zh-Hant"])
def test_axe_finds_nothing_grave(browser, pages, name, scheme):
    with opened(browser, pages / f"{name}.html", color_scheme=scheme, bypass_csp=True) as page:
        assert grave_findings(page) == []
