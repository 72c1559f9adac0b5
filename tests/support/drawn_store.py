"""A store of drawn calls with what judging them again needs; no sound."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxaudio.analysis.rejudging.facts import CallFacts
from cxaudio.analysis.rejudging.playback import Verdicts
from cxaudio.analysis.rejudging.screens import screens_of
from cxaudio.analysis.rejudging.tape import write_tape
from cxaudio.archive.outcome import Judged
from cxaudio.archive.store.folder import Store
from cxaudio.settings import Settings
from support.made_store import SETTINGS, call_id_of, made_job, made_judged
from support.rejudged_call import DrawnCall
from support.small_call import CLOCK

__all__ = ["drawn_calls", "drawn_store", "fresh_verdicts"]


def drawn_calls(n: int, *, seconds: float = 60.0) -> list[DrawnCall]:
    """Return some calls, each another."""
    return [DrawnCall(seed, seconds=seconds) for seed in range(n)]


def drawn_store(
    path: Path,
    calls: Sequence[DrawnCall | None],
    settings: Settings,
    *,
    language: str = "en",
    with_flags: bool = False,
    **columns: Any,
) -> Path:
    """Make a store of calls that were judged with some settings, None for a one-sided one; return its folder.

    With flags, the events of a call are its flags and the broken limits of the whole call.
    """
    jobs = [made_job(number) for number in range(len(calls))]
    with Store.create(path) as store:
        store.ledger.begin(SETTINGS)
        store.ledger.add(jobs)
        store.ledger.lease(len(jobs), seconds=60.0)
        judged = []
        for number, (job, call) in enumerate(zip(jobs, calls, strict=True)):
            made = made_judged(job, number)
            row = {**made.call, "language": language, "two_sided": call is not None, **columns}
            if with_flags:
                row["sound_id"] = f"call-{made.call_id[:12]}"
            if call is None:
                judged.append(replace(made, call=row, tape=b"", screens={}))
                continue
            verdicts, tape = call.judged(settings.analysis, settings.pacing, CallFacts())
            written = write_tape(tape)
            screens = screens_of(
                tape, settings.analysis, settings.pacing, flags=verdicts.flags, n_nudges=len(verdicts.nudges)
            )
            events = _events(made, verdicts) if with_flags else made.events
            judged.append(
                replace(made, call=row, events=events, tape=written.main, pace_tape=written.pace, screens=screens)
            )
        store.commit(judged)
    kept = path / "settings" / f"{SETTINGS}.json"
    kept.parent.mkdir()
    kept.write_text(json.dumps({"language": "en", "settings": {"en": settings.as_dict()}}))
    return path


def _events(made: Judged, verdicts: Verdicts) -> tuple[dict[str, Any], ...]:
    rate = CLOCK.sample_rate
    flags = [
        {
            "type": "flag",
            "rule": flag.rule,
            "side": flag.side.name.lower(),
            "start_s": round(flag.start / rate, 3),
            "end_s": None if flag.end is None else round(flag.end / rate, 3),
            "severity": flag.severity.value,
        }
        for flag in verdicts.flags
    ]
    flags += [
        {
            "type": "whole_call",
            "rule": flag.rule,
            "side": None if flag.side is None else flag.side.name.lower(),
            "start_s": 0.0,
            "end_s": None,
            "severity": None,
        }
        for flag in verdicts.whole_call
    ]
    return tuple({**made.events[0], "detail": "{}", **flag, "n": n} for n, flag in enumerate(flags))


def fresh_verdicts(calls: Sequence[DrawnCall], settings: Settings) -> dict[str, Verdicts]:
    """Return what a fresh analysis of each call says, by its row in the store."""
    return {call_id_of(number): call.judged(settings.analysis, settings.pacing)[0] for number, call in enumerate(calls)}
