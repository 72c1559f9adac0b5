"""Sweeps through systems whose response and distortion can be written down, and an independent deconvolution."""

import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.measurement.octave_bands import octave_bands
from dsp.measurement.sweep import Sweep, deconvolve

RATE = 16_000
THIRDS = octave_bands(100, 6_300)

ORDER_SHARE = 0.01
"""Each order of distortion is within 1 % of its value on a clean recording."""


@pytest.fixture(scope="module")
def sweep() -> Sweep:
    return Sweep(sample_rate=RATE, duration_s=4.0)


def _after(y: np.ndarray, lead: int = 700, tail: int = RATE) -> np.ndarray:
    return np.concatenate((np.zeros(lead), y, np.zeros(tail)))


def test_a_sweep_begins_and_ends_softly_at_its_level(sweep):
    x = sweep.samples()
    assert len(x) == sweep.n_samples == 4 * RATE
    assert abs(x[0]) < 1e-3 > abs(x[-1])
    assert 10 * np.log10(np.mean(x.astype(float) ** 2)) == pytest.approx(-10, abs=0.05)


def test_the_orders_of_a_polynomial_are_told_apart(sweep):
    """Analytic: for x = A sin, 0.02 x^2 + 0.01 x^3 gives 0.02 A / 2 and 0.01 A^2 / 4 over 1 + 0.0075 A^2."""
    x = sweep.samples().astype(float)
    found = deconvolve(_after(x + 0.02 * x**2 + 0.01 * x**3), sweep)
    amplitude = sweep.amplitude
    fundamental = 1 + 0.0075 * amplitude**2
    second, third = 0.01 * amplitude / fundamental, 0.0025 * amplitude**2 / fundamental
    distortion = found.distortion(THIRDS)
    known = distortion.n_orders >= 2
    assert known.sum() >= 12
    np.testing.assert_allclose(distortion.orders[0][known], second, rtol=ORDER_SHARE)
    np.testing.assert_allclose(distortion.orders[1][known], third, rtol=ORDER_SHARE)
    assert np.nanmax(distortion.orders[2:]) < 1e-5
    np.testing.assert_allclose(distortion.thd[known], np.hypot(second, third), rtol=ORDER_SHARE)
    assert not distortion.bounded.any()
    assert found.delay == 700
    np.testing.assert_allclose(found.response_db(THIRDS), 20 * np.log10(fundamental), atol=0.02)


def test_distortion_above_the_band_does_not_exist(sweep):
    """With a headset of 3.4 kHz there is no second harmonic of anything above 1.7 kHz."""
    found = deconvolve(_after(sweep.samples().astype(float)), sweep).distortion(THIRDS, limit_hz=3_400)
    assert np.isnan(found.thd[1.12 * THIRDS.centres_hz > 1_700]).all()
    assert np.isfinite(found.thd[1.13 * THIRDS.centres_hz < 1_700]).all()


def test_harmonics_in_the_noise_are_told_as_a_bound(sweep):
    """The noise at the harmonics is foretold from the silence behind the sweep, within 1 dB when averaged."""
    rng = np.random.default_rng(1)
    y = _after(sweep.samples().astype(float))
    y += rng.normal(0, 1e-3, len(y))
    found = deconvolve(y, sweep).distortion(THIRDS)
    assert found.bounded[found.n_orders > 0].all()
    heard, foretold = np.nanmean(found.orders**2), np.nanmean(found.floor**2)
    assert 10 * np.log10(heard / foretold) == pytest.approx(0, abs=1)


def test_distortion_well_above_the_noise_is_not_a_bound(sweep):
    rng = np.random.default_rng(2)
    x = sweep.samples().astype(float)
    y = _after(x + 0.05 * x**2)
    found = deconvolve(y + rng.normal(0, 1e-4, len(y)), sweep).distortion(THIRDS)
    assert not found.bounded[found.n_orders > 0].any()


def test_a_known_filter_is_found_and_an_independent_library_agrees(sweep):
    """Independent: pyfar's regularised inversion of the same sweep; both within 0.1 dB of the filter's own gain."""
    pyfar = pytest.importorskip("pyfar")
    from scipy.signal import butter, freqz, lfilter

    b, a = butter(2, [300, 3_400], "bandpass", fs=RATE)
    x = sweep.samples().astype(float)
    recorded = lfilter(b, a, _after(x, lead=0))
    bands = octave_bands(125, 6_300, fraction=12)
    found = deconvolve(recorded, sweep)
    ours = found.response_db(bands)
    truth = 20 * np.log10(np.abs(freqz(b, a, bands.centres_hz, fs=RATE)[1]))
    np.testing.assert_allclose(ours, truth, atol=0.1)

    signal = pyfar.Signal(np.concatenate((x, np.zeros(RATE))), RATE)
    inverse = pyfar.dsp.RegularizedSpectrumInversion.from_frequency_range(signal, (50, 7_200)).invert
    theirs = np.abs(np.squeeze((pyfar.Signal(recorded, RATE) * inverse).freq))
    theirs_db = 20 * np.log10(np.interp(bands.centres_hz, np.fft.rfftfreq(len(recorded), 1 / RATE), theirs))
    np.testing.assert_allclose(ours, theirs_db, atol=0.1)


def test_an_independent_library_makes_the_same_sweep():
    """Independent: pyfar's exponential sweep; faded alike, and it counts its length to the last sample."""
    pyfar = pytest.importorskip("pyfar")
    sweep = Sweep(sample_rate=RATE, duration_s=2.0, start_hz=100, stop_hz=6_000, amplitude=1.0, fade_s=0.0)
    theirs = np.squeeze(
        pyfar.signals.exponential_sweep_time(
            2 * RATE, [100, 6_000], n_fade_out=0, amplitude=1.0, sampling_rate=RATE
        ).time
    )
    ours = sweep.samples().astype(float)
    # Theirs reaches the last frequency at the last sample or behind it; either way phases stay together at first.
    np.testing.assert_allclose(ours[: RATE // 4], theirs[: RATE // 4], atol=0.02)


def test_polarity_and_gain_do_not_hide_the_delay(sweep):
    found = deconvolve(_after(-0.01 * sweep.samples().astype(float), lead=1_234), sweep)
    assert found.delay == 1_234
    np.testing.assert_allclose(found.response_db(THIRDS), -40, atol=0.02)
    impulse = found.impulse_response(0.1)
    assert np.argmax(np.abs(impulse)) == 800  # 50 ms kept before the arrival
    assert impulse[800] < 0


def test_bands_outside_the_sweep_are_not_known(sweep):
    gains = deconvolve(_after(sweep.samples().astype(float)), sweep).response_db(octave_bands(31.5, 8_000))
    assert np.isnan(gains[[0, -1]]).all()


def test_bad_takes_are_refused_in_a_sentence(sweep):
    with pytest.raises(ParameterError, match="record the whole sweep"):
        deconvolve(np.zeros(100), sweep)
    with pytest.raises(ParameterError, match="silent"):
        deconvolve(np.zeros(5 * RATE), sweep)
    with pytest.raises(ParameterError, match="too short"):
        Sweep(sample_rate=RATE, duration_s=0.1)
    with pytest.raises(ParameterError, match="Nyquist"):
        Sweep(sample_rate=8_000, stop_hz=5_000)
    with pytest.raises(ParameterError, match="no harmonic"):
        deconvolve(_after(sweep.samples().astype(float)), sweep).distortion(THIRDS, n_harmonics=1)
