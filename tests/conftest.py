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
    """Mark tests of real sound and of a browser as slow, and run them up to twice more where they fail.

    They share the machine with whatever else runs. No other test is run again.
    """
    for item in items:
        if item.get_closest_marker("audio_server") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.flaky(reruns=2))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print which tests were run again, so that a test that often needs it is noticed."""
    names = sorted({report.nodeid for report in terminalreporter.stats.get("rerun", [])})
    noun = "test was" if len(names) == 1 else "tests were"
    terminalreporter.write_line(f"{len(names)} {noun} run again" + (": " + ", ".join(names) if names else ""))
