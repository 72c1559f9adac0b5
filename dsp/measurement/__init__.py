"""Measure sound devices: levels, responses, distortion, delay, drop-outs and coupling."""
