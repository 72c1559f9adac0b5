"""The suppressed microphone on a virtual cable: prompt, never stale, silent when nothing comes, and no loop."""

import numpy as np
import pytest

from cxaudio.devices.sound_system import DeviceChoice, SoundDevice
from cxaudio.errors import DeviceError, UsageError
from cxaudio.model.blocks import AudioBlock
from cxaudio.sinks.virtual_mic import PlayQueue, VirtualMicrophone, check_no_loop
from dsp.core.stage import run
from dsp.speech.suppression import SUPPRESSORS, make_suppressor
from support.fake_soundcard import FakeDevice, FakeSoundSystem

RATE = 16_000
CABLE = DeviceChoice(name="cable")


def system(**cable: object) -> FakeSoundSystem:
    return FakeSoundSystem(
        FakeDevice("cable", inputs=0, outputs=2, **cable), FakeDevice("mic"), FakeDevice("speaker", inputs=0, outputs=2)
    )


def speak(sound: FakeSoundSystem, virtual: VirtualMicrophone, x: np.ndarray, *, at_rate: float = 1.0) -> None:
    """Hand over a microphone's sound in blocks of 20 ms, each when it has been spoken."""
    for start in range(0, len(x), 320):
        piece = x[start : start + 320]
        sound.advance(len(piece) / RATE / at_rate)
        virtual.play(AudioBlock(start=start, samples=np.stack((piece, np.zeros_like(piece)))))


def played(sound: FakeSoundSystem) -> np.ndarray:
    runs = sound.devices_by_name["cable"].played
    return np.concatenate([runs[first] for first in sorted(runs)]) if runs else np.zeros(0, np.int16)


@pytest.fixture
def noise():
    return (0.05 * np.random.default_rng(4).standard_normal(RATE * 4)).astype(np.float32)


@pytest.mark.parametrize("suppressor", SUPPRESSORS)
def test_what_is_played_is_the_suppressed_microphone_and_nothing_else(noise, suppressor):
    sound = system()
    virtual = VirtualMicrophone(sound, CABLE, sample_rate=RATE, suppressor=suppressor)
    speak(sound, virtual, noise)
    expected = np.rint(run(make_suppressor(suppressor, RATE), noise) * 32768).astype(np.int16)
    out = played(sound)[-RATE:]
    sought = out[:64].tobytes()
    (begin,) = [at for at in range(RATE * 2, RATE * 3) if expected[at : at + 64].tobytes() == sought]
    np.testing.assert_array_equal(expected[begin : begin + RATE], out)
    assert 0 == virtual.underruns
    delay = len(noise) - (begin + RATE)
    assert delay <= 0.09 * RATE  # suppressor, a block, and what is kept ready


def test_sound_that_stops_coming_becomes_silence_and_one_underrun(noise):
    sound = system()
    virtual = VirtualMicrophone(sound, CABLE, sample_rate=RATE)
    speak(sound, virtual, noise[:RATE])
    sound.advance(2.0)
    assert 0 == virtual.underruns, "nothing came too late, it may be the end"
    assert not played(sound)[-RATE:].any()
    speak(sound, virtual, noise[:RATE])
    assert played(sound)[-RATE // 4 :].any()
    assert 1 == virtual.underruns


def test_a_faster_microphone_does_not_pile_up(noise):
    """Ten times the worst clocks: what waits stays short, and what is left out is counted."""
    sound = system()
    virtual = VirtualMicrophone(sound, CABLE, sample_rate=RATE)
    speak(sound, virtual, np.tile(noise, 5), at_rate=1.003)
    assert 0 == virtual.underruns
    assert 0.02 <= virtual.left_out_s <= 0.06  # of 60 ms


def test_a_second_that_comes_at_once_is_not_played_late():
    waiting = PlayQueue(RATE)
    waiting.put(np.ones(RATE, np.float32))
    taken = sum(np.frombuffer(waiting.take(160), np.int16).any() for _ in range(100))
    assert taken <= 8
    assert 0 == np.frombuffer(waiting.take(160), np.int16).any()


def test_a_cable_that_comes_back_is_played_to_again(noise):
    sound = system()
    virtual = VirtualMicrophone(sound, CABLE, sample_rate=RATE)
    speak(sound, virtual, noise[:RATE])
    sound.unplug("cable")
    speak(sound, virtual, noise)
    assert virtual.device is None
    sound.plug("cable")
    speak(sound, virtual, noise)
    assert virtual.device is not None
    assert 2 <= sound.opened.count("cable")


def test_a_cable_that_is_not_there_is_told_at_once():
    with pytest.raises(DeviceError, match="no device that plays"):
        VirtualMicrophone(system(), DeviceChoice(name="nothing"), sample_rate=RATE)


def test_a_device_that_would_howl_is_refused():
    def device(name: str, monitor_of: str | None = None) -> SoundDevice:
        return SoundDevice(
            name=name, host="Fake", description=name, inputs=1, outputs=1, sample_rate=48_000, monitor_of=monitor_of
        )

    cable = device("cable")
    check_no_loop(cable, agent=device("mic"), customer=device("speaker.monitor", "speaker"))
    with pytest.raises(UsageError, match="would howl"):
        check_no_loop(cable, agent=device("cable.monitor", "cable"), customer=None)
    with pytest.raises(UsageError, match="hear themselves"):
        check_no_loop(cable, agent=device("mic"), customer=device("cable.monitor", "cable"))
