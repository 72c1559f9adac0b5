"""What the doctor finds on made devices; through the real server: tests/sources/live/test_capture_server.py."""

import numpy as np
import pytest

from cxaudio.devices.sound_system import SoundDevice
from cxaudio.live.doctor import Diagnosis, SideState, Step, examine
from support.fake_soundcard import FakeDevice, FakeSoundSystem, hiss, silence, two_sides


def diagnose(system: FakeSoundSystem, **options: object) -> Diagnosis:
    devices: dict[str, SoundDevice] = {device.name: device for device in system.devices()}
    return examine(system, devices["mic"], devices["earpiece.monitor"], **options)


def test_a_word_and_a_heard_tone_prove_both_sides():
    told: list[Step] = []
    found = diagnose(two_sides(microphone=hiss(3000)), tell=lambda step, levels: told.append(step))
    assert found.both_heard
    assert found.tone_heard
    assert found.agent.level_dbov == pytest.approx(20 * np.log10(3000 / np.sqrt(3) / 32768), abs=0.5)
    assert found.customer.level_dbov == pytest.approx(-42, abs=0.5)
    assert list(dict.fromkeys(told)) == [Step.WORD, Step.TONE]
    assert found.agent.cure is None


def test_a_room_without_a_word_is_not_taken_for_the_agent():
    found = diagnose(two_sides(microphone=hiss(30)))
    assert found.agent.state is SideState.QUIET
    assert "say a word louder" in str(found.agent.cure)
    assert not found.both_heard


def test_a_monitor_that_does_not_hear_the_tone_listens_to_the_wrong_output():
    found = diagnose(two_sides(microphone=hiss(3000), far_end=hiss(200)))
    assert found.tone_heard is False
    assert found.customer.state is SideState.QUIET
    assert "choose as --far-end the input that hears your earpiece" in str(found.customer.cure)


def test_digital_silence_is_a_deaf_side():
    system = two_sides(microphone=silence, far_end=silence)
    found = diagnose(system)
    assert (found.agent.state, found.customer.state) == (SideState.ZEROS, SideState.ZEROS)
    assert "unmute the microphone" in str(found.agent.cure)


def test_a_muted_earpiece_is_told_as_such():
    system = two_sides(microphone=hiss(3000))
    system.mute("earpiece.monitor")
    assert diagnose(system).customer.state is SideState.MUTED


def test_a_device_that_may_not_be_listened_to_is_told_with_the_cure():
    system = two_sides()
    system.devices_by_name["mic"].denied = True
    found = diagnose(system)
    assert found.agent.state is SideState.ZEROS
    assert found.agent.trouble == "denied"
    assert "privacy settings" in str(found.agent.cure)


def test_the_skew_between_the_devices_is_measured_when_asked_for():
    assert diagnose(two_sides(microphone=hiss(3000))).skew_ppm is None
    found = diagnose(two_sides(microphone=hiss(3000), microphone_ppm=120, far_end_ppm=-80), listen_s=25)
    assert found.skew_ppm == pytest.approx(200, abs=20)


def test_a_recording_adapter_without_an_output_needs_no_tone():
    adapter = FakeDevice("adapter", inputs=2, content=hiss(3000))
    system = FakeSoundSystem(adapter)
    device = system.devices()[0]
    found = examine(system, device, device, channels=(0, 1))
    assert found.tone_heard is None
    assert found.both_heard
