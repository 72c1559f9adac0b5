"""Judge a stored call again under other limits, from facts that were recorded while it was analysed."""
