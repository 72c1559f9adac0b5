"""Measure cxaudio: accuracy, speed, noise suppression, capture, live sessions and headsets; each file is a script."""
