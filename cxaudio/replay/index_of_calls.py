"""The page of the calls of one run, fed with their reports."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cxaudio.sinks.index_page.index_file import INDEX_NAME

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport
    from cxaudio.sinks.index_page.listed_call import ListedCall

__all__ = ["listed_call", "write_index"]


class _Failed(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def reason(self) -> str | None: ...


def listed_call(
    report: "CallReport",
    values: Mapping[str, Any],
    row: Mapping[str, Any],
    *,
    name: str,
    folder: str,
    language: str,
) -> "ListedCall":
    """Return what the page shows of a call.

    Parameters
    ----------
    report : CallReport
        The call.
    values : mapping
        Its `to_dict`.
    row : mapping
        Its row of ``summary.csv``.
    name : str
        What the page calls it.
    folder : str
        Of its results, below that of the page, with slashes.
    language : str
        BCP 47 tag of the language of its sentence.
    """
    from cxaudio.sinks.call_sentence import call_sentence
    from cxaudio.sinks.index_page.listed_call import ListedCall
    from cxaudio.sinks.index_page.timeline_letters import timeline_letters

    whole = values.get("whole_call") or {}
    shown = {
        **row,
        "started_at": report.call.started_at,
        "n_whole_call": len(whole["flags"]) if report.two_sided else None,
        "in_step_share": (whole.get("in_step") or {}).get("share"),
        "timeline": timeline_letters(values),
        "sentence": call_sentence(report, language),
    }
    flags = ((flag["start"], flag["end"], flag["severity"]) for flag in values.get("flags", ()))
    return ListedCall.from_row(shown, name=name, page=f"{folder}/report.html", flags=flags)


def write_index(root: Path, calls: "Sequence[ListedCall]", failed: Sequence[_Failed], *, language: str) -> Path:
    """Write the page of a run's calls.

    Parameters
    ----------
    root : Path
        Folder of all results.
    calls : sequence of ListedCall
        The calls that were analysed.
    failed : sequence
        Name and reason of each recording that was not.
    language : str
        BCP 47 tag of the language that it opens in, and of the calls' sentences.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    from cxaudio.sinks.files import write_whole
    from cxaudio.sinks.index_page.html import render_index
    from cxaudio.sinks.index_page.listed_call import FailedCall

    rows = [FailedCall(name=each.name, reason=str(each.reason)) for each in failed]
    page = render_index(calls, rows, language=language, sentence_language=language)
    write_whole(root / INDEX_NAME, page)
    return root / INDEX_NAME
