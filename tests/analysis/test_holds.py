"""Holds by drawings, a letter a second: '.' nothing, 't' tone, 'm' music, 'S' speech, 'M' music heard as speech."""

import numpy as np
import pytest

from cxaudio.analysis.holds import HoldDetector, HoldMark
from cxaudio.model.events import HoldKind, Side
from cxaudio.model.policy import HoldSettings
from cxaudio.model.timebase import Timebase

CLOCK = Timebase(8_000)
CODES = {".": "", "t": "tone", "m": "music", "S": "speech", "M": "music speech"}


def watch(agent: str, customer: str, *, cut: int = 100) -> list[HoldMark]:
    tones, music, speaking = (
        np.array([[name in CODES[letter] for letter in line for _ in range(100)] for line in (agent, customer)])
        for name in ("tone", "music", "speech")
    )
    detector = HoldDetector(HoldSettings(min_s=10.0, announcement_alone_s=10.0, pause_s=3.0), CLOCK)
    marks = []
    for at in range(0, tones.shape[1], cut):
        marks += detector.process(*(rows[:, at : at + cut] for rows in (tones, music, speaking)))
    return marks + detector.flush()


def spans(marks: list[HoldMark]) -> list[tuple[HoldKind, Side | None, float, float]]:
    """Kind, side, start and end in seconds of the holds that were raised and ended."""
    return [
        (mark.span.kind, mark.span.side, mark.span.start / 8_000, mark.span.end / 8_000)
        for mark in marks
        if not mark.held and mark.span.end is not None
    ]


def test_music_for_ten_seconds_is_a_hold_from_where_it_began():
    marks = watch("SS..............SSS", "SS....mmmmmmmmm....".replace("mmmm", "mmmm"))
    [(kind, side, start, end)] = spans(marks)
    assert (kind, side) == (HoldKind.MUSIC, Side.CUSTOMER)
    assert start == 3.0  # decided on the 2.4 s before
    assert 13.0 <= end <= 16.0
    assert marks[0].held
    assert marks[0].span.end is None
    assert marks[0].tick <= 1300


def test_music_while_both_talk_is_a_noise_in_the_room():
    assert watch("SSSSSSSSSSSSSSSSSSSS", "mmmmmmmmmmmmmmmmmmmm") == []


def test_a_short_jingle_is_no_hold():
    assert watch("S..........SS", "....mmm......") == []


def test_ringing_keeps_its_pauses():
    """E.180: two seconds of tone, four of pause."""
    [(kind, side, start, end)] = spans(watch("." * 30, "tt....tt....tt....tt..........".ljust(30, ".")))
    assert (kind, side) == (HoldKind.RINGING, Side.CUSTOMER)
    assert start <= 1.0
    assert 19.0 <= end <= 21.0


def test_a_steady_tone_is_a_tone():
    [(kind, *_)] = spans(watch("." * 25, "tttttttttttttt".ljust(25, ".")))
    assert kind is HoldKind.TONE


def test_talk_ends_a_hold_although_the_music_goes_on():
    marks = watch("S..............SSSSSSSSSS", "....mmmmmmmmmmmmmmmmmmmmm")
    [(_, _, _, end)] = spans(marks)
    assert 15.0 <= end <= 16.0


def test_a_break_of_three_seconds_between_two_bars_does_not_end_a_hold_but_one_of_four_does():
    assert [24.0] == [end for *_, end in spans(watch("." * 34, "m" * 12 + "..." + "m" * 11 + "." * 8))]
    assert [10.0] == [end for *_, end in spans(watch("." * 34, "m" * 12 + "...." + "m" * 3 + "." * 15))]


def test_a_few_words_heard_in_the_music_do_not_matter():
    [(kind, *_)] = spans(watch("S.....................SS", "....mmmMmmmmmMmmmmmm...S"))
    assert kind is HoldKind.MUSIC


def test_music_taken_for_speech_is_still_music():
    [(kind, *_)] = spans(watch("S.....................S", "....MMmMMmMMMMmMMMM...S"))
    assert kind is HoldKind.MUSIC


def test_speech_between_bars_of_a_noise_is_no_hold():
    assert watch("S.......................SS", "....mmSSmmSSmmSSmmSSmm....") == []


def test_speech_over_a_steady_tone_is_no_hold():
    talk = np.tile([True, False, True], 10)[:30]
    tones = np.ones((2, 3000), bool)
    tones[0] = False
    speaking = np.zeros((2, 3000), bool)
    speaking[1] = np.repeat(talk, 100)
    detector = HoldDetector(HoldSettings(min_s=10.0, announcement_alone_s=10.0, pause_s=3.0), CLOCK)
    assert detector.process(tones, np.zeros_like(tones), speaking) + detector.flush() == []


def test_a_person_ends_a_hold_at_once():
    marks = watch("S" + "." * 29, "...." + "t" * 14 + ".SSSSSSSSSSS")
    [(_, _, _, end)] = spans(marks)
    assert end == 18.0
    assert marks[-1].tick == 2000, "known after the first second of talk"


def test_a_customer_who_talks_first_is_not_taken_for_an_announcement():
    assert watch("." * 90 + "SSSS", "S" * 90 + "....") == []


def test_a_hold_still_open_ends_with_the_call():
    [(_, _, _, end)] = spans(watch("S" + "." * 19, "...." + "m" * 16))
    assert end == 20.0


@pytest.mark.parametrize("cut", [1, 37, 100, 1234])
def test_any_cutting_gives_the_same_holds(cut: int):
    agent, customer = "SS..............SSS.........", "SS....mmmmmmmmm....tt....tttttt"[:28]
    assert watch(agent, customer, cut=10**6) == watch(agent, customer, cut=cut)


def test_a_word_between_the_tones_of_a_cadence_means_that_somebody_talks_through_it():
    """One second of speech in ten is too little for the other limits: it counts only between the tones."""
    quiet, talk = ("tt....tt....tt....tt....", "tt.S..tt.S..tt.S..tt.S..")
    assert [HoldKind.RINGING] == [kind for kind, *_ in spans(watch("." * 32, quiet.ljust(32, ".")))]
    assert [] == watch("." * 32, talk.ljust(32, "."))
