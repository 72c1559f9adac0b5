"""Judge recordings as they arrive in a folder."""
