"""Buffer the sound of one side as it arrives and resample it to the call's clock; opens no device, reads no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np

from cxaudio.sources.live.clock import ArrivalClock
from dsp.core.stage import Float32
from dsp.core.steered import SteeredReader

__all__ = ["Account", "Arrival", "Availability", "SideBuffer"]

KEPT_S = 4.0  # of sound not yet read; more than any wait
JUMP_S = 0.020  # a larger offset is jumped over, not steered out
STEER_PPM = 2000.0  # a smaller one is steered out this fast: 3.5 hundredths of a semitone, inaudible


class Arrival(NamedTuple):
    """A run of samples as it was delivered."""

    n_samples: int
    stamp: float  # when it arrived, seconds
    suspect: bool  # sound may have been lost before it
    resumed: bool  # nothing was delivered before it because nothing played


class Availability(Enum):
    """Whether a stretch can be read."""

    THERE = "there"  # can be read
    NOT_YET = "not yet"  # may still arrive
    LOST = "lost"  # will not arrive any more


@dataclass(slots=True)
class Account:
    """Counts of a side's samples at the device's rate. ``received == read + skipped + waiting``."""

    received: int = 0
    read: int = 0  # became sound of the call
    skipped: int = 0  # too late, before the first stretch read, or discarded on request
    waiting: int = 0  # kept for the next stretch
    silent: int = 0  # not delivered because nothing played
    lost: int = 0  # missing between those received, as estimated from the arrivals


class SideBuffer:
    """Keep the sound of one side, whose stream may be opened several times.

    Parameters
    ----------
    out_rate : int
        The call's rate, Hz.
    """

    def __init__(self, out_rate: int) -> None:
        self._out_rate = out_rate
        self._rate = out_rate  # of the stream
        self._margin = 0  # kept before the place, in samples
        self._reader: SteeredReader | None = None
        self._clock: ArrivalClock | None = None
        self._known_ppm: float | None = None
        self.account = Account()
        self.close()

    def open(self, in_rate: int) -> None:
        """Begin a stream of `in_rate` Hz; nothing of the last one is left."""
        self.close()
        if self._reader is None or self._reader.in_rate != in_rate:
            self._reader = SteeredReader(in_rate, self._out_rate)
            self._kept = np.zeros(int(KEPT_S * in_rate) + in_rate, np.float32)
            self._windows = self._reader.windows(self._kept)
            self._rate = in_rate
            self._margin = int(JUMP_S * in_rate) + self._reader.reach
        self._clock = ArrivalClock(in_rate, ppm=self._known_ppm or 0.0)

    def close(self) -> None:
        """End the stream and discard what was not read."""
        if self._reader is not None and self._clock is not None:
            self._known_ppm = self.ppm
        self._clock = None
        self.forget()
        self._first = 0  # number, in the stream, of the first sample kept
        self._end = 0
        self._planned: tuple[float, float | None, float] = (0.0, None, 1.0)  # what `look` found
        self._silent_before = False  # what is missing was never there
        self._owes_silence = False  # sound was lost, and what came after it has been read in its place
        self._place: float | None = None  # number of the next sample to read, not rounded

    def forget(self) -> None:
        """Discard what was not read, and overwrite it in memory."""
        if self._reader is None:
            return
        self.account.skipped += self.account.waiting
        self.account.waiting = 0
        self._kept.fill(0.0)
        self._first = self._end
        self._place = None

    @property
    def clock(self) -> ArrivalClock | None:
        """The stream's clock; None while there is no stream."""
        return self._clock

    @property
    def ppm(self) -> float | None:
        """By how many ppm the device's clock runs slower than the system's; None while that is not known."""
        return self._clock.ppm if self._clock is not None and self._clock.settled else self._known_ppm

    def add(self, samples: Float32, arrivals: Sequence[Arrival]) -> None:
        """Store what arrived.

        Parameters
        ----------
        samples : ndarray of float32, shape (n,)
            Full scale +-1.0.
        arrivals : sequence of Arrival
            In which runs it came; together `n` samples.
        """
        assert self._clock is not None, "a side is opened before sound comes"
        n = len(samples)
        used = self._end - self._first
        if used + n > len(self._kept):
            self._drop_to(self._end + n - len(self._kept))
            used = self._end - self._first
        self._kept[used : used + n] = samples
        self.account.received += n
        self.account.waiting += n
        for arrival in arrivals:
            self._end += arrival.n_samples
            if arrival.resumed or arrival.suspect:
                self._silent_before = arrival.resumed
                self._clock.suspect(arrival.stamp, at_once=arrival.resumed)
            missing_s = self._clock.arrived(self._end, arrival.stamp)
            if missing_s > 0:
                missing = round(missing_s * self._rate)
                if self._silent_before:
                    self.account.silent += missing
                else:
                    self.account.lost += missing
                    self._owes_silence = True

    def starved(self, now: float) -> None:
        """Correct the clock with the next arrivals: sound arrives and yet a stretch does not become complete.

        A stream that began with a backlog looks as if its sound was captured earlier than it was.
        """
        if self._clock is not None and not self._clock.suspects:
            self._silent_before = False
            self._clock.suspect(now)

    def look(self, time: float, n: int) -> Availability:
        """Return whether the stretch of `n` samples of the call from `time` on can be read."""
        if self._clock is None or self._reader is None or not self._clock.started:
            return Availability.NOT_YET
        if self._clock.suspects:  # the position of the newest samples is being estimated
            return Availability.NOT_YET
        place, step = self._course(time, n)
        self._planned = (time, place, step)
        if place is None or int(place) - self._reader.reach < self._first:
            return Availability.LOST
        return Availability.THERE if place + step * n + self._reader.reach + 1 <= self._end else Availability.NOT_YET

    def read(self, time: float, n: int) -> Float32:
        """Return the stretch, after `look` has returned THERE for it."""
        planned, place, step = self._planned
        assert self._reader is not None
        assert place is not None, "there is nothing to read"
        assert planned == time, "look before you read"
        y = self._reader.read(self._windows, position=place - self._first, step=step, n=n)
        self._owes_silence = False
        went_before = self._place
        self._place = place + step * n
        settled = int(self._place)
        jumped = place - (went_before if went_before is not None else place)
        if jumped > 1 or went_before is None:
            self._account_to(int(place), read=False)
        self._account_to(settled, read=True)
        self._drop_to(settled - self._margin)
        return y

    def skip(self, time: float) -> None:
        """Discard what is before `time`, to which the call went on without this side."""
        if self._clock is None or not self._clock.started or self._clock.suspects or self._reader is None:
            return
        place = self._clock.position(time)
        if self._place is not None and place > self._place:
            self._account_to(min(int(place), self._end), read=False)
            self._place = None
        self._drop_to(int(place) - self._margin)

    def _course(self, time: float, n: int) -> tuple[float | None, float]:
        """Return where to begin and how fast to read; None where the stretch is earlier than the stored sound."""
        assert self._clock is not None
        begin = self._clock.position(time)
        end = self._clock.position(time + n / self._out_rate)
        nominal = self._rate / self._out_rate
        place = begin
        if self._place is not None:
            if self._place - begin > (0.0 if self._owes_silence else JUMP_S * self._rate):
                return None, nominal  # already read beyond it: silence until the clock catches up
            if begin - self._place <= JUMP_S * self._rate:
                place = self._place
        true = nominal * (1 - self._clock.ppm * 1e-6)
        reach = true * STEER_PPM * 1e-6
        return place, min(max((end - place) / n, true - reach), true + reach)

    def _account_to(self, number: int, *, read: bool) -> None:
        """Count the waiting samples before `number` as read or as skipped."""
        done = min(self.account.waiting, max(0, self.account.waiting - (self._end - number)))
        self.account.waiting -= done
        if read:
            self.account.read += done
        else:
            self.account.skipped += done

    def _drop_to(self, number: int) -> None:
        """Drop samples before `number`."""
        number = min(number, self._end)
        gone = number - self._first
        if gone <= 0:
            return
        # Moved only sometimes, so that the cost of a block stays that of its own samples.
        if gone < len(self._kept) // 8 and self._end - self._first < len(self._kept) * 3 // 4:
            return
        self._account_to(number, read=False)
        left = self._end - number
        self._kept[:left] = self._kept[gone : gone + left].copy()
        self._first = number
