"""Model scores with replacements for the models: what they are given, and the figures made of their answers."""

import sys
from types import ModuleType

import numpy as np
import pytest

from cxaudio.errors import UsageError
from cxaudio.laboratory import measures
from cxaudio.laboratory.measures import chosen_measures
from cxaudio.laboratory.measures.headset_report import measure_headset
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.measurement.level_p56 import active_level
from support.lab_takes import RATE, lab_take

HEADSET = SimulatedHeadset(sample_rate=RATE, noise_dbov=-70, delay_samples=333)


@pytest.fixture
def models(monkeypatch) -> list[tuple[str, float, int]]:
    """Install modules of the names that are imported, and return what they are called with."""
    calls: list[tuple[str, float, int]] = []

    def module(name: str, **functions: object) -> ModuleType:
        made = ModuleType(name)
        made.__dict__.update(functions)
        monkeypatch.setitem(sys.modules, name, made)
        return made

    def dnsmos(x: np.ndarray, *, sr: int) -> dict[str, float]:
        calls.append(("dnsmos", active_level(x, sr).level_dbov, sr))
        return {"ovrl_mos": 3.1, "sig_mos": 3.5, "bak_mos": 4.0, "p808_mos": 3.6}

    def plcmos(x: np.ndarray, *, sr: int) -> dict[str, float]:
        calls.append(("plcmos", active_level(x, sr).level_dbov, sr))
        return {"plcmos": 4.4}

    def stoi(clean: np.ndarray, processed: np.ndarray, sr: int, *, extended: bool) -> float:
        calls.append(("stoi", 0.0, sr))
        return float(np.corrcoef(clean, processed)[0, 1])

    dns, plc = module("speechmos.dnsmos", run=dnsmos), module("speechmos.plcmos", run=plcmos)
    module("speechmos", dnsmos=dns, plcmos=plc)
    module("pystoi", stoi=stoi)
    monkeypatch.setattr(measures, "find_spec", lambda name: object())
    return calls


@pytest.mark.slow
def test_takes_are_brought_to_one_level_before_models_score_them(models):
    takes = judge_takes("a", [lab_take(HEADSET, Role.SPEECH)])
    report = measure_headset(takes, opinions=True)
    assert report.figure("dnsmos.overall").value == 3.1
    assert report.figure("dnsmos.background").value == 4.0
    assert report.figure("plcmos.score").value == 4.4
    assert [(name, rate) for name, _, rate in models] == [("dnsmos", 16_000), ("plcmos", 16_000), ("stoi", RATE)]
    assert [level for name, level, _ in models if name != "stoi"] == pytest.approx([-26, -26], abs=0.05)


def test_what_was_played_and_what_came_back_are_aligned_for_stoi(models):
    """The stand-in correlates, so that a delay left in would leave next to nothing."""
    report = measure_headset(judge_takes("a", [lab_take(HEADSET, Role.SPEECH)]), opinions=True)
    assert report.figure("stoi.score").value > 0.95


@pytest.mark.slow
def test_without_what_was_played_stoi_is_withheld(models):
    take = lab_take(HEADSET, Role.SPEECH, played=False)
    report = measure_headset(judge_takes("a", [take]), opinions=True)
    assert "STOI compares" in report.figure("stoi.score").withheld
    assert report.figure("dnsmos.overall").value == 3.1


def test_only_what_is_installed_is_asked(monkeypatch):
    monkeypatch.setattr(measures, "find_spec", lambda name: object() if name == "pystoi" else None)
    assert ["intelligibility"] == [each.name for each in chosen_measures(opinions=True) if each.libraries]


def test_nothing_installed_is_one_sentence_with_its_cure(monkeypatch):
    monkeypatch.setattr(measures, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'cxaudio\[opinion\]'"):
        chosen_measures(opinions=True)
