"""Train the weights of the detectors: the scripts that made the shipped weights, with data, licences and seeds."""
