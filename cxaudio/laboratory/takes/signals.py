"""Sounds that are played in the takes, made from role, length and sample rate alone.

Whoever has a recording can therefore make again what was played in it.
"""

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.takes.protocol import BABBLE_LEAD_S, MARKER_STEP_S, Role
from dsp.core.stage import Float32
from dsp.measurement.sweep import Sweep
from dsp.synthesis.signals import exponential_sweep, shaped_noise, tone

__all__ = ["made_speech", "marker", "signal_of", "sweep_of"]


_LEVEL_STEP_DB = 20.0
_MARKER_S = 0.5
_SPEECH_SEED = 501


def marker(sample_rate: int) -> Float32:
    """Return a sweep of half a second, 200 Hz to 3.4 kHz, which any headset passes, shape ``(n,)``, -17 dBov peak."""
    n = round(_MARKER_S * sample_rate)
    x = exponential_sweep(200, 3_400, n, sample_rate=sample_rate, amplitude=0.3)
    n_fade = round(0.01 * sample_rate)
    fade = (0.5 - 0.5 * np.cos(np.pi * (np.arange(n_fade) + 0.5) / n_fade)).astype(np.float32)
    x[:n_fade] *= fade
    x[n - n_fade :] *= fade[::-1]
    return x


@cache
def _voiced(seconds: float, seed: int) -> Float32:
    """Make a voice at 16 kHz: phrases of 1.6 s or so with pauses of 0.6 s, RMS of its speech about 0.05."""
    from dsp.synthesis.voice import SpurtPlan, Voice, speak

    rng = np.random.default_rng(seed)
    n = round(seconds * 16_000)
    plans = [SpurtPlan(n_syllables=7 + k % 3, rate=4.8) for k in range(int(seconds / 2.0) + 2)]
    x = np.zeros(n, np.float32)
    at = 1_600
    for said in speak(Voice(f0_hz=150, tract=1.08, creak=0.0), plans, rng, sample_rate=16_000):
        piece = said.samples[: max(0, n - at)]
        x[at : at + len(piece)] += piece
        at += len(said.samples) + 9_600
    spoken = x[np.abs(x) > 1e-3].astype(np.float64)
    x *= np.float32(0.05 / max(1e-9, float(np.sqrt(np.mean(spoken**2)))))
    return x


@lru_cache(maxsize=8)
def made_speech(seconds: float, sample_rate: int, *, seed: int = _SPEECH_SEED) -> Float32:
    """Make speech over the whole band of a rate, with pauses of digital silence.

    A babbling voice up to 8 kHz, and under it noise with the long-term spectrum of speech that rises and falls with it,
    so that each phrase holds every frequency of the band: the response of a headset can be computed from it.

    Parameters
    ----------
    seconds : float
        Length.
    sample_rate : int
        Hz, 8000 to 192000.
    seed : int
        Another seed, other speech.

    Returns
    -------
    ndarray of float32, shape (n,)
        Active level about -26 dBov; full scale is +-1.0; read-only.

    Examples
    --------
    >>> from dsp.measurement.level_p56 import active_level
    >>> speech = made_speech(8.0, 16_000)
    >>> len(speech), round(active_level(speech, 16_000).level_dbov)
    (128000, -26)
    """
    from dsp.core.resample import Resampler
    from dsp.core.stage import run
    from dsp.measurement.level_p56 import active_level

    n = round(seconds * sample_rate)
    voice = _voiced(seconds, seed)
    if sample_rate != 16_000:
        voice = run(Resampler(16_000, sample_rate), voice)
    voice = np.pad(voice, (0, max(0, n - len(voice))))[:n]

    def shape(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Approximate ITU-T P.50: flat to 500 Hz, then -6 dB an octave; nothing below 80 Hz."""
        return np.clip(hertz / 80, 0, 1) ** 2 / np.maximum(hertz / 500, 1.0)

    noise = shaped_noise(n, np.random.default_rng(seed + 1), sample_rate=sample_rate, shape=shape, rms=0.02)
    tick = max(1, sample_rate // 100)
    n_ticks = -(-n // tick)
    power = np.pad(voice, (0, n_ticks * tick - n)).reshape(n_ticks, tick).astype(np.float64)
    loud = np.sqrt(np.mean(power**2, axis=1))
    loud = np.where(loud > 1e-3, np.clip(loud / 0.05, 0.2, 1.5), 0.0)
    envelope = np.interp(np.arange(n), (np.arange(n_ticks) + 0.5) * tick, loud)
    speech: Float32 = voice + noise * envelope.astype(np.float32)
    gain = 10 ** ((-26.0 - active_level(speech, sample_rate).level_dbov) / 20)
    spoken: Float32 = np.clip(speech * np.float32(gain), -0.99, 0.99)
    spoken.flags.writeable = False  # it is cached
    return spoken


def signal_of(role: Role, sample_rate: int) -> Float32 | None:
    """Return the sound that is played in a take.

    Parameters
    ----------
    role : Role
        Of the take.
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray of float32, shape (n,), or None
        None where nothing is played, and for the call, which is made elsewhere.

    Examples
    --------
    >>> signal_of(Role.QUIET, 16_000) is None, signal_of(Role.MARKERS, 16_000).shape
    (True, (960000,))
    """
    if role in (Role.SWEEP_LOUD, Role.SWEEP_SOFT):
        return sweep_of(role, sample_rate).samples()
    if role is Role.TONE:
        return tone(997.0, 3 * sample_rate, sample_rate=sample_rate, amplitude=0.447)
    if role is Role.OPENING:
        return marker(sample_rate)
    if role is Role.MARKERS:
        return np.tile(np.pad(marker(sample_rate), (0, round((MARKER_STEP_S - _MARKER_S) * sample_rate))), 12)
    if role is Role.SPEECH:
        return made_speech(22.0, sample_rate)
    if role is Role.FAR:
        return made_speech(22.0, sample_rate)[: 18 * sample_rate]  # the same words as the near talker
    if role is Role.EARPIECE:
        return made_speech(18.0, sample_rate, seed=_SPEECH_SEED + 20)
    if role is Role.BABBLE:
        speech = made_speech(22.0, sample_rate)[: 17 * sample_rate]
        return np.concatenate((np.zeros(round(BABBLE_LEAD_S * sample_rate), np.float32), speech))
    if role is Role.LEVELS:
        speech = made_speech(19.0, sample_rate, seed=_SPEECH_SEED + 30)
        soft = np.float32(10 ** (-_LEVEL_STEP_DB / 20))
        return np.concatenate((soft * speech, speech))
    return None


def sweep_of(role: Role, sample_rate: int) -> Sweep:
    """Return the sweep of a role: 5 s from 50 Hz to 0.45 of the rate, at most 20 kHz, -10 or -20 dBov."""
    amplitude = 0.447 if role is Role.SWEEP_LOUD else 0.1414
    return Sweep(sample_rate=sample_rate, stop_hz=min(20_000.0, 0.45 * sample_rate), amplitude=amplitude)
