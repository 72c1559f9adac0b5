"""Choose the device of each side by what the devices can do; opens nothing.

The microphone is a device's own input. The far end is an input that records what the earpiece plays: a sink's monitor
(PulseAudio, PipeWire), a loopback (Windows), or a virtual device into which the system also plays (macOS, anywhere).
"""

import re
import sys
from collections.abc import Callable
from enum import StrEnum

from cxaudio.devices.sound_system import DeviceChoice, SoundDevice, find_device
from cxaudio.errors import DeviceError

__all__ = ["FarEndWay", "choose_customer", "choose_microphone", "far_end_cure", "far_end_way"]

_VIRTUAL = re.compile(
    r"(?i)\b(blackhole|loopback audio|soundflower|vb-?(audio )?cable|cable output|voicemeeter|stereo mix|what u hear)"
)
"""Names of virtual devices, which record what is played into them."""


class FarEndWay(StrEnum):
    """How the far end is captured."""

    MONITOR = "monitor"  # of a sink, kept running by its server
    LOOPBACK = "loopback"  # of an output, delivers only while something plays
    VIRTUAL = "virtual"  # a virtual cable's other end
    INPUT = "input"  # any other input: a call-recording adapter


def far_end_way(device: SoundDevice) -> FarEndWay:
    """Return how a device captures the far end.

    Examples
    --------
    >>> far_end_way(SoundDevice(name="BlackHole 2ch", host="Core Audio", description="BlackHole 2ch", inputs=2,
    ...                         outputs=0, sample_rate=48_000)).value
    'virtual'
    """
    if device.monitor_of is not None:
        return FarEndWay.MONITOR if device.continuous else FarEndWay.LOOPBACK
    return FarEndWay.VIRTUAL if _virtual(device) else FarEndWay.INPUT


def choose_microphone(
    devices: tuple[SoundDevice, ...],
    requested: DeviceChoice | None = None,
    *,
    profile_of: Callable[[SoundDevice], str | None] = lambda device: None,
) -> SoundDevice:
    """Return the agent's microphone.

    Parameters
    ----------
    devices : tuple of SoundDevice
        All devices.
    requested : DeviceChoice or None
        What was requested. None: the input of a headset that a profile describes, else the system's default, else the
        only one there is; never a monitor or a virtual device.
    profile_of : callable
        Name of the profile that fits a device, or None.

    Raises
    ------
    DeviceError
        If the requested device is missing, or there is none.
    """
    if requested is not None:
        return _find_requested(devices, requested)
    own = [device for device in devices if device.inputs and device.monitor_of is None and not _virtual(device)]
    for fits in (lambda device: profile_of(device) is not None, lambda device: device.is_default):
        for device in own:
            if fits(device):
                return device
    if len(own) == 1:
        return own[0]
    if not own:
        raise DeviceError("microphone", "none was found; plug in the headset, or name another input with --microphone")
    names = ", ".join(device.description for device in own)
    raise DeviceError("microphone", f"which of {names} is not known; name one with --microphone")


def choose_customer(
    devices: tuple[SoundDevice, ...], requested: DeviceChoice | None = None, *, microphone: SoundDevice
) -> SoundDevice:
    """Return the input that records what the agent's earpiece plays.

    Parameters
    ----------
    devices : tuple of SoundDevice
        All devices.
    requested : DeviceChoice or None
        What was requested. None: the monitor or loopback of the microphone's own headset, else of the default output,
        else a virtual device.
    microphone : SoundDevice
        The agent's.

    Raises
    ------
    DeviceError
        If the requested device is missing, or no input records the far end; the message says what helps on this system.
    """
    if requested is not None:
        return _find_requested(devices, requested)
    monitors = [device for device in devices if device.inputs and device.monitor_of is not None]
    if microphone.card is not None:
        for device in monitors:
            if device.card == microphone.card and device.name != microphone.name:
                return device
    default = next((device for device in devices if device.outputs and device.is_default), None)
    for device in monitors:
        # A loopback has the name of its output, which some hosts cut short.
        if default is not None and device.monitor_of is not None and default.name.startswith(device.monitor_of):
            return device
    for device in devices:
        if device.inputs and _virtual(device):
            return device
    raise DeviceError("far end", f"no input hears what the earpiece plays; {far_end_cure()}")


def far_end_cure(platform: str = sys.platform) -> str:
    """Return an instruction for making the far end available on a system.

    Examples
    --------
    >>> far_end_cure("darwin")[:17]
    'install BlackHole'
    """
    if platform == "win32":
        return (
            "install PyAudioWPatch (pip install PyAudioWPatch) for the loopback of Windows, or a virtual cable such as "
            "VB-CABLE, and name it with --far-end"
        )
    if platform == "darwin":
        return (
            "install BlackHole, play through a Multi-Output Device that holds it and the headset, and name it with "
            "--far-end BlackHole"
        )
    return (
        "start PulseAudio or PipeWire and install pulseaudio-utils and libasound2-plugins, then name the monitor of "
        "the headset's output with --far-end"
    )


def _virtual(device: SoundDevice) -> bool:
    return _VIRTUAL.search(device.description) is not None or _VIRTUAL.search(device.name) is not None


def _find_requested(devices: tuple[SoundDevice, ...], requested: DeviceChoice) -> SoundDevice:
    found = find_device(devices, requested)
    if found is None:
        raise DeviceError(str(requested), "is no input that is there now; see cxaudio devices")
    return found
