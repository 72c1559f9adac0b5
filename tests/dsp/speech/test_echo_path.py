"""Lag, gain and prediction of a copy, on band levels in which it is known."""

import numpy as np
import pytest

from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS
from dsp.speech.echo_path import TAIL, band_power, fit_echo, lag_sums, moving_mean, sounding, total_db, trailing_max

FLOOR = np.full(N_BANDS, -75.0, np.float32)


def voice(n_rows: int, seed: int, *, answers: bool = False) -> Float32:
    """Band levels of somebody who talks in turns of 2 to 4 s: sounds of 100 ms, each with bands of its own.

    Who answers talks while the other is silent, and now and then for half a second into it.
    """
    rng = np.random.default_rng(seed)
    sounds = rng.normal(-38, 9, (n_rows // 5 + 1, N_BANDS)).repeat(5, axis=0)[:n_rows]
    row = np.arange(n_rows)
    talks = (row % 260 >= 130) | (row % 520 // 25 == 2) if answers else row % 260 < 130
    levels = np.where(talks[:, None], sounds, -200.0)
    return together(levels, FLOOR + rng.normal(0, 2, (n_rows, N_BANDS)))


def together(*levels: np.ndarray) -> Float32:
    """Levels of sounds that add up in power."""
    return (10 * np.log10(sum(10 ** (each / 10) for each in levels))).astype(np.float32)


def late(far: Float32, lag: int, gain_db: Float32 | float) -> Float32:
    return np.concatenate((np.full((lag, N_BANDS), -200, np.float32), far[: len(far) - lag] + gain_db))


def sums(near: Float32, far: Float32, n_lags: int, block: int):
    lead = np.full((n_lags - 1, N_BANDS), -110, np.float32)
    earlier = np.concatenate((lead, far))
    power = band_power(earlier)
    on = sounding(power, FLOOR, np.zeros(len(earlier), np.bool_))
    return lag_sums(
        near,
        earlier,
        near_power=band_power(near),
        far_power=power,
        near_floor_db=FLOOR,
        far_floor_db=FLOOR,
        far_sounds=on,
        block=block,
        n_lags=n_lags,
    )


@pytest.mark.parametrize("lag", [0, 7, 74])
def test_patterns_agree_at_the_lag_of_the_copy_and_at_no_other(lag: int):
    far = voice(1_500, 1)
    near = together(late(far, lag, -15.0), voice(1_500, 2, answers=True))
    found = sums(near, far, 76, 250)
    whole = type(found)(*(part.sum(axis=0, keepdims=True) for part in found)).correlation()[0]
    assert np.argmax(whole) == lag
    assert whole[lag] > 0.5
    assert np.abs(np.delete(whole, slice(max(lag - 6, 0), lag + 7))).max() < 0.2


def test_sums_by_blocks_are_those_of_the_whole():
    """Analytic: a correlation is a sum over rows, so blocks add up."""
    far = voice(1_000, 1)
    near = together(late(far, 12, -20.0), voice(1_000, 2, answers=True))
    for one, many in zip(sums(near, far, 40, 1_000), sums(near, far, 40, 250), strict=True):
        np.testing.assert_allclose(many.sum(axis=0), one[0], rtol=1e-3, atol=1.0)


def fit(near: Float32, far: Float32, lag: int):
    earlier = np.concatenate((np.full((lag + TAIL, N_BANDS), -110, np.float32), far, far[-1:]))
    on = sounding(band_power(earlier), FLOOR, np.zeros(len(earlier), np.bool_))
    return fit_echo(near, earlier, lag, near_power=band_power(near), near_floor_db=FLOOR, far_sounds=on)


def test_the_gain_of_each_band_is_measured():
    """Analytic: each band has a gain of its own, and the near side's own speech over it changes nothing."""
    far, own = voice(1_500, 1), voice(1_500, 2, answers=True)
    gain_db = np.linspace(-12, -24, N_BANDS).astype(np.float32)
    found = fit(together(late(far, 9, gain_db), own), far, 9)
    assert found is not None
    np.testing.assert_allclose(found.gain_db, gain_db, atol=1.5)
    assert found.envelope > 0.9
    assert found.correlation > 0.65


def test_a_row_of_the_copy_is_explained_and_one_of_own_speech_is_not():
    far, own = voice(1_500, 1), voice(1_500, 2, answers=True)
    found = fit(together(late(far, 9, -15.0), own), far, 9)
    assert found is not None
    copy = total_db(late(far, 9, -15.0)) > -50
    speech = total_db(own) > -30
    assert np.mean(found.excess_db[copy & ~speech] > 6.0) < 0.1  # rows beside own speech share its mean over 100 ms
    assert np.mean(found.excess_db[speech] > 6.0) > 0.95
    assert np.mean(found.audible[copy]) > 0.95


def test_too_little_to_compare_gives_no_fit():
    silent = np.repeat(FLOOR[None], 750, axis=0)
    assert fit(silent, silent, 9) is None


def test_moving_mean_and_trailing_max_are_those_of_their_windows():
    x = np.random.default_rng(4).random(50).astype(np.float32)
    for width in (1, 3, 7):
        half = width // 2
        expected = [x[max(k - half, 0) : k + half + 1].mean() for k in range(len(x))]
        np.testing.assert_allclose(moving_mean(x, width), expected, rtol=1e-5)
        np.testing.assert_array_equal(
            trailing_max(x, width), [x[max(k - width + 1, 0) : k + 1].max() for k in range(len(x))]
        )
