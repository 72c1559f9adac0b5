"""A simulated headset of which everything is known: the laboratory finds every property from its takes.

Truth is analytic: the simulation is written with these numbers. Tolerances are those the measures are stated with.
"""

from dataclasses import replace

import numpy as np
import pytest

from cxaudio.laboratory.measures import curve_specs, figure_specs
from cxaudio.laboratory.measures.figure import Badge, Verdict
from cxaudio.laboratory.measures.headset_report import HeadsetReport, measure_headset
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.measurement.octave_bands import octave_bands
from dsp.measurement.response import align_at
from support.lab_takes import RATE, lab_take, lab_takes

pytestmark = pytest.mark.slow

RESPONSE_DB, SPEECH_RESPONSE_DB = 0.3, 0.6
NOISE_DB, HUM_DB, LEVEL_DB, COUPLING_DB = 0.3, 1.0, 0.2, 1.0
DELAY_MS, SKEW_PPM, EDGE_HZ, THD_SHARE = 0.02, 0.5, 100.0, 0.06

HEADSET = SimulatedHeadset(
    sample_rate=RATE,
    response=((100, -8.0), (200, -3.0), (400, 0.0), (1_500, 0.0), (3_000, 5.0), (5_000, 0.0), (8_000, -4.0)),
    bandwidth_hz=6_900,
    quadratic=0.04,
    cubic=0.03,
    far_db=-18,
    coupling_db=-30,
    noise_dbov=-72,
    hum_dbov=-70,
    offset=0.001,
    delay_samples=1_203.4,
    skew_ppm=40,
)
WITHOUT_CALL = tuple(role for role in Role if role is not Role.CALL)


@pytest.fixture(scope="module")
def report() -> HeadsetReport:
    """Two wearings; the second sits a decibel noisier."""
    headsets = (HEADSET, replace(HEADSET, noise_dbov=-70))
    return measure_headset(judge_takes("simulated", lab_takes(headsets, roles=WITHOUT_CALL)))


def report_of(headset: SimulatedHeadset, *roles: Role, **options: object) -> HeadsetReport:
    takes = lab_takes([headset], roles=roles, **options)  # type: ignore[arg-type]
    return measure_headset(judge_takes("simulated", takes))


def test_every_figure_of_the_catalogue_is_there_or_says_why_not(report):
    assert [figure.spec.key for figure in report.figures] == list(figure_specs())
    assert [curve.spec.key for curve in report.curves] == list(curve_specs())
    for figure in report.figures:
        there = figure.value is not None or figure.text is not None
        assert there == (figure.withheld is None), figure.spec.key
        if figure.withheld is None:
            assert figure.conditions, figure.spec.key
    assert not [fault for fault in report.takes.faults if fault.kind != "missing"]


def test_no_unit_is_a_bare_decibel_where_a_level_is_meant():
    for spec in figure_specs().values():
        assert spec.unit != "dB" or spec.key in ("snr.drop_db", "response.sweep_vs_speech_db"), spec.key
        assert ("dbov" in spec.key) == ("dBov" in spec.unit)


def test_noise_hum_and_offset(report):
    white = np.mean([10 * np.log10(10**-7.2 + 10**-7), 10 * np.log10(10**-7 + 10**-7)])
    noise = report.figure("noise.total_dbov")
    assert noise.value == pytest.approx(white, abs=NOISE_DB)
    assert len(noise.values) == 2
    assert noise.spread == pytest.approx(np.std(noise.values, ddof=1))
    assert report.figure("hum.level_dbov").value == pytest.approx(-70, abs=HUM_DB)
    assert "50 Hz" in report.figure("hum.level_dbov").text
    assert report.figure("dc.level_dbov").value == pytest.approx(-60, abs=0.1)
    assert [verdict for _, verdict in report.figure("dc.level_dbov").verdicts()] == [Verdict.KEPT]


def test_speech_over_noise_is_the_level_of_the_one_less_that_of_the_other(report):
    level, noise = report.figure("level.active_dbov").value, report.figure("noise.total_dbov").value
    assert report.figure("snr.quiet_db").value == pytest.approx(level - noise, abs=2 * LEVEL_DB)
    assert report.figure("level.active_dbov").spec.badge is Badge.STANDARD


def test_speech_over_babble(report):
    """Analytic: -26 dBov of speech over noise of 0.05, 18 dB softer from the room, both through one response."""
    found = report.figure("snr.babble_db")
    flat = replace(HEADSET, response=((20, 0), (8_000, 0)), bandwidth_hz=None, hum_dbov=None, offset=0.0)
    straight = report_of(flat, Role.QUIET, Role.SPEECH, Role.BABBLE)
    share = 6_900 / 8_000  # of the white babble that lies in the band looked at
    expected = -26 - 20 * np.log10(0.05) + 18 - 10 * np.log10(share)
    assert straight.figure("snr.babble_db").value == pytest.approx(expected, abs=1.0)
    assert found.value == pytest.approx(expected, abs=4)
    in_quiet = -26 - flat.noise_dbov - 10 * np.log10(share)  # in the same band
    drop = straight.figure("snr.drop_db").value
    assert straight.figure("snr.babble_db").value + drop == pytest.approx(in_quiet, abs=0.5)


def test_bandwidth(report):
    found = report.figure("bandwidth.upper_hz")
    assert found.value == pytest.approx(6_900, abs=EDGE_HZ)
    assert found.text.startswith("WB")


def test_response_by_sweep_and_by_speech_and_the_masks(report):
    thirds = octave_bands(100, 16_000 / 2 / 1.13)
    truth = align_at(thirds.centres_hz, HEADSET.band_gain_db(thirds))
    sweep, speech = report.curve("response_thirds"), report.curve("response_speech")
    inside = (thirds.upper_hz < 6_800) & (thirds.lower_hz > 100)
    np.testing.assert_allclose(sweep.mean[inside], truth[inside], atol=RESPONSE_DB)
    known = np.isfinite(speech.mean) & inside
    assert known[thirds.within(250, 4_000)].all()
    np.testing.assert_allclose(speech.mean[known], truth[known], atol=SPEECH_RESPONSE_DB)
    assert report.figure("response.sweep_vs_speech_db").value < 0.6
    assert report.figure("response.low_edge_hz").value == pytest.approx(200, rel=0.06)
    verdicts = {key: report.figure(f"mask.microsoft_{key}_db").verdicts()[0][1] for key in ("premium", "standard")}
    assert verdicts == {"premium": Verdict.BROKEN, "standard": Verdict.KEPT}


def test_a_reference_microphone_is_taken_off(report):
    """The same room and loudspeaker in both: only the headset's own response is left."""
    room = SimulatedHeadset(sample_rate=RATE, response=((100, 6.0), (1_000, 0.0), (7_000, -6.0)))
    take = lab_take(HEADSET, Role.SWEEP_LOUD)
    both = HEADSET.record(
        np.random.default_rng(1), mouth=room._filtered(take.played_or_made().astype(float)), tail_s=1.0
    )
    heard = room.record(np.random.default_rng(2), mouth=take.played_or_made().astype(float), tail_s=1.0)
    take = replace(take, samples=both.astype(np.float32), reference=heard.astype(np.float32))
    found = measure_headset(judge_takes("a", [take])).curve("response_thirds")
    thirds = octave_bands(100, 16_000 / 2 / 1.13)
    inside = (thirds.upper_hz < 6_800) & (thirds.lower_hz > 120)
    truth = align_at(thirds.centres_hz, HEADSET.band_gain_db(thirds))
    np.testing.assert_allclose(found.mean[inside], truth[inside], atol=RESPONSE_DB)


def test_distortion_by_sweep_and_by_tone(report):
    """Analytic: harmonics of 0.04 x^2 + 0.03 x^3 at A = 0.447 pass the response at their own frequencies."""
    amplitude = 0.447
    fundamental = 1 + 0.75 * 0.03 * amplitude**2
    gains = [10 ** ((HEADSET.gain_db(np.array([n * 1e3])) - HEADSET.gain_db(np.array([1e3])))[0] / 20) for n in (2, 3)]
    truth = 100 * np.hypot(0.04 * amplitude / 2 * gains[0], 0.03 * amplitude**2 / 4 * gains[1]) / fundamental
    assert report.figure("thd.at_1khz_percent").value == pytest.approx(truth, rel=THD_SHARE)
    assert report.figure("thd_n.percent").value == pytest.approx(truth, rel=THD_SHARE)
    assert report.figure("thd.worst_percent").value >= truth
    assert report.figure("compression.db").value == pytest.approx(20 * np.log10(fundamental), abs=0.1)


def test_latency_over_openings_skew_and_no_slips(report):
    """Openings differ by 16 samples each, by their number modulo four."""
    delays = np.array([(1_203.4 + 16 * (k % 4)) / 16 for k in range(1, 11)]) * (1 + 40e-6)
    for name, expected in (("median", np.median(delays)), ("min", delays.min()), ("max", delays.max())):
        assert report.figure(f"latency.{name}_ms").value == pytest.approx(expected, abs=DELAY_MS)
    assert len(report.openings_ms) == 10
    skew = report.figure("clock.skew_ppm")
    assert skew.value == pytest.approx(40, abs=SKEW_PPM)
    assert skew.verdicts()[0][1] is Verdict.KEPT
    assert report.figure("clock.slips").value == 0


@pytest.mark.parametrize("skew", [-150.0, 150.0])
def test_a_strong_skew_is_found_and_made_good_before_responses_are_told(skew):
    skewed = replace(HEADSET, skew_ppm=skew, hum_dbov=None)
    found = report_of(skewed, Role.MARKERS, Role.SPEECH, Role.SWEEP_LOUD)
    assert found.figure("clock.skew_ppm").value == pytest.approx(skew, abs=SKEW_PPM)
    assert found.figure("clock.skew_ppm").verdicts()[0][1] is Verdict.BROKEN
    thirds = octave_bands(100, 16_000 / 2 / 1.13)
    truth = align_at(thirds.centres_hz, HEADSET.band_gain_db(thirds))
    inside = (thirds.upper_hz < 6_800) & (thirds.lower_hz > 120)
    speech = found.curve("response_speech").mean
    np.testing.assert_allclose(found.curve("response_thirds").mean[inside], truth[inside], atol=RESPONSE_DB)
    known = np.isfinite(speech) & inside
    assert known[thirds.within(250, 4_000)].all()
    np.testing.assert_allclose(speech[known], truth[known], atol=SPEECH_RESPONSE_DB)


def test_a_jump_of_the_delay_is_a_slip(report):
    take = lab_take(replace(HEADSET, skew_ppm=0), Role.MARKERS)
    x = take.samples
    jumped = np.concatenate((x[: 32 * RATE], np.zeros(160, np.float32), x[32 * RATE :]))
    found = measure_headset(judge_takes("a", [replace(take, samples=jumped)]))
    assert found.figure("clock.slips").value == 1
    assert "+10.0 ms" in found.figure("clock.slips").text


def test_coupling(report):
    """Earpiece sound passes the microphone's response as well; a hump of 5 dB takes a decibel off the weighted loss."""
    found = report.curve("coupling")
    bands = octave_bands(200, 16_000 / 2 / 1.13)
    truth = 30 - HEADSET.band_gain_db(bands)
    sure = ~found.bounded & bands.within(315, 3_150)
    assert sure.sum() >= 8
    np.testing.assert_allclose(found.mean[sure], truth[sure], atol=COUPLING_DB)
    assert report.figure("coupling.weighted_db").value == pytest.approx(29.1, abs=COUPLING_DB)
    assert report.figure("coupling.weighted_db").verdicts()[0][1] is Verdict.BROKEN


def test_near_and_far(report):
    assert report.figure("near_far.mean_db").value == pytest.approx(18, abs=1.0)


def test_a_sound_headset_shows_no_gate_gain_control_clipping_or_drop_out(report):
    assert report.figure("gate.depth_db").text == "none found"
    assert report.figure("agc.slope").text == "none found"
    assert report.figure("agc.slope").value == pytest.approx(1, abs=0.05)
    assert report.figure("clipping.per_s").value == 0
    drop_outs = report.figure("dropouts.per_5min")
    assert drop_outs.count is not None
    assert (drop_outs.count.events, drop_outs.bound) == (0, "at_most")
    assert 3 < drop_outs.value < 6  # none in four minutes is up to five in five
    assert report.notes == ()


def test_a_gate_is_found_and_withholds_what_it_hides():
    found = report_of(
        replace(HEADSET, hum_dbov=None, gate_dbov=-55, gate_depth_db=18, offset=0.0), Role.QUIET, Role.SPEECH
    )
    assert "closes" in found.figure("gate.depth_db").text
    assert found.figure("gate.depth_db").value == pytest.approx(18, abs=2)
    assert "gate" in found.figure("snr.quiet_db").withheld
    assert found.figure("level.active_dbov").value is not None


def test_a_muting_gate_leaves_no_noise_figure_that_could_rank():
    found = report_of(replace(HEADSET, hum_dbov=None, offset=0.0, gate_dbov=-50), Role.QUIET, Role.SPEECH)
    assert found.figure("noise.total_dbov").value is None or found.figure("noise.total_dbov").bound == "at_least"
    assert "digital silence" in found.figure("gate.depth_db").text
    assert found.figure("snr.quiet_db").withheld


def test_gain_control_is_found_and_withholds_what_compares_takes():
    found = report_of(replace(HEADSET, control_slope=0.4), Role.QUIET, Role.SPEECH, Role.FAR, Role.LEVELS)
    assert found.figure("agc.slope").text.startswith("found")
    assert found.figure("agc.slope").value == pytest.approx(0.4, abs=0.15)
    assert "gain control" in found.figure("near_far.mean_db").withheld
    assert "gain" in found.figure("snr.quiet_db").withheld


def test_a_narrow_headset_in_a_wide_recording_is_told():
    found = report_of(replace(HEADSET, bandwidth_hz=3_400), Role.SPEECH)
    band = found.figure("bandwidth.upper_hz")
    assert band.value == pytest.approx(3_400, abs=EDGE_HZ)
    assert band.text.startswith("NB")
    assert band.verdicts()[0][1] is Verdict.BROKEN
    assert any("narrower than its rate says" in note for note in found.notes)


def test_lost_sound_is_counted():
    lost = ((3.0, 0.02), (9.0, 0.05))
    found = report_of(replace(HEADSET, lost=lost), Role.SPEECH)
    assert found.figure("dropouts.total_ms").value == pytest.approx(70, abs=1)
    assert found.figure("dropouts.per_5min").text == "2 zeros"
    assert found.figure("dropouts.per_5min").value > 20


def test_a_suppressor_that_takes_a_sweep_for_noise_has_its_sweep_figures_withheld():
    take = lab_take(HEADSET, Role.SWEEP_LOUD)
    t = np.arange(len(take.samples)) / RATE
    faded = take.samples * np.interp(t, [0.0, 2.0, 4.0, 5.1, 5.2], [1.0, 1.0, 0.1, 0.1, 1.0]).astype(np.float32)
    speech = lab_take(HEADSET, Role.SPEECH)
    found = measure_headset(judge_takes("a", [replace(take, samples=faded), speech]))
    assert found.figure("response.sweep_vs_speech_db").value > 3
    assert "time-variant" in found.figure("thd.at_1khz_percent").withheld
    assert "time-variant" in found.curve("response").withheld
    assert "by speech" in found.figure("response.deviation_db").conditions


def test_takes_that_were_started_by_hand_give_the_same_figures():
    """Six seconds of room before the sound: nothing but the loop's latency may change."""
    roles = (Role.QUIET, Role.SPEECH, Role.FAR, Role.SWEEP_LOUD, Role.EARPIECE, Role.BABBLE)
    plain = replace(HEADSET, skew_ppm=0, hum_dbov=None, noise_dbov=-76, coupling_db=-25)
    takes = [lab_take(plain, role) for role in roles]
    room = plain.record(np.random.default_rng(99), mouth=np.zeros(6 * RATE)).astype(np.float32)[: 6 * RATE]
    late = [
        take if take.role is Role.QUIET else replace(take, samples=np.concatenate((room, take.samples)))
        for take in takes
    ]
    before, after = (measure_headset(judge_takes("a", each)) for each in (takes, late))
    assert [fault.kind for fault in after.takes.faults] == ["missing"] * 6
    for key, tolerance in (
        ("response.deviation_db", 0.1), ("near_far.mean_db", 0.5), ("coupling.weighted_db", 0.5),
        ("snr.quiet_db", 0.3), ("thd.at_1khz_percent", 0.05), ("response.sweep_vs_speech_db", 0.3),
    ):  # fmt: skip
        assert after.figure(key).value == pytest.approx(before.figure(key).value, abs=tolerance), key
