"""A pacing rule is one module and one entry of `RULES`: everything else finds it there."""

import json
import tomllib
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pytest

import cxaudio
from cxaudio.analysis import pacing_rules
from cxaudio.analysis.pacing_rules import RULES
from cxaudio.errors import ConfigError
from cxaudio.i18n import LANGUAGES, texts
from cxaudio.made.demo_script import demo_script
from cxaudio.made.script import Phase, chance_talk
from cxaudio.made.synthetic import make_call
from cxaudio.settings import config_root, load_settings, settings_from_values
from cxaudio.sinks.hud.page import hud_page
from tests.support.made_rule import Wordy

SHIPPED = tomllib.loads((config_root() / "defaults.toml").read_text(encoding="utf-8"))


@pytest.fixture
def with_made_rule(monkeypatch, tmp_path):
    monkeypatch.setattr(pacing_rules, "RULES", (*RULES, Wordy))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def call(tmp_path):
    talk = chance_talk(np.random.default_rng(1), seconds=12, rates=(4.7, 4.5))
    path = tmp_path / "call.wav"
    make_call(replace(demo_script(), phases=(Phase(rule="neutral", elements=talk),)), seed=1).write_wav(path)
    return path


@pytest.mark.usefixtures("with_made_rule")
def test_one_module_takes_a_rule_through_replay_nudge_page_and_sentence(call, tmp_path):
    out = tmp_path / "out"
    overrides = {"wordy.flag_s": 1.5, "nudges.start_after_s": 0.0}
    cxaudio.replay(call, agent="left", out=out, overrides=overrides, export="csv")
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert [("wordy", 1.5)] == [(flag["rule"], flag["limit"]) for flag in report["flags"]]
    assert {"enabled": True, "flag_s": 1.5} == report["settings"]["values"]["wordy"]
    assert ["wordy.be_brief"] == [nudge["message_key"] for nudge in report["nudges"]]
    page = (out / "report.html").read_text(encoding="utf-8")
    for language in LANGUAGES:
        assert all(text in page for text in (f"Wordy ({language})", f"Be brief ({language})"))
        assert f"s in all ({language})" in page


@pytest.mark.usefixtures("with_made_rule")
def test_a_rule_without_a_section_in_any_file_has_its_own_defaults():
    settings = load_settings(user_folder="/nonexistent")
    assert 600.0 == settings.pacing.rules["wordy"].flag_s
    assert "wordy" in settings.json_schema()["properties"]
    with pytest.raises(ConfigError, match=r"did you mean wordy\.flag_s"):
        load_settings(user_folder="/nonexistent", overrides={"wordy.flag_ss": 1.0})


@pytest.mark.usefixtures("with_made_rule")
def test_settings_stored_before_a_rule_was_made_are_read_with_its_defaults():
    values = load_settings(user_folder="/nonexistent").as_dict()
    del values["wordy"]
    assert Wordy.settings() == settings_from_values(values).pacing.rules["wordy"]


@pytest.mark.usefixtures("with_made_rule")
def test_the_display_carries_the_messages_of_a_new_rule():
    page, _ = hud_page(language="en", pacing=load_settings(user_folder="/nonexistent").pacing)
    assert all(f"Be brief ({language})" in page.decode() for language in LANGUAGES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_shipped_rule_stands_in_the_defaults_with_the_values_it_declares(rule):
    declared = {
        key: list(value) if isinstance(value, tuple) else value for key, value in asdict(rule.settings()).items()
    }
    assert declared == SHIPPED.get(rule.name), f"write the section [{rule.name}] of config/defaults.toml"
    assert "enabled" == fields(rule.settings)[0].name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_its_texts_in_every_language(rule, language):
    wanted = {f"rule.{rule.name}", f"rule_meaning.{rule.name}", *rule.messages}
    assert set() == wanted - set(rule.texts[language])
    assert set(rule.texts["en"]) == set(rule.texts[language])
    assert dict(rule.texts[language]).items() <= texts(language).items()
    sentence = any(key.startswith(f"summary.{rule.name}") for key in rule.texts[language])
    assert sentence or rule.in_sentence == "interruptions"


def test_every_name_in_the_order_of_nudges_is_a_rule():
    assert {rule.name for rule in RULES} == set(SHIPPED["nudges"]["order"])


def test_every_rule_is_named_once_and_names_its_messages_after_itself():
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
    assert [] == [key for rule in RULES for key in rule.messages if not key.startswith(f"{rule.name}.")]


def test_the_demonstration_breaks_every_rule():
    assert {rule.name for rule in RULES} == {phase.rule for phase in demo_script().phases} - {"neutral"}


def test_every_module_of_a_rule_is_in_the_tuple():
    folder = Path(pacing_rules.__file__).parent
    defined = {path.stem for path in folder.glob("*.py") if "(PacingRule):" in path.read_text(encoding="utf-8")}
    assert defined == {rule.name for rule in RULES}
