"""Made signals are what they say: their truth is derived here from the definition, not from the code."""

from itertools import pairwise

import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.synthesis import signals

RATE = 8_000

STATISTICAL_DB = 0.7
"""Twenty octave-wide estimates over 40 s of noise scatter by less than this."""


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def _octave_levels_db(x: np.ndarray, lowest_hz: float, n_octaves: int) -> np.ndarray:
    power = np.abs(np.fft.rfft(x)) ** 2
    hz = np.fft.rfftfreq(len(x), 1 / RATE)
    edges = lowest_hz * 2.0 ** np.arange(n_octaves + 1)
    return np.array([10 * np.log10(power[(hz >= a) & (hz < b)].sum()) for a, b in pairwise(edges)])


def test_a_tone_has_its_frequency_amplitude_and_phase():
    x = signals.tone(1000, RATE, sample_rate=RATE, amplitude=0.5, phase=np.pi / 2)
    assert x.dtype == np.float32
    assert pytest.approx(0.5) == x[0]
    assert pytest.approx(0.5 / np.sqrt(2), rel=1e-5) == np.sqrt(np.mean(x.astype(float) ** 2))
    assert 1000 == np.argmax(np.abs(np.fft.rfft(x)))


def test_a_sweep_rises_by_the_same_factor_each_second():
    """Analytic: f(t) = f1 (f2 / f1) ** (t / T); the instantaneous frequency is that of the analytic signal."""
    n = 4 * RATE
    x = signals.exponential_sweep(200, 3200, n, sample_rate=RATE).astype(float)
    spectrum = np.fft.fft(x)
    spectrum[n // 2 :] = 0
    hz = np.diff(np.unwrap(np.angle(np.fft.ifft(spectrum)))) * RATE / (2 * np.pi)
    for seconds, expected in ((1.0, 400), (2.0, 800), (3.0, 1600)):
        k = round(seconds * RATE)
        assert pytest.approx(expected, rel=0.01) == hz[k - 200 : k + 200].mean()


@pytest.mark.parametrize(("make", "slope_db"), [(signals.pink_noise, 0.0), (signals.brown_noise, -3.0)])
def test_coloured_noise_falls_as_its_colour_says(rng, make, slope_db):
    """Analytic: an octave is twice as wide as the one below, so white rises by 3 dB, pink stays, brown falls by 3."""
    levels = _octave_levels_db(make(40 * RATE, rng, sample_rate=RATE), 50, 6)
    np.testing.assert_allclose(slope_db, np.diff(levels), atol=STATISTICAL_DB)


def test_white_noise_rises_by_three_decibels_an_octave(rng):
    np.testing.assert_allclose(3.01, np.diff(_octave_levels_db(signals.white_noise(40 * RATE, rng), 50, 6)), atol=0.7)


@pytest.mark.parametrize("make", [signals.pink_noise, signals.brown_noise])
def test_coloured_noise_has_the_level_asked_for_and_no_seams(rng, make):
    x = make(60 * RATE, rng, sample_rate=RATE, rms=0.02).astype(float)
    assert pytest.approx(0.02, rel=0.04) == x.std()
    high = np.diff(x, 2) ** 2  # a seam would tick; the pieces join each 1024 samples
    assert high[1021:-1024:1024].mean() < 1.5 * high.mean()


@pytest.mark.parametrize("n", [0, 1, 1023, 1024, 1025, 20_000])
def test_noise_of_any_length_has_that_length(rng, n):
    assert n == len(signals.pink_noise(n, rng, sample_rate=RATE))
    assert n == len(signals.white_noise(n, rng))


def test_the_same_seed_gives_the_same_signal_and_another_does_not():
    def once(seed: int) -> list[np.ndarray]:
        rng = np.random.default_rng(seed)
        return [
            signals.pink_noise(5000, rng, sample_rate=RATE),
            signals.clicks(20_000, rng, sample_rate=RATE, per_second=5)[0],
            signals.key_taps(80_000, rng, sample_rate=RATE)[0],
            signals.music(8_000, rng, sample_rate=RATE),
            signals.syllable_train(9, rng, sample_rate=RATE, variation=0.4)[0],
        ]

    for a, b, c in zip(once(1), once(1), once(2), strict=True):
        np.testing.assert_array_equal(a, b)
        assert len(a) != len(c) or (a != c).any()


def test_hum_is_nothing_but_its_harmonics():
    power = np.abs(np.fft.rfft(signals.hum(RATE, sample_rate=RATE, fundamental_hz=60, n_harmonics=5, rms=0.1))) ** 2
    lines = power[[60, 120, 180, 240, 300]]
    assert pytest.approx(power.sum(), rel=1e-6) == lines.sum()
    assert (lines > 0).all()


def test_hum_leaves_out_what_lies_above_nyquist():
    """Analytic: 150 and 300 Hz remain; 450 Hz and more would be mirrored to 350, 200, 50, 100 and 250 Hz."""
    x = signals.hum(800, sample_rate=800, fundamental_hz=150, n_harmonics=7)
    assert pytest.approx(1.0, rel=1e-5) == np.sqrt(np.mean(x.astype(float) ** 2))
    assert [150, 300] == np.flatnonzero(np.abs(np.fft.rfft(x)) > 1.0).tolist()


def test_clicks_lie_where_they_are_said_to_and_nowhere_else(rng):
    x, positions = signals.clicks(50 * RATE, rng, sample_rate=RATE, per_second=2, peak=0.3)
    assert 60 < len(positions) < 140
    near = np.zeros(len(x), bool)
    for position in positions:
        near[position : position + RATE // 500] = True
    assert not x[~near].any()
    assert (np.abs(x[positions]) > 0.05).all()


def test_key_taps_come_in_runs_at_the_rate_of_typing(rng):
    x, positions = signals.key_taps(120 * RATE, rng, sample_rate=RATE, per_second=5, peak=0.1)
    gaps = np.diff(positions) / RATE
    assert pytest.approx(0.2, rel=0.25) == np.median(gaps)
    assert (gaps > 1.0).sum() >= 5  # pauses between runs
    assert 0.03 < np.abs(x).max() < 0.3


def test_ringing_keeps_its_cadence():
    """ITU-T E.180: 2 s on, 4 s off, 440 + 480 Hz."""
    x = signals.ringing(13 * RATE, sample_rate=RATE, rms=0.05)
    loud = np.sqrt((x.reshape(-1, RATE) ** 2).mean(axis=1))
    np.testing.assert_allclose([0.05, 0.05, 0, 0, 0, 0, 0.05, 0.05, 0, 0, 0, 0, 0.05], loud, atol=0.002)
    assert {440, 480} == set(np.argsort(np.abs(np.fft.rfft(x[:RATE])))[-2:].tolist())


def test_music_has_pitch_and_beat(rng):
    x = signals.music(8 * RATE, rng, sample_rate=RATE, rms=0.05)
    assert pytest.approx(0.05, rel=1e-3) == np.sqrt(np.mean(x.astype(float) ** 2))
    power = np.sort(np.abs(np.fft.rfft(x)) ** 2)[::-1]
    assert power[: len(power) // 20].sum() > 0.8 * power.sum()  # lines, not noise


@pytest.mark.parametrize("variation", [0.0, 0.4])
def test_a_syllable_train_swells_at_each_nucleus(rng, variation):
    x, nuclei = signals.syllable_train(40, rng, sample_rate=RATE, rate=4.0, variation=variation)
    assert 40 == len(nuclei)
    assert 10 * RATE == len(x)
    envelope = np.convolve(x.astype(float) ** 2, np.ones(160) / 160, mode="same")
    troughs = (nuclei[1:] + nuclei[:-1]) // 2
    assert np.median(10 * np.log10(envelope[nuclei[1:]] / envelope[troughs])) > 10
    spread = np.diff(nuclei).std() / np.diff(nuclei).mean()
    assert spread < 0.01 if variation == 0 else 0.15 < spread < 0.6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: signals.tone(5000, 10, sample_rate=RATE), "frequency_hz=5000 .* 4000 Hz"),
        (lambda rng: signals.tone(0, 10, sample_rate=RATE), "frequency_hz=0"),
        (lambda rng: signals.tone(100, -1, sample_rate=RATE), "n_samples=-1"),
        (lambda rng: signals.tone(100, 1, sample_rate=0), "sample_rate=0"),
        (lambda rng: signals.exponential_sweep(800, 200, 10, sample_rate=RATE), "start_hz=800 .* stop_hz=200"),
        (lambda rng: signals.shaped_noise(10, rng, sample_rate=RATE, shape=np.zeros_like), "shape leaves no"),
        (lambda rng: signals.hum(10, sample_rate=RATE, n_harmonics=0), "n_harmonics=0"),
        (lambda rng: signals.key_taps(10, rng, sample_rate=RATE, per_second=0), "per_second=0"),
        (lambda rng: signals.ringing(10, sample_rate=RATE, on_s=0), "on_s=0"),
        (lambda rng: signals.music(10, rng, sample_rate=RATE, tempo_bpm=0), "tempo_bpm=0"),
        (lambda rng: signals.syllable_train(0, rng, sample_rate=RATE), "n_syllables=0"),
    ],
)
def test_an_impossible_wish_is_refused_with_the_value_in_the_message(rng, call, message):
    with pytest.raises(ParameterError, match=message):
        call(rng)
