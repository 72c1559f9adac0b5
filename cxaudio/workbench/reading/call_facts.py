"""The facts of one call as its report page has them: read from the stored page, or else made again from the rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from cxaudio.archive.running.kept_settings import kept_settings
from cxaudio.archive.running.plan import Plan
from cxaudio.archive.store.layout import Layout
from cxaudio.errors import StoreError, UsageError
from cxaudio.workbench.reading.facts_of_rows import MissingPart, facts_of_rows

__all__ = ["CallFacts", "CallRows", "MissingPart", "belongs_to", "call_facts", "facts_of_page"]

_START = '<script type="application/json" id="facts">'
_END = "</script>"
_ROUNDING_S = 0.0015  # the length of a call is written to the millisecond


class CallRows(Protocol):
    """The rows of one call; a snapshot of the workbench gives them."""

    def call(self, call_id: str) -> Mapping[str, Any] | None:
        """Return the row of `calls`; None where there is none."""
        ...

    def events(self, call_id: str) -> Sequence[Mapping[str, Any]]:
        """Return the rows of `events`, in their order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What a page of a call is drawn from."""

    facts: dict[str, Any]  # as `cxaudio.sinks.page.page_facts` gives them, and `head`: sentence and figures by language
    origin: Literal["page", "rows"]
    missing: tuple[MissingPart, ...] = ()  # what cannot be known without the page


def call_facts(store: Path, rows: CallRows, call_id: str) -> CallFacts:
    """Return the facts of a call.

    Parameters
    ----------
    store : Path
        Folder of the store.
    rows : CallRows
        The rows of the store, such as a snapshot.
    call_id : str
        The row of `calls`.

    Returns
    -------
    CallFacts
        Of the stored page where there is one that belongs to the row; else made again from the rows, with what is
        missing named. Sound is left out: `facts` has no ``audio``, and no ``texts``.

    Raises
    ------
    UsageError
        If there is no such row.
    """
    row = rows.call(call_id)
    if row is None:
        raise UsageError(f"call {call_id[:12]!r} is not in this store; choose one from the list of calls")
    facts = facts_of_page(Layout(store).page(str(row["call_id"])))
    if facts is not None and belongs_to(facts, row) is None:
        return CallFacts(facts=facts, origin="page")
    facts, missing = facts_of_rows(row, rows.events(call_id), settings=_settings_of(store, row))
    return CallFacts(facts=facts, origin="rows", missing=missing)


def facts_of_page(path: Path) -> dict[str, Any] | None:
    """Read the facts that a page carries for its script.

    Parameters
    ----------
    path : Path
        A page that `cxaudio.sinks.page.html.render_page` gave.

    Returns
    -------
    dict or None
        Without ``texts`` and ``audio``. None where there is no such file, or it is no such page.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    _, _, after = text.partition(_START)
    try:
        facts = json.loads(after[: after.index(_END)])
    except ValueError:
        return None
    if not isinstance(facts, dict) or not _has_lists(facts):
        return None
    return {key: value for key, value in facts.items() if key not in ("texts", "audio", "language")}


def belongs_to(facts: Mapping[str, Any], row: Mapping[str, Any]) -> str | None:
    """Check that facts of a page are those of a row.

    Parameters
    ----------
    facts : mapping
        Of a page.
    row : mapping
        Of `calls`.

    Returns
    -------
    str or None
        What differs first: ``sound``, ``language``, ``duration`` or ``flags``; None where all agree.
    """
    call = facts["call"]
    if call.get("id") != row["sound_id"]:
        return "sound"
    if call.get("language") != row["language"]:
        return "language"
    if abs(float(facts["duration"]) - float(row["duration_s"])) > _ROUNDING_S:
        return "duration"
    if facts["two_sided"]:
        found = [flag["severity"] for flag in facts["flags"]]
        if [found.count(name) for name in ("note", "flag", "severe")] != [
            row["n_note"],
            row["n_flag"],
            row["n_severe"],
        ]:
            return "flags"
    return None


def _has_lists(facts: Mapping[str, Any]) -> bool:
    """Return whether the parts are there that every version wrote."""
    lists: Iterable[str] = ("flags", "overlaps", "silences", "holds", "turns")
    return (
        all(isinstance(facts.get(name), list) for name in lists)
        and all(isinstance(facts.get(name), dict) for name in ("call", "sides", "head", "settings", "versions"))
        and isinstance(facts.get("duration"), int | float)
        and isinstance(facts.get("two_sided"), bool)
    )


def _settings_of(store: Path, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the settings that a row was judged with; None where the store does not hold them."""
    try:
        kept = kept_settings(Layout(store), str(row["settings_digest"]))
        plan = Plan(store=store, settings=kept.by_language, settings_digest=kept.digest, language=kept.language)
        return plan.values_for(str(row["language"]))
    except (StoreError, UsageError):
        return None
