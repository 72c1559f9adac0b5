"""The page of many calls: one HTML file with a table that sorts and filters, fed with plain rows."""
