"""The parts of ``python -m benchmarks.headset_trust``: drawn headsets, intervals, and one file for each table."""
