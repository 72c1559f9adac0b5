"""Microphone and far end as a live source of blocks."""
