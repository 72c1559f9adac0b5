"""The QA workbench: pages over the store of an archive, in which people review calls."""
