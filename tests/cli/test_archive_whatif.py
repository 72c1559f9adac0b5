"""`cxaudio archive whatif`: what a person, a program and a spreadsheet get, and exit codes."""

import csv
import io
import json

import pytest

from cxaudio.archive.whatif import asking
from cxaudio.cli.app import run_cli
from support.drawn_policies import SHIPPED
from support.drawn_store import drawn_calls, drawn_store


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return drawn_store(tmp_path_factory.mktemp("drawn") / "store", drawn_calls(5), SHIPPED)


@pytest.fixture
def ask(store, capsys):
    def run(*arguments: str, code: int = 0) -> tuple[str, str]:
        assert code == run_cli(["archive", "whatif", "--store", str(store), *arguments])
        shown = capsys.readouterr()
        return shown.out, shown.err

    return run


STRICT = ("--set", "left_waiting.note_s=0.5", "--set", "left_waiting.flag_s=1.0")


def test_a_person_sees_what_is_tried_a_table_of_the_rules_and_the_calls_that_change(ask):
    out, _ = ask(*STRICT, "--limit", "2")
    lines = out.splitlines()
    assert "left_waiting.note_s: 3.0 -> 0.5" in lines
    assert "5 of 5 calls can be judged, 0.1 h without holds" in lines
    table = {line.split()[0]: line.split()[1:] for line in lines if line.startswith(("left_waiting ", "dead_air "))}
    assert int(table["left_waiting"][0]) < int(table["left_waiting"][1])
    assert table["dead_air"][0] == table["dead_air"][1]
    assert 2 == sum(line.startswith("  ") and "left_waiting" in line for line in lines)
    assert any(line.startswith("nudges an agent-hour: ") for line in lines)


def test_a_program_gets_all_of_it_as_json(ask):
    found = json.loads(ask(*STRICT, "--json")[0])
    assert "cxaudio.whatif/1" == found["schema"]
    assert {"key": "left_waiting.flag_s", "now": 5.0, "then": 1.0} in found["settings"]
    assert found["calls_changed"] == len(found["changes"]) > 2
    change = found["changes"][0]
    assert change["page"] == f"pages/{change['call_id'][:2]}/{change['call_id']}.html"
    assert (
        "flag" in change["rules"]["left_waiting"]["severity_then"]
        or "severe" in (change["rules"]["left_waiting"]["severity_then"])
    )
    gained = found["rules"]["left_waiting"]["calls_gained"]
    assert gained > 0
    assert found["nudges"]["then_per_agent_hour"] > 0


def test_a_spreadsheet_gets_a_row_for_each_call_and_rule(ask, tmp_path):
    table = tmp_path / "changes.csv"
    out, _ = ask(*STRICT, "--set", "whole_call.talk_share_agent=0.2", "--csv", str(table), "--limit", "0")
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    assert {"left_waiting", "talk_share_agent"} <= {row["rule"] for row in rows}
    assert "change" in out
    assert not any("pages" in line for line in out.splitlines())


def test_a_policy_file_is_laid_over_the_settings_of_the_calls(ask, tmp_path):
    policy = tmp_path / "strict.toml"
    policy.write_text("[left_waiting]\nnote_s = 0.5\nflag_s = 1.0\n")
    assert ask("--policy", str(policy), "--json") == ask(*STRICT, "--json")


def test_the_settings_of_the_calls_themselves_change_nothing(ask):
    out, _ = ask("--set", "left_waiting.flag_s=5")
    assert "The calls were judged with these very settings." in out
    assert "calls that change: 0" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "--policy FILE"),
        (("--set", "detection.on_probability=0.7"), "detection.on_probability decides what is found in the sound"),
        (("--set", "left_waiting.flag=7"), "did you mean left_waiting.flag_s"),
        (("--policy", "no-such-file.toml"), "no-such-file.toml: cannot be read"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_in_one_sentence(ask, arguments, sentence):
    _, err = ask(*arguments, code=2)
    assert sentence in err
    assert 1 == len(err.strip().splitlines())


def test_a_folder_that_is_no_store_cannot_be_read(tmp_path, capsys):
    assert 3 == run_cli(["archive", "whatif", "--store", str(tmp_path / "none"), *STRICT])
    assert "does not exist" in capsys.readouterr().err


def test_nudges_of_a_sample_stand_with_their_interval_and_its_size(ask, monkeypatch):
    monkeypatch.setattr(asking, "_MOST_FOR_NUDGES", 3)
    out, _ = ask(*STRICT)
    assert " (95 % interval " in out
    assert (
        "nudges judged of a random sample of 3 of the 5 calls in which they may differ; --all-nudges judges all" in out
    )
    found = json.loads(ask(*STRICT, "--json")[0])["nudges"]["sample"]
    assert (3, 5) == (found["n"], found["of"])
    assert "sample" not in ask(*STRICT, "--all-nudges")[0]
    assert json.loads(ask(*STRICT, "--all-nudges", "--json")[0])["nudges"]["sample"] is None
