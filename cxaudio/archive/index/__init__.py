"""The index page of a store: its calls, the worst first, and the recordings that were not judged."""

from cxaudio.archive.index.page import renew_index, write_index

__all__ = ["renew_index", "write_index"]
