"""Estimate when a device's samples were captured from when they arrived; reads no clock itself."""

from collections import deque
from itertools import pairwise

__all__ = ["ArrivalClock"]

WINDOW_S = 1.0  # of each window the earliest arrival is kept
WINDOWS = 60  # that are kept
SLOPE_AFTER = 20  # windows before a slope is used; until then the nominal rate is assumed
RECENT = 30  # windows that set the offset, once there is a slope
RECENT_WITHOUT_SLOPE = 5  # before
MOST_PPM = 500.0
"""Crystals of sound devices differ by up to some 100 ppm; a larger estimate is limited to this."""

RISE_S = 0.020  # sound that comes later than this ...
RISE_WINDOWS = 3  # ... throughout so many windows was lost before it
SUSPECT_S = 0.3  # after an overflow or a break the earliest arrival of so long a time decides
SUSPECT_RISE_S = 0.005


class ArrivalClock:
    """Map samples of one device to times by the lower envelope of the arrivals.

    Sound never arrives before it was captured, and often later by chance of scheduling. So the clock is estimated from
    the lowest values of ``arrival - n / rate``: its offset from the values, and the difference between the device's
    real and nominal rate from their lower hull over a minute. Constant latency stays in the times; a single late
    arrival changes nothing.

    Arrivals that stay late mean that sound was lost before them: `arrived` then returns how much, and the map shifts.

    Parameters
    ----------
    rate : int
        The device's nominal rate, Hz.
    ppm : float
        First guess of how much slower the device's clock runs than the system's, in parts per million.

    Notes
    -----
    In the worst case, of a drift of 300 ppm and no slope yet, the offset lags by 1.5 ms.

    References
    ----------
    S. B. Moon, P. Skelly, D. Towsley, "Estimation and removal of clock skew from network delay measurements",
    IEEE INFOCOM 1999: the line below all delays that lies nearest to them, found on their lower convex hull.

    Examples
    --------
    A device 100 ppm slow, whose every second run of 20 ms comes 7 ms late:

    >>> clock = ArrivalClock(16_000)
    >>> for k in range(1, 3001):
    ...     _ = clock.arrived(320 * k, 5.0 + 0.02 * k * (1 + 100e-6) + 0.007 * (k % 2))
    >>> round(clock.ppm), round(clock.position(65.0) / 16_000, 3)
    (100, 59.994)
    """

    def __init__(self, rate: int, *, ppm: float = 0.0) -> None:
        self._rate = rate
        self._slope = min(max(ppm, -MOST_PPM), MOST_PPM) * 1e-6
        self._guessed = ppm != 0.0
        self._minima: deque[tuple[float, float]] = deque(maxlen=WINDOWS)  # stamp, delay
        self._window: tuple[float, float] | None = None  # lowest so far of the window that is open
        self._window_end = 0.0
        self._at = 0.0  # where the offset below is taken
        self._offset = float("inf")
        self._suspect: tuple[float, float] | None = None  # until when; lowest rise so far
        self._at_once = False
        self._latest = 0.0

    @property
    def ppm(self) -> float:
        """By how many ppm the device's clock runs slower than the system's."""
        return self._slope * 1e6

    @property
    def settled(self) -> bool:
        """Whether the slope is estimated from enough arrivals."""
        return len(self._minima) >= SLOPE_AFTER

    @property
    def started(self) -> bool:
        """Whether anything has arrived."""
        return self._latest > 0.0 or self._window is not None

    def arrived(self, n: int, stamp: float) -> float:
        """Take an arrival.

        Parameters
        ----------
        n : int
            Samples received so far, with these.
        stamp : float
            When they arrived, in seconds.

        Returns
        -------
        float
            Seconds of sound that were lost before these samples, as it has now become clear; nearly always 0.
        """
        delay = stamp - n / self._rate
        if self._window is None:
            self._window_end = stamp + WINDOW_S
            self._at = stamp
            self._offset = delay
            self._window = (stamp, delay)
        elif stamp >= self._window_end:
            self._close_window(stamp)
            self._window = (stamp, delay)
        elif delay < self._window[1]:
            self._window = (stamp, delay)
        self._latest = stamp
        lost = 0.0
        if self._suspect is not None:
            lost = self._judge(delay - self._delay(stamp), stamp)
        if self._suspect is not None:  # its position is not known yet
            return 0.0
        self._offset = min(self._offset, delay - self._slope * (stamp - self._at))
        if lost:
            self._moved_by(lost)
        return lost or self._risen()

    def suspect(self, stamp: float, *, at_once: bool = False) -> None:
        """Note that sound may be missing; the arrivals soon after `stamp` decide whether and how much.

        Parameters
        ----------
        stamp : float
            When the first sound after it arrives.
        at_once : bool
            Until then take it as missing, as far as the arrivals allow: what begins to play after a silence must not
            wait. Else the map is not to be used meanwhile, see `suspects`.
        """
        if self._window is not None and self._suspect is None:
            self._suspect = (stamp + SUSPECT_S, float("inf"))
            self._at_once = at_once

    @property
    def suspects(self) -> bool:
        """Whether it is being decided if sound was lost; until then positions are not known."""
        return self._suspect is not None and not self._at_once

    def position(self, time: float) -> float:
        """Return the sample captured at `time`, not rounded; negative before the first."""
        return (time - self._delay(time) - self._missing) * self._rate

    def time(self, position: float) -> float:
        """Return when the sample at `position` was captured."""
        # time - delay(time) = position / rate, and the delay is a straight line
        return (position / self._rate + self._offset + self._missing - self._slope * self._at) / (1 - self._slope)

    @property
    def _missing(self) -> float:
        """Seconds assumed to be missing at present."""
        if self._suspect is None or not self._at_once or self._suspect[1] == float("inf"):
            return 0.0
        return self._suspect[1]

    def _delay(self, time: float) -> float:
        return self._offset + self._slope * (time - self._at)

    def _judge(self, rise: float, stamp: float) -> float:
        assert self._suspect is not None
        until, lowest = self._suspect
        lowest = min(lowest, rise)
        if lowest <= SUSPECT_RISE_S:
            self._suspect = None  # it was late but complete
            return 0.0
        if stamp < until:
            self._suspect = (until, lowest)
            return 0.0
        self._suspect = None
        return lowest

    def _close_window(self, stamp: float) -> None:
        assert self._window is not None
        self._minima.append(self._window)
        self._window_end += WINDOW_S * max(1, int((stamp - self._window_end) / WINDOW_S) + 1)
        if len(self._minima) >= SLOPE_AFTER:
            slope = _lower_edge_slope(self._minima)
            self._slope = min(max(slope, -MOST_PPM * 1e-6), MOST_PPM * 1e-6)
        self._at = stamp
        span = RECENT if self.settled or self._guessed else RECENT_WITHOUT_SLOPE
        self._offset = min(
            delay + self._slope * (stamp - when) for when, delay in list(self._minima)[-max(span, RISE_WINDOWS + 1) :]
        )

    def _risen(self) -> float:
        """Return by how many seconds all of the last windows are above the envelope; 0 where that may be chance."""
        if len(self._minima) <= RISE_WINDOWS or self._suspect is not None:
            return 0.0
        rises = [delay - self._delay(when) for when, delay in list(self._minima)[-RISE_WINDOWS:]]
        if min(rises) <= RISE_S or self._window is None or self._window[1] - self._delay(self._window[0]) <= RISE_S:
            return 0.0
        self._moved_by(min(rises))
        return min(rises)

    def _moved_by(self, lost: float) -> None:
        """Shift the map after a loss, as if everything before had arrived that much later."""
        limit = RISE_S / 2
        line = {when: self._delay(when) for when, _ in self._minima}
        moved = [(when, delay + lost if delay - line[when] < limit else delay) for when, delay in self._minima]
        self._minima = deque(moved, maxlen=WINDOWS)
        if self._window is not None and self._window[1] - self._delay(self._window[0]) < limit:
            self._window = (self._window[0], self._window[1] + lost)
        self._offset += lost


def _lower_edge_slope(points: deque[tuple[float, float]]) -> float:
    """Return the slope of the lower convex hull's edge at the points' mean: the closest line below all of them."""
    hull: list[tuple[float, float]] = []
    for point in points:
        while len(hull) >= 2 and _turns_right(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    mean = sum(when for when, _ in points) / len(points)
    for left, right in pairwise(hull):
        if right[0] >= mean:
            return (right[1] - left[1]) / (right[0] - left[0])
    return 0.0


def _turns_right(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) <= (b[1] - a[1]) * (c[0] - a[0])
