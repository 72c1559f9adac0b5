"""Find the devices of a measurement by name and run its recording session."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxaudio.devices.sound_system import DeviceChoice, SoundDevice, SoundSystem, find_device, name_pattern
from cxaudio.errors import DeviceError, UsageError
from cxaudio.laboratory.takes.protocol import Role

if TYPE_CHECKING:
    from cxaudio.laboratory.takes.recording_session import Operator, OperatorNotes

__all__ = ["chosen_roles", "record_takes"]


def record_takes(
    system: SoundSystem,
    folder: Path,
    *,
    model: str,
    operator: "Operator",
    microphone: str | None = None,
    earpiece: str | None = None,
    mouth: str | None = None,
    wearings: int,
    openings: int,
    roles: Sequence[Role] = tuple(Role),
    notes: "OperatorNotes | None" = None,
) -> int:
    """Find the devices and record every take that is missing.

    Parameters
    ----------
    system : SoundSystem
        System of the devices.
    folder : Path
        For the takes.
    model : str
        Name of the headset.
    operator : Operator
        Person who is asked, and who sees what happens.
    microphone, earpiece, mouth : str, optional
        Names of devices, or regular expressions found in them; the microphone's default is the input in whose
        name the model's words stand, the earpiece's the output of the same card. Without `mouth` a person speaks.
    wearings, openings : int
        How often.
    roles : sequence of Role
        Which takes.
    notes : OperatorNotes, optional
        Conditions that the operator states for all takes.

    Returns
    -------
    int
        How many takes were recorded.

    Raises
    ------
    DeviceError
        If a device is not there or fails.
    UsageError
        If a number is below 1.
    """
    from cxaudio.laboratory.takes.deck import Deck
    from cxaudio.laboratory.takes.recording_session import OperatorNotes, RecordingSession, SessionPlan

    if wearings < 1 or openings < 1:
        raise UsageError(f"{wearings} wearings and {openings} openings measure nothing; use 1 or more of each")
    devices = system.devices()
    recording = _microphone(devices, microphone, model)
    plan = SessionPlan(
        model=model,
        earpiece=_earpiece(devices, earpiece, recording),
        mouth=None if mouth is None else _named(devices, mouth, output=True),
        wearings=wearings,
        openings=openings,
        roles=tuple(roles),
        notes=notes or OperatorNotes(),
    )
    return RecordingSession(Deck(system, recording), plan, folder, operator).run()


def chosen_roles(names: str | None) -> tuple[Role, ...]:
    """Return the roles of a list with commas; all of them for None.

    Raises
    ------
    UsageError
        If a role is unknown.

    Examples
    --------
    >>> chosen_roles("quiet, opening")
    (<Role.QUIET: 'quiet'>, <Role.OPENING: 'opening'>)
    """
    if names is None:
        return tuple(Role)
    found = []
    for name in filter(None, (part.strip().lower() for part in names.split(","))):
        if name not in {role.value for role in Role}:
            raise UsageError(f"take {name!r} is not known; choose from {', '.join(role.value for role in Role)}")
        found.append(Role(name))
    return tuple(found)


def _named(devices: tuple[SoundDevice, ...], name: str, *, output: bool) -> SoundDevice:
    found = find_device(devices, DeviceChoice(name=name), output=output)
    if found is None:
        found = find_device(devices, DeviceChoice(pattern=name_pattern(name)), output=output)
    if found is None:
        kind = "output" if output else "input"
        there = ", ".join(each.name for each in devices if (each.outputs if output else each.inputs)) or "none"
        raise DeviceError(name, f"no {kind} of this name is attached, there are: {there}; plug it in or name another")
    return found


def _microphone(devices: tuple[SoundDevice, ...], name: str | None, model: str) -> SoundDevice:
    if name is not None:
        return _named(devices, name, output=False)
    pattern = "(?i)" + ".*".join(re.escape(word) for word in model.split())
    own = tuple(each for each in devices if each.monitor_of is None)
    found = find_device(own, DeviceChoice(pattern=pattern))
    if found is not None:
        return found
    there = ", ".join(each.name for each in devices if each.inputs) or "none"
    raise DeviceError(model, f"no input bears this name, there are: {there}; name the microphone with --microphone")


def _earpiece(devices: tuple[SoundDevice, ...], name: str | None, microphone: SoundDevice) -> SoundDevice | None:
    if name is not None:
        return _named(devices, name, output=True)
    for each in devices:
        if each.outputs and microphone.card is not None and each.card == microphone.card:
            return each
    return None
