"""Detect steady tones and music in the features of one side."""

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32, Open
from dsp.speech.bands import N_BANDS
from dsp.speech.front_end import BAND_LEVEL, LEVEL, N_FEATURES, NOISE, PERIODICITY

__all__ = ["MUSIC", "NEITHER", "TONE", "TonalDetector"]

NEITHER, TONE, MUSIC = 0, 1, 2

# Decided once a second, on every fourth tick: tones and music last long, and the processor's time is for speech.
_GRID = 100  # ticks from decision to decision
_ROWS = 4  # ticks from row to row

# A tone: one band is far above the mean of all bands, it stays the same band, and its level hardly changes.
_TONE_CREST_DB = 20.0
_TONE_STEP_DB = 1.5
_TONE_ROWS = 7  # rows it must last, 0.28 s; speech does not keep its level that long
_LOUD_DBOV = -60.0

# Music, over a window of four seconds: sound without the dips of speech, periodic, with a spectrum like that of 0.2 s
# later. The limits were chosen with made music alone, through lines, codecs and noise. They find all of
# `dsp.synthesis.signals.music` and 72 % of windows of freer made music (notes that fade, with and without a beat), and
# 0.04 % of windows of real voices in constructed calls, clean and at 20 dB. A sound little above its own noise floor is
# a machine or a crowd that was there before (made music: 99 % of windows above 1.5 dB); a sound 24 dB below the nominal
# speech level is not meant for a listener (chosen).
_STANDS_OUT_DB = 1.5
_MUSIC_DBOV = -50.0
_WINDOW = 100
_DIP_DB = 10.0
_MAX_DIPS = 0.12
_MAX_DEVIATION_DB = 5.5
_MIN_PERIODICITY = 0.6
_MIN_LIKENESS = 0.5
_LIKENESS_ROWS = 5


class TonalDetector:
    """Distinguish steady tones and music from speech and noise, one code for each tick.

    Row k of the output belongs to row k of the features and depends on the complete seconds before it: `TONE` after a
    second with a steady tone, `MUSIC` after four seconds of music, otherwise `NEITHER`. Withholds nothing. Remembers
    four seconds.

    Examples
    --------
    >>> from dsp.speech.front_end import FrontEnd
    >>> t = np.arange(16_000) / 8_000
    >>> tone = (0.1 * np.sin(2 * np.pi * 425 * t)).astype(np.float32)
    >>> TonalDetector().process(FrontEnd(8_000).process(tone).features)[98:102]
    array([0, 0, 1, 1], dtype=int8)
    """

    def __init__(self) -> None:
        self._open = Open("TonalDetector")
        self._clear()

    def _clear(self) -> None:
        # Rows of the seconds before the incomplete one.
        self._bands = np.zeros((0, N_BANDS), np.float32)
        self._level = np.zeros(0, np.float32)
        self._periodicity = np.zeros(0, np.float32)
        self._excess = np.zeros(0, np.float32)
        self._second = np.zeros((0, N_FEATURES), np.float32)  # ticks of the incomplete second
        self._state = NEITHER

    @property
    def latency_samples(self) -> int:
        """Most rows withheld: none."""
        return 0

    def process(self, features: Float32, /) -> NDArray[np.int8]:
        """Return the code of each row, `NEITHER`, `TONE` or `MUSIC`, shape ``(m,)``."""
        self._open.check()
        ticks = np.concatenate((self._second, features))
        n_seconds = len(ticks) // _GRID
        states = [self._state]
        if n_seconds:
            rows = ticks[: n_seconds * _GRID : _ROWS]
            states += self._judge(rows[:, BAND_LEVEL], rows[:, PERIODICITY], rows[:, LEVEL] - rows[:, NOISE])
        begun = len(self._second)
        self._second = ticks[n_seconds * _GRID :].copy()
        self._state = states[-1]
        return np.repeat(np.array(states, np.int8), _GRID)[begun : begun + len(features)]

    def _judge(self, bands: Float32, periodicity: Float32, excess: Float32) -> list[int]:
        """Decide the code of each complete second; music also needs the three seconds before it."""
        level = bands.max(axis=-1)
        n_rows = _GRID // _ROWS
        tones = _tones(bands, level).reshape(-1, n_rows)
        window_bands = np.concatenate((self._bands, bands))
        window_level = np.concatenate((self._level, level))
        window_periodicity = np.concatenate((self._periodicity, periodicity))
        window_excess = np.concatenate((self._excess, excess))
        states = []
        for second in range(len(tones)):
            end = len(window_level) - (len(tones) - 1 - second) * n_rows
            window = slice(max(0, end - _WINDOW), end)
            if tones[second].any():
                states.append(TONE)
            elif (
                end >= _WINDOW
                and window_excess[window].mean() >= _STANDS_OUT_DB
                and _is_music(window_bands[window], window_level[window], window_periodicity[window])
            ):
                states.append(MUSIC)
            else:
                states.append(NEITHER)
        keep = _WINDOW - n_rows
        self._bands, self._level = window_bands[-keep:].copy(), window_level[-keep:].copy()
        self._periodicity = window_periodicity[-keep:].copy()
        self._excess = window_excess[-keep:].copy()
        return states

    def flush(self) -> NDArray[np.int8]:
        """Return no rows: nothing is withheld."""
        self._open.close()
        return np.zeros(0, np.int8)

    def reset(self) -> None:
        """Reset to the initial state."""
        self._open.reopen()
        self._clear()


def _tones(bands: Float32, level: Float32) -> NDArray[np.bool_]:
    """Find the rows at which a tone has lasted long enough; each second is judged by itself."""
    n_rows = _GRID // _ROWS
    stands_out: NDArray[np.bool_] = (level - bands.mean(axis=-1) >= _TONE_CREST_DB) & (level >= _LOUD_DBOV)
    if not stands_out.any():
        return stands_out
    band = bands.argmax(axis=-1)
    steady = stands_out.copy()
    steady[1:] &= (band[1:] == band[:-1]) & (np.abs(np.diff(level)) <= _TONE_STEP_DB)
    steady[::n_rows] = False
    k = np.arange(len(steady))
    run = k - np.maximum.accumulate(np.where(steady, 0, k))
    long_enough: NDArray[np.bool_] = run >= _TONE_ROWS - 1
    return long_enough


def _is_music(bands: Float32, level: Float32, periodicity: Float32) -> bool:
    """Decide whether four seconds of rows are music; the cheap tests come first, and speech fails them."""
    if level.std() > _MAX_DEVIATION_DB or periodicity.mean() < _MIN_PERIODICITY:
        return False
    mean = float(np.log10(np.power(np.float32(10.0), level / 10).mean())) * 10
    if mean < _MUSIC_DBOV or (level < mean - _DIP_DB).mean() > _MAX_DIPS:
        return False
    shape = bands - bands.mean(axis=-1, keepdims=True)
    now, later = shape[:-_LIKENESS_ROWS], shape[_LIKENESS_ROWS:]
    norm = np.sqrt(np.einsum("tb,tb->t", now, now) * np.einsum("tb,tb->t", later, later)) + 1e-9
    return bool((np.einsum("tb,tb->t", now, later) / norm).mean() >= _MIN_LIKENESS)
