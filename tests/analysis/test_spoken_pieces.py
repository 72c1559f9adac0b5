"""Pieces of speech that show the pace: the newest first, nothing too old, no backchannel and no hold."""

from cxaudio.analysis.spoken_pieces import RateWindow, SpokenPieces
from cxaudio.analysis.tick import Tick
from cxaudio.model.events import Backchannel, Event, Side
from cxaudio.settings import load_settings
from support.paced import CLOCK, paced

SETTINGS = load_settings(user_folder="/nonexistent").analysis.rates


def kept(row: list[Tick], *fresh: Event) -> SpokenPieces:
    """Cut once a second; `fresh` arrive with the last tick."""
    pieces = SpokenPieces(SETTINGS, timebase=CLOCK)
    for tick in row:
        pieces.step(tick, fresh if tick is row[-1] else (), cut=tick.number % 100 == 99)
    return pieces


TALK = paced([(5.0, None, 10.0), (None, None, 2.0), (5.0, 4.0, 8.0), (None, None, 3.0)])


def test_the_newest_speech_is_returned_up_to_what_was_asked_for():
    pieces = kept(TALK)
    assert RateWindow(start=0, end=2000, nuclei=90, speech=1800, check=90) == pieces.window(Side.AGENT, speech=6000)
    assert RateWindow(start=1700, end=2000, nuclei=15, speech=300, check=15) == pieces.window(Side.AGENT, speech=300)
    assert RateWindow(start=1200, end=2000, nuclei=32, speech=800, check=32) == pieces.window(
        Side.CUSTOMER, speech=6000
    )


def test_nothing_that_began_too_early_is_returned():
    pieces = kept(TALK)
    assert RateWindow(start=1200, end=2000, nuclei=40, speech=800, check=40) == pieces.window(
        Side.AGENT, speech=6000, since=950
    )
    assert RateWindow(start=2300, end=2300, nuclei=0, speech=0, check=0) == pieces.window(
        Side.AGENT, speech=6000, since=2100
    )


def test_a_backchannel_is_taken_out_again_and_counts_as_a_change():
    row = paced([(5.0, None, 10.0), (None, None, 2.0), (10.0, None, 0.9), (None, None, 2.0)])
    small = Backchannel(side=Side.AGENT, start=12 * 8000, end=round(12.9 * 8000), decided_at=14 * 8000, n_nuclei=9)
    before, after = kept(row), kept(row, small)
    assert 59 == before.window(Side.AGENT, speech=6000).nuclei
    assert 50 == after.window(Side.AGENT, speech=6000).nuclei
    assert 1 == after.n_changes(Side.AGENT) - before.n_changes(Side.AGENT)
