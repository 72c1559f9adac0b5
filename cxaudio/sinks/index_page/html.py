"""The page of many calls: a single HTML file that opens from disk, uses no network, and runs only its own script."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Any

from cxaudio._version import __version__
from cxaudio.i18n import LANGUAGES, counted, match_language, texts
from cxaudio.i18n.figures_in_words import clock_text
from cxaudio.sinks.index_page.listed_call import FailedCall, ListedCall
from cxaudio.sinks.index_page.packed_columns import packed_columns
from cxaudio.sinks.index_page.worst_first import worst_first_key
from cxaudio.sinks.web_files import digest, page_script, page_style, script_json, web_file

__all__ = ["MAX_CALLS", "MAX_FAILED", "render_index"]

MAX_CALLS = 100_000
"""Calls in one page; of more, the worst are shown, and the page says how many are left out."""

MAX_FAILED = 1_000
"""Failed recordings in one page; the page says how many are left out."""

_SECTIONS = ("index.", "language.", "measure.", "notice.", "page.", "rule.", "severity.", "unit.")


def render_index(
    calls: Iterable[ListedCall],
    failed: Iterable[FailedCall] = (),
    *,
    language: str = "en",
    sentence_language: str = "en",
    max_calls: int = MAX_CALLS,
    max_failed: int = MAX_FAILED,
    has_page: Callable[[str], bool] | None = None,
    state: str = "",
) -> str:
    """Return the page of many calls.

    Parameters
    ----------
    calls : iterable of ListedCall
        Read once, in any order; no more than `max_calls` are kept in memory.
    failed : iterable of FailedCall
        Recordings that were not judged.
    language : str
        BCP 47 tag of the language the page opens in; a reader can switch.
    sentence_language : str
        BCP 47 tag of the language of the calls' sentences.
    max_calls, max_failed : int
        Rows of each table, >= 1.
    has_page : callable, optional
        Tells of a call's `page` whether it is there; asked for the calls that are listed only.
    state : str
        A digest of what the page is made of, written into its head for whoever asks whether it is still right.

    Returns
    -------
    str
        The whole page. The same rows in any order give the same bytes.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    language = match_language(language)
    found = _Found(max_calls)
    for call in calls:
        found.add(call)
    listed = found.worst()
    if has_page is not None:
        listed = [each if each.page is None or has_page(each.page) else replace(each, page=None) for each in listed]
    shown_failed, n_failed = _first(failed, max_failed)
    style, script = page_style("base", "index"), page_script("index")
    facts: dict[str, Any] = {
        "language": language,
        "sentence_language": match_language(sentence_language),
        "texts": {name: _page_texts(name) for name in LANGUAGES},
        "head": {name: _headline(found, n_failed, name) for name in LANGUAGES},
        "n_calls": found.n_calls,
        "n_listed": len(listed),
        "n_failed": n_failed,
        "failed": [{"name": each.name, "reason": each.reason, "tries": each.n_tries} for each in shown_failed],
        "version": __version__,
    }
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    page = environment.from_string(web_file("index.html")).render(
        policy=_policy(style=style, script=script),
        language=language,
        languages=[(name, texts(name)["language.name"]) for name in LANGUAGES],
        t=texts(language),
        headline=facts["head"][language],
        version=__version__,
        state=state,
        style=Markup(style),
        script=Markup(script),
        # A file name that was no valid Unicode must not keep the page from being written.
        facts=Markup(script_json(facts).encode("utf-8", "replace").decode("utf-8")),
        columns=packed_columns(listed),
    )
    return page + "\n"


@dataclass(slots=True)
class _Found:
    """Count all calls, and keep the worst of them."""

    limit: int
    n_calls: int = 0
    n_severe: int = 0  # calls with a severe flag
    n_flag: int = 0  # with flags, none of them severe
    n_clean: int = 0  # judged, and without either
    n_unjudged: int = 0  # without two sides that can be compared
    n_ms: int = 0  # whole, so that the order of the calls does not matter
    _kept: list[tuple[Any, int, ListedCall]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    def add(self, call: ListedCall) -> None:
        self.n_calls += 1
        self.n_ms += round(1000 * call.duration_s)
        if call.n_severe:
            self.n_severe += 1
        elif call.n_flag:
            self.n_flag += 1
        elif call.n_severe is not None:
            self.n_clean += 1
        else:
            self.n_unjudged += 1
        key = worst_first_key(lambda column: getattr(call, column))
        entry = (_Reversed((*key, call.page or "", call.name)), next(self._numbers), call)
        if len(self._kept) < self.limit:
            heapq.heappush(self._kept, entry)
        else:
            heapq.heappushpop(self._kept, entry)

    def worst(self) -> list[ListedCall]:
        """Return the calls that were kept, in order, and keep none of them any longer."""
        kept, self._kept = self._kept, []
        kept.sort(key=lambda entry: entry[0].value)
        return [call for _, _, call in kept]


@dataclass(slots=True)
class _Reversed:
    """Order backwards, so that the best of the kept calls is at the top of the heap."""

    value: tuple[Any, ...]

    def __lt__(self, other: "_Reversed") -> bool:
        return other.value < self.value


def _first(failed: Iterable[FailedCall], limit: int) -> tuple[list[FailedCall], int]:
    rest = iter(failed)
    shown = list(islice(rest, limit))
    return shown, len(shown) + sum(1 for _ in rest)


def _page_texts(language: str) -> dict[str, str]:
    return {key: text for key, text in texts(language).items() if key.startswith(_SECTIONS)}


def _headline(found: _Found, n_failed: int, language: str) -> str:
    """Say in a sentence or two what the page holds."""
    words = texts(language)
    if not found.n_calls:
        parts = [words["index.no_calls"]]
    else:
        length = words["index.sound"].format(time=_length(found.n_ms / 1000, words))
        calls = counted(words, "index.calls", found.n_calls, length=length)
        kinds = [("severe", found.n_severe), ("flag", found.n_flag), ("clean", found.n_clean)]
        if found.n_unjudged:
            kinds.append(("unjudged", found.n_unjudged))
        by_kind = words["summary.list_comma"].join(counted(words, f"index.n_{kind}", n) for kind, n in kinds)
        parts = [words["index.account"].format(calls=calls, told=by_kind)]
    if n_failed:
        parts.append(counted(words, "index.n_failed", n_failed))
    return words["summary.semicolon"].join(parts) + words["summary.full_stop"]


def _length(seconds: float, words: Mapping[str, str]) -> str:
    return clock_text(seconds) if seconds < 36_000 else words["index.hours"].format(n=round(seconds / 3600))


def _policy(*, style: str, script: str) -> str:
    """Return the content security policy: this style and script, and nothing else."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{digest(script)}'",
            f"style-src '{digest(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
