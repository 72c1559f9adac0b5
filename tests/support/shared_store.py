"""A store of one call with every kind of event, whose names are hostile, and which really can be played."""

import json
import os
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from cxaudio.archive.job import CallLabels, FileStamp, Job
from cxaudio.archive.outcome import Judged
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.verdict import Verdict
from cxaudio.archive.running.judge import call_files
from cxaudio.archive.running.kept_settings import keep_settings
from cxaudio.archive.running.plan import make_plan
from cxaudio.archive.running.rows import call_row, event_rows
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.identity import METRIC_VERSION, row_id
from cxaudio.archive.store.layout import Layout
from cxaudio.archive.store.recording_places import note_places
from cxaudio.model.report import CallReport
from cxaudio.replay.one_call import make_source
from cxaudio.settings import settings_from_values
from cxaudio.sinks.files import write_private
from cxaudio.sinks.page.html import Levels, render_page
from cxaudio.sinks.page.page_audio import page_audio
from support import sample_reports

AGENT = '=HYPERLINK("http://evil.example","Zoë")<script>alert(1)</script>'
TEAM = "@SUM(1+1)</script><img src=x>"
QUEUE = "+49 151 2345678"
HEADSET = 'Acme "Ünique" <i>'
FILE = "+49 151 99887766 Zoë 'quoted' &amp; 通话.wav"
REVIEWERS = ("Reviewer Quill", "Reviewer Xavier")
NOTE = "-1+cmd|' /C calc'!A0 said Quill"
TAPE = b"tape"


@dataclass(frozen=True)
class SharedStore:
    """The store, and what must not be found in anything that is shared."""

    path: Path
    call_id: str
    sound_id: str
    recording: Path

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return texts of which none may be found, whole or in a part that says as much."""
        names = (AGENT, "HYPERLINK", "evil.example", TEAM, "SUM(1+1)", QUEUE, "2345678", HEADSET, "Ünique", "Acme")
        files = (FILE, "99887766", "Zoë", str(self.recording.parent), self.recording.parent.name)
        ids = (self.call_id, self.call_id[:12], self.sound_id, self.sound_id.removeprefix("call-"))
        return names + files + ids + ("2026-03-04T", "10:11", "Xavier")


def shared_store(folder: Path, *, page: bool = True, minutes: int = 3) -> SharedStore:
    """Make the store in a folder, with two verdicts about each flag of the call."""
    recording = folder / "recordings of Zoë" / FILE
    recording.parent.mkdir(parents=True)
    values = sample_reports.sample_report(minutes)
    values["call"] |= {"started_at": "2026-03-04T10:11:12Z", "headset": HEADSET}
    sample_reports.write_sample_wav(recording, values)
    report = CallReport.from_dict(values)
    store = folder / "store"
    plan, _ = make_plan(store)
    stamp = FileStamp(size=recording.stat().st_size, modified_ns=recording.stat().st_mtime_ns)
    labels = CallLabels(agent=AGENT, team=TEAM, queue=QUEUE, direction="inbound", started_at=report.call.started_at)
    job = Job(files=(os.fspath(recording),), stamps=(stamp,), agent="left", labels=labels)
    settings = settings_from_values(plan.values_for("en"))
    with make_source(call_files(job, [recording]), settings, language="en") as source:
        for _ in source:
            pass
        call_id = row_id(source.sound_digest, plan.settings_digest)
    ids = {"call_id": call_id, "settings_digest": plan.settings_digest, "metric_version": METRIC_VERSION}
    row = call_row(report, file=FILE, labels=labels, **ids)
    with Store.create(store) as opened:
        keep_settings(opened.layout, plan)
        note_places(opened, [recording.parent])
        opened.ledger.begin(plan.settings_digest)
        opened.ledger.add([job])
        (leased,) = opened.ledger.lease(1, seconds=60)
        events = tuple(event_rows(report, call_id))
        opened.commit([Judged(job_key=leased.job.key, call_id=call_id, call=row, events=events, tape=TAPE, screens={})])
    if page:
        path = Layout(store).page(call_id)
        levels = Levels(step_s=0.05, **sample_reports.sample_levels(values))
        audio = page_audio([recording], page=path, embed=False)
        write_private(path, render_page(report, levels=levels, audio=audio, index="../../index.html"))
    made = SharedStore(store, call_id, str(row["sound_id"]), recording)
    _judge(made, report)
    return made


def _judge(made: SharedStore, report: CallReport) -> None:
    with Reviews(Layout(made.path).reviews) as reviews:
        for place, flag in enumerate(report.to_dict()["flags"]):
            for reviewer, decision in zip(REVIEWERS, ("right", "wrong" if place % 2 else "right"), strict=True):
                reviews.add(
                    Verdict(
                        client=f"{reviewer}-{place}",
                        reviewer=reviewer,
                        sound_id=made.sound_id,
                        call_id=made.call_id,
                        type="flag",
                        decision=decision,
                        rule=flag["rule"],
                        side=flag["side"],
                        start_s=flag["start"],
                        end_s=flag["end"],
                        severity=flag["severity"],
                        note=NOTE if reviewer == REVIEWERS[0] else "",
                    )
                )


def texts_in(content: bytes) -> str:
    """Return all that a file holds as text: as it is, and what its JSON holds with every escape undone."""
    text = content.decode("utf-8", "replace")
    found = [text, re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text), unescape(text)]
    start = text.find('id="facts">')
    if start >= 0:
        facts = json.loads(text[start + len('id="facts">') : text.index("</script>", start)])
        found.append(json.dumps({key: value for key, value in facts.items() if key != "audio"}, ensure_ascii=False))
    return "\n".join(found)
