"""The led measurement through a private sound server: a virtual loop has a steady latency and no skew."""

import numpy as np
import pytest

from cxaudio.laboratory.measures.headset_report import measure_headset
from cxaudio.laboratory.takes.deck import Deck
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.signals import marker
from cxaudio.laboratory.takes.take import Take
from dsp.measurement.delay import track_delay
from dsp.measurement.skew import clock_skew
from support.audio_server import MICROPHONE, MICROPHONE_FEED, AudioServer

pytestmark = pytest.mark.audio_server

N_MARKERS, STEP_S = 5, 1.5  # farther apart than the loop is late


@pytest.fixture
def loop(audio_server: AudioServer):
    """A deck whose output is what its microphone hears."""
    from cxaudio.devices.soundcard import open_sound_system

    system = open_sound_system()
    devices = {device.name: device for device in system.devices()}
    yield Deck(system, devices[MICROPHONE]), devices[MICROPHONE_FEED]
    system.close()


def test_a_virtual_loop_has_no_skew(loop):
    """One clock drives both directions of the server: whatever is found is the estimator's own error."""
    deck, feed = loop
    rate = deck.sample_rate
    markers = np.tile(np.pad(marker(rate), (0, round((STEP_S - 0.5) * rate))), N_MARKERS)
    for _ in range(3):  # a busy machine loses sound, says so, and is asked again
        recorded = deck.record(N_MARKERS * STEP_S + 0.5, play=markers, output=feed, block_ms=100.0)
        if not recorded.overflows + recorded.underruns:
            break
    delays = track_delay(markers, recorded.samples, rate, step_s=STEP_S, window_s=0.5, most_s=0.9, around_s=0.4)
    if not recorded.overflows + recorded.underruns:
        found = clock_skew(delays, STEP_S)
        assert found.ppm == pytest.approx(0, abs=1)
        assert found.slips == ()
        assert np.ptp(delays) * rate < 0.1
    assert np.abs(recorded.samples).max() == pytest.approx(0.3, abs=0.02)


def test_each_opening_of_a_virtual_loop_tells_its_latency(loop):
    deck, feed = loop
    takes = []
    for number in (1, 2):
        recorded = deck.record(1.2, play=marker(deck.sample_rate), output=feed, block_ms=20.0)
        takes.append(
            Take(
                role=Role.OPENING,
                number=number,
                name=f"opening-{number}.wav",
                samples=recorded.samples,
                sample_rate=recorded.sample_rate,
            )
        )
    report = measure_headset(judge_takes("loop", takes))
    assert len(report.openings_ms) == 2
    assert all(5 < each < 1_000 for each in report.openings_ms)
    assert "2 openings" in report.figure("latency.median_ms").conditions
