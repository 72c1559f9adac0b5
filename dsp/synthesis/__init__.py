"""Make test signals and voices whose true content is known exactly."""
