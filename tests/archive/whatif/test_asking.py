"""What another policy would have said of the calls of a store is what a fresh analysis under it says."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from cxaudio.analysis.rejudging.playback import Verdicts
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.parts import hide
from cxaudio.archive.whatif import asking
from cxaudio.archive.whatif.answer import Answer
from cxaudio.archive.whatif.asking import what_if
from cxaudio.errors import ConfigError, StoreError, UsageError
from cxaudio.model.events import Severity
from cxaudio.settings import load_settings
from support.drawn_policies import SHIPPED, drawn_policy
from support.drawn_store import drawn_calls, drawn_store, fresh_verdicts
from support.made_store import call_id_of

CALLS = drawn_calls(12)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return drawn_store(tmp_path_factory.mktemp("drawn") / "store", CALLS, SHIPPED)


def asked(path: Path, overrides: dict[str, object], **options: object) -> Answer:
    """Return the answer of a store."""
    with Store.open(path, read_only=True) as opened:
        return what_if(opened, overrides=overrides, **options)[1]  # type: ignore[arg-type]


def differences(settings) -> dict[str, object]:
    """Return the settings that are not as shipped, as a command line gives them."""
    shipped, values = SHIPPED.as_dict(), settings.as_dict()
    return {
        f"{section}.{key}": value
        for section, keys in values.items()
        if isinstance(keys, dict)
        for key, value in keys.items()
        if shipped[section][key] != value
    }


def counted(verdicts: Verdicts) -> Counter[tuple[str, Severity]]:
    return Counter((flag.rule, flag.severity) for flag in verdicts.flags)


def check(store: Path, settings) -> None:
    """Compare the answer about a policy with fresh analyses."""
    answer = asked(store, differences(settings))
    now, then = (fresh_verdicts(CALLS, each) for each in (SHIPPED, settings))
    for rule, counts in answer.rules.items():
        for said, verdicts in ((counts.now, now), (counts.then, then)):
            flags = sum((counted(each) for each in verdicts.values()), Counter())
            assert said == [flags[rule, severity] for severity in Severity], rule
    for rule, counts in answer.whole_call.items():
        for said, verdicts in ((counts.now, now), (counts.then, then)):
            assert said[1] == sum(flag.rule == rule for each in verdicts.values() for flag in each.whole_call), rule
    assert answer.nudges_now == sum(len(each.nudges) for each in now.values())
    assert answer.nudges_then == sum(len(each.nudges) for each in then.values())
    changed = {
        call_id
        for call_id in now
        if counted(now[call_id]) != counted(then[call_id])
        or {flag.rule for flag in now[call_id].whole_call} != {flag.rule for flag in then[call_id].whole_call}
    }
    assert {call.call_id for call in answer.changed} == changed
    assert answer.calls_with_other_nudges == sum(len(now[each].nudges) != len(then[each].nudges) for each in now)


@pytest.mark.parametrize("seed", range(4))
def test_the_answer_about_a_policy_is_that_of_fresh_analyses(store, seed):
    check(store, drawn_policy(np.random.default_rng(seed)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 130))
def test_the_answer_about_many_policies_is_that_of_fresh_analyses(store, seed):
    check(store, drawn_policy(np.random.default_rng(seed)))


@pytest.mark.parametrize(
    "overrides",
    [
        {"left_waiting.flag_s": 3.5},
        {"left_waiting.min_turn_s": 3.0},
        {"dead_air.note_s": 2.0},
        {"monologue.flag_s": 50.0},
        {"talking_over.flag_count": 1},
        {"rushing.flag_ratio": 1.2},
        {"dawdling.flag_response_s": 0.6},
        {"nudges.max_count": 1},
        {"nudges.enabled": False},
        {"left_waiting.enabled": False},
        {"whole_call.silence_min_s": 0.5, "whole_call.silence_share": 0.1},
    ],
)
def test_the_answer_about_one_section_is_that_of_fresh_analyses(store, overrides):
    check(store, load_settings(user_folder="/nonexistent", overrides=overrides))


def test_a_policy_that_changes_nothing_steps_no_rule_again(store):
    answer = asked(store, {"left_waiting.flag_s": 5.0})
    assert (len(CALLS), 0, []) == (answer.judged, answer.replayed, answer.changed)
    assert all(counts.now == counts.then for counts in answer.rules.values())


def test_limits_beyond_all_calls_are_answered_without_stepping_a_rule(store):
    """Screens say that nothing is left to flag; only who was shown something is looked at again."""
    answer = asked(store, {"monologue.note_s": 5000.0, "monologue.flag_s": 5000.0, "monologue.severe_s": 5000.0})
    assert [0, 0, 0] == answer.rules["monologue"].then
    assert answer.replayed < len(CALLS)


def test_rows_of_other_settings_and_rows_that_are_gone_are_left_out(tmp_path):
    path = drawn_store(tmp_path / "store", CALLS[:3], SHIPPED)
    with Store.open(path) as opened, opened.ledger.database.writing() as rows:
        (part,) = rows.execute("SELECT id FROM parts").fetchone()
        hide(rows, part, [bytes.fromhex(call_id_of(1))])
    assert asked(path, {"left_waiting.flag_s": 4.0}).calls == 2
    with Store.open(path) as opened:
        opened.ledger.begin("ab" * 32)
    (path / "settings" / f"{'5e' * 32}.json").rename(path / "settings" / f"{'ab' * 32}.json")
    assert asked(path, {"left_waiting.flag_s": 4.0}).calls == 0


def test_one_sided_calls_are_counted_and_not_judged(tmp_path):
    path = drawn_store(tmp_path / "store", [CALLS[0], None], SHIPPED)
    answer = asked(path, {"left_waiting.flag_s": 4.0})
    assert (2, 1, 0) == (answer.calls, answer.judged, answer.without_facts)


def test_a_language_is_served_by_the_settings_of_its_first_subtag(tmp_path):
    path = drawn_store(tmp_path / "store", CALLS[:1], SHIPPED, language="en-GB")
    assert asked(path, {"left_waiting.flag_s": 4.0}).judged == 1


def test_a_call_in_a_language_without_settings_is_an_error_that_names_it(tmp_path):
    path = drawn_store(tmp_path / "store", CALLS[:1], SHIPPED, language="fr")
    with pytest.raises(UsageError, match="'fr'"):
        asked(path, {"left_waiting.flag_s": 4.0})


@pytest.mark.parametrize(
    ("key", "value"),
    [("detection.on_probability", 0.7), ("turns.floor_alone_s", 1.0), ("pace.windows_s", [8.0, 20.0])],
)
def test_a_setting_that_decides_what_is_found_is_refused_by_name(store, key, value):
    with pytest.raises(UsageError, match=rf"{key}.*cxaudio archive run"):
        asked(store, {key: value})


def test_a_question_without_another_policy_is_refused(store):
    with pytest.raises(UsageError, match="--policy"):
        asked(store, {})


def test_a_policy_that_contradicts_itself_is_refused(store):
    with pytest.raises(ConfigError, match=r"left_waiting\.flag_s"):
        asked(store, {"left_waiting.flag_s": 50.0})


def test_a_store_without_calls_or_without_its_settings_is_an_error_with_its_cure(tmp_path):
    with Store.create(tmp_path / "new") as empty, pytest.raises(StoreError, match="no calls yet"):
        what_if(empty, overrides={"left_waiting.flag_s": 4.0})
    path = drawn_store(tmp_path / "store", CALLS[:1], SHIPPED)
    (kept,) = (path / "settings").iterdir()
    kept.write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        asked(path, {"left_waiting.flag_s": 4.0})
    kept.unlink()
    with pytest.raises(StoreError, match="missing"):
        asked(path, {"left_waiting.flag_s": 4.0})


@pytest.mark.slow
def test_several_processes_give_the_answer_of_one(tmp_path, monkeypatch):
    path = drawn_store(tmp_path / "store", CALLS[:4], SHIPPED)
    wanted = asked(path, {"left_waiting.flag_s": 3.1}, workers=1).to_dict()
    monkeypatch.setattr(asking, "_FEW", 0)
    assert wanted == asked(path, {"left_waiting.flag_s": 3.1}, workers=2).to_dict()


def test_nudges_of_very_many_calls_are_judged_of_a_sample_with_its_interval(store, monkeypatch):
    overrides = {"nudges.any_kind_s": 0.0, "nudges.start_after_s": 0.0, "left_waiting.flag_s": 3.0}
    wanted = asked(store, overrides)
    monkeypatch.setattr(asking, "_MOST_FOR_NUDGES", 6)
    sampled = asked(store, overrides)
    assert sampled.nudge_sample is not None
    assert wanted.nudge_sample is None
    assert (6, wanted.rules) == (sampled.nudge_sample.n, sampled.rules)
    said, low_high = sampled.to_dict()["nudges"], sampled.nudges_per_hour_then
    assert low_high is not None
    assert low_high[0] <= wanted.nudges_then / wanted.hours <= low_high[1]
    assert said["sample"]["then_per_agent_hour_interval"] == [round(each, 4) for each in low_high]
    assert {call.nudges[1] is None for call in sampled.changed} == {True, False}
    assert wanted.to_dict() == asked(store, overrides, all_nudges=True).to_dict()
    assert sampled.to_dict() == asked(store, overrides).to_dict()
