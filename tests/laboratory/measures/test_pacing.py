"""One call through a headset: the pacing figures of the clean reference are the truth."""

from dataclasses import replace

import numpy as np
import pytest

from cxaudio.laboratory.measures.headset_report import HeadsetReport, measure_headset
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take
from cxaudio.made.simulated_headset import SimulatedHeadset
from support.lab_takes import RATE, lab_take

pytestmark = pytest.mark.slow

KEYS = ("pacing.rate_percent", "pacing.speech_percent", "pacing.overlaps", "pacing.silence_s", "pacing.response_s")
QUIET_ENOUGH = SimulatedHeadset(sample_rate=RATE, noise_dbov=-80, delay_samples=900)


@pytest.fixture(scope="module")
def take() -> Take:
    return lab_take(QUIET_ENOUGH, Role.CALL)


def report_of(take: Take) -> HeadsetReport:
    return measure_headset(judge_takes("a", [take]))


def test_a_transparent_headset_moves_no_pacing_figure_and_its_latency_is_taken_out(take):
    report = report_of(take)
    assert report.figure("pacing.rate_percent").value == pytest.approx(0, abs=2)
    assert report.figure("pacing.speech_percent").value == pytest.approx(0, abs=2)
    assert report.figure("pacing.overlaps").value == 0
    assert report.figure("pacing.silence_s").value == pytest.approx(0, abs=0.3)
    assert report.figure("pacing.response_s").value == pytest.approx(0, abs=0.05)
    assert "latency taken out" in report.figure("pacing.overlaps").conditions


def test_a_gate_that_cuts_words_takes_speech_away():
    gated = lab_take(replace(QUIET_ENOUGH, gate_dbov=-22, gate_hold_s=0.02), Role.CALL)
    assert report_of(gated).figure("pacing.speech_percent").value < -10


def test_the_agents_side_alone_is_enough_where_it_is_the_protocols_own(take):
    """As `cxaudio headset signals` writes it: one channel, rounded to 16 bit."""
    assert take.played is not None
    rounded = (np.round(take.played * 32_768) / 32_768).astype(np.float32)
    report = report_of(replace(take, played=rounded, other_side=None))
    assert report.figure("pacing.overlaps").value == 0


def test_another_call_of_one_channel_withholds_every_figure(take):
    assert take.played is not None
    other = replace(take, played=take.played * np.float32(0.5), other_side=None)
    report = report_of(other)
    sentences = {report.figure(key).withheld for key in KEYS}
    assert {"what was played in call-1.wav has one channel; give agent and customer as left and right of "
            "call-1.played.wav"} == sentences  # fmt: skip
