"""Bring verdicts and calls together: draw samples, and compute figures of samples, calibrations and rules."""
