"""Reduce the noise of one side's sound by gains that a network has learned."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32
from dsp.core.stft import Complex64, power
from dsp.speech.network import FrameNetwork, load_weights
from dsp.speech.spectral_suppressor import SpectralSuppressor
from dsp.speech.suppressor_frames import N_BANDS, analysis_window, band_gains_to_bins, n_bands, synthesis_window
from dsp.speech.suppressor_inputs import OVER_FLOOR, OVER_NEIGHBOURS, SuppressorInputs

__all__ = ["LEAST_ROOT", "NetworkSuppressor", "fourth_roots", "shipped_weights"]

LEAST_ROOT = np.float32(0.42)
"""Fourth root of the least gain, -30 dB."""


@lru_cache
def shipped_weights() -> Mapping[str, NDArray[np.float32]]:
    """Read the weights that come with the package.

    Returns
    -------
    mapping of str to ndarray of float32
        See `dsp.speech.network.FrameNetwork`; not to be changed.

    Raises
    ------
    OSError
        If the file is missing or damaged.

    Examples
    --------
    >>> shipped_weights()["weight0"].shape[1]
    96
    """
    return load_weights(Path(__file__).with_name("suppressor_weights.npz"))


def fourth_roots(outputs: Float32, inputs: Float32) -> Float32:
    """Compute the fourth root of the gain of each band, before it is limited.

    The network says for each band what a gain is without regard to the band itself, and how much it follows how far the
    band lies over its floor and over its neighbours. So the fine structure of a spectrum, its harmonics, need not go
    through the layers. A fourth root is used because loudness follows it.

    Parameters
    ----------
    outputs : ndarray of float32, shape (m, 3 * N_BANDS)
        Of the network.
    inputs : ndarray of float32, shape (m, N_INPUTS)
        Of the network.

    Returns
    -------
    ndarray of float32, shape (m, N_BANDS)

    Examples
    --------
    >>> outputs, inputs = np.ones((1, 360), np.float32), np.zeros((1, 482), np.float32)
    >>> inputs[0, [242, 362]] = 0.5, 0.25
    >>> fourth_roots(outputs, inputs)[0, :4]
    array([1.  , 1.  , 1.75, 1.  ], dtype=float32)
    """
    roots: Float32 = outputs[:, N_BANDS : 2 * N_BANDS] * inputs[:, OVER_FLOOR]
    roots += outputs[:, 2 * N_BANDS :] * inputs[:, OVER_NEIGHBOURS]
    roots += outputs[:, :N_BANDS]
    return roots


class NetworkSuppressor(SpectralSuppressor):
    """Return samples with less noise, and with less of the voices that are far from the microphone.

    Frames of 40 ms every 10 ms, of which the last 30 ms make sound [1]_; frame k ends at ``(k + 1) * hop``. A causal
    network (`dsp.speech.network.FrameNetwork`) gives the gain of 120 bands from 25 Hz wide [2]_, 0 to -30 dB; the phase
    stays. The gains depend on no absolute level, so soft and loud recordings are treated alike. Output sample k belongs
    to input sample k. Direct current is removed without a change of phase. Withholds at most 30 ms. Remembers some
    seconds, by averages.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz.
    weights : mapping of str to ndarray of float32, optional
        Of another network; default: those shipped.

    Raises
    ------
    ParameterError
        If the sample rate is not 8000 or 16000.
    OSError
        If the shipped weights cannot be read.

    See Also
    --------
    dsp.speech.suppressor.NoiseSuppressor : The same by statistics, without a network.

    References
    ----------
    .. [1] D. Mauler and R. Martin, "A low delay, variable resolution, perfect reconstruction spectral
       analysis-synthesis system for speech enhancement", EUSIPCO 2007.
    .. [2] H. Erdogan, J. R. Hershey, S. Watanabe and J. Le Roux, "Phase-sensitive and recognition-boosted speech
       separation using deep recurrent neural networks", ICASSP 2015 (the gain that is nearest to the wave).

    Examples
    --------
    >>> noise = 0.1 * np.random.default_rng(1).standard_normal(40_000).astype(np.float32)
    >>> clean = NetworkSuppressor(8000).process(noise)
    >>> bool(np.std(clean[20_000:]) < 0.2 * np.std(noise[20_000:]))
    True
    """

    def __init__(self, sample_rate: int, *, weights: Mapping[str, NDArray[np.float32]] | None = None) -> None:
        hop = sample_rate // 100
        window = analysis_window(hop)
        super().__init__(sample_rate, window=window, out_window=synthesis_window(hop))
        self._scale = np.float32(1 / window.sum() ** 2)
        self._inputs = SuppressorInputs(sample_rate)
        self._network = FrameNetwork(weights or shipped_weights())
        self._n_bands = n_bands(sample_rate)

    def reset(self) -> None:
        """Reset to the initial state: the next sample is sample 0, and no noise is known."""
        super().reset()
        self._inputs.reset()
        self._network.reset()

    def _gains(self, spectra: Complex64) -> Float32:
        P = power(spectra)
        P *= self._scale
        inputs = self._inputs.process(P)
        gains = fourth_roots(self._network.process(inputs), inputs)[:, : self._n_bands]
        np.clip(gains, LEAST_ROOT, np.float32(1), out=gains)
        gains *= gains
        gains *= gains
        return band_gains_to_bins(gains)
