"""Settle the account of a call: decide anew who spoke and what the line did, with the whole call known."""
