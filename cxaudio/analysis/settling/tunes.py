"""Find where a side's line plays music, from its true beginning to its true end, announcements within it included."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.rows import BANDS_EVERY, CallRows
from cxaudio.analysis.settling.runs import counted, mask_of, runs_of
from cxaudio.model.events import Side
from cxaudio.model.spans import join
from dsp.core.stage import Float32
from dsp.speech.music import QUIET
from dsp.speech.music_evidence import HOP_TICKS, WINDOW_TICKS
from dsp.speech.tonality import EVIDENCE_STEPS

__all__ = ["ANSWER", "Tune", "bridged", "find_tunes"]

Bools: TypeAlias = NDArray[np.bool_]

ANSWER = 30
"""Ticks of the other side's talk: more of it is an answer, and only a person is answered."""

# The evidence of a cell of 0.4 s is that of the two windows around its middle. Neighbouring windows share most of their
# sound, so each counts for less than its log odds, and a change of state costs several of them.
_CELL = HOP_TICKS
_AHEAD = WINDOW_TICKS // 2 // HOP_TICKS  # cells from the middle of a window to its end
_MOST = 3.0  # log odds of a cell
_QUIET_EVIDENCE = -0.15  # silence within music is short
_CHANGE = 5.0  # log odds

# Some voices sound like music to the network, and do so all call long. The evidence is lowered by as much as that of a
# side's own talk in conversation, within 3 s of talk of the other side, is above that of most voices.
_CONVERSATION = 300  # ticks
_OWN_SHARE = 0.3  # of a cell
_ENOUGH_CELLS = 15
_USUAL_EVIDENCE = -1.8  # log odds; voices of the training have -2.3 on average
_LEAST_EVIDENCE = 0.8  # on average within a tune

# Where the speech detector hears words for half a second or more, somebody speaks: real hold music has 2 % of such
# ticks at most, and the evidence for music in talk came from voices or from noise behind them. As large as the
# greatest evidence of a cell.
_SPEECH_EVIDENCE = 3.0  # log odds

# What is no music on the line: a tune shorter than 6 s; one that somebody of the other side talks through; one far
# under the side's own talk, or as loud in the pauses of that talk as by itself: that is a radio in the room.
_SHORTEST = 600  # ticks
_OTHER_SHARE = 0.2
_UNDER_TALK_DB = 20.0
_RISE_DB = 6.0
_AROUND = 3000  # ticks before and after

# An announcement in music: the line goes back to music, and the other side has nothing to say to it.
_ANNOUNCEMENT = 2000  # ticks

# The edge of music is looked for where its spectra begin to be those of its inside, at most so far from the cell.
_REACH = 120  # ticks
_INSIDE = 600
_INTRODUCTION = 600
_QUIET_PERCENTILE = 10
_ABOVE_QUIET_DB = 8.0
_REST = 15  # ticks
_WORDS = 50  # ticks: the speech detector takes a note for speech, but not for long
_SNAP = 40  # ticks from there to an edge of level
_DIP_DB = 12.0
_DIP = 6  # ticks


@dataclass(frozen=True, slots=True)
class Tune:
    """Music of a side's line, in ticks ``[first, last)``."""

    first: int
    last: int
    side: Side


def bridged(mask: Bools, ticks: int) -> Bools:
    """Close gaps of at most so many elements between elements that are True.

    Examples
    --------
    >>> bridged(np.array([True, False, True, False, False, True]), 1).astype(int)
    array([1, 1, 1, 0, 0, 1])
    """
    runs = runs_of(mask)
    gaps = np.stack((runs[:-1, 1], runs[1:, 0]), axis=1)
    return mask | mask_of(gaps[gaps[:, 1] - gaps[:, 0] <= ticks], len(mask))


def find_tunes(rows: CallRows, speaking: Bools, tonal: Bools, *, min_ticks: int) -> list[Tune]:
    """Find the music of both lines.

    Parameters
    ----------
    rows : CallRows
        All ticks of the call.
    speaking, tonal : ndarray of bool, shape (2, n)
        Ticks in which a side speaks, or its line plays a tone.
    min_ticks : int
        Music as long as this may hold announcements.
    """
    tunes: list[Tune] = []
    for side in Side:
        if not rows.present[side] or rows.n_ticks < _SHORTEST:
            continue
        evidence = _cells(rows.music[side])
        if not (evidence > 0).any():
            continue
        own, other = speaking[side] & ~tonal[side], speaking[side.other] & ~tonal[side.other]
        evidence -= _bias(evidence, own, other)
        words = mask_of(runs_of(own, at_least=_WORDS), len(evidence) * _CELL)
        evidence -= _SPEECH_EVIDENCE * words.reshape(-1, _CELL).mean(axis=1)
        states = _most_likely(evidence)
        spans = [(a * _CELL, min(b * _CELL, rows.n_ticks)) for a, b in runs_of(states).tolist()]
        spans = [span for span in spans if evidence[span[0] // _CELL : span[1] // _CELL].mean() >= _LEAST_EVIDENCE]
        if not spans:
            continue
        spans = _joined_over_announcements(spans, other, min_ticks)
        spans = [_edges(rows, side, first, last) for first, last in spans]
        sounds = _sounds(rows, side)
        sounds &= ~other
        sounds &= ~mask_of(runs_of(speaking[side], at_least=_WORDS), rows.n_ticks)
        spans = [(_start_of(sounds, first), last) for first, last in spans]
        outside = ~mask_of(np.array(join(spans), np.int64).reshape(-1, 2), rows.n_ticks)
        talk_db = _usual_db(rows.power_db(side, outside & own), least=200)
        for first, last in spans:
            if last - first < _SHORTEST or other[first:last].mean() > _OTHER_SHARE:
                continue
            if _is_of_the_line(rows, side, own, outside, talk_db, first, last):
                tunes.append(Tune(first, last, side))
    return tunes


def _cells(music: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the evidence of each cell of 0.4 s, from that of the windows that end at the cells' first ticks."""
    found = np.clip(music / EVIDENCE_STEPS, -_MOST, _MOST)
    found = np.where(music == QUIET, _QUIET_EVIDENCE, found)
    padded = np.concatenate((found, np.full(_AHEAD + 1, found[-1])))
    return np.asarray((padded[_AHEAD : _AHEAD + len(found)] + padded[_AHEAD + 1 : _AHEAD + 1 + len(found)]) / 2)


def _bias(evidence: NDArray[np.float64], own: Bools, other: Bools) -> float:
    """Return by how much a side's talk in conversation is more like music than most voices are."""
    n = len(other) // _CELL
    said = own[: n * _CELL].reshape(n, _CELL).mean(axis=1) >= _OWN_SHARE
    total = counted(other)
    middle = _CELL * np.arange(n) + _CELL // 2
    answered = total[np.minimum(middle + _CONVERSATION, len(other))] > total[np.maximum(middle - _CONVERSATION, 0)]
    talk = evidence[:n][said & answered]
    return max(0.0, 1.5 * (float(talk.mean()) - _USUAL_EVIDENCE)) if len(talk) >= _ENOUGH_CELLS else 0.0


def _most_likely(evidence: NDArray[np.float64]) -> Bools:
    """Return the most likely series of states, music or not, where each change has its cost (Viterbi)."""
    back = np.empty((len(evidence), 2), np.int8)
    other, music = 0.0, -_CHANGE
    for k, value in enumerate(evidence.tolist()):
        back[k] = music - _CHANGE > other, not other - _CHANGE > music
        other, music = max(other, music - _CHANGE) - value / 2, max(music, other - _CHANGE) + value / 2
    states = np.empty(len(evidence), np.bool_)
    state = int(music > other)
    for k in range(len(evidence) - 1, -1, -1):
        states[k] = state
        state = int(back[k, state])
    return states


def _joined_over_announcements(spans: list[tuple[int, int]], other: Bools, min_ticks: int) -> list[tuple[int, int]]:
    """Join music around what the line says in between, if nobody answers."""
    joined: list[tuple[int, int]] = []
    for first, last in spans:
        if joined:
            begun, ended = joined[-1]
            long_enough = max(ended - begun, last - first) >= min(min_ticks, _SHORTEST)
            if first - ended <= _ANNOUNCEMENT and long_enough and other[ended:first].sum() <= ANSWER:
                joined[-1] = begun, last
                continue
        joined.append((first, last))
    return joined


def _edges(rows: CallRows, side: Side, first: int, last: int) -> tuple[int, int]:
    """Move both ends of music to where its sound begins and ends."""
    begun = _edge(rows, side, first, rising=True) if first > 0 else 0
    ended = _edge(rows, side, last, rising=False) if last < rows.n_ticks else last
    return (begun, ended) if ended > begun else (first, last)


def _edge(rows: CallRows, side: Side, at: int, *, rising: bool) -> int:
    """Return the tick near `at` at which music begins (`rising`) or ends.

    The band levels of the inside and of the outside, each a loud and a quiet part, are two models; the edge is where
    the sum of their log likelihoods is greatest. It is then put to the nearest edge of level.
    """
    n = rows.n_ticks
    low, high = max(0, at - _REACH - _INSIDE), min(n, at + _REACH + _INSIDE)
    bands = rows.band_dbfs(side, low // BANDS_EVERY, high // BANDS_EVERY)
    bands = np.maximum(bands, -75.0)
    reach = (max(0, at - _REACH - low) // BANDS_EVERY, min(len(bands), (at + _REACH - low) // BANDS_EVERY))
    before, after = bands[: reach[0]], bands[reach[1] :]
    if len(before) < 25 or len(after) < 25:
        best = at
    else:
        ratio = _log_likelihood(bands[reach[0] : reach[1]], after) - _log_likelihood(bands[reach[0] : reach[1]], before)
        gain = np.concatenate((np.cumsum(ratio[::-1])[::-1], [0.0])) - np.concatenate(([0.0], np.cumsum(ratio)))
        best = low + (reach[0] + int(np.argmax(gain))) * BANDS_EVERY
    a, b = max(0, best - _SNAP), min(n, best + _SNAP)
    inside = slice(at, min(n, at + _INSIDE)) if rising else slice(max(0, at - _INSIDE), at)
    usual = 10 * np.log10(np.mean(np.power(10.0, rows.power_db(side, inside) / 10)) + 1e-12)
    quiet = runs_of(~(rows.power_db(side, slice(a, b)) > usual - 2 * _DIP_DB), at_least=_DIP)
    if not len(quiet):
        return best
    edges = a + (quiet[:, 1] if rising else quiet[:, 0])
    return int(edges[np.argmin(np.abs(edges - best))])


def _sounds(rows: CallRows, side: Side) -> Bools:
    """Find the ticks in which a side is not quiet; a short rest counts as sound."""
    quiet = float(np.clip(rows.quiet_db(side, _QUIET_PERCENTILE) or 0.0, -90.0, -50.0))
    return bridged(rows.is_louder(side, quiet + _ABOVE_QUIET_DB), _REST)


def _start_of(sounds: Bools, first: int) -> int:
    """Return where the sound that leads into music begins: what is neither quiet nor speech is its introduction."""
    low = max(0, first - _INTRODUCTION)
    silent = np.flatnonzero(~sounds[low:first])
    begun = low + int(silent[-1]) + 1 if len(silent) else low
    return begun if begun < first else first


def _log_likelihood(rows: Float32, model: Float32) -> NDArray[np.float64]:
    """Return the log likelihood of each row of band levels in two normal distributions, of loud and of quiet rows."""
    mean_level = model.mean(axis=1)
    split = mean_level > (mean_level.max() + mean_level.min()) / 2
    parts = [model[some] for some in (split, ~split) if some.sum() >= 5] or [model]
    found = []
    for part in parts:
        spread = part.std(axis=0) + 3.0
        distance = np.square((rows - part.mean(axis=0)) / spread).sum(axis=1) / 2 + np.log(spread).sum()
        # Neighbouring bands say much the same.
        found.append(-distance / 4 + np.log(len(part) / len(model)))
    return np.asarray(np.logaddexp.reduce(found), np.float64)


def _usual_db(level: Float32, *, least: int) -> np.float32 | None:
    """Return the level of the mean power of some ticks; None if there are too few."""
    if len(level) < least:
        return None
    usual: np.float32 = 10 * np.log10(np.mean(np.power(10.0, level / 10)) + 1e-12)
    return usual


def _is_of_the_line(
    rows: CallRows, side: Side, speaking: Bools, outside: Bools, talk_db: np.float32 | None, first: int, last: int
) -> bool:
    """Tell whether music is the line's: about as loud as talk, and not there in the pauses of talk around it."""
    level = rows.power_db(side, slice(first, last))
    played = level[~speaking[first:last]]  # without what is said in it
    own = _usual_db(played if len(played) else level, least=0)
    assert own is not None
    if talk_db is not None and own < talk_db - _UNDER_TALK_DB:
        return False
    pauses = []
    for near in (slice(max(0, first - _AROUND), first), slice(last, last + _AROUND)):
        level = rows.power_db(side, near)
        pauses.append(level[outside[near] & ~speaking[near]])
    around = np.concatenate(pauses)
    return len(around) < 100 or float(np.median(around)) < float(own - _RISE_DB)
