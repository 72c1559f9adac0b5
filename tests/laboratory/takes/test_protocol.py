"""What is played: made again from role and rate alone, at its level, over the whole band."""

import numpy as np
import pytest

from cxaudio.laboratory.takes.protocol import PROTOCOL, Role, plan_of
from cxaudio.laboratory.takes.signals import made_speech, marker, signal_of, sweep_of
from dsp.core.levels import dbov
from dsp.core.spectrum import power_spectrum
from dsp.measurement.level_p56 import active_level
from dsp.measurement.octave_bands import band_levels_dbov, octave_bands


def test_every_role_has_one_plan():
    assert [plan.role for plan in PROTOCOL] == list(Role)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.QUIET, Role.CALL)])
def test_a_signal_is_the_same_each_time_fits_its_take_and_leaves_room(role):
    played = signal_of(role, 16_000)
    assert played is not None
    np.testing.assert_array_equal(played, signal_of(role, 16_000))
    assert np.abs(played).max() < 1
    assert len(played) / 16_000 <= plan_of(role).seconds


def test_nothing_is_played_into_the_quiet():
    assert signal_of(Role.QUIET, 16_000) is None


@pytest.mark.parametrize(("role", "level"), [(Role.SWEEP_LOUD, -10), (Role.SWEEP_SOFT, -20)])
def test_sweeps_have_the_level_they_are_named_by(role, level):
    sweep = sweep_of(role, 48_000)
    assert sweep.stop_hz == 20_000
    assert dbov(float(np.mean(np.square(sweep.samples(), dtype=np.float64)))) == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_speech_has_its_level_its_pauses_and_sound_in_every_third_of_the_band(rate):
    x = made_speech(8.0, rate)
    assert len(x) == 8 * rate
    assert active_level(x, rate).level_dbov == pytest.approx(-26, abs=0.1)
    bands = octave_bands(125, rate / 2 / 1.2)
    assert band_levels_dbov(power_spectrum(x, rate), bands).min() > -75
    ticks = np.mean(x[: len(x) // (rate // 100) * (rate // 100)].reshape(-1, rate // 100) ** 2, axis=1)
    assert 0.1 < np.mean(ticks == 0) < 0.5


def test_the_second_half_of_the_levels_is_louder_by_twenty_decibels():
    x = signal_of(Role.LEVELS, 16_000)
    assert x is not None
    halves = [active_level(half, 16_000).level_dbov for half in np.split(x, 2)]
    assert halves[1] - halves[0] == pytest.approx(20, abs=0.01)


def test_a_marker_passes_a_telephone():
    x = marker(16_000)
    power = power_spectrum(x, 16_000, frame_s=0.1)
    assert power.mean_square(150, 3_500) > 0.98 * power.mean_square()
