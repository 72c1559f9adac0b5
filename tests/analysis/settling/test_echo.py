"""Echo and leak of a call whose rows are made: what is found, where, and what of the people's speech is left."""

import numpy as np
import pytest
from numpy.typing import NDArray

from cxaudio.analysis.settling.echo import Echo, find_echo
from cxaudio.analysis.settling.rows import CallRows
from cxaudio.model.events import Side
from cxaudio.settings import load_settings
from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS

LEAKAGE = load_settings().analysis.leakage
SECONDS = 90
NOISE_DBFS = -75.0  # of a band


def turns(seed: int, *, quick: bool = False) -> NDArray[np.bool_]:
    """Rows of 20 ms in which each side talks: they take turns, and now and then both talk; shape (2, n)."""
    rng = np.random.default_rng(seed)
    n = SECONDS * 50
    talk = np.zeros((2, n), np.bool_)
    at, side = 25, 0
    while at < n:
        length = int(rng.uniform(20, 60) if quick else rng.uniform(100, 250))
        talk[side, at : at + length] = True
        if not quick and rng.random() < 0.4:
            middle = at + length // 3
            talk[1 - side, middle : middle + int(rng.uniform(20, 60))] = True
        at += length + int(rng.uniform(2, 30))
        side = 1 - side
    return talk


def voice(talk: NDArray[np.bool_], seed: int) -> Float32:
    """Band levels of a voice: sounds of 60 to 140 ms, each with bands of its own."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, 8, len(talk))
    sounds = rng.normal(-38, 9, (len(talk), N_BANDS)).repeat(lengths, axis=0)[: len(talk)]
    return np.where(talk[:, None], sounds, -200.0).astype(np.float32)


def late(x: Float32, lag: int, gain_db: float, first: int = 0, last: int | None = None) -> Float32:
    """A copy `lag` rows later between two rows."""
    copy = np.full_like(x, -200.0)
    copy[lag:] = x[: len(x) - lag] + gain_db
    copy[:first] = -200.0
    if last is not None:
        copy[last:] = -200.0
    return copy


def rows_of(agent: list[Float32], customer: list[Float32], seed: int = 9) -> CallRows:
    """The rows of a call whose sides are sums of sounds over noise; what stands 12 dB above the noise is detected."""
    rng = np.random.default_rng(seed)
    levels = []
    for sounds in (agent, customer):
        power = sum(10 ** (sound / 10) for sound in sounds)
        noise = 10 ** ((NOISE_DBFS + rng.normal(0, 2, power.shape)) / 10)
        levels.append(10 * np.log10(power + noise))
    bands = np.stack(levels)
    power = (10 ** (bands / 10)).sum(axis=2).repeat(2, axis=1).astype(np.float32)
    noise = np.full_like(power, N_BANDS * 10 ** (NOISE_DBFS / 10))
    n = power.shape[1]
    return CallRows(
        power=power,
        noise=noise,
        speaking=power > 16 * noise,
        probability=np.zeros((2, n), np.uint8),
        nuclei=np.zeros((2, n), np.int8),
        tonal=np.full((2, n), -127, np.int8),
        music=np.zeros((2, -(-n // 40)), np.int8),
        peak=np.zeros((2, n), np.uint8),
        still=np.zeros((2, n), np.bool_),
        bands=np.rint(np.clip((bands + 110) * 2, 0, 255)).astype(np.uint8),
        present=(True, True),
    )


def find(rows: CallRows) -> Echo:
    return find_echo(rows, rows.speaking, LEAKAGE)


def ticks(talk: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return talk.repeat(2)


def far_from(talk: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Ticks further than a quarter of a second from any talk."""
    near: NDArray[np.bool_] = np.convolve(ticks(talk), np.ones(51), mode="same") > 0
    return ~near


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_people_on_a_clean_line_have_no_echo(seed: int, quick: bool):
    talk = turns(seed, quick=quick)
    echo = find(rows_of([voice(talk[0], 11)], [voice(talk[1], 12)]))
    assert not echo.mask.any()
    assert echo.stretches == ()


@pytest.mark.parametrize("lag", [1, 20, 50, 75])
@pytest.mark.parametrize("gain_db", [-10.0, -25.0])
def test_echo_of_the_whole_call_is_nobodys_speech(lag: int, gain_db: float):
    talk = turns(1)
    agent, customer = voice(talk[0], 11), voice(talk[1], 12)
    rows = rows_of([agent], [customer, late(agent, lag, gain_db)])
    echo = find(rows)
    left = rows.speaking & ~echo.mask
    assert (rows.speaking[1] & far_from(talk[1])).sum() > 500
    assert (left[1] & far_from(talk[1])).sum() < 20
    assert (echo.mask[1] & ticks(talk[1])).sum() < 0.06 * ticks(talk[1]).sum()  # before gaps are bridged
    assert not echo.mask[0].any()
    (stretch,) = echo.stretches
    assert (stretch.side, stretch.lag) == (Side.CUSTOMER, 2 * lag)
    assert stretch.gain_db == pytest.approx(gain_db, abs=1.5)


def test_double_talk_over_an_echo_stays():
    talk = turns(2)
    agent, customer = voice(talk[0], 11), voice(talk[1], 12)
    echo = find(rows_of([agent], [customer, late(agent, 20, -12.0)]))
    both = ticks(talk[0] & talk[1])
    assert both.sum() > 300
    assert (echo.mask[1] & both).sum() < 0.05 * both.sum()


@pytest.mark.parametrize("first", [21, 44])
def test_leak_of_fifteen_seconds_is_found_with_its_ends(first: int):
    """A headset is laid down: its wearer listens, and the far side is heard in it."""
    talk = turns(3)
    leak = slice(first * 50, first * 50 + 750)
    talk[:, leak] = np.array([[False], [True]])
    agent, customer = voice(talk[0], 11), voice(talk[1], 12)
    rows = rows_of([agent, late(customer, 6, -15.0, leak.start, leak.stop)], [customer])
    echo = find(rows)
    left = rows.speaking[0] & ~echo.mask[0]
    heard = slice(2 * leak.start, 2 * leak.stop)
    assert rows.speaking[0, heard].sum() > 1_200
    assert left[heard].sum() < 50
    assert (echo.mask[0] & ticks(talk[0])).sum() < 20
    (stretch,) = echo.stretches
    assert stretch.side is Side.AGENT
    assert stretch.first == pytest.approx(heard.start, abs=100)
    assert stretch.last == pytest.approx(heard.stop, abs=100)


def test_a_call_with_one_side_has_no_echo():
    talk = turns(1)
    rows = rows_of([voice(talk[0], 11)], [voice(talk[1], 12)])
    alone = CallRows(**{name: getattr(rows, name) for name in rows.__slots__} | {"present": (True, False)})
    assert find(alone).stretches == ()


def test_a_call_without_a_tick_has_no_echo():
    rows = rows_of([voice(np.zeros(0, np.bool_), 1)], [voice(np.zeros(0, np.bool_), 2)])
    echo = find(rows)
    assert echo.mask.shape == (2, 0)
    assert echo.stretches == ()
