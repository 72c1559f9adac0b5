"""Compute what the network that suppresses noise hears of each frame."""

import numpy as np

from dsp.core.stage import Float32, Open
from dsp.core.tiles import ExponentialSmoother
from dsp.speech.suppressor_frames import N_BANDS, band_means, n_bands

__all__ = ["N_INPUTS", "SuppressorInputs"]

N_INPUTS = N_BANDS + 2
"""Inputs of a frame: its bands, the level of the loudest voice so far, and whether the sound has 16 kHz."""

_EPSILON = np.float32(1e-13)  # power of a bin: the quantisation noise of 16 bits has twice that
_SILENT = np.float32(np.log(4e-13))  # mean logarithm under which a frame is digital silence, which has no level
_LEVEL_FRAMES = 150.0  # frames over which the level is averaged
_FALL = 0.0046  # of the logarithm of the loudest level in a frame: 2 dB/s
_SCALE = np.float32(0.25)  # logarithms of power spread over some units of four


class SuppressorInputs:
    """Return the inputs of the network for spectra: logarithms of powers of bands, less the average level so far.

    So a recording that is quieter by any factor gives the same inputs. Row k of the output belongs to frame k.
    Withholds nothing. Remembers the average level and the loudest one, which falls by 2 dB/s.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz; the bands from 4 kHz on are zero at 8000.

    Examples
    --------
    >>> power = np.random.default_rng(1).exponential(size=(50, 161)).astype(np.float32)
    >>> loud, soft = (SuppressorInputs(8000).process(gain * power) for gain in (np.float32(1), np.float32(1e-4)))
    >>> loud.shape, bool(np.allclose(loud, soft, atol=1e-4))
    ((50, 122), True)
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate_input = np.float32(sample_rate == 16_000)
        self._n_bands = n_bands(sample_rate)
        self._level = ExponentialSmoother(2, time_constant=_LEVEL_FRAMES)
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
        averaged = self._level.process(np.column_stack((mean * sounds, sounds)).astype(np.float32))
        known = averaged[:, 1] > 0
        level = np.where(known, averaged[:, 0] / np.where(known, averaged[:, 1], np.float32(1)), mean)
        level = level.astype(np.float32)
        inputs[:, : self._n_bands] = bands - level[:, None]
        inputs[:, N_BANDS] = self._loudest(mean) - level
        inputs *= _SCALE
        inputs[:, N_BANDS + 1] = self._rate_input
        return inputs

    def flush(self) -> Float32:
        """Return no rows: nothing is withheld."""
        self._open.close()
        return np.zeros((0, N_INPUTS), np.float32)

    def reset(self) -> None:
        """Reset to the initial state."""
        self._open.reopen()
        self._level.reset()
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
