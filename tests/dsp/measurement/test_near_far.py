"""Near and far talkers at levels that are known."""

import numpy as np
import pytest

from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.core.errors import ParameterError
from dsp.measurement.near_far import Talkers, find_near_far
from support.speech_like import speech_like

RATE = 16_000


def _talkers(headset: SimulatedHeadset, seed: int, *, ambient: bool = True) -> Talkers:
    rng = np.random.default_rng(seed)
    near = speech_like(8, np.random.default_rng(1), sample_rate=RATE, rms=0.1)
    far = speech_like(8, np.random.default_rng(2), sample_rate=RATE, rms=0.1)
    return Talkers(
        near=headset.record(rng, mouth=near),
        far=headset.record(rng, room=far),
        ambient=headset.record(rng, mouth=np.zeros(4 * RATE)) if ambient else None,
    )


def test_discrimination_is_that_of_the_device_over_the_reference():
    device = _talkers(SimulatedHeadset(sample_rate=RATE, far_db=-26, noise_dbov=-90), 3)
    reference = _talkers(SimulatedHeadset(sample_rate=RATE, far_db=-12, noise_dbov=-90), 4)
    found = find_near_far(device, RATE, reference=reference)
    assert found.with_reference
    assert found.n_bands == 11
    assert found.mean_db == pytest.approx(14, abs=0.3)
    assert not found.at_least.any()
    np.testing.assert_allclose(found.difference_db[found.bands.within(300, 3_400)], 14, atol=0.5)


def test_the_response_of_the_device_cancels():
    tilted = ((100, 6.0), (1_000, 0.0), (8_000, -9.0))
    device = _talkers(SimulatedHeadset(sample_rate=RATE, far_db=-26, response=tilted), 5)
    reference = _talkers(SimulatedHeadset(sample_rate=RATE, far_db=-12), 6)
    assert find_near_far(device, RATE, reference=reference).mean_db == pytest.approx(14, abs=0.3)


def test_without_a_reference_the_raw_difference_is_told():
    found = find_near_far(_talkers(SimulatedHeadset(sample_rate=RATE, far_db=-20), 7, ambient=False), RATE)
    assert not found.with_reference
    assert found.mean_db == pytest.approx(20, abs=1)  # two talkers of the same kind differ by chance


def test_a_far_talker_lost_in_noise_gives_a_lower_bound():
    device = _talkers(SimulatedHeadset(sample_rate=RATE, far_db=-60, noise_dbov=-62), 8)
    reference = _talkers(SimulatedHeadset(sample_rate=RATE, far_db=-12, noise_dbov=-95), 9)
    found = find_near_far(device, RATE, reference=reference)
    inside = found.bands.within(1_000, 3_400)
    assert found.at_least[inside].all()
    assert (found.difference_db[inside] < 48).all()
    assert found.mean_at_least


def test_a_near_talker_lost_in_noise_is_refused_in_a_sentence():
    with pytest.raises(ParameterError, match="talk louder"):
        find_near_far(_talkers(SimulatedHeadset(sample_rate=RATE, noise_dbov=0.0), 10), RATE)
