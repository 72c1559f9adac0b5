"""Run cxaudio and what people would use instead on the same sound, and write what each of them found."""
