"""Judge the waiting calls of a store with many workers, and keep what was found."""
