"""Where sound comes from: blocks in."""
