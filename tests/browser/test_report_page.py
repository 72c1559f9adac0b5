"""The report's page in a real browser: it draws, plays, sorts, changes its language, and uses no network."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxaudio.i18n import texts
from cxaudio.model.report import CallReport
from cxaudio.sinks.page.html import Levels, render_page
from cxaudio.sinks.page.page_audio import PageAudio, page_audio
from support.sample_reports import mono_report, sample_levels, sample_report, write_sample_wav
from support.small_call import call_info, report

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"),
]

HOSTILE = '</script><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
AUDIO = "document.querySelector('audio')"


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--autoplay-policy=no-user-gesture-required",
                "--mute-audio",
            ],
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a recording and its page, and an hour without sound."""
    folder = tmp_path_factory.mktemp("pages")
    contents = sample_report(3)
    recording = write_sample_wav(folder / "my call #1.wav", contents, sample_rate=4000)
    page = folder / "three.html"
    _write(page, contents, audio=page_audio([recording], page=page, embed=False))
    _write(folder / "hour.html", sample_report(60))
    return folder


def _write(path: Path, contents: dict, *, audio: PageAudio | None = None, levels: bool = True) -> Path:
    known = Levels(**{"step_s": 0.05, "agent": None, "customer": None, **sample_levels(contents)}) if levels else None
    path.write_text(render_page(CallReport.from_dict(contents), levels=known, audio=audio), encoding="utf-8")
    return path


class _Opened:
    """A page with its errors and its requests."""

    def __init__(self, browser, path: Path, **options) -> None:
        self.context = browser.new_context(viewport={"width": 1400, "height": 900}, **options)
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.troubles.append(message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    @property
    def time(self) -> float:
        return self.page.evaluate(f"{AUDIO}.currentTime")

    @property
    def view(self) -> tuple[float, float]:
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return tuple(self.page.evaluate("[+lanes.dataset.from, +lanes.dataset.to]"))

    def wait_for(self, condition: str) -> None:
        """Wait for a condition of the page; playwright's own waiting would need eval, which the page forbids."""
        for _ in range(1_000):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(40)
        raise AssertionError(f"never came true: {condition}")

    def wait_until_playing(self) -> None:
        self.wait_for(f"!{AUDIO}.paused && {AUDIO}.readyState >= 2 && !{AUDIO}.seeking")

    def at(self, s: float) -> float:
        """Pixel of an instant, from the left of the window."""
        left, right = 118, 12
        box = self.page.locator("#lanes").bounding_box()
        start, end = self.view
        return box["x"] + left + (s - start) / (end - start) * (box["width"] - left - right)


@pytest.fixture
def opened(browser, folder):
    made: list[_Opened] = []

    def make(name: str = "three.html", **options) -> _Opened:
        made.append(_Opened(browser, folder / name, **options))
        return made[-1]

    yield make
    for page in made:
        page.context.close()


def test_the_page_runs_under_its_own_policy_and_asks_no_network(opened):
    page = opened(offline=True)
    page.wait_for(f"{AUDIO}.readyState >= 1")
    assert page.view == (0.0, 203.47)
    assert [] == page.troubles
    assert all(url.startswith("file:///") for url in page.requests)
    assert 2 == len(set(page.requests))  # the page and the recording


def test_clicking_a_flag_in_the_table_plays_from_two_seconds_before_it(opened):
    page = opened()
    row = page.page.locator("#panel-flags tbody tr").nth(2)
    start = float(row.get_attribute("data-start"))
    row.click()
    page.wait_until_playing()
    assert start - 2.0 <= page.time < start + 1.0
    view = page.view
    assert view[0] < start < view[1] < 203.0
    assert page.text("#inspector").startswith("Left waiting · flag")
    assert "selected" == page.page.locator("#panel-flags tbody tr").nth(2).get_attribute("class")
    assert [] == page.troubles


def test_clicking_a_flag_in_the_timeline_does_the_same(opened):
    page = opened()
    flag = sample_report(3)["flags"][4]
    box = page.page.locator("#lanes").bounding_box()
    page.page.mouse.click(page.at(flag["start"]) + 5, box["y"] + 33)
    page.wait_until_playing()
    assert flag["start"] - 2.0 <= page.time < flag["start"] + 1.0
    assert page.text("#inspector").startswith("Dead air")


def test_clicking_anywhere_plays_from_there(opened):
    page = opened()
    box = page.page.locator("#lanes").bounding_box()
    page.page.mouse.click(page.at(100.0), box["y"] + 180)
    page.wait_until_playing()
    assert 99.5 < page.time < 101.5


def test_keys_move_zoom_play_and_step_from_flag_to_flag(opened):
    page = opened()
    flags = sample_report(3)["flags"]
    press = page.page.keyboard.press
    page.page.focus("#lanes")
    press("+")
    start, end = page.view
    assert end - start == pytest.approx(203.47 / 1.6, abs=0.01)
    press("End")
    assert page.view[1] == pytest.approx(203.47, abs=0.01)
    press("ArrowLeft")
    assert page.view[1] < 203.0
    press("Home")
    assert page.view[0] == 0.0
    press("-")
    assert page.view == (0.0, 203.47)
    press("n")
    page.wait_until_playing()
    assert flags[0]["start"] - 2.0 <= page.time < flags[0]["start"] + 1.0
    press("n")
    page.wait_for(f"{AUDIO}.currentTime > {flags[1]['start'] - 2.1}")
    press("p")
    page.wait_for(f"{AUDIO}.currentTime < {flags[1]['start'] - 3}")
    press(" ")
    page.wait_for(f"{AUDIO}.paused")
    press("Escape")
    assert page.page.locator("#inspector").is_hidden()
    press("0")
    assert page.view == (0.0, 203.47)
    assert [] == page.troubles


def test_wheel_and_drag_zoom_about_the_pointer_and_pan(opened):
    page = opened("hour.html")
    box = page.page.locator("#lanes").bounding_box()
    x, y = box["x"] + 700, box["y"] + 180
    page.page.mouse.move(x, y)
    page.page.mouse.wheel(0, -600)
    page.wait_for("lanes.dataset.from > 0")
    start, end = page.view
    assert end - start < 2000
    page.page.mouse.down()
    page.page.mouse.move(x - 200, y, steps=4)
    page.page.mouse.up()
    moved = page.view
    assert moved[0] > start
    assert moved[1] - moved[0] == pytest.approx(end - start, abs=0.01)
    assert [] == page.troubles


def test_two_fingers_zoom(opened):
    page = opened("hour.html", has_touch=True)
    box = page.page.locator("#lanes").bounding_box()
    touch = page.context.new_cdp_session(page.page)
    middle, y = box["x"] + 700, box["y"] + 180
    for kind, apart in [("touchStart", 60), ("touchMove", 90), ("touchMove", 240)]:
        points = [{"x": middle - apart, "y": y, "id": 0}, {"x": middle + apart, "y": y, "id": 1}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    start, end = page.view
    assert end - start < 3600 / 2
    assert [] == page.troubles


def test_dragging_the_small_picture_moves_the_view(opened):
    page = opened("hour.html")
    page.page.focus("#lanes")
    for _ in range(5):
        page.page.keyboard.press("+")
    start, end = page.view
    page.page.locator("#minimap").scroll_into_view_if_needed()
    box = page.page.locator("#minimap").bounding_box()
    page.page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 15)
    moved = page.view
    assert moved[0] > 2800
    assert moved[1] - moved[0] == pytest.approx(end - start, abs=0.01)


def test_hovering_shows_the_evidence_and_the_readings(opened):
    page = opened()
    flag = sample_report(3)["flags"][0]
    box = page.page.locator("#lanes").bounding_box()
    page.page.mouse.move(page.at(flag["start"]) + 6, box["y"] + 33)
    tip = page.text("#tooltip")
    assert "Rushing · severe" in tip
    assert "1.48×" in tip
    page.page.mouse.move(page.at(60.0), box["y"] + 300)
    tip = page.text("#tooltip")
    assert "dBov" in tip
    assert "syllables/s" in tip


def test_tables_sort_both_ways_and_say_so(opened):
    page = opened()
    page.page.click("#tab-turns")
    head = page.page.locator("#panel-turns thead th").nth(2)
    lengths = (
        "[...document.querySelectorAll('#panel-turns tbody tr')].map((row) => parseFloat(row.cells[2].textContent))"
    )
    head.locator("button").click()
    up = page.page.evaluate(lengths)
    assert sorted(up) == up
    assert "ascending" == page.page.locator("#panel-turns thead th").nth(2).get_attribute("aria-sort")
    page.page.keyboard.press("Enter")
    down = page.page.evaluate(lengths)
    assert sorted(down, reverse=True) == down
    assert len(down) == len(up) == 38


def test_a_row_of_any_table_leads_to_its_place(opened):
    page = opened()
    page.page.click("#tab-responses")
    row = page.page.locator("#panel-responses tbody tr").nth(8)
    start = float(row.get_attribute("data-start"))
    row.locator("button").click()
    page.wait_until_playing()
    assert start - 0.1 <= page.time < start + 1.5


def test_interruptions_can_be_seen_alone(opened):
    page = opened()
    page.page.click("#tab-overlaps")
    everything = page.page.locator("#panel-overlaps tbody tr").count()
    page.page.check("#panel-overlaps input")
    alone = page.page.locator("#panel-overlaps tbody tr")
    assert alone.count() == 4 < everything


@pytest.fixture
def line_page(browser, folder):
    """A page with a hold, a lost side, a ringing and a limit of the whole call that was broken."""
    contents = sample_report(3)
    contents["holds"] = [
        {"kind": "music", "side": "customer", "start": 100.0, "end": 103.0, "decided_at": 103.0},
        {"kind": "not_recorded", "side": "customer", "start": 190.0, "end": 203.47, "decided_at": 203.47},
    ]
    contents["dropouts"] = []
    contents["tempo"] = [
        {"start": 0.0, "end": 60.0, "state": "neutral", "signs": []},
        {"start": 60.0, "end": 203.47, "state": "hurried", "signs": ["rate_above_baseline", "cut_ins"]},
    ]
    contents["line_sounds"] = [{"kind": "ringing", "side": "agent", "start": 20.0, "end": 40.0, "decided_at": 40.0}]
    contents["silences"] = [
        {"start": 10.0, "end": 11.9, "decided_at": 12.0, "owed_by": None},
        {"start": 50.0, "end": 52.0, "decided_at": 52.0, "owed_by": "agent"},
    ]
    contents["whole_call"]["flags"] = [
        {"rule": "silence_share", "severity": "flag", "side": None, "measured": 0.4, "limit": 0.25, "unit": "share"}
    ]
    made = []

    def make(**options):
        made.append(_Opened(browser, _write(folder / "line.html", contents), **options))
        return made[-1]

    yield make
    for page in made:
        page.context.close()


def test_what_is_left_out_has_a_name_under_the_pointer_and_in_the_legend(line_page):
    page = line_page()
    box = page.page.locator("#lanes").bounding_box()
    n_rows = 3 if len(sample_report(3)["flags"]) > 6 else 2
    lanes_top = box["y"] + 20 + 2 + 22 * n_rows + 2 + 20 + 8  # axis, gap, rows of flags, nudges, gap
    page.page.mouse.move(page.at(101.5), lanes_top + 30)
    tip = page.text("#tooltip")
    assert tip.startswith("hold: music")
    assert "3.0 s" in tip
    page.page.mouse.move(page.at(195.0), lanes_top + 62 + 40 + 30)
    assert page.text("#tooltip").startswith("one side was not recorded")
    page.page.mouse.move(page.at(195.0), lanes_top + 30)
    assert "not recorded" not in page.text("#tooltip"), "the other side was"
    page.page.mouse.move(page.at(30.0), lanes_top + 1)
    assert page.text("#tooltip").startswith("line: ringing")
    page.page.mouse.move(page.at(90.0), lanes_top + 62 + 40 + 62 + 8 + 10)
    assert "faster than their own baseline, cut in repeatedly" in page.text("#tooltip"), "the tempo says why"
    page.page.click("#tab-tempo")
    assert "faster than their own baseline, cut in repeatedly" in page.text("#panel-tempo")
    legend = page.text("#legend")
    assert "left out of all figures" in legend
    assert "sound of the line" in legend
    assert [] == page.troubles


def test_the_legend_names_only_what_the_call_shows(line_page):
    page = line_page()
    legend = page.text("#legend")
    assert "silence, agent owes the reply" in legend
    assert "silence, customer owes the reply" not in legend


def test_short_silences_can_be_left_out_and_are_in_print(line_page):
    page = line_page()
    page.page.click("#tab-silences")
    rows = page.page.locator("#panel-silences tbody tr")
    assert 5 == rows.count()
    page.page.check("#panel-silences input")
    assert 4 == rows.count(), "the silence of 1.9 s is left out; holds and sounds of the line are not"
    page.page.uncheck("#panel-silences input")
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert 4 == rows.count()


def test_a_limit_of_the_whole_call_is_a_row_that_leads_nowhere(line_page):
    page = line_page()
    last = page.page.locator("#panel-flags tbody tr").last
    assert "Whole call" in last.inner_text()
    assert "Mutual silence" in last.inner_text()
    assert "40 %" in last.inner_text()
    last.click()
    assert page.page.locator("#inspector").is_hidden()
    assert page.text("#tab-flags").endswith(str(page.page.locator("#panel-flags tbody tr").count()))


def test_evidence_stands_under_its_row_on_a_narrow_screen(line_page):
    page = line_page()
    row = page.page.locator("#panel-flags tbody tr").first
    for width, below in ((1400, False), (800, True)):
        page.page.set_viewport_size({"width": width, "height": 900})
        first, evidence = row.locator("td").first.bounding_box(), row.locator("td.evidence").bounding_box()
        assert below == (evidence["y"] >= first["y"] + first["height"] - 1)
        if below:
            assert evidence["width"] > 600
        assert not page.page.evaluate("document.documentElement.scrollWidth > innerWidth"), "no sideways scrolling"


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_the_language_switches_every_word(opened, language):
    page = opened()
    if language == "en":
        page.page.click('[data-set-language="zh-Hans"]')
    page.page.click(f'[data-set-language="{language}"]')
    words = texts(language)
    assert language == page.page.evaluate("document.documentElement.lang")
    assert words["table.flags"] in page.text("#tab-flags")
    assert words["rule.left_waiting"] in page.text("#panel-flags")
    assert words["measure.articulation_rate"] in page.text("#side-table")
    assert words["player.fit"] == page.text("#fit")
    assert words["page.timeline_label"] == page.page.get_attribute("#lanes", "aria-label")
    if language != "en":
        assert "agent" not in page.text("main").lower()
        assert "字/分" in page.text(".figures")
    assert [] == page.troubles


def test_hostile_text_stays_text(browser, folder):
    contents = sample_report(3)
    contents["call"]["id"] = HOSTILE
    contents["flags"][0].update(rule=HOSTILE, unit=HOSTILE, evidence={HOSTILE: HOSTILE})
    contents["notices"][0]["unit"] = HOSTILE
    contents["nudges"][0]["message_key"] = HOSTILE
    contents["settings"]["values"][HOSTILE] = {HOSTILE: HOSTILE}
    contents["call"]["headset"] = HOSTILE
    audio = PageAudio(sources=(), name=HOSTILE, kind="unplayable")
    page = _Opened(browser, _write(folder / "hostile.html", contents, audio=audio))
    for tab in ("overlaps", "nudges", "flags"):
        page.page.click(f"#tab-{tab}")
    page.page.locator("#panel-flags tbody tr").first.click()
    page.page.click("#call-settings summary")
    assert page.page.evaluate("window.hacked") is None
    assert 0 == page.page.locator("img").count()
    assert HOSTILE in page.text(".call-id")
    assert [] == page.troubles
    page.context.close()


def test_a_missing_recording_is_said(browser, folder):
    audio = PageAudio(sources=("./gone.wav",), name="gone.wav", kind="linked")
    page = _Opened(browser, _write(folder / "missing.html", sample_report(3), audio=audio))
    page.wait_for("document.getElementById('play').disabled")
    assert "gone.wav cannot be opened from here" in page.text("#sound-note")
    page.context.close()


def test_two_recordings_play_together(browser, folder):
    contents = sample_report(3)
    pair = [write_sample_wav(folder / f"{side}.wav", contents, sample_rate=4000) for side in ("agent", "customer")]
    path = folder / "pair.html"
    page = _Opened(browser, _write(path, contents, audio=page_audio(pair, page=path, embed=False)))
    page.page.locator("#panel-flags tbody tr").first.click()
    page.wait_until_playing()
    tracks = "[...document.querySelectorAll('audio')].map((track) => track.currentTime)"
    page.wait_for("[...document.querySelectorAll('audio')].every((track) => !track.paused && track.readyState > 2)")
    page.page.wait_for_timeout(200)
    first, second = page.page.evaluate(tracks)
    assert abs(first - second) < 0.3
    assert [] == page.troubles
    page.context.close()


def test_a_copy_inside_the_page_plays_by_itself(browser, folder, tmp_path):
    contents = sample_report(3)
    recording = write_sample_wav(folder / "copied.wav", contents, sample_rate=4000)
    path = tmp_path / "alone.html"
    page = _Opened(browser, _write(path, contents, audio=page_audio([recording], page=path, embed=True)))
    page.page.locator("#panel-flags tbody tr").first.click()
    page.wait_until_playing()
    start = contents["flags"][0]["start"]
    assert start - 2.0 <= page.time < start + 1.0
    assert [] == page.troubles
    page.context.close()


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(CallReport.from_dict(mono_report()), id="mono"),
        pytest.param(report(made=()), id="silent"),
        pytest.param(report(call_info(channels=(0, None), two_sided=False), ()), id="silent mono"),
    ],
)
def test_what_a_report_lacks_is_left_out(browser, folder, found):
    path = folder / "lacking.html"
    path.write_text(render_page(found, levels=None), encoding="utf-8")
    page = _Opened(browser, path)
    page.page.click('[data-set-theme="dark"]')
    assert [] == page.troubles
    page.context.close()


def test_a_mono_mix_shows_no_two_sided_table(browser, folder):
    path = _write(folder / "mono.html", mono_report())
    page = _Opened(browser, path)
    assert 0 == page.page.locator("#tab-flags, #tab-overlaps, #tab-responses").count()
    assert "All voices" in page.text("#side-table")
    page.context.close()


def test_an_hour_draws_quickly(opened):
    page = opened("hour.html")
    page.page.focus("#lanes")
    times = []
    for key in "++++----":
        page.page.keyboard.press(key)
        assert page.view
        times.append(float(page.page.get_attribute("#lanes", "data-draw-ms")))
    assert min(times) < 150  # the fastest of several: other work on the machine is not the page's


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_from_the_paper(opened, theme):
    """Published: WCAG 2.2, success criterion 1.4.3, asks 4.5:1 for text."""
    page = opened(color_scheme=theme)
    ratios = page.page.evaluate(
        """() => {
          const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
          const light = (colour) => {
            pen.fillStyle = colour;
            pen.fillRect(0, 0, 1, 1);
            const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((c) => c / 255)
              .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const style = getComputedStyle(document.documentElement);
          const of = (name) => light(style.getPropertyValue("--" + name).trim());
          const against = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          const found = {};
          for (const paper of ["paper", "wash", "sheet"]) {
            for (const ink of ["ink", "ink-2", "ink-3", "agent-ink", "customer-ink", "alarm-ink"]) {
              found[`${ink} on ${paper}`] = against(of(ink), of(paper));
            }
          }
          for (const mark of ["agent", "customer", "alarm", "purple", "green"]) {
            found[`mark ${mark}`] = against(of(mark), of("paper")) * 1.5; // signs need 3:1 (1.4.11)
          }
          return found;
        }"""
    )
    assert {} == {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 4.5}


def test_a_call_prints(opened):
    assert opened().page.pdf().startswith(b"%PDF")


def test_in_print_the_timeline_is_broken_into_rows(opened):
    page = opened("hour.html")
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.page.emulate_media(media="print")
    assert 12 == page.page.locator("#print-rows canvas").count()
    assert page.page.locator("#lanes").is_hidden()
    assert page.page.locator("#panel-flags table").is_visible()
    assert page.page.locator("#panel-turns").is_hidden()
    page.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert 0 == page.page.locator("#print-rows canvas").count()


def test_the_page_fits_a_narrow_window(opened):
    page = opened()
    for width in (1400, 800, 420, 360):
        page.page.set_viewport_size({"width": width, "height": 900})
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width
