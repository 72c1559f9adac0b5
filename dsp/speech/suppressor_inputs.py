"""Compute what the network that suppresses noise hears of each frame."""

import numpy as np

from dsp.core.stage import Float32, Open
from dsp.core.tiles import ExponentialSmoother
from dsp.speech.suppressor_frames import N_BANDS, band_means, n_bands

__all__ = ["N_INPUTS", "OVER_FLOOR", "OVER_NEIGHBOURS", "SuppressorInputs"]

N_INPUTS = 4 * N_BANDS + 2
"""Inputs of a frame: bands over the level, two floors and their neighbours; the loudest level; the rate."""

OVER_FLOOR = slice(2 * N_BANDS, 3 * N_BANDS)
"""Inputs that say how far each band lies over the slow floor."""

OVER_NEIGHBOURS = slice(3 * N_BANDS, 4 * N_BANDS)
"""Inputs that say how far each band lies over the mean of the bands round it: harmonics stand out."""

_EPSILON = np.float32(1e-13)  # power of a bin: the quantisation noise of 16 bits has twice that
_SILENT = np.float32(np.log(4e-13))  # mean logarithm under which a frame is digital silence, which has no level
_LEVEL_FRAMES = 150.0  # frames over which the level is averaged
_FLOOR_FRAMES = (30.0, 200.0)  # the same for the floors: one that follows soon, and one that lasts through a sentence
_FALL = 0.0046  # of the logarithm of the loudest level in a frame: 2 dB/s
_SCALE = np.float32(0.25)  # logarithms of power spread over some units of four


class SuppressorInputs:
    """Return the inputs of the network for spectra: logarithms of powers of bands over averages of what came before.

    The averages are the level of the sound and, for each band, two floors: the mean of powers to the power of -1/2,
    brought back, in which weak frames count most. So a recording that is quieter by any factor gives the same inputs.
    Frames of digital silence count in no average. Row k of the output belongs to frame k. Withholds nothing. Remembers
    the averages and the loudest level, which falls by 2 dB/s.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz; the bands from 4 kHz on are zero at 8000.

    Examples
    --------
    >>> power = np.random.default_rng(1).exponential(size=(50, 161)).astype(np.float32)
    >>> loud, soft = (SuppressorInputs(8000).process(gain * power) for gain in (np.float32(1), np.float32(1e-4)))
    >>> loud.shape, bool(np.allclose(loud, soft, atol=1e-4))
    ((50, 482), True)
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate_input = np.float32(sample_rate == 16_000)
        self._n_bands = n_bands(sample_rate)
        self._level = ExponentialSmoother(2, time_constant=_LEVEL_FRAMES)
        self._floors = [ExponentialSmoother(self._n_bands + 1, time_constant=frames) for frames in _FLOOR_FRAMES]
        self._open = Open("SuppressorInputs")
        self.reset()

    @property
    def latency_samples(self) -> int:
        """Rows withheld: none."""
        return 0

    def process(self, power: Float32, /) -> Float32:
        """Return the inputs, shape ``(m, N_INPUTS)``, of powers of shape ``(m, 161)`` or ``(m, 321)``."""
        self._open.check()
        m = len(power)
        inputs = np.zeros((m, N_INPUTS), np.float32)
        if not m:
            return inputs
        bands = band_means(power)
        bands += _EPSILON
        np.log(bands, out=bands)
        mean = _mean_of_low_bands(bands)
        sounds = mean > _SILENT
        level = _over_counted(self._level.process(np.column_stack((mean * sounds, sounds)).astype(np.float32)))
        level = np.where(np.isnan(level[:, 0]), mean, level[:, 0]).astype(np.float32, copy=False)
        inputs[:, : self._n_bands] = bands - level[:, None]
        weak = np.empty((m, self._n_bands + 1), np.float32)
        weak[:, :-1] = np.exp(np.float32(-0.5) * bands) * sounds[:, None]
        weak[:, -1] = sounds
        for number, smoother in enumerate(self._floors, 1):
            floor = _over_counted(smoother.process(weak))
            over = bands + 2 * np.log(floor)
            inputs[:, number * N_BANDS : number * N_BANDS + self._n_bands] = np.where(np.isnan(over), 0, over)
        _put_over_neighbours(bands, inputs[:, 3 * N_BANDS : 3 * N_BANDS + self._n_bands])
        inputs[:, 4 * N_BANDS] = self._loudest(mean) - level
        inputs *= _SCALE
        inputs[:, 4 * N_BANDS + 1] = self._rate_input
        return inputs

    def flush(self) -> Float32:
        """Return no rows: nothing is withheld."""
        self._open.close()
        return np.zeros((0, N_INPUTS), np.float32)

    def reset(self) -> None:
        """Reset to the initial state."""
        self._open.reopen()
        for smoother in (self._level, *self._floors):
            smoother.reset()
        self._n_seen = 0
        self._peak = -np.inf

    def _loudest(self, mean: Float32) -> Float32:
        """Compute the highest level so far, each less what it has fallen since."""
        # a running maximum of levels that rise by the fall: one pass of numpy, and no loop over frames
        place = _FALL * (self._n_seen + np.arange(len(mean)))
        risen = np.maximum(np.maximum.accumulate(mean + place), self._peak)
        self._n_seen += len(mean)
        self._peak = float(risen[-1])
        levels: Float32 = (risen - place).astype(np.float32)
        return levels


def _mean_of_low_bands(bands: Float32) -> Float32:
    """Compute the mean of the 100 bands below 4 kHz, added up in one order for any number of rows."""
    halves = bands[:, :50] + bands[:, 50:100]
    tens = halves[:, 0:10] + halves[:, 10:20]
    for first in (20, 30, 40):
        tens += halves[:, first : first + 10]
    total: Float32 = tens[:, 0] + tens[:, 1]
    for column in range(2, 10):
        total += tens[:, column]
    total *= np.float32(0.01)
    return total


def _over_counted(averages: Float32) -> Float32:
    """Return averages over the frames that count, of which the last column is the share; NaN before there is one."""
    share = averages[:, -1:].copy()
    share[share <= 0] = np.nan
    over: Float32 = averages[:, :-1] / share
    return over


def _put_over_neighbours(bands: Float32, out: Float32) -> None:
    """Write each band less the mean of itself and four on either side; at the edges the last one is repeated."""
    m, n = bands.shape
    wide = np.empty((m, n + 8), np.float32)
    wide[:, 4:-4] = bands
    wide[:, :4] = bands[:, :1]
    wide[:, -4:] = bands[:, -1:]
    total = wide[:, :n] + wide[:, 8:]
    for first in range(1, 8):
        total += wide[:, first : first + n]
    total *= np.float32(1 / 9)
    np.subtract(bands, total, out=out)
