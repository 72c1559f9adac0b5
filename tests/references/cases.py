"""The small made signals, and what is computed of them; every signal is made from a seed, so no sound is stored."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.core.framing import Framer
from dsp.core.levels import TickLevels, TickMeans
from dsp.core.resample import Resampler
from dsp.core.spectrum import frame_powers, power_spectrum
from dsp.core.stage import run
from dsp.core.steered import SteeredReader
from dsp.core.stft import Analyser, Synthesiser, hann, power, sine_window
from dsp.core.tiles import ExponentialSmoother
from dsp.measurement.bandwidth import find_bandwidth
from dsp.measurement.coupling import find_coupling
from dsp.measurement.defects import find_clipping, find_dc_offset, find_hum, find_idle_noise, silent_share
from dsp.measurement.delay import find_delay, track_delay
from dsp.measurement.distortion import tone_distortion
from dsp.measurement.dropouts import find_dropouts, find_lost
from dsp.measurement.dynamics import find_gain_control, find_gate, level_linearity
from dsp.measurement.level_p56 import active_level
from dsp.measurement.masks import MASKS, check_mask
from dsp.measurement.near_far import Talkers, find_near_far
from dsp.measurement.octave_bands import band_levels_dbov, octave_bands
from dsp.measurement.response import band_edges_hz, deviation_from_flat_db, transfer
from dsp.measurement.skew import clock_skew
from dsp.measurement.sweep import Sweep, deconvolve
from dsp.measurement.weighting import a_weighting_db, psophometric_weighting_db, weighted_level_dbov
from dsp.speech.bands import N_BANDS, band_matrix, decibel
from dsp.speech.front_end import FrontEnd
from dsp.speech.leakage import LeakagePredictor
from dsp.speech.music import MusicDetector
from dsp.speech.network import FrameNetwork
from dsp.speech.network_suppressor import NetworkSuppressor
from dsp.speech.noise_floor import NoiseFloor
from dsp.speech.nuclei_peaks import NucleiPeaks
from dsp.speech.periodicity import Periodicity
from dsp.speech.speech_evidence import SpeechEvidence
from dsp.speech.suppressor import GainRule, NoiseSuppressor
from dsp.speech.syllable_evidence import SyllableEvidence
from dsp.speech.syllables import SyllableDetector
from dsp.speech.tonality import TonalDetector
from dsp.speech.vad import SpeechDetector
from dsp.speech.webrtc import WebrtcVoiceActivity
from dsp.synthesis.phones import BACKCHANNELS
from dsp.synthesis.signals import (
    brown_noise,
    clicks,
    exponential_sweep,
    hum,
    key_taps,
    music,
    pink_noise,
    ringing,
    shaped_noise,
    syllable_train,
    tone,
    white_noise,
)
from dsp.synthesis.voice import SpurtPlan, Voice, audible_ticks, random_voice, speak

RATE = 8_000


@cache
def call_side() -> NDArray[np.float32]:
    """Ten seconds: three spurts of a voice and a second of ringing, all in pink noise."""
    rng = np.random.default_rng(20)
    plans = [
        SpurtPlan(n_syllables=8, rate=4.5),
        SpurtPlan(n_syllables=5, rate=3.5, level_db=-6),
        SpurtPlan(n_syllables=9, rate=5.5),
    ]
    x = pink_noise(10 * RATE, rng, sample_rate=RATE, rms=0.001)
    spoken = speak(random_voice(rng, band="telephone"), plans, rng, sample_rate=RATE)
    for at, said in zip((0.6, 3.0, 4.8), spoken, strict=True):
        begin = round(at * RATE)
        x[begin : begin + len(said.samples)] += 0.05 * said.samples[: len(x) - begin]
    x[7 * RATE : 8 * RATE] += ringing(RATE, sample_rate=RATE)
    return x.astype(np.float32)


@cache
def hold_line() -> NDArray[np.float32]:
    """Twelve seconds: a ringing tone of two, then music."""
    x = music(12 * RATE, np.random.default_rng(21), sample_rate=RATE)
    x[: 2 * RATE] = ringing(2 * RATE, sample_rate=RATE)
    return (x + white_noise(len(x), np.random.default_rng(22), rms=0.0005)).astype(np.float32)


@cache
def features() -> NDArray[np.float32]:
    front_end = FrontEnd(RATE)
    return np.concatenate((front_end.process(call_side()).features, front_end.flush().features))


@cache
def hold_features() -> NDArray[np.float32]:
    front_end = FrontEnd(RATE)
    return np.concatenate((front_end.process(hold_line()).features, front_end.flush().features))


@cache
def talk(rate: int = 16_000, seed: int = 23) -> NDArray[np.float64]:
    """Eight seconds of even syllables with a pause after each eight."""
    rng = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < 8 * rate:
        parts += [syllable_train(8, rng, sample_rate=rate, variation=0.3)[0].astype(float), np.zeros(rate // 2)]
    voiced = np.concatenate(parts)[: 8 * rate]
    return voiced + (voiced != 0) * rng.normal(0, 0.01, len(voiced))


def _front_end() -> Any:
    front_end = FrontEnd(RATE)
    out, rest = front_end.process(call_side()), front_end.flush()
    return {
        "features": np.concatenate((out.features, rest.features))[:, :53:4],
        "pitch": np.concatenate((out.features, rest.features))[:, 48:53],
        "level_db": decibel(np.concatenate((out.level, rest.level))),
        "noise_db": decibel(np.concatenate((out.noise, rest.noise))),
    }


def _leakage() -> Any:
    rng = np.random.default_rng(24)
    talks = np.arange(1_500) % 260 < 130
    levels = rng.normal(-38, 9, (2, 300, N_BANDS)).repeat(5, axis=1)
    far = np.where(talks[:, None], levels[0], -90)
    own = np.where(talks[:, None], -90, levels[1])
    near = np.maximum(np.roll(far, 6, axis=0) - 18, own) + rng.normal(0, 1, far.shape)
    rows = np.column_stack((near, far, (near > -60).any(axis=1), talks)).astype(np.float32)
    predictor = LeakagePredictor(max_lag=75, min_correlation=0.6)
    return {"leak_db": decibel(run(predictor, rows)), "state": predictor.state}


def _network() -> Any:
    rng = np.random.default_rng(25)
    weights = {
        "weight0": rng.normal(0, 0.3, (2 * 4 + 2, 4)),
        "bias0": rng.normal(0, 0.3, 4),
        "offsets0": np.array([-3, 1]),
        "memory0": np.array([15, 2]),
        "weight1": rng.normal(0, 0.3, (4, 2)),
        "bias1": rng.normal(0, 0.3, 2),
        "offsets1": np.array([0]),
    }
    network = FrameNetwork({name: array.astype(np.float32) for name, array in weights.items()})
    return run(network, rng.normal(size=(200, 4)).astype(np.float32))


def _speech() -> Any:
    return run(SpeechDetector(on_probability=0.5, off_probability=0.35), features())


def _suppressor(suppressor: NoiseSuppressor | NetworkSuppressor) -> Any:
    levels = run(TickLevels(RATE // 100), run(suppressor, call_side()))
    return decibel(levels[:, 0])


def _gain_rule() -> Any:
    rng = np.random.default_rng(26)
    posterior = rng.exponential(2.0, (60, 12)).astype(np.float32)
    return GainRule(12, floor_db=-15.0).process(posterior, np.ones_like(posterior))


def _spectra() -> NDArray[np.complex64]:
    return Analyser(sine_window(160), 80, lead=80).process(call_side()[: 2 * RATE])


def _steered() -> Any:
    reader = SteeredReader(16_000, 8_000)
    windows = reader.windows(talk().astype(np.float32))
    return {
        "with_the_clock": reader.read(windows, position=20_000.3, step=2.00002, n=600),
        "far_from_it": reader.read(windows, position=20_000.3, step=2.31, n=600),
    }


def _bandwidth() -> Any:
    narrow = SimulatedHeadset(
        sample_rate=16_000, noise_dbov=-85, response=((3_400, 0.0), (3_900, -50.0), (8_000, -60.0))
    )
    return find_bandwidth(narrow.record(np.random.default_rng(27), mouth=talk()), 16_000)


def _coupling() -> Any:
    headset = SimulatedHeadset(sample_rate=16_000, coupling_db=-38, noise_dbov=-75)
    rng = np.random.default_rng(28)
    idle = headset.record(rng, mouth=np.zeros(32_000))
    return find_coupling(talk(), headset.record(rng, earpiece=talk()), 16_000, idle=idle)


def _near_far() -> Any:
    headset = SimulatedHeadset(sample_rate=16_000, far_db=-24, noise_dbov=-80)
    rng = np.random.default_rng(29)
    near, far = headset.record(rng, mouth=talk()), headset.record(rng, room=talk(seed=30))
    return find_near_far(Talkers(near=near, far=far, ambient=headset.record(rng, mouth=np.zeros(32_000))), 16_000)


def _dynamics() -> Any:
    gated = SimulatedHeadset(sample_rate=16_000, noise_dbov=-55, gate_dbov=-50, gate_depth_db=20.0, gate_hold_s=0.2)
    recorded = gated.record(np.random.default_rng(31), mouth=talk())
    levels = np.arange(-40.0, -9.0, 5)
    return {
        "gate": find_gate(recorded, 16_000),
        "gain_control": find_gain_control(talk(), recorded * np.linspace(0.5, 1.0, len(recorded)), 16_000),
        "linearity": level_linearity(levels, 0.8 * levels + 1),
    }


def _defects() -> Any:
    rng = np.random.default_rng(32)
    x = 0.02 + 1.4 * talk() / np.abs(talk()).max()
    quiet = rng.normal(0, 0.001, 64_000) + 0.002 * np.sin(2 * np.pi * 50 * np.arange(64_000) / 16_000)
    return {
        "clipping": find_clipping(np.clip(x, -1, 1), 16_000),
        "offset": find_dc_offset(0.02 + quiet),
        "hum": find_hum(quiet, 16_000),
        "idle": find_idle_noise(quiet, 16_000),
        "silent": silent_share(talk(), 16_000),
    }


def _delay() -> Any:
    rng = np.random.default_rng(33)
    recorded = np.concatenate((np.zeros(1_234), 0.5 * talk())) + rng.normal(0, 0.001, len(talk()) + 1_234)
    hiss = pink_noise(10 * 16_000, rng, sample_rate=16_000, rms=0.05).astype(float)
    delays = 0.1 + 40e-6 * np.arange(30) * 5 + 0.02 * (np.arange(30) >= 17) + rng.normal(0, 1e-5, 30)
    return {
        "delay": find_delay(talk(), recorded, 16_000),
        "track": track_delay(hiss, np.concatenate((np.zeros(320), hiss)), 16_000, step_s=2.0),
        "skew": clock_skew(delays, 5.0),
    }


def _dropouts() -> Any:
    lossy = talk() + np.random.default_rng(34).normal(0, 0.001, len(talk()))
    lossy[20_000:20_480] = 0.0
    lossy[50_000:50_800] = lossy[49_999]
    return {"alone": find_dropouts(lossy, 16_000), "beside": find_lost(talk(), lossy, 16_000)}


def _sweep() -> Any:
    sweep = Sweep(sample_rate=16_000, duration_s=2.0)
    x = np.concatenate((np.zeros(4_000), sweep.samples().astype(float), np.zeros(8_000)))
    x = x + 0.02 * x**2 - 0.05 * x**3 + np.random.default_rng(35).normal(0, 1e-5, len(x))
    bands = octave_bands(100, 6_300)
    found = deconvolve(x, sweep)
    return {"delay": found.delay, "response_db": found.response_db(bands), "thd": found.distortion(bands)}


def _response() -> Any:
    headset = SimulatedHeadset(sample_rate=16_000, noise_dbov=-70, response=((100, -12.0), (1_000, 0.0), (7_000, -9.0)))
    found = transfer(talk(), headset.record(np.random.default_rng(36), mouth=talk()), 16_000)
    hertz = np.geomspace(100, 8_000, 60)
    response = -6 * np.abs(np.log2(hertz / 1_500))
    bands = octave_bands(200, 6_300)
    return {
        "transfer_db": found.response_db(bands, least_coherence=0.3, least_share=0.2),
        "deviation": deviation_from_flat_db(hertz, response),
        "edges": band_edges_hz(hertz, response),
        "masks": [check_mask(hertz, response, mask) for mask in MASKS],
    }


def _weighting() -> Any:
    spectrum = power_spectrum(talk(), 16_000)
    hertz = spectrum.frequencies_hz
    return {
        "a": a_weighting_db(hertz[1:]),
        "psophometric": psophometric_weighting_db(hertz[1:]),
        "level_a": weighted_level_dbov(spectrum, a_weighting_db(hertz)),
        "bands": band_levels_dbov(spectrum, octave_bands(100, 6_300)),
    }


def _signals() -> Any:
    def rng() -> np.random.Generator:
        return np.random.default_rng(38)

    taps, presses = key_taps(6 * RATE, rng(), sample_rate=RATE)
    return {
        "tone": tone(440, RATE, sample_rate=RATE),
        "sweep": exponential_sweep(100, 3_000, RATE, sample_rate=RATE),
        "white": white_noise(RATE, rng()),
        "pink": pink_noise(RATE, rng(), sample_rate=RATE),
        "brown": brown_noise(RATE, rng(), sample_rate=RATE),
        "shaped": shaped_noise(RATE, rng(), sample_rate=RATE, shape=lambda hertz: np.exp(-hertz / 500)),
        "hum": hum(RATE, sample_rate=RATE)[:160],
        "clicks": dict(zip(("samples", "positions"), clicks(4 * RATE, rng(), sample_rate=RATE), strict=True)),
        "clicks_db": decibel(_levels(clicks(4 * RATE, rng(), sample_rate=RATE, per_second=8)[0])),
        "taps": taps[presses[0] : presses[0] + 240],
        "taps_db": decibel(_levels(taps)),
        "presses": presses,
        "ringing": ringing(7 * RATE, sample_rate=RATE),
        "music": music(4 * RATE, rng(), sample_rate=RATE),
        "syllables": syllable_train(9, rng(), sample_rate=RATE, variation=0.4),
    }


def _levels(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return run(TickLevels(RATE // 100), x)[:, 0]


def _voice() -> Any:
    plans = [
        SpurtPlan(n_syllables=9, rate=4.5),
        SpurtPlan(n_syllables=0, rate=2.0),
        SpurtPlan(n_syllables=len(BACKCHANNELS["mm-hm"]), rate=3.0, word="mm-hm"),
        SpurtPlan(n_syllables=14, rate=6.5, level_db=-6),
    ]
    voices = {"plain": Voice(f0_hz=110), "telephone": Voice(f0_hz=210, tract=1.16, creak=1.0, band="telephone")}
    found = {}
    for name, voice in voices.items():
        for place, spurt in enumerate(speak(voice, plans, np.random.default_rng(39), sample_rate=RATE)):
            found[f"{name}.{place}"] = {
                "samples": spurt.samples,
                "levels_db": decibel(_levels(spurt.samples)),
                "heard": np.cumsum(audible_ticks(spurt.samples, sample_rate=RATE)),
                "range": (spurt.start, spurt.end),
                "nuclei": spurt.nuclei,
            }
    return found | {"random": random_voice(np.random.default_rng(40))}


CASES: dict[str, Callable[[], Any]] = {
    "core.framing": lambda: run(Framer(160, 80, lead=80), call_side()[RATE : RATE + 1_000]),
    "core.stft": lambda: {
        "power_db": decibel(power(Analyser(hann(160), 80, lead=80).process(call_side()))),
        "spectra": _spectra(),
        "back": Synthesiser(sine_window(160), 80, lead=80).process(_spectra())[5_000:5_400],
    },
    "core.tiles": lambda: ExponentialSmoother(9, time_constant=12.0).process(features()[:, :9]),
    "core.levels": lambda: {
        "levels": run(TickLevels(80), call_side()),
        "means": decibel(run(TickMeans(80), call_side() ** 2)),
    },
    "core.spectrum": lambda: {
        "average_db": decibel(power_spectrum(talk(), 16_000).density),
        "frames_db": decibel(frame_powers(talk(), 16_000)[1]),
    },
    "core.resample": lambda: {
        "up": run(Resampler(8_000, 16_000), call_side())[20_000:20_600],
        "down": run(Resampler(11_025, 8_000), call_side())[8_000:8_600],
    },
    "core.steered": _steered,
    "speech.bands": lambda: band_matrix(160, RATE),
    "speech.front_end": _front_end,
    "speech.periodicity": lambda: run(Periodicity(RATE), call_side()),
    "speech.webrtc": lambda: run(WebrtcVoiceActivity(RATE), call_side()),
    "speech.noise_floor": lambda: decibel(
        run(NoiseFloor(81, memory=40.0, bias=2.8), power(Analyser(hann(160), 80, lead=80).process(call_side())))
    ),
    "speech.network": _network,
    "speech.speech_evidence": lambda: run(SpeechEvidence(), features()),
    "speech.syllable_evidence": lambda: run(SyllableEvidence(), features()),
    "speech.vad": _speech,
    "speech.syllables": lambda: np.cumsum(run(SyllableDetector(), features()), axis=0),
    "speech.nuclei_peaks": lambda: np.cumsum(run(NucleiPeaks(), features())),
    "speech.tonality": lambda: run(TonalDetector(), hold_features())[::25],
    "speech.music": lambda: run(MusicDetector(RATE), hold_line())[::40],
    "speech.leakage": _leakage,
    "speech.suppressor": lambda: _suppressor(NoiseSuppressor(RATE)),
    "speech.network_suppressor": lambda: _suppressor(NetworkSuppressor(RATE)),
    "speech.gain_rule": _gain_rule,
    "measurement.level_p56": lambda: active_level(talk(), 16_000),
    "measurement.weighting": _weighting,
    "measurement.sweep": _sweep,
    "measurement.response": _response,
    "measurement.distortion": lambda: tone_distortion(
        0.5 * tone(1_000, 32_000, sample_rate=16_000).astype(float)
        + 0.005 * tone(3_000, 32_000, sample_rate=16_000)
        + np.random.default_rng(37).normal(0, 1e-4, 32_000),
        16_000,
    ),
    "measurement.dynamics": _dynamics,
    "measurement.defects": _defects,
    "measurement.dropouts": _dropouts,
    "measurement.delay": _delay,
    "measurement.bandwidth": _bandwidth,
    "measurement.coupling": _coupling,
    "measurement.near_far": _near_far,
    "synthesis.signals": _signals,
    "synthesis.voice": _voice,
}
