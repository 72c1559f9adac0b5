"""What every test may rely on: chance that repeats itself, and no clock in property tests."""

from hypothesis import settings

# Tests are deterministic (the same examples every time), and a busy machine is no failure.
settings.register_profile("cxaudio", deadline=None, derandomize=True)
settings.load_profile("cxaudio")
