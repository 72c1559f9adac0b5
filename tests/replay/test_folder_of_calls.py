"""A folder of recordings: names that stay, one page of all, and trouble that costs only itself."""

import base64
import csv
import errno
import gzip
import json
import os
import re
import sys
import types
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxaudio
from cxaudio.errors import AudioFormatError, StoreError, UsageError
from cxaudio.replay import many_calls
from cxaudio.replay.call_folders import call_folders, content_name
from cxaudio.replay.found_recordings import FoundRecording, find_recordings
from cxaudio.sinks.folder_lock import only_writer
from support.sample_reports import sample_report, write_sample_wav
from support.small_call import Played


@pytest.fixture(autouse=True)
def _small_call(monkeypatch, tmp_path):
    """Analyse nothing: whatever sound is read, the events are those of the small call."""
    fake = types.ModuleType("cxaudio.analysis.call")
    fake.CallAnalyser = lambda *args, **options: Played()
    monkeypatch.setitem(sys.modules, "cxaudio.analysis.call", fake)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("one") / "call.wav"
    return write_sample_wav(path, sample_report(3), sample_rate=8000).read_bytes()[: 44 + 4 * 8000 * 31]


@pytest.fixture
def calls(tmp_path, recording):
    def put(*names: str) -> Path:
        for name in names:
            path = tmp_path / "calls" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(recording)
        return tmp_path / "calls"

    return put


def summary(out: Path) -> dict[str, dict[str, str]]:
    with open(out / "summary.csv", encoding="utf-8-sig", newline="") as file:
        return {Path(row["file"]).name: row for row in csv.DictReader(file)}


def index(out: Path) -> tuple[dict, dict]:
    """Return the facts and the columns of a page of many calls."""
    text = (out / "index.html").read_text(encoding="utf-8")
    facts = json.loads(re.search(r'id="facts">(.*?)</script>', text)[1])
    return facts, json.loads(gzip.decompress(base64.b64decode(re.search(r'id="columns">(.*?)</script>', text)[1])))


def placed(*places: str) -> list[FoundRecording]:
    return [FoundRecording(file=Path("/calls", place), place=PurePosixPath(place)) for place in places]


def names_of(*places: str) -> dict[str, str]:
    return {str(file.relative_to("/calls")): str(folder) for file, folder in call_folders(placed(*places)).items()}


def test_a_folder_is_named_after_its_recording_alone():
    expected = {
        "a.wav": "a", "a.flac": "a-flac", "May/a.wav": "May/a", "a.b.WAV": "a.b", "通话 1.wav": "通话 1",
        "x.MP3": "x-MP3",
    }  # fmt: skip
    assert expected == names_of(*expected)


STEMS = st.text("xyzßé", min_size=1, max_size=2)
PLACE = st.builds("{}{}.{}".format, st.sampled_from(["", "b/", "c/d/"]), STEMS, st.sampled_from(["wav", "flac", "mp3"]))
PLACES = st.sets(PLACE, min_size=1, max_size=8)


@given(PLACES, PLACES)
def test_recordings_that_are_added_rename_no_other(first, added):
    before, after = names_of(*sorted(first)), names_of(*sorted(first | added))
    assert before == {place: after[place] for place in before}
    assert len(set(after.values())) == len(after)


@pytest.mark.parametrize(
    "name",
    ["summary.csv.wav", "index.html.wav", "b/tables.wav", "report.json.wav", "tables/x.wav", "a:b.wav", "a\u202e.wav"],
)
def test_a_name_that_results_have_or_that_is_unsafe_gets_a_digest(name):
    (folder,) = names_of(name).values()
    assert re.search(r"-[0-9a-f]{6}(/x)?$", folder)


def test_names_that_differ_in_case_or_by_a_hyphen_get_a_digest_and_the_plain_one_stays():
    names = names_of("a.WAV", "a.wav", "b-flac.wav", "b.flac")
    assert ("a", "b-flac") == (names["a.wav"], names["b-flac.wav"])
    assert re.fullmatch(r"a-[0-9a-f]{6}", names["a.WAV"])
    assert re.fullmatch(r"b-flac-[0-9a-f]{6}", names["b.flac"])


def test_the_place_of_what_lies_in_one_of_several_folders_begins_with_its_name(calls):
    root = calls("May/a.wav", "June/a.wav", "b.wav")
    found = find_recordings([root / "May", root / "June", root / "b.wav"])
    assert ["May/a.wav", "June/a.wav", "b.wav"] == [each.place.as_posix() for each in found]


def test_one_page_holds_all_calls_and_each_call_leads_back(calls, tmp_path):
    root, out = calls("b.wav", "sub dir/c.wav"), tmp_path / "out"
    (root / "bad.wav").write_text("no sound at all")
    cxaudio.replay_many([root], out=out, agent="left")
    facts, columns = index(out)
    assert sorted(["b.wav", "sub dir/c.wav"]) == sorted(columns["name"])
    assert sorted(["b/report.html", "sub dir/c/report.html"]) == sorted(columns["page"])
    assert all((out / page).is_file() for page in columns["page"])
    assert [1, 1] == columns["n_flag"], "as in the reports"
    assert "f" in columns["flag_letters"]
    assert "a" in columns["timeline"]
    (failure,) = facts["failed"]
    assert failure["name"].endswith("bad.wav")
    assert failure["reason"]
    assert '<a href="../index.html">' in (out / "b" / "report.html").read_text(encoding="utf-8")
    assert '<a href="../../index.html">' in (out / "sub dir" / "c" / "report.html").read_text(encoding="utf-8")


def test_the_page_of_one_call_alone_leads_nowhere(calls, tmp_path):
    cxaudio.replay(calls("a.wav") / "a.wav", agent="left", out=tmp_path / "out")
    assert "<a href" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert not (tmp_path / "out" / "index.html").exists()


def test_a_second_run_lists_only_what_is_there_and_leaves_the_rest_alone(calls, tmp_path):
    root, out = calls("a.wav", "b.wav"), tmp_path / "out"
    cxaudio.replay_many([root], out=out, agent="left")
    report = (out / "b" / "report.json").read_bytes()
    (root / "a.wav").unlink()
    calls("a.flac".replace("flac", "wave"), "0.wav")
    cxaudio.replay_many([root], out=out, agent="left")
    assert {"0.wav", "a.wave", "b.wav"} == set(index(out)[1]["name"]) == set(summary(out))
    assert report == (out / "b" / "report.json").read_bytes()
    assert (out / "a" / "report.json").is_file(), "of a call that is gone"


def test_the_summary_has_the_sentence_and_the_start(calls, tmp_path):
    cxaudio.replay_many([calls("a.wav")], out=tmp_path / "out", agent="left")
    row = summary(tmp_path / "out")["a.wav"]
    report = json.loads((tmp_path / "out" / "a" / "report.json").read_text(encoding="utf-8"))
    assert "" == row["started_at"], "this recording does not say"
    assert report["call"]["started_at"] is None
    assert row["sentence"].endswith(".")


def test_a_folder_that_may_not_be_read_costs_only_itself(calls, tmp_path, monkeypatch):
    root, out = calls("a.wav", "locked/b.wav"), tmp_path / "out"
    scan = os.scandir

    def refusing(path="."):
        if Path(os.fsdecode(path)).name == "locked":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    outcomes = cxaudio.replay_many([root], out=out, agent="left")
    assert [("a.wav", 0), ("locked", 3)] == [(each.file.name, each.exit_code) for each in outcomes]
    assert "cannot be searched" in summary(out)["locked"]["reason"]
    (root / "a.wav").unlink()
    with pytest.raises(AudioFormatError, match="locked: cannot be searched"):
        cxaudio.replay_many([root], out=out, agent="left")


def test_a_file_in_the_way_of_one_call_costs_only_that_call(calls, tmp_path):
    root, out = calls("a.wav", "b.wav"), tmp_path / "out"
    out.mkdir()
    (out / "a").write_text("somebody's own")
    outcomes = cxaudio.replay_many([root], out=out, agent="left")
    assert [("a.wav", 3), ("b.wav", 0)] == [(each.file.name, each.exit_code) for each in outcomes]
    assert "a file is in the way" in summary(out)["a.wav"]["reason"]
    assert "somebody's own" == (out / "a").read_text()


def test_a_recording_named_like_the_summary_takes_nothing_from_it(calls, tmp_path):
    out = tmp_path / "out"
    cxaudio.replay_many([calls("summary.csv.wav", "index.html.wav")], out=out, agent="left")
    assert (out / "summary.csv").is_file()
    assert 2 == len(index(out)[1]["page"])


def test_two_runs_into_one_folder_do_not_mix(calls, tmp_path):
    root, out = calls("a.wav"), tmp_path / "out"
    with only_writer(out), pytest.raises(StoreError, match="another run is writing here"):
        cxaudio.replay_many([root], out=out, agent="left")
    with only_writer(out), pytest.raises(StoreError, match="another run is writing here"):
        cxaudio.replay(root / "a.wav", out=out, agent="left")
    assert [] == os.listdir(out)


@pytest.mark.parametrize("anonymous", [False, True])
def test_a_full_disk_ends_the_run_and_shows_a_name_only_where_it_may(calls, tmp_path, monkeypatch, anonymous):
    root, begun = calls("a.wav", "b.wav"), []

    def full(files, **options):
        begun.append(files.path.name)
        raise StoreError(f"{files.path}: cannot be written") from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(many_calls, "replay_call", full)
    with pytest.raises(StoreError, match="cannot be written") as raised:
        cxaudio.replay_many([root], out=tmp_path / "out", agent="left", anonymous=anonymous)
    assert ["a.wav"] == begun
    assert anonymous != ("a.wav" in str(raised.value))
    assert anonymous != isinstance(raised.value.__cause__, OSError), "a traceback of the cause could hold the name"


def test_a_page_of_somebody_else_ends_the_run_before_it_begins(calls, tmp_path):
    root, out = calls("a.wav"), tmp_path / "out"
    out.mkdir()
    (out / "index.html").write_text("<h1>My site</h1>")
    with pytest.raises(StoreError, match="was not made by cxaudio"):
        cxaudio.replay_many([root], out=out, agent="left")
    assert ["index.html"] == os.listdir(out)


def test_an_unknown_export_is_told_before_any_call(calls, tmp_path):
    with pytest.raises(UsageError, match="docx"):
        cxaudio.replay_many([calls("a.wav", "b.wav")], out=tmp_path / "out", agent="left", export="docx")
    assert not (tmp_path / "out").exists()


def test_a_nameless_folder_says_nothing_of_the_recording_s_name_and_stays(calls):
    root = calls("Maria.wav")
    name = content_name(root / "Maria.wav", number=4)
    (root / "Maria.wav").rename(root / "other.wav")
    assert name == content_name(root / "other.wav", number=9)
    assert re.fullmatch(r"recording-[0-9a-f]{12}", name)
    assert "recording-0004" == content_name(root / "missing.wav", number=4)
