"""The index page of a store: its calls, the worst first, and the recordings that were not judged."""

from cxaudio.archive.index.page import write_index

__all__ = ["write_index"]
