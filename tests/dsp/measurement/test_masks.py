"""Masks: points as published, lines in dB over log f, and where a floating response comes to lie."""

import numpy as np
import pytest

from dsp.core.errors import ParameterError
from dsp.measurement.masks import (
    MASKS,
    MICROSOFT_PREMIUM,
    MICROSOFT_STANDARD,
    WIDEBAND_RECEIVE,
    WIDEBAND_SEND,
    check_mask,
)
from dsp.measurement.octave_bands import octave_bands

THIRDS = octave_bands(100, 8_000).centres_hz


def test_the_wideband_send_mask_is_that_of_the_standard():
    """Published: 3GPP TS 26.131 Release 18, table 9; 3550 Hz lies between points, on flat lines."""
    upper, lower = WIDEBAND_SEND.limits(np.array([99.0, 100, 200, 3550, 5000, 6300, 8000, 8100]))
    assert upper.tolist() == [np.inf, 0, 5, 5, 5, 5, 5, np.inf]
    assert lower.tolist() == [-np.inf, -np.inf, -5, -5, -5, -10, -np.inf, -np.inf]


def test_the_wideband_receive_mask_is_that_of_the_standard():
    """Published: 3GPP TS 26.131 Release 18, table 10."""
    table = [  # Hz, upper dB, lower dB
        (125, 8, -np.inf),
        (200, 8, -12),
        (250, 8, -9),
        (315, 7, -6),
        (400, 6, -6),
        (5000, 6, -6),
        (6300, 6, -9),
        (8000, 6, -np.inf),
    ]
    hertz, upper, lower = np.array(table, float).T
    for expected, actual in zip((upper, lower), WIDEBAND_RECEIVE.limits(hertz), strict=True):
        np.testing.assert_array_equal(expected, actual)
    outside = WIDEBAND_RECEIVE.limits(np.array([124.0, 8100]))
    assert ([np.inf, np.inf], [-np.inf, -np.inf]) == tuple(limit.tolist() for limit in outside)


def test_lines_are_straight_over_the_logarithm_of_frequency():
    """Analytic: half-way in log f between 100 and 200 Hz lies half of 0 and 5 dB."""
    assert WIDEBAND_SEND.limits(np.array([np.sqrt(100 * 200)]))[0][0] == pytest.approx(2.5)
    assert WIDEBAND_RECEIVE.limits(np.array([np.sqrt(5000 * 6300)]))[1][0] == pytest.approx(-7.5)


def test_the_microsoft_masks_are_as_published():
    """Published: Microsoft, Speech platform, input device recommendations; none below 200 Hz or above 7000 Hz."""
    hertz = np.array([195.0, 200, 300, 5000, 6300, 7000, 7100])
    upper, lower = MICROSOFT_PREMIUM.limits(hertz)
    assert (upper.tolist(), lower.tolist()) == ([np.inf, *5 * [3], np.inf], [-np.inf, -6, *4 * [-3], -np.inf])
    upper, lower = MICROSOFT_STANDARD.limits(hertz)
    assert (upper.tolist(), lower.tolist()) == ([np.inf, *5 * [6], np.inf], [-np.inf, -9, *3 * [-6], *2 * [-np.inf]])


@pytest.mark.parametrize("mask", MASKS, ids=lambda mask: mask.name)
def test_a_flat_response_passes_at_any_level(mask):
    for level in (-40.0, 0.0, 17.0):
        found = check_mask(THIRDS, np.full(len(THIRDS), level), mask)
        assert found.passed
        assert found.offset_db == pytest.approx(check_mask(THIRDS, np.zeros(len(THIRDS)), mask).offset_db - level)


def test_a_floating_response_lies_where_its_least_margin_is_largest():
    """Independent of the closed form: every offset is tried."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        response = rng.normal(0, 3, len(THIRDS)) + 12
        upper, lower = WIDEBAND_SEND.limits(THIRDS)
        offsets = np.arange(-30, 10, 0.01)[:, None]
        margins = np.minimum(upper - response - offsets, response + offsets - lower).min(axis=1)
        found = check_mask(THIRDS, response, WIDEBAND_SEND)
        assert found.margin_db == pytest.approx(margins.max(), abs=0.01)
        assert found.passed == (found.margin_db >= 0)


def test_the_worst_violation_is_named_with_its_frequency():
    response = np.zeros(len(THIRDS))
    peak = int(np.argmin(np.abs(THIRDS - 3_150)))
    response[peak] = 14.0
    found = check_mask(THIRDS, response, WIDEBAND_SEND)
    # The upper limit leaves 0 dB at 100 Hz, so the response cannot sink further than its peak asks: (5 - 14 + 5) / 2.
    assert not found.passed
    assert found.margin_db == pytest.approx(-2.0)
    assert found.worst_hz == pytest.approx(THIRDS[peak])


def test_a_fixed_mask_does_not_move_the_response():
    found = check_mask(THIRDS, np.full(len(THIRDS), -7.0), MICROSOFT_STANDARD, floating=False)
    assert (found.passed, found.offset_db) == (False, 0.0)
    assert found.margin_db == pytest.approx(-1.0)


def test_what_is_not_known_is_left_out_and_told():
    response = np.zeros(len(THIRDS))
    response[THIRDS > 3_000] = np.nan
    found = check_mask(THIRDS, response, MICROSOFT_PREMIUM)
    assert found.passed
    inside = (THIRDS >= 199) & (THIRDS <= 7_000)  # the band of 200 Hz has its centre at 199.5
    assert found.coverage == pytest.approx((inside & (THIRDS <= 3_000)).sum() / inside.sum())
    with pytest.raises(ParameterError, match="none of the frequencies"):
        check_mask(THIRDS, np.full(len(THIRDS), np.nan), MICROSOFT_PREMIUM)


def test_every_mask_names_its_source():
    assert all(mask.source and mask.name for mask in MASKS)


def test_the_exact_centres_of_the_end_bands_count_as_their_nominal_frequencies():
    """The band of 6300 Hz has its centre at 6309.6 Hz, and that of 200 Hz at 199.5: both have a lower limit."""
    _, lower = WIDEBAND_SEND.limits(np.array([199.53, 6309.57]))
    assert lower.tolist() == pytest.approx([-5, -10])
    response = np.where(THIRDS > 6_000, -30.0, 0.0)
    assert check_mask(THIRDS, response, WIDEBAND_SEND).worst_hz == pytest.approx(6_309.57, abs=0.1)
