"""The version, where the build and the reports find it."""

__all__ = ["__version__"]

__version__ = "0.1.0"
