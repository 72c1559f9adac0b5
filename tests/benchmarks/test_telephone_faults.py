"""Faults of telephone lines keep length and times, and fill lost packets as they say."""

import numpy as np
import pytest

from benchmarks.training.telephone_faults import PACKET, concealed, echoed, losses


def test_a_lost_packet_of_a_steady_sound_is_filled_with_its_period():
    t = np.arange(50 * PACKET)
    x = 0.1 * np.sign(np.sin(2 * np.pi * t / 64))  # a period of 64 samples
    lost = np.zeros(50, np.bool_)
    lost[20] = True
    y = concealed(x, lost)
    hole = slice(20 * PACKET, 21 * PACKET)
    assert np.corrcoef(x[hole], y[hole])[0, 1] > 0.9  # it fades by a third
    assert np.array_equal(y[: 20 * PACKET], x[: 20 * PACKET])
    assert np.array_equal(y[21 * PACKET + 32 :], x[21 * PACKET + 32 :])


def test_a_long_loss_ends_in_silence():
    x = 0.1 * np.sin(2 * np.pi * np.arange(50 * PACKET) / 64)
    lost = np.zeros(50, np.bool_)
    lost[20:30] = True
    assert np.abs(concealed(x, lost)[24 * PACKET : 30 * PACKET]).max() < 1e-9


def test_loss_at_the_very_start_is_left_alone():
    x = np.ones(5 * PACKET)
    assert np.array_equal(concealed(x, np.array([True, True, True, False, False])), x)


def test_losses_are_rare_and_come_in_bursts():
    drawn = [losses(np.random.default_rng(seed), 2000) for seed in range(40)]
    assert 0.01 < np.mean([lost.mean() for lost in drawn]) < 0.1
    assert any((lost[1:] & lost[:-1]).any() for lost in drawn)


def test_echo_is_late_and_weak():
    x = np.zeros(8000)
    x[1000] = 1.0
    y = echoed(np.random.default_rng(2), x) - x
    assert np.flatnonzero(np.abs(y) > 1e-6)[0] >= 1000 + 160
    assert np.square(y).sum() == pytest.approx(0, abs=10 ** (-12 / 10))
