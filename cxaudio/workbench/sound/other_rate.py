"""Read any part of a one-channel recording at another sample rate, the same samples whatever part is asked."""

from collections import OrderedDict

import numpy as np

from cxaudio.sources.recorded.stretches import Stretches
from dsp.core.resample import Resampler, resampled_length
from dsp.core.stage import Float32

__all__ = ["AtOtherRate"]

_BLOCK_S = 4  # whole seconds, so that a block begins on a sample at both rates
_MARGIN_S = 1  # sound beside a block that its filter sees; soxr's reaches less than 0.1 s at 4 kHz
_MOST_KEPT = 4  # blocks


class AtOtherRate:
    """One channel of a recording at another rate; for one thread at a time.

    Blocks of four seconds are resampled with a second of sound on both sides and kept for a while, so that a sample
    does not depend on the part that is asked. Without delay, as `dsp.core.resample.Resampler`.

    Parameters
    ----------
    stretches : Stretches
        Of a recording with one channel.
    in_rate, out_rate : int
        Hz.
    """

    def __init__(self, stretches: Stretches, in_rate: int, out_rate: int) -> None:
        self._stretches = stretches
        self._in_rate = in_rate
        self._out_rate = out_rate
        self._n_frames = resampled_length(stretches.n_frames, in_rate, out_rate)
        self._blocks: OrderedDict[int, Float32] = OrderedDict()

    def read(self, start: int, length: int) -> Float32:
        """Return the frames from `start` on, shape ``(n, 1)``; fewer than `length` at the end."""
        end = min(start + length, self._n_frames)
        block_length = _BLOCK_S * self._out_rate
        parts = [np.empty(0, np.float32)]
        for number in range(start // block_length, -(-end // block_length)):
            first = number * block_length
            parts.append(self._block(number)[max(start - first, 0) : end - first])
        return np.concatenate(parts)[:, np.newaxis]

    def _block(self, number: int) -> Float32:
        if number not in self._blocks:
            before_s = min(_MARGIN_S, number * _BLOCK_S)
            first_s = number * _BLOCK_S - before_s
            length_s = before_s + _BLOCK_S + _MARGIN_S
            x = self._stretches.read(first_s * self._in_rate, length_s * self._in_rate)[:, 0]
            resampler = Resampler(self._in_rate, self._out_rate)
            y = np.concatenate((resampler.process(x), resampler.flush()))
            self._blocks[number] = y[before_s * self._out_rate :][: _BLOCK_S * self._out_rate]
            if len(self._blocks) > _MOST_KEPT:
                self._blocks.popitem(last=False)
        return self._blocks[number]
