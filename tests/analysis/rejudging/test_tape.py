"""The bytes of a tape hold the facts as they were recorded, and no more."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxaudio.analysis.call import CallAnalyser
from cxaudio.analysis.rejudging.columns import Columns, pack
from cxaudio.analysis.rejudging.facts import OF_PACE, CallFacts, WalkFacts
from cxaudio.analysis.rejudging.kept import keep
from cxaudio.analysis.rejudging.playback import Rejudging, Verdicts
from cxaudio.analysis.rejudging.tape import WrittenTape, make_tape, read_tape, write_tape
from cxaudio.errors import StoreError
from cxaudio.made.synthetic import made_call
from cxaudio.model.blocks import AudioBlock
from cxaudio.model.report import ReportBuilder
from cxaudio.settings import load_settings
from support.drawn_policies import SHIPPED
from support.rejudged_call import DrawnCall, plain
from support.small_call import call_info, provenance

STRICT = load_settings(
    user_folder="/nonexistent",
    overrides={
        "left_waiting.note_s": 0.2,
        "left_waiting.flag_s": 0.4,
        "dead_air.note_s": 0.3,
        "nudges.start_after_s": 0,
    },
)
"""Limits that a call of less than a minute breaks."""

COLUMNS = [spec.name for spec in fields(WalkFacts)]


def drawn_tape():
    _, tape = DrawnCall(3).judged(SHIPPED.analysis, SHIPPED.pacing, CallFacts())
    return tape


@given(st.lists(st.lists(st.integers(-(2**62), 2**62)) | st.lists(st.floats(allow_nan=False), min_size=1)))
def test_columns_are_read_as_they_were_written(columns):
    read = Columns(b"head" + pack(columns), start=4)
    for place, column in enumerate(columns):
        assert column == (read.fractions(place) if column and isinstance(column[0], float) else read.whole(place))


def test_a_tape_is_read_as_it_was_written():
    tape = drawn_tape()
    again = read_tape(write_tape(tape))
    for walk, other in ((tape.live, again.live), (tape.settled, again.settled)):
        assert {name: getattr(walk, name) for name in COLUMNS} == {name: getattr(other, name) for name in COLUMNS}
    assert replace(again, live=tape.live, settled=tape.settled) == tape


def test_what_the_pace_needs_is_kept_apart_and_asked_for_by_name():
    tape = read_tape(replace(write_tape(drawn_tape()), pace=b""))
    assert tape.live.edge_ticks
    assert "voices" in OF_PACE
    with pytest.raises(ValueError, match="voices"):
        tape.live.voices  # noqa: B018
    with pytest.raises(AttributeError):
        tape.live.no_such_column  # noqa: B018


def test_a_tape_of_another_version_is_refused_with_the_cure():
    with pytest.raises(StoreError, match=r"version 9.*cxaudio archive run"):
        read_tape(WrittenTape(main=b"\x09\x00\x00", pace=b""))


def test_a_call_without_two_sides_leaves_no_tape():
    builder = ReportBuilder(call_info(channels=(0, None), two_sided=False, role_source="mono"), provenance())
    report = builder.build(8000)
    kept = keep(report, CallFacts(), SHIPPED.analysis, SHIPPED.pacing)
    assert make_tape(report, CallFacts()) is None
    assert WrittenTape() == kept.tape
    assert set(kept.screens.values()) == {None}


def analysed(x, facts, block):
    """Analyse samples in blocks; return the report."""
    analyser = CallAnalyser(call_info(), STRICT.analysis, STRICT.pacing, record=facts)
    builder = ReportBuilder(call_info(), provenance())
    for _ in range(2):  # the second time as new
        analyser.reset()
        builder = ReportBuilder(call_info(), provenance())
        parts = [
            analyser.process(AudioBlock(start=start, samples=x[:, start : start + block]))
            for start in range(0, x.shape[1], block)
        ]
        parts.append(analyser.flush())
        for part in parts:
            for event in (*part.events, *part.account):
                builder.add(event)
    return builder.build(x.shape[1])


@pytest.mark.slow
def test_facts_are_the_same_however_the_sound_is_cut_and_give_the_report_again():
    x = np.ascontiguousarray(made_call(5, seconds=40)[0])
    written = []
    for block in (8000, 3333, x.shape[1]):
        facts = CallFacts()
        report = analysed(x, facts, block)
        written.append(keep(report, facts, STRICT.analysis, STRICT.pacing))
    assert written[0] == written[1] == written[2]
    again = Rejudging(STRICT.analysis, recorded=STRICT.pacing, pacing=STRICT.pacing).verdicts(
        read_tape(written[0].tape)
    )
    assert report.whole_call is not None
    own = Verdicts(flags=report.flags, nudges=report.nudges, whole_call=report.whole_call.flags)
    assert own.flags
    assert own.nudges
    assert plain(own) == plain(again)
