import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.core.stage import run
from dsp.core.stft import Analyser, Synthesiser, hann, power, sine_window

SINGLE_PRECISION = 2e-6  # transforms there and back of samples near 1.0


@pytest.mark.parametrize(("frame", "hop"), [(160, 80), (320, 80), (320, 160)])
def test_there_and_back_is_the_same_sound(frame, hop):
    """Analytic: squared sine windows half a frame apart add up to one, a quarter apart to two."""
    x = np.random.default_rng(1).uniform(-1, 1, 5 * frame + 7).astype(np.float32)
    lead = frame - hop
    window = sine_window(frame) / np.sqrt(frame / hop / 2)
    spectra = run(Analyser(window, hop, lead=lead), x)
    y = run(Synthesiser(window, hop, lead=lead), spectra)
    np.testing.assert_allclose(x, y[: len(x)], atol=SINGLE_PRECISION)


def test_a_frames_spectrum_is_that_of_its_samples():
    """Independent: numpy's own transform in double precision."""
    x = np.random.default_rng(2).normal(size=1000).astype(np.float32)
    spectra = run(Analyser(hann(160), 80, lead=80), x)
    k = 5
    expected = np.fft.rfft(x[k * 80 - 80 : k * 80 + 80] * hann(160))
    np.testing.assert_allclose(expected, spectra[k], atol=1e-4)
    np.testing.assert_allclose(np.abs(expected) ** 2, power(spectra[k]), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("n", [0, 1, 79, 80, 81, 160, 161])
def test_every_frame_that_touches_the_signal_comes_out(n):
    assert len(run(Analyser(hann(160), 80, lead=80), np.ones(n, np.float32))) == -(-(n + 80) // 80)


def test_hann_windows_half_apart_add_up_to_one():
    np.testing.assert_allclose(hann(160)[:80] + hann(160)[80:], 1, atol=1e-6)


def test_a_hop_that_does_not_divide_the_frame_is_refused():
    with pytest.raises(ParameterError, match="divisor"):
        Analyser(hann(160), 60)
    with pytest.raises(ParameterError, match="divisor"):
        Synthesiser(hann(160), 60)
    with pytest.raises(ParameterError, match="lead"):
        Analyser(hann(160), 80, lead=160)
