"""`cxaudio devices` names the headset whose profile fits."""

import json

import pytest

from cxaudio.cli.app import run_cli
from support.fake_soundcard import FakeDevice, FakeSoundSystem


@pytest.fixture(autouse=True)
def attached_headset(monkeypatch, tmp_path):
    devices = FakeSoundSystem(FakeDevice("Hion U800"), FakeDevice("Mic"))
    monkeypatch.setattr("cxaudio.devices.soundcard.open_sound_system", lambda: devices)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")


def test_the_table_shows_maker_and_model_beside_the_name_of_the_profile(capsys):
    assert 0 == run_cli(["devices"])
    assert 1 == capsys.readouterr().out.count("hion-u800 (Hion U800)")


def test_json_holds_the_name_of_the_profile(capsys):
    assert 0 == run_cli(["devices", "--json"])
    assert ["hion-u800", None] == [each["profile"] for each in json.loads(capsys.readouterr().out)["devices"]]
