"""Where facts and clean sound go."""
