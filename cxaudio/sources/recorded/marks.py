"""Marks of a live recording: facts that its sound does not hold, such as lost stretches, holds by hand and pauses.

They are written beside ``NAME.wav`` as ``NAME.marks.jsonl``: a ``call`` line, then a line where a state begins
(``"on": true``) or ends. Positions are samples of the recording. A state that is on at the end lasts to the end.
"""

import errno
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from cxaudio.errors import AudioFormatError
from cxaudio.model.blocks import AudioBlock, CallInfo
from cxaudio.model.call_io import call_from_dict, call_to_dict
from cxaudio.model.events import Side

__all__ = ["MARKS_SCHEMA", "Change", "Mark", "RecordingMarks", "call_line", "mark_line", "marks_path", "read_marks"]

MARKS_SCHEMA = "cxaudio.marks/1"


class Mark(StrEnum):
    """A state of the recording that begins and ends."""

    DROPOUT = "dropout"  # sound was lost in capture; the recording holds zeros
    HOLD = "hold"  # the call was on hold by hand
    PAUSE = "pause"  # the agent had paused the session; the recording holds zeros


def marks_path(recording: Path) -> Path:
    """Return the path of the marks of a recording.

    Examples
    --------
    >>> marks_path(Path("calls/monday.wav")).as_posix()
    'calls/monday.marks.jsonl'
    """
    return recording.with_name(f"{recording.stem}.marks.jsonl")


def call_line(call: CallInfo) -> str:
    """Return the first line: the schema and the call."""
    return json.dumps({"type": "call", "schema": MARKS_SCHEMA, "call": call_to_dict(call)}, ensure_ascii=False) + "\n"


def mark_line(mark: Mark, at: int, *, on: bool, side: Side | None = None) -> str:
    """Return the line of a state that begins or ends at sample `at`; `side` where only one side lost sound.

    Examples
    --------
    >>> mark_line(Mark.DROPOUT, 1600, on=True, side=Side.AGENT).strip()
    '{"type": "dropout", "at": 1600, "on": true, "side": "agent"}'
    """
    values = {"type": mark.value, "at": at, "on": on}
    return json.dumps(values if side is None else values | {"side": side.label}) + "\n"


@dataclass(frozen=True, slots=True)
class Change:
    """A state begins, or ends, at sample `at`."""

    at: int
    mark: Mark
    begins: bool
    side: Side | None = None  # whose sound was lost; None: both


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingMarks:
    """Marks of one recording."""

    call: CallInfo  # of the live call
    changes: tuple[Change, ...]  # in order

    def marked(self, blocks: Iterator[AudioBlock]) -> Iterator[AudioBlock]:
        """Cut blocks where a mark begins or ends, and mark the pieces as they were marked in the live call.

        Parameters
        ----------
        blocks : iterator of AudioBlock
            The recording, contiguous from sample 0, at the rate it was recorded at.
        """
        on = dict.fromkeys(Mark, False)
        side: Side | None = None
        waiting = list(reversed(self.changes))
        for block in blocks:
            edges = [block.start, block.end]
            edges += [change.at for change in self.changes if block.start < change.at < block.end]
            for start, end in pairwise(sorted(set(edges))):
                while waiting and waiting[-1].at <= start:
                    change = waiting.pop()
                    on[change.mark] = change.begins
                    if change.mark is Mark.DROPOUT:
                        side = change.side
                piece = block.samples[:, start - block.start : end - block.start]
                yield replace(
                    block,
                    start=start,
                    samples=piece,
                    dropout=on[Mark.DROPOUT] or on[Mark.PAUSE],
                    dropout_side=side if on[Mark.DROPOUT] and not on[Mark.PAUSE] else None,
                    held=on[Mark.HOLD] or on[Mark.PAUSE],
                )


def read_marks(recording: Path) -> RecordingMarks | None:
    """Read the marks beside a recording; None where there are none.

    A last line that is not complete, because the program died, is ignored.

    Raises
    ------
    AudioFormatError
        If the file exists and holds something else.
    """
    path = marks_path(recording)
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as exc:
        if isinstance(exc, OSError) and exc.errno == errno.ENAMETOOLONG:
            return None  # no file has such a name
        reason = exc.strerror if isinstance(exc, OSError) else exc
        raise AudioFormatError(path, f"cannot be read ({reason}); mend it, or move it away from its recording") from exc
    lines = text.split("\n")[:-1]  # what follows the last line end was cut off in writing
    call: CallInfo | None = None
    changes: list[Change] = []
    for number, line in enumerate(lines, 1):
        try:
            values: dict[str, Any] = json.loads(line)
            if call is None:
                if values["type"] != "call" or values["schema"] != MARKS_SCHEMA:
                    raise ValueError(f"no call line of {MARKS_SCHEMA}")
                call = call_from_dict(values["call"])
            else:
                changes.append(_change(values))
        except (ValueError, KeyError, TypeError) as exc:
            raise AudioFormatError(
                path, f"holds no marks of a recording in line {number} ({exc}); move it away from its recording"
            ) from exc
    if call is None:
        return None  # the program died before the first sound
    return RecordingMarks(call=call, changes=tuple(changes))


def _change(values: dict[str, Any]) -> Change:
    side = values.get("side")
    return Change(
        int(values["at"]), Mark(values["type"]), bool(values["on"]), None if side is None else Side[side.upper()]
    )
