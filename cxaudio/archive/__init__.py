"""Judge many recorded calls, keep what was found of them in a store, and ask it."""
