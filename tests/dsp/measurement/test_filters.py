import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.core.stage import run
from dsp.measurement.filters import SosFilter, band_pass, high_pass, notch

RATE = 8000
T = np.arange(2 * RATE) / RATE


def gain_db(sections, frequency_hz):
    tone = np.sin(2 * np.pi * frequency_hz * T).astype(np.float32)
    settled = slice(RATE, None)
    return 20 * np.log10(np.std(run(SosFilter(sections), tone)[settled]) / np.std(tone[settled]))


@pytest.mark.parametrize(
    ("sections", "frequency_hz", "expected_db"),
    [  # analytic: a Butterworth edge is -3.01 dB by definition; |H|^2 = 1 / (1 + (f0/f)^(2 n)) far below Nyquist
        (high_pass(80, RATE), 80, -3.01),
        (high_pass(80, RATE), 40, -12.30),
        (high_pass(80, RATE), 1000, 0.0),
        (band_pass(300, 3400, sample_rate=RATE), 300, -3.01),
        (band_pass(300, 3400, sample_rate=RATE), 3400, -3.01),
        (band_pass(300, 3400, sample_rate=RATE), 1000, 0.0),
        (notch(50, RATE), 200, 0.0),
    ],
)
def test_designs_have_the_gain_their_names_promise(sections, frequency_hz, expected_db):
    assert gain_db(sections, frequency_hz) == pytest.approx(expected_db, abs=0.05)


def test_a_notch_takes_out_its_tone():
    assert gain_db(notch(50, RATE, quality=5), 50) < -60


def test_direct_current_is_gone_after_a_high_pass():
    y = run(SosFilter(high_pass(80, RATE)), np.full(RATE, 0.25, np.float32))
    assert abs(y[-1]) < 1e-6


@pytest.mark.parametrize("cuts", [[1, 2, 3], [160], list(range(0, 16000, 77))])
def test_a_filter_cut_anywhere_gives_the_same_bits(cuts):
    x = np.random.default_rng(1).normal(size=len(T)).astype(np.float32)
    stage = SosFilter(np.vstack((high_pass(80, RATE), notch(50, RATE))))
    expected = run(stage, x)
    stage.reset()
    actual = np.concatenate([stage.process(part) for part in np.split(x, cuts)])
    np.testing.assert_array_equal(expected, actual)


@pytest.mark.parametrize(
    ("design", "message"),
    [
        (lambda: high_pass(4000, RATE), "half the sample_rate=8000"),
        (lambda: band_pass(3400, 300, sample_rate=RATE), "swap"),
        (lambda: notch(50, RATE, quality=0), "above 0"),
        (lambda: SosFilter(np.zeros((2, 5))), r"not \(n_sections, 6\)"),
    ],
)
def test_what_cannot_be_designed_is_refused_with_its_cure(design, message):
    with pytest.raises(ParameterError, match=message):
        design()
