"""Find with the whole call known which ticks of a side are only the other side's sound, late and weaker."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.settling.rows import BANDS_EVERY, CallRows
from cxaudio.analysis.settling.runs import mask_of, runs_of
from cxaudio.analysis.tick import in_ticks
from cxaudio.model.events import Side
from cxaudio.model.policy import LeakageSettings
from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS
from dsp.speech.echo_path import (
    ALONE,
    FEWEST_COMPARED,
    KNOWN_LAG,
    LIKELY,
    SURE,
    TAIL,
    WORTH_FITTING,
    EchoFit,
    LagSums,
    above_chance,
    band_power,
    fit_echo,
    lag_sums,
    noise_floor,
    sounding,
    trailing_max,
)

__all__ = ["Echo", "EchoStretch", "find_echo"]

# Lengths are in band rows of 20 ms. The limits were chosen on the calls named in `dsp.speech.echo_path`.
_BLOCK = 250  # 5 s
_WINDOW = 3  # blocks: an echo is sought over 15 s ...
_LONG_WINDOW = 12  # ... and its lag over a minute, where it is weak
_CHUNK = 24  # blocks read at once; each has noise floors of its own
_FEWEST_EXPLAINED = 0.3  # of the rows weaker than the far side
_SILENCE_DBFS = -110.0  # before the call and behind it
_SILENCE = band_power(np.full(N_BANDS, _SILENCE_DBFS, np.float32))
_OWN_GAP = 6  # rows between parts of the near side's own speech, and ...
_OWN_SHORTEST = 8  # ... the shortest part of it that is believed, ...
_OWN_PEAK_DB = 4.0  # ... which must once be so far above the margin: coded echo is often a little above it
_OWN_EDGE = 2  # rows before and behind own speech: its soft beginning and end belong to it
_TEST_DB = 8.0  # where the prediction stands this far above the noise, the near side must follow it ...
_FOLLOW_DB = 6.0  # ... to within this, if the echo is there
_TEST_ROWS = 101  # rows around each over which that is judged
_JOIN = 1500  # rows between two stretches of echo that are one: the other side may be silent for half a minute


class EchoStretch(NamedTuple):
    """A stretch in which one side holds the other's sound."""

    side: Side  # that holds the copy
    first: int  # ticks
    last: int  # the first tick behind it
    lag: int  # ticks
    gain_db: float  # level of the copy minus level of the other side
    correlation: float  # of the side's envelope with the prediction, while only the copy is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """What `find_echo` found."""

    mask: NDArray[np.bool_]  # (2, n) ticks of detected speech that are only the other side's sound
    stretches: tuple[EchoStretch, ...]  # by side, in order


class _Window(NamedTuple):
    first: int  # row
    lag: int  # rows
    evidence: float
    fit: EchoFit

    @property
    def rows(self) -> slice:
        return slice(self.first, self.first + len(self.fit.excess_db))


def find_echo(rows: CallRows, speaking: NDArray[np.bool_], settings: LeakageSettings) -> Echo:
    """Find speech that is only an echo or a leak of the other side (DEFINITIONS §1, leak guard).

    Over every 15 s of the call the patterns of both sides' bands are compared at every lag. Where they agree, the gain
    of each band is measured, and speech that is not clearly louder than far side times gain plus noise is taken to be
    the copy. A weak echo is followed at the lags at which the call has shown a clear one.

    Parameters
    ----------
    rows : CallRows
        All ticks of the call.
    speaking : ndarray of bool, shape (2, n)
        Detected speech; earlier steps may have taken some away.
    settings : LeakageSettings
        Section ``leakage``.
    """
    mask = np.zeros_like(speaking)
    stretches: list[EchoStretch] = []
    if all(rows.present) and rows.bands.shape[1]:
        sounds = _SideSound(rows, speaking, Side.AGENT), _SideSound(rows, speaking, Side.CUSTOMER)
        searches = [_Search(sounds[side], sounds[side.other], settings) for side in Side]
        for first in range(0, rows.bands.shape[1], _CHUNK * _BLOCK):
            for sound in sounds:
                sound.take_chunk(first)
            for search in searches:  # while the band rows are in memory
                search.add_chunk(first)
        for side, search in zip(Side, searches, strict=True):
            windows = search.windows()
            if windows:
                excess, audible, covered = search.judge(windows)
                own = _own_speech(excess, settings.margin_db) | ~covered
                mask[side] = _only_echo(_grown(own, _OWN_EDGE), audible, speaking[side])
                stretches += _stretches(side, windows, *search.follows(windows))
    return Echo(mask=mask, stretches=tuple(stretches))


class _SideSound:
    """The band rows of one side, chunk by chunk, with the power and the noise in them."""

    def __init__(self, rows: CallRows, speaking: NDArray[np.bool_], side: Side) -> None:
        self._rows, self._side = rows, side
        self._speaking = speaking[side, ::BANDS_EVERY]
        self.n_rows = rows.bands.shape[1]
        self._power = np.empty(self.n_rows, np.float32)
        self._floors = np.empty((-(-self.n_rows // (_CHUNK * _BLOCK)), N_BANDS), np.float32)

    def take_chunk(self, first: int) -> None:
        """Compute the noise floor of the next chunk and the power of its rows."""
        levels = self.read(first, min(first + _CHUNK * _BLOCK, self.n_rows))
        self._floors[first // (_CHUNK * _BLOCK)] = noise_floor(levels)
        for at in range(0, len(levels), _BLOCK):
            some = levels[at : at + _BLOCK]
            self._power[first + at : first + at + len(some)] = band_power(some)

    def floor(self, row: int) -> Float32:
        """Return the noise floor of each band in the chunk of a row, shape ``(N_BANDS,)``."""
        floor: Float32 = self._floors[row // (_CHUNK * _BLOCK)]
        return floor

    def read(self, first: int, last: int) -> Float32:
        """Return band levels of some rows; before the call and behind it there is silence."""
        begin, end = max(first, 0), min(last, self.n_rows)
        found = self._rows.band_dbfs(self._side, begin, max(begin, end))
        if (begin, end) == (first, last):
            return found
        return np.pad(found, ((begin - first, last - max(begin, end)), (0, 0)), constant_values=_SILENCE_DBFS)

    def power(self, first: int, last: int) -> Float32:
        """Return the mean square of all bands together in some rows, as for `read`."""
        power = np.full(last - first, _SILENCE)
        begin, end = max(first, 0), min(last, self.n_rows)
        if end > begin:
            power[begin - first : end - first] = self._power[begin:end]
        return power

    def sounding(self, first: int, last: int, floor_at: int) -> NDArray[np.bool_]:
        """Return in which of some rows the side sounds, over its noise at a row."""
        speaking = np.zeros(last - first, np.bool_)
        begin, end = max(first, 0), min(last, self.n_rows)
        if end > begin:
            speaking[begin - first : end - first] = self._speaking[begin:end]
        return sounding(self.power(first, last), self.floor(floor_at), speaking)


class _Search:
    """Look for the copy of the other side in one side's band rows; they are given chunk by chunk."""

    def __init__(self, near: _SideSound, far: _SideSound, settings: LeakageSettings) -> None:
        self._near, self._far = near, far
        self._min_correlation = settings.min_correlation
        self._n_lags = in_ticks(settings.max_lag_s) // BANDS_EVERY + 1
        self._lead = self._n_lags - 1 + TAIL
        self._n_rows = near.n_rows
        self._n_blocks = -(-self._n_rows // _BLOCK)
        self._width = min(_WINDOW, self._n_blocks)
        self._sums = [np.empty((self._n_blocks, self._n_lags), np.float32) for _ in LagSums._fields]

    def add_chunk(self, begin: int) -> None:
        """Add the sums of each block of a chunk at every lag."""
        end = min(begin // _BLOCK + _CHUNK, self._n_blocks) * _BLOCK
        lead = begin - self._n_lags + 1
        found = lag_sums(
            self._near.read(begin, end),
            self._far.read(lead, end),
            near_power=self._near.power(begin, end),
            far_power=self._far.power(lead, end),
            near_floor_db=self._near.floor(begin),
            far_floor_db=self._far.floor(begin),
            far_sounds=self._far.sounding(lead, end, begin),
            block=_BLOCK,
            n_lags=self._n_lags,
        )
        for sums, some in zip(self._sums, found, strict=True):
            sums[begin // _BLOCK : end // _BLOCK] = some

    def _correlations(self, width: int) -> Float32:
        """Return the correlation of patterns over each run of `width` blocks; 0 where too little can be compared."""
        width = min(width, self._n_blocks)

        def over_window(blocks: Float32) -> Float32:
            total = np.cumsum(np.pad(blocks, ((1, 0), (0, 0))), axis=0, dtype=np.float64)
            window: Float32 = (total[width:] - total[:-width]).astype(np.float32)
            return window

        window = LagSums(*(over_window(blocks) for blocks in self._sums))
        return np.where(window.compared >= FEWEST_COMPARED, window.correlation(), np.float32(0.0))

    def _fit(self, block: int, lag: int, pattern: float) -> _Window | None:
        """Measure the copy over the window that begins with a block; `pattern` is the correlation of patterns."""
        first = block * _BLOCK
        last = min(first + self._width * _BLOCK, self._n_rows)
        middle = (first + last) // 2
        far = first - self._lead, last + 1
        fit = fit_echo(
            self._near.read(first, last),
            self._far.read(*far),
            lag,
            near_power=self._near.power(first, last),
            near_floor_db=self._near.floor(middle),
            far_sounds=self._far.sounding(*far, middle),
        )
        if fit is None or fit.share < _FEWEST_EXPLAINED:
            return None
        return _Window(first, lag, fit.evidence(pattern), fit)

    def windows(self) -> list[_Window]:
        """Return the windows that hold a copy, in order."""
        short, long = self._correlations(_WINDOW), self._correlations(_LONG_WINDOW)
        self._sums.clear()
        tried: dict[int, tuple[float, int]] = {}  # the greatest evidence of each window, and its lag
        likely: dict[int, _Window] = {}  # only what may count: all would be 40 MB of a call of five hours
        for block, lag, pattern in self._promising(short, long):
            window = self._fit(block, lag, pattern)
            if window is not None and (block not in tried or window.evidence > tried[block][0]):
                tried[block] = window.evidence, lag
                if window.evidence >= LIKELY:
                    likely[block] = window
        sure = {
            block: window
            for block, window in likely.items()
            if window.evidence >= SURE and window.fit.envelope >= self._min_correlation
        }
        if not sure:
            return []
        known = np.zeros(self._n_lags, np.bool_)
        for window in sure.values():
            known[max(window.lag - 1, 0) : window.lag + 2] = True
        lags = np.argmax(np.where(known, short, np.float32(-np.inf)), axis=1)
        patterns = above_chance(short, lags)
        for block in np.flatnonzero(patterns >= KNOWN_LAG).tolist():
            lag = int(lags[block])
            if block in tried and tried[block][1] == lag:
                window = likely.get(block)
            else:
                window = self._fit(block, lag, float(patterns[block]))
            if window is not None and window.evidence >= LIKELY:
                held = sure.get(block)
                if held is None or held.evidence < window.evidence:
                    sure[block] = window
        confirmed = {lag for lag in {window.lag for window in sure.values()} if _is_confirmed(lag, sure.values())}
        return [sure[block] for block in sorted(sure) if sure[block].lag in confirmed]

    def _promising(self, short: Float32, long: Float32) -> Iterator[tuple[int, int, float]]:
        """Yield windows, by their first block, with the lags at which a copy is most likely and the correlation there.

        The likeliest lag is that of the window, and that of the minute around it.
        """
        around = np.clip(np.arange(len(short)) - (_LONG_WINDOW - _WINDOW) // 2, 0, len(long) - 1)
        own, wider = np.argmax(short, axis=1), np.argmax(long, axis=1)[around]
        for lags, asked in ((own, np.ones(len(short), np.bool_)), (wider, wider != own)):
            patterns = above_chance(short, lags)
            for block in np.flatnonzero(asked & (patterns >= WORTH_FITTING)).tolist():
                yield block, int(lags[block]), float(patterns[block])

    def _nearest(self, windows: list[_Window]) -> NDArray[np.int32]:
        """Return for each row the window whose middle is nearest among those it lies in, -1 for none."""
        chosen = np.full(self._n_rows, -1, np.int32)
        distance = np.full(self._n_rows, np.inf, np.float32)
        for number, window in enumerate(windows):
            span = window.rows
            length = span.stop - span.start
            away = np.abs(np.arange(length, dtype=np.float32) - np.float32((length - 1) / 2))
            nearer = away < distance[span]
            distance[span] = np.where(nearer, away, distance[span])
            chosen[span] = np.where(nearer, number, chosen[span])
        return chosen

    def judge(self, windows: list[_Window]) -> tuple[Float32, NDArray[np.bool_], NDArray[np.bool_]]:
        """Return for each row its level above the prediction, whether a copy is audible, and whether it was judged."""
        excess = np.zeros(self._n_rows, np.float32)
        audible = np.zeros(self._n_rows, np.bool_)
        chosen = self._nearest(windows)
        for number, window in enumerate(windows):
            mine = window.first + np.flatnonzero(chosen[window.rows] == number)
            excess[mine] = window.fit.excess_db[mine - window.first]
            audible[mine] = window.fit.audible[mine - window.first]
        return excess, audible, chosen >= 0

    def follows(self, windows: list[_Window]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the rows in which the side should follow a clearly audible copy, and those in which it does."""
        should = np.zeros(self._n_rows, np.bool_)
        does = np.zeros(self._n_rows, np.bool_)
        chosen = self._nearest(windows)
        for number, window in enumerate(windows):
            mine = window.first + np.flatnonzero(chosen[window.rows] == number)
            at = mine - window.first
            should[mine] = window.fit.audible[at] & (window.fit.above_noise_db[at] > _TEST_DB)
            does[mine] = should[mine] & (np.abs(window.fit.excess_db[at]) < _FOLLOW_DB)
        return should, does


def _is_confirmed(lag: int, windows: Iterable[_Window]) -> bool:
    """Return whether one window leaves no doubt about a lag, or two that share no row show it."""
    alike = [window for window in windows if abs(window.lag - lag) <= 1]
    firsts = [window.first for window in alike]
    return max(window.evidence for window in alike) >= ALONE or max(firsts) - min(firsts) >= _WINDOW * _BLOCK


def _closed(rows: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """Fill the gaps shorter than `width`."""
    grown = trailing_max(rows, width)
    filled: NDArray[np.bool_] = ~trailing_max(~grown[::-1], width)[::-1]
    return filled


def _grown(rows: NDArray[np.bool_], edge: int) -> NDArray[np.bool_]:
    """Make each run longer by `edge` rows on both sides."""
    grown: NDArray[np.bool_] = trailing_max(rows, edge + 1) | trailing_max(rows[::-1], edge + 1)[::-1]
    return grown


def _own_speech(excess_db: Float32, margin_db: float) -> NDArray[np.bool_]:
    """Return the rows in which a side is louder than the predicted copy for long enough and clearly enough."""
    own = _closed(excess_db > margin_db, _OWN_GAP)
    runs = runs_of(own)
    if not len(runs):
        return own
    # `reduceat` also gives what lies between the runs; with the -inf behind them the last run ends like the others.
    peaks = np.maximum.reduceat(np.append(excess_db, np.float32(-np.inf)), runs.ravel())[::2]
    believed = (runs[:, 1] - runs[:, 0] >= _OWN_SHORTEST) & (peaks >= margin_db + _OWN_PEAK_DB)
    return mask_of(runs[believed], len(own))


def _only_echo(own: NDArray[np.bool_], audible: NDArray[np.bool_], speaking: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the ticks of detected speech that hold the copy alone.

    Parameters
    ----------
    own, audible : ndarray of bool, shape (n_rows,)
        Rows that may hold the side's own speech, and rows with an audible copy.
    speaking : ndarray of bool, shape (n,)
        Ticks of detected speech.
    """
    copied = audible & ~own
    # Rows with neither follow what comes before them in the same run of detected speech, else what comes behind: the
    # detector goes on for some time after a sound.
    n = len(own)
    number = np.arange(n, dtype=np.int32)
    spoken = speaking[::BANDS_EVERY].copy()
    spoken[: len(speaking) // BANDS_EVERY] |= speaking[1::BANDS_EVERY]
    begins = spoken & ~np.concatenate(([False], spoken[:-1]))
    first = np.maximum.accumulate(np.where(begins, number, 0))
    ends = spoken & ~np.concatenate((spoken[1:], [False]))
    last = np.minimum.accumulate(np.where(ends, number, n - 1)[::-1])[::-1]
    clear = own | copied
    before = np.maximum.accumulate(np.where(clear, number, -1))
    behind = np.minimum.accumulate(np.where(clear, number, n)[::-1])[::-1]
    from_before = copied[np.maximum(before, 0)] & (before >= first)
    from_behind = copied[np.minimum(behind, n - 1)] & (behind <= last) & (before < first)
    mask: NDArray[np.bool_] = np.repeat((from_before | from_behind) & spoken, BANDS_EVERY)[: len(speaking)] & speaking
    return mask


def _stretches(
    side: Side, windows: list[_Window], should: NDArray[np.bool_], does: NDArray[np.bool_]
) -> Iterator[EchoStretch]:
    """Yield the stretches in which a side holds the copy, each from its first clear row to its last."""
    weight = np.ones(_TEST_ROWS)
    tested, followed = (np.convolve(rows, weight, mode="same") for rows in (should, does))
    present = np.flatnonzero(does & (2 * followed >= tested))
    if not len(present):
        return
    cuts = np.flatnonzero(np.diff(present) > _JOIN)
    for first, last in zip(present[np.r_[0, cuts + 1]].tolist(), present[np.r_[cuts, -1]].tolist(), strict=True):
        inside = [w for w in windows if w.first <= last and first < w.first + len(w.fit.excess_db)]
        yield EchoStretch(
            side=side,
            first=first * BANDS_EVERY,
            last=(last + 1) * BANDS_EVERY,
            lag=round(float(np.median([w.lag for w in inside]))) * BANDS_EVERY,
            gain_db=float(np.median([w.fit.level_db for w in inside])),
            correlation=float(np.median([w.fit.envelope for w in inside])),
        )
