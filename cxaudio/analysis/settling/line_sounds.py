"""Find what the line itself plays, with the whole call known: tones, ringing, keys, beeps, music, and their holds.

A tone is an island of sound most of which is steady (`dsp.speech.tonality`). Bursts of one spectrum at most a cadence
apart, with nobody talking between them, are one train. Music (`tunes.py`) is found by its own evidence. A train or
music that lasts is a hold, if nobody of the other side talks meanwhile.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.rows import BANDS_EVERY, CallRows
from cxaudio.analysis.settling.runs import counted, mask_of, runs_of
from cxaudio.analysis.settling.tunes import ANSWER, Tune, bridged, find_tunes
from cxaudio.analysis.tick import in_ticks
from cxaudio.model.events import HoldKind, LineSoundKind, Side
from cxaudio.model.policy import HoldSettings
from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS
from dsp.speech.tonality import EVIDENCE_STEPS

__all__ = ["HoldStretch", "LineSounds", "SoundSpan", "find_line_sounds"]

Bools: TypeAlias = NDArray[np.bool_]

# An island is sound that stands this far above the side's quiet ticks. One is a tone if the detector is sure of a
# quarter of it and does not doubt more than 40 % of the rest. Where a tone runs into talk it must last by itself.
_ABOVE_QUIET_DB = 8.0
_LOWEST_DBFS, _HIGHEST_DBFS = -63.0, -40.0
_QUIET_PERCENTILE = 10
_DOUBTFUL = -3 * EVIDENCE_STEPS
_SURE_SHARE, _STEADY_SHARE = 0.25, 0.6
_SHORTEST = 4  # ticks
_WITHIN_TALK = 30  # ticks
_BRIDGE = 3  # ticks: the zero crossings of two tones that beat

# Some voices come close to tones all call long: what two in a thousand ticks of a side's talk exceed is no tone.
_TALK_LEAST = 30  # ticks of an island
_TALK_SHARE = 0.2  # of it that may look like a tone
_TALK_ENOUGH = 1000  # ticks
_TALK_PERCENTILE = 99.8
_MOST_CAUTION = 6 * EVIDENCE_STEPS

# ITU-T E.180: ringing pauses for up to 5 s. Bursts of one train have one spectrum (cosine between their powers), and
# hardly any talk of their side between them.
_CADENCE = 600  # ticks
_ALIKE = 0.8
_TALK_BETWEEN = 20  # ticks in a gap
_LEAST_DUTY = 0.12  # sparser beeps are no cadence; E.180: 1 s in 6 s at least
_KEY_LONGEST = 60  # ticks
_BEEP_LONGEST = 100
_SAME_INSTANT = 4  # ticks between the edges of one beep on both sides

# A hold: somebody may say a word to himself meanwhile, or to a colleague, but nobody talks on.
_OTHER_TALK, _OTHER_SHARE = 80, 0.1

# An announcement: the line plays something before and after it, and the other side has nothing to say to it.
_ANNOUNCEMENT_LONGEST = 6000  # ticks


@dataclass(frozen=True, slots=True)
class SoundSpan:
    """A sound of the line, in ticks ``[first, last)``."""

    first: int
    last: int
    side: Side
    kind: LineSoundKind


@dataclass(frozen=True, slots=True)
class HoldStretch:
    """A hold by what the line plays, in ticks ``[first, last)``."""

    first: int
    last: int
    kind: HoldKind
    side: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSounds:
    """What the line plays in a call."""

    sounds: tuple[SoundSpan, ...]  # in order of their beginning
    holds: tuple[HoldStretch, ...]  # in order, none overlapping another
    mask: Bools  # (2, n) ticks that are the line's and so no speech


@dataclass(slots=True)
class _Burst:
    """One stretch of a tone."""

    first: int
    last: int
    spectrum: Float32  # (N_BANDS,) power, sums to 1
    keys: bool
    both: bool = False  # the other side has it at the same instant

    @property
    def length(self) -> int:
        return self.last - self.first


def find_line_sounds(rows: CallRows, speaking: Bools, settings: HoldSettings) -> LineSounds:
    """Find the sounds of the line and the holds that they make.

    Parameters
    ----------
    rows : CallRows
        All ticks of the call.
    speaking : ndarray of bool, shape (2, n)
        Ticks in which a side speaks, the line's sounds included.
    settings : HoldSettings
        Shortest hold.

    Returns
    -------
    LineSounds
        Sounds of any length, holds, and the ticks that are no speech.
    """
    tonal = np.stack([_tones(rows, side) for side in Side])
    # The same tone on both sides at one instant is the recorder's, also where one side talks right beside it.
    shared = (rows.tonal[0] > _DOUBTFUL) & (rows.tonal[1] > _DOUBTFUL) & (tonal[0] | tonal[1])
    mask = tonal | shared
    bursts = [_bursts(rows, side, tonal[side]) for side in Side]
    del tonal, shared
    _mark_shared(bursts)
    talk = speaking & ~mask
    min_ticks = in_ticks(settings.min_s)
    sounds: list[SoundSpan] = []
    candidates: list[HoldStretch] = []
    for side in Side:
        for train in _trains(bursts[side], talk[side]):
            sounds += _sounds_of(train, side)
            stretch = _hold_of(train, side, min_ticks)
            if stretch is not None:
                candidates.append(stretch)
    candidates += _fillers(bursts, talk, min_ticks)
    del talk  # before more memory is needed
    tunes = find_tunes(rows, speaking, mask, min_ticks=min_ticks)
    for tune in tunes:
        sounds.append(SoundSpan(tune.first, tune.last, tune.side, LineSoundKind.MUSIC))
        mask[tune.side, tune.first : tune.last] = True
        if tune.last - tune.first >= min_ticks:
            candidates.append(HoldStretch(tune.first, tune.last, HoldKind.MUSIC, tune.side))
    talk = speaking & ~mask
    holds = _without_overlap([hold for hold in candidates if _undisturbed(hold, talk)])
    spoken = counted(talk[0] | talk[1])
    holds = [_with_adjoining(hold, sounds, spoken) for hold in holds]
    holds = _with_announcements(_without_overlap(holds), sounds, talk, in_ticks(settings.announcement_alone_s))
    for hold in holds:
        sides = list(Side) if hold.side is None else [hold.side]
        mask[sides, hold.first : hold.last] = True
    return LineSounds(
        sounds=tuple(sorted(_outside_tunes(sounds, tunes), key=lambda sound: (sound.first, sound.side))),
        holds=tuple(holds),
        mask=mask,
    )


def _tones(rows: CallRows, side: Side) -> Bools:
    """Find the ticks of a side that are a tone."""
    evidence = rows.tonal[side]
    sure: Bools = evidence > 0
    steady: Bools = evidence > _DOUBTFUL
    if not sure.any():
        return sure
    islands = _islands(rows, side)
    sure = evidence > _limit(evidence, islands)
    length = islands[:, 1] - islands[:, 0]
    whole = _count_in(islands, sure) >= np.maximum(_SHORTEST, _SURE_SHARE * length)
    whole &= _count_in(islands, steady) >= _STEADY_SHARE * length
    inside = runs_of(bridged(sure, 2 * _BRIDGE), at_least=_WITHIN_TALK)
    return mask_of(islands[whole], len(sure)) | mask_of(inside, len(sure))


def _count_in(runs: NDArray[np.int64], mask: Bools) -> NDArray[np.int32]:
    """Return the number of ticks of a mask in each run."""
    sums = counted(mask)
    n: NDArray[np.int32] = sums[runs[:, 1]] - sums[runs[:, 0]]
    return n


def _islands(rows: CallRows, side: Side) -> NDArray[np.int64]:
    """Return the runs of ticks of a side that stand above its quiet ones."""
    quiet = rows.quiet_db(side, _QUIET_PERCENTILE, ~rows.still[side])
    if quiet is None:
        quiet = _LOWEST_DBFS
    limit = min(max(quiet + _ABOVE_QUIET_DB, _LOWEST_DBFS), _HIGHEST_DBFS)
    return runs_of(bridged(rows.is_louder(side, limit), _BRIDGE), at_least=_SHORTEST)


def _limit(evidence: NDArray[np.int8], islands: NDArray[np.int64]) -> float:
    """Return the evidence above which a tick is surely a tone: more than the side's own talk has."""
    sums = counted(evidence > 0)
    first, last = islands[:, 0], islands[:, 1]
    talk = islands[(last - first >= _TALK_LEAST) & (sums[last] - sums[first] < _TALK_SHARE * (last - first))]
    if int((talk[:, 1] - talk[:, 0]).sum()) < _TALK_ENOUGH:
        return 0.0
    ticks = np.concatenate([evidence[a:b] for a, b in talk.tolist()])
    return float(np.clip(np.percentile(ticks, _TALK_PERCENTILE), 0, _MOST_CAUTION))


def _bursts(rows: CallRows, side: Side, tonal: Bools) -> list[_Burst]:
    bursts = []
    for first, last in runs_of(tonal).tolist():
        a = -(-(first + 2) // BANDS_EVERY)
        bands = rows.band_dbfs(side, a, max(a + 1, (last - 2) // BANDS_EVERY))
        power = np.power(np.float32(10), bands / 10).mean(axis=0) if len(bands) else np.ones(N_BANDS, np.float32)
        power = power / power.sum()
        bursts.append(_Burst(first, last, power, last - first <= _KEY_LONGEST and _is_key(power)))
    return bursts


def _is_key(power: Float32) -> bool:
    """Tell whether a spectrum is that of a key: one tone of 697 to 941 Hz, one of 1209 to 1633 Hz, little else."""
    low, high = float(power[5:10].sum()), float(power[10:16].sum())
    return min(low, high) > 0.05 and low + high > 0.9


def _mark_shared(bursts: list[list[_Burst]]) -> None:
    """Mark the bursts that both sides have at the same instant."""
    starts = np.array([burst.first for burst in bursts[1]])
    for burst in bursts[0]:
        near = np.searchsorted(starts, (burst.first - _SAME_INSTANT, burst.first + _SAME_INSTANT + 1))
        for k in range(*near.tolist()):
            other = bursts[1][k]
            if abs(other.last - burst.last) <= 2 * _SAME_INSTANT and float(_likeness(burst, other)) >= _ALIKE:
                burst.both = other.both = True


def _likeness(one: _Burst, other: _Burst) -> float:
    product = float(one.spectrum @ other.spectrum)
    return product / float(np.sqrt((one.spectrum @ one.spectrum) * (other.spectrum @ other.spectrum)) + 1e-12)


def _trains(bursts: list[_Burst], talk: Bools) -> list[list[_Burst]]:
    """Group bursts that follow one another with one spectrum and no talk between."""
    spoken = counted(talk)
    trains: list[list[_Burst]] = []
    for burst in bursts:
        before = trains[-1][-1] if trains else None
        if (
            before is not None
            and burst.first - before.last <= _CADENCE
            and burst.both == before.both
            and (_likeness(before, burst) >= _ALIKE or (burst.keys and before.keys))
            and spoken[burst.first] - spoken[before.last] <= _TALK_BETWEEN
        ):
            trains[-1].append(burst)
        else:
            trains.append([burst])
    return trains


def _duty(train: list[_Burst]) -> float:
    return sum(burst.length for burst in train) / max(1, train[-1].last - train[0].first)


def _is_cadence(train: list[_Burst]) -> bool:
    return len(train) >= 2 and _duty(train) >= _LEAST_DUTY and not train[0].both and not all(b.keys for b in train)


def _sounds_of(train: list[_Burst], side: Side) -> list[SoundSpan]:
    """Name the sounds of a train: a cadence is one sound, keys and beeps are one each."""
    if _is_cadence(train) and (len(train) >= 3 or train[0].length > _BEEP_LONGEST):
        return [SoundSpan(train[0].first, train[-1].last, side, LineSoundKind.RINGING)]

    def kind(burst: _Burst) -> LineSoundKind:
        if burst.keys:
            return LineSoundKind.KEYS
        return LineSoundKind.BEEP if burst.length <= _BEEP_LONGEST else LineSoundKind.TONE

    return [SoundSpan(burst.first, burst.last, side, kind(burst)) for burst in train]


def _hold_of(train: list[_Burst], side: Side, min_ticks: int) -> HoldStretch | None:
    first, last = train[0].first, train[-1].last
    if last - first < min_ticks or train[0].both:
        return None
    if len(train) == 1:
        return HoldStretch(first, last, HoldKind.TONE, side)
    return HoldStretch(first, last, HoldKind.RINGING, side) if _is_cadence(train) else None


def _fillers(bursts: list[list[_Burst]], talk: Bools, min_ticks: int) -> list[HoldStretch]:
    """Find where a recorder that stands still fills both sides with one tone or a regular beep, and nobody talks."""
    found = []
    for train in _trains([burst for burst in bursts[0] if burst.both], talk[0] | talk[1]):
        starts = np.array([burst.first for burst in train])
        period = int(np.median(np.diff(starts))) if len(train) > 1 else 0
        regular = len(train) == 1 or bool((np.abs(np.diff(starts) - period) <= 0.1 * period + 3).mean() >= 0.8)
        first, last = train[0].first, train[-1].last
        if not regular or last - first + period < min_ticks:
            continue
        quiet = max(0, period - train[-1].length)  # the recorder goes on before the next beep
        ahead = np.flatnonzero(talk[:, last : last + quiet].any(axis=0))
        last = min(talk.shape[1], last + (int(ahead[0]) if len(ahead) else quiet))
        found.append(HoldStretch(first, last, HoldKind.PAUSED, None))
    return found


def _undisturbed(hold: HoldStretch, talk: Bools) -> bool:
    """Tell whether the other side hardly talks during a hold."""
    some = slice(hold.first, hold.last)
    other = talk[:, some].any(axis=0) if hold.side is None else talk[hold.side.other, some]
    return int(other.sum()) <= _OTHER_TALK + _OTHER_SHARE * (hold.last - hold.first)


def _without_overlap(holds: list[HoldStretch]) -> list[HoldStretch]:
    """Put holds in order; where two overlap, the longer stays and the other keeps what is left of it."""
    kept: list[HoldStretch] = []
    for hold in sorted(holds, key=lambda hold: hold.first - hold.last):
        first, last = hold.first, hold.last
        for other in kept:
            if first >= other.first and last <= other.last:
                first = last
            elif other.first <= first < other.last:
                first = other.last
            elif other.first < last <= other.last:
                last = other.first
        if last > first:
            kept.append(HoldStretch(first, last, hold.kind, hold.side))
    return sorted(kept, key=lambda hold: hold.first)


def _with_adjoining(hold: HoldStretch, sounds: list[SoundSpan], spoken: NDArray[np.int32]) -> HoldStretch:
    """Extend a hold by what its line plays right before and after it, if nobody talks in between.

    `spoken` counts the ticks before each one in which either side talks.
    """
    first, last = hold.first, hold.last
    rest = [sound for sound in sounds if sound.side is hold.side]
    for sound in sorted(rest, key=lambda sound: -sound.last):
        if 0 <= first - sound.last <= _CADENCE and spoken[first] - spoken[sound.last] <= _TALK_BETWEEN:
            first = sound.first
    for sound in sorted(rest, key=lambda sound: sound.first):
        if 0 <= sound.first - last <= _CADENCE and spoken[sound.first] - spoken[last] <= _TALK_BETWEEN:
            last = sound.last
    return HoldStretch(first, last, hold.kind, hold.side)


def _with_announcements(
    holds: list[HoldStretch], sounds: list[SoundSpan], talk: Bools, least: int
) -> list[HoldStretch]:
    """Add what the line says between a hold and its next sound, if nobody answers."""
    found = list(holds)
    for hold in holds:
        if hold.side is None:
            continue
        rest = [s for s in sounds if s.side is hold.side and s.kind is not LineSoundKind.BEEP]
        before = max((s.last for s in rest if s.last <= hold.first), default=hold.first)
        after = min((s.first for s in rest if s.first >= hold.last), default=hold.last)
        for first, last in ((before, hold.first), (hold.last, after)):
            said, answered = talk[hold.side, first:last].sum(), talk[hold.side.other, first:last].sum()
            if last - first <= _ANNOUNCEMENT_LONGEST and said >= least and answered <= ANSWER:
                found.append(HoldStretch(first, last, HoldKind.ANNOUNCEMENT, hold.side))
    return _without_overlap(found)


def _outside_tunes(sounds: list[SoundSpan], tunes: list[Tune]) -> list[SoundSpan]:
    """Leave out long notes of music that are tones as well."""
    return [
        sound
        for sound in sounds
        if sound.kind is LineSoundKind.MUSIC
        or not any(
            tune.side is sound.side and tune.first - 5 <= sound.first and sound.last <= tune.last + 5 for tune in tunes
        )
    ]
