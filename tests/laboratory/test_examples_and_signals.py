"""Example takes and the protocol's signals: what is written can be analysed, and is the same each time."""

import hashlib
import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cxaudio.cli.app import run_cli
from cxaudio.laboratory.analyse import analyse_takes
from cxaudio.laboratory.example_takes import EXAMPLES, write_examples
from cxaudio.laboratory.takes.protocol import PROTOCOL, Role
from cxaudio.laboratory.takes.takes_folder import read_takes
from cxaudio.made.simulated_headset import SimulatedHeadset

pytestmark = pytest.mark.slow  # whole calls, or takes of whole headsets

RATE = 16_000
FEW = (Role.QUIET, Role.SPEECH, Role.SWEEP_LOUD, Role.OPENING)


def sums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def few(tmp_path_factory) -> Path:
    """Some takes of every example."""
    folder = tmp_path_factory.mktemp("examples")
    write_examples(folder, roles=FEW, n_wearings=1)
    return folder


@pytest.mark.slow
def test_examples_are_the_same_bytes_each_time(few, tmp_path):
    write_examples(tmp_path, examples=EXAMPLES[:1], roles=FEW, n_wearings=1)
    assert {name: digest for name, digest in sums(few).items() if name.startswith("clear/")} == sums(tmp_path)


@pytest.mark.slow
def test_examples_have_no_faults_and_say_that_they_are_simulated(few):
    for example in EXAMPLES:
        takes = read_takes(few / example.folder)
        assert example.model == takes.model
        assert {"missing"} == {fault.kind.value for fault in takes.faults}
        assert {"simulated"} == {take.conditions.device for take in takes.takes}


@pytest.mark.slow
def test_examples_are_ranked_as_they_were_made(few, tmp_path, capsys):
    folders = [str(few / example.folder) for example in reversed(EXAMPLES)]
    assert run_cli(["headset", "compare", *folders, "--out", str(tmp_path), "--json"]) == 0
    standings = json.loads(capsys.readouterr().out)["standings"]
    assert [(example.model, rank) for rank, example in enumerate(EXAMPLES, 1)] == [
        (standing["model"], standing["rank"]) for standing in standings
    ]


@pytest.fixture
def few_takes(monkeypatch):
    """Let the demonstration record few of the takes."""
    from cxaudio.laboratory import example_takes

    monkeypatch.setattr(
        example_takes, "write_examples", partial(write_examples, roles=(Role.QUIET, Role.OPENING), n_wearings=1)
    )


def test_the_demo_leaves_three_headsets_compared_and_says_where(few_takes, tmp_path, capsys):
    assert run_cli(["headset", "demo", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    ranks = re.findall(r"^(\d)\. (Example \w+)", shown.out, re.MULTILINE)
    assert [(str(rank), example.model) for rank, example in enumerate(EXAMPLES, 1)] == ranks
    page = tmp_path / "comparison" / "report.html"
    assert str(page) in shown.out.replace("\n", "")
    for path in (page, *(page.parent / f"example-{example.folder}" / "report.html" for example in EXAMPLES)):
        assert "<svg" in path.read_text(encoding="utf-8")


def test_the_demo_for_machines_names_folders_page_and_standings(few_takes, tmp_path, capsys):
    words = ["headset", "demo", "--out", str(tmp_path), "--page-language", "zh-TW", "--json"]
    assert run_cli(words) == 0
    values = json.loads(capsys.readouterr().out)
    assert [str(tmp_path / example.folder) for example in EXAMPLES] == values["folders"]
    assert str(tmp_path / "comparison" / "report.html") == values["page"]
    assert [example.model for example in EXAMPLES] == [each["model"] for each in values["standings"]]
    for path in (Path(values["page"]), tmp_path / "comparison" / "example-clear" / "report.html"):
        assert '<html lang="zh-Hant">' in path.read_text(encoding="utf-8")
    assert values["standings"][2]["causes"][0]["cause"] == "noisier to the ear", "files for programs stay English"


@pytest.mark.parametrize(
    ("options", "n_opened"), [(["--open"], 1), (["--no-open"], 0), ([], 0), (["--open", "--json"], 0)]
)
def test_the_demo_opens_its_page_only_where_somebody_looks(options, n_opened, tmp_path, monkeypatch):
    from cxaudio.laboratory import analyse, example_takes
    from cxaudio.laboratory.report import compare

    opened: list[str] = []
    page = tmp_path / "comparison" / "report.html"
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr(example_takes, "write_examples", lambda folder: [folder])
    monkeypatch.setattr(analyse, "analyse_several", lambda folders, progress: [])
    monkeypatch.setattr(analyse, "write_comparison", lambda reports, folder, page_language: [page])
    nothing = compare.Comparison(reports=(), rows=(), standings=(), significance=0.05)
    monkeypatch.setattr(compare, "compare_headsets", lambda reports: nothing)
    assert run_cli(["headset", "demo", "--out", str(tmp_path), *options]) == 0
    assert [page.as_uri()] * n_opened == opened


def test_a_language_without_texts_is_wrong_usage(tmp_path, capsys):
    assert run_cli(["headset", "demo", "--out", str(tmp_path), "--page-language", "de"]) == 2
    assert "--page-language de is not known" in capsys.readouterr().err


def test_a_demo_that_cannot_draw_says_so_before_it_records(tmp_path, capsys, monkeypatch):
    from cxaudio.laboratory.report import plots

    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    assert run_cli(["headset", "demo", "--out", str(tmp_path)]) == 2
    assert "pip install 'cxaudio[lab]'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def signals(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("signals")
    assert run_cli(["headset", "signals", "--out", str(folder), "--rate", str(RATE)]) == 0
    return folder


def test_every_role_has_its_signal_and_its_instructions(signals):
    text = (signals / "README.txt").read_text(encoding="utf-8")
    for plan in PROTOCOL:
        assert f"save as {plan.role}.wav" in text
        assert plan.prompt in text
        path = signals / f"{plan.role}.played.wav"
        assert path.is_file() == (plan.role is not Role.QUIET)
        if path.is_file():
            assert path.name in text
            info = soundfile.info(path)
            assert (RATE, 1, "PCM_16") == (info.samplerate, info.channels, info.subtype)


@pytest.mark.slow
def test_takes_recorded_with_other_tools_beside_the_signals_are_analysed(signals):
    """A headset of known properties records the files; nothing but the files is handed over."""
    headset = SimulatedHeadset(
        sample_rate=RATE, noise_dbov=-70, bandwidth_hz=6_900, quadratic=0.04, delay_samples=800, skew_ppm=25
    )
    rng = np.random.default_rng(5)
    for role in (Role.SPEECH, Role.SWEEP_LOUD, Role.MARKERS, Role.OPENING, Role.CALL):
        sound, _ = soundfile.read(signals / f"{role}.played.wav")
        soundfile.write(signals / f"{role}.wav", headset.record(rng, mouth=sound, tail_s=1.0), RATE, subtype="PCM_16")
    report = analyse_takes(signals, model="Acme 5")
    assert {"missing"} == {fault.kind.value for fault in report.takes.faults}
    assert report.figure("bandwidth.upper_hz").value == pytest.approx(6_900, abs=100)
    assert report.figure("thd.at_1khz_percent").value == pytest.approx(0.894, rel=0.06)
    assert report.figure("clock.skew_ppm").value == pytest.approx(25, abs=0.5)
    assert report.figure("latency.median_ms").value == pytest.approx(50, abs=0.1)
    assert report.figure("pacing.overlaps").value == 0


@pytest.mark.parametrize("rate", ["4000", "400000"])
def test_a_rate_that_no_headset_has_is_wrong_usage(tmp_path, capsys, rate):
    assert run_cli(["headset", "signals", "--out", str(tmp_path), "--rate", rate]) == 2
    shown = capsys.readouterr().err
    assert f"--rate {rate} is out of range" in shown
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["demo", "signals"])
def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path, capsys, command, monkeypatch):
    from cxaudio.laboratory import example_takes, protocol_signals

    monkeypatch.setattr(example_takes, "simulated_takes", lambda wearings, *, roles, seed: iter(()))
    monkeypatch.setattr(protocol_signals, "PROTOCOL", ())
    (tmp_path / "file").write_text("no folder")
    assert run_cli(["headset", command, "--out", str(tmp_path / "file" / "deep")]) == 3
    assert 1 == len(capsys.readouterr().err.strip().splitlines())
