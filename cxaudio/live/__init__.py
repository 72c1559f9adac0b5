"""A live session beside the softphone."""
