"""Noise that was reduced before a call was recorded is found by how it falls behind speech."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.reduced_noise import REDUCED_FALL_DB, find_reduced_noise
from support.settled_call import rows_of

RATE = 8_000
TALK_S, PAUSE_S, N = 1.5, 2.5, 9


def talk_and_noise(seed: int = 4) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Words and pauses, noise 35 dB below them, and where the words are."""
    rng = np.random.default_rng(seed)
    n = int(N * (TALK_S + PAUSE_S) * RATE)
    talks = np.arange(n) / RATE % (TALK_S + PAUSE_S) < TALK_S
    return 0.1 * rng.normal(size=n) * talks, 0.0018 * rng.normal(size=n), talks


def follower(talks: NDArray[np.bool_], *, hold_s: float, fall_db_per_s: float, least_db: float) -> NDArray[np.float64]:
    """A gain of one in speech and for a while behind it, which then falls."""
    since = np.zeros(len(talks))
    last = -len(talks)
    for tick in range(0, len(talks), 80):
        last = tick if talks[tick] else last
        since[tick : tick + 80] = (tick - last) / RATE
    return 10 ** (-np.clip((since - hold_s) * fall_db_per_s, 0, least_db) / 20)


def found(x: NDArray[np.float64], talks: NDArray[np.bool_]) -> tuple[float | None, float | None]:
    rows = rows_of(np.stack((x, x[::-1])).astype(np.float32))
    by_tick = talks[::80]
    speaking = np.stack((by_tick, by_tick[::-1]))
    speaking |= rows.speaking
    return find_reduced_noise(rows, speaking, np.ones_like(speaking))


def test_noise_that_falls_behind_every_word_was_reduced_before():
    speech, noise, talks = talk_and_noise()
    gain = follower(talks, hold_s=0.3, fall_db_per_s=40.0, least_db=18.0)
    agent, customer = found(speech + gain * noise, talks)
    assert agent is not None
    assert 12.0 < agent < 19.0
    assert customer is None, "played backwards, noise rises in a pause"


def test_noise_that_stays_as_it_is_was_not_reduced():
    speech, noise, talks = talk_and_noise()
    assert (None, None) == found(speech + noise, talks)


def test_a_fall_of_less_than_the_limit_is_none():
    speech, noise, talks = talk_and_noise()
    gain = follower(talks, hold_s=0.3, fall_db_per_s=40.0, least_db=REDUCED_FALL_DB - 1.5)
    assert (None, None) == found(speech + gain * noise, talks)


def test_too_few_pauses_say_nothing():
    speech, noise, talks = talk_and_noise()
    gain = follower(talks, hold_s=0.3, fall_db_per_s=40.0, least_db=18.0)
    n = int(5 * (TALK_S + PAUSE_S) * RATE)
    assert (None, None) == found((speech + gain * noise)[:n], talks[:n])
