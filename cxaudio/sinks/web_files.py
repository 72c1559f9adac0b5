"""Read the parts of cxaudio's pages: shipped files, facts as JSON, and digests for the security policy."""

import hashlib
import json
from base64 import b64encode
from functools import cache
from importlib.resources import files

__all__ = ["digest", "page_script", "page_style", "script_json", "web_file"]


@cache
def web_file(name: str) -> str:
    """Return the text of a file under ``cxaudio/web``, its folders separated by slashes."""
    return files("cxaudio").joinpath("web", *name.split("/")).read_text(encoding="utf-8")


def page_style(*names: str) -> str:
    """Return style sheets of ``cxaudio/web``, one after the other."""
    return "".join(web_file(f"{name}.css") for name in names)


def page_script(page: str) -> str:
    """Return the script of a page, as ``npm run bundle`` makes it of the page's modules."""
    return web_file(f"built/{page}.js")


def digest(text: str) -> str:
    """Return how a content security policy names an inline style or script.

    Examples
    --------
    >>> digest("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return f"sha256-{b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"


def script_json(value: object) -> str:
    r"""Return a value as JSON that cannot end the script element around it, whatever texts are in it.

    Examples
    --------
    >>> script_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
