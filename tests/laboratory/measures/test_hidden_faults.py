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
    """Clip at three quarters of the peak; the gain stays, which the noise would tell."""
    top = 0.75 * float(np.abs(take.samples).max())
    return np.clip(take.samples, -top, top)


def turned_down(take: Take, db: float) -> np.ndarray:
    """Turn down the sound, and leave the noise behind it."""
    end = round(5.3 * RATE)
    return np.concatenate((take.samples[:end] * 10 ** (-db / 20), take.samples[end:]))


def cut(take: Take, at_s: float) -> np.ndarray:
    at = round(at_s * RATE)
    return np.delete(take.samples, slice(at, at + RATE // 100))


def test_a_clipped_sweep_leaves_the_response_to_speech(takes):
    found = report_of(takes, SWEEP_LOUD=clipped(takes[Role.SWEEP_LOUD]))
    for key in ("thd.at_1khz_percent", "compression.db", "response.sweep_vs_speech_db"):
        assert "sweep-loud-1.wav is clipped at" in found.figure(key).withheld
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
    found = report_of(takes, SWEEP_LOUD=turned_down(takes[Role.SWEEP_LOUD], 15))
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


def tone_report(factor: np.ndarray | float) -> HeadsetReport:
    take = lab_take(HEADSET, Role.TONE)
    return measure_headset(judge_takes("a", [replace(take, samples=(take.samples * factor).astype(np.float32))]))


def test_a_tone_that_is_turned_down_says_so_in_plain_words():
    t = np.arange(len(lab_take(HEADSET, Role.TONE).samples)) / RATE
    down = tone_report(np.interp(t, [0.0, 0.68, 0.73, 9.0], [1.0, 1.0, 0.126, 0.126])).figure("thd_n.percent")
    assert down.withheld == (
        "tone-1.wav: the tone is turned down by 18 dB after 0.6 s, as a noise suppressor does, so that its distortion "
        "is not known"
    )
    up = tone_report(np.interp(t, [0.0, 1.0, 1.3, 9.0], [0.3, 0.3, 0.9, 0.9])).figure("thd_n.percent")
    assert "turned up by 10 dB" in up.withheld


def test_a_tone_that_is_missing_says_so_in_plain_words():
    take = lab_take(HEADSET, Role.TONE)
    noise = np.random.default_rng(1).normal(0, 0.01, len(take.samples)).astype(np.float32)
    found = measure_headset(judge_takes("a", [replace(take, samples=noise)])).figure("thd_n.percent")
    assert found.withheld == "tone-1.wav: no tone of 997 Hz stands out for 0.4 s; record it again"


def test_thd_n_is_as_sure_as_its_parts_are_alike():
    """Analytic: 0.02 x^2 at 0.447 leaves 0.447 %, and noise of -45 dBov in 6.9 of 8 kHz as much as it has power."""
    noisy = replace(HEADSET, response=((20, 0.0), (8_000, 0.0)), noise_dbov=-45, bandwidth_hz=None)
    for headset, noise in ((replace(noisy, noise_dbov=None), 0.0), (noisy, 10 ** (-45 / 10) * 6_900 / 8_000)):
        found = measure_headset(judge_takes("a", [lab_take(headset, Role.TONE)])).figure("thd_n.percent")
        power = 0.447**2 / 2
        truth = 100 * np.sqrt(((0.01 * 0.447) ** 2 * power + noise) / power)
        assert found.value == pytest.approx(truth, rel=0.01)
        assert found.estimate.systematic < 0.05 * truth


def test_near_over_far_is_that_of_the_paths_and_not_of_the_words():
    """The far take holds the first 18 of the near one's 22 s."""
    straight = replace(HEADSET, quadratic=0.0)
    takes = lab_takes([straight], roles=(Role.QUIET, Role.SPEECH, Role.FAR))
    found = measure_headset(judge_takes("a", takes)).figure("near_far.mean_db")
    assert found.value == pytest.approx(22, abs=0.05)
    assert found.known is None
    takes = lab_takes([replace(straight, noise_dbov=-55)], roles=(Role.QUIET, Role.SPEECH, Role.FAR))
    partly = measure_headset(judge_takes("a", takes)).figure("near_far.mean_db")
    assert partly.value == pytest.approx(22, abs=0.2)
    assert partly.known.endswith("of 11 bands")


def test_markers_are_read_behind_a_steep_high_pass():
    """Its phase blurs the correlation over milliseconds, which is no second arrival."""
    from scipy.signal import butter, sosfilt

    steep = butter(4, 260, "high", fs=RATE, output="sos")
    takes = lab_takes([replace(HEADSET, skew_ppm=19)], roles=(Role.MARKERS, Role.OPENING), n_openings=4)
    filtered = [replace(take, samples=sosfilt(steep, take.samples).astype(np.float32)) for take in takes]
    found = measure_headset(judge_takes("a", filtered))
    assert found.figure("clock.skew_ppm").value == pytest.approx(19, abs=0.02)
    assert found.figure("latency.min_ms").value == pytest.approx(75, abs=0.5)
    assert len(found.openings_ms) == 4


def test_an_offset_is_no_speech():
    plain, moved = (
        measure_headset(judge_takes("a", [lab_take(replace(HEADSET, offset=offset), Role.SPEECH)]))
        for offset in (0.0, 0.003)
    )
    for key in ("level.active_dbov", "level.activity_percent"):
        assert moved.figure(key).value == pytest.approx(plain.figure(key).value, abs=0.2)


def test_gain_control_leaves_the_noise_as_that_of_silence():
    roles = (Role.QUIET, Role.SPEECH, Role.LEVELS, Role.TONE, Role.SWEEP_LOUD, Role.EARPIECE)
    headset = replace(HEADSET, control_slope=0.5, coupling_db=-38)
    found = measure_headset(judge_takes("a", lab_takes([headset], roles=roles)))
    noise = found.figure("noise.a_weighted_dbov")
    assert (noise.bound, noise.known) == ("at_most", "at the gain that gain control gives silence")
    for key in ("coupling.weighted_db", "thd_n.percent", "thd.worst_percent", "snr.quiet_db"):
        assert "gain control was found" in found.figure(key).withheld, key
    assert "by speech" in found.figure("response.deviation_db").conditions


def test_a_gate_bounds_what_it_hides_and_wins_nothing():
    roles = (Role.QUIET, Role.SPEECH, Role.EARPIECE)
    headset = replace(HEADSET, noise_dbov=-62, gate_dbov=-50, gate_depth_db=20, gate_hold_s=0.1, coupling_db=-20)
    found = measure_headset(judge_takes("a", lab_takes([headset], roles=roles)))
    assert found.figure("gate.depth_db").presence == "found"
    assert found.figure("noise.a_weighted_dbov").bound == "at_least"
    assert found.figure("coupling.weighted_db").bound == "at_most"
