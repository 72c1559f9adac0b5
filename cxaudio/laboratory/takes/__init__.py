"""Takes of a measurement: played, recorded, read."""
