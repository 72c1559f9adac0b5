"""The page of one call: its report as `cxaudio replay` shows it, its sound, and the panel of verdicts."""

from collections.abc import Mapping
from typing import Any

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.archive.reviews.matching import FlagTime, matched_verdicts
from cxaudio.i18n import texts
from cxaudio.i18n.figures_in_words import clock_text
from cxaudio.workbench.pages.call_place import CallPlace
from cxaudio.workbench.pages.verdicts import flag_rows, review_state
from cxaudio.workbench.reading.call_facts import CallFacts, call_facts
from cxaudio.workbench.serving.answers import Answer, json_answer, page
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.route import Route

__all__ = ["ROUTES", "report_facts"]


def show_call(asked: Asked) -> Answer:
    """Show a call: what was measured, where, and what reviewers said of it."""
    call, place = asked.call(), CallPlace.of(asked)
    found = call_facts(asked.workbench.store, asked.snapshot, call["call_id"])
    facts = report_facts(asked, call, found)
    neighbours = asked.snapshot.neighbours(place.chosen, place.sort, call["call_id"])
    reviewing = asked.visitor.own_agent is None
    return page(
        asked,
        "call.html",
        script_words=("workbench_call.", "workbench_verdicts."),
        call=call,
        facts=facts,
        head=facts["head"][asked.language],
        missing=found.missing,
        duration=clock_text(call["duration_s"]),
        place=place,
        count=asked.snapshot.count(place.chosen.where()),
        position=neighbours.position,
        previous=place.call(neighbours.previous) if neighbours.previous else None,
        next=place.call(neighbours.next) if neighbours.next else None,
        reviewing=reviewing,
        review=_review(asked, call, place) if reviewing else None,
        addresses=_addresses(call["call_id"], place),
    )


def report_facts(asked: Asked, call: Mapping[str, Any], found: CallFacts) -> dict[str, Any]:
    """Return the facts of a call as the scripts of its report read them, with the texts of one language.

    Parameters
    ----------
    asked : Asked
        The request.
    call : mapping
        The call's row.
    found : CallFacts
        The facts of its report.
    """
    language = asked.language
    return {
        **found.facts,
        "language": language,
        "texts": {language: dict(texts(language))},
        "audio": {
            "sources": [f"/calls/{call['call_id']}/sound.wav"],
            "name": call["file"] or call["sound_id"],
            "kind": "served",
        },
    }


def _addresses(call_id: str, place: CallPlace) -> dict[str, str]:
    """Return where the scripts of the page find what belongs to the call."""
    here = f"/calls/{call_id}"
    return {
        "clip": f"{here}/clip.wav",
        "peaks": f"{here}/peaks.json",
        "verdicts": f"{here}/verdicts",
        "state": f"{here}/verdicts.json{place.query() or '?'}",
        "next": f"{here}/next.json{place.query()}",
        "undo": f"/verdicts/undo{place.query()}",
    }


def _review(asked: Asked, call: Mapping[str, Any], place: CallPlace) -> dict[str, Any]:
    """Return what the panel of verdicts is made of."""
    flags = flag_rows(asked, call["call_id"])
    return {
        "call": call["call_id"],
        "sound_id": call["sound_id"],
        "reviewer": asked.visitor.name,
        "store": asked.workbench.store_id,
        "may_write": asked.may_write,
        "calibration": place.calibration,
        "sample": place.chosen.sample,
        "flag": asked.query.integer("flag", -1, low=0, high=2**62),
        "advanced": asked.query.first("advanced") == "1",
        "rules": [rule.name for rule in RULES],
        "flags": flags,
        "state": review_state(asked, call, calibration=place.calibration, flags=flags),
    }


def find_next_call(asked: Asked) -> Answer:
    """Find the next call of the list that the visitor has still to judge; of a sample, also one without flags."""
    from cxaudio.workbench.reading.unjudged import unjudged_calls

    call, place = asked.call(), CallPlace.of(asked)
    found = unjudged_calls(
        asked.snapshot,
        place.chosen,
        place.sort,
        after=call["call_id"],
        reviewer=asked.visitor.name,
        calibration=place.calibration,
        without_flags=place.chosen.sample is not None,
    )
    done = _done_calls(asked, [each["sound_id"] for each in found], place)
    for each in found:
        if each["sound_id"] not in done:
            return json_answer({"next": place.call(each["call_id"], advanced=1), "call": each["call_id"]})
    return json_answer({"next": None, "call": None})


def _done_calls(asked: Asked, sound_ids: list[str], place: CallPlace) -> set[str]:
    """Return the sounds of the calls that the visitor marked as reviewed."""
    verdicts = asked.workbench.reviews.of_calls(sound_ids)
    done = set()
    for sound_id in sound_ids:
        own = [
            each
            for each in verdicts
            if each.verdict.sound_id == sound_id
            and each.verdict.reviewer == asked.visitor.name
            and each.verdict.calibration == place.calibration
            and each.verdict.type == "call"
        ]
        nothing: list[FlagTime] = []
        if matched_verdicts(own, nothing):
            done.add(sound_id)
    return done


ROUTES = (
    Route("GET", "/calls/{call}", show_call, audit="open call", own_view=True),
    Route("GET", "/calls/{call}/next.json", find_next_call),
)
