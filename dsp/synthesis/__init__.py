"""Make signals whose truth is known, and a made voice."""
