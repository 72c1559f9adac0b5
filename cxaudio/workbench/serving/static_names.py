"""Which files of ``cxaudio/web`` the workbench serves."""

import re

__all__ = ["is_static_name"]

_NAME = re.compile(r"(?:(?:call|shared|workbench)/)?[a-z][a-z0-9_]*\.(?:js|css)")


def is_static_name(name: str) -> bool:
    """Return whether a name is that of a style sheet or a module, and of nothing else.

    Examples
    --------
    >>> is_static_name("workbench/frame.js"), is_static_name("../settings.py"), is_static_name("call.html")
    (True, False, False)
    """
    return _NAME.fullmatch(name) is not None
