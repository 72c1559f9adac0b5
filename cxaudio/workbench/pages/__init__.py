"""The pages of the workbench: one file each, with the addresses that it answers."""
