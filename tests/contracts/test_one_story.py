"""One settled story: every figure of the sentence and of the page's head is counted again from the rows of the tables.

The rows are those of report.json, which are those of the page's tables and of the exports.
"""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import soundfile
import webvtt
from praatio import textgrid as praat

import cxaudio
from cxaudio.i18n import texts
from cxaudio.i18n.figures_in_words import clock_text
from cxaudio.made.demo_script import DEMO_SEED, demo_script
from cxaudio.made.synthetic import made_call, make_call
from cxaudio.model.report import CallReport
from cxaudio.sinks.call_sentence import call_sentence
from cxaudio.sinks.exports import EXPORTS
from cxaudio.sinks.page.key_figures import key_figures
from cxaudio.sinks.page.page_facts import page_facts
from support.recount import counts, recount, spans_of, total
from support.walked_calls import walked_call

SHARED = Path(__file__).parents[3] / "shared" / "data"
SHARED_CALLS = [
    ("spokenwoz-calls/audio/MUL1423.flac", "right"),
    ("spokenwoz-calls/audio/SNG0072.flac", "right"),
    ("spokenwoz-calls/audio/SNG0480.flac", "right"),
    ("spokenwoz-calls/audio/SNG0696.flac", "right"),
    ("two-sided-acted-calls/audio/auto-repairs-40.flac", "right"),
]
HALF = {1: 0.05, 0: 0.5, 2: 0.005}  # half of the last decimal
MS = 0.0015  # seconds: both edges were rounded to the millisecond


def near(told: float | None, counted: float | None, tolerance: float) -> bool:
    return told == counted if told is None or counted is None else abs(told - counted) <= tolerance


def check(report: CallReport) -> None:
    """Compare everything that a report says with what its rows give."""
    values = report.to_dict()
    rows = recount(values)
    _check_sides(values, rows)
    _check_whole_call(values, rows)
    _check_head(report, rows)
    _check_sentence(report, values, rows)
    _check_flags(values)
    check_exports(report, values)
    facts = page_facts(report, None)
    for name in ("overlaps", "silences", "holds", "line_sounds", "dropouts", "flags", "responses"):
        assert values[name] == facts[name], name


def _check_sides(values: Mapping[str, Any], rows: Mapping[str, Any]) -> None:
    for side in ("agent", "customer"):
        told, counted = values["sides"][side], rows[side]
        n = len(told["speech"])
        assert near(told["speech_s"], counted["speech_s"], n * MS), side
        assert near(told["talk_share"], counted["talk_share"], 1e-3), side
        assert told["syllables"] == counted["syllables"], side
        assert near(told["articulation_rate"], counted["articulation_rate"], 5e-3), side
        times = told["response_times"]
        assert times["n"] == counted["responses"][0], side
        assert near(times["median_s"], counted["responses"][1], MS), side
        assert near(times["p90_s"], counted["responses"][2], MS), side
        assert told["interruptions"] == counted["interruptions"], side
        assert told["backchannels"] == counted["backchannels"], side


def _check_whole_call(values: Mapping[str, Any], rows: Mapping[str, Any]) -> None:
    whole = values["whole_call"]
    assert near(whole["talk_share_agent"], rows["agent"]["talk_share"], 1e-3)
    assert near(whole["overlap_share"], rows["overlap_share"], 2e-3)
    assert near(whole["silence_share"], rows["silence_share"], 2e-3)
    assert whole["interruptions"] == rows["agent"]["interruptions"]
    told, counted = whole["in_step"], rows["in_step"]
    assert (told is None) == (counted is None)
    if told is not None:
        tolerances = {"known_s": 0.1, "share": 2e-3, "lowest": 1e-3, "highest": 1e-3}
        for key, tolerance in tolerances.items():
            assert near(told[key], counted[key], tolerance), key


def _check_head(report: CallReport, rows: Mapping[str, Any]) -> None:
    head = {figure["key"]: figure for figure in key_figures(report, texts("en"))}

    def numbers(text: str) -> list[float]:
        return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text.replace("\N{MINUS SIGN}", "-"))]

    if rows["in_step"] is not None and head["in_step"]["value"] != "unknown":
        assert near(
            numbers(head["in_step"]["value"])[0],
            100 * rows["in_step"]["share"],
            0.7,
        )
        band, ratios, rates = head["in_step"]["detail"].split("\n")[:3]
        assert [0.8, 1.25] == numbers(band)
        assert near(numbers(ratios)[0], rows["in_step"]["lowest"], 0.0061)
        assert near(numbers(ratios)[1], rows["in_step"]["highest"], 0.0061)
        for rate, side in zip(numbers(rates), ("agent", "customer"), strict=True):
            assert near(rate, rows[side]["articulation_rate"], 0.056)
    if rows["agent"]["talk_share"] is not None:
        assert near(numbers(head["talk_share"]["value"])[0], 100 * rows["agent"]["talk_share"], 0.6)
    n, median_s, p90_s = rows["agent"]["responses"]
    if n:
        assert near(numbers(head["response"]["value"])[0], median_s, 0.052)
        assert near(numbers(head["response"]["detail"].split("\n")[-1])[1], p90_s, 0.052)
        assert numbers(head["response"]["detail"].split("\n")[-1])[2] == n
    assert numbers(head["interruptions"]["value"]) == [rows["agent"]["interruptions"]]
    assert numbers(head["interruptions"]["detail"].split("\n")[-1])[0] == rows["customer"]["interruptions"]
    if rows["silence_share"] is not None:
        assert near(numbers(head["silence"]["value"])[0], 100 * rows["silence_share"], 0.7)
    assert near(numbers(head["silence"]["detail"].split("\n")[-1])[0], 100 * rows["overlap_share"], 0.7)
    assert numbers(head["flags"]["value"]) == [rows["n_flags"]]
    assert numbers(head["flags"]["detail"].split("\n")[0]) == [rows["n_severe"], rows["n_notes"]]


def _check_sentence(report: CallReport, values: Mapping[str, Any], rows: Mapping[str, Any]) -> None:
    """Find every figure of the sentence among the rows; no two parts may contradict each other."""
    sentence = call_sentence(report)
    told = [flag for flag in values["flags"] if flag["severity"] != "note"]
    by_rule = {rule: [flag for flag in told if flag["rule"] == rule] for rule in {flag["rule"] for flag in told}}
    n = rows["agent"]["interruptions"]
    if found := re.search(r"(no|\d+) interruptions?(?!s| by| a)", sentence):
        assert (0 if found[1] == "no" else int(found[1])) == n
    else:
        assert n == 0
        assert "talking over the customer" in sentence
    assert not ("no interruptions" in sentence and "talking_over" in by_rule)
    if found := re.search(r"the longest ([\d.]+) s", sentence):
        assert near(float(found[1]), rows["agent"]["longest_interruption"], 0.052)
    if found := re.search(r"answered in ([\d.]+) s \(median\)", sentence):
        assert near(float(found[1]), rows["agent"]["responses"][1], 0.052)
    if "answered without a gap" in sentence:
        assert rows["agent"]["responses"][1] < 0.052
    if found := re.search(r"in step with the customer for (\d+) %", sentence):
        assert near(float(found[1]), 100 * rows["in_step"]["share"], 0.7)
    if re.search("kept the customer's pace", sentence):
        assert not {"rushing", "dawdling"} & set(by_rule)
        assert rows["in_step"] is None or rows["in_step"]["share"] > 0.795
        assert not values["whole_call"]["flags"] or ", but " in sentence, "no praise beside a limit that is broken"
    if "left_waiting" in by_rule:
        found = re.search(r"wait (?:once|(\d+) times) \((?:up to )?([\d.]+) s\)", sentence)
        if found is not None:  # else it is one of the other flags
            assert int(found[1] or 1) == len(by_rule["left_waiting"])
            assert near(float(found[2]), max(f["end"] - f["start"] for f in by_rule["left_waiting"]), 0.052)
    single = [flag for flag in by_rule.get("dead_air", ()) if flag["unit"] == "s"]
    if single:
        found = re.search(r"(one|\d+) long silences? of (?:up to )?([\d.]+) s", sentence)
        assert found is not None
        assert {"one": 1}.get(found[1]) == len(single) or found[1] == str(len(single))
        assert near(float(found[2]), max(flag["end"] - flag["start"] for flag in single), 0.052)
    for finding in values["whole_call"]["flags"]:
        share, limit = (f"{100 * finding[key]:.0f} %" for key in ("measured", "limit"))
        words = {
            "silence_share": f"silences of 2 s and more filled {share} of the talk",
            "overlap_share": f"both spoke at once for {share}",
            "talk_share_agent": f"the agent had {share} of the speech",
            "response_median_s": f"answers took {finding['measured']:.1f} s",
            "interruptions_per_min": f"interruptions by the agent: {finding['measured']:.1f} a minute",
        }
        assert words[finding["rule"]] in sentence or share == limit
    held = [hold for hold in values["holds"] if hold["kind"] not in ("paused", "not_recorded")]
    if held:
        found = re.search(r"(a hold of|\d+ holds,) ([\d:]+)( s|) (?:is|in all, are) left out", sentence)
        assert found is not None
        assert (1 if found[1] == "a hold of" else int(found[1].split()[0])) == len(held)
        length = total(spans_of(held, values["call"]["duration_s"]))
        assert found[2] == (f"{length:.0f}" if found[3] else clock_text(length))
    else:
        assert "left out" not in sentence


def _check_flags(values: Mapping[str, Any]) -> None:
    """Compare flags with the rows they are about: what is flagged is in a table too, with the same figures."""
    duration = values["call"]["duration_s"]
    silences = spans_of(values["silences"], duration)
    held = spans_of(values["holds"], duration)
    for flag in values["flags"]:
        end = duration if flag["end"] is None else flag["end"]
        if flag["rule"] in ("dead_air", "left_waiting") and flag["unit"] == "s" and flag["severity"] != "note":
            clicks = [
                (s, e)
                for found in values["sides"].values()
                for (s, e), n in zip(found["speech"], found["speech_syllables"], strict=True)
                if n == 0
            ]
            explained = [*silences, *held, *clicks]  # what no syllable was counted in ends no silence
            covered = total((max(s, flag["start"]), min(e, end)) for s, e in explained if s < end and e > flag["start"])
            assert near(flag["measured"], end - flag["start"], 0.011), flag
            assert near(covered, end - flag["start"], 0.05), flag
        grown = next((step for step in flag["steps"] if step["severity"] != "note"), None)
        if grown is not None and flag["rule"] in ("dead_air", "left_waiting", "monologue") and grown["unit"] == "s":
            assert flag["decided_at"] >= flag["start"] + grown["limit"] - MS, "not known before the limit was reached"
        if flag["rule"] == "dead_air" and flag["unit"] == "s":
            assert near(flag["evidence"]["silence_s"], flag["measured"], 0.011), "evidence holds the final figure"
    for silence in values["silences"]:
        for side, found in values["sides"].items():
            for (start, end), n in zip(found["speech"], found["speech_syllables"], strict=True):
                if start < silence["end"] - MS and end > silence["start"] + MS:
                    assert n == 0, (side, start, silence)


def check_exports(report: CallReport, values: Mapping[str, Any]) -> None:
    """Read every export back and compare it with the rows."""
    made = {name: export.render(report) for name, export in EXPORTS.items()}
    duration = values["call"]["duration_s"]
    sides = values["sides"]
    spoken = sorted((s, e, side) for side, found in sides.items() for s, e in found["speech"])
    turns = sorted((t["start"], t["end"], side) for side, found in sides.items() for t in found["turns"])
    flags = sorted(spans_of(values["flags"], duration))

    def same(told: list[Any], expected: list[Any], what: str) -> None:
        assert len(told) == len(expected), what
        for one, other in zip(sorted(told), sorted(expected), strict=True):
            assert all(
                near(a, b, 0.002) if isinstance(a, float) else a == b for a, b in zip(one, other, strict=True)
            ), what

    lines = [line.split() for line in made["rttm"].splitlines()]
    same([(float(x[3]), float(x[3]) + float(x[4]), x[7]) for x in lines], spoken, "rttm")

    tracks = {
        name: [(float(a), float(b), c) for a, b, c in (line.split("\t") for line in text.splitlines())]
        for name, text in made["audacity"].items()
    }
    labelled = [row for side in sides for row in tracks.get(side, []) if row[2] == side]
    same(labelled, turns, "labels of turns")
    same([row[:2] for row in tracks.get("flags", [])], flags, "labels of flags")
    long = [s for s in spans_of(values["silences"], duration) if s[1] - s[0] >= 2.0]
    of_call = [*long, *(s for name in ("holds", "line_sounds", "dropouts") for s in spans_of(values[name], duration))]
    same([row[:2] for row in tracks.get("call", [])], of_call, "labels of the call")

    tables = {name: list(csv.DictReader(io.StringIO(text.lstrip("\ufeff")))) for name, text in made["csv"].items()}
    same([(float(r["start"]), float(r["end"]), r["side"]) for r in tables.get("speech", [])], spoken, "csv of speech")
    same([(float(r["start"]), float(r["end"]), r["side"]) for r in tables.get("turns", [])], turns, "csv of turns")
    for name in ("overlaps", "backchannels", "responses", "rates", "silences", "holds", "dropouts", "flags", "notices"):
        assert len(tables.get(name, [])) == len(values[name]), name
    assert [row["rule"] for row in tables.get("whole_call", [])] == [f["rule"] for f in values["whole_call"]["flags"]]


def check_read_by_others(report: CallReport, folder: Path) -> None:
    """Read TextGrid and WebVTT by libraries that others wrote."""
    values = report.to_dict()
    duration = values["call"]["duration_s"]
    for name in ("textgrid", "vtt"):
        (folder / EXPORTS[name].file).write_text(EXPORTS[name].render(report), encoding="utf-8")
    grid = praat.openTextgrid(str(folder / "call.TextGrid"), includeEmptyIntervals=False, reportingMode="error")

    def tier(name: str) -> int:
        return len(grid.getTier(name).entries) if name in grid.tierNames else 0

    for side, found in values["sides"].items():
        assert tier(f"{side} speech") == len(found["speech"])
        assert tier(f"{side} turns") == len(found["turns"])
    assert tier("silences") == len(values["silences"])
    assert tier("holds") == len(values["holds"])
    assert tier("lost") == len(values["dropouts"])
    cues = webvtt.read(str(folder / "call.vtt")).captions
    expected = [t for found in values["sides"].values() for t in found["turns"]]
    expected += [*values["holds"], *values["dropouts"], *values["flags"]]
    assert len(cues) == sum(end > start for start, end in spans_of(expected, duration))


@pytest.mark.parametrize("seed", range(6))
def test_a_drawn_call_tells_one_story(seed, tmp_path):
    report = walked_call(seed)
    check(report)
    check_read_by_others(report, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6, 60))
def test_many_drawn_calls_tell_one_story(seed, tmp_path):
    report = walked_call(seed, seconds=240 + 20 * (seed % 12))
    check(report)
    check_read_by_others(report, tmp_path)


@pytest.mark.slow
def test_the_demonstration_tells_one_story(tmp_path):
    make_call(demo_script(seed=DEMO_SEED), seed=DEMO_SEED).write_wav(tmp_path / "call.wav")
    check(cxaudio.replay(tmp_path / "call.wav", agent="left"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_made_call_tells_one_story(seed, tmp_path):
    samples, _ = made_call(seed, seconds=100)
    soundfile.write(tmp_path / "call.wav", samples.T, 8000)
    check(cxaudio.replay(tmp_path / "call.wav", agent="left"))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "agent"), SHARED_CALLS)
def test_a_shared_call_tells_one_story(name, agent):
    if not (SHARED / name).is_file():
        pytest.skip("the shared recordings are not beside this checkout")
    check(cxaudio.replay(SHARED / name, agent=agent))


def test_the_recount_counts_what_the_definitions_say():
    """By hand, so that the recount is no copy of what it checks."""
    assert 7.0 == total([(0.0, 4.0), (3.0, 5.0), (8.0, 10.0)])
    overlap = {"kind": "butt_in", "latency_suspect": False}
    assert counts(overlap)
    assert not counts(overlap | {"latency_suspect": True})
    assert not counts(overlap | {"kind": "pause_cut_in"})
