"""Pieces of speech that show the pace: the newest first, nothing too old, no backchannel and no hold."""

import math
from dataclasses import replace

import pytest

from cxaudio.analysis.piece_row import RateWindow
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.tick import Tick
from cxaudio.model.events import Backchannel, Event, Side
from cxaudio.model.policy import RateSettings
from cxaudio.settings import load_settings
from support.paced import CLOCK, paced

SETTINGS = replace(load_settings(user_folder="/nonexistent").analysis.rates, spurt_edge_s=0.0)  # made spurts have none


def kept(row: list[Tick], *fresh: Event, settings: RateSettings = SETTINGS) -> SpokenPieces:
    """Cut once a second; `fresh` arrive with the last tick."""
    pieces = SpokenPieces(settings, timebase=CLOCK)
    for tick in row:
        pieces.step(tick, fresh if tick is row[-1] else (), cut=tick.number % 100 == 99)
    return pieces


TALK = paced([(5.0, None, 10.0), (None, None, 2.0), (5.0, 4.0, 8.0), (None, None, 3.0)])


def test_the_newest_speech_is_returned_up_to_what_was_asked_for():
    pieces = kept(TALK)
    assert pieces.window(Side.AGENT, speech=6000) == RateWindow(start=0, end=2000, nuclei=90, speech=1800, utterances=2)
    assert RateWindow(start=1700, end=2000, nuclei=15, speech=300) == pieces.window(Side.AGENT, speech=300)
    assert RateWindow(start=1200, end=2000, nuclei=32, speech=800) == pieces.window(Side.CUSTOMER, speech=6000)


def test_the_edges_of_a_spurt_are_speech_and_those_of_its_pieces_are_not():
    """Spurts of 10 s and 8 s, in 18 pieces: two edges of 0.07 s each."""
    pieces = kept(TALK, settings=replace(SETTINGS, spurt_edge_s=0.07))
    assert pieces.window(Side.AGENT, speech=6000) == RateWindow(start=0, end=2000, nuclei=90, speech=1828, utterances=2)
    assert RateWindow(start=1800, end=2000, nuclei=10, speech=207) == pieces.window(Side.AGENT, speech=200)


def test_a_window_says_of_how_many_utterances_it_holds_speech():
    """Pauses of less than a second part none; each utterance counts from its newest second on."""
    row = paced([(5.0, None, 4.0), (None, None, 1.2), (5.0, None, 4.0), (None, None, 0.6), (5.0, None, 4.0)])
    pieces = kept(row)
    windows = pieces.windows(Side.AGENT, speeches=[300, 700, 850, 2000])
    assert [1, 1, 2, 2] == [window.utterances for window in windows]
    assert 2 == pieces.window(Side.AGENT, speech=850).utterances


def test_nothing_that_began_too_early_is_returned():
    pieces = kept(TALK)
    assert RateWindow(start=1200, end=2000, nuclei=40, speech=800) == pieces.window(Side.AGENT, speech=6000, since=950)
    assert RateWindow(start=2300, end=2300, nuclei=0, speech=0) == pieces.window(Side.AGENT, speech=6000, since=2100)


def test_noise_is_what_the_pauses_hold_and_a_tone_among_them_changes_nothing():
    """Speech of 1e-3, of which a hundredth is noise: 99 times the noise; without a pause nothing is known."""
    row = paced([(None, None, 3.0), *[(5.0, None, 4.0), (None, None, 2.0)] * 5], pause_energy=1e-5)
    assert 10 * math.log10(99) == pytest.approx(kept(row).snr_db(Side.AGENT), abs=0.01)
    assert 10 * math.log10(99) == pytest.approx(kept(row).snr_db(Side.AGENT, whole=True), abs=0.01)
    loud = [
        tick._replace(pause_energy=(tick.pause_energy[0] + 1e-2 * min(max(tick.number - 50, 0), 250), 0.0))
        for tick in row
    ]
    assert 10 * math.log10(99) == pytest.approx(kept(loud).snr_db(Side.AGENT), abs=0.01)
    assert math.isnan(kept(row[:300]).snr_db(Side.AGENT))


def test_what_is_played_in_a_hold_is_no_noise():
    parts = [(None, None, 20.0), *[(5.0, None, 4.0), (None, None, 2.0)] * 2]
    row = paced(parts, pause_energy=1e-5, held=[(2.5, 20.0)])
    loud = [
        tick._replace(pause_energy=(tick.pause_energy[0] + 1e-2 * min(max(tick.number - 250, 0), 1750), 0.0))
        for tick in row
    ]
    assert kept(row).snr_db(Side.AGENT) == pytest.approx(kept(loud).snr_db(Side.AGENT), abs=0.01)


def test_a_backchannel_is_taken_out_again_and_counts_as_a_change():
    row = paced([(5.0, None, 10.0), (None, None, 2.0), (10.0, None, 0.9), (None, None, 2.0)])
    small = Backchannel(side=Side.AGENT, start=12 * 8000, end=round(12.9 * 8000), decided_at=14 * 8000, n_nuclei=9)
    before, after = kept(row), kept(row, small)
    assert 59 == before.window(Side.AGENT, speech=6000).nuclei
    assert 50 == after.window(Side.AGENT, speech=6000).nuclei
    assert 1 == after.n_changes(Side.AGENT) - before.n_changes(Side.AGENT)
