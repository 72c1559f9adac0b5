"""What a take hides costs the figures that it spoils, and a sentence says so."""

from dataclasses import replace

import numpy as np
import pytest

from cxaudio.laboratory.measures.headset_report import HeadsetReport, measure_headset
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take
from cxaudio.made.simulated_headset import SimulatedHeadset
from support.lab_takes import RATE, lab_take, lab_takes

pytestmark = pytest.mark.slow

HEADSET = SimulatedHeadset(
    sample_rate=RATE,
    response=((100, -8.0), (200, -3.0), (400, 0.0), (1_500, 0.0), (3_000, 5.0), (5_000, 0.0), (8_000, -4.0)),
    bandwidth_hz=6_900,
    quadratic=0.02,
    noise_dbov=-75,
    delay_samples=1_200,
    far_db=-22,
)
SPOKEN_AND_SWEPT = (Role.SPEECH, Role.SWEEP_LOUD, Role.SWEEP_SOFT)


@pytest.fixture(scope="module")
def takes() -> dict[Role, Take]:
    return {role: lab_take(HEADSET, role) for role in SPOKEN_AND_SWEPT}


def report_of(takes: dict[Role, Take], **spoilt: np.ndarray) -> HeadsetReport:
    given = [
        replace(take, samples=spoilt[role.name].astype(np.float32)) if role.name in spoilt else take
        for role, take in takes.items()
    ]
    return measure_headset(judge_takes("a", given))


def clipped(take: Take) -> np.ndarray:
    return np.clip(np.round(take.samples * 1.35 * 32768), -32768, 32767) / 32768


def cut(take: Take, at_s: float) -> np.ndarray:
    at = round(at_s * RATE)
    return np.delete(take.samples, slice(at, at + RATE // 100))


def test_a_clipped_sweep_leaves_the_response_to_speech(takes):
    found = report_of(takes, SWEEP_LOUD=clipped(takes[Role.SWEEP_LOUD]))
    for key in ("thd.at_1khz_percent", "compression.db", "response.sweep_vs_speech_db"):
        assert "sweep-loud-1.wav is clipped at 0.0 dBov" in found.figure(key).withheld
    assert "clipped" in found.curve("response").withheld
    assert "by speech" in found.figure("response.deviation_db").conditions
    assert "by speech" in found.figure("mask.wideband_send_db").conditions
    assert not any("time-variant" in note for note in found.notes)


def test_clipped_speech_leaves_the_response_to_the_sweep(takes):
    found = report_of(takes, SPEECH=np.clip(takes[Role.SPEECH].samples, -0.2, 0.2))
    assert "by sweep" in found.figure("response.deviation_db").conditions
    assert "clipped" in found.curve("response_speech").withheld
    assert found.figure("thd.at_1khz_percent").value is not None


def test_without_one_good_take_there_is_no_response(takes):
    loud, speech = takes[Role.SWEEP_LOUD], takes[Role.SPEECH]
    found = report_of(takes, SWEEP_LOUD=clipped(loud), SPEECH=np.clip(speech.samples, -0.2, 0.2))
    assert "clipped" in found.figure("response.deviation_db").withheld
    assert "clipped" in found.figure("mask.microsoft_premium_db").withheld


def test_sound_cut_out_is_a_drop_out_and_spoils_its_sweep(takes):
    found = report_of(takes, SPEECH=cut(takes[Role.SPEECH], 12.3), SWEEP_LOUD=cut(takes[Role.SWEEP_LOUD], 3.0))
    lost = found.figure("dropouts.per_5min")
    assert lost.count.events == 2
    assert "10 ms were cut out at 12." in lost.text
    assert "of speech-1.wav" in lost.text
    assert found.figure("dropouts.total_ms").value == pytest.approx(20, abs=1.5)
    assert "cut out" in found.figure("thd.at_1khz_percent").withheld
    assert "cut out" in found.figure("response.deviation_db").withheld


def test_a_sweep_turned_down_as_a_whole_tells_no_distortion(takes):
    found = report_of(takes, SWEEP_LOUD=takes[Role.SWEEP_LOUD].samples * 10 ** (-15 / 20))
    assert found.figure("response.sweep_vs_speech_db").value == pytest.approx(15, abs=0.5)
    assert "time-variant" in found.figure("thd.at_1khz_percent").withheld
    assert "by speech" in found.figure("response.deviation_db").conditions
    assert (
        "the sweep comes 15 dB softer than speech would: steady sound is turned down, as a noise suppressor does"
        in (found.notes)
    )


@pytest.mark.parametrize("skew", [-140.0, 23.0])
def test_latency_is_that_of_the_beginning_whatever_the_clocks_do(skew):
    headset = replace(HEADSET, skew_ppm=skew)
    found = measure_headset(judge_takes("a", lab_takes([headset], roles=(Role.MARKERS, Role.OPENING), n_openings=4)))
    assert found.figure("latency.min_ms").value == pytest.approx(75, abs=0.01)
    alone = measure_headset(judge_takes("a", [lab_take(headset, Role.MARKERS)])).figure("latency.median_ms")
    assert alone.value == pytest.approx(75, abs=0.01)


def test_latency_of_few_openings_is_as_sure_as_they_are_alike():
    openings = [lab_take(HEADSET, Role.OPENING, number) for number in (1, 2, 3)]
    several = measure_headset(judge_takes("a", openings)).figure("latency.median_ms")
    # 76, 77, 78 ms: 1.2533 times one millisecond by the root of three, times Student's 4.3
    assert several.half_width == pytest.approx(4.303 * 1.2533 / np.sqrt(3), rel=0.02)
    one = measure_headset(judge_takes("a", openings[:1])).figure("latency.median_ms")
    assert one.estimate.assumed
    assert one.half_width == pytest.approx(1.96 * 5, rel=0.01)
    assert "taken to differ by 5 ms" in one.conditions
