"""A folder of takes through the command line: report files, valid and whole, and errors in one sentence."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from jsonschema import Draft202012Validator

from cxaudio.cli.app import run_cli
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Conditions
from cxaudio.laboratory.takes.takes_folder import read_takes, take_line
from cxaudio.made.simulated_headset import SimulatedHeadset
from cxaudio.schemas import headset_schema
from support.lab_takes import RATE, lab_take, lab_takes, write_takes

HEADSET = SimulatedHeadset(
    sample_rate=RATE, response=((100, -6.0), (400, 0.0), (8_000, 0.0)), quadratic=0.02, noise_dbov=-72,
    delay_samples=400, skew_ppm=10, coupling_db=-40, far_db=-15,
)  # fmt: skip
ROLES = (Role.QUIET, Role.SPEECH, Role.FAR, Role.SWEEP_LOUD, Role.EARPIECE, Role.OPENING)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    takes = lab_takes([HEADSET, replace(HEADSET, noise_dbov=-71)], roles=ROLES, n_openings=3)
    folder = write_takes(tmp_path_factory.mktemp("lab") / "Simulated 1", takes)
    (folder / "holiday.wav").write_bytes((folder / "quiet-1.wav").read_bytes())
    (folder / "babble.wav").write_text("no sound at all")
    return folder


@pytest.fixture(scope="module")
def analysed(folder, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("out")
    assert run_cli(["headset", "analyze", str(folder), "--out", str(out)]) == 0
    return out


@pytest.mark.slow
def test_the_report_is_valid_and_holds_what_was_measured(analysed):
    values = json.loads((analysed / "report.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(headset_schema())
    errors = [f"{e.json_path}: {e.message}" for e in Draft202012Validator(headset_schema()).iter_errors(values)]
    assert errors == []
    assert values["model"] == "Simulated 1"
    assert values["n_wearings"] == 2
    noise = values["figures"]["noise.total_dbov"]
    assert noise["value"] == pytest.approx(-71.5, abs=0.3)
    assert noise["spread"] == pytest.approx(0.7, abs=0.2)
    assert noise["unit"] == "dBov"
    assert len(values["openings_ms"]) == 3
    assert values["openings_ms"][0] == pytest.approx((400 + 16) / 16, abs=0.05)
    assert values["not_offered"][0]["why"]


@pytest.mark.slow
def test_every_fault_is_told_once_and_the_rest_delivered(analysed):
    values = json.loads((analysed / "report.json").read_text(encoding="utf-8"))
    faults = {fault["kind"]: fault["sentence"] for fault in values["faults"]}
    assert "holiday.wav is named by no role" in faults["name"]
    assert "babble.wav" in faults["unreadable"]
    assert values["figures"]["snr.babble_db"]["withheld"] == faults["unreadable"]
    assert values["figures"]["near_far.mean_db"]["value"] == pytest.approx(15, abs=1)


@pytest.mark.slow
def test_tables_and_responses_can_be_read_by_other_tools(analysed):
    rows = list(csv.DictReader((analysed / "figures.csv").read_text(encoding="utf-8").splitlines()))
    assert {"noise.total_dbov", "level.active_dbov"} <= {row["key"] for row in rows}
    curves = list(csv.DictReader((analysed / "curves.csv").read_text(encoding="utf-8").splitlines()))
    assert {"response", "noise", "coupling"} <= {row["key"] for row in curves}
    points = np.loadtxt((analysed / "response.frd").read_text(encoding="utf-8").splitlines(), comments="*")
    assert points.shape[1] == 3
    assert np.interp(1000, points[:, 0], points[:, 1]) == pytest.approx(0, abs=0.1)
    impulse, rate = soundfile.read(analysed / "impulse-response.wav")
    assert rate == RATE
    assert np.argmax(np.abs(impulse)) == pytest.approx(0.05 * RATE, abs=2)


@pytest.mark.slow
def test_json_on_standard_output_is_the_report(folder, capsys):
    assert run_cli(["headset", "analyze", str(folder), "--model", "U800", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["model"] == "U800"


def test_the_table_for_people_names_figures_units_and_faults(tmp_path, capsys):
    write_takes(tmp_path, [lab_take(HEADSET, Role.QUIET)])
    assert run_cli(["headset", "analyze", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "dBov(A)" in shown
    assert "there is no speech take" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [("nowhere", 2, "no such folder"), ("empty", 2, "holds no recording"), ("other", 2, "no file is named by a role")],
)
def test_a_folder_without_takes_is_wrong_usage(tmp_path, capsys, name, code, sentence):
    if name != "nowhere":
        (tmp_path / name).mkdir()
    if name == "other":
        soundfile.write(tmp_path / name / "party.wav", np.zeros(8_000), 8_000)
    assert run_cli(["headset", "analyze", str(tmp_path / name)]) == code
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert len(shown.err.strip().splitlines()) == 1


def test_takes_jsonl_wins_over_names_and_carries_the_conditions(tmp_path):
    take = lab_take(HEADSET, Role.QUIET)
    soundfile.write(tmp_path / "a.wav", take.samples, RATE)
    soundfile.write(tmp_path / "speech.wav", lab_take(HEADSET, Role.SPEECH).samples, RATE)
    line = {"role": "quiet", "wearing": 2, "file": "a.wav", "model": "U860", "device": "Hion U860 Mono", "gain": "73 %"}
    (tmp_path / "takes.jsonl").write_text(take_line(line) + '{"role": "qui', encoding="utf-8")
    takes = read_takes(tmp_path)
    assert takes.model == "U860"
    (quiet,) = takes.of(Role.QUIET)
    assert (quiet.number, quiet.conditions) == (2, Conditions(device="Hion U860 Mono", gain="73 %"))
    assert len(takes.of(Role.SPEECH)) == 1
    assert [fault.sentence for fault in takes.faults if fault.kind == "name"] == [
        "line 2 of takes.jsonl names no take; write role and file of one, or take it out"
    ]


def test_a_take_with_two_different_channels_is_refused(tmp_path):
    x = np.random.default_rng(1).normal(0, 1e-3, (15 * RATE, 2))
    soundfile.write(tmp_path / "quiet.wav", x, RATE)
    soundfile.write(tmp_path / "speech.wav", lab_take(HEADSET, Role.SPEECH).samples, RATE)
    takes = read_takes(tmp_path)
    assert not takes.of(Role.QUIET)
    assert "2 channels that differ" in next(fault.sentence for fault in takes.faults if fault.role is Role.QUIET)


def test_one_signal_on_two_channels_is_one(tmp_path):
    x = np.random.default_rng(1).normal(0, 1e-3, 15 * RATE)
    soundfile.write(tmp_path / "quiet.wav", np.stack((x, x), axis=1), RATE)
    assert len(read_takes(tmp_path).of(Role.QUIET)) == 1


@pytest.mark.slow
def test_asking_for_models_that_are_not_installed_says_how_to_get_them(folder, capsys, monkeypatch):
    from cxaudio.laboratory import measures

    monkeypatch.setattr(measures, "find_spec", lambda name: None)
    assert run_cli(["headset", "analyze", str(folder), "--opinions"]) == 2
    assert "pip install 'cxaudio[opinion]'" in capsys.readouterr().err


@pytest.mark.parametrize("dead", [0, 1])
@pytest.mark.parametrize("left", [0.0, 1e-4])
def test_a_stereo_take_with_one_silent_channel_is_read_from_the_other(tmp_path, dead, left):
    sound = np.random.default_rng(1).normal(0, 0.05, 8 * 16_000)
    both = np.stack([sound, sound], axis=1)
    both[:, dead] = left * np.random.default_rng(2).normal(0, 0.05, len(sound))
    for name in ("quiet.wav", "quiet.reference.wav"):
        soundfile.write(tmp_path / name, both, 16_000, subtype="PCM_24")
    takes = read_takes(tmp_path)
    (take,) = takes.takes
    np.testing.assert_allclose(take.samples, sound, atol=1e-6)
    np.testing.assert_allclose(take.reference, sound, atol=1e-6)


def test_the_advice_for_channels_that_differ_names_the_louder_one(tmp_path):
    rng = np.random.default_rng(1)
    both = np.stack([rng.normal(0, 0.0005, 8 * 16_000), rng.normal(0, 0.05, 8 * 16_000)], axis=1)
    soundfile.write(tmp_path / "quiet.wav", both, 16_000, subtype="PCM_24")
    (fault,) = [fault for fault in read_takes(tmp_path).faults if fault.take == "quiet.wav"]
    assert fault.sentence == (
        "quiet.wav has 2 channels that differ; keep the microphone's alone (channel 2 is 40 dB louder: "
        "sox IN.wav OUT.wav remix 2)"
    )
