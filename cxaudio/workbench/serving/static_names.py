"""Which files of ``cxaudio/web`` the workbench serves, and under which addresses."""

import re
from functools import cache
from hashlib import sha256
from importlib.resources import files

from cxaudio.sinks.web_files import web_file

__all__ = ["is_static_name", "static_version", "without_version"]

_FOLDERS = ("call", "shared", "workbench")
_NAME = re.compile(rf"(?:(?:{'|'.join(_FOLDERS)})/)?[a-z][a-z0-9_]*\.(?:js|css)")
_VERSION = re.compile(r"[0-9a-f]{16}/")


def is_static_name(name: str) -> bool:
    """Return whether a name is that of a style sheet or a module, and of nothing else.

    Examples
    --------
    >>> is_static_name("workbench/frame.js"), is_static_name("../settings.py"), is_static_name("call.html")
    (True, False, False)
    """
    return _NAME.fullmatch(name) is not None


@cache
def static_version() -> str:
    """Return a digest of all files that are served, 16 hex digits.

    It stands in the addresses that pages give to their scripts, and so, by relative imports, in those of all modules: a
    browser then asks for each file once, and not again for each of the fifty with every page.
    """
    web = files("cxaudio").joinpath("web")
    names = [file.name for file in web.iterdir()]
    names += [f"{folder}/{file.name}" for folder in _FOLDERS for file in web.joinpath(folder).iterdir()]
    found = sha256()
    for name in sorted(filter(is_static_name, names)):
        found.update(f"{name}\n{web_file(name)}\n".encode())
    return found.hexdigest()[:16]


def without_version(name: str) -> tuple[str, bool]:
    """Return the name of a file without the version before it, and whether that is the one that is served.

    Examples
    --------
    >>> without_version("workbench/frame.js"), without_version("0123456789abcdef/base.css")
    (('workbench/frame.js', False), ('base.css', False))
    """
    version = _VERSION.match(name)
    if version is None:
        return name, False
    return name[version.end() :], version[0] == f"{static_version()}/"
