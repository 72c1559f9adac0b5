"""Files appear whole or not at all, and what they hold is laid out as promised."""

import csv
import errno
import io
import json
import os
import wave

import numpy as np
import pytest
import soundfile

from cxaudio import engine
from cxaudio._version import __version__
from cxaudio.errors import StoreError
from cxaudio.model.blocks import AudioBlock
from cxaudio.model.cleaned_sound import cleaned_comment
from cxaudio.sinks.clean_wav import CleanWavSink
from cxaudio.sinks.csv_text import csv_text, harmless
from cxaudio.sinks.export_sink import ExportSink
from cxaudio.sinks.exports import EXPORTS, Export
from cxaudio.sinks.file_names import UniqueNames, safe_name
from cxaudio.sinks.files import AtomicFile, private_folder, write_private, write_whole
from cxaudio.sinks.jsonl import JsonlSink
from cxaudio.sinks.report_json import laid_out, report_json
from cxaudio.sources.recorded.recording import Recording
from support.small_call import NOTICE, Played, SmallSource, call_info, provenance, report


def run_with(tmp_path, sinks, **source):
    return engine.run(SmallSource(**source), Played(), sinks, provenance=provenance())


def test_a_file_gets_its_name_only_when_it_is_complete(tmp_path):
    path = tmp_path / "new" / "report.json"
    file = AtomicFile(path)
    file.begin()
    file.write("half")
    assert not path.exists()
    file.commit()
    assert path.read_text() == "half"
    assert os.listdir(path.parent) == ["report.json"]


def test_a_discarded_file_leaves_the_older_one(tmp_path):
    path = tmp_path / "report.json"
    write_whole(path, "old")
    file = AtomicFile(path)
    file.begin()
    file.write("new")
    file.discard()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_of_two_that_write_a_file_at_once_the_last_has_it_whole(tmp_path):
    path = tmp_path / "index.html"
    first, second = AtomicFile(path), AtomicFile(path)
    for file in (first, second):
        file.begin()
    first.write("first, and longer")
    second.write("second")
    first.commit()
    assert "first, and longer" == path.read_text()
    second.commit()
    assert "second" == path.read_text()
    assert ["index.html"] == os.listdir(tmp_path)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_a_private_file_and_its_folders_are_their_owners_alone_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_private(tmp_path / "store" / "pages" / "page.html", "x")
        write_private(tmp_path / "store" / "bytes", b"x")
    finally:
        os.umask(before)
    rights = {str(path.relative_to(tmp_path)): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert {"store": 0o700, "store/pages": 0o700, "store/pages/page.html": 0o600, "store/bytes": 0o600} == rights
    assert (tmp_path / "store" / "pages" / "page.html").read_text() == "x"


def test_a_folder_that_is_there_keeps_its_rights(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)
    private_folder(tmp_path / "shared")
    assert 0o755 == (tmp_path / "shared").stat().st_mode & 0o777


def test_a_private_folder_with_a_file_in_its_way_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(StoreError, match=r"cannot be written .*a file is in the way; name another folder"):
        private_folder(tmp_path / "out")


def test_a_folder_that_is_a_file_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(StoreError, match=r"cannot be written .*a file is in the way; name another folder"):
        write_whole(tmp_path / "out" / "report.json", "x")


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    file = AtomicFile(tmp_path / "report.json")
    file.begin()

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file.file.close()
    file.file = Full()
    with pytest.raises(StoreError, match=r"No space left on device.*free some space"):
        file.write("x")
    file.discard()
    assert os.listdir(tmp_path) == []


def test_a_disk_that_fills_up_when_the_file_is_closed_leaves_nothing(tmp_path):
    file = AtomicFile(tmp_path / "report.json")
    file.begin()
    file.file.close()

    class Full(io.StringIO):
        def close(self) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    full = Full()
    file.file = full
    with pytest.raises(StoreError, match="No space left"):
        file.commit()
    assert os.listdir(tmp_path) == []
    io.StringIO.close(full)


def test_events_stand_between_a_call_line_and_an_end_line(tmp_path):
    path = tmp_path / "events.jsonl"
    run_with(tmp_path, [JsonlSink(path, provenance())])
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert (lines[0]["type"], lines[0]["schema"]) == ("call", "cxaudio.events/1")
    assert lines[0]["settings"]["digest"].startswith("sha256:")
    assert lines[1]["type"] == "notice"
    assert (lines[-1]["type"], lines[-1]["n_samples"]) == ("end", 240037)
    decided = [line["decided_at"] for line in lines[1:]]
    assert decided == sorted(decided)


@pytest.mark.parametrize("block_length", [80, 1096, 40_000, 10_000_000])
def test_events_are_the_same_bytes_however_the_sound_is_cut(tmp_path, block_length):
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    run_with(tmp_path, [JsonlSink(whole, provenance())])
    run_with(tmp_path, [JsonlSink(cut, provenance())], block_length=block_length)
    assert whole.read_bytes() == cut.read_bytes()


def test_report_json_holds_the_report_in_lines_fit_to_read(tmp_path):
    path = tmp_path / "report.json"
    found = run_with(tmp_path, [ExportSink(tmp_path, Export("report.json", report_json))])
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == found.to_dict()
    assert max(map(len, text.splitlines())) < 900
    assert '    {"decided_at"' in text


def test_names_of_other_scripts_and_of_no_script_stay_readable_json(tmp_path):
    """A file name that is no UTF-8 must not cost the report."""
    sink = ExportSink(tmp_path, Export("report.json", report_json))
    sink.close(report(call_info(call_id="客户 \udcff")))
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["call"]["id"] == "客户 \udcff"


@pytest.mark.parametrize(
    "value", [{}, [], {"a": []}, {"a": {"b": ["x" * 80, "y" * 80]}}, [[1, 2]] * 60, None, "x" * 300]
)
def test_the_layout_changes_no_value(value):
    assert value == json.loads(laid_out(value))


def test_clean_sound_is_written_in_place_agent_left(tmp_path):
    path = tmp_path / "clean.wav"
    sink = CleanWavSink(path)
    sink.open(call_info())
    samples = np.array([[0.5, -1.0, 1.0], [0.0, 0.25, -0.25]], np.float32)
    from dataclasses import replace

    last = Played().flush()
    sink.write(replace(last, clean=AudioBlock(start=0, samples=samples[:, :1])))
    sink.write(replace(last, clean=AudioBlock(start=1, samples=samples[:, 1:])))
    sink.close(report())
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) == (2, 8000, 2)
        read = np.frombuffer(sound.readframes(3), "<i2").reshape(3, 2)
    np.testing.assert_array_equal(read, [[16384, 0], [-32768, 8192], [32767, -8192]])


def test_clean_sound_of_a_mono_mix_has_one_channel(tmp_path):
    sink = CleanWavSink(tmp_path / "clean.wav")
    sink.open(call_info(channels=(0, None), two_sided=False))
    sink.close(report())
    with wave.open(str(tmp_path / "clean.wav")) as sound:
        assert (sound.getnchannels(), sound.getnframes()) == (1, 0)


@pytest.mark.parametrize("n", [800, 801])
def test_clean_sound_says_that_it_was_suppressed(tmp_path, n):
    from dataclasses import replace

    sink = CleanWavSink(tmp_path / "clean.wav")
    sink.open(call_info(channels=(0, None), two_sided=False))
    sound = np.zeros((2, n), np.float32)
    sink.write(replace(Played().flush(), clean=AudioBlock(start=0, samples=sound)))
    sink.close(report())
    with Recording(tmp_path / "clean.wav") as recording:
        assert recording.comment == cleaned_comment(__version__)
        assert recording.faults == ()
        assert recording.n_frames == n
    assert soundfile.SoundFile(tmp_path / "clean.wav").comment == cleaned_comment(__version__), "others read it, too"


def test_clean_sound_of_a_call_that_broke_off_is_not_left(tmp_path):
    sink = CleanWavSink(tmp_path / "clean.wav")
    sink.open(call_info())
    sink.close(None)
    assert os.listdir(tmp_path) == []


def test_tables_open_in_a_spreadsheet(tmp_path):
    """Read back with the csv module: a byte-order mark, the same rows, empty cells for what is unknown."""
    sink = ExportSink(tmp_path, EXPORTS["csv"])
    found = report(call_info(notices=(NOTICE,)))
    sink.close(found)
    for name in ("turns", "overlaps", "rates", "flags", "silences", "notices", "tempo", "nudges", "holds"):
        assert (tmp_path / "tables" / f"{name}.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert not (tmp_path / "tables" / "dropouts.csv").exists(), "a list without rows has no table"
    with open(tmp_path / "tables" / "rates.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["side"], row["syllables_per_s"]) for row in rows] == [("agent", "4.3636"), ("customer", "")]
    with open(tmp_path / "tables" / "pace.csv", encoding="utf-8-sig", newline="") as file:
        pace = list(csv.DictReader(file))
    assert [(9.5, "unknown")] == [(float(row["at"]), row["pace"]) for row in pace]
    with open(tmp_path / "tables" / "flags.csv", encoding="utf-8-sig", newline="") as file:
        (flag,) = csv.DictReader(file)
    assert (flag["evidence.turn_s"], flag["steps"]) == ("3.0", "note/17.0/3.0/3.0/s flag/19.0/5.0/5.0/s")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "a\n=1", "\u200b=1", "＝1", "\ufeff=1"]
)
def test_no_cell_is_run_as_a_formula(cell):
    """Also behind spaces of any kind, and on a further line (CVE-2021-41270)."""
    (row,) = list(csv.reader(io.StringIO(csv_text([{"x": cell}])[1:], newline="")))[1:]
    for line in row[0].splitlines():
        if line:
            assert line.lstrip("\ufeff\u200b \u00a0\t")[0] not in "=+-@＝＋－＠"


def test_numbers_and_plain_texts_are_left_alone():
    assert [-1.5, "a=b", "客户", ""] == [harmless(-1.5), harmless("a=b"), harmless("客户"), harmless(None)]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "C:\\x",
        "nul",
        "COM1.wav",
        "a\nb",
        "\u202egnp",
        "...",
        "",
        "x" * 400,
        "客" * 300,
        " a ",
        "-rf",
        "~",
    ],
)
def test_no_name_climbs_hides_or_names_a_device(name, tmp_path):
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= 120
    assert not set(safe) & set('<>:"/\\|?*\n\u202e')
    assert safe == safe.strip(" .")
    assert safe.split(".")[0].lower() not in ("nul", "com1")
    assert not safe.startswith(("-", "~"))
    (tmp_path / safe).mkdir()
    assert safe == safe_name(safe)


def test_two_calls_of_one_name_get_two_folders():
    names = UniqueNames()
    assert ["call", "CALL-2", "call-3", "CON_"] == [names.take(name) for name in ("call", "CALL", "call", "CON:")]
