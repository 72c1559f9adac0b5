"""The hardware: what headsets are attached, what is known of a model, and how one is measured."""
