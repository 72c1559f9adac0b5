"""The nouns: frozen values, no file, no device, no clock."""
