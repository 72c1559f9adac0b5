"""The page that a link opens; it holds no fact of any call."""

from functools import cache
from importlib.resources import files

from cxaudio.i18n import workbench_texts

__all__ = ["entry_page"]


@cache
def entry_page(language: str, *, home: str | None = None) -> bytes:
    """Return the page, which exchanges the link's token for a cookie, leads on, or says that a link is needed.

    Parameters
    ----------
    language : str
        One of `cxaudio.i18n.LANGUAGES`.
    home : str, optional
        Where it leads without a token: the visitor is known already.
    """
    from jinja2 import Environment, StrictUndefined

    source = files("cxaudio.workbench").joinpath("templates", "entry.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    text: str = environment.from_string(source).render(t=workbench_texts(language), home=home)
    return text.encode()
