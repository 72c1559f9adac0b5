"""Answers of the pages as plain values; knows no web framework."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.templates import rendered

__all__ = ["Answer", "file_answer", "json_answer", "page", "redirect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent back."""

    content: bytes | Iterator[bytes]  # parts are taken one after the other, and closed where the browser goes away
    media_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def page(asked: Asked, template: str, *, script_words: Iterable[str] = (), status: int = 200, **values: Any) -> Answer:
    """Return a page.

    Parameters
    ----------
    asked : Asked
        The request.
    template : str
        Name of a file in ``cxaudio/workbench/templates``.
    script_words : iterable of str
        Beginnings of the keys of texts that the page's scripts need.
    status : int
        Of the answer.
    **values
        For the template.
    """
    text = rendered(asked, template, script_words=tuple(script_words), values=values)
    return Answer(content=text.encode("utf-8", "replace"), media_type="text/html; charset=utf-8", status=status)


def json_answer(value: object, *, status: int = 200) -> Answer:
    """Return a value as JSON."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Answer(content=text.encode("utf-8", "replace"), media_type="application/json", status=status)


def file_answer(
    content: bytes | Iterator[bytes], *, media_type: str, filename: str | None = None, headers: Mapping[str, str] = {}
) -> Answer:
    """Return a file.

    Parameters
    ----------
    content : bytes or iterator of bytes
        Whole or in parts.
    media_type : str
        As in ``Content-Type``.
    filename : str, optional
        Under which the browser saves it; None: it is shown or played.
    headers : mapping
        More headers.
    """
    extra = {}
    if filename is not None:
        extra["content-disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    return Answer(content=content, media_type=media_type, headers={**extra, **headers})


def redirect(path: str) -> Answer:
    """Lead to another page of the workbench, after something was changed or for a shorter address."""
    return Answer(content=b"", media_type="text/plain; charset=utf-8", status=303, headers={"location": path})
