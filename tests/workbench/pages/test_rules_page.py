"""The page of rules says how often each is right, of what was judged, and names its limits."""

import json

import pytest

from support.flagged_store import judge
from support.judging_server import CALLS, judging_server
from support.made_store import SETTINGS


@pytest.fixture
def server(tmp_path):
    with judging_server(tmp_path) as started:
        yield started


def row_of(page: str, name: str) -> str:
    """Return the row of a rule."""
    return next(row for row in page.split("<tr data-row>")[1:] if f">{name}</a>" in row)


def test_each_rule_has_a_row_also_without_flags(server):
    page = server.clients["anna"].get("/rules").text
    assert "0 of 11 flags judged" in row_of(page, "Rushing")
    assert "0 of 0 flags judged" in row_of(page, "Monologue")
    assert "whole call" in row_of(page, "Mutual silence")


def test_precision_prevalence_and_severities_are_those_of_the_verdicts(server):
    reviews = server.workbench.reviews
    for number, decision in enumerate(("right", "excused", "right", "wrong", "unsure")):
        judge(reviews, number, 0, decision, made=CALLS)
    judge(reviews, 12, 0, "wrong", made=CALLS)
    judge(reviews, 0, 1, "right", made=CALLS)
    page = server.clients["anna"].get("/rules").text
    rushing = row_of(page, "Rushing")
    assert "<b>75 %</b>" in rushing
    assert "5 of 11 flags judged" in rushing
    assert "85 %" in rushing  # 11 of 13 calls
    assert 'href="/calls?rule=rushing&amp;verdict=wrong">see 1</a>' in rushing
    assert "few: 4 flags" in rushing
    assert ">note<" in rushing  # the note stands by severity and in no figure
    assert "<b>100 %</b>" in row_of(page, "Dead air")


def test_a_reviewer_who_differs_from_others_on_the_same_flags_is_named(server):
    reviews = server.workbench.reviews
    for number in range(10):
        for flag in range(2):
            judge(reviews, number, flag, "wrong" if number % 3 else "right", made=CALLS, reviewer="tom")
            judge(reviews, number, flag, "right", made=CALLS, reviewer="anna")
    for reviewer in ("anna", "eve"):
        judge(reviews, 10, 0, "right", made=CALLS, reviewer=reviewer)
    page = server.clients["anna"].get("/rules").text
    drift = page.partition('aria-labelledby="drift-heading"')[2]
    assert 2 == drift.count("differs from the others")
    assert "<b>+60</b>" in drift
    assert "too few shared flags" in drift


def test_the_limits_of_a_rule_are_those_of_the_stored_settings(server):
    folder = server.workbench.store / "settings"
    folder.mkdir(exist_ok=True)
    settings = {
        "rushing": {"flag_ratio": 1.25, "severe_ratio": 1.45, "clear_ratio": 1.15, "enabled": True},
        "whole_call": {"silence_share": 0.25},
    }
    kept = {"digest": SETTINGS, "language": "en", "settings": {"en": settings}}
    (folder / f"{SETTINGS}.json").write_text(json.dumps(kept))
    page = server.clients["anna"].get("/rules").text
    rushing = row_of(page, "Rushing")
    assert ">flag 1.25×</span>" in rushing
    assert ">severe 1.45×</span>" in rushing
    assert "1.15" not in rushing
    assert "Limits:" not in row_of(page, "Dead air")
