"""Hold every stage of `dsp` and `cxaudio.analysis` to the laws of `dsp.core.stage`; a stage without a case fails."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

import cxaudio.analysis
import dsp
from cxaudio.analysis.side import SideAnalyser
from cxaudio.analysis.spurts import SpurtSmoother
from cxaudio.model.policy import DetectionSettings
from dsp.core.errors import StreamStateError
from dsp.core.framing import Framer
from dsp.core.levels import TickLevels, TickMeans
from dsp.core.resample import Resampler
from dsp.core.stft import Analyser, Synthesiser, hann, power
from dsp.core.tiles import ExponentialSmoother
from dsp.speech.front_end import FrontEnd
from dsp.speech.leakage import LeakagePredictor
from dsp.speech.music import MusicDetector
from dsp.speech.network import FrameNetwork
from dsp.speech.network_suppressor import NetworkSuppressor
from dsp.speech.noise_floor import NoiseFloor
from dsp.speech.nuclei_peaks import NucleiPeaks
from dsp.speech.periodicity import Periodicity
from dsp.speech.speech_evidence import SpeechEvidence
from dsp.speech.suppressor import NoiseSuppressor
from dsp.speech.suppressor_frames import analysis_window
from dsp.speech.suppressor_inputs import SuppressorInputs
from dsp.speech.syllable_evidence import SyllableEvidence
from dsp.speech.syllables import SyllableDetector
from dsp.speech.tonality import TonalDetector
from dsp.speech.vad import SpeechDetector
from dsp.speech.webrtc import WebrtcVoiceActivity

RATE = 8_000
TICK = RATE // 100


def sound(n: int = 6 * RATE) -> NDArray[np.float32]:
    """Make tones, clicks, pauses and noise, so that a stage meets each of them."""
    rng = np.random.default_rng(11)
    t = np.arange(n) / RATE
    voiced = sum(np.sin(2 * np.pi * 130 * h * t + h) / h for h in range(1, 20)) * (np.sin(2 * np.pi * 4 * t) > -0.3)
    x = 0.05 * voiced * (t % 2.3 < 1.4) + rng.normal(0, 0.003, n)
    x[rng.integers(0, n, 20)] += 0.5
    x[n // 2 : n // 2 + 3 * TICK] = 0.0
    return x.astype(np.float32)


def features() -> NDArray[np.float32]:
    ear = FrontEnd(RATE)
    return np.concatenate((ear.process(sound()).features, ear.flush().features))


def spectra() -> NDArray[np.complex64]:
    return Analyser(hann(160), 80, lead=80).process(sound())


def powers() -> NDArray[np.float32]:
    return power(spectra())


def wide_powers() -> NDArray[np.float32]:
    return power(Analyser(analysis_window(80), 80, lead=240).process(sound()))


def rows() -> NDArray[np.float32]:
    return np.random.default_rng(7).normal(size=(900, 6)).astype(np.float32)


def small_network() -> FrameNetwork:
    """Make three layers: one with taps on both sides, one with memory and a residual, one plain."""
    rng = np.random.default_rng(9)

    def numbers(*shape: int) -> NDArray[np.float32]:
        return rng.normal(0, 0.3, shape).astype(np.float32)

    return FrameNetwork(
        {
            "weight0": numbers(3 * 6, 8),
            "bias0": numbers(8),
            "offsets0": np.array([-4, 0, 2], np.float32),
            "weight1": numbers(2 * 8 + 3, 8),
            "bias1": numbers(8),
            "offsets1": np.array([-1, 3], np.float32),
            "memory1": np.array([20, 3], np.float32),
            "weight2": numbers(8, 2),
            "bias2": numbers(2),
            "offsets2": np.array([0], np.float32),
        }
    )


def leak_rows() -> NDArray[np.float32]:
    rng = np.random.default_rng(3)
    far = np.where(np.arange(900)[:, None] % 230 < 140, rng.normal(-40, 9, (180, 24)).repeat(5, axis=0), -80)
    near = np.maximum(np.roll(far, 4, axis=0) - 20, -80) + rng.normal(0, 1, far.shape)
    speaks = (near > -60).any(axis=1), (far > -60).any(axis=1)
    return np.column_stack((near, far, *speaks)).astype(np.float32)


def decisions() -> NDArray[np.bool_]:
    return np.random.default_rng(5).random(900) < 0.3


@dataclass(frozen=True)
class Case:
    """Describe a stage, its input, and how many rows or samples of input one row of output covers."""

    make: Callable[[], Any]
    feed: Callable[[], NDArray[Any]]


CASES = {
    "Framer": Case(lambda: Framer(160, 80, lead=80), sound),
    "TickLevels": Case(lambda: TickLevels(TICK), sound),
    "TickMeans": Case(lambda: TickMeans(TICK), sound),
    "ExponentialSmoother": Case(lambda: ExponentialSmoother(6, time_constant=9.0), rows),
    "Synthesiser": Case(lambda: Synthesiser(hann(160), 80, lead=80), spectra),
    "Analyser": Case(lambda: Analyser(hann(160), 80, lead=80), sound),
    "Periodicity": Case(lambda: Periodicity(RATE), sound),
    "WebrtcVoiceActivity": Case(lambda: WebrtcVoiceActivity(RATE), sound),
    "FrontEnd": Case(lambda: FrontEnd(RATE), sound),
    "NoiseSuppressor": Case(lambda: NoiseSuppressor(RATE), sound),
    "NetworkSuppressor": Case(lambda: NetworkSuppressor(RATE), sound),
    "NetworkSuppressor wide": Case(lambda: NetworkSuppressor(2 * RATE), sound),
    "SuppressorInputs": Case(lambda: SuppressorInputs(RATE), wide_powers),
    "Synthesiser of part of a frame": Case(lambda: Synthesiser(hann(120), 40, lead=80, frame_length=160), spectra),
    "NoiseFloor": Case(lambda: NoiseFloor(81, memory=40.0, bias=2.8), powers),
    "FrameNetwork": Case(small_network, rows),
    "SpeechEvidence": Case(SpeechEvidence, features),
    "SyllableEvidence": Case(SyllableEvidence, features),
    "NucleiPeaks": Case(NucleiPeaks, features),
    "Resampler down": Case(lambda: Resampler(11_025, 8_000), sound),
    "Resampler up": Case(lambda: Resampler(8_000, 16_000), sound),
    "SpeechDetector": Case(lambda: SpeechDetector(on_probability=0.5, off_probability=0.35), features),
    "SyllableDetector": Case(SyllableDetector, features),
    "TonalDetector": Case(TonalDetector, features),
    "LeakagePredictor": Case(lambda: LeakagePredictor(max_lag=75, min_correlation=0.6), leak_rows),
    "MusicDetector": Case(lambda: MusicDetector(RATE), sound),
    "SpurtSmoother": Case(lambda: SpurtSmoother(bridge=5, shortest=4, late=2), decisions),
    "SideAnalyser": Case(
        lambda: SideAnalyser(RATE, DetectionSettings(on_probability=0.5, off_probability=0.35), suppressor="network"),
        sound,
    ),
}

NO_STAGES = {
    "dsp.core.stage.Stage": "the protocol itself",
    "dsp.core.levels._TickStage": "the base of TickLevels and TickMeans, which have cases",
    "dsp.speech.music_evidence.MusicEvidence": "returns rows and levels; a part of MusicDetector, which has a case",
    "dsp.speech.tone_evidence.ToneEvidence": "reads spectra and their power; a part of FrontEnd, which has a case",
    "dsp.speech.network._Layer": "a part of FrameNetwork, which closes for all of its layers",
    "dsp.speech.speech_evidence.PeakHold": "a part of SpeechEvidence, which closes for it; nothing is withheld",
    "dsp.speech.speech_evidence.VoiceLevel": "a part of SpeechEvidence, which closes for it; nothing is withheld",
    "dsp.speech.spectral_suppressor.SpectralSuppressor": "the base of both suppressors, which have cases",
    "dsp.speech.suppressor.GainRule": "a part of NoiseSuppressor that takes two arrays; nothing is withheld",
    "dsp.measurement.level_p56.ActiveLevelMeter": "gives one result for all it was fed; tests/dsp/measurement cuts it",
    "cxaudio.analysis.call.CallAnalyser": "takes both sides, gives events; tests/analysis/test_call.py cuts it",
    "cxaudio.analysis.holds.HoldDetector": "takes both sides, gives marks; tests/analysis/test_holds.py",
    "cxaudio.analysis.quality.QualityMonitor": "takes both sides, gives notices; tests/analysis/test_quality.py",
}
"""Classes with a `process` that keep no stage's contract, and why."""
FED = {name: case.feed() for name, case in CASES.items()}


def classes_with_process() -> dict[str, type]:
    """Find every class of the two packages that has a method `process`, by its full name."""
    found: dict[str, type] = {}
    for package in (dsp, cxaudio.analysis):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if kind.__module__ == module.name and callable(getattr(kind, "process", None)):
                    found[f"{kind.__module__}.{kind.__qualname__}"] = kind
    return found


def test_every_class_with_process_has_a_case_here_or_a_reason_not_to():
    with_case = {f"{kind.__module__}.{kind.__qualname__}" for kind in (type(case.make()) for case in CASES.values())}
    assert not with_case & NO_STAGES.keys()
    assert sorted(with_case | NO_STAGES.keys()) == sorted(classes_with_process())


@pytest.mark.parametrize("name", CASES)
def test_a_stage_has_all_of_a_stages_methods(name: str):
    stage = CASES[name].make()
    assert all(callable(getattr(stage, method)) for method in ("process", "flush", "reset"))
    assert stage.latency_samples >= 0


def parts(out: Any) -> list[NDArray[Any]]:
    """Return the arrays of an output: one, or those of its dataclass."""
    if is_dataclass(out) and not isinstance(out, type):
        return [getattr(out, spec.name) for spec in fields(out)]
    return [out]


def joined(outs: Sequence[Any]) -> list[NDArray[Any]]:
    return [np.concatenate(pieces) for pieces in zip(*(parts(out) for out in outs), strict=True)]


def feed(stage: Any, x: NDArray[np.float32], cuts: Sequence[int]) -> list[NDArray[Any]]:
    outs, at = [], 0
    for cut in cuts:
        outs.append(stage.process(x[at : at + cut]))
        at = min(len(x), at + cut)
    outs += [stage.process(x[at:]), stage.flush()]
    return joined(outs)


WHOLE = {name: feed(case.make(), FED[name], []) for name, case in CASES.items()}

cuttings = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 400), st.integers(0, 20_000)), max_size=25)


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=cuttings)
def test_any_cutting_gives_the_same_bits(name: str, cuts: list[int]):
    """Law 1: joined outputs and flush are equal, not merely close."""
    for expected, actual in zip(WHOLE[name], feed(CASES[name].make(), FED[name], cuts), strict=True):
        assert_array_equal(expected, actual)
        assert expected.dtype == actual.dtype


@pytest.mark.parametrize("name", CASES)
def test_a_stage_is_as_new_after_reset(name: str):
    """Law 4, first half: a second use after reset repeats the first."""
    stage = CASES[name].make()
    feed(stage, FED[name][::-1].copy(), [777])
    stage.reset()
    for expected, actual in zip(WHOLE[name], feed(stage, FED[name], [1, 0, 333]), strict=True):
        assert_array_equal(expected, actual)


@pytest.mark.parametrize("name", CASES)
def test_nothing_may_follow_a_flush_but_reset(name: str):
    """Law 4, second half."""
    stage = CASES[name].make()
    stage.process(FED[name][:500])
    stage.flush()
    with pytest.raises(StreamStateError, match="reset"):
        stage.process(FED[name][:1])
    with pytest.raises(StreamStateError, match="reset"):
        stage.flush()


@pytest.mark.parametrize("name", CASES)
def test_the_input_is_left_alone_and_the_output_is_not_the_stages_own(name: str):
    """Law 5: read-only input is fine, and spoiling the output spoils nothing."""
    x = FED[name].copy()
    x.flags.writeable = False
    stage = CASES[name].make()
    outs = []
    for at in range(0, len(x), 1_000):
        out = stage.process(x[at : at + 1_000])
        outs.append([part.copy() for part in parts(out)])
        for part in parts(out):
            part[...] = 1  # an output that were a view of the state would now corrupt it
    outs.append(parts(stage.flush()))
    for expected, pieces in zip(WHOLE[name], zip(*outs, strict=True), strict=True):
        assert_array_equal(expected, np.concatenate(pieces))


@pytest.mark.parametrize("name", CASES)
def test_no_more_is_withheld_than_declared(name: str):
    """Law 3: once n + latency of the input are in, what the first n alone would give is out."""
    stage = CASES[name].make()
    x = FED[name]
    counts, at = [], 0
    for _ in range(40):
        out = stage.process(x[at : at + len(x) // 40])
        at += len(x) // 40
        counts.append((at, [len(part) for part in parts(out)]))
    totals = np.cumsum([lengths for _, lengths in counts], axis=0)
    ratio = [len(part) / len(x) for part in WHOLE[name]]
    for (taken, _), given_out in zip(counts, totals, strict=True):
        for n_out, per_input in zip(given_out, ratio, strict=True):
            # One row of slack: a row is begun by the first of its samples and comes out with the last.
            assert n_out >= per_input * (taken - stage.latency_samples) - 1.001


@pytest.mark.parametrize("name", CASES)
def test_empty_blocks_and_an_empty_signal_are_fine(name: str):
    stage = CASES[name].make()
    for part in parts(stage.process(FED[name][:0])):
        assert len(part) == 0
    stage.flush()
