"""The first words behind music on hold, of which the speech detector is unsure."""

from dataclasses import replace

import numpy as np
import pytest

from cxaudio.analysis.settling.first_words import find_first_words
from cxaudio.analysis.settling.line_sounds import HoldStretch
from cxaudio.analysis.settling.rows import CallRows
from cxaudio.model.events import HoldKind, Side
from dsp.speech.bands import N_BANDS

NOISE = 1e-6


@pytest.fixture
def rows() -> CallRows:
    """Twenty seconds of a probability of 0.2; the customer is 30 dB above the noise from 10 to 18 s."""
    n = 2_000
    power = np.full((2, n), NOISE, np.float32)
    power[Side.CUSTOMER, 1_000:1_800] = 1e3 * NOISE
    return CallRows(
        power=power,
        noise=np.full((2, n), NOISE, np.float32),
        speaking=np.zeros((2, n), np.bool_),
        probability=np.full((2, n), 51, np.uint8),
        nuclei=np.zeros((2, n), np.int8),
        tonal=np.full((2, n), -72, np.int8),
        music=np.zeros((2, -(-n // 40)), np.int8),
        still=np.zeros((2, n), np.bool_),
        peak=np.zeros((2, n), np.uint8),
        bands=np.zeros((2, n // 2, N_BANDS), np.uint8),
        present=(True, True),
    )


def test_what_stands_above_the_noise_in_four_seconds_behind_music_is_speech(rows):
    """The hold ends at 9.5 s: words from 10.0 s, where the sound is, to 13.5 s."""
    words = find_first_words(rows, [HoldStretch(100, 950, HoldKind.MUSIC, Side.CUSTOMER)])
    assert [*range(1_000, 1_350)] == np.flatnonzero(words[Side.CUSTOMER]).tolist()
    assert not words[Side.AGENT].any()


def test_what_the_detector_is_sure_of_stays_no_speech(rows):
    sure = replace(rows, probability=np.full((2, 2_000), 20, np.uint8))
    assert not find_first_words(sure, [HoldStretch(100, 950, HoldKind.MUSIC, Side.CUSTOMER)]).any()


def test_behind_ringing_the_detector_is_believed(rows):
    assert not find_first_words(rows, [HoldStretch(100, 950, HoldKind.RINGING, Side.CUSTOMER)]).any()
