import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.core.stage import run
from dsp.speech.periodicity import Periodicity


def buzz(pitch_hz, rate, seconds=1.0):
    """Harmonics of a pitch up to 3.4 kHz, without the lowest when the telephone cuts it off."""
    t = np.arange(int(seconds * rate)) / rate
    return sum(np.cos(2 * np.pi * k * pitch_hz * t) for k in range(1, int(3400 / pitch_hz))).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("pitch_hz", [100, 140, 220, 330])
def test_a_buzz_is_periodic_at_its_pitch(rate, pitch_hz):
    rows = run(Periodicity(rate), buzz(pitch_hz, rate))[3:-3]
    assert rows[:, 0].min() > 0.9
    assert 100 * 2.0 ** np.median(rows[:, 1]) == pytest.approx(pitch_hz, rel=0.06)  # lags lie 0.25 ms apart


def test_noise_is_not_periodic():
    noise = np.random.default_rng(1).normal(size=80_000).astype(np.float32)
    assert run(Periodicity(8000), noise)[:, 0].mean() < 0.5


@pytest.mark.parametrize("gain", [1e-3, 1.0])
def test_level_does_not_matter(gain):
    assert run(Periodicity(8000), gain * buzz(120, 8000))[5:-5, 0].min() > 0.9


def test_silence_is_not_periodic():
    assert run(Periodicity(8000), np.zeros(8000, np.float32))[:, 0].max() == 0


def test_another_rate_is_refused():
    with pytest.raises(ParameterError, match="8000 or 16000"):
        Periodicity(44_100)
