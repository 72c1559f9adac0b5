"""Which settings can be moved, how far, and under which names."""

from dataclasses import replace

import pytest

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.rejudging.changes import may_be_tried
from cxaudio.archive.whatif.question import make_question
from cxaudio.errors import ConfigError
from cxaudio.i18n import LANGUAGES, workbench_texts
from cxaudio.settings import load_settings
from cxaudio.workbench.policies.controls import controls_of, groups_of
from cxaudio.workbench.policies.shown import label_of
from cxaudio.workbench.policies.slider_range import slider_range
from support.drawn_policies import SHIPPED
from support.tried_policies import CONTROLS, KEPT

NUMBERS = [control for control in CONTROLS.values() if control.is_number]


def test_every_setting_that_can_be_tried_has_a_control_and_no_other():
    wanted = {
        f"{section}.{key}"
        for section, keys in SHIPPED.as_dict().items()
        if isinstance(keys, dict)
        for key in keys
        if may_be_tried(f"{section}.{key}")
    }
    assert wanted - {"norms.syllables_per_word"} == CONTROLS.keys() - {"norms.syllables_per_word"}
    assert "pace.windows_s" not in CONTROLS


def test_the_rules_come_first_and_in_their_order():
    assert [rule.name for rule in RULES] == [group.section for group in groups_of(KEPT)][: len(RULES)]


def test_limits_are_those_of_the_settings_own_checks():
    assert (1.0, 5.0) == (CONTROLS["rushing.flag_ratio"].least, CONTROLS["rushing.flag_ratio"].most)
    assert (0.0, 1.0) == (CONTROLS["whole_call.silence_share"].least, CONTROLS["whole_call.silence_share"].most)
    assert (0.0, None) == (CONTROLS["monologue.flag_s"].least, CONTROLS["monologue.flag_s"].most)
    assert (-10.0, 10.0) == (CONTROLS["tempo.hurried_response_s"].least, CONTROLS["tempo.hurried_response_s"].most)


@pytest.mark.parametrize("control", NUMBERS, ids=lambda control: control.key)
def test_a_slider_holds_the_present_value_on_a_step_and_stays_within_the_limits(control):
    steps = (control.now - control.low) / control.step
    assert abs(steps - round(steps)) < 1e-6
    assert control.low <= control.now <= control.high
    assert control.least is None or control.least <= control.low
    assert control.most is None or control.high <= control.most
    assert (control.high - control.low) / control.step >= 5


def test_a_setting_that_is_another_in_each_language_has_no_slider():
    german = load_settings(language="de", user_folder="/nonexistent").as_dict()
    assert german["norms"]["articulation_rate"] != SHIPPED.as_dict()["norms"]["articulation_rate"]
    both = controls_of(groups_of(replace(KEPT, by_language={**KEPT.by_language, "de": german})))
    assert "norms.articulation_rate" in CONTROLS
    assert "norms.articulation_rate" not in both
    assert "norms.fast_factor" in both


def test_a_value_outside_the_usual_range_is_inside_the_slider():
    found = slider_range(40.0, default=5.0, limits=(0, float("inf")))
    assert (0.0, 40.0) == found[:2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_has_a_name_in_each_language(language):
    words = workbench_texts(language)
    assert [] == [key for key, control in CONTROLS.items() if label_of(control, words) == control.name]


def test_a_setting_that_has_no_name_yet_goes_by_its_key():
    assert "brand_new_s" == label_of(replace(NUMBERS[0], name="brand_new_s"), workbench_texts("en"))


def test_every_slider_can_be_asked_at_the_next_step():
    """Each is a question that stored calls can answer, one step up or, where a neighbour is in the way, down."""
    for control in NUMBERS:
        step = 1 if control.kind == "whole" else control.step
        answered = 0
        for value in (control.now + step, control.now - step):
            try:
                answered += bool(make_question(KEPT, overrides={control.key: value}).changes)
            except ConfigError:
                continue
        assert answered, control.key
