"""What each figure of the laboratory must be, computed from the headset's physics and from the figure's definition.

Linear figures come from the responses of the sections, noise figures from power densities, distortion from the
polynomial, levels of speech from the sound of a take without noise. Where a wearing changes a figure, the truth is that
of the mean fit. Gain control, gate, suppressor and clipping hide what describes the microphone: the truth of such a
figure is that of the headset without them, at the gain that speech gets.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from benchmarks.second_headset.capsule_distortion import tone_amplitudes
from benchmarks.second_headset.headset import Fit, SecondHeadset
from benchmarks.second_headset.level_processing import gain_control_gain, processed
from benchmarks.second_headset.played_sounds import played_of
from benchmarks.second_headset.recording import clean_sound, delay_of, order_of, record_take
from benchmarks.second_headset.self_noise import density_of, hum_lines, made_hum, made_noise
from benchmarks.second_headset.sound_paths import path_gain, path_of
from benchmarks.second_headset.standard_weightings import (
    MASKS,
    a_weight,
    coupling_loss,
    mask_margin,
    psophometric_weight,
    third_octaves,
)
from cxaudio.laboratory.takes.protocol import BABBLE_LEAD_S, N_OPENINGS, Role, plan_of
from dsp.measurement.level_p56 import active_level

__all__ = ["truth"]

Float64 = NDArray[np.float64]

_SWEEP_START_HZ = 50.0
_LOUD, _SOFT, _TONE = 0.447, 0.1414, 0.447
"""Amplitudes of the protocol's sweeps and tone."""

_TONE_HZ, _TONE_BAND_HZ = 997.0, (100.0, 7_000.0)
_BABBLE_BAND = (100.0, 7_000.0)
_COUPLING_BAND = (300.0, 3_400.0)
_QUANTISED = 1 / 12 / 32768**2


def _db(power: float) -> float:
    return float(10 * np.log10(power)) if power > 0 else -np.inf


class _Physics:
    """What several figures need of one headset."""

    def __init__(self, headset: SecondHeadset) -> None:
        self.headset = headset
        self.rate = headset.sample_rate
        self.gain = 10 ** ((headset.gain.db + _speech_gain_db(headset)) / 20)
        self.sweep_stop_hz = min(20_000.0, 0.45 * self.rate)

    def power_gain(self, hertz: Float64) -> Float64:
        """Return |H|^2 of the path from the mouth, without the gain behind the microphone."""
        return np.asarray(np.abs(path_gain(self.headset, "mouth", hertz)) ** 2)

    def noise_power(self, low_hz: float, high_hz: float, weight: Callable[[Float64], Float64] | None = None) -> float:
        """Return the power of noise, hum and quantisation in a band."""
        hertz = np.arange(low_hz, high_hz + 0.25, 0.5)
        density = density_of(self.headset.noise, hertz, self.rate) * self.gain**2 + _QUANTISED / (self.rate / 2)
        power = float(np.trapezoid(density * (weight(hertz) if weight else 1.0), hertz))
        for line, line_power in hum_lines(self.headset.hum) if self.headset.hum else ():
            if low_hz <= line <= high_hz:
                power += line_power * self.gain**2 * (float(weight(np.array([line]))[0]) if weight else 1.0)
        return power

    @property
    def noise_dbov(self) -> float:
        """Level of the noise from 20 Hz up."""
        return _db(self.noise_power(20.0, self.rate / 2))

    def band_levels(self, low_hz: float, high_hz: float) -> tuple[Float64, Float64]:
        """Return middles and levels of third octaves of the response re 1 kHz, those that the sweep reaches, dB."""
        middles, lows, highs = third_octaves(low_hz, high_hz)
        levels = [_db(float(np.mean(self.power_gain(np.linspace(low, high, 400)))))
                  for low, high in zip(lows, highs, strict=True)]  # fmt: skip
        at_1k = levels[int(np.argmin(np.abs(middles - 1_000)))] if low_hz <= 1_000 <= high_hz else 0.0
        known = (lows >= _SWEEP_START_HZ) & (highs <= 1.001 * self.sweep_stop_hz)
        return middles[known], np.array(levels)[known] - at_1k


@lru_cache(maxsize=64)
def _speech(headset: SecondHeadset) -> Float64:
    """Return the speech take without noise, processing and offset."""
    return clean_sound(headset, Role.SPEECH)


def _speech_gain_db(headset: SecondHeadset) -> float:
    """Return the gain that a gain control gives to speech."""
    if headset.gain_control is None:
        return 0.0
    sound = _speech(headset)
    after = sound * gain_control_gain(sound, headset.gain_control, headset.sample_rate)
    rate = headset.sample_rate
    return active_level(after, rate).level_dbov - active_level(sound, rate).level_dbov


def truth(
    headset: SecondHeadset,
    *,
    seed: int = 0,
    wearings: int = 3,
    roles: Sequence[Role] = tuple(Role),
    openings: int = N_OPENINGS,
) -> dict[str, float | None]:
    """Return the true value of each figure.

    Parameters
    ----------
    headset : SecondHeadset
    seed, wearings, roles, openings
        As given to `record`: how much sound is lost, and the shortest and longest delay, depend on them.

    Returns
    -------
    dict
        Key of a figure to its true value in the figure's unit; None where this simulation has no truth.
    """
    physics = _Physics(headset)
    found: dict[str, float | None] = {}
    found |= _noise(physics)
    found |= _levels(physics)
    found |= _speech_over_noise(physics)
    found |= _response(physics)
    found |= _distortion(physics)
    found["clipping.per_s"] = _flat_tops(headset, seed, wearings) / plan_of(Role.SPEECH).seconds
    found |= _processing(headset)
    found |= _timing(physics, seed, openings)
    found |= _lost(headset, order_of(roles, wearings=wearings, openings=openings))
    found |= _other_paths(physics)
    for key in _WITHOUT_TRUTH:
        found[key] = None
    return found


_WITHOUT_TRUTH = (
    "snr.cleaned_babble_db", "snr.left_for_ours_db", "pacing.rate_percent", "pacing.speech_percent",
    "pacing.overlaps", "pacing.silence_s", "pacing.response_s", "dnsmos.overall", "dnsmos.signal",
    "dnsmos.background", "plcmos.score", "stoi.score",
)  # fmt: skip
"""What our suppressor, our rules and trained models make of a sound follows from no physics."""


def _noise(physics: _Physics) -> Mapping[str, float | None]:
    headset, top = physics.headset, physics.rate / 2
    return {
        "noise.total_dbov": physics.noise_dbov,
        "noise.a_weighted_dbov": _db(physics.noise_power(1.0, top, a_weight)),
        "noise.psophometric_dbov": _db(physics.noise_power(1.0, top, psophometric_weight)),
        "noise.p90_dbov": _loud_moments_dbov(headset, physics.gain),
        "hum.level_dbov": headset.hum.level_dbov + _db(physics.gain**2) if headset.hum else None,
        "dc.level_dbov": _db(headset.offset**2) if headset.offset else None,
    }


def _loud_moments_dbov(headset: SecondHeadset, gain: float) -> float:
    """Return the 90th percentile of the levels of 100 ms, by four minutes of noise: it has no closed form."""
    rate = headset.sample_rate
    n, n_moment = 60 * rate, rate // 10
    levels: list[float] = []
    for k in range(4):
        rng = np.random.default_rng((97, k))
        sound = made_noise(headset.noise, n, rate, rng)
        if headset.hum is not None:
            sound += made_hum(headset.hum, n, rate, rng)
        levels += list(np.mean(sound.reshape(-1, n_moment) ** 2, axis=1) * gain**2 + _QUANTISED)
    return _db(float(np.percentile(levels, 90)))


def _levels(physics: _Physics) -> Mapping[str, float | None]:
    """Levels of the speech take as it is recorded, with what processing does to it."""
    headset = physics.headset
    sound = processed(_speech(headset), headset)
    level = active_level(sound, physics.rate)
    rms = float(np.mean(sound**2)) + physics.noise_power(0.5, physics.rate / 2) + headset.offset**2
    peak = float(np.max(np.abs(np.clip(sound + headset.offset, -1, 1))))
    return {
        "level.active_dbov": level.level_dbov,
        "level.activity_percent": 100 * level.activity,
        "level.rms_dbov": _db(rms),
        "level.peak_dbov": _db(peak**2),
        "level.crest_db": _db(peak**2 / rms),
    }


def _band_of_babble(sound: Float64, rate: int) -> Float64:
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / rate)
    spectrum[(hertz < _BABBLE_BAND[0]) | (hertz > _BABBLE_BAND[1])] = 0
    return np.fft.irfft(spectrum, len(sound))


def _speech_over_noise(physics: _Physics) -> Mapping[str, float | None]:
    headset = physics.headset
    added = _speech_gain_db(headset)
    level = active_level(_speech(headset), physics.rate).level_dbov + added
    # Figures in babble are those of the band from 100 Hz to 7 kHz, as their conditions say.
    in_band = active_level(_band_of_babble(_speech(headset), physics.rate), physics.rate).level_dbov + added
    noise_power = physics.noise_power(*_BABBLE_BAND)
    babble = _band_of_babble(clean_sound(headset, Role.BABBLE, played=np.zeros(1)), physics.rate)
    lead = babble[: round(BABBLE_LEAD_S * physics.rate)]
    over_babble = in_band - _db(float(np.mean(lead**2)) * 10 ** (added / 10) + noise_power)
    return {
        "snr.quiet_db": level - physics.noise_dbov,
        "snr.babble_db": over_babble,
        "snr.drop_db": in_band - _db(noise_power) - over_babble,
        "bandwidth.upper_hz": _bandwidth_hz(physics),
    }


def _bandwidth_hz(physics: _Physics) -> float:
    """Return where speech sinks into noise: the last frequency at which both together are 6 dB above noise alone."""
    rate = physics.rate
    sound = _speech(physics.headset) * 10 ** (_speech_gain_db(physics.headset) / 20)
    hertz, density = signal.welch(sound, rate, nperseg=rate // 10, noverlap=rate // 20)
    hertz, density = np.asarray(hertz, np.float64), np.asarray(density, np.float64)
    active = density / active_level(sound, rate).activity
    active = np.convolve(active, np.ones(11) / 11, "same")  # 100 Hz, as bins are 10 Hz apart
    noise = density_of(physics.headset.noise, hertz, rate) * physics.gain**2 + _QUANTISED / (rate / 2)
    heard = np.flatnonzero((active + noise) >= 10**0.6 * noise)
    edge = float(hertz[heard[-1]]) if len(heard) else 0.0
    return rate / 2 if edge >= 0.98 * rate / 2 else edge


def _response(physics: _Physics) -> Mapping[str, float | None]:
    _, levels = physics.band_levels(100, 6_300)
    middles, for_masks = physics.band_levels(100, 8_000)
    hertz = np.arange(20.0, physics.sweep_stop_hz, 0.5)
    fallen = physics.power_gain(hertz) < 0.5012 * physics.power_gain(np.array([1_000.0]))  # -3 dB
    below, above = np.flatnonzero(fallen & (hertz < 1_000)), np.flatnonzero(fallen & (hertz > 1_000))
    processes = physics.headset.suppressor or physics.headset.gain_control or physics.headset.clip_at
    found: dict[str, float | None] = {
        "response.deviation_db": float(np.std(levels)),
        "response.low_edge_hz": float(hertz[below[-1]]) if len(below) else 20.0,
        "response.high_edge_hz": float(hertz[above[0]]) if len(above) else physics.sweep_stop_hz,
        # Processing does treat a sweep otherwise than speech; by how much depends on both.
        "response.sweep_vs_speech_db": None if processes else 0.0,
    }
    return found | {name: mask_margin(name, middles, for_masks) for name in MASKS}


def _thd(physics: _Physics, hertz: Float64, top_hz: float) -> Float64:
    """Return the THD at each frequency, harmonics up to `top_hz`, as a ratio."""
    headset = physics.headset
    before = np.abs(path_gain(headset, "mouth", hertz, with_response=False))
    power = np.zeros(len(hertz))
    first = np.zeros(len(hertz))
    for k, at in enumerate(hertz):
        one, two, three = tone_amplitudes(
            _LOUD * before[k], second_order=headset.second_order, third_order=headset.third_order
        )
        tones = np.array([at, 2 * at, 3 * at])
        inside = tones <= top_hz
        # Behind the capsule there is the response alone: the loop's path is nothing else.
        gains = np.abs(path_gain(headset, "loop", np.minimum(tones, physics.rate / 2))) * inside
        first[k] = one * gains[0]
        power[k] = (two * gains[1]) ** 2 + (three * gains[2]) ** 2
    return np.sqrt(power) / first


def _distortion(physics: _Physics) -> Mapping[str, float | None]:
    headset = physics.headset
    top = physics.rate / 2
    heard = min(top, _bandwidth_hz(physics))
    middles, _, _ = third_octaves(250, 4_000)
    middles = middles[2 * middles <= min(heard, physics.sweep_stop_hz)]
    tone = np.array([_TONE_HZ])
    before = float(np.abs(path_gain(headset, "mouth", tone, with_response=False))[0])
    amplitudes = tone_amplitudes(_TONE * before, second_order=headset.second_order, third_order=headset.third_order)
    gains = np.abs(path_gain(headset, "loop", np.array([1, 2, 3]) * _TONE_HZ)) * physics.gain
    powers = np.array(amplitudes) ** 2 / 2 * gains**2
    rest = float(powers[1] + powers[2]) + physics.noise_power(*_TONE_BAND_HZ)

    def compressed(amplitude: float) -> float:
        return tone_amplitudes(amplitude, second_order=0.0, third_order=headset.third_order)[0] / amplitude

    compression: float | None = 2 * _db(compressed(_LOUD) / compressed(_SOFT))
    if headset.clip_at is not None:
        compression = None
    elif headset.gain_control is not None:  # the louder sweep is turned up less
        compression = (compression or 0.0) + (headset.gain_control.slope - 1) * 20 * np.log10(_LOUD / _SOFT)
    return {
        "thd.at_1khz_percent": 100 * float(_thd(physics, np.array([1_000.0]), top)[0]),
        "thd.worst_percent": 100 * float(np.max(_thd(physics, middles, top))) if len(middles) else None,
        "thd_n.percent": 100 * float(np.sqrt(rest / (rest + powers[0]))),
        "compression.db": compression,
    }


def _flat_tops(headset: SecondHeadset, seed: int, wearings: int) -> float:
    """Count runs of three samples or more at the limit in the speech takes, all at the mean fit; the mean of them.

    Noise ends runs early, so they are counted in recorded takes.
    """
    highest = min(1.0 - 1 / 32768, headset.clip_at or 1.0)
    if float(np.max(np.abs(processed(_speech(headset), headset)))) < 0.9 * highest:
        return 0.0
    worn_alike = replace(headset, fit=Fit(mouth_db=0.0))
    runs = 0
    for number in range(1, wearings + 1):
        sound = record_take(worn_alike, seed, Role.SPEECH, number).samples - headset.offset
        for side in (sound >= highest - 1 / 32768, sound <= -highest + 1 / 32768):
            edges = np.flatnonzero(np.diff(np.concatenate(([0], side.astype(np.int8), [0]))))
            runs += int(np.sum(edges[1::2] - edges[::2] >= 3))
    return runs / wearings


def _processing(headset: SecondHeadset) -> Mapping[str, float | None]:
    return {
        "gate.depth_db": headset.gate.depth_db if headset.gate else None,
        "agc.slope": headset.gain_control.slope if headset.gain_control else 1.0,
    }


def _timing(physics: _Physics, seed: int, openings: int) -> Mapping[str, float | None]:
    """Delays of the first sample, with what the response adds; the median is that of all openings there could be."""
    headset = physics.headset
    added = _response_delay_s(headset)
    drawn = [delay_of(headset, seed, Role.OPENING, k) for k in range(1, openings + 1)]
    cuts = sum(
        lost.count(Role.MARKERS, len(played_of(Role.MARKERS, physics.rate)) / physics.rate)
        for lost in headset.lost
        if lost.kind == "cut"
    )
    return {
        "latency.median_ms": 1000 * (headset.delay_s + headset.jitter_s / 2 + added),
        "latency.min_ms": 1000 * (min(drawn) + added),
        "latency.max_ms": 1000 * (max(drawn) + added),
        "clock.skew_ppm": headset.skew_ppm,
        "clock.slips": float(cuts),
    }


def _response_delay_s(headset: SecondHeadset) -> float:
    """Return at which lag the marker behind the response is most like the marker, s."""
    rate = headset.sample_rate
    marker = played_of(Role.OPENING, rate).astype(np.float64)
    n = 2 * len(marker)
    hertz = np.arange(n // 2 + 1) * rate / n
    cross = np.abs(np.fft.rfft(marker, n)) ** 2 * path_gain(headset, "loop", hertz)
    finer = 32
    lags = np.fft.irfft(cross, finer * n)
    near = np.concatenate((lags[-finer * rate // 500 :], lags[: finer * rate // 100]))
    return float(np.argmax(near) - finer * rate // 500) / (finer * rate)


_WITH_SOUND = (Role.SPEECH, Role.BABBLE, Role.SWEEP_LOUD, Role.TONE, Role.LEVELS)
"""Takes whose sound is loud from end to end: the takes and seconds that the conditions of drop-outs count."""


def _lost(headset: SecondHeadset, order: Sequence[tuple[Role, int]]) -> Mapping[str, float | None]:
    """Pieces that are lost in the takes with sound."""
    rate = headset.sample_rate
    pieces, lost_ms, seconds = 0, 0.0, 0.0
    for role, _ in order:
        if role not in _WITH_SOUND:
            continue
        seconds += plan_of(role).seconds
        for lost in headset.lost:
            count = lost.count(role, len(played_of(role, rate)) / rate)
            pieces += count
            lost_ms += count * lost.milliseconds
    return {"dropouts.per_5min": 300 * pieces / seconds if seconds else None, "dropouts.total_ms": lost_ms}


def _other_paths(physics: _Physics) -> Mapping[str, float | None]:
    headset = physics.headset
    hertz = np.geomspace(*_COUPLING_BAND, 4_000)
    coupled = np.abs(path_gain(headset, path_of(Role.EARPIECE), hertz)) ** 2 * physics.gain**2
    _, lows, highs = third_octaves(315, 3_150)
    differences = []
    for low, high in zip(lows, highs, strict=True):
        at = np.linspace(low, high, 200)
        near = np.abs(path_gain(headset, "mouth", at)) ** 2
        far = np.abs(path_gain(headset, "far", at)) ** 2
        differences.append(_db(float(np.mean(near))) - _db(float(np.mean(far))))
    return {
        "coupling.weighted_db": coupling_loss(hertz, coupled),
        "near_far.mean_db": float(np.mean(differences)),
    }
