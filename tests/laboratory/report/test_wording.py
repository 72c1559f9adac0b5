"""Pages and summaries in Chinese: no fixed English word is left, and values are the same."""

import math
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from cxaudio.laboratory.measures import figure_specs
from cxaudio.laboratory.measures.estimate import Estimate
from cxaudio.laboratory.measures.figure import CRITERIA, Figure, Presence
from cxaudio.laboratory.measures.headset_report import HeadsetReport, measure_headset
from cxaudio.laboratory.report.compare import Cause, compare_headsets
from cxaudio.laboratory.report.figure_text import cause_text, figure_text
from cxaudio.laboratory.report.page import render_headsets
from cxaudio.laboratory.report.terminal_summary import print_comparison, print_report
from cxaudio.laboratory.report.wording import Wording
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.made.simulated_headset import SimulatedHeadset
from support.lab_takes import RATE, lab_takes

GOOD = SimulatedHeadset(sample_rate=RATE, noise_dbov=-76, delay_samples=320)
POOR = replace(GOOD, noise_dbov=-58, bandwidth_hz=3_400, quadratic=0.1, delay_samples=1_600, hum_dbov=-60)
ROLES = (Role.QUIET, Role.SPEECH, Role.SWEEP_LOUD, Role.OPENING)
CHINESE = ("zh-Hans", "zh-Hant")
SPECS = figure_specs()
NOISE, HUM, GATE = (SPECS[key] for key in ("noise.a_weighted_dbov", "hum.level_dbov", "gate.depth_db"))
# Terms that are the same in Chinese texts, or that stand in sentences of measures.
SAME = {"STOI", "PLCMOS", "ITU-T P.56 method B."}


@pytest.fixture(scope="module")
def reports() -> list[HeadsetReport]:
    return [
        measure_headset(judge_takes(name, lab_takes([headset], roles=ROLES, n_openings=3)))
        for name, headset in (("Acme 5", GOOD), ("Acme 7", POOR))
    ]


def shown(page: str) -> str:
    """Return the text of a page and what pointing at things shows."""
    body = page[page.index("<body") :]
    titles = " ".join(re.findall(r'(?:title|aria-label)="([^"]*)"', body))
    return unescape(re.sub(r"<[^>]+>", "\n", body) + titles)


@pytest.mark.slow
@pytest.mark.parametrize("language", CHINESE)
@pytest.mark.parametrize("n", [1, 2], ids=["one", "several"])
def test_a_chinese_page_leaves_no_fixed_english_word(reports, language, n):
    page = render_headsets(reports[:n], versions={}, page_language=language)
    assert f'<html lang="{language}">' in page
    text = shown(page)
    lines = {line.strip() for line in text.split("\n")}
    english = {word for spec in SPECS.values() for word in (spec.name, spec.unit, spec.cause) if word and " " in word}
    english |= {spec.about for spec in SPECS.values()} | set(CRITERIA.values())
    english |= {"kept", "not kept", "not decided", "withheld", "standard", "indicative", "project", "Set-up", "Badge"}
    assert set() == (english - SAME) & lines
    assert [] == [word for word in english - SAME if len(word) > 24 and word in text]
    for word in ("頻率響應", "訊噪比") if language == "zh-Hant" else ("频率响应", "信噪比"):
        assert word in text


@pytest.mark.slow
def test_every_language_shows_the_same_numbers(reports):
    def values(language: str) -> list[str]:
        page = render_headsets(reports, versions={}, page_language=language)
        table = page[page.index('<table class="figures-table">') :]
        return re.findall(r'<td class="number[^"]*">[^<]*?([≤≥\d][^<]*)', table)

    first, *others = (values(language) for language in ("en", *CHINESE))
    assert len(first) > 20
    assert [first, first] == others


@pytest.mark.slow
def test_the_same_report_gives_the_same_chinese_page(reports):
    first, second = (render_headsets(reports, versions={}, page_language="zh-TW") for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_a_terminal_shows_the_language_of_the_page(reports, capsys):
    print_report(reports[1], [Path("report.html")], Wording("zh-CN"))
    print_comparison(compare_headsets(reports), [], Wording("zh-CN"))
    text = capsys.readouterr().out
    for part in ("Acme 7：", "佩戴 1 次", "噪声，A 计权", "听感噪声较大：", "比较中占优"):
        assert part in text


@pytest.mark.parametrize(
    ("own", "best", "expected"),
    [
        (Figure(spec=NOISE, value=-56.0, estimate=Estimate(error=0.15, dof=math.inf)), Figure(spec=NOISE, value=-70.0),
         "听感噪声较大：−56.0 ± 0.3 dBov(A)，而 A 为 −70.0"),
        (Figure(spec=HUM, value=-64.0, detail="at 50 Hz"), Figure(spec=HUM, value=None, presence=Presence.NOT_FOUND),
         "有工频交流声：−64.0 dBov，而 A 未发现（at 50 Hz）"),
        (Figure(spec=GATE, value=None, presence=Presence.FOUND, detail="pauses are digital silence"), None,
         "停顿被噪声门切断：停顿为数字静音"),
        (Figure(spec=SPECS["clock.skew_ppm"], value=-140.0), None,
         "时钟相互漂移：−140.00 ppm，限值不超过 ±50 ppm"),
    ],
    ids=["noise", "none found", "in words", "limit"],
)  # fmt: skip
def test_causes_are_sentences_of_the_language(own, best, expected):
    cause = Cause(spec=own.spec, figure=own, best=best, best_model="A" if best else None)
    assert Wording("zh-CN").cause_sentence(cause).replace("\N{NO-BREAK SPACE}", " ") == expected
    assert Wording().cause_sentence(cause) == cause_text(cause)


def test_english_is_what_stands_with_the_definitions():
    figure = Figure(spec=GATE, value=None, presence=Presence.FOUND, detail="pauses are digital silence")
    words = Wording("de")
    assert words.language == "en"
    assert words.found(figure) == figure.text == words.value(figure)
    assert words.figure(figure) == figure_text(figure)
    assert words.figure(Figure(spec=GATE, value=None, withheld="not measured")) == "withheld"
    assert words.name(GATE) == GATE.name


def test_what_a_measure_says_is_translated_where_it_is_shown():
    detail = said("{n} more", n=7)
    figure = Figure(spec=SPECS["clipping.per_s"], value=1.0, detail=detail)
    assert Wording("zh-TW").found(figure) == "另有 7 處"
    assert Wording().found(figure) == "7 more"
