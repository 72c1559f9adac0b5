"""Facts of a call: those of its page where it has one that is its own, else made again from its rows."""

import json
from pathlib import Path

import pytest

from cxaudio.archive.running.rows import call_row, event_of_row, event_rows
from cxaudio.archive.store.layout import Layout
from cxaudio.errors import UsageError
from cxaudio.model.report import CallReport
from cxaudio.sinks.page.html import Levels, page_head, render_page
from cxaudio.sinks.page.page_facts import page_facts
from cxaudio.workbench.reading.call_facts import belongs_to, call_facts, facts_of_page
from support import sample_reports, small_call

CALL_ID, SETTINGS = "ab" * 32, "5e" * 32


class Rows:
    """The rows of one call, as a snapshot gives them."""

    def __init__(self, report, **changes):
        made = {"settings_digest": SETTINGS, "metric_version": 1, "file": "+49 151.wav"}
        self.row = call_row(report, call_id=CALL_ID, **made) | changes
        self._events = event_rows(report, CALL_ID)

    def call(self, call_id):
        return self.row if call_id == CALL_ID else None

    def events(self, call_id):
        return self._events


def store_with(tmp_path: Path, report, *, page: bool) -> Path:
    layout = Layout(tmp_path)
    layout.settings(SETTINGS).parent.mkdir()
    kept = {"digest": SETTINGS, "language": "en", "settings": {"en": dict(report.provenance.values)}}
    layout.settings(SETTINGS).write_text(json.dumps(kept), encoding="utf-8")
    if page:
        layout.page(CALL_ID).parent.mkdir(parents=True)
        layout.page(CALL_ID).write_text(render_page(report, levels=levels_of(report)), encoding="utf-8")
    return tmp_path


def levels_of(report) -> Levels:
    return Levels(step_s=0.05, **sample_reports.sample_levels(report.to_dict()))


def test_the_facts_of_a_stored_page_are_those_that_it_was_drawn_from(tmp_path):
    report = sample_reports.sample_call()
    store = store_with(tmp_path, report, page=True)
    found = call_facts(store, Rows(report), CALL_ID)
    expected = page_facts(report, levels_of(report)) | {"head": page_head(report)}
    assert json.loads(json.dumps(expected)) == found.facts
    assert ("page", ()) == (found.origin, found.missing)


@pytest.mark.parametrize("made", [sample_reports.sample_call, small_call.report])
def test_without_a_page_the_rows_give_all_facts_but_those_that_are_named_as_missing(tmp_path, made):
    report = made()
    store = store_with(tmp_path, report, page=False)
    found = call_facts(store, Rows(report), CALL_ID)
    expected = page_facts(report, None) | {"head": page_head(report)}
    assert "rows" == found.origin
    assert ("levels", "speech", "rates", "figures", "versions") == found.missing
    for part in ("flags", "overlaps", "silences", "holds", "dropouts", "nudges", "notices", "responses", "tempo"):
        same_keys = [{key: event[key] for key in expected[part][0]} for event in found.facts[part]]
        assert sorted(expected[part], key=json.dumps) == sorted(same_keys, key=json.dumps)
    for part in ("turns", "line_sounds", "duration", "two_sided", "present", "limits"):
        assert expected[part] == found.facts[part]
    for side in ("agent", "customer"):
        unknown = {"syllables": None, "baseline_rate": None}
        assert expected["sides"][side] | unknown == found.facts["sides"][side]
    assert expected["whole_call"]["flags"] == found.facts["whole_call"]["flags"]


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_without_a_page_the_sentence_and_the_figures_are_those_of_the_page(tmp_path, language):
    report = sample_reports.sample_call()
    found = call_facts(store_with(tmp_path, report, page=False), Rows(report), CALL_ID).facts["head"][language]
    expected = page_head(report)[language]
    assert expected["sentence"] == found["sentence"]
    assert [(each["label"], each["value"], each["over"]) for each in expected["figures"]] == [
        (each["label"], each["value"], each["over"]) for each in found["figures"]
    ]


def test_a_mono_mix_without_a_page_has_one_side_and_nothing_that_needs_two(tmp_path):
    report = CallReport.from_dict(sample_reports.mono_report())
    found = call_facts(store_with(tmp_path, report, page=False), Rows(report), CALL_ID).facts
    expected = page_facts(report, None)
    assert (expected["present"], False, [], {}) == (
        found["present"],
        found["two_sided"],
        found["flags"],
        found["whole_call"],
    )
    assert page_head(report)["en"]["sentence"] == found["head"]["en"]["sentence"]


def test_without_the_settings_the_sentence_is_that_of_the_row(tmp_path):
    report = sample_reports.sample_call()
    found = call_facts(tmp_path, Rows(report), CALL_ID)
    assert {"sentence": page_head(report)["en"]["sentence"].replace("\N{NO-BREAK SPACE}", " "), "figures": []} == (
        found.facts["head"]["zh-Hans"]
    )
    assert "settings" in found.missing


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({"sound_id": "call-000000000000"}, "sound"),
        ({"language": "zh-CN"}, "language"),
        ({"duration_s": 12.0}, "duration"),
        ({"n_severe": 99}, "flags"),
    ],
)
def test_a_page_of_another_call_is_not_used(tmp_path, changes, differs):
    report = sample_reports.sample_call()
    rows = Rows(report, **changes)
    store = store_with(tmp_path, report, page=True)
    assert differs == belongs_to(facts_of_page(Layout(store).page(CALL_ID)), rows.row)
    assert "rows" == call_facts(store, rows, CALL_ID).origin


def test_the_page_of_a_call_belongs_to_it(tmp_path):
    report = sample_reports.sample_call()
    store = store_with(tmp_path, report, page=True)
    assert belongs_to(facts_of_page(Layout(store).page(CALL_ID)), Rows(report).row) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b'<script type="application/json" id="facts">{',
        b'<script type="application/json" id="facts">[]</script>',
    ],
)
def test_a_damaged_page_is_not_used(tmp_path, content):
    report = sample_reports.sample_call()
    store = store_with(tmp_path, report, page=True)
    Layout(store).page(CALL_ID).write_bytes(content)
    assert "rows" == call_facts(store, Rows(report), CALL_ID).origin


def test_a_call_that_is_not_in_the_store_is_said_so(tmp_path):
    with pytest.raises(UsageError, match="call 'ffffffffffff' is not in this store"):
        call_facts(tmp_path, Rows(sample_reports.sample_call()), "ff" * 32)


def test_events_come_back_from_their_rows_as_the_report_has_them():
    report = small_call.report()
    values = report.to_dict()
    rows = [row for row in event_rows(report, CALL_ID) if row["type"] == "flag"]
    assert values["flags"] == [{key: event_of_row(row)[key] for key in values["flags"][0]} for row in rows]
