"""Played sound lies beside what the microphone heard at the same instant; each call of the devices is made here."""

import numpy as np
import pytest

from cxaudio.live.heard_together import HeardTogether

RATE = 16_000
BLOCK = RATE // 50
RUN = RATE // 100


class Devices:
    """Two devices that run on one clock: what is played reaches the ear `playing_s` after it was taken."""

    def __init__(self, *, playing_s: float, recording_s: float, told: bool = True, jitter_s: float = 0.0) -> None:
        self.both = HeardTogether(RATE)
        self.playing_s, self.recording_s, self.told, self.jitter_s = playing_s, recording_s, told, jitter_s
        self.heard = np.zeros(60 * RATE, np.float32)  # in the ear, by true time
        self.beside: list[np.ndarray] = []
        self.predicted: list[int] = []  # microphone sample at which each block was to be heard
        self.put: list[np.ndarray] = []
        self.rng = np.random.default_rng(1)
        self.gap_s = 0.0  # by which the output stood still so far

    def go_on(self, seconds: float, sound: np.ndarray) -> None:
        """Let time pass while `sound` is played, in calls of 10 ms and blocks of 20 ms."""
        for k in range(round(seconds / 0.02)):
            for half in (0, 1):
                n = 2 * len(self.beside) + half
                late = float(self.rng.exponential(self.jitter_s)) if self.jitter_s else 0.0
                latency = self.playing_s + self.gap_s - late if self.told else None
                data = self.both.take(RUN, at=0.01 * n + late, latency_s=latency)
                at = n * RUN + round((self.playing_s + self.gap_s) * RATE)
                self.heard[at : at + RUN] = np.frombuffer(data, np.int16) / np.float32(32768)
                arrives = 0.01 * (n + 1) + self.recording_s + late
                age = 0.01 + self.recording_s + late if self.told else None
                self.both.arrived(RUN, sample_rate=RATE, at=arrives, latency_s=age)
            self.predicted.append(self.both.delay + BLOCK * len(self.beside))
            self.put.append(sound[BLOCK * k : BLOCK * (k + 1)])
            self.both.play(self.put[-1])
            self.beside.append(self.both.run(BLOCK))


def noise(seconds: float, *, seed: int = 2) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def late_by(devices: Devices, first_s: float, last_s: float) -> int:
    """Return by how many samples the row beside the microphone comes later than what was heard."""
    beside = np.concatenate(devices.beside)[round(first_s * RATE) : round(last_s * RATE)]
    reach = RATE // 4
    whole = devices.heard[round(first_s * RATE) - reach : round(last_s * RATE) + reach]
    return reach - int(np.argmax(np.correlate(whole, beside, "valid")))


@pytest.mark.parametrize(("playing_s", "recording_s"), [(0.0, 0.0), (0.02, 0.01), (0.1, 0.005), (0.25, 0.04)])
def test_the_row_beside_the_microphone_is_what_was_heard(playing_s, recording_s):
    devices = Devices(playing_s=playing_s, recording_s=recording_s)
    devices.go_on(3.0, noise(3.0))
    assert 0 == late_by(devices, 1.0, 1.5)


def test_uneven_calls_do_not_move_it_by_more_than_two_milliseconds():
    devices = Devices(playing_s=0.06, recording_s=0.012, jitter_s=0.004)
    devices.go_on(4.0, noise(4.0))
    assert abs(late_by(devices, 1.0, 1.5)) <= 32
    assert abs(late_by(devices, 3.0, 3.5)) <= 32


def test_it_is_known_beforehand_when_a_block_will_be_heard():
    devices = Devices(playing_s=0.08, recording_s=0.0)
    devices.go_on(3.0, noise(3.0))
    for number in (60, 90, 120):
        at = devices.predicted[number]
        assert np.abs(devices.heard[at : at + BLOCK] - devices.put[number]).max() <= 1 / 32768


def test_a_gap_after_which_all_is_heard_later_is_followed_within_half_a_second():
    devices = Devices(playing_s=0.03, recording_s=0.01)
    devices.go_on(2.0, noise(2.0))
    devices.gap_s = 0.05
    devices.go_on(2.0, noise(2.0, seed=3))
    assert 0 == late_by(devices, 3.0, 3.5)


def test_a_small_shift_is_made_in_silence_only():
    devices = Devices(playing_s=0.03, recording_s=0.01)
    devices.go_on(1.0, noise(1.0))
    devices.gap_s = 0.008
    devices.go_on(1.5, noise(1.5, seed=3))
    assert -128 == late_by(devices, 1.9, 2.1)
    devices.go_on(0.5, np.zeros(RATE // 2, np.float32))
    devices.go_on(1.0, noise(1.0, seed=4))
    assert 0 == late_by(devices, 3.4, 3.7)


def test_devices_that_do_not_say_how_late_they_are_count_as_usual_ones():
    devices = Devices(playing_s=0.03, recording_s=0.02, told=False)
    devices.go_on(2.0, noise(2.0))
    assert 0 == late_by(devices, 1.0, 1.5)
