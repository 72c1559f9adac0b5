"""The three catalogues: complete, alike in their blanks, and knowing every word that the program can ask for."""

import re
from importlib.resources import files
from string import Formatter

import pytest

from cxaudio.i18n import LANGUAGES, counted, match_language, texts, workbench_texts
from cxaudio.model.events import HoldKind, OverlapKind, QualityKind, Severity, Side, TempoState

ENUMERATED = {
    "overlap": OverlapKind,
    "overlap_meaning": OverlapKind,
    "severity": Severity,
    "tempo": TempoState,
    "hold": HoldKind,
    "notice": QualityKind,
}


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_knows_every_text_and_leaves_the_same_blanks(language):
    english = workbench_texts("en")
    catalogue = workbench_texts(language)
    assert set(english) == set(catalogue)
    for key, text in catalogue.items():
        assert text.strip(), key
        # A count of one may be written out, so that the number has no blank there.
        missing = _blanks(english[key]) ^ _blanks(text)
        assert missing <= ({"n"} if key.endswith(("_one", "_zero")) else set()), key


def test_each_chinese_catalogue_keeps_to_its_own_script():
    assert [] == [
        key for key, text in workbench_texts("zh-Hans").items() if re.search("[時說語靜對雙錄聲與應長]", text)
    ]
    assert [] == [
        key for key, text in workbench_texts("zh-Hant").items() if re.search("[时说语静对双录声与应长]", text)
    ]


def test_every_word_an_event_can_carry_has_a_text():
    catalogue = texts("en")
    for section, kinds in ENUMERATED.items():
        assert [] == [kind.value for kind in kinds if f"{section}.{kind.value}" not in catalogue], section
    for side in Side:
        assert {f"side.{side.label}", f"side.{side.label.title()}", f"silence.{side.label}"} <= set(catalogue)


def test_every_text_that_the_page_asks_for_is_there():
    catalogue = texts("en")
    web = files("cxaudio").joinpath("web")
    templates = [web.joinpath("call.html"), *web.joinpath("call_parts").iterdir()]
    template = "".join(path.read_text(encoding="utf-8") for path in templates)
    asked = set(re.findall(r'w\("([a-z_]+\.[A-Za-z_]+)"\)', template))
    asked |= set(re.findall(r't\[["\']([a-z_]+\.[A-Za-z_]+)["\']\]', template))
    asked |= set(re.findall(r'data-t(?:-label)?="([a-z_]+\.[A-Za-z_]+)"', template))
    for script in web.joinpath("call").iterdir():
        source = script.read_text(encoding="utf-8")
        asked |= set(re.findall(r'(?<![A-Za-z])t\("([a-z_]+\.[A-Za-z_]+)"[,)]', source))
        asked |= {
            f"column.{name}"
            for columns in re.findall(r"columns: \[([^\]]+)\]", source)
            for name in re.findall(r'"(\w+)"', columns)
        }
        asked |= {f"unit.{name}" for name in re.findall(r'unit\("(\w+)"', source)}
    assert len(asked) > 100  # else the patterns above have gone blind
    assert set() == asked - set(catalogue)


def test_every_text_that_the_page_of_many_calls_asks_for_is_there():
    catalogue = texts("en")
    web = files("cxaudio").joinpath("web")
    sources = [web.joinpath("index.html").read_text(encoding="utf-8")]
    sources += [path.read_text(encoding="utf-8") for path in web.joinpath("index").iterdir()]
    asked = {key for source in sources for key in re.findall(r'["\'`]((?:index|page)\.\w*[a-z])["\'`]', source)}
    columns = re.findall(r'\bname: "(\w+)"', web.joinpath("index", "table_columns.js").read_text(encoding="utf-8"))
    asked |= {f"index.{kind}_{name}" for name in columns for kind in ("column", "sort")}
    counted_keys = {key for key in asked if f"{key}_other" in catalogue}
    assert len(asked) > 60  # else the patterns above have gone blind
    assert set() == asked - counted_keys - set(catalogue)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en-GB", "en"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh_TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("de", "en"),
    ],
)
def test_a_readers_language_finds_the_nearest_catalogue(tag, expected):
    assert expected == match_language(tag)


def test_counts_choose_their_wording():
    english = texts("en")
    assert ["no interruptions", "1 interruption", "5 interruptions"] == [
        counted(english, "summary.interruptions", n) for n in (0, 1, 5)
    ]
