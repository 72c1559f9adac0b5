"""A take that is no good costs one sentence and its own figures, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from cxaudio.laboratory.measures.headset_report import HeadsetReport, measure_headset
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Conditions, Take, take_name
from cxaudio.made.simulated_headset import SimulatedHeadset
from support.lab_takes import RATE, lab_take

HEADSET = SimulatedHeadset(sample_rate=RATE, noise_dbov=-70, delay_samples=200, far_db=-15, coupling_db=-35)
ROLES = (Role.QUIET, Role.SPEECH, Role.FAR, Role.SWEEP_LOUD, Role.EARPIECE)


@pytest.fixture(scope="module")
def takes() -> dict[Role, Take]:
    return {role: lab_take(HEADSET, role) for role in ROLES}


def judged(takes: dict[Role, Take], **spoilt: Take) -> HeadsetReport:
    return measure_headset(judge_takes("a", [spoilt.get(role.name, take) for role, take in takes.items()]))


def the_sentence(report: HeadsetReport, kind: str) -> str:
    """The one sentence of that kind: thing, value, limit and cure, in one line."""
    (fault,) = [fault for fault in report.takes.faults if fault.kind == kind]
    assert "\n" not in fault.sentence
    assert fault.sentence.count(". ") == 0
    assert "; " in fault.sentence
    return fault.sentence


def delivered(report: HeadsetReport) -> set[str]:
    return {figure.spec.key.split(".")[0] for figure in report.figures if figure.withheld is None}


@pytest.mark.slow
def test_good_takes_give_no_sentence_but_for_what_is_missing(takes):
    report = judged(takes)
    assert {fault.kind for fault in report.takes.faults} == {"missing"}
    assert {"noise", "snr", "response", "thd", "coupling", "near_far"} <= delivered(report)


def test_a_take_that_is_too_short(takes):
    short = replace(takes[Role.SPEECH], samples=takes[Role.SPEECH].samples[: 2 * RATE])
    report = judged(takes, SPEECH=short)
    assert the_sentence(report, "too_short") == "speech-1.wav is 2.0 s long and a speech take needs 8 s; record 24 s"
    assert report.figure("level.active_dbov").withheld == the_sentence(report, "too_short")
    assert {"noise", "response", "coupling"} <= delivered(report)


def test_a_take_that_is_silent(takes):
    report = judged(takes, SPEECH=replace(takes[Role.SPEECH], samples=np.zeros(20 * RATE, np.float32)))
    assert "digital silence" in the_sentence(report, "silent")
    assert report.figure("level.active_dbov").withheld
    assert "noise" in delivered(report)


@pytest.mark.slow
def test_a_take_that_is_far_too_soft(takes):
    report = judged(takes, SWEEP_LOUD=replace(takes[Role.SWEEP_LOUD], samples=takes[Role.SWEEP_LOUD].samples * 1e-4))
    assert "dBov where a sweep-loud take needs -65" in the_sentence(report, "silent")
    assert "thd" not in delivered(report)
    assert {"noise", "level"} <= delivered(report)


@pytest.mark.slow
def test_a_take_that_is_clipped_keeps_its_level_and_loses_what_its_shape_tells(takes):
    loud = np.clip(takes[Role.SPEECH].samples, -0.1, 0.1)
    report = judged(takes, SPEECH=replace(takes[Role.SPEECH], samples=loud))
    assert "speech-1.wav is clipped at -20.0 dBov" in the_sentence(report, "clipped")
    assert report.figure("clipping.per_s").value > 1
    assert report.figure("level.active_dbov").value is not None
    assert report.figure("snr.quiet_db").withheld == the_sentence(report, "clipped")
    assert report.figure("noise.total_dbov").value is not None


@pytest.mark.slow
def test_a_take_at_another_rate_than_the_others(takes):
    from dsp.core.resample import Resampler
    from dsp.core.stage import run

    other = run(Resampler(RATE, 48_000), takes[Role.QUIET].samples)
    report = judged(takes, QUIET=replace(takes[Role.QUIET], samples=other, sample_rate=48_000))
    assert "quiet-1.wav has 48000 Hz and the other takes 16000" in the_sentence(report, "wrong_rate")
    assert "noise" not in delivered(report)
    assert "level" in delivered(report)


@pytest.mark.slow
def test_a_take_that_was_converted_since_it_was_recorded(takes):
    report = judged(takes, QUIET=replace(takes[Role.QUIET], conditions=Conditions(sample_rate_hz=48_000)))
    assert "takes.jsonl says 48000" in the_sentence(report, "wrong_rate")


@pytest.mark.slow
def test_a_sweep_that_is_another_sound(takes):
    noise = np.random.default_rng(1).normal(0, 0.1, 7 * RATE).astype(np.float32)
    report = judged(takes, SWEEP_LOUD=replace(takes[Role.SWEEP_LOUD], samples=noise))
    assert "does not hold the protocol's own signal" in the_sentence(report, "mismatched_pair")
    assert "thd" not in delivered(report)
    assert "by speech" in report.figure("response.deviation_db").conditions


def test_a_pair_that_does_not_belong_together(takes):
    other = lab_take(HEADSET, Role.EARPIECE).played
    report = judged(takes, SPEECH=replace(takes[Role.SPEECH], played=other))
    assert "does not hold what was played" in the_sentence(report, "mismatched_pair")
    assert "level" not in delivered(report)


@pytest.mark.slow
def test_a_gain_that_is_told_to_have_changed(takes):
    changed = {
        role: replace(take, conditions=Conditions(gain="80 %" if role is Role.QUIET else "100 %"))
        for role, take in takes.items()
    }
    report = judged(changed)
    assert "80 % in quiet-1.wav" in the_sentence(report, "gain_changed")
    for key in ("snr.quiet_db", "noise.total_dbov"):
        assert report.figure(key).withheld == the_sentence(report, "gain_changed")
    assert {"near_far", "level", "response", "thd"} <= delivered(report)


@pytest.mark.slow
@pytest.mark.parametrize("factor", [0.25, 8.0])
def test_a_gain_that_is_heard_to_have_changed(takes, factor):
    moved = replace(takes[Role.QUIET], samples=takes[Role.QUIET].samples * np.float32(factor))
    report = judged(takes, QUIET=moved)
    assert "dB in quiet-1.wav against the others): the gain was changed" in the_sentence(report, "gain_changed")
    for key in ("snr.quiet_db", "noise.total_dbov"):
        assert report.figure(key).withheld == the_sentence(report, "gain_changed")
    assert report.figure("near_far.mean_db").value is not None


def test_missing_roles_are_named_with_what_they_would_give(takes):
    report = judged({Role.QUIET: takes[Role.QUIET]})
    missing = [fault for fault in report.takes.faults if fault.kind == "missing"]
    assert {fault.role for fault in missing} == set(Role) - {Role.QUIET}
    assert report.figure("clock.skew_ppm").withheld == (
        "there is no markers take, which gives clock skew, jumps of the delay; record it as markers.wav"
    )
    assert delivered(report) == {"noise", "dc", "hum"}


def test_nothing_at_all_still_gives_a_report():
    report = measure_headset(judge_takes("a", []))
    assert all(figure.withheld for figure in report.figures)


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("speech", (Role.SPEECH, 1, None)),
        ("Speech-3", (Role.SPEECH, 3, None)),
        ("sweep-loud_2", (Role.SWEEP_LOUD, 2, None)),
        ("opening-07", (Role.OPENING, 7, None)),
        ("earpiece-2.played", (Role.EARPIECE, 2, "played")),
        ("far.reference", (Role.FAR, 1, "reference")),
    ],
)
def test_names_say_role_number_and_part(stem, expected):
    found = take_name(stem)
    assert found is not None
    assert (found.role, found.number, found.part) == expected


@pytest.mark.parametrize("stem", ["speeches", "meeting", "sweep", "speech-1-2", "speech.mix"])
def test_other_names_say_nothing(stem):
    assert take_name(stem) is None
