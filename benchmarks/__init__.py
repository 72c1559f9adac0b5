"""What is run by those who build cxaudio or doubt it: accuracy, speed and suppression, each a script."""
