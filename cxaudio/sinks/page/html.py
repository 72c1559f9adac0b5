"""The page of one call: a single HTML file that opens from disk, uses no network, and runs only its own script."""

import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from cxaudio.i18n import LANGUAGES, match_language, texts
from cxaudio.i18n.figures_in_words import clock_text
from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.events import Side
from cxaudio.model.report import CallReport
from cxaudio.sinks.call_sentence import call_sentence
from cxaudio.sinks.files import write_whole
from cxaudio.sinks.page.key_figures import key_figures
from cxaudio.sinks.page.page_audio import PageAudio, page_audio
from cxaudio.sinks.page.page_facts import Levels, page_facts
from cxaudio.sinks.web_files import digest, page_script, page_style, script_json, web_file

__all__ = [
    "HtmlSink",
    "LevelEnvelope",
    "Levels",
    "PageAudio",
    "index_address",
    "page_head",
    "page_of_facts",
    "render_page",
]


def render_page(
    report: CallReport,
    *,
    levels: Levels | None,
    audio: PageAudio | None = None,
    language: str = "en",
    index: str | None = None,
) -> str:
    """Return the page of one call.

    Parameters
    ----------
    report : CallReport
        The call; a report that was written earlier is read by `CallReport.from_dict`.
    levels : Levels or None
        Level of each side for the lanes; None draws speech without level.
    audio : PageAudio or None
        The sound that a click plays; None: none.
    language : str
        BCP 47 tag of the language the page opens in; a reader can switch.
    index : str, optional
        Relative address of the page of many calls, to which this page leads back.

    Returns
    -------
    str
        The whole page. The same input gives the same bytes.
    """
    facts = page_facts(report, levels) | {"head": page_head(report)}
    return page_of_facts(facts, audio=audio, language=language, index=index)


def page_head(report: CallReport) -> dict[str, dict[str, Any]]:
    """Return the sentence and the key figures of a call, for each interface language."""
    return {
        name: {"sentence": _unbroken(call_sentence(report, name)), "figures": key_figures(report, texts(name))}
        for name in LANGUAGES
    }


def page_of_facts(
    facts: Mapping[str, Any], *, audio: PageAudio | None = None, language: str = "en", index: str | None = None
) -> str:
    """Return the page of one call, from the facts that its script draws.

    Parameters
    ----------
    facts : mapping
        As `page_facts` gives them, and ``head`` as `page_head` gives it; also those of a page that was written earlier.
        ``from_rows``, where it is true, has the page say what rows of a store do not hold.
    audio, language, index
        As for `render_page`.

    Returns
    -------
    str
        The whole page. The same input gives the same bytes.
    """
    from markupsafe import Markup

    language = match_language(language)
    style, script = page_style("base", "call"), page_script("call")
    drawn = {
        **facts,
        "language": language,
        "texts": {name: dict(texts(name)) for name in LANGUAGES},
        "audio": None if audio is None else {"sources": list(audio.sources), "name": audio.name, "kind": audio.kind},
    }
    page: str = _template().render(
        policy=_policy(style=style, script=script),
        language=language,
        languages=[(name, texts(name)["language.name"]) for name in LANGUAGES],
        t=texts(language),
        index=index,
        call=facts["call"],
        duration=clock_text(facts["duration"]),
        head=facts["head"][language],
        versions=facts["versions"],
        from_rows=facts.get("from_rows", False),
        style=Markup(style),
        script=Markup(script),
        facts=Markup(script_json(drawn)),
    )
    # A file name that was no valid Unicode must not keep the page from being written.
    return page.encode("utf-8", "replace").decode("utf-8") + "\n"


@cache
def _template() -> Any:
    """Compile the page's template once for all calls of a process; it takes half the time of a page."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    # Parts of the page are named web/..., as in the templates of the workbench, which take them in beside their own.
    loader = FunctionLoader(lambda name: web_file(name.removeprefix("web/")))
    environment = Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    return environment.get_template("call.html")


class LevelEnvelope:
    """Collect the level of each side as it comes, on an even grid that does not depend on the blocks.

    Parameters
    ----------
    ticks_per_value : int
        Ticks of 10 ms in one value: 5 gives one every 50 ms.

    Examples
    --------
    >>> envelope = LevelEnvelope(ticks_per_value=2)
    >>> envelope.add(np.array([[-20.0, -20.0, -30.0], [-60.0, -60.0, -60.0]], dtype=np.float32))
    >>> envelope.levels().agent.tolist()
    [-20, -30]
    """

    def __init__(self, *, ticks_per_value: int = 5) -> None:
        self._ticks = ticks_per_value
        self._rest: NDArray[np.float32] = np.empty((2, 0), dtype=np.float32)
        self._values: list[NDArray[np.int8]] = []

    def add(self, level_dbov: NDArray[np.float32]) -> None:
        """Add the levels of the next ticks, shape (2, m), dBov."""
        rows = np.concatenate([self._rest, level_dbov], axis=1)
        n = rows.shape[1] // self._ticks
        whole = rows[:, : n * self._ticks]
        self._rest = rows[:, n * self._ticks :].copy()
        if n:
            self._values.append(_mean_level(whole.reshape(2, n, self._ticks)))

    def levels(self) -> Levels:
        """Return all levels; ticks that do not fill a value make one last value."""
        parts = list(self._values)
        if self._rest.shape[1]:
            parts.append(_mean_level(self._rest[:, np.newaxis, :]))
        rows = np.concatenate(parts, axis=1) if parts else np.empty((2, 0), dtype=np.int8)
        return Levels(step_s=self._ticks / 100, agent=rows[Side.AGENT], customer=rows[Side.CUSTOMER])


class HtmlSink:
    """Write the page of a call when the call ends.

    Parameters
    ----------
    path : Path
        The page to write; its folder is made where it is missing.
    recordings : sequence of Path
        The sound that a click plays: one two-sided recording, or the agent's and the customer's. Empty: none.
    embed_audio : bool
        True puts a copy of the sound into the page instead of a link.
    anonymous : bool
        True keeps names and paths of the recordings out of the page: without `embed_audio` it plays nothing.
    language : str
        BCP 47 tag of the language the page opens in.
    index : Path, optional
        The page of many calls, to which this page leads back.
    """

    def __init__(
        self,
        path: Path,
        *,
        recordings: Sequence[Path] = (),
        embed_audio: bool = False,
        anonymous: bool = False,
        language: str = "en",
        index: Path | None = None,
    ) -> None:
        self._index = None if index is None else index_address(index, page=path)
        self._path = path
        self._recordings = () if anonymous and not embed_audio else tuple(recordings)  # a link is a path
        self._embed_audio = embed_audio
        self._anonymous = anonymous
        self._language = language
        self._envelope = LevelEnvelope()

    def open(self, call: CallInfo) -> None:
        """Begin a call without levels."""
        self._envelope = LevelEnvelope()

    def write(self, analysed: Analysed) -> None:
        """Add the levels; the facts come with the report."""
        self._envelope.add(analysed.level_dbov)

    def close(self, report: CallReport | None) -> None:
        """Write the page; a call that broke off leaves none.

        Raises
        ------
        StoreError
            If the page cannot be written.
        """
        if report is None:
            return
        audio = None
        if self._recordings:
            audio = page_audio(
                self._recordings,
                page=self._path,
                embed=self._embed_audio,
                anonymous_name=report.call.call_id if self._anonymous else None,
            )
        page = render_page(
            report, levels=self._envelope.levels(), audio=audio, language=self._language, index=self._index
        )
        write_whole(self._path, page)


def index_address(index: Path, *, page: Path) -> str:
    """Return the address of the page of many calls from a call's page, which may be in a folder below.

    Examples
    --------
    >>> index_address(Path("out/index.html"), page=Path("out/May 1/a/report.html"))
    '../../index.html'
    """
    return quote(Path(os.path.relpath(index, page.parent)).as_posix())


def _mean_level(ticks: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return the mean power over the last axis in whole dBov; digital silence becomes -127."""
    power = np.mean(np.power(10.0, ticks.astype(np.float64) / 10.0), axis=-1)
    level = 10.0 * np.log10(np.maximum(power, 1e-12))
    return np.clip(np.rint(np.where(power > 0, level, -127.0)), -127, 0).astype(np.int8)


def _unbroken(sentence: str) -> str:
    """Keep a number and its short unit on one line."""
    return re.sub(r"(?<=\d) (?=[s%](?!\w)|[倍次秒段项項])", "\N{NO-BREAK SPACE}", sentence)


def _policy(*, style: str, script: str) -> str:
    """Return the content security policy: this style and script, sound beside or inside the page, and nothing else."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{digest(script)}'",
            f"style-src '{digest(style)}'",
            "img-src data:",
            "media-src 'self' data: blob: file:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
