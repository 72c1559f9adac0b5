"""Calibrations: reviewers judge the same calls without knowing what the others said, and then compare."""

from datetime import UTC, datetime
from typing import Any

from cxaudio.archive.reviews.calibrations import Calibration, Calibrations
from cxaudio.archive.reviews.samples import SampledCall, Samples
from cxaudio.archive.reviews.verdict import Verdict
from cxaudio.errors import UsageError
from cxaudio.sinks.csv_text import csv_text
from cxaudio.workbench.judging.calibration_report import (
    DECISIONS,
    CalibrationState,
    calibration_state,
    differences,
    rule_agreements,
)
from cxaudio.workbench.judging.judged_calls import JudgedCall, judged_calls
from cxaudio.workbench.pages.agreement_words import agreement_rows, difference_rows
from cxaudio.workbench.pages.number_in_path import number_in_path
from cxaudio.workbench.pages.sample_state import in_order
from cxaudio.workbench.pages.sample_words import SCRIPT_WORDS, review_address
from cxaudio.workbench.serving.answers import Answer, file_answer, json_answer, page, redirect
from cxaudio.workbench.serving.asked import Asked, Missing
from cxaudio.workbench.serving.route import Route

__all__ = ["ROUTES"]


def list_calibrations(asked: Asked) -> Answer:
    """Show all calibrations, the newest first."""
    names = {each.number: each.name for each in Samples(asked.workbench.reviews).all()}
    rows = [
        (each, names.get(each.sample, ""), _at(each.opened_ms)) for each in Calibrations(asked.workbench.reviews).all()
    ]
    return page(asked, "calibrations.html", script_words=SCRIPT_WORDS, rows=rows)


def ask_for_calibration(asked: Asked) -> Answer:
    """Show the form for a new calibration."""
    samples = Samples(asked.workbench.reviews).all()
    chosen = asked.query.integer("sample", samples[0].number if samples else 0, low=0, high=2**31 - 1)
    sampled = next((each.name for each in samples if each.number == chosen), "")
    name = f"{asked.words['workbench.calibration']}: {sampled}"[:80] if sampled else ""
    return page(
        asked, "calibration_new.html", script_words=SCRIPT_WORDS, samples=samples, chosen=chosen, name=name,
        reviewers=_known_reviewers(asked),
    )  # fmt: skip


def open_calibration(asked: Asked) -> Answer:
    """Open a calibration."""
    sent = asked.json
    sample, reviewers = sent.get("sample"), sent.get("reviewers")
    client, name = sent.get("client"), sent.get("name")
    if not isinstance(client, str) or not isinstance(name, str) or isinstance(sample, bool):
        raise UsageError("a calibration needs client and name as text, and sample as the number of one")
    if not isinstance(sample, int) or not 0 < sample < 2**31 or Samples(asked.workbench.reviews).get(sample) is None:
        raise UsageError(f"there is no sample {str(sample)[:20]}; choose one from the list of samples")
    if not isinstance(reviewers, list) or not all(isinstance(each, str) for each in reviewers):
        raise UsageError("reviewers of a calibration must be a list of names")
    opened = Calibrations(asked.workbench.reviews).open(
        client=client, sample=sample, name=name, reviewer=asked.visitor.name, reviewers=reviewers
    )
    return json_answer({"address": f"/calibrations/{opened.number}"})


def show_calibration(asked: Asked) -> Answer:
    """Show a calibration: how far everybody is, and to who may see it, how far they agree."""
    calibration = _asked_for(asked)
    drawn, calls, state = _state(asked, calibration)
    me = asked.visitor.name
    may_compare = state.may_compare(me)
    taking_part = me in calibration.reviewers
    left = [
        each
        for each in in_order(asked.snapshot, calibration.sample, drawn)
        if taking_part and each.sound_id in calls and not calls[each.sound_id].is_judged_by(me)
    ]
    sample = Samples(asked.workbench.reviews).get(calibration.sample)
    values: dict[str, Any] = {"agreements": [], "differences": [], "n_flags": 0}
    if may_compare:
        values = {
            "agreements": agreement_rows(rule_agreements(calibration.reviewers, calls), asked.words),
            "differences": difference_rows(differences(calibration.reviewers, calls), calibration, asked.words),
            "n_flags": sum(len(call.flags) for call in calls.values()),
        }
    return page(
        asked,
        "calibration.html",
        script_words=SCRIPT_WORDS,
        calibration=calibration,
        sample=sample,
        opened=_at(calibration.opened_ms),
        closed=None if calibration.closed_ms is None else _at(calibration.closed_ms),
        state=state,
        may_compare=may_compare,
        taking_part=taking_part,
        n_left=len(left),
        may_close=asked.may_write and (me == calibration.reviewer or taking_part),
        may_agree=asked.may_write and not calibration.is_open,
        decisions=DECISIONS,
        **values,
    )


def send_verdicts(asked: Asked) -> Answer:
    """Send the flags of a calibration as CSV with the verdict and the note of each reviewer, and what was agreed."""
    calibration = _asked_for(asked)
    _, calls, state = _state(asked, calibration)
    if not state.may_compare(asked.visitor.name):
        raise UsageError("others' verdicts are hidden until this calibration is closed, or you have judged all of it")
    rows = []
    for call in calls.values():
        for flag in call.flags:
            facts = {name: flag.facts[name] for name in ("call_id", "n", "rule", "severity", "start_s", "measured")}
            said = {each.stored.verdict.reviewer: each.stored.verdict for each in flag.verdicts}
            verdicts = {name: said[name].decision if name in said else "" for name in calibration.reviewers}
            notes = {f"{name} (note)": said[name].note if name in said else "" for name in calibration.reviewers}
            own = {"sound_id": call.row["sound_id"], "agent": call.row["agent"]}
            rows.append({**own, **facts, **verdicts, **notes, "agreed": flag.agreed})
    return file_answer(
        csv_text(rows).encode(), media_type="text/csv; charset=utf-8", filename=f"calibration-{calibration.number}.csv"
    )


def begin_judging(asked: Asked) -> Answer:
    """Lead to the first call of a calibration that its visitor has not judged; to the calibration where all are."""
    calibration = _asked_for(asked)
    drawn, calls, _ = _state(asked, calibration)
    for each in in_order(asked.snapshot, calibration.sample, drawn):
        call = calls.get(each.sound_id)
        if call is not None and not call.is_judged_by(asked.visitor.name):
            address = review_address(call.row["call_id"], sample=calibration.sample, calibration=calibration.number)
            return redirect(address)
    return redirect(f"/calibrations/{calibration.number}")


def close_calibration(asked: Asked) -> Answer:
    """Close a calibration, so that everybody sees all of its verdicts."""
    calibration = _asked_for(asked)
    if asked.visitor.name not in (calibration.reviewer, *calibration.reviewers):
        raise UsageError("only who opened a calibration, or takes part in it, may close it")
    Calibrations(asked.workbench.reviews).close(calibration.number, reviewer=asked.visitor.name)
    return json_answer({"address": f"/calibrations/{calibration.number}"})


def agree_on_verdict(asked: Asked) -> Answer:
    """Store what reviewers agreed on for one flag of a closed calibration; it counts in place of their verdicts."""
    calibration = _asked_for(asked)
    if calibration.is_open:
        raise UsageError("a verdict can be agreed on after the calibration is closed; close it first")
    sent = asked.json
    decision = sent.get("decision")
    if decision not in (*DECISIONS, "withdrawn"):
        raise UsageError(f"the verdict {str(decision)[:40]!r} is not known; use one of {', '.join(DECISIONS)}")
    _, calls, _ = _state(asked, calibration)
    call = next((each for each in calls.values() if each.row["call_id"] == sent.get("call")), None)
    flag = next((each for each in call.flags if each.facts["n"] == sent.get("n")), None) if call else None
    if call is None or flag is None:
        raise UsageError("there is no such flag in this calibration; reload the page")
    facts = flag.facts
    Calibrations(asked.workbench.reviews).agree(
        calibration.number,
        Verdict(
            client=f"agreed-{calibration.number}", reviewer=asked.visitor.name, sound_id=call.row["sound_id"],
            call_id=call.row["call_id"], type=facts["type"], rule=facts["rule"], side=facts["side"],
            start_s=facts["start_s"], end_s=facts["end_s"], severity=facts["severity"], decision=decision,
        ),
    )  # fmt: skip
    return json_answer({})


def _state(asked: Asked, calibration: Calibration) -> tuple[list[SampledCall], dict[str, JudgedCall], CalibrationState]:
    """Return the calls of a calibration, with the verdicts that were given in it, and how far everybody is."""
    drawn = Samples(asked.workbench.reviews).calls(calibration.sample)
    calls = judged_calls(
        asked.snapshot,
        asked.workbench.reviews,
        [each.sound_id for each in drawn],
        calibration=calibration,
        agreed=Calibrations(asked.workbench.reviews).agreed(calibration.number),
    )
    return drawn, calls, calibration_state(calibration, calls)


def _asked_for(asked: Asked) -> Calibration:
    number = number_in_path(asked, "calibration")
    found = None if number is None else Calibrations(asked.workbench.reviews).get(number)
    if found is None:
        raise Missing(
            f"there is no calibration {asked.path['calibration'][:20]}; choose one from the list of calibrations"
        )
    return found


def _known_reviewers(asked: Asked) -> list[str]:
    """Return who has a link, who gave verdicts before, and who asks, by name."""
    rows = asked.workbench.reviews.rows("SELECT DISTINCT reviewer FROM verdicts ORDER BY reviewer LIMIT 50")
    return sorted({asked.visitor.name, *asked.workbench.options.reviewers, *(name for (name,) in rows)})


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


ROUTES = (
    Route("GET", "/calibrations", list_calibrations),
    Route("GET", "/calibrations/new", ask_for_calibration),
    Route("POST", "/calibrations", open_calibration, audit="start calibration", writes=True),
    Route("GET", "/calibrations/{calibration}", show_calibration, audit="open calibration"),
    Route("GET", "/calibrations/{calibration}/judge", begin_judging),
    Route("GET", "/calibrations/{calibration}/flags.csv", send_verdicts, audit="export calibration"),
    Route("POST", "/calibrations/{calibration}/close", close_calibration, audit="close calibration", writes=True),
    Route("POST", "/calibrations/{calibration}/agreed", agree_on_verdict, audit="agree", writes=True),
)
