"""A side's own pace: what most of its first speech says, with an error that only shrinks and that no step passes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxaudio.analysis.baseline import Baseline
from cxaudio.analysis.piece_row import Piece

FIXED, VARIATION = 0.06, 0.5


def spoken(*nuclei: int) -> list[Piece]:
    """Pieces of one second each."""
    return [Piece(100 * k, 100 * k + 100, n, 100) for k, n in enumerate(nuclei)]


def learnt(pieces: list[Piece], *, fixed: float = FIXED) -> list[tuple[float, float]]:
    """Rate and error after each piece, from the first syllable on."""
    baseline, said = Baseline(), []
    for n in range(1, len(pieces) + 1):
        if sum(piece.nuclei for piece in pieces[:n]):
            baseline.learn(pieces[:n], fixed=fixed, variation=VARIATION)
        if baseline.rate is not None and baseline.std_error is not None:
            said.append((baseline.rate, baseline.std_error))
    return said


def test_a_steady_talker_has_the_rate_that_was_spoken_and_the_error_of_its_count():
    """Analytic: 150 syllables in 30 s, all stretches alike."""
    rate, std_error = learnt(spoken(*[5] * 30))[-1]
    assert 5.0 == pytest.approx(rate)
    assert 5.0 * math.hypot(FIXED, VARIATION / math.sqrt(150)) == pytest.approx(std_error)


def test_the_slowest_and_the_fastest_quarter_do_not_count():
    """By hand: stretches of 2, 4, 6 and 9 syllables/s; the middle half is those of 4 and 6."""
    baseline = Baseline()
    baseline.learn(spoken(*[2] * 3, *[9] * 3, *[4] * 3, *[6] * 3), fixed=FIXED, variation=VARIATION)
    assert 5.0 == baseline.rate


def test_stretches_that_differ_make_it_less_sure_than_their_count_does():
    even, uneven = Baseline(), Baseline()
    even.learn(spoken(*[5] * 30), fixed=FIXED, variation=VARIATION)
    uneven.learn(spoken(*[2, 2, 2, 8, 8, 8] * 5), fixed=FIXED, variation=VARIATION)
    assert 5.0 == uneven.rate
    assert uneven.std_error > 1.5 * even.std_error


def test_what_is_stored_stays():
    stored = Baseline(4.2, 0.3)
    assert stored.done
    assert (4.2, 0.3) == (stored.rate, stored.std_error)


@settings(max_examples=300, deadline=None)
@given(
    nuclei=st.lists(st.integers(0, 12), min_size=1, max_size=40),
    speech=st.lists(st.integers(20, 100), min_size=40, max_size=40),
    fixed=st.lists(st.floats(0.0, 0.3), min_size=40, max_size=40),
)
def test_no_step_is_larger_than_the_error_then_stated_and_the_error_never_grows(nuclei, speech, fixed):
    """The noise may change, too: `fixed` is another one each time."""
    pieces = [Piece(100 * k, 100 * k + s, n, s) for k, (n, s) in enumerate(zip(nuclei, speech, strict=False))]
    baseline = Baseline()
    before: tuple[float, float] | None = None
    for n in range(1, len(pieces) + 1):
        if not sum(piece.nuclei for piece in pieces[:n]):
            continue
        baseline.learn(pieces[:n], fixed=fixed[n - 1], variation=VARIATION)
        if baseline.rate is None or baseline.std_error is None:
            continue
        if before is not None:
            assert abs(baseline.rate - before[0]) <= baseline.std_error * (1 + 1e-9)
            assert baseline.std_error <= before[1]
        before = baseline.rate, baseline.std_error


def test_talkers_of_one_pace_and_many_words_end_near_their_pace():
    """Syllables of each second by chance (seed 3): 9 of 10 intervals of 1.645 errors hold the rate that was set."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(300):
        own = rng.uniform(3.5, 7.0)
        counted = own * math.exp(rng.normal(0, FIXED))
        rate, std_error = learnt(spoken(*np.rint(rng.normal(counted, VARIATION * math.sqrt(counted), 30)).astype(int)))[
            -1
        ]
        held += abs(rate - own) <= 1.645 * std_error
    assert 0.87 <= held / 300 <= 0.95
