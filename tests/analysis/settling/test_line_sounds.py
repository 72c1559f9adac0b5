"""What the line plays in made calls: tones, keys, beeps and music, each from its beginning to its end."""

import numpy as np
import pytest

from cxaudio.analysis.settling.line_sounds import LineSounds, find_line_sounds
from cxaudio.analysis.settling.rows import CallRows, RowRecorder
from cxaudio.analysis.side import SideAnalyser
from cxaudio.model.events import HoldKind, LineSoundKind, Side
from cxaudio.model.policy import DetectionSettings, HoldSettings
from dsp.synthesis.signals import music
from support.line_calls import RATE, talk, tones

HOLD = HoldSettings(min_s=10.0, announcement_alone_s=10.0, pause_s=3.0)


def rows_of(x) -> CallRows:
    """Rows of both sides, with a hiss of -66 dBFS."""
    x = x + 5e-4 * np.random.default_rng(9).standard_normal(x.shape)
    recorder = RowRecorder((True, True))
    sides = [SideAnalyser(RATE, DetectionSettings(on_probability=0.5, off_probability=0.4)) for _ in Side]
    recorder.add(*(side.process(row.astype(np.float32)) for side, row in zip(sides, x, strict=True)))
    recorder.add(*(side.flush() for side in sides))
    return recorder.rows()


def found(x) -> LineSounds:
    rows = rows_of(x)
    return find_line_sounds(rows, rows.speaking, HOLD)


def call(sound, side=Side.CUSTOMER, before_s=8.0, after_s=8.0) -> tuple[np.ndarray, float, float]:
    """A sound of one side's line between talk of both; return it with the seconds at which the sound begins and ends.

    The agent talks up to 0.3 s before it; the side of the sound itself talks from 0.15 s after it.
    """
    n = len(sound)
    x = np.zeros((2, int((before_s + after_s) * RATE) + n))
    first, last = int(before_s * RATE), int(before_s * RATE) + n
    x[Side.AGENT, : first - int(0.3 * RATE)] = talk(1, before_s - 0.3)[: first - int(0.3 * RATE)]
    x[side, first:last] += sound
    spoken = talk(2, after_s - 0.15)
    x[side, last + int(0.15 * RATE) :][: len(spoken)] += spoken[: x.shape[1] - last - int(0.15 * RATE)]
    return x, first / RATE, last / RATE


@pytest.mark.parametrize(
    ("frequencies", "on_s", "off_s", "seconds", "kind"),
    [
        ((440, 480), 2.0, 4.0, 20.0, HoldKind.RINGING),
        ((450,), 1.0, 4.0, 16.0, HoldKind.RINGING),
        ((480, 620), 0.25, 0.25, 12.25, HoldKind.RINGING),
        ((350, 440), 12.0, 0.0, 12.0, HoldKind.TONE),
        ((950,), 12.0, 0.0, 12.0, HoldKind.TONE),
    ],
)
def test_tones_of_ten_seconds_are_one_hold_from_beginning_to_end(frequencies, on_s, off_s, seconds, kind):
    x, first, last = call(tones(frequencies, on_s, off_s, seconds))
    line = found(x)
    [hold] = line.holds
    assert (hold.kind, hold.side) == (kind, Side.CUSTOMER)
    assert abs(hold.first / 100 - first) <= 0.1
    assert abs(hold.last / 100 - last) <= 0.1
    rows = rows_of(x)
    assert not (rows.speaking & ~line.mask)[Side.CUSTOMER, : hold.last].any()
    assert (rows.speaking & ~line.mask)[Side.CUSTOMER, hold.last + 15 :].mean() > 0.5, "talk behind it counts"


def test_a_short_tone_is_a_sound_and_no_hold():
    x, first, last = call(tones((440,), 3.0, 0.0, 3.0))
    line = found(x)
    assert line.holds == ()
    assert [(s.kind, round(s.first / 100), round(s.last / 100)) for s in line.sounds] == [
        (LineSoundKind.TONE, round(first), round(last))
    ]


def test_keys_are_listed_one_by_one():
    keys = [tones((low, high), 0.12, 0.0, 0.12) for low, high in ((697, 1209), (770, 1336), (852, 1477), (941, 1336))]
    x, *_ = call(np.concatenate([part for key in keys for part in (key, np.zeros(RATE // 4))]))
    line = found(x)
    assert [LineSoundKind.KEYS] * 4 == [sound.kind for sound in line.sounds]
    assert line.holds == ()


def test_a_beep_on_both_sides_is_nobodys_and_has_one_instant():
    x = np.zeros((2, 30 * RATE))
    x[Side.CUSTOMER] = talk(3, 30.0)
    beep = tones((1400,), 0.3, 0.0, 0.3, 0.05)
    for second in (5, 14, 23):
        x[:, second * RATE : second * RATE + len(beep)] += beep
    line = found(x)
    assert [500, 1400, 2300] == [
        round(s.first, -1) for s in line.sounds if (s.kind, s.side) == (LineSoundKind.BEEP, Side.AGENT)
    ]
    rows = rows_of(x)
    assert not (rows.speaking & ~line.mask)[Side.AGENT].any()
    assert line.mask[Side.CUSTOMER].sum() <= 100, "the customer talks on beside it"
    assert line.holds == ()


@pytest.mark.parametrize("each_s", [1, 4])
def test_a_regular_beep_on_both_sides_while_nobody_talks_is_a_paused_recorder(each_s):
    beep = tones((1400,), 0.3, each_s - 0.3, 20.0, 0.05)
    x, first, last = call(beep)
    x[Side.AGENT, int(first * RATE) : int(last * RATE)] += beep
    [hold] = found(x).holds
    assert (hold.kind, hold.side) == (HoldKind.PAUSED, None)
    assert abs(hold.first / 100 - first) <= 0.1
    assert abs(hold.last / 100 - last) <= 0.2


@pytest.mark.parametrize("side", list(Side))
def test_music_is_a_hold_of_the_side_that_plays_it_from_beginning_to_end(side):
    tune = music(20 * RATE, np.random.default_rng(4), sample_rate=RATE, tempo_bpm=90.0)
    x, first, last = call(tune, side)
    line = found(x)
    [hold] = line.holds
    assert (hold.kind, hold.side) == (HoldKind.MUSIC, side)
    assert abs(hold.first / 100 - first) <= 0.5
    assert abs(hold.last / 100 - last) <= 0.5


def test_music_that_fades_in_within_three_seconds_begins_in_the_first_half_of_them():
    tune = music(20 * RATE, np.random.default_rng(4), sample_rate=RATE, tempo_bpm=90.0)
    tune *= np.minimum(1, 10 ** (-2 + np.arange(len(tune)) / (1.5 * RATE)))
    x, first, last = call(tune)
    [hold] = found(x).holds
    assert 0 <= hold.first / 100 - first <= 1.5
    assert abs(hold.last / 100 - last) <= 0.5


def test_ringing_and_keys_right_before_music_belong_to_its_hold():
    ring = tones((440, 480), 2.0, 4.0, 8.0)
    key = np.concatenate((tones((770, 1336), 0.12, 0.0, 0.12), np.zeros(RATE // 4)))
    tune = music(15 * RATE, np.random.default_rng(4), sample_rate=RATE, tempo_bpm=90.0)
    x, first, last = call(np.concatenate((ring, np.zeros(3 * RATE), key, key, tune)))
    [hold] = found(x).holds
    assert hold.kind is HoldKind.MUSIC
    assert abs(hold.first / 100 - first) <= 0.1
    assert abs(hold.last / 100 - last) <= 0.5


def test_an_announcement_within_music_belongs_to_the_hold():
    rng = np.random.default_rng(4)
    tune = music(30 * RATE, rng, sample_rate=RATE, tempo_bpm=90.0)
    tune[12 * RATE : 20 * RATE] = talk(7, 8.0)
    x, first, last = call(tune)
    [hold] = found(x).holds
    assert hold.kind is HoldKind.MUSIC
    assert abs(hold.first / 100 - first) <= 0.5
    assert abs(hold.last / 100 - last) <= 0.5


def test_music_far_behind_a_voice_that_goes_on_in_its_pauses_is_no_hold():
    x = np.zeros((2, 50 * RATE))
    x[Side.CUSTOMER] = talk(3, 50.0)
    x[Side.CUSTOMER, 15 * RATE : 32 * RATE] = 0
    x[Side.AGENT, 16 * RATE : 20 * RATE] = talk(5, 4.0)
    x[Side.CUSTOMER] += music(50 * RATE, np.random.default_rng(6), sample_rate=RATE, rms=0.012)
    assert found(x).holds == ()


def test_a_voice_that_always_sounds_like_music_and_tones_is_a_voice():
    """Both evidences are above 0 in a third of the talk of one side, also where it talks for 20 s."""
    seconds = 80
    n = 100 * seconds
    rng = np.random.default_rng(2)
    speaking = np.zeros((2, n), np.bool_)
    second = np.arange(n) // 100
    speaking[Side.AGENT] = (second % 8 < 4) & (second < 40) | (second >= 45) & (second < 65)
    speaking[Side.CUSTOMER] = (second % 8 >= 5) & (second < 40)
    evidence = np.full((2, n), -30, np.int8)
    evidence[Side.AGENT] = np.repeat(rng.integers(-30, 45, n // 40), 40)
    tonal = np.full((2, n), -60, np.int8)
    tonal[Side.AGENT, rng.random(n) < 0.03] = 10
    rows = drawn_rows(speaking, evidence, tonal=tonal)
    line = find_line_sounds(rows, speaking, HOLD)
    assert line.sounds == ()
    assert not line.mask.any()


def test_eight_seconds_of_words_that_sound_like_music_are_words():
    """The voice is none of those that always do; the evidence is 2 (log odds) while it says two sentences."""
    speaking, evidence = in_turns()
    some = slice(2400, 3200)
    speaking[:, 2200:3400] = False
    speaking[Side.AGENT, some] = True
    speaking[Side.AGENT, 2780:2800] = False
    evidence[Side.AGENT, some] = 16
    line = find_line_sounds(drawn_rows(speaking, evidence), speaking, HOLD)
    assert line.sounds == ()
    assert not line.mask.any()
    unsaid = speaking.copy()
    unsaid[Side.AGENT, some] = False
    [music] = find_line_sounds(drawn_rows(speaking, evidence), unsaid, HOLD).sounds
    assert music.kind is LineSoundKind.MUSIC, "what the speech detector hears no words in is music"


def test_a_noise_like_music_that_goes_on_behind_all_talk_takes_no_talk_away():
    """14 dB under the agent's talk and there all call long; in two long waits its evidence shows, talk lies between."""
    speaking, evidence = in_turns()
    speaking[:, 2200:4800] = False
    speaking[Side.AGENT, 3000:4200] = True
    evidence[Side.AGENT, 2300:3000] = evidence[Side.AGENT, 4300:5000] = 20
    rows = drawn_rows(speaking, evidence, quiet=4e-5)
    line = find_line_sounds(rows, speaking, HOLD)
    assert line.sounds == ()
    assert not line.mask.any()


def in_turns(seconds: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Two who talk in turns of four and three seconds, and no evidence for music."""
    second = np.arange(100 * seconds) // 100
    speaking = np.stack((second % 8 < 4, second % 8 >= 5))
    return speaking, np.full((2, 100 * seconds), -30, np.int8)


def drawn_rows(speaking: np.ndarray, evidence: np.ndarray, *, tonal=None, quiet: float = 1e-7) -> CallRows:
    n = speaking.shape[1]
    return CallRows(
        power=np.where(speaking, 1e-3, quiet).astype(np.float32),
        noise=np.full((2, n), quiet, np.float32),
        speaking=speaking,
        probability=np.zeros((2, n), np.uint8),
        nuclei=np.zeros((2, n), np.int8),
        tonal=np.full((2, n), -60, np.int8) if tonal is None else tonal,
        music=evidence[:, ::40],
        still=np.zeros((2, n), np.bool_),
        peak=np.full((2, n), 100, np.uint8),
        bands=np.full((2, n // 2, 24), 100, np.uint8),
        present=(True, True),
    )


def test_a_customer_who_explains_for_ninety_seconds_is_a_customer():
    x = np.zeros((2, 100 * RATE))
    x[Side.CUSTOMER, 2 * RATE : 92 * RATE] = talk(3, 90.0)
    line = found(x)
    assert line.holds == ()
    assert not line.mask.any()
