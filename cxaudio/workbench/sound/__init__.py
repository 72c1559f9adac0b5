"""The sound of calls: which recordings may be opened, and any part of them as bytes, clips and peaks."""
