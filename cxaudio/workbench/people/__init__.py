"""Compute figures of agents and teams: fair to few calls, without a rank, and of others only sums without names."""
