"""Recorded calls as sources of blocks."""
