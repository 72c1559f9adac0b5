"""Fill the templates of the pages."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cxaudio._version import __version__
from cxaudio.i18n import LANGUAGES, workbench_texts
from cxaudio.i18n.figures_in_words import clock_text
from cxaudio.sinks.web_files import script_json, web_file
from cxaudio.workbench.serving.navigation import NAVIGATION
from cxaudio.workbench.serving.static_names import static_version

if TYPE_CHECKING:
    from cxaudio.workbench.serving.asked import Asked

__all__ = ["THEMES", "rendered"]

THEMES = ("auto", "light", "dark")
"""Looks of the pages; auto: that of the browser."""

_ALL_PAGES = ("workbench.", "workbench_keys.")  # texts that the scripts of each page need


def rendered(asked: "Asked", template: str, *, script_words: tuple[str, ...], values: Mapping[str, Any]) -> str:
    """Return a filled template.

    Parameters
    ----------
    asked : Asked
        The request: its visitor, language and theme stand on each page.
    template : str
        Name of the file.
    script_words : tuple of str
        Beginnings of the keys of texts for the page's scripts.
    values : mapping
        For the template.
    """
    words = asked.words
    own_view = asked.visitor.own_agent is not None
    text: str = (
        _environment()
        .get_template(template)
        .render(
            t=words,
            counted=_counting(words),
            asked=asked,
            visitor=asked.visitor,
            may_write=asked.may_write,
            read_only=asked.workbench.options.read_only,
            language=asked.language,
            languages=[(name, workbench_texts(name)["language.name"]) for name in LANGUAGES],
            theme=asked.theme,
            themes=THEMES,
            navigation=[entry for entry in NAVIGATION if (entry.own_view if own_view else entry.reviewers)],
            script_words={key: value for key, value in words.items() if key.startswith((*_ALL_PAGES, *script_words))},
            version=__version__,
            **values,
        )
    )
    return text


def _counting(words: Mapping[str, str]) -> Callable[..., str]:
    """Return what gives templates the text for a count, with commas in large numbers."""

    def text(key: str, n: int, **values: object) -> str:
        return words[f"{key}_{'one' if n == 1 else 'other'}"].format(n=f"{n:,}", **values)

    return text


@cache
def _environment() -> Any:
    """Return the environment of all templates; each is compiled once."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_source),
    )
    environment.filters["script_json"] = lambda value: Markup(script_json(value))
    environment.filters["clock"] = clock_text
    environment.filters["when"] = _when
    environment.filters["grouped"] = lambda n: f"{n:,}"
    environment.filters["encoded"] = lambda text: quote(str(text), safe="")
    return environment


def _source(name: str) -> str:
    """Return the text of a template; names that begin with ``web/`` are parts of the stand-alone pages."""
    if name.startswith("web/"):
        return web_file(name.removeprefix("web/"))
    text = files("cxaudio.workbench").joinpath("templates", name).read_text(encoding="utf-8")
    return text.replace('="/static/', f'="/static/{static_version()}/')


def _when(time: datetime | None) -> str:
    """Return a time of the store, which is UTC, to the minute."""
    return "–" if time is None else time.strftime("%Y-%m-%d %H:%M")
