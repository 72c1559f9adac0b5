"""A regular expression that would search for ever costs the names it is slow with, and at last the pattern."""

import gc
import os
import signal

import pytest

from cxaudio.archive.finding import matching
from cxaudio.archive.finding.jobs import find_jobs
from cxaudio.archive.finding.matching import TOO_SLOW, Matcher
from cxaudio.archive.job import Job, Refusal
from cxaudio.errors import UsageError

WITHOUT_END = r"^(?P<agent>(a+)+)\.wav$"


class FakeProcess:
    """Answer as the process does, but never where a name holds the word slow."""

    def __init__(self, pattern: str) -> None:
        pass

    def ask(self, line: str, limit_s: float) -> str | None:
        return None if "slow" in line else "[" + ", ".join(['{"agent": "a"}'] * (line.count(",") + 1)) + "]"


def test_only_the_slow_names_of_many_are_lost(monkeypatch):
    monkeypatch.setattr(matching, "_Process", FakeProcess)
    found = Matcher("(?P<agent>a)").groups(["a", "slow", "b", "slow2", "c"])
    assert [False, True, False, True, False] == [groups is TOO_SLOW for groups in found]


def test_ten_slow_names_are_the_pattern_s_fault(monkeypatch):
    monkeypatch.setattr(matching, "_Process", FakeProcess)
    matcher = Matcher("(?P<agent>a)")
    assert [TOO_SLOW] * 9 == matcher.groups([f"slow {n}" for n in range(9)])
    with pytest.raises(UsageError, match="takes more than 5 s, as with 'slow 9'; write it without a repetition inside"):
        matcher.groups(["slow 9"])


def test_a_slow_name_is_refused_and_the_others_go_on(monkeypatch, tmp_path):
    monkeypatch.setattr(matching, "_Process", FakeProcess)
    for name in ("a.wav", "slow.wav", "z.wav"):
        (tmp_path / name).write_bytes(b"RIFF")
    found = list(find_jobs([tmp_path], names="(?P<agent>a)", quiet_s=0))
    assert [Job, Refusal, Job] == [type(each) for each in found]
    assert "comparing its name with --names (?P<agent>a) takes too long" in found[1].reason


def test_a_process_that_someone_ended_is_begun_again():
    matcher = Matcher("(?P<agent>a)")
    assert [{"agent": "a"}] == matcher.groups(["a"])
    os.kill(matcher._process.number, signal.SIGTERM)
    assert [{"agent": "a"}, None] == matcher.groups(["a", "b"])


def test_any_name_comes_back_as_it_was():
    names = ["Zoë\n\t\"\\'\x7f", "名前", "\N{GRINNING FACE}", "x" * 200_000]
    assert names == [groups["agent"] for groups in Matcher("(?s)(?P<agent>.*)").groups(names)]


def test_the_process_ends_with_its_matcher():
    matcher = Matcher("(?P<agent>a)")
    matcher.groups(["a"])
    end = matcher._process._end
    assert end.alive
    del matcher
    gc.collect()
    assert not end.alive


@pytest.mark.slow
def test_an_expression_without_end_is_ended():
    matcher = Matcher(WITHOUT_END, limit_s=2.0)
    found = matcher.groups(["aaa.wav", "a" * 60 + "b.wav", "aa.wav"])
    assert ["aaa", None, "aa"] == [groups.get("agent") for groups in found]
    assert found[1] is TOO_SLOW
