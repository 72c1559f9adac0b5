"""Sound cards, sound servers, loopback and headset profiles."""
