"""`events.jsonl`: one event a line, in the order in which each could first be known, then the settled account."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.call_io import call_to_dict
from cxaudio.model.event_io import event_writer
from cxaudio.model.events import Event
from cxaudio.model.provenance import Provenance
from cxaudio.model.report import EVENTS_SCHEMA, CallReport
from cxaudio.sinks.files import AtomicFile

__all__ = ["JsonlSink"]


class JsonlSink:
    """Write events as they come: a ``call`` line, the source's notices, events, an ``end`` line.

    Parameters
    ----------
    path : Path
        The file; it gets its name only when the call is over.
    provenance : Provenance
        Settings and versions for the first line.
    """

    def __init__(self, path: Path, provenance: Provenance) -> None:
        self.path = path
        self._provenance = provenance
        self._file: AtomicFile | None = None
        self._call: CallInfo | None = None
        self._event_to_dict: Callable[[Event], dict[str, Any]]

    def open(self, call: CallInfo) -> None:
        """Create the file and write its first line."""
        self._call = call
        self._event_to_dict = event_writer(call.timebase)
        self._file = AtomicFile(self.path)
        self._file.begin()
        self._file.write(self._first_line(call))
        self._write_events(call.notices)

    def write(self, analysed: Analysed) -> None:
        """Append the events that were decided, and at the end of the call its settled account."""
        self._write_events(analysed.events)
        self._write_events(analysed.account)

    def close(self, report: CallReport | None) -> None:
        """Write the last line and name the file; leave no file where the call broke off."""
        file, self._file = self._file, None
        if file is None:
            return
        if report is None:
            file.discard()
            return
        end = {"type": "end", "decided_at": report.duration_s, "n_samples": report.duration}
        assert self._call is not None  # open comes first
        try:
            if report.call.call_id != self._call.call_id:  # a recording has its name only now
                before, now = (self._first_line(call) for call in (self._call, report.call))
                assert len(before.encode()) == len(now.encode())
                file.rewrite_start(now)
            file.write(json.dumps(end) + "\n")
        except BaseException:
            file.discard()
            raise
        file.commit()

    def _first_line(self, call: CallInfo) -> str:
        line = {"type": "call", "schema": EVENTS_SCHEMA, "call": call_to_dict(call)} | self._provenance.to_dict()
        return _dumps(line) + "\n"

    def _write_events(self, events: Iterable[Event]) -> None:
        assert self._file is not None  # open comes first
        lines = [self._event_to_dict(event) for event in events]
        if lines:
            # All in one go, which takes half the time; inside a string a quotation mark is escaped.
            self._file.write(_dumps(lines)[1:-1].replace('}, {"type": ', '}\n{"type": ') + "\n")


_dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode
