"""Two calls side by side: how they went, their figures with the differences, and both timelines at one scale."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cxaudio.errors import UsageError
from cxaudio.i18n import counted, texts
from cxaudio.i18n.figures_in_words import clock_text, in_unit, percent
from cxaudio.workbench.pages.call_place import CallPlace
from cxaudio.workbench.reading.call_facts import call_facts
from cxaudio.workbench.serving.answers import Answer, page
from cxaudio.workbench.serving.asked import Asked, Missing
from cxaudio.workbench.serving.route import Route

__all__ = ["ROUTES", "Compared", "compared_figures"]

Words = Mapping[str, str]
_Write = Callable[[float, Words], str]

_DRAWN = (
    "duration", "two_sided", "present", "speech", "levels", "flags", "overlaps", "silences", "holds", "rates", "limits",
    "turns",
)  # fmt: skip


class Compared(NamedTuple):
    """One figure of two calls, in words."""

    name: str
    first: str
    second: str
    difference: str  # the second less the first; empty where one of them is unknown


def compare_calls(asked: Asked) -> Answer:
    """Show two calls; where one is named, the second is the next of its list."""
    place = CallPlace.of(asked)
    first = _call(asked, asked.query.first("a"))
    second_id = asked.query.first("b")
    if not second_id:
        beside = asked.snapshot.neighbours(place.chosen, place.sort, first["call_id"])
        second_id = beside.next or beside.previous or ""
        if not second_id:
            raise UsageError("there is no second call in this list to compare with; choose two calls from the list")
    second = _call(asked, second_id)
    beside = asked.snapshot.neighbours(place.chosen, place.sort, second["call_id"])

    def address(a: str, b: str | None) -> str | None:
        return None if b is None else f"/compare{place.query(a=a, b=b)}"

    calls = [_shown(asked, row, place) for row in (first, second)]
    return page(
        asked,
        "compare.html",
        script_words=("workbench_compare.",),
        calls=calls,
        figures=compared_figures(first, second, asked.words),
        rules=_rules(asked, first, second),
        swapped=address(second["call_id"], first["call_id"]),
        previous=address(first["call_id"], beside.previous),
        next=address(first["call_id"], beside.next),
        place=place,
        drawn=[{key: call["facts"].get(key) for key in _DRAWN} | {"sound": call["sound"]} for call in calls],
        report_texts=dict(texts(asked.language)),
    )


def _call(asked: Asked, call_id: str) -> dict[str, Any]:
    row = asked.snapshot.call(call_id)
    if row is None:
        raise Missing(f"there is no call {call_id[:80]!r} here to compare; choose two calls from the list")
    return row


def _shown(asked: Asked, row: Mapping[str, Any], place: CallPlace) -> dict[str, Any]:
    facts = call_facts(asked.workbench.store, asked.snapshot, row["call_id"]).facts
    labels = [row["agent"], row["team"], row["queue"], clock_text(row["duration_s"] or 0.0)]
    return {
        "row": row,
        "facts": facts,
        "name": row["file"] or row["sound_id"],
        "sentence": facts["head"][asked.language]["sentence"],
        "labels": [label for label in labels if label],
        "address": place.call(row["call_id"]),
        "sound": f"/calls/{row['call_id']}/sound.wav",
    }


def compared_figures(first: Mapping[str, Any], second: Mapping[str, Any], words: Words) -> list[Compared]:
    """Return the key figures of two calls with their differences.

    Parameters
    ----------
    first, second : mapping
        Rows of `calls`.
    words : mapping of str to str
        A catalogue of texts.

    Returns
    -------
    list of Compared
        Figures that neither call has are left out.

    Examples
    --------
    >>> from cxaudio.i18n import workbench_texts
    >>> one, other = ({"silence_share": share} for share in (0.10, 0.25))
    >>> [tuple(each) for each in compared_figures(one, other, workbench_texts("en"))]
    [('Mutual silence', '10 %', '25 %', '+15 points')]
    """
    found = []
    for key, name, write, write_difference in _FIGURES:

        def in_words(value: float, write: _Write = write_difference) -> str:
            return write(value, words)

        a, b = first.get(key), second.get(key)
        if a is None and b is None:
            continue
        texts_of_both = ["–" if x is None else write(x, words) for x in (a, b)]
        difference = "" if a is None or b is None else _signed(b - a, in_words)
        found.append(Compared(_name(name, words), texts_of_both[0], texts_of_both[1], difference))
    return found


def _name(keys: str, words: Words) -> str:
    """Return the name of a figure; one that both sides have names its side."""
    key, _, side = keys.partition(" ")
    if not side:
        return words[key]
    return words["workbench_compare.of_side"].format(measure=words[key], side=words[side])


def _signed(value: float, write: Callable[[float], str]) -> str:
    """Return a difference with its sign; none where it is written as nothing."""
    text = write(abs(value))
    if not any(digit in text for digit in "123456789"):
        return "="
    return f"{'+' if value > 0 else chr(0x2212)}{text}"


def _points(share: float, words: Words) -> str:
    return counted(words, "workbench_compare.points", round(100 * share))


def _seconds(value: float, words: Words) -> str:
    return in_unit(value, "seconds", words, digits=2)


def _rate(value: float, words: Words) -> str:
    return in_unit(value, "syllables_per_s", words, digits=2)


def _count(value: float, words: Words) -> str:
    return f"{value:.0f}"


def _clock(value: float, words: Words) -> str:
    return clock_text(value)


_FIGURES: tuple[tuple[str, str, _Write, _Write], ...] = (
    ("in_step_share", "figure.in_step", percent, _points),
    ("agent_articulation_rate", "measure.articulation_rate side.Agent", _rate, _rate),
    ("customer_articulation_rate", "measure.articulation_rate side.Customer", _rate, _rate),
    ("talk_share_agent", "measure.talk_share_agent", percent, _points),
    ("agent_response_median_s", "measure.response_median side.Agent", _seconds, _seconds),
    ("agent_response_p90_s", "measure.response_p90 side.Agent", _seconds, _seconds),
    ("agent_interruptions", "measure.interruptions side.Agent", _count, _count),
    ("customer_interruptions", "measure.interruptions side.Customer", _count, _count),
    ("silence_share", "measure.silence_share", percent, _points),
    ("overlap_share", "measure.overlap_share", percent, _points),
    ("hold_s", "measure.hold_s", _clock, _clock),
    ("duration_s", "column.duration", _clock, _clock),
)


def _rules(asked: Asked, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Compared]:
    """Return how often each rule was broken in each of two calls; notes are no flags."""
    rows = asked.snapshot.ask(
        "SELECT call_id, type, rule, count(*) AS n, count(*) FILTER (severity = 'severe') AS n_severe FROM flags "
        "WHERE call_id IN (?, ?) AND severity_rank <> 1 GROUP BY ALL ORDER BY type, rule",
        (first["call_id"], second["call_id"]),
    )
    counts = {(row["call_id"], row["type"], row["rule"]): row for row in rows}
    words = asked.words

    def text(row: Mapping[str, Any] | None) -> str:
        if row is None:
            return "0"
        severe = words["workbench_compare.severe"].format(n=row["n_severe"])
        return f"{row['n']} ({severe})" if row["n_severe"] else str(row["n"])

    found = []
    for kind, rule in dict.fromkeys((row["type"], row["rule"]) for row in rows):
        a, b = (counts.get((call["call_id"], kind, rule)) for call in (first, second))
        name = words.get(f"measure.{rule}" if kind == "whole_call" else f"rule.{rule}", rule)
        difference = _signed((b["n"] if b else 0) - (a["n"] if a else 0), lambda x: f"{x:.0f}")
        found.append(Compared(name, text(a), text(b), difference))
    return found


ROUTES = (Route("GET", "/compare", compare_calls, audit="compare calls"),)
