"""The display as the session sees it: it takes what it is given at once, and leaves nothing behind."""

import builtins
import json
import os
import re
import stat
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from cxaudio.errors import StoreError, UsageError
from cxaudio.i18n import LANGUAGES, texts
from cxaudio.model.live_state import LiveDisplay, LiveState, LiveStatus, TroubleKind
from cxaudio.sinks.hud.display import HudDisplay
from cxaudio.sinks.hud.page import hud_page, view_facts
from cxaudio.sinks.hud.state import HudView, Pace
from support.hud_client import AnalysedDisplay, HudClient, RememberingControls, block, pacing
from support.small_call import call_info
from support.small_call import report as small_report

LISTENING = LiveStatus(state=LiveState.LISTENING, call_id="call")


@pytest.fixture
def display():
    with AnalysedDisplay(RememberingControls(), language="en", pacing=pacing()) as display:
        yield display


def test_it_is_a_live_display_and_shows_a_call_from_its_beginning_to_its_end(display):
    fed: LiveDisplay = display
    client = HudClient(display)
    client.enter()
    with client.stream() as views:
        assert next(views)["state"] == "waiting"
        fed.show_status(LISTENING)
        fed.open(call_info())
        fed.write(block(0, agent=True))
        view = next(view for view in views if view["sides"][0]["speaking"])
        assert (view["state"], view["in_call"]) == ("listening", True)
        fed.close(small_report())
        assert not next(view for view in views if not view["in_call"])["sides"][0]["speaking"]
        fed.show_status(LiveStatus(state=LiveState.PAUSED))
        assert next(view for view in views if view["state"] == "paused")


def test_the_last_view_is_told_before_the_line_is_cut():
    with HudDisplay(None, language="en", pacing=pacing()) as display:
        client = HudClient(display)
        client.enter()
        with client.stream() as views:
            next(views)
            display.show_status(LiveStatus(state=LiveState.STOPPED))
            display.stop()
            assert "stopped" in [view["state"] for view in views]


def test_it_never_waits_for_a_browser_that_does_not_read(display):
    """Thousands of views into a stream that nobody reads: none waits for a buffer, and nothing piles up."""
    client = HudClient(display)
    client.enter()
    with client.stream():
        _until(lambda: display.n_watching == 1)
        display.show_status(LISTENING)
        display.open(call_info())
        most = 0
        spent = time.thread_time()
        for number in range(4000):  # a wait for room in the stream's buffer would be for good
            display.write(block(number, agent=number % 100 < 50))
            display.show_status(LiveStatus(state=LiveState.LISTENING, call_seconds=float(number)))
            most = max(most, len(display._server._loop._ready))
        spent = time.thread_time() - spent
    assert most < 50
    assert spent < 4000 * 0.001  # this thread's processor time


def test_whoever_comes_late_sees_the_present_and_nothing_else(display):
    display.show_status(LISTENING)
    for state in (LiveState.ON_HOLD, LiveState.PAUSED, LiveState.LISTENING, LiveState.PAUSED):
        display.show_status(LiveStatus(state=state))
    client = HudClient(display)
    client.enter()
    with client.stream() as views:
        assert next(views)["state"] == "paused"


def test_levels_alone_are_told_at_most_five_times_a_second(display):
    client = HudClient(display)
    client.enter()
    display.show_status(LISTENING)
    display.open(call_info())
    display.write(block(0, agent=True))
    with client.stream() as views:
        first = next(views)
        began = time.monotonic()
        for number in range(1, 200):
            display.write(block(number, agent=True, level=-50 + number % 30))
        spent = time.monotonic() - began
        display.show_status(LiveStatus(state=LiveState.PAUSED))
        told = [first]
        while told[-1]["state"] != "paused":
            told.append(next(views))
    assert len(told) - 2 <= 1 + spent / 0.2


def test_streams_end_when_the_browser_goes_and_too_many_are_refused(display):
    client = HudClient(display)
    client.enter()
    with ExitStack() as stack:
        for _ in range(16):
            next(stack.enter_context(client.stream()))
        assert client.ask("GET", "/hud/stream").status == 503
    display.show_status(LiveStatus(state=LiveState.PAUSED))
    _until(lambda: display.n_watching == 0)


def test_stopping_twice_or_before_starting_is_harmless_and_leaves_no_thread():
    before = threading.active_count()
    unused = HudDisplay(None, language="en", pacing=pacing())
    unused.stop()
    with HudDisplay(None, language="en", pacing=pacing()) as display:
        assert threading.active_count() == before + 1
    display.stop()
    display.show_status(LISTENING)  # a session that ends later than its page
    assert threading.active_count() == before


def test_commands_are_answered_by_whom_the_display_was_connected_to():
    controls = RememberingControls()
    with HudDisplay(None, language="en", pacing=pacing()) as display:
        client = HudClient(display)
        client.enter()
        assert client.ask("POST", "/hud/pause", {}).status == 503
        display.connect(controls)
        assert client.ask("POST", "/hud/pause", {}).status == 202
    assert controls.asked == [("pause",)]


def test_a_chosen_port_is_taken_or_its_trouble_told():
    with HudDisplay(None, language="en", pacing=pacing()) as display:
        port = int(display.control_url.split(":")[2].split("/")[0])
        with pytest.raises(UsageError, match=rf"port {port} of 127\.0\.0\.1 cannot be had .*use port 0"):
            HudDisplay(None, language="en", pacing=pacing(), port=port)
    with HudDisplay(None, language="en", pacing=pacing(), port=port) as display:
        assert display.control_url == f"http://127.0.0.1:{port}/api"


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch, missing):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.partition(".")[0] == missing:
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        return real(name, *args, **kwargs)

    for importer in ("cxaudio.sinks.hud.server", "cxaudio.local_server.quiet_server"):
        monkeypatch.delitem(sys.modules, importer, raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=rf"needs {missing}.*pip install 'cxaudio\[hud\]'"):
        HudDisplay(None, language="en", pacing=pacing())


# -- the softphone's file --------------------------------------------------------------------------------------------


def test_a_softphone_finds_address_and_token_in_a_file_that_only_its_owner_reads(tmp_path: Path):
    file = tmp_path / "run" / "control.json"
    controls = RememberingControls()
    with HudDisplay(controls, language="en", pacing=pacing(), control_file=file) as display:
        told = json.loads(file.read_text())
        assert told == {"url": display.control_url, "token": display.control_token}
        if os.name == "posix":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        client = HudClient(display)
        assert client.softphone("POST", "/api/call/start").status == 202
    assert controls.asked == [("start_call",)]
    assert [] == list(file.parent.iterdir())


def test_another_cxaudios_file_is_left_alone(tmp_path: Path):
    file = tmp_path / "control.json"
    with HudDisplay(None, language="en", pacing=pacing(), control_file=file):
        file.write_text('{"token": "of another"}')
    assert file.exists()


def test_a_file_that_cannot_be_written_is_told_and_leaves_no_server(tmp_path: Path):
    (tmp_path / "file").write_text("")
    before = threading.active_count()
    with (
        pytest.raises(StoreError, match=r"cannot be written .*name another file"),
        HudDisplay(None, language="en", pacing=pacing(), control_file=tmp_path / "file" / "control.json"),
    ):
        pass
    assert threading.active_count() == before


# -- the page's texts ------------------------------------------------------------------------------------------------


def test_every_text_that_the_page_asks_for_is_there():
    catalogue = texts("en")
    source = (Path(__file__).parents[3] / "cxaudio" / "web" / "hud.html").read_text(encoding="utf-8")
    for script in (Path(__file__).parents[3] / "cxaudio" / "web" / "hud").iterdir():
        source += script.read_text(encoding="utf-8")
    asked = set(re.findall(r'"(hud\.[a-z_]+)"', source))
    asked |= {f"hud.{state.value}" for state in LiveState} | {f"hud.{kind.value}" for kind in TroubleKind}
    asked |= {f"hud.pace_{pace.value}" for pace in Pace}
    asked |= {f"hud.wait_{side}" for side in ("agent", "customer", "nobody")}
    asked |= {f"hud.trouble_{side}" for side in ("agent", "customer", "both", "quality")}
    asked |= {f"hud.{name}" for name in ("offline", "locked", "connecting", "offline_detail", "locked_detail")}
    asked |= {"hud.paused_detail", "hud.stopped_detail", "hud.tempo_hurried", "hud.tempo_relaxed"}
    asked.discard("hud.trouble")  # said by whom it is about
    assert asked - set(catalogue) - {"hud.trouble"} == set()
    unused = {key for key in catalogue if key.startswith("hud.")} - asked
    assert unused <= {"hud.no_script", "hud.you", "hud.you_speak", "hud.customer", "hud.customer_speaks"}


def test_every_state_trouble_and_pace_has_a_shape_of_its_own():
    """Colour is never the only difference."""
    source = (Path(__file__).parents[3] / "cxaudio" / "web" / "hud" / "shapes.js").read_text(encoding="utf-8")
    constants = dict(re.findall(r"const ([A-Z_]+) = (.*);", source))
    shapes = dict(re.findall(r"^  (\w+): (.*),$", source, re.MULTILINE))
    shapes = {name: constants.get(shape, shape) for name, shape in shapes.items()}
    states = [shapes[state.value] for state in LiveState]
    assert len(states) == len(set(states))
    paces = [shapes[pace.value] for pace in Pace]
    assert len(paces) == len(set(paces))
    bands = [shapes[kind] for kind in ("nudge", "praise", "trouble", "wait", "hold", "plain")]
    assert len(bands) == len(set(bands))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_in_its_language_and_carries_all_three(language):
    page, policy = hud_page(language=language, pacing=pacing())
    text = page.decode()
    assert f'<html lang="{language}">' in text
    assert all(texts(name)["hud.listening"] in text for name in LANGUAGES)
    assert "<!--" not in text
    assert policy.startswith("default-src 'none'; script-src 'sha256-")


def test_the_settings_own_wording_of_a_nudge_stands_on_the_page_and_cannot_break_it():
    words = {"rushing.slow_down": "Breathe </script><script>alert(1)</script>"}
    page, _ = hud_page(language="en", pacing=replace(pacing(), words=words))
    assert b"Breathe \\u003c/script\\u003e" in page
    assert page.count(b"</script>") == 2


def test_a_views_values_are_json_at_every_state():
    for state in LiveState:
        facts = view_facts(HudView(state=state))
        assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_time_of_a_call_is_taken_from_its_samples(display):
    display.open(call_info())
    display.write(block(49))
    assert display._state.view.call_seconds == 1


def _until(condition, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
