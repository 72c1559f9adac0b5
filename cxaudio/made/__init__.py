"""Made calls: script, voices, noise and truth."""
