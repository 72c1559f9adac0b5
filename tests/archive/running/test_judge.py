"""One call in a process that judges many: its rows, its page, and a reason for whatever goes wrong."""

import stat
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cxaudio.archive.job import CallLabels, FileStamp, Job
from cxaudio.archive.outcome import Failure, FailureKind, Judged
from cxaudio.archive.running import judge as judging
from cxaudio.archive.running.judge import judge
from cxaudio.archive.running.plan import make_plan
from cxaudio.archive.store.identity import METRIC_VERSION, row_id
from cxaudio.errors import AudioFormatError
from cxaudio.made.synthetic import made_call
from cxaudio.replay.one_call import make_source, replay
from cxaudio.replay.request import CallFiles
from cxaudio.settings import load_settings

RATE = 8_000
NAME = "+4915112345678"


@pytest.fixture(scope="module")
def sound():
    return made_call(3, seconds=6)[0]


@pytest.fixture
def plan(tmp_path):
    return make_plan(tmp_path / "store")[0]


@pytest.fixture
def recording(tmp_path, sound):
    path = tmp_path / "calls" / f"{NAME}.wav"
    path.parent.mkdir()
    soundfile.write(path, sound.T, RATE)
    return path


def job_of(*paths, **changes):
    given = {"files": tuple(map(str, paths)), "stamps": (FileStamp(size=1, modified_ns=1),) * len(paths)}
    if len(paths) == 1:
        given["agent"] = "left"
    return Job(**(given | changes))


def test_the_row_is_that_of_a_replay_and_names_its_sound_and_settings(plan, recording):
    job = job_of(recording, labels=CallLabels(agent="a7"))
    outcome = judge(job, plan)
    assert isinstance(outcome, Judged), outcome
    report = replay(recording, agent="left")
    with make_source(CallFiles(path=recording, agent="left"), load_settings(), language="en") as source:
        for _ in source:
            pass
    expected = {
        "call_id": row_id(source.sound_digest, plan.settings_digest),
        "sound_id": report.call.call_id,
        "settings_digest": plan.settings_digest,
        "metric_version": METRIC_VERSION,
        "agent": "a7",
        "duration_s": report.duration_s,
        "agent_speech_s": report.agent.speech_s,
    }
    assert expected == {name: outcome.call[name] for name in expected}
    assert (job.key, expected["call_id"]) == (outcome.job_key, outcome.call_id)
    assert {outcome.call_id} == {event["call_id"] for event in outcome.events}


def test_the_page_is_private_and_holds_no_name_unless_asked(plan, recording):
    outcome = judge(job_of(recording), plan)
    page = plan.store / outcome.page
    assert f"pages/{outcome.call_id[:2]}/{outcome.call_id}.html" == outcome.page
    assert 0o600 == stat.S_IMODE(page.stat().st_mode)
    assert 0o700 == stat.S_IMODE(page.parent.stat().st_mode)
    assert NAME not in page.read_text(encoding="utf-8")
    assert NAME not in str(outcome.call)
    plain = judge(job_of(recording), replace(plan, names="plain"))
    assert f"{NAME}.wav" == plain.call["file"]
    assert "../../../calls/%2B4915112345678.wav" in page.read_text(encoding="utf-8")
    assert outcome.call_id == plain.call_id


def test_pages_are_written_for_no_call_or_only_for_flagged_ones(plan, recording, monkeypatch):
    assert judge(job_of(recording), replace(plan, pages="none")).page is None
    for flagged in (True, False):
        monkeypatch.setattr(judging, "_is_flagged", lambda report, flagged=flagged: flagged)
        outcome = judge(job_of(recording), replace(plan, pages="flagged"))
        assert flagged == (outcome.page is not None)


def test_two_files_and_a_file_with_the_sides_exchanged_are_the_same_call(plan, tmp_path, sound, recording):
    sides = []
    for name, row in zip(("agent", "customer"), sound, strict=True):
        sides.append(tmp_path / f"{name}.wav")
        soundfile.write(sides[-1], row, RATE)
    both, pair, swapped = (
        judge(job, plan) for job in (job_of(recording), job_of(*sides), job_of(recording, agent="right"))
    )
    assert both.call_id == pair.call_id == swapped.call_id
    assert both.call["agent_speech_s"] == pair.call["agent_speech_s"] == swapped.call["customer_speech_s"]


def test_a_call_is_judged_under_the_settings_of_its_language(plan, recording):
    english, chinese = (judge(job_of(recording, language=tag), plan) for tag in ("en", "zh-CN"))
    assert ("en", "zh-CN") == (english.call["language"], chinese.call["language"])
    assert english.call["settings_digest"] == chinese.call["settings_digest"]
    assert {"en", "zh-CN"} == set(judging._kept), "loaded once"


@pytest.mark.parametrize(
    ("write", "changes", "kind", "words"),
    [
        (lambda path: path.write_bytes(b"<html>error</html>" * 99), {}, FailureKind.UNREADABLE, "is a web page"),
        (lambda path: path.write_bytes(b""), {}, FailureKind.UNREADABLE, "is empty"),
        (lambda path: path.unlink(), {}, FailureKind.UNREACHABLE, "does not exist"),
        (lambda path: None, {"agent": None}, FailureKind.USAGE, "nothing says which one"),
        (lambda path: None, {"agent": "5"}, FailureKind.USAGE, "no channel 5"),
        (lambda path: None, {"language": "xx"}, FailureKind.USAGE, "'xx' has no pacing policy"),
        (lambda path: None, {"headset": "none-such"}, FailureKind.USAGE, "none-such"),
    ],
)
def test_a_failure_says_its_kind_and_a_sentence(plan, recording, write, changes, kind, words):
    write(recording)
    job = job_of(recording, **changes)
    failure = judge(job, plan)
    assert isinstance(failure, Failure)
    assert (job.key, kind) == (failure.job_key, failure.kind)
    assert words in failure.reason
    assert "\n" not in failure.reason


def test_too_much_sound_is_refused_without_decoding_it(plan, tmp_path):
    path = tmp_path / "bomb.flac"
    soundfile.write(path, np.zeros((RATE * 60, 2), np.int16), RATE)
    data = bytearray(path.read_bytes())
    data[22:26] = (2_000_000_000).to_bytes(4, "big")  # the length in its header: 69 h
    path.write_bytes(data)
    failure = judge(job_of(path), plan)
    assert FailureKind.TOO_LONG == failure.kind
    assert "more than 8 h" in failure.reason


def test_a_store_that_cannot_be_written_is_no_fault_of_the_call(plan, recording):
    plan.store.parent.joinpath("store").write_text("a file in the way")
    assert FailureKind.STORE == judge(job_of(recording), plan).kind


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (MemoryError(), FailureKind.MEMORY, "more than 2048 MB"),
        (ZeroDivisionError("a/0"), FailureKind.FAULT, r"ZeroDivisionError: a/0"),
        (RecursionError("deep\nand deeper"), FailureKind.FAULT, "deep and deeper"),
    ],
)
def test_a_fault_of_our_own_is_a_failure_too(plan, recording, monkeypatch, error, kind, words):
    def fails(*_args, **_named):
        raise error

    monkeypatch.setattr(judging, "replay_source", fails)
    failure = judge(job_of(recording), plan)
    assert kind == failure.kind
    assert words in failure.reason
    assert failure.reason.startswith(str(recording))


def test_what_fails_behind_an_address_is_told_by_its_address(plan, tmp_path):
    from fsspec.implementations.memory import MemoryFileSystem

    MemoryFileSystem.store.clear()
    with MemoryFileSystem().open("/far/call.wav", "wb") as file:
        file.write(b"no sound at all" * 100)
    failure = judge(job_of("memory://far/call.wav"), plan)
    MemoryFileSystem.store.clear()
    assert FailureKind.UNREADABLE == failure.kind
    assert failure.reason.startswith("memory://far/call.wav: ")


def test_what_is_not_at_its_address_may_come_back(plan):
    failure = judge(job_of("memory://far/gone.wav"), plan)
    assert FailureKind.UNREACHABLE == failure.kind
    assert failure.reason.startswith("memory://far/gone.wav: cannot be fetched")


def test_a_message_about_a_copy_names_the_recording_and_leaves_its_other_words(plan, monkeypatch):
    copy = Path("/proc/self/fd/8")

    def refuse(*given, **options):
        raise AudioFormatError(copy, "holds 8 channels")

    monkeypatch.setattr(judging, "local_copy", lambda file: nullcontext(copy))
    monkeypatch.setattr(judging, "_judged_here", refuse)
    outcome = judge(job_of("http://127.0.0.1/a.wav"), plan)
    assert "http://127.0.0.1/a.wav: holds 8 channels" == outcome.reason
