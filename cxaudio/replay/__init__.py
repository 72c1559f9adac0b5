"""Recorded calls through the whole chain."""
