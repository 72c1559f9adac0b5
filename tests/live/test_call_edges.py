"""Where calls begin and end, drawn: a letter for each 100 ms of the far end."""

from dataclasses import replace

import numpy as np
import pytest

from cxaudio.live.call_edges import CallOpening, LineWatch, Onsets, Preroll
from cxaudio.model.blocks import Analysed, AudioBlock
from cxaudio.model.events import Side
from cxaudio.model.timebase import Timebase
from cxaudio.settings import load_settings

RATE = 8_000
LIVE = load_settings().live
CLOCK = Timebase(RATE)
LEVELS = {"C": 0.1, "n": 0.0005, ".": 0.0}  # speech, a line's own noise, digital silence
BLOCK = RATE // 10


def blocks(far: str, near: str = "") -> list[AudioBlock]:
    out = []
    for k, letter in enumerate(far):
        samples = np.zeros((2, BLOCK), np.float32)
        samples[Side.CUSTOMER] = LEVELS.get(letter, 0.0)
        samples[Side.AGENT] = LEVELS.get(near[k] if near else ".", 0.0)
        out.append(AudioBlock(start=k * BLOCK, samples=samples, dropout=letter == "x"))
    return out


def begins(far: str, *, for_quiet: bool = False) -> int | None:
    opening = CallOpening(LIVE, CLOCK)
    opening.wait(for_quiet=for_quiet)
    return next((k for k, block in enumerate(blocks(far)) if opening.detects(block)), None)


@pytest.mark.parametrize(
    ("far", "expected"),
    [
        ("....CCCCCCCC", 8),  # half a second of sound
        ("..CC......CCC......CC" + "." * 20, 12),  # within two seconds
        ("..CC" + "." * 18 + "CC" + "." * 18 + "CC" + "." * 18, None),  # clicks far apart
        ("n" * 60, None),  # a line's noise is no sound
        ("xxxxxxxxxx", None),  # what was lost tells nothing
    ],
)
def test_a_call_begins_when_the_far_end_has_sounded_long_enough(far, expected):
    assert expected == begins(far)


def test_what_goes_on_after_an_end_by_hand_is_no_new_call_until_the_line_fell_quiet():
    assert begins("CCCCCCCCCCCCCCCCCCCC" + "n" * 30 + "CCCCCCCCCC", for_quiet=True) is None
    assert begins("CCCCC" + "." * 12 + "CCCCCCCCCC", for_quiet=True) == 21  # hung up
    assert begins("CCCCC" + "n" * 101 + "CCCCCCCCCC", for_quiet=True) == 110  # quiet for long


def gone(far: str) -> list[int]:
    line = LineWatch(LIVE, CLOCK)
    out = []
    for k, block in enumerate(blocks(far)):
        line.take(block)
        if line.gone_for:
            out.append(k)
    return out


def test_a_line_with_noise_of_its_own_is_gone_when_it_falls_to_zeros():
    talk = "nCCCCnnCCCn" * 6
    found = gone(talk + "." * 40)
    assert len(talk) + 20 == found[0]
    assert len(talk) + 39 == found[-1]


def test_a_line_that_gates_its_noise_is_never_gone():
    assert [] == gone(("CCCC......" * 8) + "." * 60)


def test_a_line_that_comes_back_is_there_again_and_may_go_again():
    talk = "nCCCCnnCCCn" * 6
    found = gone(talk + "." * 30 + talk + "." * 30)
    assert all(len(talk) <= k < len(talk) + 30 or k >= 2 * len(talk) + 30 for k in found)
    assert found[-1] == 2 * len(talk) + 59


def test_lost_sound_is_no_zeros():
    assert [] == gone("nCCCCnnCCCn" * 6 + "x" * 60)


def test_the_preroll_holds_no_more_than_a_block_beyond_its_length():
    preroll = Preroll(RATE)
    for block in blocks("." * 50):
        preroll.keep(block)
    kept = preroll.take()
    assert (10, 50 * BLOCK) == (len(kept), kept[-1].end)
    assert [] == preroll.take()


def test_an_onset_is_noticed_with_its_block_and_once():
    onsets = Onsets(CLOCK)
    quiet = [onsets.detects(block) for block in blocks("n" * 10)]
    found = [onsets.detects(block) for block in blocks("nnCCCCCnnnCC")]
    assert not [each for each in quiet if each is not None]
    assert [2, 10] == [k for k, began in enumerate(found) if began is not None]


def told(onsets: Onsets, speaks: str) -> bool:
    """Let the analysis say of the customer's ticks that they are speech or not."""
    speaking = np.zeros((2, len(speaks)), np.bool_)
    speaking[Side.CUSTOMER] = [letter == "S" for letter in speaks]
    empty = AudioBlock(start=0, samples=np.zeros((2, 0), np.float32))
    zeros = np.zeros(speaking.shape, np.float32)
    return onsets.follow(
        Analysed(
            heard_to=0, clean=empty, events=(), first_tick=0, level_dbov=zeros, speaking=speaking, probability=zeros
        )
    )


def test_an_onset_is_followed_until_it_is_speech_or_nothing_is_left_to_try():
    onsets = Onsets(CLOCK)
    assert [2] == [k for k, block in enumerate(blocks("nnCC")) if onsets.detects(block) is not None]
    assert [True, False, False] == [told(onsets, ticks) for ticks in ("....", "SSSS", "SSSS")]
    noise = Onsets(CLOCK)
    assert 1 == sum(noise.detects(block) is not None for block in blocks("nnCC"))
    assert [True] * 7 + [False] == [told(noise, "....") for _ in range(8)]


def test_a_gap_in_a_sentence_begins_nothing_and_speech_after_a_pause_does():
    onsets = Onsets(CLOCK)
    for block in blocks("nnCC"):
        onsets.detects(block)
    told(onsets, "S" * 10)
    heard = blocks("nnCCnnnCC")  # gaps of 0.2 and 0.3 s
    assert [7] == [k for k, block in enumerate(heard) if onsets.detects(block) is not None]


def test_speech_that_rises_from_a_noise_begins():
    onsets = Onsets(CLOCK)
    heard = blocks("nnnn") + [replace(block, samples=0.06 * block.samples) for block in blocks("CCCC")]
    assert [4] == [k for k, block in enumerate(heard) if onsets.detects(block) is not None]
    for _ in range(8):
        told(onsets, "....")
    assert [4] == [k for k, block in enumerate(heard[4:] + blocks("CC")) if onsets.detects(block) is not None]
