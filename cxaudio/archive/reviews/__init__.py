"""What people decided about the calls of a store: verdicts that are only ever added, and who looked at what."""
