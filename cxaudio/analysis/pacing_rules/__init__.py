"""The six pacing rules, a module each, and what they share; stepped by `cxaudio.analysis.pacing` only."""
