"""What every test may rely on: chance that repeats itself, and no clock in property tests."""

from hypothesis import settings

from support.audio_server import (  # fixtures, for whichever test asks for the server
    _audio_server_folder,
    _audio_server_process,
    audio_server,
)

__all__ = ["_audio_server_folder", "_audio_server_process", "audio_server"]

# Tests are deterministic (the same examples every time), and a busy machine is no failure.
settings.register_profile("cxaudio", deadline=None, derandomize=True)
settings.load_profile("cxaudio")
