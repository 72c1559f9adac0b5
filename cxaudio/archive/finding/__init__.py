"""Find every call in folders, patterns, files and addresses, and whose channel is whose in each."""
