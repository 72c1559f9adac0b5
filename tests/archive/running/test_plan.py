"""The plan of a run: settings of every language, read once, and what a recording may cost."""

import pickle

import pytest

from cxaudio.archive.running.plan import make_plan
from cxaudio.errors import ConfigError, UsageError
from cxaudio.settings import load_settings, settings_from_values


def test_a_plan_holds_the_settings_of_every_language_and_can_be_sent_to_a_worker(tmp_path):
    plan, limits = make_plan(tmp_path / "store", overrides={"norms.fast_factor": 1.4, "archive.max_hours": 2})
    again = pickle.loads(pickle.dumps(plan))
    assert plan == again
    assert {"en", "zh", "ja"} <= set(plan.settings)
    for tag in ("en", "zh"):
        own = load_settings(language=tag, overrides={"norms.fast_factor": 1.4})
        assert own.digest == settings_from_values(again.values_for(tag)).digest
    assert (2.0, 2.0, "en") == (plan.max_hours, limits.max_hours, plan.language)
    assert plan.store.is_absolute()


def test_a_tag_with_a_region_has_the_settings_of_its_language(tmp_path):
    plan, _ = make_plan(tmp_path, language="zh-CN")
    assert "zh-CN" == plan.language
    assert plan.settings["zh"] == plan.values_for("zh-CN") == plan.values_for("ZH_hant_tw")
    with pytest.raises(UsageError, match="language 'xx' has no pacing policy"):
        plan.values_for("xx")


def test_a_wrong_setting_or_choice_is_told_before_anything_runs(tmp_path):
    with pytest.raises(ConfigError, match=r"archive\.max_hours"):
        make_plan(tmp_path, overrides={"archive.max_hours": -1})
    with pytest.raises(UsageError, match="pages = 'some'"):
        make_plan(tmp_path, pages="some")
    with pytest.raises(UsageError, match="has no pacing policy"):
        make_plan(tmp_path, language="xx")


def test_the_digest_changes_with_what_is_measured_and_with_nothing_else(tmp_path):
    def digest(**given):
        return make_plan(tmp_path, **given)[0].settings_digest

    plain = digest()
    assert plain == digest(pages="none", names="plain", overrides={"archive.max_hours": 3})
    assert plain != digest(overrides={"norms.fast_factor": 1.4})
    assert plain != digest(language="de"), "a call that names no language is judged otherwise"
