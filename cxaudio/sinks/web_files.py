"""What every cxaudio page is put together from: shipped files, facts as JSON, and digests for its security policy."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

__all__ = ["digest", "joined", "page_script", "script_json", "web_file"]


@cache
def web_file(name: str) -> str:
    """Text of a file under ``cxaudio/web``, its folders parted by slashes."""
    return files("cxaudio").joinpath("web", *name.split("/")).read_text(encoding="utf-8")


def joined(folder: str, names: Iterable[str]) -> str:
    """Texts of several files of one folder (empty: of ``web`` itself), one after the other."""
    return "".join(web_file(f"{folder}/{name}" if folder else name) for name in names)


@cache
def page_script(folder: str, names: tuple[str, ...]) -> str:
    """Scripts of one folder as one strict script of its own scope, in the order in which each uses those before it."""
    return '"use strict";\n(() => {\n' + joined(folder, [f"{name}.js" for name in names]) + "})();\n"


def digest(text: str) -> str:
    """How a content security policy names an inline style or script.

    Examples
    --------
    >>> digest("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return f"sha256-{b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"


def script_json(value: object) -> str:
    r"""JSON that cannot end the script element it stands in, whatever names it holds.

    Examples
    --------
    >>> script_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
