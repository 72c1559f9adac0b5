"""One side's sound as it arrives, kept for a moment and read on the call's clock; opens no device, reads no clock."""

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
JUMP_S = 0.020  # a place further off than this is not steered to but jumped to
STEER_PPM = 2000.0  # ... and a nearer one is steered to this fast: a third of a percent of a semitone, unheard


class Arrival(NamedTuple):
    """A run of samples as it came."""

    n_samples: int
    stamp: float  # when it arrived, seconds
    suspect: bool  # sound may have been lost before it
    resumed: bool  # nothing was delivered before it because nothing played


class Availability(Enum):
    """What there is of a stretch."""

    THERE = "there"  # can be read
    NOT_YET = "not yet"  # may still arrive
    LOST = "lost"  # will not arrive any more


@dataclass(slots=True)
class Account:
    """Where every sample of a side went, in samples of the device. ``received == read + skipped + waiting``."""

    received: int = 0
    read: int = 0  # became sound of the call
    skipped: int = 0  # came too late, or before the first stretch asked for, or was thrown away on request
    waiting: int = 0  # kept for the next stretch
    silent: int = 0  # were not delivered because nothing played
    lost: int = 0  # were missing between what was received, as far as the arrivals tell


class SideBuffer:
    """Sound of one side from a stream that may be opened again and again.

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
        """A stream of `in_rate` Hz begins; nothing is left of the one before."""
        self.close()
        if self._reader is None or self._reader.in_rate != in_rate:
            self._reader = SteeredReader(in_rate, self._out_rate)
            self._kept = np.zeros(int(KEPT_S * in_rate) + in_rate, np.float32)
            self._windows = self._reader.windows(self._kept)
            self._rate = in_rate
            self._margin = int(JUMP_S * in_rate) + self._reader.reach
        self._clock = ArrivalClock(in_rate, ppm=self._known_ppm or 0.0)

    def close(self) -> None:
        """The stream has ended: what was not read is thrown away."""
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
        """Throw away what was not read yet, and leave no trace of it in memory."""
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
        """How much slower the device's clock runs than the system's; None while that is not known."""
        return self._clock.ppm if self._clock is not None and self._clock.settled else self._known_ppm

    def add(self, samples: Float32, arrivals: Sequence[Arrival]) -> None:
        """Keep what arrived.

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
        """Sound arrives and yet a stretch was waited for in vain: the map is wrong, and what arrives next mends it.

        A stream that began with a backlog looks as if its sound was heard earlier than it was.
        """
        if self._clock is not None and not self._clock.suspects:
            self._silent_before = False
            self._clock.suspect(now)

    def look(self, time: float, n: int) -> Availability:
        """Whether the stretch of `n` samples of the call from `time` on can be read."""
        if self._clock is None or self._reader is None or not self._clock.started:
            return Availability.NOT_YET
        if self._clock.suspects:  # where the newest samples lie is being found out
            return Availability.NOT_YET
        place, step = self._course(time, n)
        self._planned = (time, place, step)
        if place is None or int(place) - self._reader.reach < self._first:
            return Availability.LOST
        return Availability.THERE if place + step * n + self._reader.reach + 1 <= self._end else Availability.NOT_YET

    def read(self, time: float, n: int) -> Float32:
        """The stretch, after `look` has found it there."""
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
        """The call went on to `time` without this side: what lies before it will not be read any more."""
        if self._clock is None or not self._clock.started or self._clock.suspects or self._reader is None:
            return
        place = self._clock.position(time)
        if self._place is not None and place > self._place:
            self._account_to(min(int(place), self._end), read=False)
            self._place = None
        self._drop_to(int(place) - self._margin)

    def _course(self, time: float, n: int) -> tuple[float | None, float]:
        """Where to begin and how fast to read; None: the stretch lies before the sound that is there."""
        assert self._clock is not None
        begin = self._clock.position(time)
        end = self._clock.position(time + n / self._out_rate)
        nominal = self._rate / self._out_rate
        place = begin
        if self._place is not None:
            if self._place - begin > (0.0 if self._owes_silence else JUMP_S * self._rate):
                return None, nominal  # already read further: silence until the clock has caught up
            if begin - self._place <= JUMP_S * self._rate:
                place = self._place
        true = nominal * (1 - self._clock.ppm * 1e-6)
        reach = true * STEER_PPM * 1e-6
        return place, min(max((end - place) / n, true - reach), true + reach)

    def _account_to(self, number: int, *, read: bool) -> None:
        """Of the samples waiting, those before `number` were read, or will never be."""
        done = min(self.account.waiting, max(0, self.account.waiting - (self._end - number)))
        self.account.waiting -= done
        if read:
            self.account.read += done
        else:
            self.account.skipped += done

    def _drop_to(self, number: int) -> None:
        """Keep only samples from `number` on."""
        number = min(number, self._end)
        gone = number - self._first
        if gone <= 0:
            return
        # Moved only now and then, so that a block costs no more than itself.
        if gone < len(self._kept) // 8 and self._end - self._first < len(self._kept) * 3 // 4:
            return
        self._account_to(number, read=False)
        left = self._end - number
        self._kept[:left] = self._kept[gone : gone + left].copy()
        self._first = number
