"""Putting source, analyser and sinks together; the recordings are real files, the analyser says nothing."""

import json
import os
import sys
import types

import numpy as np
import pytest
import soundfile

import cxaudio
from cxaudio.errors import UsageError
from cxaudio.model.blocks import Analysed, AudioBlock
from cxaudio.model.events import Side
from cxaudio.replay.found_recordings import find_recordings
from cxaudio.replay.known_layouts import known_layouts
from cxaudio.replay.request import CallFiles, Outputs
from cxaudio.replay.side_files import sides_of_one_call
from cxaudio.sinks.exports import EXPORTS


class Deaf:
    """An analyser that only counts."""

    def __init__(self, call, analysis, pacing, *, suppressor=None, record=None):
        self.call, self.clean = call, suppressor is not None
        self._heard_to = 0

    def process(self, block):
        self._heard_to = block.end
        return self._nothing(block if self.clean else AudioBlock(start=block.end, samples=block.samples[:, :0]))

    def flush(self):
        return self._nothing(AudioBlock(start=self._heard_to, samples=np.zeros((2, 0), np.float32)))

    def _nothing(self, clean):
        none = np.zeros((2, 0), np.float32)
        return Analysed(
            heard_to=self._heard_to, clean=clean, events=(), first_tick=0,
            level_dbov=none, speaking=none.astype(bool), probability=none,
        )  # fmt: skip


@pytest.fixture(autouse=True)
def _deaf(monkeypatch, tmp_path):
    fake = types.ModuleType("cxaudio.analysis.call")
    fake.CallAnalyser = Deaf
    monkeypatch.setitem(sys.modules, "cxaudio.analysis.call", fake)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def stereo(tmp_path):
    path = tmp_path / "call.wav"
    sound = np.stack([np.full(8000, 0.25), np.full(8000, -0.5)], axis=1)
    soundfile.write(path, sound, 8000)
    return path


@pytest.fixture
def mono(tmp_path):
    path = tmp_path / "mono.wav"
    soundfile.write(path, np.full(8000, 0.25), 8000)
    return path


def test_a_notebook_gets_a_report_and_no_file(stereo, tmp_path):
    report = cxaudio.replay(stereo, agent="left")
    assert isinstance(report, cxaudio.CallReport)
    assert report.duration_s == 1.0
    assert report.call.channels == (0, 1)
    assert report.call.role_source == "given"
    assert os.listdir(tmp_path) == ["call.wav"]


def test_roles_may_come_from_a_layout_or_the_settings(stereo, tmp_path):
    by_layout = cxaudio.replay(str(stereo), layout="amazon-connect")
    assert (by_layout.call.channels, by_layout.call.role_source) == ((1, 0), "layout:amazon-connect")
    by_settings = cxaudio.replay(stereo, overrides={"roles.agent": "right"})
    assert (by_settings.call.channels, by_settings.call.role_source) == ((1, 0), "settings")
    given = cxaudio.replay(stereo, agent="left", overrides={"roles.agent": "right"})
    assert (given.call.channels, given.call.role_source) == ((0, 1), "given"), (
        "what is given now goes before the settings"
    )


def test_a_layout_of_the_user_s_own_is_known(stereo, tmp_path):
    folder = tmp_path / "config" / "cxaudio"
    folder.mkdir(parents=True)
    (folder / "layouts.toml").write_text(
        'schema = 1\n[layouts.ours]\ntitle = "Our recorder"\nagent = "right"\nsource = "measured here"\n'
    )
    assert {"ours", "verint"} <= set(known_layouts())
    assert cxaudio.replay(stereo, layout="ours").call.channels == (1, 0)


def test_a_mono_mix_needs_no_roles(mono):
    report = cxaudio.replay(mono)
    assert not report.two_sided
    assert report.sides[Side.CUSTOMER] is None


def test_a_file_a_side(mono, tmp_path):
    other = tmp_path / "other.wav"
    soundfile.write(other, np.full(16000, 0.1), 8000)
    report = cxaudio.replay(agent_file=mono, customer_file=other, out=tmp_path / "out")
    assert report.call.origin == "wav-pair"
    assert report.duration_s == 2.0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "mono.wav" in page
    assert "other.wav" in page


def test_all_outputs_have_their_names(stereo, tmp_path):
    out = tmp_path / "a" / "b"
    cxaudio.replay(stereo, agent="left", out=out, export=list(EXPORTS), clean=True)
    exported = {export.file.partition("/")[0] for name, export in EXPORTS.items() if name != "audacity"}
    assert {"clean.wav", "events.jsonl", "report.html", "report.json", *exported} == set(os.listdir(out)), (
        "a track without a label is not written"
    )
    sound, rate = soundfile.read(out / "clean.wav")
    assert rate == 8000
    assert sound[0].tolist() == [0.25, -0.5]


def test_the_page_opens_in_the_call_s_language_unless_told(stereo, tmp_path):
    cxaudio.replay(stereo, agent="left", out=tmp_path / "zh", language="zh-CN")
    assert 'lang="zh-Hans"' in (tmp_path / "zh" / "report.html").read_text(encoding="utf-8")
    cxaudio.replay(stereo, agent="left", out=tmp_path / "en", language="zh-CN", page_language="en")
    assert 'lang="en"' in (tmp_path / "en" / "report.html").read_text(encoding="utf-8")
    values = json.loads((tmp_path / "en" / "report.json").read_text())
    assert (values["call"]["language"], values["settings"]["policy"]) == ("zh-CN", "zh")


def test_the_report_says_what_it_was_made_with(stereo):
    values = cxaudio.replay(stereo, agent="left", overrides={"rushing.flag_ratio": 1.3}).to_dict()
    other = cxaudio.replay(stereo, agent="left").to_dict()
    assert values["settings"]["values"]["rushing"]["flag_ratio"] == 1.3
    assert values["settings"]["digest"] != other["settings"]["digest"]
    assert {"cxaudio", "python", "numpy", "scipy", "soundfile", "soxr", "webrtcvad-wheels"} == set(values["versions"])


def test_no_socket_is_opened(stereo, tmp_path, monkeypatch):
    import socket

    def refused(*args, **options):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    cxaudio.replay(stereo, agent="left", out=tmp_path / "out", export="csv", clean=True, embed_audio=True)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "no recording was named"),
        (
            {"path": "a.wav", "agent_file": "b.wav", "customer_file": "c.wav"},
            "either one recording, or one file a side",
        ),
        ({"customer_file": "a.wav"}, "without --agent-file"),
        ({"path": "a.wav", "export": "csv"}, "name one with --out"),
        ({"path": "a.wav", "clean": True}, "name one with --out"),
        ({"path": "a.wav", "suppressor": "network"}, "add --clean"),
    ],
)
def test_a_request_that_contradicts_itself_is_refused(request_, message):
    with pytest.raises(UsageError, match=message):
        cxaudio.replay(**request_)


def test_an_unknown_export_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(UsageError, match="'docx' is not known; choose from textgrid"):
        Outputs(folder=tmp_path, export=("docx",))


def test_two_files_of_one_layout_are_one_call(mono, tmp_path):
    receive, transmit = tmp_path / "in.wav", tmp_path / "out.wav"
    convention = known_layouts()["asterisk-rt-inbound"]
    assert sides_of_one_call(receive, transmit, layout="asterisk-rt-inbound") == convention.in_order(receive, transmit)
    assert sides_of_one_call(receive, transmit, layout="verint") is None


def test_two_stereo_files_are_two_calls(stereo, mono, tmp_path):
    assert sides_of_one_call(stereo, stereo, layout=None) is None
    assert sides_of_one_call(stereo, mono, layout=None) is None
    assert sides_of_one_call(mono, tmp_path, layout=None) is None, "a folder is no side"
    assert sides_of_one_call(mono, tmp_path / "missing.wav", layout=None) is None, "reading it fails later"
    with pytest.raises(UsageError, match="have one channel each"):
        sides_of_one_call(mono, mono, layout=None)


def test_recordings_are_found_in_order_and_once(tmp_path):
    for name in ("b/2.wav", "b/1.MP3", "a/x.flac", "a/x.txt", "c.wav49", ".d/y.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link.wav").symlink_to(tmp_path / "c.wav49")
    found = find_recordings([tmp_path, tmp_path / "b" / "2.wav"], besides=tmp_path / "a")
    assert [each.file.relative_to(tmp_path).as_posix() for each in found] == ["c.wav49", "b/1.MP3", "b/2.wav"]


def test_a_recording_named_twice_is_replayed_once(stereo, tmp_path):
    outcomes = cxaudio.replay_many([stereo, stereo], out=tmp_path / "out", agent="left")
    assert [outcome.file for outcome in outcomes] == [stereo]


def test_a_folder_without_recordings_is_told(tmp_path):
    with pytest.raises(UsageError, match="no recording found"):
        cxaudio.replay_many([tmp_path], out=tmp_path / "out")


def test_the_name_of_a_call_is_its_first_file_s():
    assert CallFiles(path=None, agent_file="x", customer_file="y").recordings == ("x", "y")


def test_every_public_name_is_there():
    for name in cxaudio.__all__:
        assert getattr(cxaudio, name) is not None
    assert set(cxaudio.__all__) <= set(dir(cxaudio))
    with pytest.raises(AttributeError, match="no attribute 'record'"):
        _ = cxaudio.record
