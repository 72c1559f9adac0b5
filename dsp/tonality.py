"""Steady tones and music in a side's features; knows nothing of calls and holds."""

import numpy as np
from numpy.typing import NDArray

from dsp.front_end import BAND_LEVEL, N_FEATURES, PERIODICITY
from dsp.stage import Float32, Open

__all__ = ["MUSIC", "NEITHER", "TONE", "TonalDetector"]

NEITHER, TONE, MUSIC = 0, 1, 2

# All is judged once a second on every fourth tick: tones and music last, and speech is what the time is for.
_GRID = 100  # ticks from judgement to judgement
_ROWS = 4  # ticks from row to row

# A tone: one band stands far above the mean of all, stays the same band, and its level hardly moves.
_TONE_CREST_DB = 20.0
_TONE_STEP_DB = 1.5
_TONE_ROWS = 7  # for so many rows, 0.28 s; speech does not hold a level that long
_LOUD_DBOV = -60.0

# Music, over a window of four seconds: sound without speech's dips, periodic, its spectrum resembling itself 0.2 s
# later. Limits chosen on 47 pieces of music against real and made calls, none of which is part of any figure we quote.
_WINDOW = 100
_DIP_DB = 10.0
_MAX_DIPS = 0.12
_MAX_DEVIATION_DB = 5.5
_MIN_PERIODICITY = 0.6
_MIN_LIKENESS = 0.6
_LIKENESS_ROWS = 5


class TonalDetector:
    """Tell steady tones and music from speech and noise.

    Row k of the output speaks of row k of the features by what the seconds before it were: `TONE` after a second that
    held a steady tone, `MUSIC` after four seconds of music, else `NEITHER`. Nothing is withheld. Remembers four
    seconds.

    Examples
    --------
    >>> from dsp.front_end import FrontEnd
    >>> t = np.arange(16_000) / 8_000
    >>> tone = (0.1 * np.sin(2 * np.pi * 425 * t)).astype(np.float32)
    >>> TonalDetector().process(FrontEnd(8_000).process(tone).features)[98:102]
    array([0, 0, 1, 1], dtype=int8)
    """

    def __init__(self) -> None:
        self._open = Open("TonalDetector")
        self._clear()

    def _clear(self) -> None:
        self._window = np.zeros((0, N_FEATURES), np.float32)  # rows of the seconds before the unfinished one
        self._second = np.zeros((0, N_FEATURES), np.float32)  # ticks of the unfinished second
        self._state = NEITHER

    @property
    def latency_samples(self) -> int:
        """Rows withheld: none."""
        return 0

    def process(self, features: Float32, /) -> NDArray[np.int8]:
        """Codes of the rows, shape ``(m,)``."""
        self._open.check()
        out = np.zeros(len(features), np.int8)
        at = 0
        while at < len(features):
            take = min(len(features) - at, _GRID - len(self._second))
            out[at : at + take] = self._state
            self._second = np.concatenate((self._second, features[at : at + take]))
            at += take
            if len(self._second) == _GRID:
                self._judge(self._second[::_ROWS])
                self._second = self._second[:0]
        return out

    def _judge(self, rows: Float32) -> None:
        """See what the finished second was."""
        window = np.concatenate((self._window, rows))
        self._window = window[-(_WINDOW - len(rows)) :] if len(window) >= _WINDOW else window
        if _has_tone(rows[:, BAND_LEVEL]):
            self._state = TONE
        elif len(window) == _WINDOW and _is_music(window):
            self._state = MUSIC
        else:
            self._state = NEITHER

    def flush(self) -> NDArray[np.int8]:
        """Nothing is withheld, so nothing is left."""
        self._open.close()
        return np.zeros(0, np.int8)

    def reset(self) -> None:
        """Forget what was heard."""
        self._open.reopen()
        self._clear()


def _has_tone(bands: Float32) -> bool:
    """Whether a second's rows hold a steady tone."""
    level = bands.max(axis=-1)
    stands_out = (level - bands.mean(axis=-1) >= _TONE_CREST_DB) & (level >= _LOUD_DBOV)
    if stands_out.sum() < _TONE_ROWS:
        return False
    band = bands.argmax(axis=-1)
    steady = stands_out[1:] & (band[1:] == band[:-1]) & (np.abs(np.diff(level)) <= _TONE_STEP_DB)
    k = np.arange(1, len(steady) + 1)
    return bool((k - np.maximum.accumulate(np.where(steady, 0, k))).max() >= _TONE_ROWS - 1)


def _is_music(window: Float32) -> bool:
    """Whether four seconds of features are music; the cheap tests come first, speech fails them."""
    rows = window[:, BAND_LEVEL]
    level = rows.max(axis=-1)
    mean = float(np.log10(np.power(np.float32(10.0), level / 10).mean())) * 10
    if mean < _LOUD_DBOV or (level < mean - _DIP_DB).mean() > _MAX_DIPS:
        return False
    if level.std() > _MAX_DEVIATION_DB or window[:, PERIODICITY].mean() < _MIN_PERIODICITY:
        return False
    shape = rows - rows.mean(axis=-1, keepdims=True)
    now, later = shape[:-_LIKENESS_ROWS], shape[_LIKENESS_ROWS:]
    norm = np.sqrt(np.einsum("tb,tb->t", now, now) * np.einsum("tb,tb->t", later, later)) + 1e-9
    return bool((np.einsum("tb,tb->t", now, later) / norm).mean() >= _MIN_LIKENESS)
