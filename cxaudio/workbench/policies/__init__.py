"""Try other limits on the calls of a store for a page: sliders, answers, verdicts so far, and the policy as a file."""
