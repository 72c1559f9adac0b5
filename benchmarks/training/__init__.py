"""Scripts that trained the shipped weights: their birth certificates, with data, licences and seeds."""
