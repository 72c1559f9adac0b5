"""A session over a made source: calls found, asked for, paused, held, snoozed; recordings heard as they were live."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from cxaudio.errors import UsageError
from cxaudio.live.session import FinishedCall, LiveSession, SessionOutputs
from cxaudio.made.synthetic import made_call
from cxaudio.model.events import Dropout, Hold, Nudge, Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.live_state import LiveState, Trouble, TroubleKind
from cxaudio.model.report import CallReport
from cxaudio.replay.one_call import replay
from cxaudio.settings import Settings, load_settings
from support.endless import EndlessSource, Lost, Watcher, call_and_silence

RATE = 16_000
SETTINGS = load_settings()
# Where it does not matter how soon something is shown:
SELDOM = load_settings(overrides={"live.feed_s": 1.0, "live.feed_onset_s": 1.0, "live.feed_again_s": 1.0})
NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)


def session(
    source: EndlessSource, settings: Settings = SELDOM, **options: object
) -> tuple[LiveSession, Watcher, list[FinishedCall]]:
    """A session, its display, and the calls it will have finished."""
    watcher, finished = Watcher(), []
    made = LiveSession(
        source, settings, [watcher], language="en", finished=finished.append, now=lambda: NOON, **options
    )
    return made, watcher, finished


def event_lines(folder: Path) -> list[str]:
    """What is between the first line, which names the source, and the end; and the end."""
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["type"] == "call"
    return lines[1:]


@pytest.fixture(scope="module")
def two_calls():
    return call_and_silence(45, 30)


@pytest.mark.slow
def test_calls_are_found_by_themselves_and_end_by_themselves(two_calls, tmp_path):
    live, watcher, finished = session(EndlessSource(two_calls), outputs=SessionOutputs(folder=tmp_path))
    live.run()
    assert [2, 2] == [len(finished), len(watcher.calls)]
    assert ["call-20260302-115957", "call-20260302-115957-2"] == sorted(p.name for p in tmp_path.iterdir())
    for each in finished:
        assert {"events.jsonl", "report.html", "report.json"} == {path.name for path in each.folder.iterdir()}
        assert each.report.agent.speech_s > 0
        assert each.report.customer.speech_s > 0
        assert "live" == each.report.call.origin
        assert () == each.report.failures
    states = [status.state for status in watcher.statuses]
    assert LiveState.WAITING == states[0]
    assert LiveState.LISTENING in states
    assert LiveState.STOPPED == states[-1]
    for shown in watcher.shown:
        assert all(event.decided_at <= shown.heard_to for event in shown.events)
    prompt = [shown.prompt for shown in watcher.shown if shown.prompt is not None]
    assert {(True, False), (False, True)} <= {facts.speaking for facts in prompt}
    assert len(watcher.shown) == len(prompt)


@pytest.mark.slow
def test_silence_after_a_hung_up_line_is_no_dead_air(two_calls):
    """A line that had noise of its own and falls to digital zeros is gone; what follows is left out."""
    live, _, finished = session(EndlessSource(two_calls))
    live.run()
    for each in finished:
        after = each.report.duration - 20 * RATE
        assert [] == [flag.rule for flag in each.report.flags if flag.start >= after]


@pytest.mark.slow
def test_what_a_recording_holds_is_heard_as_it_was_live(tmp_path):
    """Dropouts of one and both sides, a hold, a pause and another hold inside a trouble: the events' bytes agree."""
    sound = call_and_silence(75, silence_s=35)
    lost = (
        Lost(15 * RATE + 77, 15 * RATE + 900),
        Lost(30 * RATE + 5, 33 * RATE, Side.AGENT),
        Lost(50 * RATE, 51 * RATE),
    )
    source = EndlessSource(sound, lost=lost)
    live, _, finished = session(
        source, SETTINGS, outputs=SessionOutputs(folder=tmp_path / "live", record=tmp_path / "call.wav")
    )
    source.asks = {
        20 * RATE: lambda: live.hold(True),
        25 * RATE: lambda: live.hold(False),
        40 * RATE: live.pause,
        44 * RATE: live.resume,
        60 * RATE: lambda: live.hold(True),
        61 * RATE: lambda: live.snooze(600),
        63 * RATE: lambda: live.hold(False),
    }
    live.run()
    (call,) = finished
    assert 1 == source.flushed
    told = [(hold.start, hold.end) for hold in call.report.holds]
    assert len(told) >= 4
    assert {None, Side.AGENT} == {each.side for each in call.report.dropouts}
    again = replay(tmp_path / "call.wav", out=tmp_path / "again", block_ms=370)
    assert event_lines(call.folder) == event_lines(tmp_path / "again")
    assert (call.report.call.call_id, "wav") == (again.call.call_id, again.call.origin)
    assert call.report.call.started_at == again.call.started_at


@pytest.mark.slow
def test_a_recording_keeps_what_was_measured_of_its_headset(tmp_path):
    """The replay uses the facts of the live call, whatever profiles there are now: the events' bytes agree."""
    facts = HeadsetFacts(microphone_noise_dbov=-75.0, coupling_loss_db=30.0, round_trip_s=1.0, noise_gate=True)
    source = EndlessSource(call_and_silence(45), headset_facts=facts)
    live, _, finished = session(source, outputs=SessionOutputs(folder=tmp_path / "live", record=tmp_path / "call.wav"))
    live.run()
    (call,) = finished
    again = replay(tmp_path / "call.wav", out=tmp_path / "again", overrides={"live.feed_s": 1.0})
    assert facts == again.call.headset_facts
    assert event_lines(call.folder) == event_lines(tmp_path / "again")


@pytest.mark.slow
def test_a_pause_keeps_no_sound_at_all(tmp_path):
    import soundfile

    sound = call_and_silence(40)
    source = EndlessSource(sound)
    live, _, _ = session(source, SETTINGS, outputs=SessionOutputs(record=tmp_path / "call.wav"))
    source.asks = {20 * RATE + 123: live.pause, 30 * RATE: live.resume}
    live.run()
    kept, _ = soundfile.read(tmp_path / "call.wav", dtype="float32")
    begun = 20 * RATE  # of the session
    zeros = np.flatnonzero(~kept.any(axis=1))
    first = next(at for at in zeros if not kept[at : at + 5 * RATE].any())
    marks = [json.loads(line) for line in (tmp_path / "call.marks.jsonl").read_text().splitlines()[1:]]
    pauses = [mark for mark in marks if mark["type"] == "pause"]
    assert [True, False] == [mark["on"] for mark in pauses]
    waited = SETTINGS.live.feed_s  # what was heard and not yet worked is emptied, too
    assert 10 * RATE <= pauses[1]["at"] - pauses[0]["at"] <= (10.1 + waited) * RATE
    assert first <= pauses[0]["at"]
    assert not kept[pauses[0]["at"] : pauses[1]["at"]].any()
    assert begun > pauses[0]["at"]


@pytest.mark.slow
def test_a_snoozed_nudge_is_logged_and_not_shown():
    spoken = made_call(5, seconds=30)[0]
    line = 3e-4 * np.random.default_rng(2).standard_normal((2, 8_000 * 16))  # nobody says anything any more
    sound = np.concatenate((spoken, line), axis=1, dtype=np.float32)
    source = EndlessSource(sound, rate=8_000)
    shown, _, reports = session(source)
    shown.run()
    snoozed, watcher, again = session(EndlessSource(sound, rate=8_000, asks={8_000: lambda: snoozed.snooze(3_600)}))
    snoozed.run()
    assert len(reports[0].report.nudges) >= 1
    assert reports[0].report.nudges == again[0].report.nudges
    assert [] == [event for each in watcher.shown for event in each.events if isinstance(event, Nudge)]
    assert max(status.snoozed_s for status in watcher.statuses) > 3_500


def test_calls_begin_and_end_by_hand(two_calls, tmp_path):
    source = EndlessSource(two_calls[:, : 50 * RATE])
    live, watcher, finished = session(source, outputs=SessionOutputs(folder=tmp_path))
    source.asks = {
        RATE // 2: live.start_call,
        10 * RATE: live.start_call,
        20 * RATE: live.end_call,
    }
    live.run()
    assert 2 == len(finished)  # after an end by hand what goes on sounding is no new call
    assert 10 * RATE == finished[1].report.duration
    assert LiveState.WAITING == [status.state for status in watcher.statuses][-2]


def test_a_notification_is_no_call(tmp_path):
    sound = np.zeros((2, 60 * RATE), np.float32)
    sound[Side.CUSTOMER, 5 * RATE : 6 * RATE] = 0.1 * np.sin(2 * np.pi * 880 * np.arange(RATE) / RATE)
    live, watcher, finished = session(
        EndlessSource(sound), outputs=SessionOutputs(folder=tmp_path, record=tmp_path / "x.wav")
    )
    live.run()
    assert [None] == watcher.reports
    assert [] == finished
    assert [] == list(tmp_path.iterdir())


def test_nothing_is_written_where_nothing_was_asked_for(two_calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    live, _, finished = session(EndlessSource(two_calls[:, : 50 * RATE]))
    live.run()
    assert 1 == len(finished)
    assert [] == list(tmp_path.rglob("*"))


def test_trouble_and_its_end_are_shown_at_once():
    source = EndlessSource(np.zeros((2, 10 * RATE), np.float32))
    trouble = Trouble(kind=TroubleKind.UNPLUGGED, side=Side.AGENT, device="Jabra", since_s=2.0)
    source.asks = {
        2 * RATE: lambda: setattr(source, "wrong", (trouble,)),
        3 * RATE: lambda: setattr(source, "wrong", ()),
    }
    live, watcher, _ = session(source)
    live.run()
    states = [status.state for status in watcher.statuses]
    assert [LiveState.WAITING, LiveState.TROUBLE, LiveState.WAITING, LiveState.STOPPED] == list(dict.fromkeys(states))[
        :2
    ] + states[-2:]
    assert (trouble,) == next(s.troubles for s in watcher.statuses if s.state is LiveState.TROUBLE)


def test_a_display_that_fails_stops_neither_the_call_nor_the_other_display(two_calls):
    class Broken(Watcher):
        def write(self, analysed: object) -> None:
            raise RuntimeError("no screen")

    watcher, finished = Watcher(), []
    live = LiveSession(
        EndlessSource(two_calls[:, : 50 * RATE]),
        SETTINGS,
        [Broken(), watcher],
        language="en",
        finished=finished.append,
    )
    live.run()
    assert len(watcher.shown) > 100
    (failure,) = finished[0].report.failures
    assert "Broken" in failure
    assert "no screen" in failure


def test_a_folder_that_cannot_be_written_is_told_in_the_report(two_calls, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    live, _, finished = session(EndlessSource(two_calls[:, : 50 * RATE]), outputs=SessionOutputs(folder=blocked))
    live.run()
    assert "cannot be written" in finished[0].report.failures[0]
    assert finished[0].report.to_dict()["failures"]


def test_a_recording_is_never_overwritten(tmp_path):
    there = tmp_path / "call.wav"
    there.write_bytes(b"precious")
    with pytest.raises(UsageError, match="there is a recording already"):
        LiveSession(
            EndlessSource(np.zeros((2, 10), np.float32)), SETTINGS, language="en", outputs=SessionOutputs(record=there)
        )


@pytest.mark.slow
def test_each_call_of_a_session_has_its_own_recording(two_calls, tmp_path):
    live, _, finished = session(EndlessSource(two_calls), outputs=SessionOutputs(record=tmp_path / "day.wav"))
    live.run()
    assert [tmp_path / "day.wav", tmp_path / "day-2.wav"] == [call.recording for call in finished]
    assert all(isinstance(replay(call.recording), CallReport) for call in finished)


def test_a_lost_side_counts_as_nobodys_silence(two_calls):
    lost = Lost(12 * RATE, 40 * RATE, Side.AGENT)
    live, _, finished = session(EndlessSource(two_calls[:, : 80 * RATE], lost=(lost,)))
    live.run()
    report = finished[0].report
    waits = [flag.start for flag in report.flags if flag.rule in ("left_waiting", "dead_air")]
    assert [] == [start for start in waits if 12 * RATE <= start < 38 * RATE]
    assert any(isinstance(each, Dropout) and each.side is Side.AGENT for each in report.dropouts)
    assert any(isinstance(each, Hold) for each in report.holds)
