"""Make names of files and folders from any text: safe on every system, and each only once."""

import unicodedata

__all__ = ["UniqueNames", "safe_name"]

_FORBIDDEN = set('<>:"/\\|?*')
_RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"
}
_MAX_BYTES = 120  # leaves room for a folder, a suffix and a temporary name within 255 bytes and 260 characters


def safe_name(name: str) -> str:
    r"""Return one path component that leads to no other folder, hides no file, and names no device.

    Parameters
    ----------
    name : str
        Any text.

    Returns
    -------
    str
        Not empty, at most 120 bytes of UTF-8; letters of every script are kept.

    Examples
    --------
    >>> safe_name("../客户 12:30?"), safe_name("con.wav"), safe_name("..."), safe_name("a\u202egnp.exe")
    ('_客户 12_30_', '_con.wav', 'call', 'a_gnp.exe')
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    text = "".join("_" if c in _FORBIDDEN or unicodedata.category(c)[0] == "C" else c for c in text)
    text = " ".join(text.split()).strip(". ")
    if text.startswith(("-", "~")):
        text = "_" + text[1:]
    if text.split(".")[0].strip().lower() in _RESERVED:
        text = "_" + text
    text = text.encode("utf-8")[:_MAX_BYTES].decode("utf-8", "ignore").strip(". ")
    return text or "call"


class UniqueNames:
    """Give safe names, each only once, also where upper and lower case are the same.

    Examples
    --------
    >>> names = UniqueNames()
    >>> names.take("call"), names.take("Call"), names.take("call-2"), names.take("call")
    ('call', 'Call-2', 'call-2-2', 'call-3')
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        """Return the safe form of `name`, with a number behind it where it is taken."""
        safe = safe_name(name)
        found, number = safe, 1
        while found.casefold() in self._taken:
            number += 1
            found = f"{safe}-{number}"
        self._taken.add(found.casefold())
        return found
