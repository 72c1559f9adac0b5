"""Whatever is left out, each withheld figure says why, in words that hold no code."""

import re

import pytest

from cxaudio.laboratory.measures.headset_report import measure_headset
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take
from cxaudio.made.simulated_headset import SimulatedHeadset
from support.lab_takes import RATE, lab_takes

HEADSET = SimulatedHeadset(sample_rate=RATE, far_db=-20, coupling_db=-38, noise_dbov=-72, delay_samples=900)
ROLES = tuple(role for role in Role if role not in (Role.CALL, Role.MARKERS, Role.LEVELS))
CODE = re.compile(r"shape|\b\w+=|\bnan\b|None|\w+_\w+|[{}\[\]]|it was not measured")


@pytest.fixture(scope="module")
def takes() -> list[Take]:
    return lab_takes([HEADSET], roles=ROLES, n_openings=1)


@pytest.mark.slow
@pytest.mark.parametrize("left_out", [Role.SPEECH, Role.SWEEP_SOFT])
def test_a_take_that_is_left_out_is_the_reason_of_all_it_gives(takes, left_out):
    report = measure_headset(judge_takes("a", [take for take in takes if take.role is not left_out]))
    for figure in report.figures:
        if figure.spec.criterion == "opinion" or figure.withheld is None:
            continue
        assert not CODE.search(figure.withheld.replace(".wav", "").replace("takes.jsonl", "")), figure.withheld
        if left_out in (figure.spec.role, *figure.spec.needs):
            assert figure.left_out, figure.spec.key
            assert f"there is no {left_out} take" in figure.withheld


@pytest.mark.slow
def test_the_earpiece_behind_a_gate_has_its_reason(takes):
    silent = [
        Take(role=take.role, number=1, name=take.name, samples=take.samples * 0, sample_rate=RATE, played=take.played)
        if take.role is Role.EARPIECE
        else take
        for take in takes
    ]
    silent[[take.role for take in takes].index(Role.EARPIECE)].samples[: 3 * RATE] = 0.01
    report = measure_headset(judge_takes("a", silent))
    assert "digital silence behind the first 4 s" in str(report.figure("coupling.weighted_db").withheld)
