"""The page as a file: whole, closed to what is not its own, the same every time."""

import base64
import hashlib
import itertools
import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxaudio.i18n import LANGUAGES, texts
from cxaudio.model.events import QualityKind, QualityNotice
from cxaudio.model.report import CallReport, ReportBuilder
from cxaudio.sinks.page.html import HtmlSink, LevelEnvelope, Levels, render_page
from cxaudio.sinks.page.key_figures import key_figures
from cxaudio.sinks.page.page_audio import PageAudio
from cxaudio.sinks.page.page_facts import page_facts
from support.sample_reports import mono_report, sample_call, sample_levels, sample_report
from support.small_call import DURATION, call_info, events, mono_events, provenance, report

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u2028<!--"
SAME_AUDIO = QualityNotice(
    start=0, end=DURATION, decided_at=DURATION, kind=QualityKind.SAME_AUDIO, side=None,
    measured=0.99, limit=0.95, unit="correlation",
)  # fmt: skip


class _Page(HTMLParser):
    """What a browser would make of a page: its elements, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._inside: str | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in ("script", "style", "h1") else None
        if self._inside:
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        if tag == self._inside:
            self._inside = None

    def handle_data(self, data):
        if self._inside:
            self.texts[self._inside][-1] += data

    @property
    def facts(self):
        return json.loads(self.texts["script"][0])

    @property
    def policy(self) -> str:
        return next(a["content"] for t, a in self.elements if t == "meta" and a.get("http-equiv"))


def _levels(contents):
    return Levels(**{"step_s": 0.05, "agent": None, "customer": None, **sample_levels(contents)})


@pytest.fixture(scope="module")
def three_minutes():
    contents = sample_report(3)
    return contents, render_page(sample_call(), levels=_levels(contents))


def test_the_page_is_the_same_every_time(three_minutes):
    contents, page = three_minutes
    assert page == render_page(sample_call(), levels=_levels(contents))


def test_only_the_pages_own_script_and_style_may_run(three_minutes):
    page = _Page(three_minutes[1])
    script, style = page.texts["script"][1], page.texts["style"][0]
    for directive, text in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in page.policy
    assert page.policy.startswith("default-src 'none'; ")
    assert "unsafe" not in page.policy
    assert "connect-src" not in page.policy


def test_nothing_on_the_page_points_outside_it(three_minutes):
    page = _Page(three_minutes[1])
    for tag, attributes in page.elements:
        assert not {"src", "href", "action", "srcset", "style"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")], tag
    assert not re.search(r"https?://|\bfetch\(|XMLHttpRequest|WebSocket|import\(", three_minutes[1])


def test_the_script_makes_no_markup_out_of_text(three_minutes):
    script = _Page(three_minutes[1]).texts["script"][1]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script)
    assert "<!--" not in script
    assert "</script" not in script


def test_hostile_names_stay_text():
    contents = sample_report(3)
    contents["call"]["id"] = HOSTILE
    contents["flags"][0]["rule"] = HOSTILE
    contents["flags"][0]["evidence"] = {HOSTILE: HOSTILE}
    contents["versions"][HOSTILE] = HOSTILE
    audio = PageAudio(sources=("./x.wav",), name=HOSTILE, kind="linked")
    page = _Page(render_page(CallReport.from_dict(contents), levels=None, audio=audio))
    assert 2 == sum(tag == "script" for tag, _ in page.elements)
    assert not any(tag == "img" for tag, _ in page.elements)
    assert HOSTILE == page.facts["call"]["id"] == page.facts["audio"]["name"]


def test_a_name_that_is_no_valid_unicode_does_not_stop_the_page():
    page = render_page(report(call_info(call_id="caf\udce9")), levels=None)
    assert page.encode("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_in_the_language_that_was_asked_for_and_holds_all(language):
    page = _Page(render_page(sample_call(), levels=None, language=language))
    assert texts(language)["language.html"] == next(a["lang"] for tag, a in page.elements if tag == "html")
    assert page.facts["head"][language]["sentence"] == page.texts["h1"][0]
    assert set(LANGUAGES) == set(page.facts["texts"]) == set(page.facts["head"])


def test_an_hour_stays_small():
    contents = sample_report(60)
    page = render_page(CallReport.from_dict(contents), levels=_levels(contents))
    assert len(page.encode()) < 1_000_000


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(report(made=()), id="silent"),
        pytest.param(report(call_info(channels=(0, None), two_sided=False), ()), id="silent mono"),
        pytest.param(CallReport.from_dict(mono_report()), id="mono"),
        pytest.param(ReportBuilder(call_info(), provenance()).build(0), id="no length"),
        pytest.param(report(made=[*events(), SAME_AUDIO]), id="same audio"),
    ],
)
def test_unknown_figures_and_absent_lists_are_no_error(found):
    page = _Page(render_page(found, levels=None))
    assert found.duration_s == page.facts["duration"]
    assert [side.side.label for side in found.sides if side is not None] == page.facts["present"]


def test_numbers_that_json_does_not_know_become_unknown():
    whole = report()
    agent = replace(whole.agent, snr_db=math.nan)
    facts = page_facts(replace(whole, sides=(agent, whole.customer)), None)
    assert facts["sides"]["agent"]["snr_db"] is None
    json.dumps(facts, allow_nan=False)


def test_the_facts_are_those_of_the_report_file_with_its_long_lists_as_columns():
    found = sample_call()
    values, facts = found.to_dict(), page_facts(found, None)
    for name in ("overlaps", "silences", "holds", "dropouts", "flags", "nudges", "notices", "responses", "tempo"):
        assert values[name] == facts[name]
    agent = [rate for rate in values["rates"] if rate["side"] == "agent"]
    assert [rate["at"] for rate in agent] == facts["rates"]["agent"]["at"]
    assert [rate["syllables_per_s"] for rate in agent] == facts["rates"]["agent"]["rate"]
    assert {"low": 0.8, "high": 1.25} == {key: facts["limits"][key] for key in ("low", "high")}
    assert values["sides"]["customer"]["speech"][0] == facts["speech"]["customer"][:2]


def test_key_figures_carry_units_and_the_limits_that_were_broken():
    values = sample_report(3)
    values["sides"]["agent"]["talk_share"] = 0.74
    broken = {"rule": "talk_share_agent", "severity": "flag", "side": "agent", "measured": 0.74, "limit": 0.7}
    whole = values["whole_call"] | {"talk_share_agent": 0.74, "flags": [broken | {"unit": "share"}]}
    found = CallReport.from_dict(values | {"whole_call": whole})
    figures = {figure["key"]: figure for figure in key_figures(found, texts("en"))}
    assert ["in_step", "talk_share", "response", "interruptions", "silence", "flags"] == list(figures)
    assert "74 %" == figures["talk_share"]["value"]
    assert figures["talk_share"]["over"]
    assert figures["talk_share"]["detail"].startswith("limit 70 %: over the limit\n")
    assert not figures["silence"]["over"]
    assert figures["silence"]["detail"].startswith("limit 25 %\n"), "a band has its number also where it is kept"
    n_flags = sum(flag.severity > "note" for flag in found.flags)
    assert str(n_flags + 1) == figures["flags"]["value"], "what the whole call broke is counted"
    assert "1 for the whole call" in figures["flags"]["detail"]
    assert "字/分" in next(f["detail"] for f in key_figures(found, texts("zh-Hans")) if f["key"] == "in_step")


def test_opposite_faults_do_not_cancel_in_the_head():
    """The mean ratio of this call would be near 1; its head shows the extremes and the time between the limits."""
    values = sample_report(3)
    values["whole_call"]["in_step"] = {"known_s": 160.0, "share": 0.68, "lowest": 0.451, "highest": 1.726}
    first = key_figures(CallReport.from_dict(values), texts("en"))[0]
    assert "68 %" == first["value"]
    assert first["detail"].startswith("in step 0.80 to 1.25×\nrange 0.45 to 1.73×\n")
    scale = first["scale"]
    assert scale["from"] < scale["low"] < 0.5 < scale["high"] < scale["to"]
    assert 0.5 == pytest.approx((scale["low"] + scale["high"]) / 2, abs=1e-4), "0.8 and 1.25 are as far from 1"


def test_a_reply_that_came_early_has_a_typographic_minus():
    whole = report()
    assert whole.agent.response_times is not None
    agent = replace(whole.agent, response_times=replace(whole.agent.response_times, median_s=-0.31))
    figures = key_figures(replace(whole, sides=(agent, whole.customer)), texts("en"))
    assert "\N{MINUS SIGN}0.3 s" == next(f["value"] for f in figures if f["key"] == "response")


def test_one_sided_calls_have_no_two_sided_figures():
    found = CallReport.from_dict(mono_report())
    assert ["speech", "rate"] == [figure["key"] for figure in key_figures(found, texts("en"))]


def test_sides_that_cannot_be_compared_are_given_each_by_itself():
    same = report(made=[*events(), SAME_AUDIO])
    assert not same.two_sided
    speech, rate = key_figures(same, texts("en"))
    assert speech["value"].endswith(" customer")
    assert " s agent · " in speech["value"]
    assert " syllables/s agent · " in rate["value"]
    assert not page_facts(same, None)["two_sided"], "the page draws no comparison either"


@given(cuts=st.lists(st.integers(0, 60), max_size=8))
def test_levels_do_not_depend_on_how_the_call_is_cut(cuts):
    rng = np.random.default_rng(5)
    ticks = rng.uniform(-80, -10, (2, 63)).astype(np.float32)
    ticks[0, 10:20] = -np.inf
    whole, pieces = LevelEnvelope(), LevelEnvelope()
    whole.add(ticks)
    edges = [0, *sorted(cuts), 63]
    for start, end in itertools.pairwise(edges):
        pieces.add(ticks[:, start:end])
    for side in ("agent", "customer"):
        np.testing.assert_array_equal(getattr(whole.levels(), side), getattr(pieces.levels(), side))
    assert 13 == whole.levels().agent.size
    assert -127 == whole.levels().agent[2]


def test_a_level_is_the_mean_power_of_its_ticks():
    """Analytic: half the time at -20 dBov and half in silence has half the power, 3.01 dB less."""
    envelope = LevelEnvelope(ticks_per_value=2)
    envelope.add(np.array([[-20.0, -np.inf], [-20.0, -20.0]], dtype=np.float32))
    assert [-23, -20] == [int(envelope.levels().agent[0]), int(envelope.levels().customer[0])]


def test_a_finished_call_leaves_its_page_and_a_broken_one_none(tmp_path: Path):
    path = tmp_path / "out" / "report.html"
    sink = HtmlSink(path)
    sink.close(None)
    assert not path.exists()
    sink.close(report())
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert b"\r" not in path.read_bytes()


def test_a_mono_report_makes_a_page(tmp_path: Path):
    sink = HtmlSink(tmp_path / "report.html", language="zh-TW")
    sink.close(report(call_info(channels=(0, None), two_sided=False, role_source="mono"), mono_events()))
    assert 'lang="zh-Hant"' in (tmp_path / "report.html").read_text(encoding="utf-8")
