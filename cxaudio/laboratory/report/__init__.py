"""A headset's report: page, files, comparison and profile."""
