"""Faults put in on purpose: flat tops, offsets, hum, noise of known level."""

import numpy as np
import pytest

from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.core.errors import ParameterError
from dsp.measurement.defects import find_clipping, find_dc_offset, find_hum, find_idle_noise, silent_share
from dsp.measurement.sweep import Sweep
from support.speech_like import speech_like

RATE = 16_000


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return speech_like(8, np.random.default_rng(1), sample_rate=RATE, rms=0.2)


def _record(speech: np.ndarray, **faults: float) -> np.ndarray:
    return SimulatedHeadset(sample_rate=RATE, noise_dbov=-70, **faults).record(np.random.default_rng(2), mouth=speech)


@pytest.mark.parametrize(("top", "dbov", "full"), [(1.0, 0.0, True), (0.5, -6.02, False)])
def test_flat_tops_are_found_at_full_scale_and_below(speech, top, dbov, full):
    found = find_clipping(_record(3 * speech, clip_at=top), RATE)
    assert found.clipped
    assert found.at_full_scale == full
    assert (found.high_dbov, found.low_dbov) == pytest.approx((dbov, dbov), abs=0.01)
    assert found.per_second == pytest.approx(found.n_runs / 8)


def test_every_flat_top_is_counted_once():
    """Analytic: 200 periods with two flat tops each."""
    x = np.clip(np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE), -0.7, 0.9)
    found = find_clipping(x, RATE)
    assert found.n_runs == 400
    assert found.high_dbov == pytest.approx(20 * np.log10(0.9))
    assert found.low_dbov == pytest.approx(20 * np.log10(0.7))


def test_sound_speech_is_not_clipped(speech):
    assert not find_clipping(_record(0.5 * speech), RATE).clipped
    faint = np.round(np.random.default_rng(3).normal(0, 1, RATE)) / 32768  # rounding has flat tops, too
    assert find_clipping(faint, RATE).n_runs == 0


def _as_16_bits(x: np.ndarray) -> np.ndarray:
    return np.clip(np.round(x * 32768), -32768, 32767) / 32768


@pytest.mark.parametrize("top", [1.0, 0.5, 0.05])
@pytest.mark.parametrize("hertz", [2_731.3, 3_201.7, 4_903.1, 7_013.9])
def test_flat_tops_of_one_or_two_samples_are_found_by_their_pile(hertz, top):
    """Analytic: the share of a sine of 1.1 that lies beyond 1 is 2 arccos(1 / 1.1) / pi."""
    x = _as_16_bits(np.clip(1.1 * top * np.sin(2 * np.pi * hertz * np.arange(3 * RATE) / RATE), -top, top))
    found = find_clipping(x, RATE)
    assert found.clipped
    assert found.piled
    assert found.at_full_scale == (top == 1.0)
    assert found.share == pytest.approx(2 * np.arccos(1 / 1.1) / np.pi, abs=0.01)
    assert found.n_samples == pytest.approx(found.share * len(x), abs=2)


def test_a_sweep_clipped_where_the_microphone_is_loudest():
    """At 3 kHz of 16 kHz no flat top lasts three samples."""
    rng = np.random.default_rng(1)
    headset = SimulatedHeadset(sample_rate=RATE, response=((1_500, 0.0), (3_000, 6.0), (5_000, 0.0)), noise_dbov=-70)
    x = headset.record(rng, mouth=Sweep(sample_rate=RATE).samples().astype(float))
    assert not find_clipping(x, RATE).clipped
    loud = find_clipping(_as_16_bits(1.25 * x), RATE)
    assert loud.clipped
    assert 0.001 < loud.share < 0.1


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
@pytest.mark.parametrize("top", [1.0, 0.3, 0.02])
def test_round_crests_are_no_flat_tops(rate, top):
    """A sine has a pile at its extremes by nature, a slow one lingers there, one of whole periods has few values."""
    t = np.arange(2 * rate) / rate
    for hertz in (
        5.0,
        50.0,
        440.0,
        997.0,
        rate / 8,
        rate / 6,
        rate / 5,
        rate / 4,
        rate / 3,
        rate / 3 + 0.7,
        0.45 * rate,
    ):
        for phase in (0.0, 0.4, np.pi / 4):
            angle = 2 * np.pi * hertz * t + phase
            for x in (np.sin(angle), np.sin(angle) + np.sin(3 * angle) / 9, np.tanh(2 * np.sin(angle))):
                found = find_clipping(_as_16_bits(top * 0.999 * x / np.abs(x).max()), rate)
                assert not found.piled, (hertz, phase)
    sweep = Sweep(sample_rate=rate, amplitude=0.999 * top).samples().astype(float)
    assert not find_clipping(_as_16_bits(sweep), rate).clipped


@pytest.mark.parametrize(("level", "verdict"), [(-60, "ok"), (-45, "warn"), (-35, "fail")])
def test_an_offset_is_found_within_a_tenth_of_a_decibel(speech, level, verdict):
    found = find_dc_offset(_record(0.1 * speech, offset=10 ** (level / 20)))
    assert found.level_dbov == pytest.approx(level, abs=0.3 if level < -50 else 0.1)
    assert found.verdict == verdict


@pytest.mark.parametrize("mains", [50.0, 60.0, 49.9])
def test_mains_hum_is_found_with_its_level(mains):
    headset = SimulatedHeadset(sample_rate=RATE, noise_dbov=-70, hum_dbov=-65, mains_hz=mains)
    found = find_hum(headset.record(np.random.default_rng(4), mouth=np.zeros(8 * RATE)), RATE)
    assert found.mains_hz == round(mains / 10) * 10
    assert found.level_dbov == pytest.approx(-65, abs=1)
    assert found.lines[0].frequency_hz == pytest.approx(mains, abs=0.5)


def test_noise_without_hum_has_none():
    rng = np.random.default_rng(5)
    assert find_hum(rng.normal(0, 1e-3, 8 * RATE), RATE).mains_hz is None


def test_a_lone_tone_is_no_hum():
    """A fan at 120 Hz would be a line of both mains; at 180 and 310 Hz it is of neither."""
    t = np.arange(8 * RATE) / RATE
    x = 1e-3 * np.sin(2 * np.pi * 333 * t) + np.random.default_rng(6).normal(0, 1e-4, len(t))
    assert find_hum(x, RATE).mains_hz is None


def test_the_noise_floor_is_found_within_two_tenths():
    """Analytic: white noise of -70 dBov; A-weighting takes what its mean over 20 Hz to 8 kHz says."""
    from dsp.measurement.weighting import a_weighting_db

    headset = SimulatedHeadset(sample_rate=RATE, noise_dbov=-70, offset=0.002)
    found = find_idle_noise(headset.record(np.random.default_rng(7), mouth=np.zeros(10 * RATE)), RATE)
    hertz = np.arange(1, 8_000.0)
    a_mean = 10 * np.log10(np.mean(10 ** (a_weighting_db(hertz) / 10)))
    assert found.level_dbov == pytest.approx(-70, abs=0.2)
    assert found.a_weighted_dbov == pytest.approx(-70 + a_mean, abs=0.2)
    assert found.quantiles_dbov == pytest.approx((-70, -70, -70), abs=0.5)
    assert not found.muted


def test_telephone_noise_is_weighted_by_the_psophometer():
    """Analytic: a tone at 1000 Hz counts 1.0 dB more than at 800 Hz."""
    t = np.arange(4 * 8_000) / 8_000
    levels = [find_idle_noise(1e-3 * np.sin(2 * np.pi * f * t), 8_000).psophometric_dbov for f in (800, 1_000)]
    assert levels[0] == pytest.approx(-63.01, abs=0.05)
    assert levels[1] - levels[0] == pytest.approx(1.0, abs=0.05)


def test_a_muted_floor_is_no_noise_floor():
    assert find_idle_noise(np.zeros(RATE), RATE).muted
    x = np.random.default_rng(8).normal(0, 1e-3, 2 * RATE)
    x[8_000:12_000] = 0
    found = find_idle_noise(x, RATE)
    assert found.muted
    assert found.zero_share == pytest.approx(4_000 / (2 * RATE), abs=1e-4)


def test_single_zeros_of_a_quiet_converter_are_not_digital_silence():
    x = np.round(np.random.default_rng(9).normal(0, 1.0, 4 * RATE)) / 32768
    assert (x == 0).mean() > 0.3
    assert silent_share(x, RATE) < 0.001


def test_bad_takes_are_refused_in_a_sentence():
    with pytest.raises(ParameterError, match="at least one sample"):
        find_dc_offset(np.zeros(0))
    with pytest.raises(ParameterError, match="4 s or more"):
        find_hum(np.zeros(RATE), RATE)
    with pytest.raises(ParameterError, match="half a second"):
        find_idle_noise(np.zeros(100), RATE)
