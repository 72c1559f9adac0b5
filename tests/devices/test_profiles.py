"""Which profile fits which attached device, with the profiles that are shipped."""

import pytest

from cxaudio.devices.profiles import fitting_profile
from cxaudio.devices.sound_system import SoundDevice
from cxaudio.model.policy import HeadsetProfile
from cxaudio.settings import headset_profiles


def attached(description: str, *, name: str = "x", usb_id: str | None = None) -> SoundDevice:
    return SoundDevice(
        name=name, host="h", description=description, inputs=1, outputs=0, sample_rate=16_000, usb_id=usb_id
    )


@pytest.mark.parametrize(
    ("description", "profile"),
    [
        ("Jabra Evolve2 65 Mono", "jabra-evolve2-65"),
        ("Headset Microphone (Jabra Engage 50 II)", "jabra-engage-50-ii"),
        ("Plantronics Blackwire 5220 Series", "poly-blackwire-5220"),
        ("北恩 U830", "hion-u830"),
        ("Hion U860 USB Audio", "hion-u860"),
        ("Logitech BRIO", None),
        ("generic", None),
    ],
)
def test_a_headset_is_known_by_what_the_system_calls_it(description, profile):
    assert fitting_profile(attached(description), headset_profiles("/nonexistent")) == profile


def test_the_name_a_server_makes_of_it_will_do_too():
    mic = attached("Analogue Mono", name="alsa_input.usb-GN_Audio_A_S_Jabra_Evolve2_65_0-00.mono-fallback")
    assert fitting_profile(mic, headset_profiles("/nonexistent")) == "jabra-evolve2-65"


def test_a_usb_id_goes_before_any_name():
    known = {
        "by name": HeadsetProfile(model="a", maker="m", name_patterns=("Jabra",)),
        "by id": HeadsetProfile(model="b", maker="m", usb_ids=("0B0E:24C9",)),
    }
    assert fitting_profile(attached("Jabra", usb_id="0b0e:24c9"), known) == "by id"
    assert fitting_profile(attached("Jabra", usb_id="0b0e:0000"), known) == "by name"
