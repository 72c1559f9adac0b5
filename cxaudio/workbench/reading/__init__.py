"""Read the calls of a store for the pages of the workbench: filters, lists, figures; changes nothing in the store."""
