"""Share a call, a clip or lists: as anonymous pages and PDF, and as streamed tables."""
