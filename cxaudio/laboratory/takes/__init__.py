"""Takes of a measurement: planned, played, recorded, read and judged."""
