"""What makes a side's rates less sure, and that the report withholds a rate that is of no use for it."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from cxaudio.analysis.rate_error import SoundFaults
from cxaudio.analysis.settling.sound_faults import find_sound_faults
from support.demo_call import noisy_talk
from support.settled_call import analysed, rows_of

NOTHING_LOST, NOT_CLIPPED, AS_IT_WAS = (0.0, 0.0), (None, None), (False, False)


def test_loss_clipping_and_suppression_are_taken_over_for_their_own_side():
    rows = rows_of(noisy_talk()[0])
    assert (SoundFaults(), SoundFaults()) == find_sound_faults(
        rows, rows.speaking, lost=NOTHING_LOST, clipped=NOT_CLIPPED, suppressed=AS_IT_WAS, gated=AS_IT_WAS
    )
    assert (
        SoundFaults(lost=0.1, clipped=0.2, gated=True),
        SoundFaults(lost=0.4, suppressed=True),
    ) == find_sound_faults(
        rows, rows.speaking, lost=(0.1, 0.4), clipped=(0.2, None), suppressed=(False, True), gated=(True, False)
    )


def test_a_band_that_ends_at_two_kilohertz_is_narrow():
    x = np.stack([sosfilt(butter(8, 2_000, fs=8_000, output="sos"), row) for row in noisy_talk()[0]])
    rows = rows_of(x.astype(np.float32))
    assert (SoundFaults(narrow=True), SoundFaults(narrow=True)) == find_sound_faults(
        rows, rows.speaking, lost=NOTHING_LOST, clipped=NOT_CLIPPED, suppressed=AS_IT_WAS, gated=AS_IT_WAS
    )


@pytest.mark.slow
def test_a_fifth_of_the_packets_lost_leaves_the_rate_unknown():
    talk = noisy_talk()[0].copy()
    rng = np.random.default_rng(5)
    lost = np.repeat(rng.random(talk.shape[1] // 160 + 1) < 0.2, 160)[: talk.shape[1]]  # of 20 ms each
    talk[1, lost] = 0.0
    report = analysed(talk)[0]
    assert report.agent.articulation_rate is not None
    assert report.customer.articulation_rate is None
    assert report.customer.speaking_rate is None
    assert all(turn.articulation_rate is None for turn in report.customer.turns)
    assert all(rate.syllables_per_s is None for rate in report.rates if rate.side == 1)
