"""Choose how the noise of a side is reduced."""

import warnings
from typing import Literal, get_args
from zipfile import BadZipFile

from dsp.core.errors import ParameterError
from dsp.speech.network_suppressor import NetworkSuppressor
from dsp.speech.suppressor import NoiseSuppressor

__all__ = ["SUPPRESSORS", "Suppressor", "SuppressorName", "make_suppressor"]

SuppressorName = Literal["network", "statistical"]

SUPPRESSORS: tuple[SuppressorName, ...] = get_args(SuppressorName)
"""Names of the suppressors; the first is the usual one."""

Suppressor = NetworkSuppressor | NoiseSuppressor


def make_suppressor(name: str, sample_rate: int) -> Suppressor:
    """Make a suppressor by its name.

    Parameters
    ----------
    name : str
        ``"network"`` (`dsp.speech.network_suppressor`) or ``"statistical"`` (`dsp.speech.suppressor`).
    sample_rate : int
        8000 or 16000, in Hz.

    Returns
    -------
    NetworkSuppressor or NoiseSuppressor
        The statistical one also where the weights of the network cannot be read, with a warning: no call must be lost
        for a damaged file.

    Raises
    ------
    ParameterError
        If the name is unknown, or the sample rate is not 8000 or 16000.

    Examples
    --------
    >>> make_suppressor("statistical", 8000).latency_samples
    160
    """
    if name not in SUPPRESSORS:
        raise ParameterError(f"suppressor {name!r} is not known; choose from {', '.join(SUPPRESSORS)}")
    if name == "network":
        try:
            return NetworkSuppressor(sample_rate)
        except (OSError, EOFError, KeyError, BadZipFile) as error:
            warnings.warn(
                f"the network's weights cannot be read ({error}), so noise is reduced by statistics; install again",
                RuntimeWarning,
                stacklevel=2,
            )
    return NoiseSuppressor(sample_rate)
