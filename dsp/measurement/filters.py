"""Design recursive filters as second-order sections, and filter a signal that arrives in blocks.

scipy.signal is imported only when a filter is designed: its import takes as long as the analysis of a minute of call.
"""

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32, Open

__all__ = ["SosFilter", "band_pass", "high_pass", "notch"]

Sections = NDArray[np.float64]


def high_pass(cutoff_hz: float, sample_rate: int, *, order: int = 2) -> Sections:
    """Design a Butterworth high-pass, which removes direct current and rumble.

    Parameters
    ----------
    cutoff_hz : float
        Frequency at which the gain is -3 dB, in Hz, between 0 and half the sample rate.
    sample_rate : int
        In Hz.
    order : int
        Steepness: 6 dB per octave for each.

    Returns
    -------
    ndarray of float, shape (n_sections, 6)
        For `SosFilter`.

    Raises
    ------
    ParameterError
        If the cutoff is not between 0 and half the sample rate.

    Examples
    --------
    >>> high_pass(80, 8000).shape
    (1, 6)
    """
    from scipy.signal import butter

    _check_frequency("cutoff_hz", cutoff_hz, sample_rate)
    sections: Sections = butter(order, cutoff_hz, "highpass", fs=sample_rate, output="sos")
    return sections


def band_pass(low_hz: float, high_hz: float, *, sample_rate: int, order: int = 4) -> Sections:
    """Design a Butterworth band-pass, for example the telephone band from 300 to 3400 Hz.

    Parameters
    ----------
    low_hz, high_hz : float
        Frequencies at which the gain is -3 dB, in Hz, ``0 < low_hz < high_hz < sample_rate / 2``.
    sample_rate : int
        In Hz.
    order : int
        Steepness at each edge: 6 dB per octave for each.

    Returns
    -------
    ndarray of float, shape (n_sections, 6)
        For `SosFilter`.

    Raises
    ------
    ParameterError
        If an edge is out of range, or `low_hz` is not below `high_hz`.

    Examples
    --------
    >>> band_pass(300, 3400, sample_rate=16000).shape
    (4, 6)
    """
    from scipy.signal import butter

    _check_frequency("low_hz", low_hz, sample_rate)
    _check_frequency("high_hz", high_hz, sample_rate)
    if low_hz >= high_hz:
        raise ParameterError(f"{low_hz=} is not below {high_hz=}; swap them")
    sections: Sections = butter(order, [low_hz, high_hz], "bandpass", fs=sample_rate, output="sos")
    return sections


def notch(centre_hz: float, sample_rate: int, *, quality: float = 30.0) -> Sections:
    """Design a second-order notch, which removes one steady tone, such as mains hum.

    Parameters
    ----------
    centre_hz : float
        Frequency of the tone, in Hz, between 0 and half the sample rate.
    sample_rate : int
        In Hz.
    quality : float
        Centre frequency divided by the width between the -3 dB points, > 0.

    Returns
    -------
    ndarray of float, shape (1, 6)
        For `SosFilter`.

    Raises
    ------
    ParameterError
        If the centre or the quality is out of range.

    Examples
    --------
    >>> notch(50, 8000).shape
    (1, 6)
    """
    from scipy.signal import iirnotch, tf2sos

    _check_frequency("centre_hz", centre_hz, sample_rate)
    if quality <= 0:
        raise ParameterError(f"{quality=} must be above 0; 30 leaves speech alone")
    sections: Sections = tf2sos(*iirnotch(centre_hz, quality, fs=sample_rate))
    return sections


class SosFilter:
    """Filter a signal by second-order sections, in blocks of any length.

    Output sample k belongs to input sample k; the delay of the filter itself is not removed. Withholds nothing.
    Remembers the state of the sections, in double precision. Samples before sample 0 are zero.

    Parameters
    ----------
    sections : ndarray of float, shape (n_sections, 6)
        From `high_pass`, `band_pass`, `notch` or scipy.signal; `numpy.vstack` joins several designs.

    Raises
    ------
    ParameterError
        If `sections` has another shape.

    Examples
    --------
    >>> rumble_free = SosFilter(high_pass(80, 8000)).process(np.ones(8000, np.float32))
    >>> bool(abs(rumble_free[-1]) < 1e-6)
    True
    """

    def __init__(self, sections: Sections) -> None:
        if sections.ndim != 2 or sections.shape[1] != 6:
            raise ParameterError(
                f"sections of shape {sections.shape} are not (n_sections, 6); design with output='sos'"
            )
        self._sections = np.array(sections, np.float64)
        self._open = Open("SosFilter")
        self._state = np.zeros((len(sections), 2))

    @property
    def latency_samples(self) -> int:
        """Most input samples withheld: none."""
        return 0

    def process(self, x: Float32, /) -> Float32:
        """Return the filtered samples, as many as `x` has."""
        from scipy.signal import sosfilt

        self._open.check()
        if not len(x):
            return np.empty(0, np.float32)
        y, self._state = sosfilt(self._sections, x.astype(np.float64), zi=self._state)
        filtered: Float32 = y.astype(np.float32)
        return filtered

    def flush(self) -> Float32:
        """Return no samples: nothing is withheld."""
        self._open.close()
        return np.empty(0, np.float32)

    def reset(self) -> None:
        """Reset to the initial state: the samples before the next one are zero."""
        self._open.reopen()
        self._state = np.zeros((len(self._sections), 2))


def _check_frequency(name: str, frequency_hz: float, sample_rate: int) -> None:
    if not 0 < frequency_hz < sample_rate / 2:
        raise ParameterError(f"{name}={frequency_hz} Hz must lie within 0 and half the {sample_rate=}")
