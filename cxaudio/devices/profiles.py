"""Find the `HeadsetProfile` of an attached device by its USB id, else by its name; opens nothing."""

import re
from collections.abc import Mapping

from cxaudio.devices.sound_system import SoundDevice
from cxaudio.model.policy import HeadsetProfile

__all__ = ["GENERIC", "fitting_profile"]

GENERIC = "generic"
"""Name of the profile used where no other fits."""


def fitting_profile(device: SoundDevice, profiles: Mapping[str, HeadsetProfile]) -> str | None:
    """Return the name of the profile that fits a device.

    Parameters
    ----------
    device : SoundDevice
        Its USB id is looked for first, then its description and name.
    profiles : mapping of str to HeadsetProfile
        As `cxaudio.settings.headset_profiles` gives them.

    Returns
    -------
    str or None
        None where no profile fits; `GENERIC` is never given.

    Examples
    --------
    >>> known = {"u800": HeadsetProfile(model="U800", maker="Hion", name_patterns=("(?i)hion.*u800",))}
    >>> mic = SoundDevice(name="alsa_input.usb-1", host="PulseAudio", description="Hion U800 Mono", inputs=1,
    ...                   outputs=0, sample_rate=16_000)
    >>> fitting_profile(mic, known)
    'u800'
    """
    if device.usb_id is not None:
        for name, profile in profiles.items():
            if device.usb_id.lower() in (usb_id.lower() for usb_id in profile.usb_ids):
                return name
    # Servers replace the spaces in a device's name by underscores.
    texts = (device.description, device.name, device.name.replace("_", " "))
    for name, profile in profiles.items():
        if any(re.search(pattern, text) for pattern in profile.name_patterns for text in texts):
            return name
    return None
