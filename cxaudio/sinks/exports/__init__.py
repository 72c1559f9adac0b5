"""Formats for other tools."""
