"""Devices out of a sound server's lists, as ``pactl -f json`` prints them (shortened from PulseAudio 16.1)."""

from cxaudio.devices.pulse import devices_in

SINK = {
    "name": "alsa_output.usb-GN_Jabra.analog-stereo",
    "description": "Jabra Stereo",
    "driver": "module-alsa-card.c",
    "sample_specification": "s16le 2ch 48000Hz",
    "mute": True,
    "monitor_source": "alsa_output.usb-GN_Jabra.analog-stereo.monitor",
    "volume": {"front-left": {"value": 32768}, "front-right": {"value": 16384}},
    "properties": {"device.vendor.id": "0x0b0e", "device.product.id": "24c9", "device.bus_path": "pci-usb-0:2"},
}
MONITOR = {
    "name": "alsa_output.usb-GN_Jabra.analog-stereo.monitor",
    "description": "Monitor of Jabra Stereo",
    "driver": "module-alsa-card.c",
    "sample_specification": "s16le 2ch 48000Hz",
    "mute": False,
    "monitor_source": "alsa_output.usb-GN_Jabra.analog-stereo",
    "volume": {"front-left": {"value": 65536}},
    "properties": {"device.description": "Monitor of Jabra Stereo"},
}
MICROPHONE = {
    "name": "alsa_input.usb-GN_Jabra.mono-fallback",
    "description": "Jabra Mono",
    "driver": "module-alsa-card.c",
    "sample_specification": "s16le 1ch 16000Hz",
    "mute": False,
    "monitor_source": "",
    "volume": {"mono": {"value": 65536}},
    "properties": {"device.vendor.id": "0b0e", "device.product.id": "0x24c9", "device.bus_path": "pci-usb-0:2"},
}
PIPE = {"name": "pipe", "driver": "module-pipe-source.c", "sample_specification": "s16le 1ch 8000Hz"}
INFO = {"default_sink_name": SINK["name"], "default_source_name": MICROPHONE["name"]}


def test_a_monitor_bears_the_hardware_the_volume_and_the_mute_of_its_sink():
    monitor, microphone, _, sink = devices_in([SINK], [MONITOR, MICROPHONE, PIPE], INFO)
    assert (monitor.monitor_of, monitor.card, monitor.usb_id) == (SINK["name"], "pci-usb-0:2", "0b0e:24c9")
    assert (monitor.muted, monitor.volume) == (True, 0.5)
    assert (monitor.inputs, monitor.outputs, monitor.sample_rate) == (2, 0, 48_000)
    assert microphone.card == sink.card == monitor.card
    assert (microphone.monitor_of, microphone.usb_id, microphone.muted) == (None, "0b0e:24c9", False)
    assert (sink.inputs, sink.outputs, sink.monitor_of) == (0, 2, None)
    assert (sink.is_default, microphone.is_default, monitor.is_default) == (True, True, False)


def test_what_delivers_only_while_it_is_fed_is_known_as_such():
    pipe, microphone, *_ = devices_in([], [PIPE, MICROPHONE], {})
    assert (pipe.continuous, microphone.continuous) == (False, True)
    assert (pipe.usb_id, pipe.card, pipe.muted, pipe.description) == (None, None, False, "pipe")
