"""Find speech, syllables, tones, music and leakage in one side's sound, and suppress its noise."""
