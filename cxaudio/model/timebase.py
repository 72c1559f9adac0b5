"""`Timebase`: the one clock of a call, in integer samples; reads no wall time."""

from dataclasses import dataclass

from cxaudio.errors import SettingError

__all__ = ["TELEPHONE", "TICKS_PER_SECOND", "WIDEBAND", "Timebase"]

TELEPHONE, WIDEBAND = 8_000, 16_000
"""The two rates of a call, in Hz."""

TICKS_PER_SECOND = 100
"""A tick is 10 ms, the unit of every decision (DEFINITIONS §1)."""


@dataclass(frozen=True, slots=True)
class Timebase:
    """Convert samples to seconds and back, at 8 000 Hz (telephone) or 16 000 Hz (wideband) for the whole call.

    Parameters
    ----------
    sample_rate : int
        8000 or 16000, in Hz.

    Raises
    ------
    SettingError
        If the rate is another.

    Examples
    --------
    >>> clock = Timebase(8000)
    >>> clock.tick_length, clock.seconds(12_345), clock.clock_text(1_539_840)
    (80, 1.543, '00:03:12.480')
    """

    sample_rate: int  # Hz

    def __post_init__(self) -> None:
        if self.sample_rate not in (TELEPHONE, WIDEBAND):
            raise SettingError("sample_rate", self.sample_rate, "is not a call's rate; use 8000 or 16000 Hz")

    @property
    def tick_length(self) -> int:
        """Return the number of samples in a tick of 10 ms."""
        return self.sample_rate // TICKS_PER_SECOND

    def seconds(self, position: int) -> float:
        """Return a position in seconds, rounded to the millisecond."""
        rate = self.sample_rate
        # A whole number of milliseconds, as every tick's edge is, needs no rounding: the quotient is the nearest float.
        return round(position / rate, 3) if position % (rate // 1000) else position / rate

    def samples(self, seconds: float) -> int:
        """Return the sample nearest to a time in seconds."""
        return round(seconds * self.sample_rate)

    def whole_seconds_text(self, position: int) -> str:
        """Return a position as ``hh:mm:ss``, milliseconds left out."""
        return self.clock_text(position).rpartition(".")[0]

    def clock_text(self, position: int) -> str:
        """Return a position as ``hh:mm:ss.mmm``."""
        milliseconds = round(position * 1000 / self.sample_rate)
        whole, milli = divmod(milliseconds, 1000)
        return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milli:03d}"
