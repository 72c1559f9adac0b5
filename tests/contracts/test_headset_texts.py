"""Everything that a headset's page says has both Chinese forms, and no translation is left over."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from cxaudio.i18n import headset_sentences, headset_texts
from cxaudio.laboratory.measures import curve_specs, figure_specs
from cxaudio.laboratory.measures.figure import CRITERIA, Badge, Presence, Verdict
from cxaudio.laboratory.report.not_offered import NOT_OFFERED
from cxaudio.laboratory.takes.protocol import PROTOCOL, Role

ROOT = Path(__file__).parents[2] / "cxaudio"
FOLDER = ROOT / "i18n" / "headset"
CHINESE = ("zh-Hans", "zh-Hant")
SIGNS = {"dBov", "dBov(A)", "dBov(p)", "dB", "Hz", "ms", "ppm", "%"}  # the same in every language
TABLES = ("figure", "curve", "criterion", "badge", "verdict", "sense", "presence", "cause", "role", "unit", "source")


def tables(name: str, language: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((FOLDER / f"{name}.{language}.toml").read_text(encoding="utf-8"))


def blanks(text: str) -> set[tuple[str, str | None]]:
    return {(name, form) for _, name, form, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", CHINESE)
def test_fixed_texts_are_complete_and_leave_the_same_blanks(language):
    english = headset_texts("en")
    own = {key: text for key, text in headset_texts(language).items() if key.split(".")[0] not in TABLES}
    assert set(english) == set(own)
    assert [] == [key for key, text in own.items() if blanks(text) != blanks(english[key]) or not text.strip()]


@pytest.mark.parametrize("language", CHINESE)
def test_every_figure_has_its_words_and_none_is_left_over(language):
    expected = {
        key: {"name", "about"} | ({"cause"} if spec.cause is not None else set())
        for key, spec in figure_specs().items()
    }
    assert expected == {key: set(words) for key, words in tables("figures", language)["figure"].items()}


@pytest.mark.parametrize("language", CHINESE)
def test_every_curve_has_its_words_and_none_is_left_over(language):
    expected = {key: {"name", "about"} for key in curve_specs()}
    assert expected == {key: set(words) for key, words in tables("figures", language)["curve"].items()}


@pytest.mark.parametrize("language", CHINESE)
def test_every_word_beside_a_figure_is_there_and_none_is_left_over(language):
    found = tables("figures", language)
    assert set(TABLES) == set(found)
    assert set(CRITERIA) == set(found["criterion"])
    assert {badge.value for badge in Badge} == set(found["badge"])
    assert {verdict.value for verdict in Verdict} == set(found["verdict"])
    assert {presence.value for presence in Presence} - {"found"} == set(found["presence"]) - {"found"}
    assert {role.value for role in Role} == set(found["role"])
    assert {"at_most", "at_least", "magnitude_at_most"} == set(found["sense"])
    specs = [*figure_specs().values(), *curve_specs().values()]
    assert {spec.unit for spec in specs} - SIGNS == set(found["unit"])
    assert {limit.source for spec in figure_specs().values() for limit in spec.limits} == set(found["source"])
    assert {badge.value for badge in Badge} == {
        key.partition(".")[2] for key in headset_texts(language) if key.startswith("badge_about.")
    }


@pytest.mark.parametrize("language", CHINESE)
def test_sentences_leave_the_blanks_of_their_templates(language):
    own = headset_sentences(language)
    assert set(headset_sentences("zh-Hans")) == set(own)
    assert [] == [template for template, text in own.items() if blanks(template) != blanks(text) or not text.strip()]
    # A template in two sections would have two translations.
    assert len(own) == sum(len(section) for section in tables("sentences", language).values())


@pytest.mark.parametrize("language", CHINESE)
def test_what_takes_give_and_what_is_not_offered_has_its_words(language):
    own = headset_sentences(language)
    assert {plan.gives for plan in PROTOCOL} <= set(own)
    assert {text for each in NOT_OFFERED for text in (each.name, each.why)} == set(
        tables("sentences", language)["not_offered"]
    )


def said_templates() -> Iterator[tuple[str, ast.expr]]:
    """Give the first argument of each call of ``said`` in the laboratory."""
    for path in sorted((ROOT / "laboratory").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said":
                yield f"{path.name}:{node.lineno}", node.args[0]


def test_every_sentence_that_a_measure_says_is_translated():
    unknown = [
        place
        for place, template in said_templates()
        if not isinstance(template, ast.Constant) or template.value not in headset_sentences("zh-Hans")
    ]
    assert [] == unknown


def test_no_translation_is_left_over_of_what_is_no_longer_said():
    literals = {
        node.value
        for folder in (ROOT / "laboratory", ROOT.parent / "dsp" / "measurement")
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert [] == [template for template in headset_sentences("zh-Hans") if template not in literals]


def test_every_text_that_the_page_asks_for_is_there_and_none_is_left_over():
    asked = set(re.findall(r't\["([a-z_]+\.[a-z_]+)"\]', (ROOT / "web" / "headset.html").read_text(encoding="utf-8")))
    for path in (ROOT / "laboratory" / "report").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r'"((?:page|headline|standing|table|setup|drawing|footer)\.[a-z_]+)"', source))
    made = ("drawing.", "badge_about.")  # of the keys of drawings and badges
    assert len(asked) > 50  # else the patterns above have gone blind
    english = headset_texts("en")
    counted = {key for key in asked if f"{key}_other" in english}
    known = {re.sub("_(one|other)$", "", key) for key in english}
    conditions = {key for key in english if key.startswith("setup.")}
    assert set() == asked - counted - known
    assert [] == [key for key in known - asked - conditions if not key.startswith(made)]


def test_each_chinese_form_keeps_to_its_own_script():
    for language, signs in (
        ("zh-Hans", "[時說語靜對雙錄聲與應長頻響諧]"),
        ("zh-Hant", "[时说语静对双录声与应长频响谐]"),
    ):
        shown = {**headset_texts(language), **headset_sentences(language)}
        assert [] == [key for key, text in shown.items() if re.search(signs, text)]
