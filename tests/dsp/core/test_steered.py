"""`SteeredReader` against sines whose values at any place are known."""

import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.core.steered import SteeredReader


def error_db(in_rate: int, out_rate: int, hz: float, *, step: float, start: float) -> float:
    """RMS error of a read tone against its analytic values, in dB under the tone."""
    reader = SteeredReader(in_rate, out_rate)
    n_in = int(0.5 * in_rate)
    tone = np.sin(2 * np.pi * hz * np.arange(n_in) / in_rate).astype(np.float32)
    n = int((n_in - start - 2 * reader.reach) / step)
    y = reader.read(reader.windows(tone), position=start, step=step, n=n)
    true = np.sin(2 * np.pi * hz * (start + step * np.arange(n)) / in_rate)
    return float(20 * np.log10(np.std(y - true) / np.std(true)))


@pytest.mark.parametrize(
    ("in_rate", "out_rate"), [(48_000, 16_000), (44_100, 16_000), (16_000, 16_000), (8_000, 8_000)]
)
@pytest.mark.parametrize("ppm", [-300, 0, 17, 300])
def test_a_tone_is_read_where_it_lies_however_the_clock_runs(in_rate, out_rate, ppm):
    """Analytic: the sine's own values. 60 dB under it, up to 0.4 of the lower rate; no frequency is shifted in time."""
    step = in_rate / out_rate * (1 + ppm * 1e-6)
    for hz in (300, 1000, 0.3 * out_rate):
        assert error_db(in_rate, out_rate, hz, step=step, start=500.37) < -60


def test_what_lies_above_the_lower_half_rate_is_gone():
    """A tone of 10 kHz read at 16 kHz would come back as 6 kHz."""
    reader = SteeredReader(48_000, 16_000)
    tone = np.sin(2 * np.pi * 10_000 * np.arange(24_000) / 48_000).astype(np.float32)
    y = reader.read(reader.windows(tone), position=400.0, step=3.0, n=7000)
    assert 20 * np.log10(np.std(y) / np.std(tone)) < -60


def test_zeros_stay_zeros_and_a_constant_stays_itself():
    reader = SteeredReader(48_000, 16_000)
    steps = {"position": 200.3, "step": 3.0004, "n": 500}
    assert not reader.read(reader.windows(np.zeros(4000, np.float32)), **steps).any()
    np.testing.assert_allclose(reader.read(reader.windows(np.ones(4000, np.float32)), **steps), 1, atol=1e-5)


def test_reading_on_gives_what_reading_at_once_gives():
    reader = SteeredReader(48_000, 16_000)
    windows = reader.windows(np.random.default_rng(1).standard_normal(9000).astype(np.float32))
    whole = reader.read(windows, position=300.5, step=3.0, n=2000)
    parts = [reader.read(windows, position=300.5 + 3.0 * k, step=3.0, n=125) for k in range(0, 2000, 125)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)


def test_places_too_near_to_an_end_are_refused():
    reader = SteeredReader(16_000, 16_000)
    windows = reader.windows(np.zeros(1000, np.float32))
    with pytest.raises(ParameterError, match="keep more of it"):
        reader.read(windows, position=5.0, step=1.0, n=10)
    with pytest.raises(ParameterError, match="need 16 samples on either side, and the signal has 1000"):
        reader.read(windows, position=900.0, step=1.0, n=100)
    assert len(reader.read(windows, position=15.0, step=1.0, n=969)) == 969


def test_rates_out_of_range_are_refused():
    with pytest.raises(ParameterError, match="in_rate=100 Hz"):
        SteeredReader(100, 16_000)
