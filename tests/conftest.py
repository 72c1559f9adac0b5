"""What every test may rely on: chance that repeats itself, and no clock in property tests."""

import pytest
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sound in real time and a browser share the machine with what else runs: what fails is asked twice more."""
    for item in items:
        if item.get_closest_marker("audio_server") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=2))
