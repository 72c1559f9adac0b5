"""What is heard: ticks to facts; imports model and dsp only."""
