"""Synthesise speech with exactly known syllable nuclei, for tests and demonstrations.

The method is source and filter. Speech is planned as syllables of consonants and vowels (`phones`) whose lengths give
the requested rate. Glottal pulses with declination, accents, jitter, shimmer and creak, and noise for breath and
friction, then pass through formants that move from sound to sound. The syllables are random and form no words. All
spurts of a voice are made at once, in frames of 5 ms, without a loop over frames.

References
----------
G. Fant, "Acoustic theory of speech production", Mouton, 1960.
D. H. Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67, 1980.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32
from dsp.synthesis.phones import BACKCHANNELS, FILLERS, Syllable
from dsp.synthesis.voice_filter import render_tracks
from dsp.synthesis.voice_plan import FRAMES_PER_S, Speaking, plan_tracks, random_syllables

__all__ = ["SpokenSpurt", "SpurtPlan", "Voice", "audible_ticks", "random_voice", "speak"]

_TICKS_PER_S = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice, and the channel through which it is recorded.

    Parameters
    ----------
    f0_hz : float
        Middle of the pitch, 50 to 400 Hz.
    tract : float
        Formants as a multiple of a man's: about 1.0 for men, 1.16 for women, 0.8 to 1.4.
    range_semitones : float
        Range of the pitch, 0 to 12 semitones; 0: constant pitch.
    breathiness : float
        0 (pressed) to 1 (like a whisper).
    jitter, shimmer_db : float
        Standard deviation of the periods (as a share of the period, 0 to 0.1) and of the pulses (0 to 3 dB), from one
        to the next.
    creak : float
        Share of spurts that end in creak, 0 to 1.
    interval_variation : float
        Standard deviation of the log lengths of syllables, 0 to 1, before stress and the lengthening of the last
        syllable are added. With 0.4 the intervals inside a spurt vary by about 0.32 of their mean; in labelled read
        speech it is 0.3 to 0.5.
    band : {"wideband", "telephone"}
        A headset's microphone (from 80 Hz), or a telephone line (300 to 3400 Hz).

    Raises
    ------
    ParameterError
        If a value is out of its range.

    Examples
    --------
    >>> Voice(f0_hz=110).band
    'wideband'
    """

    f0_hz: float
    tract: float = 1.0
    range_semitones: float = 3.0
    breathiness: float = 0.25
    jitter: float = 0.008
    shimmer_db: float = 0.5
    creak: float = 0.2
    interval_variation: float = 0.4
    band: Literal["wideband", "telephone"] = "wideband"

    def __post_init__(self) -> None:
        limits = {"f0_hz": (50, 400), "tract": (0.8, 1.4), "range_semitones": (0, 12), "breathiness": (0, 1)}
        limits |= {"jitter": (0, 0.1), "shimmer_db": (0, 3), "creak": (0, 1), "interval_variation": (0, 1)}
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ParameterError(f"{name}={value:g} is out of range; use {low:g} to {high:g}")
        if self.band not in ("wideband", "telephone"):
            raise ParameterError(f"band={self.band!r} is unknown; use 'wideband' or 'telephone'")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpurtPlan:
    """A spurt to be spoken: speech without a pause.

    Parameters
    ----------
    n_syllables : int
        Number of syllables; 0 is a breath.
    rate : float
        Syllables per second of audible speech, 1 to 10; for a breath, 1 divided by its length in seconds.
    level_db : float
        Level above the ordinary level of the voice, dB.
    word : str, optional
        A backchannel or filler of `dsp.synthesis.phones`, instead of random syllables.

    Raises
    ------
    ParameterError
        If the rate is out of range, the number is negative, or the word is unknown.

    Examples
    --------
    >>> SpurtPlan(n_syllables=2, rate=4.0, word="okay").level_db
    0.0
    """

    n_syllables: int
    rate: float
    level_db: float = 0.0
    word: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.rate <= 10:
            raise ParameterError(f"rate={self.rate:g} is out of range; use 1 to 10 syllables/s")
        if self.n_syllables < 0:
            raise ParameterError(f"n_syllables={self.n_syllables} must be at least 0")
        if self.word is not None and len(_words().get(self.word, ())) != self.n_syllables:
            known = ", ".join(f"{word} ({len(s)})" for word, s in _words().items())
            raise ParameterError(
                f"word={self.word!r} with n_syllables={self.n_syllables} is unknown; there are {known}"
            )


class SpokenSpurt(NamedTuple):
    """The sound of a spurt, with the times of its speech and of its nuclei."""

    samples: Float32  # shape (n,), a full vowel has an RMS of about 1
    start: int  # first audible sample, see `audible_ticks`; 0 for a breath
    end: int  # sample after the last audible one; 0 for a breath
    nuclei: NDArray[np.int64]  # samples, the middle of each vowel


def _words() -> dict[str, tuple[Syllable, ...]]:
    return BACKCHANNELS | FILLERS


def random_voice(rng: np.random.Generator, *, band: Literal["wideband", "telephone"] = "wideband") -> Voice:
    """Choose the voice of an adult at random.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of random numbers.
    band : {"wideband", "telephone"}
        As of `Voice`.

    Returns
    -------
    Voice
        A woman's or a man's, with equal probability.

    Examples
    --------
    >>> 70 < random_voice(np.random.default_rng(1)).f0_hz < 260
    True
    """
    is_high = bool(rng.random() < 0.5)
    return Voice(
        f0_hz=float(np.clip(rng.normal(200, 20), 160, 250) if is_high else np.clip(rng.normal(115, 16), 80, 155)),
        tract=float(np.clip(rng.normal(1.16 if is_high else 1.0, 0.035), 0.9, 1.28)),
        range_semitones=float(rng.uniform(1.5, 4.5)),
        breathiness=float(rng.uniform(0.1, 0.6)),
        jitter=float(rng.uniform(0.004, 0.012)),
        shimmer_db=float(rng.uniform(0.3, 0.9)),
        creak=float(rng.uniform(0.0, 0.5)),
        interval_variation=float(rng.uniform(0.3, 0.5)),
        band=band,
    )


def audible_ticks(x: Float32, *, sample_rate: int, floor_db: float = -26.0) -> NDArray[np.bool_]:
    """Find the ticks at which clean speech is audible: the truth with which detectors are compared.

    Parameters
    ----------
    x : ndarray of float32, shape (n,)
        One voice without any noise; stretches of zeros do not count.
    sample_rate : int
        In Hz, a multiple of 100.
    floor_db : float
        Least level of an audible tick, smoothed over three ticks, in dB relative to the loud parts of the voice (95th
        percentile of the ticks with sound); < 0.

    Returns
    -------
    ndarray of bool, shape (n // tick,)
        One for each complete tick of 10 ms. Gaps are not closed.

    Raises
    ------
    ParameterError
        If the rate is not a multiple of 100 Hz.

    Examples
    --------
    >>> x = np.concatenate((np.ones(800), np.zeros(800))).astype(np.float32)
    >>> int(audible_ticks(x, sample_rate=8000).sum())
    11
    """
    if sample_rate % _TICKS_PER_S:
        raise ParameterError(f"sample_rate={sample_rate} must be a multiple of {_TICKS_PER_S} Hz")
    tick = sample_rate // _TICKS_PER_S
    power = np.einsum("ij,ij->i", *(2 * (x[: len(x) // tick * tick].reshape(-1, tick),)), dtype=np.float64) / tick
    if not len(power):
        return np.zeros(0, np.bool_)
    # After the end of a voice its filters decay for a while at about 1e-8 of its power; that does not count as sound.
    sounding = power[power > 1e-6 * power.max()]
    if not len(sounding):
        return np.zeros(len(power), np.bool_)
    smooth = np.convolve(power, np.ones(3) / 3, mode="same")
    audible: NDArray[np.bool_] = smooth > np.percentile(sounding, 95) * 10 ** (floor_db / 10)
    return audible


def speak(
    voice: Voice, spurts: Sequence[SpurtPlan], rng: np.random.Generator, *, sample_rate: int
) -> tuple[SpokenSpurt, ...]:
    """Synthesise the spurts of a voice.

    Parameters
    ----------
    voice : Voice
        The voice.
    spurts : sequence of SpurtPlan
        All its spurts; making them in one call is much faster than one by one.
    rng : numpy.random.Generator
        Source of random numbers.
    sample_rate : int
        8000 to 16000 Hz, a multiple of 200.

    Returns
    -------
    tuple of SpokenSpurt
        One for each spurt, in the same order.

    Raises
    ------
    ParameterError
        If the sample rate is out of range or not a multiple of 200.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> (said,) = speak(Voice(f0_hz=110), [SpurtPlan(n_syllables=10, rate=5.0)], rng, sample_rate=8000)
    >>> len(said.nuclei), round((said.end - said.start) / 8000, 1)
    (10, 2.0)
    """
    if not 8_000 <= sample_rate <= 16_000 or sample_rate % FRAMES_PER_S:
        raise ParameterError(
            f"sample_rate={sample_rate} cannot be synthesised; use a multiple of {FRAMES_PER_S} from 8000 to 16000 Hz"
        )
    if not spurts:
        return ()
    planned = []
    for spurt in spurts:
        syllables = _words()[spurt.word] if spurt.word else random_syllables(spurt.n_syllables, rng)
        planned.append(
            Speaking(
                syllables=syllables,
                seconds=max(1, spurt.n_syllables) / spurt.rate,
                range_semitones=voice.range_semitones,
                interval_variation=voice.interval_variation,
                ends_in_creak=bool(rng.random() < voice.creak),
            )
        )
    tracks = plan_tracks(planned, rng, tract=voice.tract)
    sound = render_tracks(
        tracks,
        rng,
        sample_rate=sample_rate,
        f0_hz=voice.f0_hz,
        tract=voice.tract,
        breathiness=voice.breathiness,
        jitter=voice.jitter,
        shimmer_db=voice.shimmer_db,
        band=voice.band,
    )
    hop = sample_rate // FRAMES_PER_S
    audible = audible_ticks(sound, sample_rate=sample_rate)
    said = []
    for spurt, first, last, nuclei_s in zip(
        spurts, tracks.spurt_frames, tracks.spurt_frames[1:], tracks.nuclei_s, strict=False
    ):
        ticks = np.flatnonzero(audible[first // 2 : last // 2])
        is_speech = spurt.n_syllables > 0 and len(ticks) > 0
        said.append(
            SpokenSpurt(
                samples=sound[first * hop : last * hop] * np.float32(10 ** (spurt.level_db / 20)),
                start=int(ticks[0]) * 2 * hop if is_speech else 0,
                end=int(ticks[-1] + 1) * 2 * hop if is_speech else 0,
                nuclei=np.round(nuclei_s * sample_rate).astype(np.int64),
            )
        )
    return tuple(said)
