"""Compute the inputs of the speech network from the features of a front end, independent of the absolute level."""

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32, Open
from dsp.core.tiles import ExponentialSmoother
from dsp.speech.bands import N_BANDS
from dsp.speech.front_end import BAND_LEVEL, BAND_NOISE, PERIODICITY, PITCH

__all__ = ["N_EVIDENCE", "PeakHold", "SpeechEvidence", "VoiceLevel"]

N_EVIDENCE = 2 * N_BANDS + 11
"""Number of columns."""

_PER_DB = np.float32(0.05)  # 20 dB become 1
_QUIET = -200.0  # dBFS, below every sound
_VOICED = 0.6  # periodicity from which a tick may set the level of the voice; chosen
_UNVOICED = 0.5  # and below which it may set the level of noise bursts; chosen
_STANDS_OUT_DB = 6.0  # a tick sets the level of the voice only this far above the noise; chosen
# Limits in dB, and what is added within them: of the bands over the noise, and of the bands over the whole level. They
# are repeated for the rows of a group: in rows of 48 columns each of these passes took four times as long.
_GROUP = 16
_N_TOGETHER = 32 * _GROUP  # ticks at once, so that these arrays stay in the cache
_LEAST_BANDS, _MOST_BANDS, _ADDED_BANDS = (
    np.tile(np.repeat(np.array(pair, np.float32), N_BANDS), _GROUP) for pair in ((-5, -40), (45, 0), (0, 20))
)
# of level over noise; of level over the slow, and over the fast peak of the voice; of noise over the slow peak; of
# level over the peak of noise bursts
_LEAST = np.array([[-5], [-45], [-45], [-60], [-30]], np.float32)
_MOST = np.array([[45], [10], [10], [0], [30]], np.float32)
_CONTEXT = 200.0  # time constant of the slow averages, ticks: two seconds
_SLOW_FALL_DB = 0.002  # a tick: 0.2 dB a second
_FAST_FALL_DB = 0.03  # 3 dB a second
_FALLS_DB = np.array([[_SLOW_FALL_DB], [_FAST_FALL_DB], [_FAST_FALL_DB]])

# A knock, a beep or a shout must not set the level of the voice by itself: after one 20 dB above the voice, a third of
# the next 10 s of speech went unheard. A voice hardly ever exceeds its own slow peak by more than the margin; one that
# stays louder is followed by 5 dB in a second of voice. All three chosen on made calls with such sounds in them.
_MARGIN_DB = 6.0
_RISE_DB = 0.1  # a voiced tick
_KNOWN_FROM = 200  # voiced ticks, before which every level is taken as it is
_ROUNDING_DB = 1e-6  # more than the rounding of a line after a day


class PeakHold:
    """Keep the highest value so far, which falls at a constant rate.

    Row k of the output belongs to tick k. Withholds nothing. Remembers the peak.

    Parameters
    ----------
    decay : float or ndarray of float64, shape (n, 1)
        Amount by which the kept value falls from tick to tick, >= 0; with `n` of them, `n` curves are followed at once.

    Examples
    --------
    >>> PeakHold(0.5).process(np.array([3.0, 0.0, 0.0, 9.0]))
    array([3. , 2.5, 2. , 9. ])
    """

    def __init__(self, decay: float | NDArray[np.float64]) -> None:
        self._decay = decay
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state: no peak is known."""
        self._n_done = 0
        self._held = np.full(np.shape(self._decay)[:-1], _QUIET)

    def process(self, x: NDArray[np.float64], /) -> NDArray[np.float64]:
        """Return the kept value at each tick, shape ``(m,)``, or ``(n, m)`` of curves of that shape."""
        n = x.shape[-1]
        if not n:
            return x
        # relative to a line that falls at the same rate, the kept value is a running maximum
        line = self._decay * np.arange(self._n_done, self._n_done + n, dtype=np.float64)
        risen = x + line
        risen[..., 0] = np.maximum(risen[..., 0], self._held)
        held: NDArray[np.float64] = np.maximum.accumulate(risen, axis=-1)
        self._held = held[..., -1].copy()
        self._n_done += n
        return np.subtract(held, line, out=held)


class VoiceLevel:
    """Limit the levels of voiced ticks to what can be the voice's: a single loud sound does not raise its peak.

    A level far above the peak of the levels before raises that peak by a small step only, and is returned as the raised
    peak. Row k of the output belongs to tick k. Withholds nothing. Remembers the peak.

    Examples
    --------
    >>> voice, knock = np.full(300, -30.0), np.full(5, -8.0)
    >>> VoiceLevel().process(np.concatenate((voice, knock)))[-6:].round(1)
    array([-30. , -29.9, -29.8, -29.7, -29.6, -29.5])
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state: no voice is known."""
        self._n_done = 0
        self._n_voiced = 0
        self._peak = _QUIET
        self._peak_at = 0

    def process(self, x: NDArray[np.float64], /) -> NDArray[np.float64]:
        """Take levels, shape ``(m,)``: dBFS of voiced ticks, -200 for the others; return the limited ones."""
        limited = x.copy()
        voiced = np.flatnonzero(x > _QUIET)
        levels = x[voiced]
        peak, peak_at = self._peak, self._peak_at
        # A peak that falls at a constant rate is a line, and no level sets it lower. So the ticks below the line that
        # holds before the block, nine of ten, change nothing.
        line = peak + _SLOW_FALL_DB * peak_at - _ROUNDING_DB
        above = np.flatnonzero(levels + _SLOW_FALL_DB * (voiced + self._n_done) > line)
        for number, k, level in zip(above.tolist(), voiced[above].tolist(), levels[above].tolist(), strict=True):
            now = peak - _SLOW_FALL_DB * (self._n_done + k - peak_at)
            if level > now + _MARGIN_DB and self._n_voiced + number >= _KNOWN_FROM:
                level = limited[k] = now + _RISE_DB
            if level > now:
                peak, peak_at = level, self._n_done + k
        self._peak, self._peak_at = peak, peak_at
        self._n_voiced += len(voiced)
        self._n_done += len(x)
        return limited


class SpeechEvidence:
    """Compute the inputs of the speech network, one row for each tick.

    Columns, in this order: level minus noise in each band (the posterior ratio of [1]_ in dB, limited); level of each
    band minus the whole level; periodicity; WebRTC's decision; whole level minus noise; level minus the peak of the
    voice, with a slow and with a fast decay of the peak (a sound far below the peak is leakage of the other side, or
    the room; `VoiceLevel` says what may set the peak); noise minus the slow peak; the averages of periodicity, WebRTC's
    decision and level minus noise over two seconds; pitch; level minus the peak of unvoiced sound. Row k of the output
    is tick k. Withholds nothing. Remembers peaks and averages.

    References
    ----------
    .. [1] J. Sohn, N. S. Kim and W. Sung, "A statistical model-based voice activity detection", IEEE Signal Process.
       Lett. 6(1), 1999.

    Examples
    --------
    >>> SpeechEvidence().process(np.zeros((3, 53), np.float32)).shape
    (3, 59)
    """

    def __init__(self) -> None:
        self._voice_level = VoiceLevel()
        self._peaks = PeakHold(_FALLS_DB)  # of the voice, slow and fast, and of noise bursts
        self._groups = np.zeros((_N_TOGETHER // _GROUP, _GROUP * 2 * N_BANDS), np.float32)
        self._context = ExponentialSmoother(3, time_constant=_CONTEXT)
        self._open = Open("SpeechEvidence")

    @property
    def latency_samples(self) -> int:
        """Most rows withheld: none."""
        return 0

    def reset(self) -> None:
        """Reset to the initial state."""
        self._voice_level.reset()
        self._peaks.reset()
        self._context.reset()
        self._open.reopen()

    def flush(self) -> Float32:
        """Return no rows: nothing is withheld."""
        self._open.close()
        return np.empty((0, N_EVIDENCE), np.float32)

    def process(self, features: Float32, /) -> Float32:
        """Return the inputs of the network for each tick, shape ``(m, N_EVIDENCE)``, about -3 to 3."""
        self._open.check()
        n = len(features)
        bands = features[:, BAND_LEVEL]
        periodicity, webrtc, level, noise, pitch = np.ascontiguousarray(features[:, PERIODICITY : PITCH + 1].T)
        evidence = np.empty((n, N_EVIDENCE), np.float32)
        rest = evidence[:, 2 * N_BANDS :]
        for begin in range(0, n, _N_TOGETHER):
            some = slice(begin, begin + _N_TOGETHER)
            self._relate_bands(
                bands[some], features[some, BAND_NOISE], level[some, None], evidence[some, : 2 * N_BANDS]
            )

        differences = np.empty((len(_LEAST), n), np.float32)
        excess = np.subtract(level, noise, out=differences[0])
        voiced = (periodicity > _VOICED) & (excess > _STANDS_OUT_DB)
        levels = np.full((3, n), _QUIET)
        voice_level = np.where(voiced, level, _QUIET).astype(np.float64)
        levels[:2] = self._voice_level.process(voice_level)
        np.copyto(levels[2], level, where=periodicity < _UNVOICED)
        peaks = self._peaks.process(levels)
        # no voiced tick is above the peak, whatever may be remembered of it
        np.maximum(peaks[:2], voice_level, out=peaks[:2])
        differences[1:3] = level - peaks[:2]
        differences[3] = noise - peaks[0]
        differences[4] = level - peaks[2]
        np.maximum(differences, _LEAST, out=differences)
        np.minimum(differences, _MOST, out=differences)
        differences *= _PER_DB

        rest[:, 0] = periodicity
        rest[:, 1] = webrtc
        rest[:, 2:6] = differences[:4].T
        self._context.process(rest[:, :3], rest[:, 6:9])
        rest[:, 9] = pitch
        rest[:, 10] = differences[4]
        return evidence

    def _relate_bands(self, bands: Float32, noise: Float32, level: Float32, out: Float32) -> None:
        """Write the columns of the bands for at most `_N_TOGETHER` ticks."""
        n = len(bands)
        groups = self._groups[: -(-n // _GROUP)]
        rows = groups.reshape(-1, 2 * N_BANDS)[:n]
        np.subtract(bands, noise, out=rows[:, :N_BANDS])
        np.subtract(bands, level, out=rows[:, N_BANDS:])
        # a maximum and a minimum are faster than a clip
        np.maximum(groups, _LEAST_BANDS, out=groups)
        np.minimum(groups, _MOST_BANDS, out=groups)
        groups += _ADDED_BANDS
        np.multiply(rows, _PER_DB, out=out)
