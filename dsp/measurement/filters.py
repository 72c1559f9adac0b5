"""Recursive filters with kept state: second-order sections, and the few designs that telephone sound needs.

scipy.signal is imported only when a filter is designed: it takes as long to import as a minute of call to analyse.
"""

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32, Open

__all__ = ["SosFilter", "band_pass", "high_pass", "notch"]

Sections = NDArray[np.float64]


def high_pass(cutoff_hz: float, sample_rate: int, *, order: int = 2) -> Sections:
    """Butterworth high-pass: takes out direct current and rumble.

    Parameters
    ----------
    cutoff_hz : float
        Where the gain is -3 dB, in Hz, within 0 and half the sample rate.
    sample_rate : int
        In Hz.
    order : int
        Steepness: 6 dB an octave each.

    Returns
    -------
    ndarray of float, shape (n_sections, 6)
        For `SosFilter`.

    Raises
    ------
    ParameterError
        If the cutoff does not lie within 0 and half the sample rate.

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
    """Butterworth band-pass, for example the telephone's 300 to 3400 Hz.

    Parameters
    ----------
    low_hz, high_hz : float
        Where the gain is -3 dB, in Hz, ``0 < low_hz < high_hz < sample_rate / 2``.
    sample_rate : int
        In Hz.
    order : int
        Steepness at either edge: 6 dB an octave each.

    Returns
    -------
    ndarray of float, shape (n_sections, 6)

    Raises
    ------
    ParameterError
        If the edges are out of range or order.

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
    """Second-order notch: takes out one steady tone, such as mains hum.

    Parameters
    ----------
    centre_hz : float
        In Hz, within 0 and half the sample rate.
    sample_rate : int
        In Hz.
    quality : float
        Centre over width between the -3 dB points, > 0.

    Returns
    -------
    ndarray of float, shape (1, 6)

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
    """Second-order sections over a signal of any cutting.

    The k-th sample out belongs to the k-th sample in; the filter's own delay is left as it is. Withholds nothing.
    Remembers the sections' state, in double precision; zeros lie before sample 0.

    Parameters
    ----------
    sections : ndarray of float, shape (n_sections, 6)
        As scipy.signal designs them, or `high_pass`, `band_pass`, `notch`; `numpy.vstack` puts designs in a row.

    Raises
    ------
    ParameterError
        If the shape is another.

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
        """Nothing is withheld."""
        return 0

    def process(self, x: Float32, /) -> Float32:
        """Filtered samples, as many as went in."""
        from scipy.signal import sosfilt

        self._open.check()
        if not len(x):
            return np.empty(0, np.float32)
        y, self._state = sosfilt(self._sections, x.astype(np.float64), zi=self._state)
        filtered: Float32 = y.astype(np.float32)
        return filtered

    def flush(self) -> Float32:
        """Nothing is left."""
        self._open.close()
        return np.empty(0, np.float32)

    def reset(self) -> None:
        """Zeros lie before the next sample."""
        self._open.reopen()
        self._state = np.zeros((len(self._sections), 2))


def _check_frequency(name: str, frequency_hz: float, sample_rate: int) -> None:
    if not 0 < frequency_hz < sample_rate / 2:
        raise ParameterError(f"{name}={frequency_hz} Hz must lie within 0 and half the {sample_rate=}")
