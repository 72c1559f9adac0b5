"""The sound and the waveform of a call in a real browser: it plays to its end, jumps, and is drawn where it sounds."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.workbench import Options
from support.sound_store import store_with
from support.workbench_server import served
from support.written_sound import write_sound

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"),
]

DURATION_S = 100  # 3.2 MB, more than three answers
AGENT_S, CUSTOMER_S = (10, 30), (50, 90)  # when each of them sounds


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("sound")
    x = np.zeros((DURATION_S * 8_000, 2), np.float32)
    t = np.arange(len(x)) / 8_000
    for column, (start, end) in enumerate((AGENT_S, CUSTOMER_S)):
        x[:, column] = 0.3 * np.sin(2 * np.pi * (300 + 200 * column) * t) * ((t >= start) & (t < end))
    path = write_sound(folder / "calls" / "a.flac", x, form="FLAC", codec="PCM_16")
    row = store_with(folder / "store", [path], agent="left")
    with (
        open_workbench(folder / "store", options=Options()) as workbench,
        served(workbench) as server,
        sync_api.sync_playwright() as playwright,
    ):
        options = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        opened = browser.new_page(viewport={"width": 1280, "height": 800})
        opened.problems = []
        opened.on("pageerror", lambda error: opened.problems.append(str(error)))
        opened.on("console", lambda line: opened.problems.append(line.text) if line.type == "error" else None)
        opened.goto(server.link("anna"))
        opened.wait_for_url(re.compile(r":\d+/[a-z]+$"))  # wherever a link leads
        opened.address = f"/calls/{row['call_id']}"
        yield opened
        browser.close()


@pytest.mark.slow
def test_the_whole_call_plays_to_its_end_over_many_answers(page):
    state = page.evaluate(
        """async (address) => {
          const track = new Audio(`${address}/sound.wav`);
          track.muted = true;
          await new Promise((done, failed) => { track.onloadedmetadata = done; track.onerror = failed; });
          track.playbackRate = 16;
          await track.play();
          await new Promise((done, failed) => { track.onended = done; track.onerror = failed; });
          return [track.duration, track.currentTime];
        }""",
        page.address,
    )
    assert [DURATION_S, DURATION_S] == state
    assert [] == page.problems


def test_a_jump_lands_on_the_sound_of_that_instant(page):
    """What is heard half a second behind a jump into the customer's turn is on the right ear alone."""
    peaks = page.evaluate(
        """async (address) => {
          const track = new Audio(`${address}/sound.wav`);
          const context = new AudioContext();
          const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
          const ears = [0, 1].map((channel) => {
            const ear = new AnalyserNode(context);
            splitter.connect(ear, channel);
            return ear;
          });
          context.createMediaElementSource(track).connect(splitter);
          const heardAt = async (s) => {
            track.currentTime = s;
            await new Promise((done) => { track.onseeked = done; });
            await track.play();
            await new Promise((done) => { track.ontimeupdate = () => track.currentTime > s + 0.5 && done(); });
            const peaks = ears.map((ear) => {
              const wave = new Float32Array(ear.fftSize);
              ear.getFloatTimeDomainData(wave);
              return Math.max(...wave.map(Math.abs));
            });
            track.pause();
            return peaks;
          };
          return [await heardAt(85), await heardAt(12)];
        }""",
        page.address,
    )
    (late_left, late_right), (early_left, early_right) = peaks
    assert late_left < 0.01 < 0.2 < late_right
    assert early_right < 0.01 < 0.2 < early_left


def drawn(page: Any, view: str) -> list[list[int]]:
    """Draw the waveform 1 000 pixels wide, and return of each lane the columns with marks of its colour."""
    return page.evaluate(
        """async ([address, view, duration]) => {
          const { Waveform } = await import("/static/workbench/waveform.js");
          document.getElementById("drawn")?.remove();
          const element = document.createElement("div");
          element.id = "drawn";
          element.style.width = "1000px";
          document.querySelector("main").prepend(element);
          const waveform = new Waveform(element, { address: `${address}/peaks.json`, duration });
          await new Promise((done) => { waveform.onPeaks = done; });
          waveform.look(view);
          const isSharp = () => waveform.parts.length > 0 || view.to - view.from > 50;
          while (!isSharp()) await new Promise((done) => { requestAnimationFrame(done); });
          waveform.redraw();
          const { width, height } = waveform.drawing;
          const pixels = waveform.drawing.getContext("2d").getImageData(0, 0, width, height).data;
          const coloured = [];
          for (const [top, bottom] of [[0, 0.4], [0.6, 1]]) {
            const columns = [];
            for (let x = 0; x < width; x += 1) {
              const y = Math.round(height * (top + 0.25 * (bottom - top)));
              if (pixels[4 * (y * width + x) + 3] > 128) columns.push(x);
            }
            coloured.push(columns);
          }
          return coloured;
        }""",
        [page.address, {"from": float(view.split()[0]), "to": float(view.split()[1])}, DURATION_S],
    )


@pytest.mark.parametrize("view", ["0 100", "25 35", "49.5 50.5"])
def test_each_side_is_drawn_where_it_sounds(view: str, page):
    start, end = map(float, view.split())
    for columns, (first_s, last_s) in zip(drawn(page, view), (AGENT_S, CUSTOMER_S), strict=True):
        edges = [min(max((s - start) / (end - start) * 1000, 0), 1000) for s in (first_s, last_s)]
        if edges[0] == edges[1]:
            assert [] == columns
        else:
            assert abs(columns[0] - edges[0]) <= 2
            assert abs(columns[-1] + 1 - edges[1]) <= 2
    assert [] == page.problems
