"""Settings: what is shipped is complete, what is wrong is named with file and key, what is stronger wins."""

import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from cxaudio.analysis.pacing_rules.dawdling import DawdlingRule
from cxaudio.analysis.pacing_rules.rushing import RushingRule
from cxaudio.errors import ConfigError, UsageError
from cxaudio.settings import (
    config_root,
    headset_profiles,
    languages,
    load_settings,
    parse_override,
    settings_from_values,
    user_config_folder,
)
from cxaudio.settings.gone import GONE
from cxaudio.settings.reasons import comments_of

SHIPPED_LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "vi", "zh")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("language", SHIPPED_LANGUAGES)
def test_every_shipped_language_fills_every_number(language, tmp_path):
    settings = load_settings(language=language, user_folder=tmp_path)
    assert language == settings.pacing.language
    for owner in (settings.analysis, settings.pacing):
        for section in fields(owner):
            values = getattr(owner, section.name)
            if is_dataclass(values):
                for key in fields(values):
                    assert f"{section.name}.{key.name}" in settings.provenance


def test_every_number_shipped_has_a_comment_above_it():
    """A number's source, or the word "chosen", stands in the comment above it or above the group that it ends."""
    for path in [config_root() / "defaults.toml", *(config_root() / "pacing").glob("*.toml")]:
        explained = False
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                explained = True
            elif line.startswith("[") or not line.strip():
                explained = False
            elif "=" in line and not line.startswith(("schema", "language", "enabled", "unit")):
                assert explained, f"{path.name}: {line}"


def test_the_definitions_defaults_are_the_shipped_ones(tmp_path):
    """Published: DEFINITIONS sections 2 and 5."""
    pacing = load_settings(user_folder=tmp_path).pacing
    rushing, dawdling = pacing.rule(RushingRule), pacing.rule(DawdlingRule)
    assert (1.25, 1.15, 1.45, 1.10) == (
        rushing.flag_ratio,
        rushing.clear_ratio,
        rushing.severe_ratio,
        rushing.over_baseline,
    )
    assert (0.80, 0.88, 0.65, 1.5, 3.0) == (
        dawdling.flag_ratio,
        dawdling.clear_ratio,
        dawdling.severe_ratio,
        dawdling.flag_response_s,
        dawdling.severe_response_s,
    )
    norms = {
        tag: load_settings(language=tag, user_folder=tmp_path).pacing.norms.articulation_rate for tag in languages()
    }
    asked = {"en": 5.1, "zh": 5.1, "de": 5.3, "fr": 6.2, "it": 6.2, "es": 6.6, "ja": 6.5, "vi": 5.0}
    assert asked.items() <= norms.items()


def test_stronger_layers_win_and_each_value_says_where_it_came_from(tmp_path):
    user = tmp_path / "user"
    write(user / "settings.toml", "[rushing]\nflag_ratio = 1.30\nsevere_ratio = 1.6\nover_baseline = 1.12\n")
    write(user / "pacing" / "en.toml", 'language = "en"\n[rushing]\nover_baseline = 1.13\n')
    given = write(tmp_path / "given.toml", "[rushing]\nsevere_ratio = 1.7\n")
    settings = load_settings(config_file=given, user_folder=user, overrides={"rushing.clear_ratio": 1.2})
    rule = settings.pacing.rule(RushingRule)
    assert (1.30, 1.7, 1.13, 1.2) == (rule.flag_ratio, rule.severe_ratio, rule.over_baseline, rule.clear_ratio)
    assert str(user / "settings.toml") == settings.provenance["rushing.flag_ratio"]
    assert str(user / "pacing" / "en.toml") == settings.provenance["rushing.over_baseline"]
    assert str(given) == settings.provenance["rushing.severe_ratio"]
    assert "command line" == settings.provenance["rushing.clear_ratio"]
    assert str(config_root() / "defaults.toml") == settings.provenance["dawdling.flag_ratio"]
    assert str(given) == settings.files[-1]


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("[rushing]\nflag_ration = 1.3\n", "rushing.flag_ration", "did you mean rushing.flag_ratio"),
        ("[rusing]\nflag_ratio = 1.3\n", "rusing", "did you mean rushing"),
        ("flag_ratio = 1.3\n", "flag_ratio", "is not a setting"),
        ("[rushing]\nhold_s = 10.0\n", "rushing.hold_s", r"is gone; take it out, pace\.probability says"),
        ("[rates]\nmin_confidence = 0.3\n", "rates.min_confidence", r"is gone; take it out, rates\.max_error says"),
        ('[norms]\nunit = "syllables"\n', "norms.unit", "is gone; take it out"),
        ('[rushing]\nflag_ratio = "fast"\n', "rushing.flag_ratio", "must be a number"),
        ("[rushing]\nenabled = 1\n", "rushing.enabled", "must be true or false"),
        ("[rates]\nmin_nuclei = 40.5\n", "rates.min_nuclei", "must be a whole number"),
        ("[nudges]\norder = 3\n", "nudges.order", "must be a list"),
        ("[nudges]\norder = [3]\n", "nudges.order", "must be a text"),
        ("rushing = 3\n", "rushing", "must be a section"),
        ("[rushing]\nflag_ratio = 0.5\n", "rushing.flag_ratio", "is out of range; use 1 to 5"),
        ("[rushing]\nclear_ratio = 1.4\n", "rushing.flag_ratio", "must lie between"),
        ("[rushing]\nflag_ratio = nan\n", "rushing.flag_ratio", "is out of range"),
        ('[roles]\nagent = "up"\n', "roles.agent", "is no channel"),
        ('[words]\n"rushing.slow_down" = 3\n', 'words."rushing.slow_down"', "must be a text"),
        ("schema = 2\n", "schema", "is not known to this version"),
        ("language = 3\n", "language", "must be a language tag"),
    ],
)
def test_what_is_wrong_in_a_file_names_the_file_the_key_and_the_cure(text, key, message, tmp_path):
    given = write(tmp_path / "mine.toml", text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_settings(config_file=given, user_folder=tmp_path / "none", language=None if "language" in text else "en")
    assert key == caught.value.key
    assert str(caught.value).startswith(f"{given}: ")
    assert 2 == caught.value.exit_code


@pytest.mark.parametrize("key", GONE)
def test_a_setting_that_is_gone_is_none_today_and_its_message_names_settings_that_are(key, tmp_path):
    with pytest.raises(ConfigError, match="is gone; take it out") as caught:
        load_settings(user_folder=tmp_path, overrides={key: 1})
    today = load_settings(user_folder=tmp_path).provenance
    assert key not in today
    assert set(re.findall(r"\b[a-z]+\.[a-z]\w+", str(caught.value.reason))) <= set(today)


def test_a_wrong_override_blames_the_command_line(tmp_path):
    with pytest.raises(ConfigError, match=r"^command line: rushing\.flag_ratio"):
        load_settings(user_folder=tmp_path, overrides={"rushing.flag_ratio": 9})


def test_broken_toml_names_file_and_line(tmp_path):
    given = write(tmp_path / "mine.toml", "[rushing]\nflag_ratio = = 2\n")
    with pytest.raises(UsageError, match=r"mine\.toml: is not valid TOML: .*line 2"):
        load_settings(config_file=given, user_folder=tmp_path)


def test_a_missing_config_file_is_said_and_a_missing_user_folder_is_not(tmp_path):
    load_settings(user_folder=tmp_path / "none")
    with pytest.raises(UsageError, match=r"none\.toml: cannot be read"):
        load_settings(config_file=tmp_path / "none.toml", user_folder=tmp_path)


def test_a_byte_order_mark_is_tolerated_and_another_encoding_is_named(tmp_path):
    given = tmp_path / "mine.toml"
    given.write_bytes(b"\xef\xbb\xbf[rushing]\r\nflag_ratio = 1.3\r\n")
    assert 1.3 == load_settings(config_file=given, user_folder=tmp_path).pacing.rule(RushingRule).flag_ratio
    given.write_bytes("[rushing]\nflag_ratio = 1.3\n".encode("utf-16"))
    with pytest.raises(UsageError, match="is not UTF-8"):
        load_settings(config_file=given, user_folder=tmp_path)


@pytest.mark.parametrize(("tag", "policy"), [("zh-CN", "zh"), ("zh-Hant-TW", "zh"), ("EN_us", "en"), ("ja", "ja")])
def test_a_regional_tag_falls_back_to_its_language(tag, policy, tmp_path):
    assert policy == load_settings(language=tag, user_folder=tmp_path).pacing.language


def test_an_unknown_language_is_refused_with_what_there_is(tmp_path):
    with pytest.raises(UsageError, match=r"language 'ko' has no pacing policy, there are de, en, .*ko\.toml"):
        load_settings(language="ko", user_folder=tmp_path)


def test_a_language_of_ones_own_needs_its_norm(tmp_path):
    policy = write(tmp_path / "pacing" / "ko.toml", 'language = "ko"\n')
    with pytest.raises(ConfigError, match=r"norms\.articulation_rate"):
        load_settings(language="ko", user_folder=tmp_path)
    policy.write_text('language = "ko"\n[norms]\narticulation_rate = 6.5\nsyllables_per_word = 2.5\n')
    assert 6.5 == load_settings(language="ko-KR", user_folder=tmp_path).pacing.norms.articulation_rate


def test_without_a_language_the_settings_own_counts(tmp_path):
    write(tmp_path / "settings.toml", 'language = "fr"\n')
    assert "fr" == load_settings(language=None, user_folder=tmp_path).pacing.language
    assert "en" == load_settings(language="en", user_folder=tmp_path).pacing.language
    given = write(tmp_path / "given.toml", 'language = "de"\n')
    assert "de" == load_settings(language=None, user_folder=tmp_path, config_file=given).pacing.language


def test_the_digest_follows_the_numbers_and_not_the_wording(tmp_path):
    plain = load_settings(user_folder=tmp_path)
    assert plain.digest == load_settings(user_folder=tmp_path).digest
    assert 64 == len(plain.digest)
    worded = load_settings(user_folder=tmp_path, overrides={"words": {"rushing.slow_down": "Easy does it"}})
    assert plain.digest == worded.digest
    assert "Easy does it" == worded.pacing.words["rushing.slow_down"]
    assert plain.digest != load_settings(user_folder=tmp_path, overrides={"rushing.over_baseline": 1.11}).digest
    assert plain.digest != load_settings(user_folder=tmp_path, overrides={"roles.agent": "left"}).digest


def test_stored_values_build_the_same_settings_again(tmp_path):
    settings = load_settings(user_folder=tmp_path, overrides={"roles.agent": "right", "nudges.disabled": ["monologue"]})
    again = settings_from_values(settings.as_dict())
    assert (settings.analysis, settings.pacing, settings.roles) == (again.analysis, again.pacing, again.roles)
    values = settings.as_dict()
    del values["rushing"]["over_baseline"]
    with pytest.raises(ConfigError, match=r"rushing\.over_baseline .* is missing"):
        settings_from_values(values)


def test_the_json_schema_holds_for_what_is_shipped_and_not_for_a_typing_error(tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    settings = load_settings(user_folder=tmp_path)
    schema = settings.json_schema()
    jsonschema.validate(settings.as_dict(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"rushing": {"flag_ration": 1.3}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"rushing": {"flag_ratio": "fast"}}, schema)
    jsonschema.Draft202012Validator.check_schema(schema)


def test_the_json_schema_says_the_kind_the_default_and_the_meaning(tmp_path):
    sections = load_settings(user_folder=tmp_path).json_schema()["properties"]
    assert {"type": "number", "default": 1.25} == sections["rushing"]["properties"]["flag_ratio"]
    assert {"type": "number"} == sections["turns"]["properties"]["long_pause_s"]
    assert {"type": "integer"} == sections["rates"]["properties"]["min_nuclei"]
    assert {"type": ["string", "null"]} == sections["roles"]["properties"]["agent"]
    expected = {"type": "array", "items": {"type": "number"}, "default": [60.0, 120.0]}
    assert expected == sections["left_waiting"]["properties"]["hold_check_in_s"]
    assert "Spurts to turns, floor and backchannels (DEFINITIONS §1)." == sections["turns"]["description"]


def test_overrides_are_read_as_toml_or_as_words():
    assert ("rushing.enabled", False) == parse_override("rushing.enabled=false")
    assert ("nudges.disabled", ["monologue"]) == parse_override('nudges.disabled=["monologue"]')
    assert ("roles.layout", "twilio") == parse_override("roles.layout = twilio")
    with pytest.raises(UsageError, match=r"SECTION\.KEY=VALUE"):
        parse_override("rushing.enabled")


def test_the_users_folder_is_the_platforms_own(tmp_path):
    home = tmp_path
    assert home / ".config" / "cxaudio" == user_config_folder(platform="linux", environ={}, home=home)
    assert Path("/x/cxaudio") == user_config_folder(platform="linux", environ={"XDG_CONFIG_HOME": "/x"}, home=home)
    assert home / "Library" / "Application Support" / "cxaudio" == user_config_folder(
        platform="darwin", environ={}, home=home
    )
    assert Path("roaming") / "cxaudio" == user_config_folder(
        platform="win32", environ={"APPDATA": "roaming"}, home=home
    )
    assert home / "AppData" / "Roaming" / "cxaudio" == user_config_folder(platform="win32", environ={}, home=home)


def test_headset_profiles_claim_nothing_that_nobody_measured(tmp_path):
    profiles = headset_profiles(tmp_path)
    assert {"generic", "hion-u800", "hion-u830", "hion-u860"} <= profiles.keys()
    for profile in profiles.values():
        facts = (profile.microphone_noise_dbov, profile.coupling_loss_db, profile.round_trip_s, profile.noise_gate)
        assert (None,) * 4 == facts


def test_a_users_headset_profile_is_checked_and_wins(tmp_path):
    profile = write(tmp_path / "headsets" / "hion-u800.toml", 'maker = "Hion"\nmodel = "U800"\ncoupling_loss_db = 48\n')
    assert 48.0 == headset_profiles(tmp_path)["hion-u800"].coupling_loss_db
    profile.write_text('maker = "Hion"\nmodel = "U800"\ncoupling_los_db = 48\n')
    with pytest.raises(ConfigError, match="did you mean coupling_loss_db"):
        headset_profiles(tmp_path)
    profile.write_text('maker = "Hion"\n')
    with pytest.raises(ConfigError, match="model = None is missing"):
        headset_profiles(tmp_path)
    profile.write_text('maker = "Hion"\nmodel = "U800"\nname_patterns = ["("]\n')
    with pytest.raises(ConfigError, match="no regular expression"):
        headset_profiles(tmp_path)


@pytest.mark.parametrize("windows", ["[5.0]", "[5.0, 1000.0]", "[8.0, 6.0]", "[]"])
def test_windows_of_pace_with_which_it_would_never_be_known_are_refused(tmp_path, windows):
    override = dict([parse_override(f"pace.windows_s={windows}")])
    with pytest.raises(ConfigError, match=r"pace\.windows_s = \["):
        load_settings(user_folder=tmp_path, overrides=override)


def test_reasons_are_the_comments_right_above_a_key():
    text = "# Of a\n# and of b.\na = 1\nb = 2\n[x]\n# Of c.\nc = 3\n"
    assert {("", "a"): "Of a and of b.", ("", "b"): "Of a and of b.", ("x", "c"): "Of c."} == comments_of(text)
