"""The display in a terminal: shape, word and colour together, in three languages, and seldom."""

import io
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from cxaudio.i18n import LANGUAGES
from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.events import Nudge, Side
from cxaudio.model.live_state import LiveState, LiveStatus, Trouble, TroubleKind
from cxaudio.model.prompt import Pace
from cxaudio.model.timebase import Timebase
from cxaudio.settings import load_settings
from cxaudio.sinks.hud.state import HudView, NudgeView, PaceView, SideView, Wait
from cxaudio.sinks.terminal import TerminalDisplay, TerminalView

PACING = load_settings().pacing
LONGEST_S = 30.0  # far longer than any wait here takes on a busy machine
UNPLUGGED = Trouble(kind=TroubleKind.UNPLUGGED, side=Side.AGENT, device="Jabra Evolve2", since_s=1.0)
FULL = HudView(
    state=LiveState.LISTENING,
    in_call=True,
    call_seconds=192,
    recording=True,
    sides=(SideView(level=14, speaking=True), SideView(level=3)),
    pace=PaceView(pace=Pace.FASTER, ratio=1.3, rates=(5.2, 4.0), talk_share=0.61, minded=True),
    nudge=NudgeView(nudge_id=1, message_key="rushing.slow_down", positive=False, left_s=4.0),
)


def info() -> CallInfo:
    return CallInfo(
        call_id="call-1",
        origin="live",
        language="en",
        started_at=None,
        timebase=Timebase(8_000),
        source_rates=(8_000, 8_000),
        channels=(0, 1),
    )


def heard(seconds: float, *events: Nudge) -> Analysed:
    n = 10
    return Analysed(
        heard_to=round(8_000 * seconds),
        clean=AudioBlock(start=0, samples=np.zeros((2, 0), np.float32)),
        events=events,
        first_tick=0,
        level_dbov=np.full((2, n), -30, np.float32),
        speaking=np.tile(np.array([[True], [False]]), n),
        probability=np.ones((2, n), np.float32),
    )


def test_who_speaks_both_rates_the_pace_and_one_nudge_stand_in_five_lines():
    lines = [line.plain for line in TerminalView("en", PACING).lines(FULL)]
    assert [
        "● Listening  03:12  ◉ Recording",
        "▶ ███████░░░  You speak  5.2/s",
        "· ██░░░░░░░░  Customer  4.0/s",
        "» You are faster  Your share of speech 61 %",
        "► Slow down a little",
    ] == lines


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", LiveState)
def test_every_state_has_a_shape_a_word_and_a_style_in_every_language(language, state):
    view = TerminalView(language, PACING)
    (first, *_) = view.lines(replace(FULL, state=state, troubles=(UNPLUGGED,) if state is LiveState.TROUBLE else ()))
    sign, _, word = first.plain.partition(" ")
    assert 1 == len(sign)
    assert word
    assert first.style
    assert "{" not in "".join(line.plain for line in view.lines(FULL))


def test_no_two_states_share_a_shape():
    view = TerminalView("en", PACING)
    shapes = {view.lines(replace(FULL, state=state))[0].plain[0] for state in LiveState}
    assert len(LiveState) == len(shapes)


def test_a_side_that_is_not_heard_is_said_with_its_cure():
    view = replace(
        FULL,
        state=LiveState.TROUBLE,
        troubles=(UNPLUGGED,),
        nudge=None,
        sides=(SideView(heard=False), SideView()),
    )
    lines = [line.plain for line in TerminalView("en", PACING).lines(view)]
    assert "▲ Cannot hear you" in lines[0]
    assert "× ░░░░░░░░░░  You · not heard" == lines[1]
    assert "▲ Jabra Evolve2 is unplugged. Plug it in again." == lines[4]


def test_a_wait_says_whose_answer_is_missing():
    view = replace(FULL, nudge=None, wait=Wait(owed_by=Side.AGENT, seconds=4, late=False))
    assert "… Your reply · 4 s" == TerminalView("en", PACING).lines(view)[4].plain


def test_chinese_counts_characters_a_minute():
    pacing = load_settings(language="zh").pacing
    assert "310 字/分" in TerminalView("zh-Hans", pacing).lines(FULL)[1].plain


def test_a_log_is_told_of_states_and_nudges_once_and_of_no_level():
    log = io.StringIO()
    nudge = Nudge(
        start=8_000 * 25,
        end=None,
        decided_at=8_000 * 25,
        nudge_id=1,
        rule="rushing",
        flag_id=1,
        message_key="rushing.slow_down",
    )
    display = TerminalDisplay(language="en", pacing=PACING, file=log)
    with display:
        steps: list[tuple[Callable[[], None], list[str]]] = [
            (lambda: display.show_status(LiveStatus(state=LiveState.WAITING)), ["Waiting for a call"]),
            (lambda: display.open(info()), []),
            (lambda: display.show_status(LiveStatus(state=LiveState.LISTENING, call_id="call-1")), ["Listening"]),
            (lambda: display.write(heard(1.0)), []),
            (lambda: display.write(heard(2.0)), []),
            (lambda: display.write(heard(25.0, nudge)), ["Listening: ► Slow down a little"]),
            (lambda: display.write(heard(31.0)), ["Listening"]),
            (lambda: display.close(None), []),
            (lambda: display.show_status(LiveStatus(state=LiveState.STOPPED)), ["Stopped"]),
        ]
        expected: list[str] = []
        for step, lines in steps:
            step()
            expected += lines
            wait_for_lines(log, len(expected))
            assert expected == log.getvalue().splitlines()
    assert expected == log.getvalue().splitlines()


def test_a_terminal_that_hangs_does_not_make_the_session_wait():
    reached, go_on = threading.Event(), threading.Event()

    class Hanging(io.StringIO):
        def write(self, text: str) -> int:
            reached.set()
            go_on.wait(LONGEST_S)
            return super().write(text)

    terminal = Hanging()
    display = TerminalDisplay(language="en", pacing=PACING, file=terminal)
    with display:
        display.open(info())
        assert reached.wait(LONGEST_S)
        for number in range(200):
            display.write(heard(0.1 * number))
        assert "" == terminal.getvalue(), "all blocks were taken while the terminal hung"
        go_on.set()


def wait_for_lines(log: io.StringIO, n: int) -> None:
    """Wait for the drawing thread, however busy the machine is."""
    end = time.monotonic() + LONGEST_S
    while len(log.getvalue().splitlines()) < n:
        assert time.monotonic() < end, "it was never drawn"
        time.sleep(0.005)
