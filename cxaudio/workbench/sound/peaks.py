"""Compute the lowest and the highest sample in each of many parts of a call, for drawing its waveform."""

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.errors import UsageError
from cxaudio.model.events import Side
from cxaudio.sources.recorded.sound_digest import SideDigest, sound_digest_of
from cxaudio.workbench.sound.call_sound import CallSound, in_16_bits

__all__ = ["FINEST_S", "MOST_BINS", "GrowingPeaks", "Peaks", "WholePeaks", "peaks_of_part"]

FINEST_S = 0.01
"""Grain of the peaks of a whole call; for less, the sound itself is read."""

MOST_BINS = 4_000
"""That can be asked for at once: the columns of a wide screen."""

Extremes = NDArray[np.int16]  # shape (2, n): lowest, highest


@dataclass(frozen=True, slots=True, kw_only=True)
class Peaks:
    """Lowest and highest samples of both sides in equal parts of a stretch."""

    from_s: float
    to_s: float
    sides: Mapping[Side, Extremes]  # one side alone or a mix has one entry

    def to_dict(self) -> dict[str, object]:
        """Return what is sent to the browser.

        Returns
        -------
        dict
            ``from_s``, ``to_s``, ``n``, and under ``sides`` for each side ``peak`` (0..1, full scale 1) and ``low`` and
            ``high``: n signed bytes each in base64, of which 127 is that peak.
        """
        n = next(iter(self.sides.values())).shape[1]
        packed = {side.label: _packed(extremes) for side, extremes in self.sides.items()}
        return {"from_s": self.from_s, "to_s": self.to_s, "n": n, "sides": packed}


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePeaks:
    """Peaks of a whole call in parts of about `FINEST_S`, and the digest of its sound."""

    duration_s: float
    sides: Mapping[Side, Extremes]
    step_s: Mapping[Side, float]  # length of a part
    sound_digest: bytes  # SHA-256, as `sound_digest_of`

    @property
    def n_bytes(self) -> int:
        """Return the bytes of memory they need."""
        return sum(extremes.nbytes for extremes in self.sides.values())

    @property
    def known_to_s(self) -> float:
        """Return up to which instant they are known: all of the call."""
        return self.duration_s

    def part(self, from_s: float, to_s: float, n: int) -> Peaks:
        """Return the peaks of a stretch in `n` parts, each at least as long as a part of these."""
        return _part(self.sides, self.step_s, from_s, to_s, n)


class GrowingPeaks:
    """Peaks of a whole call while it is read, so that nobody waits for a long one; threads may share it.

    Parameters
    ----------
    sound : CallSound
        The call; it must stay open.

    Attributes
    ----------
    whole : WholePeaks or None
        Once all was read.
    """

    def __init__(self, sound: CallSound) -> None:
        self._duration_s = sound.duration_s
        self._gathered = {side: _Gathering(sound.rate_of(side)) for side in sound.sides}
        self._pieces = sound.pieces()
        self._lock = threading.Lock()
        self.whole: WholePeaks | None = None

    @property
    def known_to_s(self) -> float:
        """Return up to which instant the peaks of both sides are known."""
        with self._lock:
            known_s = min(gathering.read_s for gathering in self._gathered.values())
            return self._duration_s if self.whole else min(known_s, self._duration_s)

    def grow(self, most_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Read on for some time, and at least one piece; where another thread is at it, first wait for that one.

        Raises
        ------
        AudioFormatError
            If the recording is damaged, or has changed since it was opened.
        """
        until_s = clock() + most_s
        with self._lock:
            while self.whole is None:
                found = next(self._pieces, None)
                if found is None:
                    self.whole = self._all()
                    return
                side, piece = found
                self._gathered[side].add(piece)
                if clock() >= until_s:
                    return

    def part(self, from_s: float, to_s: float, n: int) -> Peaks:
        """Return the peaks of a stretch in `n` parts, as `WholePeaks.part`; what is not read yet is silent."""
        with self._lock:
            sides = {side: gathering.extremes() for side, gathering in self._gathered.items()}
            return _part(sides, self._steps(), from_s, to_s, n)

    def _steps(self) -> dict[Side, float]:
        return {side: gathering.step_s for side, gathering in self._gathered.items()}

    def _all(self) -> WholePeaks:
        return WholePeaks(
            duration_s=self._duration_s,
            sides={side: gathering.extremes() for side, gathering in self._gathered.items()},
            step_s=self._steps(),
            sound_digest=sound_digest_of([gathering.digest for gathering in self._gathered.values()]),
        )


def _part(sides: Mapping[Side, Extremes], step_s: Mapping[Side, float], from_s: float, to_s: float, n: int) -> Peaks:
    gathered = {
        side: _gathered(extremes, from_s / step_s[side], to_s / step_s[side], n) for side, extremes in sides.items()
    }
    return Peaks(from_s=from_s, to_s=to_s, sides=gathered)


def peaks_of_part(sound: CallSound, from_s: float, to_s: float, n: int) -> Peaks:
    """Read a short part of a call and return its peaks.

    Parameters
    ----------
    sound : CallSound
        The call.
    from_s, to_s : float
        At most ``n * FINEST_S`` seconds inside the call.
    n : int
        Parts, of a sample or more each.

    Raises
    ------
    UsageError
        If it is longer.
    """
    if to_s - from_s > n * FINEST_S + 1e-6:
        raise UsageError(f"{to_s - from_s:.3f} s in {n} parts are too long to be read at once; take their whole peaks")
    first = round(from_s * sound.sample_rate)
    samples = sound.read(first, max(round(to_s * sound.sample_rate) - first, 1))
    n = max(min(n, len(samples)), 1)
    sides = {}
    for side in sound.sides:
        row = samples[:, side]
        sides[side] = _gathered(np.stack((row, row)), 0, len(row), n)
    return Peaks(from_s=from_s, to_s=to_s, sides=sides)


class _Gathering:
    """Peaks and digest of one side, piece by piece."""

    def __init__(self, sample_rate: int) -> None:
        self._length = max(round(FINEST_S * sample_rate), 1)
        self.step_s = self._length / sample_rate
        self.digest = SideDigest(sample_rate)
        self._rest = np.empty(0, np.float32)
        self._parts: list[Extremes] = [np.empty((2, 0), np.int16)]

    @property
    def read_s(self) -> float:
        """Return how much was added, in seconds."""
        return float(self.digest.duration_s)

    def add(self, x: NDArray[np.float32]) -> None:
        self.digest.add(x)
        joined = np.concatenate((self._rest, x))
        whole = len(joined) // self._length * self._length
        self._rest = joined[whole:]
        if whole:
            self._parts.append(self._extremes(joined[:whole].reshape(-1, self._length)))

    def extremes(self) -> Extremes:
        """Return the peaks of all that was added so far."""
        last = [self._extremes(self._rest[np.newaxis])] if len(self._rest) else []
        self._parts = [np.concatenate(self._parts, axis=1)]
        return np.concatenate(self._parts + last, axis=1)

    @staticmethod
    def _extremes(rows: NDArray[np.float32]) -> Extremes:
        return in_16_bits(np.stack((rows.min(axis=1), rows.max(axis=1))))


def _gathered(extremes: Extremes, first: float, last: float, n: int) -> Extremes:
    """Return the extremes of `n` equal parts between two places of a row of extremes; what is beyond it is silent."""
    n_there = extremes.shape[1]
    out = np.zeros((2, n), np.int16)
    edges = first + (last - first) * np.arange(n + 1) / n
    starts = np.floor(edges[:-1] + 1e-6).astype(np.int64)
    stops = np.maximum(np.ceil(edges[1:] - 1e-6).astype(np.int64), starts + 1)
    inside = (starts < n_there) & (starts >= 0)
    if not inside.any():
        return out
    starts, stops = starts[inside], np.minimum(stops[inside], n_there)
    # reduceat takes pairs: every second result is that of a stretch between two parts. An end may be one too far.
    pairs = np.stack((starts, stops), axis=1).ravel()
    padded = np.concatenate((extremes, extremes[:, -1:]), axis=1)
    out[0, inside] = np.minimum.reduceat(padded[0], pairs)[::2]
    out[1, inside] = np.maximum.reduceat(padded[1], pairs)[::2]
    return out


def _packed(extremes: Extremes) -> dict[str, object]:
    top = max(int(np.abs(extremes.astype(np.int32)).max()), 1)
    low = np.maximum(np.floor(extremes[0] * (127 / top)), -127).astype(np.int8)
    high = np.minimum(np.ceil(extremes[1] * (127 / top)), 127).astype(np.int8)
    return {
        "peak": round(top / 2**15, 6),
        "low": base64.b64encode(low.tobytes()).decode(),
        "high": base64.b64encode(high.tobytes()).decode(),
    }
