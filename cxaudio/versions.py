"""Versions of cxaudio and of the libraries that its figures depend on."""

from collections.abc import Mapping
from functools import cache

__all__ = ["versions"]

_DISTRIBUTIONS = ("numpy", "scipy", "soundfile", "soxr", "webrtcvad-wheels")


def versions() -> Mapping[str, str]:
    """Return the version of cxaudio, of Python and of each library, by name.

    Examples
    --------
    >>> list(versions())[:3]
    ['cxaudio', 'python', 'numpy']
    """
    return dict(_found())


@cache
def _found() -> Mapping[str, str]:
    """Look them up once in a process: it takes 3 ms."""
    import platform
    from importlib.metadata import version

    from cxaudio._version import __version__

    return {"cxaudio": __version__, "python": platform.python_version()} | {
        name: version(name) for name in _DISTRIBUTIONS
    }
