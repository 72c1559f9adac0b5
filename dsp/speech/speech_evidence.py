"""Compute the inputs of the speech network from the features of a front end, independent of the absolute level."""

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32, Open
from dsp.core.tiles import ExponentialSmoother
from dsp.speech.bands import N_BANDS
from dsp.speech.front_end import BAND_LEVEL, BAND_NOISE, LEVEL, NOISE, PERIODICITY, PITCH, WEBRTC

__all__ = ["N_EVIDENCE", "PeakHold", "SpeechEvidence", "VoiceLevel"]

N_EVIDENCE = 2 * N_BANDS + 11
"""Number of columns."""

_PER_DB = np.float32(0.05)  # 20 dB become 1
_QUIET = -200.0  # dBFS, below every sound
_VOICED = 0.6  # periodicity from which a tick may set the level of the voice; chosen
_UNVOICED = 0.5  # and below which it may set the level of noise bursts; chosen
_STANDS_OUT_DB = 6.0  # a tick sets the level of the voice only this far above the noise; chosen
_CONTEXT = 200.0  # time constant of the slow averages, ticks: two seconds
_SLOW_FALL_DB = 0.002  # a tick: 0.2 dB a second
_FAST_FALL_DB = 0.03  # 3 dB a second

# A knock, a beep or a shout must not set the level of the voice by itself: after one 20 dB above the voice, a third of
# the next 10 s of speech went unheard. A voice hardly ever exceeds its own slow peak by more than the margin; one that
# stays louder is followed by 5 dB in a second of voice. All three chosen on made calls with such sounds in them.
_MARGIN_DB = 6.0
_RISE_DB = 0.1  # a voiced tick
_KNOWN_FROM = 200  # voiced ticks, before which every level is taken as it is


class PeakHold:
    """Keep the highest value so far, which falls at a constant rate.

    Row k of the output belongs to tick k. Withholds nothing. Remembers the peak.

    Parameters
    ----------
    decay : float
        Amount by which the kept value falls from tick to tick, >= 0.

    Examples
    --------
    >>> PeakHold(0.5).process(np.array([3.0, 0.0, 0.0, 9.0]))
    array([3. , 2.5, 2. , 9. ])
    """

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state: no peak is known."""
        self._n_done = 0
        self._held = _QUIET

    def process(self, x: NDArray[np.float64], /) -> NDArray[np.float64]:
        """Return the kept value at each tick, shape ``(m,)``."""
        if not len(x):
            return x
        # relative to a line that falls at the same rate, the kept value is a running maximum
        line = self._decay * np.arange(self._n_done, self._n_done + len(x), dtype=np.float64)
        risen = x + line
        risen[0] = max(risen[0], self._held)
        held: NDArray[np.float64] = np.maximum.accumulate(risen)
        self._held = float(held[-1])
        self._n_done += len(x)
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
        peak, peak_at, n_voiced = self._peak, self._peak_at, self._n_voiced
        for k, level in zip(voiced.tolist(), x[voiced].tolist(), strict=True):
            now = peak - _SLOW_FALL_DB * (self._n_done + k - peak_at)
            n_voiced += 1
            if level > now + _MARGIN_DB and n_voiced > _KNOWN_FROM:
                level = limited[k] = now + _RISE_DB
            if level > now:
                peak, peak_at = level, self._n_done + k
        self._peak, self._peak_at, self._n_voiced = peak, peak_at, n_voiced
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
        self._slow_peak = PeakHold(_SLOW_FALL_DB)
        self._fast_peak = PeakHold(_FAST_FALL_DB)
        self._noise_peak = PeakHold(_FAST_FALL_DB)
        self._context = ExponentialSmoother(3, time_constant=_CONTEXT)
        self._open = Open("SpeechEvidence")

    @property
    def latency_samples(self) -> int:
        """Most rows withheld: none."""
        return 0

    def reset(self) -> None:
        """Reset to the initial state."""
        self._voice_level.reset()
        self._slow_peak.reset()
        self._fast_peak.reset()
        self._noise_peak.reset()
        self._context.reset()
        self._open.reopen()

    def flush(self) -> Float32:
        """Return no rows: nothing is withheld."""
        self._open.close()
        return np.empty((0, N_EVIDENCE), np.float32)

    def process(self, features: Float32, /) -> Float32:
        """Return the inputs of the network for each tick, shape ``(m, N_EVIDENCE)``, about -3 to 3."""
        self._open.check()
        bands, level, noise = features[:, BAND_LEVEL], features[:, LEVEL], features[:, NOISE]
        periodicity, webrtc = features[:, PERIODICITY], features[:, WEBRTC]
        evidence = np.empty((len(features), N_EVIDENCE), np.float32)
        ratio, shape, rest = evidence[:, :N_BANDS], evidence[:, N_BANDS : 2 * N_BANDS], evidence[:, 2 * N_BANDS :]
        np.subtract(bands, features[:, BAND_NOISE], out=ratio)
        np.clip(ratio, -5, 45, out=ratio)
        np.subtract(bands, level[:, None], out=shape)
        np.clip(shape, -40, 0, out=shape)
        shape += 20
        excess = level - noise
        voiced = (periodicity > _VOICED) & (excess > _STANDS_OUT_DB)
        voice_level = np.where(voiced, level, _QUIET).astype(np.float64)
        limited = self._voice_level.process(voice_level)
        # no voiced tick is above the peak, whatever may be remembered of it
        slow_peak = np.maximum(self._slow_peak.process(limited), voice_level)
        fast_peak = np.maximum(self._fast_peak.process(limited), voice_level)
        noise_peak = self._noise_peak.process(np.where(periodicity < _UNVOICED, level, _QUIET).astype(np.float64))
        np.clip(excess, -5, 45, out=rest[:, 2])
        np.clip(level - slow_peak, -45, 10, out=rest[:, 3])
        np.clip(level - fast_peak, -45, 10, out=rest[:, 4])
        np.clip(noise - slow_peak, -60, 0, out=rest[:, 5])
        evidence[:, : 2 * N_BANDS] *= _PER_DB
        np.clip(level - noise_peak, -30, 30, out=rest[:, 10])
        rest[:, 2:6] *= _PER_DB
        rest[:, 10] *= _PER_DB
        rest[:, 0] = periodicity
        rest[:, 1] = webrtc
        rest[:, 6:9] = self._context.process(rest[:, :3])
        rest[:, 9] = features[:, PITCH]
        return evidence
