"""What annotators' tools are given, read back by libraries that others wrote."""

import itertools
import re
from dataclasses import replace
from itertools import pairwise

import pytest
import webvtt
from praatio import textgrid as praat

from cxaudio.model.events import FlagState, Severity, Side, Silence
from cxaudio.sinks.export_sink import ExportSink
from cxaudio.sinks.exports import EXPORTS
from cxaudio.sinks.exports.audacity import audacity
from cxaudio.sinks.exports.rttm import rttm
from cxaudio.sinks.exports.stretches import Stretch, tiled
from cxaudio.sinks.exports.textgrid import textgrid
from cxaudio.sinks.exports.vtt import vtt
from support.small_call import at, call_info, flag, mono_events, report, turn


@pytest.fixture
def grid(tmp_path):
    path = tmp_path / "call.TextGrid"
    path.write_text(textgrid(report()), encoding="utf-8")
    return praat.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")


def test_praatio_reads_every_tier(grid):
    assert grid.tierNames == (
        "agent speech",
        "agent turns",
        "customer speech",
        "customer turns",
        "agent enters",
        "customer enters",
        "silences",
        "holds",
        "customer line",
        "flags left_waiting",
        "agent rate",
        "customer rate",
    )
    assert (grid.minTimestamp, grid.maxTimestamp) == (0, 30.005)


def test_every_interval_tier_tiles_the_call(grid):
    """Praat refuses a grid with gaps, and one whose tiers end apart."""
    for name in grid.tierNames:
        tier = grid.getTier(name)
        if isinstance(tier, praat.IntervalTier):
            edges = [(entry.start, entry.end) for entry in tier.entries]
            assert edges[0][0] == 0
            assert edges[-1][1] == 30.005
            assert all(one[1] == two[0] for one, two in pairwise(edges))


def test_what_was_spoken_stands_where_it_was(grid):
    spoken = [(e.start, e.end) for e in grid.getTier("agent speech").entries if e.label]
    assert spoken == [(1.0, 5.0), (6.0, 9.0), (11.0, 11.4), (20.0, 24.0), (26.0, 27.5)]
    assert [e.label for e in grid.getTier("agent enters").entries if e.label] == ["backchannel", "interruption"]
    assert [e.label for e in grid.getTier("silences").entries if e.label] == ["silence, owed by agent"]
    assert [(e.time, e.label) for e in grid.getTier("agent rate").entries] == [(24.0, "4.36")]


def test_stretches_that_overlap_still_tile():
    found = tiled(
        [Stretch(0.0, 5.0, "a"), Stretch(1.0, 2.0, "b"), Stretch(4.0, 6.0, "c"), Stretch(9.0, 12.0, "d")], 10.0
    )
    assert [tuple(stretch) for stretch in found] == [
        (0.0, 5.0, "a"),
        (5.0, 6.0, "c"),
        (6.0, 9.0, ""),
        (9.0, 10.0, "d"),
    ]


def test_the_grid_of_a_mono_mix_has_no_tier_for_two(tmp_path):
    path = tmp_path / "call.TextGrid"
    mono = report(call_info(channels=(0, None), two_sided=False), mono_events())
    path.write_text(textgrid(mono), encoding="utf-8")
    grid = praat.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")
    assert grid.tierNames == ("agent speech", "holds", "agent rate")


def test_quotes_in_a_grid_are_doubled():
    from cxaudio.sinks.exports.textgrid import _quoted

    assert _quoted('say "yes"') == '"say ""yes"""'


def read_rttm(text: str) -> list[tuple[str, str, float, float, str]]:
    """Speaker lines after NIST's rule: ten fields parted by blanks, unknown ones <NA>."""
    rows = []
    for line in text.splitlines():
        fields = line.split(" ")
        assert len(fields) == 10
        assert fields[0] == "SPEAKER"
        assert [fields[k] for k in (5, 6, 8, 9)] == ["<NA>"] * 4
        rows.append((fields[1], fields[2], float(fields[3]), float(fields[4]), fields[7]))
    return rows


def test_rttm_names_the_role_as_speaker_on_channel_1():
    rows = read_rttm(rttm(report(call_info(call_id="my call 客户"))))
    assert {row[0] for row in rows} == {"my_call_客户"}
    assert {row[1] for row in rows} == {"1"}
    assert [(row[2], row[3], row[4]) for row in rows][:3] == [
        (1.0, 4.0, "agent"),
        (6.0, 3.0, "agent"),
        (9.5, 4.5, "customer"),
    ]
    assert [row[2] for row in rows] == sorted(row[2] for row in rows)


def test_audacity_reads_start_end_and_one_text_a_line():
    tracks = {name: text.splitlines() for name, text in audacity(report()).items()}
    assert ["agent", "customer", "call", "flags"] == list(tracks)
    assert "1.000000\t9.000000\tagent" in tracks["agent"]
    assert "26.000000\t27.000000\tinterruption" in tracks["agent"]
    assert ["14.000000\t20.000000\tleft_waiting (flag): 6 s, limit 5"] == tracks["flags"]
    for line in itertools.chain(*tracks.values()):
        assert re.fullmatch(r"\d+\.\d{6}\t\d+\.\d{6}\t[^\t]+", line)


def test_no_track_of_audacity_holds_the_short_silences():
    """A call has hundreds of them; they would hide the flags."""
    made = [Silence(start=at(s), end=at(s + n), decided_at=at(s + n), owed_by=None) for s, n in ((3, 1.99), (8, 2.0))]
    text = audacity(report(made=[*made, turn(Side.AGENT, 1, 2, 1, 5)]))
    assert ["8.000000\t10.000000\tsilence, owed by nobody"] == text["call"].splitlines()


def test_webvtt_reads_every_cue(tmp_path):
    path = tmp_path / "call.vtt"
    path.write_text(vtt(report()), encoding="utf-8")
    cues = webvtt.read(str(path)).captions
    assert [(cue.start, cue.end) for cue in cues][:2] == [
        ("00:00:01.000", "00:00:09.000"),
        ("00:00:09.500", "00:00:14.000"),
    ]
    assert [cue.voice for cue in cues][:2] == ["Agent", "Customer"]
    assert "left_waiting (flag): 6 s, limit 5" in [cue.text for cue in cues]


def test_signs_that_mean_something_in_webvtt_are_escaped():
    odd = [
        replace(flag(state, decided, Severity.FLAG, 6.0, 5.0), rule="<b>&-->")
        for state, decided in ((FlagState.RAISED, 17.0), (FlagState.ENDED, 20.0))
    ]
    text = vtt(report(made=[*odd, turn(Side.AGENT, 1, 1, 0, 0)]))
    assert "&lt;b&gt;&amp;--&gt; (flag)" in text
    assert text.count("-->") == 1, "a turn of no length has no cue"


def test_a_rule_whose_name_begins_like_another_s_has_only_its_own_flags(tmp_path):
    """Tiers are made from the flags themselves, not from how their labels begin."""
    lines = [
        replace(flag(FlagState.RAISED, 17.0, Severity.FLAG, 6.0, 5.0), flag_id=k, rule=rule)
        for k, rule in enumerate(("late", "late (flag)"))
    ]
    (tmp_path / "x.TextGrid").write_text(textgrid(report(made=lines)), encoding="utf-8")
    grid = praat.openTextgrid(str(tmp_path / "x.TextGrid"), includeEmptyIntervals=False, reportingMode="error")
    found = {name: len(grid.getTier(name).entries) for name in grid.tierNames if name.startswith("flags")}
    assert {"flags late": 1, "flags late (flag)": 1} == found


@pytest.mark.parametrize("name", EXPORTS)
def test_a_call_that_broke_off_leaves_no_file(tmp_path, name):
    sink = ExportSink(tmp_path, EXPORTS[name])
    sink.open(call_info())
    sink.close(None)
    assert list(tmp_path.iterdir()) == []
