"""Stores whose calls have true recordings, without an analysis: for tests of playing them."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxaudio.archive.job import FileStamp, Job
from cxaudio.archive.running.judge import call_files
from cxaudio.archive.running.kept_settings import keep_settings
from cxaudio.archive.running.plan import make_plan
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.identity import METRIC_VERSION, row_id
from cxaudio.archive.store.recording_places import note_places
from cxaudio.replay.one_call import make_source
from cxaudio.settings import settings_from_values
from support.made_store import made_judged


def store_with(
    path: Path, files: Sequence[Path | str], *, places: Sequence[Path | str] | None = None, **roles: Any
) -> dict[str, Any]:
    """Put one call with true digests into a store, and note its places; return what `Recordings` needs of its row.

    Without `places` the folder of the first file is noted; roles are ``agent`` or ``layout``, as in a job.
    """
    plan, _ = make_plan(path)
    paths = [Path(file) for file in files]
    stamps = tuple(FileStamp(size=each.stat().st_size, modified_ns=each.stat().st_mtime_ns) for each in paths)
    job = Job(files=tuple(os.fspath(file) for file in files), stamps=stamps, **roles)
    settings = settings_from_values(plan.values_for(plan.language))
    with make_source(call_files(job, paths), settings, language=plan.language) as source:
        for _ in source:
            pass
        call_id = row_id(source.sound_digest, plan.settings_digest)
    with Store.create(path) as store:
        keep_settings(store.layout, plan)
        note_places(store, [paths[0].parent] if places is None else places)
        store.ledger.begin(plan.settings_digest)
        store.ledger.add([job])
        (leased,) = store.ledger.lease(1, seconds=60)
        made = made_judged(leased.job, 0, n_events=0, settings=plan.settings_digest)
        store.commit([replace(made, call_id=call_id, call={**made.call, "call_id": call_id})])
    return {"call_id": call_id, "settings_digest": plan.settings_digest, "metric_version": METRIC_VERSION}
