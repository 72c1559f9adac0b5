"""Compare frequency responses with tolerance masks, and define the masks whose source could be read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64

__all__ = [
    "MASKS",
    "MICROSOFT_PREMIUM",
    "MICROSOFT_STANDARD",
    "WIDEBAND_RECEIVE",
    "WIDEBAND_SEND",
    "Mask",
    "MaskResult",
    "check_mask",
]

_NOMINAL = 0.003  # exact centres of bands differ from nominal frequencies at the ends of masks by up to 0.24 %

Limit = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """Upper and lower limits of a response; straight lines in dB over the logarithm of frequency."""

    name: str
    source: str
    upper: Limit  # (Hz, dB), rising frequency; no limit before the first and after the last point
    lower: Limit  # (Hz, dB)
    about: str = ""  # what restricts its use

    def limits(self, frequencies_hz: NDArray[np.floating]) -> tuple[Float64, Float64]:
        """Return the upper and the lower limit at each frequency, dB; ``inf`` and ``-inf`` where there is none.

        Parameters
        ----------
        frequencies_hz : ndarray, shape (n,)
            > 0.

        Returns
        -------
        upper, lower : ndarray, shape (n,)
            dB.

        Examples
        --------
        >>> upper, lower = WIDEBAND_SEND.limits(np.array([100.0, 1000.0, 7000.0]))
        >>> upper.tolist(), lower.tolist()
        ([0.0, 5.0, 5.0], [-inf, -5.0, -inf])
        """
        return _line(frequencies_hz, self.upper, np.inf), _line(frequencies_hz, self.lower, -np.inf)


def _line(frequencies_hz: NDArray[np.floating], limit: Limit, outside: float) -> Float64:
    hertz, decibels = np.array(limit).T
    # Points of a mask are nominal: the exact centre of the band "6300" is 6309.6 Hz, and counts.
    at = np.asarray(frequencies_hz, np.float64)
    for end in (hertz[0], hertz[-1]):
        at = np.where(np.abs(at / end - 1) <= _NOMINAL, end, at)
    line: Float64 = np.interp(np.log(at), np.log(hertz), decibels, left=outside, right=outside)
    return line


WIDEBAND_SEND = Mask(
    name="3GPP wideband send",
    source="3GPP TS 26.131 Release 18, clause 6.4, table 9 (handset and headset)",
    upper=((100, 0), (200, 5), (5000, 5), (6300, 5), (8000, 5)),
    lower=((200, -5), (5000, -5), (6300, -10)),
)

WIDEBAND_RECEIVE = Mask(
    name="3GPP wideband receive",
    source="3GPP TS 26.131 Release 18, clause 6.4, table 10 (handset and headset)",
    upper=((125, 8), (200, 8), (250, 8), (315, 7), (400, 6), (5000, 6), (6300, 6), (8000, 6)),
    lower=((200, -12), (250, -9), (315, -6), (400, -6), (5000, -6), (6300, -9)),
    about="needs an ear simulator",
)

MICROSOFT_PREMIUM = Mask(
    name="Microsoft premium",
    source="Microsoft, Speech platform: input device recommendations, microphone mask",
    upper=((200, 3), (300, 3), (5000, 3), (6300, 3), (7000, 3)),
    lower=((200, -6), (300, -3), (5000, -3), (6300, -3), (7000, -3)),
)

MICROSOFT_STANDARD = Mask(
    name="Microsoft standard",
    source="Microsoft, Speech platform: input device recommendations, microphone mask",
    upper=((200, 6), (300, 6), (5000, 6), (6300, 6), (7000, 6)),
    lower=((200, -9), (300, -6), (5000, -6), (6300, -6)),
)

MASKS = (WIDEBAND_SEND, WIDEBAND_RECEIVE, MICROSOFT_PREMIUM, MICROSOFT_STANDARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskResult:
    """The comparison of a response with a mask."""

    passed: bool  # inside the limits at every point that was compared
    margin_db: float  # least distance to a limit; negative: worst violation
    worst_hz: float  # frequency of that distance
    offset_db: float  # added to the response so that it fits the mask best; 0 if fixed
    coverage: float  # share of the points inside the mask's frequencies at which the response is known, 0..1


def check_mask(
    frequencies_hz: NDArray[np.floating], response_db: NDArray[np.floating], mask: Mask, *, floating: bool = True
) -> MaskResult:
    """Compare a response with a mask, and find the worst point.

    A floating mask has no fixed level: the response is shifted so that its least distance to the limits is largest,
    ``offset = (min(U - r) + max(L - r)) / 2``, and the margin there is ``(min(U - r) - max(L - r)) / 2``. It passes if
    the margin is not negative.

    Parameters
    ----------
    frequencies_hz : ndarray, shape (n,)
        > 0; standards usually use the centres of third octaves.
    response_db : ndarray, shape (n,)
        dB; ``nan`` where it is not known.
    mask : Mask
        The limits.
    floating : bool
        True: shift the response first. False: compare it without a shift.

    Returns
    -------
    MaskResult
        `margin_db` is as accurate as the response at `worst_hz`.

    Raises
    ------
    ParameterError
        If the shapes differ or the response is known nowhere in the mask.

    Examples
    --------
    >>> hertz = np.array([200.0, 500, 1000, 2000, 4000])
    >>> found = check_mask(hertz, np.array([20.0, 20, 20, 20, 32]), WIDEBAND_SEND)
    >>> found.passed, found.margin_db, found.worst_hz, found.offset_db
    (False, -1.0, 4000.0, -26.0)
    """
    hertz, response = np.asarray(frequencies_hz, np.float64), np.asarray(response_db, np.float64)
    if hertz.ndim != 1 or hertz.shape != response.shape:
        raise ParameterError(f"frequencies_hz has shape {hertz.shape}, response_db {response.shape}; give one each")
    upper, lower = mask.limits(hertz)
    bounded = np.isfinite(upper) | np.isfinite(lower)
    known = bounded & np.isfinite(response)
    if not known.any():
        raise ParameterError(f"the response is known at none of the frequencies of the mask {mask.name!r}")
    above, below = (upper - response)[known], (lower - response)[known]  # offsets allowed: at most, at least
    most, least = float(above.min()), float(below.max())
    offset = 0.0
    if floating:
        offset = (most + least) / 2 if np.isfinite(most + least) else (most if np.isfinite(most) else least)
    distance = np.minimum(above - offset, offset - below)
    # A floating response at its best offset touches an upper and a lower limit; return the point farther from the
    # median.
    margin = float(distance.min())
    touching = np.flatnonzero(distance <= margin + 1e-9)
    middle = float(np.median(response[known]))
    worst = touching[np.argmax(np.abs(response[known][touching] - middle))]
    return MaskResult(
        passed=bool(margin >= -1e-9),
        margin_db=round(margin, 9),
        worst_hz=float(hertz[known][worst]),
        offset_db=offset,
        coverage=float(known.sum() / bounded.sum()),
    )
