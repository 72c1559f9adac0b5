"""Which rules a change concerns, and which changes stored facts cannot answer."""

import re
from pathlib import Path

import pytest

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.rejudging.changes import changed_rules, refused_keys
from cxaudio.settings import load_settings
from support.drawn_policies import SHIPPED

JUDGED = {"tempo", "norms", "pace", "nudges", "whole_call", *(rule.name for rule in RULES)}


def settings(**overrides):
    return load_settings(
        user_folder="/nonexistent", overrides={key.replace("__", "."): value for key, value in overrides.items()}
    )


def changed(**overrides) -> set[str]:
    return set(changed_rules(SHIPPED.pacing, settings(**overrides).pacing))


def test_every_rule_says_what_it_reads_so_that_stored_calls_can_be_judged_by_it():
    assert [rule.name for rule in RULES if not rule.reads] == []


def test_a_rule_is_concerned_by_its_own_section():
    assert {"monologue"} == changed(monologue__pause_s=2.0)
    assert set() == changed(nudges__max_count=2, whole_call__silence_share=0.3)


def test_both_rules_about_the_pace_are_concerned_by_either_and_by_what_the_pace_is_judged_by():
    for change in ({"rushing__flag_ratio": 1.3}, {"tempo__dwell_s": 5.0}, {"norms__fast_factor": 1.3}):
        assert {"rushing", "dawdling"} == changed(**change)
    assert {"rushing", "dawdling"} == changed(pace__probability=0.9)


def test_both_rules_about_silence_are_concerned_by_how_short_a_turn_asks_for_no_reply():
    assert {"left_waiting", "dead_air"} == changed(left_waiting__min_turn_s=2.0)
    assert {"left_waiting"} == changed(left_waiting__note_s=2.0)


def test_each_key_is_judged_or_refused_by_its_section():
    """Of the judged sections only the windows of the pace are refused: they say what is recorded."""
    values = SHIPPED.as_dict()
    for section, keys in values.items():
        if not isinstance(keys, dict) or section in ("live", "archive", "words"):
            continue
        for key in keys:
            other = {**values, section: {**keys, key: "another"}}
            is_judged = section in JUDGED and key not in ("windows_s", "window_age_s")
            assert ([] if is_judged else [f"{section}.{key}"]) == refused_keys(values, other)


def test_the_documents_name_what_can_be_tried():
    text = (Path(__file__).parents[3] / "docs" / "archive.md").read_text(encoding="utf-8")
    asked = text.partition("## What would other limits say?")[2].partition("\n## ")[0]
    listed = asked.partition("What can be tried")[2].partition("Its verdicts")[0]
    assert JUDGED == set(re.findall(r"`\[(\w+)\]`", listed))
    assert {"windows_s", "window_age_s"} == set(re.findall(r"`(\w+_s)`", listed))


@pytest.mark.parametrize("section", ["live", "archive", "words"])
def test_what_changes_no_verdict_is_not_refused(section):
    values = SHIPPED.as_dict()
    assert [] == refused_keys(values, {**values, section: {"key": 1}})


def test_another_language_is_refused():
    values = SHIPPED.as_dict()
    assert ["language"] == refused_keys(values, {**values, "language": "zh"})
