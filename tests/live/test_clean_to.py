"""The suppressed microphone gets its sound soon enough, whatever the rest of a session could do with."""

import numpy as np
import pytest

from cxaudio.devices.sound_system import DeviceChoice
from cxaudio.live.start import LiveOptions, run_live
from cxaudio.settings import load_settings
from cxaudio.sinks.virtual_mic import CAPTURE_MS, PlayQueue
from cxaudio.sources.live import capture
from support.fake_soundcard import FakeDevice, FakeSoundSystem

RATE = 16_000


class Asked(Exception):
    """The source was made."""


@pytest.mark.parametrize("clean_to", [None, DeviceChoice(name="cable")], ids=["without", "with"])
def test_a_cable_is_given_short_blocks(monkeypatch, clean_to):
    asked = {}

    def source(*_devices: object, **options: object) -> None:
        asked.update(options)
        raise Asked

    monkeypatch.setattr(capture, "CaptureSource", source)
    sound = FakeSoundSystem(FakeDevice("mic"), FakeDevice("far", monitor_of="ear"), FakeDevice("cable", 0, 2))
    options = LiveOptions(
        agent_device=DeviceChoice(name="mic"), customer_device=DeviceChoice(name="far"), ui="none", clean_to=clean_to
    )
    with pytest.raises(Asked):
        run_live(options, load_settings(), language="en", shown_at=lambda url: None, sound=sound)
    lengths = {name: asked[name] for name in ("block_ms", "stream_ms") if name in asked}
    assert lengths == ({} if clean_to is None else {"block_ms": CAPTURE_MS, "stream_ms": CAPTURE_MS})


@pytest.mark.parametrize(("block_ms", "runs_out"), [(CAPTURE_MS, False), (2 * CAPTURE_MS, True)])
def test_blocks_that_are_not_longer_than_allowed_never_run_out(block_ms, runs_out):
    """Every second block comes 8 ms late."""
    waiting = PlayQueue(RATE)
    for ms in range(2000):
        number, since = divmod(ms, int(block_ms))
        if since == 8 * (number % 2):
            waiting.put(np.zeros(round(block_ms * RATE / 1000), np.float32))
        if ms % 10 == 5:
            waiting.take(RATE // 100)
    assert (waiting.underruns > 0) == runs_out
