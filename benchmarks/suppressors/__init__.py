"""The parts of ``python -m benchmarks.suppression``: suppressors by us and others, sound to judge them on, measures."""
