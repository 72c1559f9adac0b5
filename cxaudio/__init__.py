"""Hears both sides of a call and tells whether the agent serves at the customer's pace."""

__version__ = "0.1.0"
