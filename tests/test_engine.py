"""The loop: everything reaches every sink, and whatever fails leaves nothing that looks finished."""

import json
import os

import pytest

from cxaudio import engine
from cxaudio.errors import StoreError
from cxaudio.model.events import QualityKind, QualityNotice
from cxaudio.model.report import CallReport
from cxaudio.sinks.export_sink import ExportSink
from cxaudio.sinks.exports import Export
from cxaudio.sinks.jsonl import JsonlSink
from cxaudio.sinks.report_json import report_json
from support.small_call import DURATION, NOTICE, Played, SmallSource, provenance


class Listener:
    """Notes what it is told; fails where it is asked to."""

    def __init__(self, fails_in=None):
        self.told = []
        self._fails_in = fails_in

    def _note(self, what, detail=None):
        self.told.append((what, detail))
        if what == self._fails_in:
            raise StoreError(f"{what} failed")

    def open(self, call):
        self._note("open", call.call_id)

    def write(self, analysed):
        self._note("write", len(analysed.events))

    def close(self, report):
        self._note("close", report)


def run(sinks, *, progress=None, **source):
    return engine.run(SmallSource(**source), Played(), sinks, provenance=provenance(), progress=progress)


def test_every_sink_is_told_everything_in_order():
    sink = Listener()
    report = run([sink])
    assert [what for what, _ in sink.told] == ["open", *["write"] * 32, "close"]
    assert sink.told[-1] == ("close", report)
    assert report.duration == DURATION
    assert report.notices == (NOTICE,)


def test_progress_ends_at_the_call_s_length():
    heard = []
    run([], progress=lambda done, total: heard.append((done, total)))
    assert heard[-1] == (DURATION, DURATION)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


def test_what_the_source_learns_at_its_end_is_told_too(tmp_path):
    late = QualityNotice(
        start=0, end=DURATION, decided_at=DURATION, kind=QualityKind.TRUNCATED_FILE, side=None,
        measured=2.0, limit=None, unit="s",
    )  # fmt: skip
    report = run([JsonlSink(tmp_path / "events.jsonl", provenance())], late=late)
    assert report.notices == (NOTICE, late)
    assert "truncated_file" in (tmp_path / "events.jsonl").read_text()


def test_a_call_that_gets_its_name_at_its_end_has_it_in_the_report_and_on_the_first_line(tmp_path):
    name = "call-ba9876543210"
    report = run([JsonlSink(tmp_path / "events.jsonl", provenance())], late_id=name)
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert (name, name) == (report.call.call_id, json.loads(lines[0])["call"]["id"])
    assert report.notices == (NOTICE,)
    assert CallReport.from_events(lines).call.call_id == name


def test_a_source_that_fails_midway_leaves_no_file(tmp_path):
    other = Listener()
    sinks = [
        JsonlSink(tmp_path / "events.jsonl", provenance()),
        other,
        ExportSink(tmp_path, Export("report.json", report_json)),
    ]
    with pytest.raises(OSError, match="the disk went away"):
        run(sinks, fails_at=80_000)
    assert other.told[-1] == ("close", None)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("fails_in", ["open", "write", "close"])
def test_a_sink_that_fails_closes_the_others_without_a_report(tmp_path, fails_in):
    before, broken = Listener(), Listener(fails_in)
    after = ExportSink(tmp_path, Export("report.json", report_json))
    with pytest.raises(StoreError, match=f"{fails_in} failed"):
        run([before, broken, after])
    assert before.told[-1][0] == "close"
    assert broken.told[-1] == ("close", None)
    if fails_in != "close":
        assert before.told[-1] == ("close", None)
    assert os.listdir(tmp_path) == []


def test_an_interruption_closes_the_sinks(tmp_path):
    sink = JsonlSink(tmp_path / "events.jsonl", provenance())

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([sink], progress=interrupt)
    assert os.listdir(tmp_path) == []


def test_a_call_that_is_fed_by_hand_gives_the_report_that_run_gives():
    by_run, by_hand = Listener(), Listener()
    expected = run([by_run])
    with SmallSource() as source:
        call = engine.CallRun(source.info, Played(), [by_hand], provenance())
        call.open()
        for block in source:
            call.feed(block)
        assert expected == call.finish()
    assert by_run.told == by_hand.told


def test_an_aborted_call_closes_its_sinks_once_and_without_a_report():
    broken, sink = Listener(fails_in="close"), Listener()
    call = engine.CallRun(SmallSource().info, Played(), [broken, sink], provenance())
    call.open()
    call.abort()
    call.abort()
    assert ["open", "close"] == [what for what, _ in broken.told]
    assert ("close", None) == sink.told[-1]
