"""A wearer whose colleagues talk in the same room, with synthetic voices: what is taken for the room, what stays."""

from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from cxaudio.analysis.settling.neighbours import find_room
from cxaudio.analysis.settling.rows import CallRows, RowRecorder
from cxaudio.analysis.side import SideAnalyser, SideTicks
from cxaudio.settings import load_settings
from dsp.core.stage import Float32
from dsp.synthesis.voice import SpurtPlan, audible_ticks, random_voice, speak

DETECTION = load_settings().analysis.detection
RATE, SECONDS = 8_000, 60
TICK = RATE // 100
LEVEL = 0.06  # of a full vowel of the wearer
NOISE = 1e-4

Ticks = NDArray[np.bool_]


def db(level: float) -> float:
    return float(10 ** (level / 20))


@lru_cache
def talk(seed: int, *, pause_s: float = 2.0) -> Float32:
    """A voice that says something of 1 to 3 s, is silent for some seconds, and so on."""
    rng = np.random.default_rng(seed)
    plans = [SpurtPlan(n_syllables=int(rng.integers(5, 14)), rate=4.5) for _ in range(SECONDS // 2)]
    x = np.zeros(SECONDS * RATE, np.float32)
    at = int(rng.uniform(0.2, 2.0) * RATE)
    for spoken in speak(random_voice(rng), plans, rng, sample_rate=RATE):
        n = min(len(spoken.samples), len(x) - at)
        if n <= 0:
            break
        x[at : at + n] = spoken.samples[:n] * LEVEL
        at += n + int(rng.exponential(pause_s) * RATE)
    return x


def far(x: Float32) -> Float32:
    """The same voice some metres away: duller, and smeared by the room."""
    rng = np.random.default_rng(3)
    tail = rng.normal(size=1600) * np.exp(-np.arange(1600) / 500) * 0.05
    tail[0] = 1.0
    return sosfilt(butter(1, 2500, fs=RATE, output="sos"), np.convolve(x, tail)[: len(x)]).astype(np.float32)


def speaks(x: Float32) -> Ticks:
    return audible_ticks(x, sample_rate=RATE)


def rows_of(x: Float32) -> CallRows:
    """The rows of a call of which only the agent is recorded."""
    side = SideAnalyser(RATE, DETECTION)
    noise = np.random.default_rng(4).normal(0, NOISE, len(x)).astype(np.float32)
    recorder = RowRecorder((True, False))
    for ticks in (side.process(x + noise), side.flush()):
        recorder.add(ticks, SideTicks.absent(len(ticks.levels), len(ticks.nuclei)))
    return recorder.rows()


def shares(wearer: Float32, others: Float32) -> tuple[float, float]:
    """Of the others' talk, the share that is left as speech; of the wearer's detected speech, the share taken away."""
    rows = rows_of(wearer + others)
    room = find_room(rows, rows.speaking)[0]
    detected, own = rows.speaking[0], speaks(wearer)
    only_others = speaks(others) & (np.convolve(own, np.ones(41), "same") == 0)
    left = (detected & ~room)[only_others].mean() if only_others.any() else 0.0
    return float(left), float(room[detected & own].mean())


@pytest.mark.parametrize(("below_db", "most_left"), [(14, 0.25), (18, 0.05)])
def test_colleagues_are_not_the_wearer(below_db, most_left):
    others = (far(talk(2)) + far(talk(5))) * np.float32(db(-below_db))
    left, lost = shares(talk(1, pause_s=4.0), others)
    assert left < most_left
    assert lost < 0.02


def test_a_wearer_without_colleagues_loses_nothing():
    wearer = talk(1)
    assert shares(wearer, np.zeros_like(wearer))[1] == 0.0


def test_weak_answers_of_the_wearer_stay_where_nobody_else_talks():
    """Between loud turns, "mm-hm" and "yeah" 12 dB weaker, as in a conversation."""
    wearer = talk(1, pause_s=4.0).copy()
    rng = np.random.default_rng(6)
    words = [("mm-hm", 2), ("yeah", 1), ("okay", 2), ("right", 1)] * 3
    quiet = np.flatnonzero(np.convolve(speaks(wearer), np.ones(241), "same") == 0)
    weak = np.zeros_like(wearer)
    plans = [SpurtPlan(n_syllables=n, rate=4.0, word=word) for word, n in words]
    for spoken, at in zip(
        speak(random_voice(rng), plans, rng, sample_rate=RATE), quiet[:: len(quiet) // 11], strict=False
    ):
        if not weak[(at - 60) * TICK : (at + 100) * TICK].any():
            weak[at * TICK :][: len(spoken.samples)] = spoken.samples[: len(weak) - at * TICK] * LEVEL * db(-12)
    rows = rows_of(wearer + weak)
    answers = np.convolve(weak.reshape(-1, TICK).any(axis=1), np.ones(5), "same")[: rows.n_ticks] > 0
    detected = rows.speaking[0] & answers
    assert detected.sum() > 100
    assert find_room(rows, rows.speaking)[0][detected].mean() < 0.1


def test_only_speech_is_taken_and_an_absent_side_has_none():
    rows = rows_of(talk(1, pause_s=4.0) + far(talk(2)) * db(-18))
    room = find_room(rows, rows.speaking)
    assert not (room & ~rows.speaking).any()
    assert not room[1].any()
    assert not find_room(rows, np.zeros_like(rows.speaking)).any()
