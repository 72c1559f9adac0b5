"""Regression values: what the detectors and measures gave for small made signals when the values were last made."""
