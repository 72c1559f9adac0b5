"""The live page beside the softphone."""
