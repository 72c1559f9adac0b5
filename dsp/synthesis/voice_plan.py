"""Plan a made voice: compute from syllables the values of each source and formant in every frame of 5 ms.

All spurts of a voice are planned one after the other on one time axis, with a short silence around each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.synthesis.phones import (
    CODAS,
    CONSONANTS,
    OFF_DB,
    ONSETS,
    REDUCED_VOWELS,
    SCHWA,
    VOWELS,
    Formants,
    Segment,
    Syllable,
)

__all__ = ["FRAMES_PER_S", "Speaking", "Tracks", "plan_tracks", "random_syllables"]

FRAMES_PER_S = 200
"""Tracks have a value every 5 ms."""

_LEAD_S, _TAIL_S = 0.04, 0.14  # silence before and after each spurt, long enough for the decay
_REFERENCE_S = 0.2  # length of the syllable in which consonants have the lengths of the table
_SHORTEST_VOWEL_S = 0.040
_SPOKEN_CODA = 0.8  # consonants are shorter after the vowel than before it
_PLAIN_VOWELS = tuple(vowel for vowel in VOWELS if vowel != "@")
_BREATH = Segment(0.0, OFF_DB, -36.0, -42.0, 2500.0, 4000.0)

_SMEARED_S = 0.02
"""The level that decides whether speech is audible is smoothed over three ticks, so a spurt is this much longer."""

_MOST_STRETCH = 1.3  # even in slow speech a closure must not become a pause


@dataclass(frozen=True, slots=True)
class Speaking:
    """One spurt to be planned."""

    syllables: tuple[Syllable, ...]  # empty: a breath
    seconds: float  # from the first audible sound to the last
    range_semitones: float
    interval_variation: float
    ends_in_creak: bool


@dataclass(frozen=True, slots=True)
class Tracks:
    """Values by frame, each of shape (n_frames,) where nothing else is stated, and positions of spurts and nuclei."""

    formants_hz: NDArray[np.float64]  # shape (n_frames, 3)
    nasal: NDArray[np.float64]  # 0..1
    voicing: NDArray[np.float64]  # linear; a full vowel is 1
    aspiration: NDArray[np.float64]
    frication: NDArray[np.float64]
    centre_hz: NDArray[np.float64]
    width_hz: NDArray[np.float64]
    semitones: NDArray[np.float64]  # pitch above the middle of the voice
    roughness: NDArray[np.float64]  # 0..1, creak
    spurt_frames: NDArray[np.int64]  # shape (n_spurts + 1,): spurt k has the frames from [k] up to [k + 1]
    nuclei_s: tuple[NDArray[np.float64], ...]  # by spurt, seconds from its first frame


def _pick(table: Sequence[tuple[tuple[str, ...], float]], chance: NDArray[np.float64]) -> list[tuple[str, ...]]:
    edges = np.cumsum([weight for _, weight in table])
    return [table[k][0] for k in np.searchsorted(edges, chance * edges[-1], side="right")]


def random_syllables(n: int, rng: np.random.Generator) -> tuple[Syllable, ...]:
    """Draw random syllables, about as frequent as in English conversation.

    Parameters
    ----------
    n : int
        Number of syllables, >= 0.
    rng : numpy.random.Generator
        Source of random numbers.

    Returns
    -------
    tuple of Syllable
        Stressed and weak syllables alternate in most places.

    Examples
    --------
    >>> len(random_syllables(7, np.random.default_rng(1)))
    7
    """
    chance = rng.random((5, n))
    onsets, codas = _pick(ONSETS, chance[0]), _pick(CODAS, chance[1])
    syllables: list[Syllable] = []
    stress, is_open = 2, False
    for k in range(n):
        stress = int(chance[2, k] < 0.75) + int(chance[2, k] < 0.3) if stress == 0 else int(chance[2, k] < 0.35)
        names = REDUCED_VOWELS if stress == 0 else _PLAIN_VOWELS
        vowel = names[int(chance[3, k] * len(names))]
        onset, coda = onsets[k], codas[k]
        if is_open and not onset and chance[4, k] < 0.5:
            onset = ("?",)
        if stress == 0:
            onset, coda = onset[-1:], coda[:1] if chance[4, k] < 0.6 else ()
        is_open = not coda
        syllables.append(Syllable(onset, vowel, coda, stress))
    return tuple(syllables)


def _lengths(speaking: Speaking, rng: np.random.Generator) -> NDArray[np.float64]:
    """Compute the length of each syllable of a spurt, s, from chance, stress, sounds and final lengthening."""
    syllables = speaking.syllables
    n = len(syllables)
    weights = np.exp(speaking.interval_variation * rng.standard_normal(n))
    weights *= np.array([(0.62, 1.0, 1.28)[s.stress] for s in syllables])
    weights *= np.array([0.8 + 0.13 * (len(s.onset) + len(s.coda)) for s in syllables])
    weights[-1] *= 1.5
    if n > 2:
        weights[-2] *= 1.1
    weights = np.maximum(weights, 0.42 * weights.mean())
    lengths: NDArray[np.float64] = weights * ((speaking.seconds - _SMEARED_S) / weights.sum())
    return lengths


class _Rows:
    """Collect segments as rows of numbers."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []
        self.at = 0.0

    def add(
        self,
        seconds: float,
        sources: tuple[float, float, float, float, float],
        formants: tuple[float, float, float],
        *,
        nasal: float = 0.0,
        gain_db: float = 0.0,
        arch: tuple[float, float] = (0.5, 0.5),
    ) -> None:
        self.rows.append((self.at, seconds, *sources, *formants, nasal, gain_db, *arch))
        self.at += seconds


_SILENT = (OFF_DB, OFF_DB, OFF_DB, 1000.0, 1000.0)


def _consonants(
    rows: _Rows,
    names: tuple[str, ...],
    vowel: tuple[float, float, float],
    *,
    stretch: float,
    gain_db: float,
    opens_spurt: bool,
) -> None:
    for position, name in enumerate(names):
        consonant = CONSONANTS[name]
        first, second, third = consonant.formants
        pull = consonant.pull
        formants = (
            first if name not in ("h", "?") else vowel[0],
            pull * second + (1 - pull) * vowel[1],
            pull * third + (1 - pull) * vowel[2],
        )
        segments = consonant.segments[int(opens_spurt and position == 0 and consonant.closes) :]
        for segment in segments:
            # Bursts keep their length at any rate of speech.
            seconds = segment.seconds * (stretch if segment.seconds > 0.02 else min(1.0, stretch))
            rows.add(seconds, segment[1:], formants, nasal=float(consonant.nasal), gain_db=gain_db)


def _consonant_seconds(names: tuple[str, ...], *, opens_spurt: bool) -> float:
    total = 0.0
    for position, name in enumerate(names):
        consonant = CONSONANTS[name]
        skipped = int(opens_spurt and position == 0 and consonant.closes)
        total += sum(segment.seconds for segment in consonant.segments[skipped:])
    return total


def _coloured(target: Formants, reduction: float, chance: NDArray[np.float64]) -> Formants:
    """Vary the formants of a vowel at random, and move them towards schwa if it is weak."""
    first, second, third = (
        float(((1 - reduction) * f + reduction * neutral) * (1 + spread * c))
        for f, neutral, spread, c in zip(target, SCHWA, (0.06, 0.05, 0.03), chance, strict=True)
    )
    return first, second, third


def _add_spurt(
    rows: _Rows, speaking: Speaking, rng: np.random.Generator
) -> tuple[list[float], list[tuple[float, float]]]:
    """Add the segments of one spurt; return the times of its nuclei, and (time, semitones) of its pitch."""
    syllables = speaking.syllables
    lengths = _lengths(speaking, rng)
    normal = rng.standard_normal((len(syllables), 8))
    chance = rng.random((len(syllables), 2))
    nuclei: list[float] = []
    pitch: list[tuple[float, float]] = []
    register, rises = rng.normal(0, 0.6), rng.random() < 0.25
    n = len(syllables)
    for k, (syllable, length) in enumerate(zip(syllables, lengths, strict=True)):
        is_last = k == n - 1
        along = k / max(1, n - 1)
        gain_db = (-5.5, -2.0, 0.0)[syllable.stress] + 1.5 * normal[k, 0] - 3.0 * along - 2.5 * is_last
        gain_db = max(gain_db, -13.0)
        reduction = (0.45, 0.1, 0.0)[syllable.stress]
        targets = [_coloured(target, reduction, normal[k, 1:4]) for target in VOWELS[syllable.vowel]]
        before = _consonant_seconds(syllable.onset, opens_spurt=k == 0)
        after = _SPOKEN_CODA * _consonant_seconds(syllable.coda, opens_spurt=False)
        stretch = min(_MOST_STRETCH, (length / _REFERENCE_S) ** 0.6)
        vowel_s = max(_SHORTEST_VOWEL_S, 0.38 * length)
        if before + after > 0:
            stretch = min(stretch, (length - vowel_s) / (before + after))
        vowel_s = length - stretch * (before + after)
        _consonants(rows, syllable.onset, targets[0], stretch=stretch, gain_db=0.6 * gain_db, opens_spurt=k == 0)
        nuclei.append(rows.at + 0.45 * vowel_s)
        is_whispered = syllable.stress == 0 and not is_last and k > 0 and chance[k, 0] < 0.03
        sources = (-14.0, -14.0, OFF_DB, 1000.0, 1000.0) if is_whispered else (0.0, OFF_DB, OFF_DB, 1000.0, 1000.0)
        nasal = 0.35 * float(bool(syllable.coda) and CONSONANTS[syllable.coda[0]].nasal)
        for j, target in enumerate(targets):
            rows.add(
                vowel_s / 2,
                sources,
                target,
                nasal=nasal * j,
                gain_db=gain_db,
                arch=(0.5 * j, 0.5 * j + 0.5),
            )
        _consonants(
            rows,
            syllable.coda,
            targets[1],
            stretch=_SPOKEN_CODA * stretch,
            gain_db=0.6 * gain_db - 2.0,
            opens_spurt=False,
        )
        accent = (-0.3, 0.1, 0.6)[syllable.stress] + 0.2 * normal[k, 4]
        if is_last:
            accent = 0.7 if rises else -0.6
        pitch.append((nuclei[-1], register + speaking.range_semitones * (0.5 - along + accent)))
    return nuclei, pitch


def plan_tracks(spurts: Sequence[Speaking], rng: np.random.Generator, *, tract: float) -> Tracks:
    """Plan all spurts of a voice.

    Parameters
    ----------
    spurts : sequence of Speaking
        In their order on the time axis.
    rng : numpy.random.Generator
        Source of random numbers.
    tract : float
        Formants as a multiple of those in the tables.

    Returns
    -------
    Tracks
        Values of all frames.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> spurt = Speaking(random_syllables(3, rng), 0.6, 3.0, 0.4, ends_in_creak=False)
    >>> tracks = plan_tracks([spurt], rng, tract=1.0)
    >>> len(tracks.nuclei_s[0]), tracks.formants_hz.shape == (tracks.spurt_frames[-1], 3)
    (3, True)
    """
    rows = _Rows()
    edges = [0]
    nuclei: list[NDArray[np.float64]] = []
    pitch: list[tuple[float, float]] = [(0.0, 0.0)]
    creak: list[tuple[float, float]] = []
    for speaking in spurts:
        begin = rows.at
        rows.add(_LEAD_S, _SILENT, SCHWA)
        if speaking.syllables:
            times, tune = _add_spurt(rows, speaking, rng)
            pitch.append((begin, tune[0][1]))
            pitch.extend(tune)
            if speaking.ends_in_creak:
                creak.append((times[-1] - 0.04, rows.at))
        else:
            times = []
            for part, gain_db in ((0.3, -6.0), (0.4, 0.0), (0.3, -8.0)):
                rows.add(part * speaking.seconds, _BREATH[1:], SCHWA, gain_db=gain_db + rng.normal(0, 1))
        rows.add(_TAIL_S, _SILENT, SCHWA)
        # Every spurt begins on a tick, two frames.
        n_frames = 2 * int(np.ceil((rows.at - begin) * FRAMES_PER_S / 2))
        edges.append(edges[-1] + n_frames)
        rows.add(edges[-1] / FRAMES_PER_S - rows.at, _SILENT, SCHWA)
        nuclei.append(np.array(times) - begin)

    table = np.array(rows.rows)
    start, seconds = table[:, 0], table[:, 1]
    t = np.arange(edges[-1]) / FRAMES_PER_S
    row = np.searchsorted(start, t, side="right") - 1
    within = np.clip((t - start[row]) / np.maximum(seconds[row], 1e-6), 0, 1)
    arch_from, arch_to = table[row, 12], table[row, 13]
    arch = arch_from + within * (arch_to - arch_from)
    # The level of a vowel rises fast and falls slowly: maximum at 0.4 of the vowel, 4 dB lower at its end.
    gain_db = table[row, 11] - 11.0 * np.where(arch_from == arch_to, 0.0, (arch - 0.4) ** 2)
    centres = start + seconds / 2
    formants = np.stack([np.interp(t, centres, table[:, 7 + j]) for j in range(3)], axis=1)
    formants = np.stack([_smooth(formants[:, j], 0.035) for j in range(3)], axis=1) * tract
    times, semitones = np.array(pitch).T
    order = np.argsort(times, kind="stable")
    roughness = np.zeros(edges[-1])
    for begin, end in creak:
        roughness[int(begin * FRAMES_PER_S) : int(end * FRAMES_PER_S) + 1] = 1.0
    return Tracks(
        formants_hz=formants,
        nasal=_smooth(table[row, 10], 0.03),
        voicing=_smooth(10 ** ((table[row, 2] + gain_db) / 20), 0.02),
        aspiration=_smooth(10 ** ((table[row, 3] + gain_db) / 20), 0.015),
        frication=_smooth(10 ** ((table[row, 4] + gain_db) / 20), 0.01),
        centre_hz=table[row, 5],
        width_hz=table[row, 6],
        semitones=_smooth(np.interp(t, times[order], semitones[order]), 0.06),
        roughness=_smooth(roughness, 0.03),
        spurt_frames=np.array(edges, np.int64),
        nuclei_s=tuple(nuclei),
    )


def _smooth(track: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    """Smooth a track by a raised cosine of this whole width."""
    half = max(1, round(seconds * FRAMES_PER_S / 2))
    kernel = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(track, half, mode="edge")
    smooth: NDArray[np.float64] = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    return smooth
