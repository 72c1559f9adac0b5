"""Nothing that a reader or an agent is shown names a feeling: only timing, rate and level are measured."""

import re
import tomllib
from pathlib import Path

import pytest

from cxaudio.i18n import LANGUAGES, headset_sentences, headset_texts, workbench_texts

ROOT = Path(__file__).parents[2]

FEELINGS = re.compile(
    r"\b(emotion|mood|feel(?!ing)|stress|ang(er|ry)|annoy|frustrat|upset|happy|unhappy|sad|calm|nervous|anxious|irritat|patien|"
    r"engagement|engaged|empath|friendl|"
    r"rude|polite|satisf|sentiment|attitude|bored|aggress)|情绪|情緒|情感|愤怒|憤怒|生气|生氣|高兴|高興|烦|煩|耐心|焦虑|焦慮|压力|壓力|心情|满意|滿意|"
    r"态度|態度|冷静|冷靜",
    re.IGNORECASE,
)


def found_in(text: str) -> list[str]:
    return [match.group() for match in FEELINGS.finditer(text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_interface_names_a_feeling(language):
    shown = {**workbench_texts(language), **headset_texts(language), **headset_sentences(language)}
    assert [] == [key for key, text in shown.items() if found_in(text)]


def test_no_key_of_a_report_names_a_feeling():
    assert found_in((ROOT / "cxaudio" / "schemas" / "report-1.json").read_text(encoding="utf-8")) == []


def test_no_setting_names_a_feeling():
    for path in (ROOT / "config").rglob("*.toml"):
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        assert found_in(str(values)) == [], path


def test_the_readme_names_feelings_only_to_rule_them_out():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    kept = [sentence for sentence in re.split(r"(?<=\.)\s", text) if found_in(sentence)]
    assert len(kept) == 1
    assert (
        kept[0].split()
        == "No emotion, stress or mood is inferred or named, of anyone, and no voiceprint is kept.".split()
    )


def test_the_search_finds_what_it_is_for():
    assert found_in("The customer sounds angry; 客户生气了") == ["angry", "生气"]
