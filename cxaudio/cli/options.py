"""Share among commands: common options, JSON for machines, help for a bare command, and when to open a browser."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cxaudio.errors import UsageError

__all__ = [
    "Config",
    "Json",
    "Language",
    "Open",
    "PageLanguage",
    "Set",
    "Suppressor",
    "complain",
    "help_when_bare",
    "overrides",
    "print_json",
    "printable",
    "say_stopping",
    "wants_page",
]

Language = Annotated[
    str | None, typer.Option("--language", "-l", metavar="TAG", help="Language of the call (BCP 47), as en or zh-CN.")
]
Config = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="A settings file over your own and the shipped.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SECTION.KEY=VALUE", help="One setting over every file; may be repeated."),
]
Suppressor = Annotated[
    str | None,
    typer.Option("--suppressor", metavar="network|statistical", help="How noise is reduced; by default by a network."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines in place of the table.")]


def _known_page_language(tag: str | None) -> str | None:
    """Return the language of what is shown.

    Raises
    ------
    UsageError
        If there are no texts of it.
    """
    if tag is not None:
        from cxaudio.i18n import LANGUAGES, has_texts

        if not has_texts(tag):
            raise UsageError(f"--page-language {tag} is not known; use {', '.join(LANGUAGES[:-1])} or {LANGUAGES[-1]}")
    return tag


PageLanguage = Annotated[
    str | None,
    typer.Option(
        "--page-language",
        metavar="TAG",
        callback=_known_page_language,
        help="Language of what is shown: en, zh-Hans or zh-Hant.",
    ),
]

Open = Annotated[
    bool | None, typer.Option("--open/--no-open", help="Open the page; by default on a desktop's terminal only.")
]


def complain(sentence: str) -> None:
    """Print one sentence on standard error."""
    print(f"cxaudio: {printable(' '.join(sentence.split()))}", file=sys.stderr)


def help_when_bare(context: typer.Context) -> None:
    """Print the help of a group of commands that was called without one."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def overrides(pairs: list[str] | None) -> dict[str, object]:
    """Return the settings given by ``--set``."""
    from cxaudio.settings import parse_override

    return dict(parse_override(pair) for pair in pairs or ())


def print_json(value: object) -> None:
    """Print a value as JSON; NaN and infinity are errors, as JSON has neither."""
    import json

    print(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def printable(text: str) -> str:
    r"""Return a text that a terminal shows and does not obey: names of files may hold its control characters.

    Examples
    --------
    >>> print(printable("call\x1b]0;title\x07.wav"))
    call\x1b]0;title\x07.wav
    """
    shown = (each if each.isprintable() or each in "\n\N{NO-BREAK SPACE}" else ascii(each)[1:-1] for each in text)
    return "".join(shown)


def say_stopping() -> None:
    """Say, at the first signal to stop, what happens now."""
    complain("stopping: what is being judged is finished first; press Ctrl-C again to stop at once")


def wants_page(asked: bool | None) -> bool:
    """Return whether to open a browser: as asked, else on a desktop's terminal."""
    import os

    if asked is not None:
        return asked
    desktop = sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    return sys.stdout.isatty() and desktop and not os.environ.get("CI")
