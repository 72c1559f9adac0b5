"""The report page of one call."""
