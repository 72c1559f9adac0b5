"""How far a side's sound lets its syllables be counted, and that the report withholds a rate that it does not."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from cxaudio.analysis.settling.rate_trust import rate_trust
from support.demo_call import noisy_talk
from support.settled_call import analysed, rows_of

NOTHING_LOST, NOT_CLIPPED = (0.0, 0.0), (None, None)


def test_loss_and_clipping_lower_the_trust_of_their_own_side():
    rows = rows_of(noisy_talk()[0])
    speaking = rows.speaking
    assert (1.0, 1.0) == rate_trust(rows, speaking, lost=NOTHING_LOST, clipped=NOT_CLIPPED)
    assert (0.65, 1.0) == pytest.approx(rate_trust(rows, speaking, lost=(0.1, 0.0), clipped=(0.2, None)))
    agent, customer = rate_trust(rows, speaking, lost=(0.0, 0.4), clipped=(0.65, None))
    assert agent == pytest.approx(0.44)
    assert customer == 0.0


def test_a_band_that_ends_at_two_kilohertz_is_less_sure():
    x = np.stack([sosfilt(butter(8, 2_000, fs=8_000, output="sos"), row) for row in noisy_talk()[0]])
    rows = rows_of(x.astype(np.float32))
    assert (0.8, 0.8) == rate_trust(rows, rows.speaking, lost=NOTHING_LOST, clipped=NOT_CLIPPED)


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
