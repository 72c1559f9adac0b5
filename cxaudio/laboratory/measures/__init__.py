"""Figures out of takes."""
