"""Replay several recorded calls, a folder each, with one table and one page of all; a bad file stops no other."""

import errno
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxaudio.errors import AudioFormatError, CxAudioError, StoreError, UsageError
from cxaudio.replay.call_folders import call_folders, content_name
from cxaudio.replay.found_recordings import FoundRecording, find_recordings
from cxaudio.replay.index_of_calls import listed_call, write_index
from cxaudio.replay.one_call import replay_call
from cxaudio.replay.request import BLOCK_MS, CallFiles, Outputs, chosen_suppressor, export_names
from cxaudio.sinks.index_page.index_file import INDEX_NAME, refuse_foreign_index

if TYPE_CHECKING:
    from cxaudio.engine import Progress
    from cxaudio.model.report import CallReport
    from cxaudio.sinks.index_page.listed_call import ListedCall

__all__ = ["SUMMARY_NAME", "Outcome", "replay_many", "summary_row", "without_paths"]

SUMMARY_NAME = "summary.csv"
"""Table of all calls of a run."""

_ENDS_THE_RUN = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
"""Why a disk refuses every later call, too; any other refusal costs only the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of one recording."""

    file: Path
    name: str  # for people and tables: of the file, or of its folder where no name may be shown
    folder: Path | None  # where its results are; None where it failed, and where nothing is written
    reason: str | None  # why it failed; None where it did not
    exit_code: int  # 0, or that of its failure
    row: Mapping[str, Any]  # of summary.csv

    @property
    def failed(self) -> bool:
        """Return whether there is no report."""
        return self.reason is not None


def replay_many(
    paths: Iterable[str | Path],
    *,
    out: str | Path | None = None,
    agent: str | None = None,
    layout: str | None = None,
    headset: str | None = None,
    language: str | None = None,
    config: str | Path | None = None,
    overrides: Mapping[str, object] | None = None,
    export: str | Sequence[str] = (),
    clean: bool = False,
    suppressor: str | None = None,
    embed_audio: bool = False,
    anonymous: bool = False,
    page_language: str | None = None,
    block_ms: int = BLOCK_MS,
    started: Callable[[Path, int, int], "Progress | None"] | None = None,
) -> list[Outcome]:
    """Analyse recordings, and every recording in folders, one after the other.

    Parameters
    ----------
    paths : iterable of path
        Files and folders; folders are searched with all that is below them, but links are not followed.
    out : path, optional
        Nothing is written without it. It gets a folder for each call, named after its file alone (see
        `cxaudio.replay.call_folders`), the table ``summary.csv`` and the page ``index.html``. Both hold the calls of
        this run; folders of calls that are no longer there stay untouched.
    agent, layout, headset, language, config, overrides, export, clean, suppressor, embed_audio, page_language,
    block_ms
        As for `replay`, the same for every call.
    anonymous : bool
        As for `replay`; folders are then named after a digest of the recording's bytes, and neither names nor paths of
        files are in the summary and the page.
    started : callable, optional
        Called before each call with its file, its number from 1 and the number of calls; may return a progress
        callable.

    Returns
    -------
    list of Outcome
        In the order of the files.

    Raises
    ------
    UsageError
        If there is no recording, or the request contradicts itself.
    ConfigError
        If a setting is wrong.
    StoreError
        If no results can be written, for example on a full disk; the calls before it stand in the summary. Where only
        the place of one call is in the way, only that call fails.
    """
    from cxaudio.settings import load_settings
    from cxaudio.sinks.folder_lock import only_writer

    root = None if out is None else Path(out)
    given = [Path(path) for path in paths]
    chosen = chosen_suppressor(suppressor, wanted=clean, asked_by="--clean")
    settings = load_settings(language=language, config_file=config, overrides=overrides)
    spoken = language or settings.pacing.language
    outputs = None
    if root is not None:
        outputs = Outputs(
            folder=root,
            export=export_names(export),
            suppressor=chosen,
            embed_audio=embed_audio,
            anonymous=anonymous,
            page_language=page_language or spoken,
            index=root / INDEX_NAME,
        )
    elif export or clean or embed_audio:
        raise UsageError("there is no folder to write to; name one with --out")
    recordings = find_recordings(given, besides=root)
    if not any(each.trouble is None for each in recordings):
        for each in recordings:
            raise AudioFormatError(str(each.file), str(each.trouble))
        raise UsageError(
            f"{', '.join(map(str, given)) or 'nothing'}: no recording found; name files or folders of WAV files"
        )
    run = _Run(
        files=partial(CallFiles, agent=agent, layout=layout, headset=headset),
        replay=partial(replay_call, settings=settings, language=spoken, block_ms=block_ms),
        outputs=outputs,
        anonymous=anonymous,
        language=page_language or spoken,
    )
    folders = _folders(recordings, anonymous=anonymous)
    with nullcontext() if root is None else only_writer(root):
        if root is not None:
            refuse_foreign_index(root)
        try:
            for number, (each, folder) in enumerate(zip(recordings, folders, strict=True), 1):
                progress = started(each.file, number, len(recordings)) if started is not None else None
                run.add(each, folder, progress)
        finally:  # also when interrupted
            if run.outcomes and root is not None:
                run.write(root)
    return run.outcomes


class _Run:
    """The calls of one run, one after the other, and the table and the page of all of them."""

    def __init__(
        self,
        *,
        files: Callable[..., CallFiles],
        replay: "Callable[..., CallReport]",
        outputs: Outputs | None,
        anonymous: bool,
        language: str,
    ) -> None:
        self.outcomes: list[Outcome] = []
        self._listed: list[ListedCall] = []
        self._files = files
        self._replay = replay
        self._outputs = outputs
        self._anonymous = anonymous
        self._language = language

    def add(self, recording: FoundRecording, folder: str, progress: "Progress | None") -> None:
        """Analyse a call, and keep its outcome.

        Raises
        ------
        StoreError
            If every later call would fail, too.
        """
        file = recording.file
        name = folder if self._anonymous else str(file)
        outputs = None if self._outputs is None else replace(self._outputs, folder=self._outputs.folder / folder)
        try:
            if recording.trouble is not None:
                raise AudioFormatError(str(file), recording.trouble)
            report = self._replay(self._files(path=file), outputs=outputs, progress=progress)
        except CxAudioError as exc:
            if _ends_the_run(exc):
                if self._anonymous:
                    raise StoreError(without_paths(str(exc), [file], name)) from None
                raise
            self.outcomes.append(_failure(file, name, str(exc), exit_code=exc.exit_code))
        except Exception as exc:  # our own fault in one call must not stop the others
            fault = f"cxaudio failed ({type(exc).__name__}: {exc})"
            reason = f"{file}: {fault}; please report this with the file's format"
            self.outcomes.append(_failure(file, name, reason, exit_code=1))
        else:
            shown = folder if self._anonymous else recording.place.as_posix()
            self._keep(report, file, name=name, shown=shown, folder=None if outputs is None else folder)

    def _keep(self, report: "CallReport", file: Path, *, name: str, shown: str, folder: str | None) -> None:
        values = report.to_dict()
        row = {"file": name, "status": "ok", "reason": None, "folder": folder} | summary_row(report, values)
        place = None if self._outputs is None or folder is None else self._outputs.folder / folder
        self.outcomes.append(Outcome(file=file, name=name, folder=place, reason=None, exit_code=0, row=row))
        if folder is not None:
            self._listed.append(listed_call(report, values, row, name=shown, folder=folder, language=self._language))

    def write(self, root: Path) -> None:
        """Write the table and the page of all calls so far."""
        _write_summary(root / SUMMARY_NAME, self.outcomes)
        failed = [outcome for outcome in self.outcomes if outcome.failed]
        write_index(root, self._listed, failed, language=self._language)


def _folders(recordings: Sequence[FoundRecording], *, anonymous: bool) -> list[str]:
    """Return the folder of each recording below that of all results, with slashes."""
    if anonymous:
        return [
            f"folder-{number:04d}" if each.trouble is not None else content_name(each.file, number=number)
            for number, each in enumerate(recordings, 1)
        ]
    named = call_folders(recordings)
    return [named[each.file].as_posix() for each in recordings]


def _ends_the_run(exc: CxAudioError) -> bool:
    """Tell whether every later call would fail, too."""
    cause = exc.__cause__
    return isinstance(exc, StoreError) and isinstance(cause, OSError) and cause.errno in _ENDS_THE_RUN


def summary_row(report: "CallReport", values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a call's figures as one flat row: names with units, None where unknown; the sentence is English.

    Parameters
    ----------
    report : CallReport
        The call.
    values : mapping, optional
        Its `to_dict`, where the caller has made it already.
    """
    from cxaudio.sinks.call_sentence import call_sentence

    values = report.to_dict() if values is None else values
    whole = values.get("whole_call", {})
    sides = values["sides"]
    severities = [flag.severity.value for flag in report.flags]
    row: dict[str, Any] = {
        "call_id": report.call.call_id,
        "started_at": values["call"]["started_at"],
        "language": report.call.language,
        "duration_s": report.duration_s,
        "two_sided": report.two_sided,
        "talk_share_agent": whole.get("talk_share_agent"),
        "overlap_share": whole.get("overlap_share"),
        "silence_share": whole.get("silence_share"),
    }
    for side in ("agent", "customer"):
        found = sides.get(side, {})
        row |= {
            f"{side}_articulation_rate": found.get("articulation_rate"),
            f"{side}_articulation_rate_std_error": found.get("articulation_rate_std_error"),
            f"{side}_response_median_s": found.get("response_times", {}).get("median_s"),
            f"{side}_interruptions": found.get("interruptions"),
            f"{side}_level_dbov": found.get("level_dbov"),
        }
    for severity in ("note", "flag", "severe"):
        row[f"n_{severity}"] = severities.count(severity) if report.two_sided else None
    row["rules"] = " ".join(dict.fromkeys(f.rule for f in report.flags if f.severity.value != "note"))
    row["whole_call_rules"] = " ".join(flag["rule"] for flag in whole.get("flags", ()))
    row["notices"] = " ".join(dict.fromkeys(notice.kind.value for notice in report.notices))
    row["sentence"] = call_sentence(report)
    return row


def without_paths(text: str, files: Iterable[Path], name: str) -> str:
    """Return a message with another name in place of the paths and names of files.

    Examples
    --------
    >>> without_paths("far/Maria.wav: Maria.wav is empty", [Path("far/Maria.wav")], "call-0001")
    'call-0001: call-0001 is empty'
    >>> without_paths("far/Maria.marks.jsonl: cannot be read", [Path("far/Maria.wav")], "call-0001")
    'call-0001: cannot be read'
    """
    from cxaudio.sources.recorded.marks import marks_path

    for file in files:
        beside = marks_path(file)
        for known in (str(file.absolute()), str(file), file.name, str(beside.absolute()), str(beside), beside.name):
            text = text.replace(known, name) if known else text
    return text


def _failure(file: Path, name: str, reason: str, *, exit_code: int) -> Outcome:
    if name != str(file):
        reason = without_paths(reason, [file], name)
    row = {"file": name, "status": "failed", "reason": reason, "folder": None}
    return Outcome(file=file, name=name, folder=None, reason=reason, exit_code=exit_code, row=row)


def _write_summary(path: Path, outcomes: Sequence[Outcome]) -> None:
    from cxaudio.sinks.csv_text import csv_text
    from cxaudio.sinks.files import write_whole

    rows = sorted((outcome.row for outcome in outcomes), key=len, reverse=True)  # a full row names the columns first
    columns = list(dict.fromkeys(key for row in rows for key in row))
    write_whole(path, csv_text((outcome.row for outcome in outcomes), columns))
