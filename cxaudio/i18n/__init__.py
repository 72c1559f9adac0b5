"""Look up texts in English, 简体中文 and 繁體中文: one flat catalogue a language; knows no call.

The texts about a pacing rule stand with the rule, those of the workbench in ``workbench/AREA.LANGUAGE.toml``, those of
the headset laboratory in ``headset/``, all others in ``LANGUAGE.toml``.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from cxaudio.analysis import pacing_rules

__all__ = [
    "LANGUAGES",
    "counted",
    "has_texts",
    "headset_sentences",
    "headset_texts",
    "is_chinese",
    "match_language",
    "texts",
    "workbench_texts",
]

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
"""The interface languages, by their BCP 47 names."""

_TRADITIONAL = {"hant", "tw", "hk", "mo"}


def match_language(tag: str) -> str:
    """Return the interface language nearest to a BCP 47 tag.

    Parameters
    ----------
    tag : str
        For example ``"zh-CN"``, ``"zh_TW"`` or ``"de"``.

    Returns
    -------
    str
        One of `LANGUAGES`; English for a language without a catalogue.

    Examples
    --------
    >>> match_language("zh"), match_language("zh-TW"), match_language("de")
    ('zh-Hans', 'zh-Hant', 'en')
    """
    primary, *rest = tag.replace("_", "-").lower().split("-")
    if is_chinese(tag):
        return "zh-Hant" if _TRADITIONAL & set(rest) or (primary == "yue" and "hans" not in rest) else "zh-Hans"
    return "en"


def has_texts(tag: str) -> bool:
    """Return whether there is an interface language for a BCP 47 tag, and not only English in its place.

    Examples
    --------
    >>> has_texts("en-GB"), has_texts("zh-TW"), has_texts("de")
    (True, True, False)
    """
    return is_chinese(tag) or tag.replace("_", "-").lower().split("-")[0] == "en"


def is_chinese(tag: str) -> bool:
    """Return whether a BCP 47 tag means Chinese, whose syllables are characters.

    Examples
    --------
    >>> is_chinese("zh-CN"), is_chinese("yue"), is_chinese("en")
    (True, True, False)
    """
    return tag.replace("_", "-").lower().split("-")[0] in ("zh", "cmn", "yue")


def texts(language: str) -> Mapping[str, str]:
    """Return every text of the nearest interface language, by key.

    Parameters
    ----------
    language : str
        BCP 47 tag.

    Returns
    -------
    mapping of str to str
        Read-only. Keys are ``section.name``, such as ``"rule.rushing"``; the keys that nudges carry
        (``"rushing.slow_down"``) are among them.

    Examples
    --------
    >>> texts("en")["rushing.slow_down"]
    'Slow down a little'
    """
    return _catalogue(match_language(language), pacing_rules.RULES)


def workbench_texts(language: str) -> Mapping[str, str]:
    """Return what `texts` returns, and the texts of the workbench's pages, by key.

    Parameters
    ----------
    language : str
        BCP 47 tag.

    Examples
    --------
    >>> workbench_texts("en")["workbench.calls"]
    'Calls'
    """
    return _workbench_catalogue(match_language(language), pacing_rules.RULES)


def headset_texts(language: str) -> Mapping[str, str]:
    """Return the fixed texts of the headset laboratory by key.

    English has no words for figures, units and the like here: those stand with their definitions.

    Parameters
    ----------
    language : str
        BCP 47 tag.

    Examples
    --------
    >>> headset_texts("en")["table.limit"], headset_texts("zh-TW")["figure.clock.skew_ppm.name"]
    ('Limit', '時脈偏差')
    """
    return _headset_catalogue(match_language(language))


def headset_sentences(language: str) -> Mapping[str, str]:
    """Return what measures say, by its English template; nothing for English.

    Parameters
    ----------
    language : str
        BCP 47 tag.

    Examples
    --------
    >>> headset_sentences("zh-CN")["{n} third octaves"]
    '{n} 个 1/3 倍频程'
    """
    return _headset_sentences(match_language(language))


def counted(catalogue: Mapping[str, str], key: str, n: int, **values: object) -> str:
    """Return the text for a count: ``key_zero`` if there is one, else ``key_one`` or ``key_other``, `values` filled in.

    Parameters
    ----------
    catalogue : mapping of str to str
        From `texts`.
    key : str
        Key without its ending.
    n : int
        The count; also filled in as ``{n}``.
    **values : object
        What else stands in braces.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> counted(texts("en"), "summary.interruptions", 2)
    '2 interruptions'
    """
    ending = "_zero" if n == 0 and f"{key}_zero" in catalogue else "_one" if n == 1 else "_other"
    return catalogue[key + ending].format(n=n, **values)


@cache
def _catalogue(language: str, rules: tuple[type[pacing_rules.PacingRule], ...]) -> Mapping[str, str]:
    found = _flat(files("cxaudio").joinpath("i18n", f"{language}.toml").read_text(encoding="utf-8"))
    for rule in rules:
        found |= rule.texts[language]
    return MappingProxyType(found)


@cache
def _workbench_catalogue(language: str, rules: tuple[type[pacing_rules.PacingRule], ...]) -> Mapping[str, str]:
    found = dict(_catalogue(language, rules))
    for file in files("cxaudio").joinpath("i18n", "workbench").iterdir():
        if file.name.endswith(f".{language}.toml"):
            found |= _flat(file.read_text(encoding="utf-8"))
    return MappingProxyType(found)


@cache
def _headset_catalogue(language: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in ("page", "figures"):
        file = files("cxaudio").joinpath("i18n", "headset", f"{name}.{language}.toml")
        if file.is_file():
            found |= _flat(file.read_text(encoding="utf-8"))
    return MappingProxyType(found)


@cache
def _headset_sentences(language: str) -> Mapping[str, str]:
    file = files("cxaudio").joinpath("i18n", "headset", f"sentences.{language}.toml")
    if not file.is_file():
        return MappingProxyType({})
    sections = tomllib.loads(file.read_text(encoding="utf-8")).values()
    return MappingProxyType({template: text for section in sections for template, text in section.items()})


def _deep(tables: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Return the texts of tables inside tables by the names of all of these, joined by points."""
    found: dict[str, str] = {}
    for key, value in tables.items():
        found |= _deep(value, f"{above}{key}.") if isinstance(value, dict) else {above + key: value}
    return found


def _flat(source: str) -> dict[str, str]:
    return _deep(tomllib.loads(source))
