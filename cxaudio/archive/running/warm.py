"""Import all that judging a call needs, so that a new worker has it from its start."""

from importlib import import_module

__all__ = ["MODULES"]

MODULES = (
    "cxaudio.analysis.call",
    "cxaudio.archive.running.judge",
    "cxaudio.engine",
    "cxaudio.replay.provenance",
    "cxaudio.settings",
    "cxaudio.sinks.page.html",
    "cxaudio.sinks.page.page_audio",
    "cxaudio.sources.recorded.wav",
    "jinja2",
    "soundfile",
)

for _name in MODULES:
    import_module(_name)
