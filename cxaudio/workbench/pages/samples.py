"""Samples: draw calls to be reviewed, see why each was drawn, judge them, and estimate figures of all calls."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cxaudio.archive.reviews.instants import time_of
from cxaudio.archive.reviews.samples import Sample, SampledCall, Samples
from cxaudio.errors import UsageError
from cxaudio.sinks.csv_text import csv_text
from cxaudio.workbench.judging.drawing import drawn_calls, frame_figures, frame_size
from cxaudio.workbench.judging.judged_calls import JudgedCall
from cxaudio.workbench.judging.sample_report import sample_report
from cxaudio.workbench.pages.filter_view import chips_of, name_of
from cxaudio.workbench.pages.number_in_path import number_in_path
from cxaudio.workbench.pages.people_words import FigureTexts
from cxaudio.workbench.pages.sample_state import calls_of, in_order, progress_of_all
from cxaudio.workbench.pages.sample_words import (
    SCRIPT_WORDS,
    chance_text,
    design_text,
    review_address,
    why_text,
)
from cxaudio.workbench.pages.share_drawing import share_plot, share_text
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.serving.answers import Answer, file_answer, json_answer, page, redirect
from cxaudio.workbench.serving.asked import Asked, Missing
from cxaudio.workbench.serving.route import Route
from cxaudio.workbench.statistics.sampling import MOST_CALLS, SampleDesign

__all__ = ["ROUTES"]

_ROWS = 100
_DEFAULT_N = 5
_DEFAULT_SHARES = {"random": 60, "worst": 20, "unsure": 20}  # per cent; chosen: most of it says something of all calls
_MOST = 2**31 - 1


def list_samples(asked: Asked) -> Answer:
    """Show all samples, the newest first."""
    progress = progress_of_all(asked.snapshot)
    rows = [
        (
            each,
            time_of(each.at_ms),
            progress.get(each.number, (0, 0)),
            chips_of(asked.words, parse_qsl(each.query), "/calls"),
        )
        for each in Samples(asked.workbench.reviews).all()
    ]
    return page(asked, "samples.html", rows=rows, script_words=SCRIPT_WORDS)


def ask_for_sample(asked: Asked) -> Answer:
    """Show the form for a new sample, with the calls that it would be drawn from."""
    chosen = asked.filter
    pairs = chosen.to_query()
    return page(
        asked,
        "sample_new.html",
        script_words=SCRIPT_WORDS,
        chips=chips_of(asked.words, pairs, "/samples/new"),
        query=urlencode(pairs),
        size=frame_size(asked.snapshot, chosen),
        name=f"{asked.words['workbench_samples.sample']} {datetime.now(UTC):%Y-%m-%d}",
        n=_DEFAULT_N,
        shares=_DEFAULT_SHARES,
        seed=secrets.randbelow(10**6),
        most=MOST_CALLS,
    )


def draw_sample(asked: Asked) -> Answer:
    """Draw a sample and store it; one that is sent again is drawn once."""
    sent = asked.json
    chosen = CallFilter.from_query(parse_qsl(_text(sent, "query")))
    shares: Mapping[str, int] = {name: _whole(sent, name, high=100) for name in _DEFAULT_SHARES}
    if sum(shares.values()) != 100:
        raise UsageError(f"the shares of the sample add up to {sum(shares.values())} %; make them 100 %")
    design = SampleDesign(
        n=_whole(sent, "n", high=_MOST),
        per_agent=sent.get("per_agent") is True,
        shares={name: share / 100 for name, share in shares.items()},  # type: ignore[misc]  # names of strata
        seed=_whole(sent, "seed", high=_MOST),
    )
    snapshot = asked.snapshot
    sample = Samples(asked.workbench.reviews).add(
        client=_text(sent, "client"),
        name=_text(sent, "name"),
        reviewer=asked.visitor.name,
        query=urlencode(chosen.to_query()),
        settings=snapshot.state.settings,
        design={"n": design.n, "per_agent": design.per_agent, "shares": dict(design.shares), "seed": design.seed},
        frame=frame_figures(snapshot, chosen),
        calls=drawn_calls(snapshot, chosen, design),
    )
    return json_answer({"address": f"/samples/{sample.number}"})


def show_sample(asked: Asked) -> Answer:
    """Show a sample: how far it is judged, what it says of all calls, and why each call was drawn."""
    sample = _asked_for(asked)
    drawn = Samples(asked.workbench.reviews).calls(sample.number)
    judged = calls_of(asked, sample.number, drawn)
    report = sample_report(sample, drawn, judged)
    first = asked.query.integer("from", 1, low=1, high=MOST_CALLS)
    ordered = in_order(asked.snapshot, sample.number, drawn)
    words = asked.words
    estimates = [
        (each, share_plot(each.precision.value, each.precision.interval), share_text(each.precision, words))
        for each in (report.all_rules, *report.rules)
    ]
    return page(
        asked,
        "sample.html",
        script_words=SCRIPT_WORDS,
        sample=sample,
        at=time_of(sample.at_ms),
        design=design_text(sample, words),
        chips_given=chips_of(words, parse_qsl(sample.query), "/calls"),
        frame=sample.frame,
        report=report,
        shown=report.n_judged >= asked.workbench.options.min_calls,
        min_calls=asked.workbench.options.min_calls,
        estimates=estimates,
        with_fault=share_text(report.with_fault, words),
        texts=FigureTexts(words),
        rule_name=lambda rule: name_of(words, "rule", rule),
        rows=[_row(asked, sample, each, judged) for each in ordered[first - 1 : first - 1 + _ROWS]],
        first=first,
        before=max(1, first - _ROWS) if first > 1 else None,
        after=first + _ROWS if first - 1 + _ROWS < len(ordered) else None,
        same_settings=sample.settings == asked.snapshot.state.settings,
    )


def begin_review(asked: Asked) -> Answer:
    """Lead to the first call of a sample that is not judged; to the sample where all are."""
    sample = _asked_for(asked)
    drawn = Samples(asked.workbench.reviews).calls(sample.number)
    judged = calls_of(asked, sample.number, drawn)
    for each in in_order(asked.snapshot, sample.number, drawn):
        call = judged.get(each.sound_id)
        if call is not None and not call.is_judged:
            return redirect(review_address(call.row["call_id"], sample=sample.number))
    return redirect(f"/samples/{sample.number}")


def send_calls(asked: Asked) -> Answer:
    """Send the calls of a sample as CSV, with why each was drawn and what holds for its flags."""
    sample = _asked_for(asked)
    drawn = Samples(asked.workbench.reviews).calls(sample.number)
    judged = calls_of(asked, sample.number, drawn)
    rows = []
    for position, each in enumerate(drawn, 1):
        call = judged.get(each.sound_id)
        row: dict[str, Any] = {
            "position": position, "sound_id": each.sound_id, "call_id": call.row["call_id"] if call else each.call_id,
            "agent": (call.row["agent"] if call else each.group) or "", "stratum": each.stratum,
            "chance": each.chance, "why": why_text(each, asked.words),
            "judged": call is not None and call.is_judged, "flags": len(call.flags) if call else 0,
        }  # fmt: skip
        counts = {name: call.count(name) if call else 0 for name in ("right", "excused", "wrong", "unsure", "disputed")}
        rows.append({**row, **counts, "missed": call.n_missed if call else 0})
    return file_answer(
        csv_text(rows).encode(), media_type="text/csv; charset=utf-8", filename=f"sample-{sample.number}.csv"
    )


def _asked_for(asked: Asked) -> Sample:
    number = number_in_path(asked, "sample")
    sample = None if number is None else Samples(asked.workbench.reviews).get(number)
    if sample is None:
        raise Missing(f"there is no sample {asked.path['sample'][:20]}; choose one from the list of samples")
    return sample


def _row(asked: Asked, sample: Sample, each: SampledCall, judged: Mapping[str, JudgedCall]) -> dict[str, Any]:
    call = judged.get(each.sound_id)
    return {
        "drawn": each,
        "call": call,
        "address": review_address(call.row["call_id"], sample=sample.number) if call else None,
        "why": why_text(each, asked.words),
        "chance": chance_text(each.chance, asked.words),
        "n_done": sum(flag.settled is not None for flag in call.flags) if call else 0,
    }


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise UsageError(f"{name} of a sample must be a text")
    return value


def _whole(sent: Mapping[str, Any], name: str, *, high: int) -> int:
    value = sent.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= high:
        raise UsageError(f"{name} of a sample must be a whole number from 0 to {high}")
    return value


ROUTES = (
    Route("GET", "/samples", list_samples),
    Route("GET", "/samples/new", ask_for_sample),
    Route("POST", "/samples", draw_sample, audit="draw sample", writes=True),
    Route("GET", "/samples/{sample}", show_sample, audit="open sample"),
    Route("GET", "/samples/{sample}/review", begin_review),
    Route("GET", "/samples/{sample}/calls.csv", send_calls, audit="export sample"),
)
