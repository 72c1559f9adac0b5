"""Which device hears whom, by what devices say of themselves on each system."""

import pytest

from cxaudio.devices.far_end import FarEndWay, choose_customer, choose_microphone, far_end_cure, far_end_way
from cxaudio.devices.sound_system import DeviceChoice, SoundDevice
from cxaudio.errors import DeviceError


def device(name: str, **facts: object) -> SoundDevice:
    values: dict[str, object] = {"host": "PulseAudio", "description": name, "inputs": 0, "outputs": 0}
    return SoundDevice(name=name, sample_rate=48_000, **(values | facts))


WEBCAM = device("webcam", inputs=2, is_default=True, card="1")
HEADSET = device("headset mic", inputs=1, card="2")
EARPIECE = device("headset out", outputs=2, card="2")
EARPIECE_MONITOR = device("headset out.monitor", inputs=2, monitor_of="headset out", card="2")
SPEAKERS = device("speakers", outputs=2, card="0", is_default=True)
SPEAKERS_MONITOR = device("speakers.monitor", inputs=2, monitor_of="speakers", card="0")
LINUX = (SPEAKERS_MONITOR, WEBCAM, HEADSET, EARPIECE_MONITOR, SPEAKERS, EARPIECE)


def test_a_headset_that_a_profile_describes_goes_before_the_default_input():
    profile_of = {"headset mic": "known"}.get
    assert choose_microphone(LINUX, profile_of=lambda each: profile_of(each.name)) is HEADSET
    assert choose_microphone(LINUX) is WEBCAM


def test_a_monitor_is_never_taken_for_a_microphone():
    with pytest.raises(DeviceError, match="none was found; plug in the headset"):
        choose_microphone((SPEAKERS_MONITOR, SPEAKERS))


def test_of_several_inputs_without_a_default_one_must_be_named():
    with pytest.raises(DeviceError, match="which of headset mic, other is not known; name one with --microphone"):
        choose_microphone((HEADSET, device("other", inputs=1)))


def test_the_far_end_is_the_monitor_of_the_microphones_own_headset():
    assert choose_customer(LINUX, microphone=HEADSET) is EARPIECE_MONITOR


def test_without_one_it_is_the_monitor_of_the_default_output():
    assert choose_customer(LINUX, microphone=WEBCAM) is SPEAKERS_MONITOR


def test_on_windows_it_is_the_loopback_of_the_default_output():
    loopback = device("Headset (Jabra) [Loopback]", inputs=2, monitor_of="Headset (Jabra)", continuous=False)
    there = (device("Mic (Jabra)", inputs=1), device("Headset (Jabra)", outputs=2, is_default=True), loopback)
    assert choose_customer(there, microphone=there[0]) is loopback
    assert far_end_way(loopback) is FarEndWay.LOOPBACK


def test_on_a_mac_it_is_the_virtual_device():
    hole = device("BlackHole 2ch", inputs=2, outputs=2, host="Core Audio")
    mic = device("Jabra", inputs=1, host="Core Audio", is_default=True)
    assert choose_customer((mic, hole), microphone=mic) is hole
    assert choose_microphone((hole, mic)) is mic
    assert far_end_way(hole) is FarEndWay.VIRTUAL


def test_where_nothing_hears_the_far_end_the_cure_of_the_system_is_told():
    mic = device("mic", inputs=1)
    with pytest.raises(DeviceError, match="no input hears what the earpiece plays"):
        choose_customer((mic,), microphone=mic)
    assert "PyAudioWPatch" in far_end_cure("win32")
    assert "BlackHole" in far_end_cure("darwin")
    assert "libasound2-plugins" in far_end_cure("linux")


def test_a_wish_goes_before_everything_and_must_be_there():
    assert choose_customer(LINUX, DeviceChoice(pattern="(?i)SPEAK"), microphone=HEADSET) is SPEAKERS_MONITOR
    assert choose_microphone(LINUX, DeviceChoice(name="headset mic")) is HEADSET
    with pytest.raises(DeviceError, match="gone: is no input that is there now"):
        choose_microphone(LINUX, DeviceChoice(name="gone"))
