"""A store of agents who differ, with flags and verdicts, for tests of the pages about people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.layout import Layout
from cxaudio.workbench.policies.trials import Trials
from cxaudio.workbench.reading.archive import Archive
from cxaudio.workbench.serving.workbench import Options, Workbench
from cxaudio.workbench.sound.recordings import Recordings
from support.made_store import SETTINGS, made_job, made_judged
from support.people_tables import PLAIN

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


def calls_of(
    agent: str | None, n: int, *, seed: int = 0, pace: float = 5.0, follows: float = 0.3, **values: Any
) -> list[dict[str, Any]]:
    """Calls of an agent of some pace who follows the customers', over ten weeks."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(n):
        customer = float(rng.normal(4.6, 0.5))
        found.append(
            {
                **PLAIN,
                "agent": agent,
                "started_at": FIRST + timedelta(hours=1680 * number / max(1, n)),
                "duration_s": float(rng.uniform(60, 900)),
                "agent_speech_s": float(rng.uniform(20, 300)),
                "agent_articulation_rate": pace + follows * (customer - 4.6) + float(rng.normal(0, 0.3)),
                "customer_articulation_rate": customer if rng.random() < 0.9 else None,
                "in_step_share": float(rng.uniform(0.5, 1)) if rng.random() < 0.8 else None,
                "agent_response_median_s": float(rng.normal(0.6, 0.3)),
                "agent_interruptions": int(rng.poisson(0.8)),
                "n_flag": int(rng.poisson(1.2)),
                "n_severe": int(rng.poisson(0.2)),
                "sentence": "The agent kept the customer's pace.",
                **values,
            }
        )
    return found


def people_store(path: Path, calls: Sequence[dict[str, Any]]) -> Path:
    """Judge calls into a store; each has an event for each of its flags, of rules in turn."""
    with Store.create(path) as store:
        store.ledger.begin(SETTINGS)
        store.ledger.add([made_job(number) for number in range(len(calls))])
        judged = []
        for each, values in zip(store.ledger.lease(len(calls), seconds=600), calls, strict=True):
            made = made_judged(each.job, int(each.job.files[0][-11:-4]), n_events=values["n_flag"] + values["n_severe"])
            events = tuple(
                {
                    **event,
                    "type": "flag",
                    "rule": ("rushing", "left_waiting", "talking_over")[number % 3],
                    "severity": "severe" if number < values["n_severe"] else "flag",
                    "detail": "{}",
                }
                for number, event in enumerate(made.events)
            )
            own = {"sound_id": f"call-{made.call_id[:12]}", **values}
            judged.append(replace(made, call={**made.call, **own}, events=events))
        store.commit(judged)
    return path


@contextmanager
def people_workbench(store: Path, **options: Any) -> Iterator[Workbench]:
    """Open a workbench of a store whose recordings are not there."""
    with (
        Archive(store) as archive,
        Reviews(Layout(store).reviews) as reviews,
        Recordings(store, ()) as recordings,
        Trials(store) as trials,
    ):
        yield Workbench(
            store=store,
            archive=archive,
            reviews=reviews,
            recordings=recordings,
            trials=trials,
            options=Options(**options),
        )
