"""Decide the facts of a call from its sound; imports model and dsp only."""
