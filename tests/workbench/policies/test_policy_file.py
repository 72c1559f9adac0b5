"""A policy's file: every reader of settings takes it, and a store keeps it under a name that is safe."""

import stat
from datetime import UTC, datetime

import pytest

from cxaudio.archive.whatif.question import make_question
from cxaudio.errors import UsageError
from cxaudio.settings import load_settings, read_toml
from cxaudio.workbench.policies.estimated import Estimate, Estimated
from cxaudio.workbench.policies.policy_file import (
    delete_policy,
    policy_notes,
    policy_text,
    read_policy,
    save_policy,
    saved_policies,
)
from cxaudio.workbench.policies.tried import tried_from_query, tried_from_values
from support.tried_policies import CONTROLS, KEPT, QUERY

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
TRIED = tried_from_query(QUERY, CONTROLS)


def text(**values) -> str:
    return policy_text(values.get("tried", TRIED), CONTROLS, made_at=NOW, notes=values.get("notes", ["Of 5 calls."]))


def test_a_file_holds_only_what_differs_and_what_it_was():
    assert (
        "# A policy of cxaudio, made 2026-11-30 09:00 UTC.\n# Of 5 calls.\nschema = 1\n\n"
        "[left_waiting]\nflag_s = 4.5  # was 5.0\nhold_check_in_s = [30.0, 90.0]  # was [60.0, 120.0]\n\n"
        "[dead_air]\nmany_count = 4  # was 5\n\n"
        '[nudges]\npositive = false  # was true\ndisabled = ["dead_air"]  # was []\n'
    ) == text()


def test_a_file_is_taken_by_a_replay_and_by_what_if(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text(text(), encoding="utf-8")
    settings = load_settings(config_file=file, user_folder="/nonexistent")
    assert 4.5 == settings.pacing.rules["left_waiting"].flag_s
    assert set(TRIED) == {change.key for change in make_question(KEPT, policy=file).changes}
    assert TRIED == tried_from_values(read_toml(file), CONTROLS, source="policy.toml")


def test_every_kind_of_value_is_read_again(tmp_path):
    file = tmp_path / "policy.toml"
    tried = {"nudges.order": ("dead_air", 'a "b" \\ c'), "rushing.enabled": False, "pace.probability": 0.9999}
    file.write_text(text(tried=tried, notes=["two\nlines"]), encoding="utf-8")
    assert tried == tried_from_values(read_toml(file), CONTROLS, source="x")


def test_the_head_says_of_what_and_how_surely():
    figures = Estimated(
        n=200,
        of=1000,
        hours=100.0,
        rules=(),
        flags_now=4.0,
        flags_then=Estimate(value=3.0, low=2.5, high=3.5),
        nudges_now=2.0,
        nudges_then=Estimate(value=2.0, low=2.0, high=2.0),
        calls_changed=Estimate(value=5.0, low=1.0, high=9.0),
    )
    notes = policy_notes("ab" * 32, figures)
    assert "a random sample of 200 of 1,000 calls" in notes[1]
    assert ["flags an hour: 4.00 -> 3.00 (95 % interval 2.50 to 3.50)", "nudges an agent-hour: 2.00 -> 2.00"] == notes[
        2:
    ]
    assert 1 == len(policy_notes("ab" * 32, None))


def test_policies_are_saved_opened_listed_and_deleted(tmp_path):
    save_policy(tmp_path, "stricter", text())
    save_policy(tmp_path, "Milder, für alle".replace(",", ""), "schema = 1\n")
    assert ["Milder für alle", "stricter"] == [each.name for each in saved_policies(tmp_path)]
    assert TRIED == tried_from_values(read_policy(tmp_path, "stricter"), CONTROLS, source="stricter")
    delete_policy(tmp_path, "stricter")
    delete_policy(tmp_path, "stricter")
    assert ["Milder für alle"] == [each.name for each in saved_policies(tmp_path)]


def test_a_saved_policy_is_private(tmp_path):
    save_policy(tmp_path / "store", "mine", text())
    folder = tmp_path / "store" / "policies"
    assert (0o700, 0o600) == tuple(stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "mine.toml"))


def test_a_policy_is_replaced_only_where_that_was_asked(tmp_path):
    save_policy(tmp_path, "mine", "schema = 1\n")
    with pytest.raises(UsageError, match="another name"):
        save_policy(tmp_path, "mine", text())
    save_policy(tmp_path, "mine", text(), replace=True)
    assert "left_waiting" in read_policy(tmp_path, "mine")


@pytest.mark.parametrize(
    "name", ["", "../x", "a/b", "a\\b", ".hidden", "x" * 61, "a\nb", " a", "a ", "-rf", "a\0", "a."]
)
def test_a_name_that_could_be_a_path_is_refused(tmp_path, name):
    for do in (
        lambda: save_policy(tmp_path, name, ""),
        lambda: read_policy(tmp_path, name),
        lambda: delete_policy(tmp_path, name),
    ):
        with pytest.raises(UsageError, match="cannot name a policy"):
            do()
    assert not (tmp_path / "policies").exists()


def test_a_policy_that_is_not_there_is_missed_by_name(tmp_path):
    with pytest.raises(UsageError, match="no saved policy 'gone'"):
        read_policy(tmp_path, "gone")
    assert [] == saved_policies(tmp_path)
