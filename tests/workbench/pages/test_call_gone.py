"""Verdicts of a page whose call was judged anew, or purged, while it was open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.layout import Layout
from cxaudio.archive.store.purge import purge
from cxaudio.workbench.reading.rows_of_calls import has_row, row_judged_anew
from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.workbench import Options
from support.asked_store import PLAIN
from support.flagged_store import MadeFlag, flag_event
from support.made_store import made_judged
from support.reviewed_store import detail_of, reviewed_store
from support.workbench_server import Client, served

FLAG = MadeFlag(rule="monologue")
ANEW = "ab" * 32


def judge_anew(path: Path, call_id: str) -> None:
    """Judge the only call of a store with other settings: its flag is event 3 now, and has the same time."""
    with Store.open(path) as store:
        found = store.ledger.job_of(call_id)
        assert found is not None
        store.ledger.begin("cd" * 32)
        store.ledger.add([found[0]])
        (leased,) = store.ledger.lease(1, seconds=60)
        made = made_judged(leased.job, 0, n_events=0, settings="cd" * 32)
        row = {
            **made.call, **PLAIN, "call_id": ANEW, "sound_id": f"call-{call_id[:12]}", "language": "en",
            "sample_rate_hz": 8_000, "duration_s": 40.0, "timeline": "ac" * 30, "settings_digest": "cd" * 32,
            "n_note": 0, "n_flag": 1, "n_severe": 0, "n_whole_call": 0,
        }  # fmt: skip
        event = flag_event(ANEW, 0, FLAG) | {"n": 3, "detail": detail_of(3)}
        store.commit([replace(made, call_id=ANEW, call=row, events=(event,))])


@pytest.fixture
def made(tmp_path) -> tuple[Path, str]:
    """A store of one call."""
    store = tmp_path / "store"
    (call_id,) = reviewed_store(store, [[FLAG]], duration_s=12.0)
    return store, call_id


def decisions(store: Path) -> list[str]:
    with Reviews(Layout(store).reviews, read_only=True) as reviews:
        return [each.verdict.decision for each in reviews.since(0)]


def judged_after(made: tuple[Path, str], change: Callable[[], object]) -> tuple[Client, Any]:
    """Open the page of a call, change the store, and send a verdict on what the page shows."""
    store, call_id = made
    with open_workbench(store, options=Options()) as workbench, served(workbench) as running:
        anna = running.client("anna")
        flag = workbench.archive.current().flags(call_id)[0]
        change()
        sent = {name: getattr(flag, name) for name in ("type", "rule", "side", "start_s", "end_s", "severity")}
        more = {"client": "1", "sound_id": f"call-{call_id[:12]}", "decision": "wrong", "note": "", "reviewer": "anna"}
        return anna.get(f"/calls/{call_id}/verdicts.json"), anna.post(f"/calls/{call_id}/verdicts", sent | more)


def test_the_row_that_was_made_of_a_call_anew_is_found(made):
    store, call_id = made
    assert row_judged_anew(store, call_id) == call_id
    judge_anew(store, call_id)
    assert (ANEW, ANEW) == (row_judged_anew(store, call_id), row_judged_anew(store, ANEW))
    assert (None, None) == (row_judged_anew(store, "00" * 32), row_judged_anew(store, "no row"))
    assert [True, True, False] == [has_row(store, {each}) for each in (call_id, ANEW, "00" * 32)]


def test_a_page_that_was_open_learns_that_its_call_was_judged_anew(made):
    """The page then opens the newer row; until it did, its verdicts are of the same flags."""
    store, call_id = made
    judge_anew(store, call_id)
    with open_workbench(store, options=Options()) as workbench, served(workbench) as running:
        anna = running.client("anna")
        shown = anna.get(f"/calls/{call_id}", accept="application/json")
        assert (200, True) == (shown.status, ANEW in shown.text), shown.text[:300]
        sent = {
            "client": "1", "reviewer": "anna", "sound_id": f"call-{call_id[:12]}", "type": "flag", "rule": FLAG.rule,
            "side": "agent", "start_s": 0.0, "end_s": 5.0, "severity": "flag", "decision": "wrong", "note": "",
        }  # fmt: skip
        answer = anna.post(f"/calls/{call_id}/verdicts", sent).json
        assert ANEW == answer["call"]
        assert [(3, "wrong")] == [(each["n"], each["decision"]) for each in answer["state"]["verdicts"]]
        assert ANEW == anna.get(f"/calls/{call_id}/verdicts.json").json["call"]


def test_a_page_that_was_open_brings_nothing_of_a_purged_call_back(made):
    store, _ = made

    def purged() -> None:
        with Store.open(store) as opened:
            purge(opened, before=datetime(2100, 1, 1, tzinfo=UTC))

    _, answer = judged_after(made, purged)
    assert (400, True) == (answer.status, "purged" in answer.json["error"])
    assert [] == decisions(store)


def test_a_verdict_on_a_call_that_is_still_there_is_kept(made):
    state, answer = judged_after(made, lambda: None)
    assert (200, made[1], 200) == (state.status, state.json["call"], answer.status)
    assert ["wrong"] == decisions(made[0])
