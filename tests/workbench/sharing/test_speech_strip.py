"""The timeline of a call as rows and columns."""

import base64

import numpy as np
import pytest

from cxaudio.workbench.sharing.flag_in_words import evidence_in_words, figure_in_words
from cxaudio.workbench.sharing.speech_strip import Row, column_heights, rows_of, spans_in, tick_step_s
from cxaudio.workbench.sharing.waveform import waveform_path


def test_rows_cover_a_call_without_a_gap():
    for duration_s in (0.5, 899.0, 901.0, 3600.0, 20_000.0):
        rows = rows_of(duration_s)
        assert (0.0, duration_s) == (rows[0].start_s, rows[-1].end_s)
        assert [row.end_s for row in rows[:-1]] == [row.start_s for row in rows[1:]]
        assert len(rows) <= 4


def test_stretches_are_cut_at_the_edges_of_a_row_and_an_open_end_is_that_of_the_call():
    items = [{"start": 0.0, "end": 5.0}, {"start": 15.0, "end": None}, {"start": 40.0, "end": 50.0}, {"start": None}]
    assert [(0.0, 0.0), (0.5, 1.0)] == [
        (start, end) for start, end, _ in spans_in(items, Row(5.0, 25.0), duration_s=30.0)
    ]


def test_without_levels_all_speech_is_equally_tall():
    facts = {"speech": {"agent": [1.0, 2.0, 3.0, 3.5]}, "levels": None}
    assert [0.0, 0.7, 0.0, 0.7, 0.0] == column_heights(facts, "agent", Row(0.0, 5.0), 5)
    assert [0.0] * 5 == column_heights(facts, "customer", Row(0.0, 5.0), 5)


def test_louder_speech_is_taller_and_sound_that_is_no_speech_has_no_height():
    levels = np.repeat(np.array([-20, -37, -20, -127], dtype=np.int8), 20)
    facts = {
        "speech": {"agent": [0.0, 2.0]},
        "levels": {"step_s": 0.05, "agent": base64.b64encode(levels.tobytes()).decode(), "customer": None},
    }
    assert pytest.approx([1.0, 1 - 17 / 35, 0.0, 0.0]) == column_heights(facts, "agent", Row(0.0, 4.0), 4)


@pytest.mark.parametrize("length_s", [0.3, 6.0, 60.0, 900.0, 7200.0])
def test_times_under_a_row_are_at_most_ten(length_s):
    assert length_s / tick_step_s(length_s) <= 10


def test_a_waveform_reaches_from_the_least_to_the_greatest_sample_of_each_column():
    samples = np.array([0, 50, -100, 0, 100, 100, -50, 0], dtype=np.int16)
    assert "M0 5.0L1 10.0L2 0.0L3 10.0L3 15.0L2 0.0L1 20.0L0 10.0Z" == waveform_path(samples, width=4, height=20)
    assert "" == waveform_path(samples[:0], width=4, height=20)


def test_negative_figures_have_a_true_minus_sign_and_unknown_ones_a_word():
    words = {"unit.db": "{n} dB", "page.unknown": "unknown", "page.yes": "yes", "unit.percent": "{n} %"}
    assert "−3.1 dB" == figure_in_words(-3.14, "dB", words)
    assert "5.0 %" == figure_in_words(0.05, "share", words)
    assert "−2 yd" == figure_in_words(-2.0, "yd", words)
    given = {"level_rise_db": -1.0, "hold": None, "seen": True, "x_probability": 0.999, "n": 3, "f": 0.25}
    assert [("level rise db", "−1.0 dB"), ("hold", "unknown"), ("seen", "yes")] == evidence_in_words(given, words)[:3]
    assert [("x probability", "> 99 %"), ("n", "3"), ("f", "0.25")] == evidence_in_words(given, words)[3:]
