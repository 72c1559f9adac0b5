"""`ArrivalClock` against arrivals whose true clock is known: the delays are made, so every expectation is analytic."""

import numpy as np
import pytest

from cxaudio.sources.live.clock import ArrivalClock

RATE = 16_000
RUN = 320  # samples of an arrival, 20 ms


def arrive(
    clock: ArrivalClock,
    seconds: float,
    *,
    ppm: float = 0.0,
    jitter_s: float = 0.0,
    late=lambda t: 0.0,
    start: float = 0.0,
) -> list[tuple[float, float]]:
    """Feed arrivals and return the error of the map after each, as (time, seconds by which a sample is too late)."""
    rng = np.random.default_rng(3)
    errors = []
    latest = 0.0
    for k in range(int(start * 50) + 1, int((start + seconds) * 50) + 1):
        true = k * RUN / RATE * (1 + ppm * 1e-6)  # when the last of these samples was heard
        arrived = true + float(rng.exponential(jitter_s)) if jitter_s else true
        latest = max(latest, arrived + late(true))
        clock.arrived(k * RUN, latest)
        errors.append((true, clock.time(k * RUN) - true))
    return errors


@pytest.mark.parametrize("ppm", [-300, -50, 0, 50, 300])
def test_the_drift_is_found_and_the_map_stays_within_five_milliseconds(ppm):
    clock = ArrivalClock(RATE)
    errors = arrive(clock, 180, ppm=ppm, jitter_s=0.005)
    assert clock.ppm == pytest.approx(ppm, abs=10)
    assert max(abs(error) for _, error in errors) < 0.005
    assert max(abs(error) for time, error in errors if time > 60) < 0.002


def test_a_fragment_held_back_for_half_a_minute_does_not_move_the_map():
    """Servers hold sound back by 10 ms for tens of seconds: least squares would follow, the envelope does not."""
    clock = ArrivalClock(RATE)
    errors = arrive(clock, 300, ppm=100, jitter_s=0.002, late=lambda t: 0.010 if 100 < t % 150 < 125 else 0.0)
    assert max(abs(error) for time, error in errors if time > 40) < 0.003
    assert clock.ppm == pytest.approx(100, abs=25)


def test_position_and_time_are_each_others_inverse():
    clock = ArrivalClock(RATE)
    arrive(clock, 100, ppm=250, jitter_s=0.003)
    for position in (1e6, 1.5e6, 1.6e6):
        assert clock.position(clock.time(position)) == pytest.approx(position, abs=1e-3)


def test_what_stays_late_for_three_seconds_was_lost():
    clock = ArrivalClock(RATE)
    arrive(clock, 30)
    lost = []
    for k in range(1501, 1801):
        lost.append(clock.arrived(k * RUN, k * RUN / RATE + 0.080))
    assert sum(lost) == pytest.approx(0.080, abs=1e-6)
    assert clock.time(1800 * RUN) == pytest.approx(36.080, abs=1e-3)
    told = next(k for k, each in enumerate(lost) if each) / 50
    assert 2.5 < told < 5


def test_a_loss_that_was_suspected_is_settled_in_a_third_of_a_second():
    clock = ArrivalClock(RATE)
    arrive(clock, 30)
    clock.suspect(30.05)
    lost = [clock.arrived(k * RUN, k * RUN / RATE + 0.030) for k in range(1501, 1531)]
    assert sum(lost) == pytest.approx(0.030, abs=1e-6)
    assert next(k for k, each in enumerate(lost) if each) / 50 < 0.4


def test_a_burst_after_a_stall_is_no_loss():
    clock = ArrivalClock(RATE)
    arrive(clock, 30)
    for k in range(1501, 1541):  # 0.8 s of sound, all at once, at the moment the last of it was heard
        if k == 1501:
            clock.suspect(30.8)
        assert clock.arrived(k * RUN, 30.8) == 0.0
    assert not clock.suspects
    assert clock.time(1540 * RUN) == pytest.approx(30.8, abs=1e-6)


def test_a_stretch_that_was_not_delivered_is_skipped_at_once():
    clock = ArrivalClock(RATE)
    arrive(clock, 30)
    clock.suspect(37.03, at_once=True)
    assert clock.arrived(1501 * RUN, 37.03) == 0.0
    assert not clock.suspects
    assert clock.time(1501 * RUN) == pytest.approx(37.03, abs=1e-6), "as if it had come at once"
    told = [clock.arrived(k * RUN, 37.0 + 0.02 * (k - 1500)) for k in range(1502, 1530)]
    assert clock.time(1501 * RUN) == pytest.approx(37.02, abs=1e-6), "which what follows has put right"
    assert sum(told) == pytest.approx(7.0, abs=1e-6)


def test_a_late_arrival_taken_for_the_end_of_a_silence_does_not_bend_the_clock():
    """A burst after 0.25 s is no gap: later arrivals show it, and the map returns to its former state."""
    clock = ArrivalClock(RATE)
    told = 0.0
    for second in range(60):
        for k in range(second * 50 + 1, second * 50 + 51):
            true = k * RUN / RATE
            if k % 50 in range(10, 23):  # held back
                arrived = (k // 50 * 50 + 22) * RUN / RATE
                if k % 50 == 10:
                    clock.suspect(arrived, at_once=True)
                told += clock.arrived(k * RUN, arrived)
            else:
                told += clock.arrived(k * RUN, true)
    assert told == pytest.approx(0.0, abs=1e-9)
    assert clock.ppm == pytest.approx(0, abs=1)
    assert clock.time(3000 * RUN) == pytest.approx(60.0, abs=1e-6)


def test_no_more_drift_is_believed_than_crystals_have():
    clock = ArrivalClock(RATE)
    arrive(clock, 60, ppm=700)
    assert clock.ppm == 500
