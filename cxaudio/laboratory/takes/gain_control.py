"""Find gain control in a take of speech at two levels; measures and the judge of takes ask for it."""

from dataclasses import dataclass

from cxaudio.laboratory.takes.once import once_a_take
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.signals import signal_of
from cxaudio.laboratory.takes.take import Take
from dsp.core.errors import ParameterError
from dsp.measurement.delay import find_delay
from dsp.measurement.dynamics import GainControl, find_gain_control

__all__ = ["ControlFound", "gain_control_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlFound:
    """Gain control of a take, or why it is not known."""

    control: GainControl | None
    error: str | None

    @property
    def is_there(self) -> bool:
        """Whether gain control was found."""
        return self.control is not None and self.control.found


@once_a_take
def gain_control_of(take: Take) -> ControlFound:
    """Compare a take of speech at two levels with what was played."""
    rate = take.sample_rate
    played = take.played if take.played is not None else signal_of(Role.LEVELS, rate)
    assert played is not None  # the role has a signal of its own
    try:
        whole = find_delay(played[: 30 * rate], take.samples, rate, least_s=-5.0, most_s=15.0, fine=False)
        control = find_gain_control(played, take.samples, rate, delay_samples=round(whole.samples))
    except ParameterError as error:
        return ControlFound(control=None, error=str(error))
    return ControlFound(control=control, error=None)
