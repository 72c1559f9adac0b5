"""Compute what verdicts say: how far reviewers agree, how often a rule is right, which calls to draw, and how sure."""
