"""Whatever stands in a manifest, a sidecar or a pattern: a sentence, never a crash, and never a guess."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxaudio.archive.finding.fields import Checks
from cxaudio.archive.finding.folders import Place
from cxaudio.archive.finding.jobs import find_jobs
from cxaudio.archive.finding.names import NamePattern
from cxaudio.archive.finding.start_times import StartTimes
from cxaudio.archive.job import Job
from cxaudio.errors import UsageError

FILES = ("1/a.wav", "1/b.wav", "2/a.wav", "a.wav", "ab.flac", "b/1/a.wav")


@pytest.fixture(scope="module")
def calls() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            path = Path(folder, "calls", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"RIFF")
            os.utime(path, (1_700_000_000, 1_700_000_000))
        yield Path(folder, "calls")


def check(calls: Path, **rules: object) -> int:
    """Search with rules; return the number of jobs."""
    try:
        everything = list(find_jobs([calls], **rules))
    except UsageError:
        return 0
    for found in everything:
        "".join(found.files).encode()
        if not isinstance(found, Job):
            assert found.reason
            assert found.reason.encode().count(b"\n") == 0
    return sum(isinstance(found, Job) for found in everything)


cells = st.one_of(
    st.sampled_from(["a.wav", "1/a.wav", "left", "right", "verint", "en", "in", '"', "\0", "\r", "../a.wav", "/"]),
    st.text(max_size=8),
)
columns = st.sampled_from(["file", "agent_file", "customer_file", "agent", "start", "channel", "layout", "direction"])


@settings(max_examples=60)
@given(
    head=st.lists(columns, min_size=1, max_size=5),
    rows=st.lists(st.lists(cells, max_size=6), max_size=5),
    separator=st.sampled_from(",;"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    tail=st.binary(max_size=6),
)
def test_any_manifest(calls, head, rows, separator, end, tail):
    text = end.join(separator.join(row) for row in [head, *rows])
    path = calls.parent / "m.csv"
    path.write_bytes(text.encode(errors="surrogatepass") + tail)
    check(calls, manifest=path)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), cells),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(columns, inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=150)
@given(values=st.dictionaries(st.one_of(columns, st.text(max_size=6)), json_values, max_size=4), cut=st.integers(0, 40))
def test_any_sidecar_costs_at_most_its_recording(calls, values, cut):
    text = json.dumps(values)
    beside = calls / "a.json"
    beside.write_text(text if cut > 20 else text[:cut], encoding="utf-8")
    try:
        assert check(calls) >= len(FILES) - 1
    finally:
        beside.unlink()


@settings(max_examples=200)
@given(pattern=st.text(alphabet="()[]{}*+?|\\^$-<>=!aw1 P:", max_size=20))
def test_any_pattern_is_used_or_refused(pattern):
    """It is not searched for here: that is done in another process, see test_matching.py."""
    for text in (pattern, f"(?P<agent>{pattern})"):
        with suppress(UsageError):
            assert text == NamePattern(text, Checks()).pattern


@settings(max_examples=200)
@given(
    text=st.one_of(st.text(alphabet="0123456789-:TZ+. ", max_size=30), st.datetimes(timezones=st.timezones()).map(str)),
    zone=st.sampled_from([None, "Europe/Vienna", "Pacific/Apia"]),
    pattern=st.sampled_from([None, "%Y%m%d-%H%M", "%d.%m.%Y %H:%M", "%G %V %u %H"]),
)
def test_any_time_is_an_instant_in_utc_or_refused(text, zone, pattern):
    times = StartTimes(format=pattern, timezone=zone)
    with suppress(ValueError):
        found = times.read(text, only_format=False)
        assert found.utcoffset().total_seconds() == 0
        assert found.year >= 1970


pieces = st.sampled_from(
    ["*", "**", "?", "[ab]", "[!a]", "[", "a", "b", "1", "/", "/", ".wav", ".flac", "*.wav", "/**/"]
)


@settings(max_examples=300)
@given(pattern=st.lists(pieces, min_size=1, max_size=6).map("".join))
def test_a_place_finds_exactly_what_it_says_it_holds(calls, pattern):
    given_place = f"{calls}/{pattern}"
    found = [each.files[0] for each in find_jobs([given_place]) if isinstance(each, Job)]
    assert [str(calls / name) for name in FILES if Place(given_place).holds(str(calls / name))] == found
