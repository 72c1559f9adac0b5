"""Replay several recorded calls, a folder each, with one table of all; a bad file does not stop the others."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxaudio.errors import AudioFormatError, CxAudioError, StoreError, UsageError
from cxaudio.replay.endings import has_recording_ending
from cxaudio.replay.one_call import replay_call
from cxaudio.replay.request import BLOCK_MS, CallFiles, Outputs, export_names

if TYPE_CHECKING:
    from cxaudio.engine import Progress
    from cxaudio.model.report import CallReport

__all__ = ["Outcome", "find_recordings", "replay_many", "summary_row", "without_paths"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of one recording."""

    file: Path
    name: str  # for people and tables: of the file, or of its folder where no name may be shown
    folder: Path | None  # where its results are; None where it failed
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
    out: str | Path,
    agent: str | None = None,
    layout: str | None = None,
    headset: str | None = None,
    language: str | None = None,
    config: str | Path | None = None,
    overrides: Mapping[str, object] | None = None,
    export: str | Sequence[str] = (),
    clean: bool = False,
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
    out : path
        Gets a folder for each call, named after its file, and ``summary.csv``.
    agent, layout, headset, language, config, overrides, export, clean, embed_audio, page_language, block_ms
        As for `replay`, the same for every call.
    anonymous : bool
        As for `replay`; folders are then named ``call-0001`` and so on in the order of the files, and neither names nor
        paths of files are in the summary.
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
        If results cannot be written, for example on a full disk; the calls before it stand in the summary.
    """
    from cxaudio.settings import load_settings
    from cxaudio.sinks.file_names import UniqueNames

    root = Path(out)
    given = [Path(path) for path in paths]
    settings = load_settings(language=language, config_file=config, overrides=overrides)
    spoken = language or settings.pacing.language
    files = find_recordings(given, besides=root)
    if not files:
        raise UsageError(
            f"{', '.join(map(str, given)) or 'nothing'}: no recording found; name files or folders of WAV files"
        )
    names = UniqueNames()
    outcomes: list[Outcome] = []
    try:
        for number, file in enumerate(files, 1):
            folder = root / (f"call-{number:04d}" if anonymous else names.take(file.stem))
            name = folder.name if anonymous else str(file)
            progress = started(file, number, len(files)) if started is not None else None
            try:
                report = replay_call(
                    CallFiles(path=file, agent=agent, layout=layout, headset=headset),
                    settings,
                    language=spoken,
                    outputs=Outputs(
                        folder=folder,
                        export=export_names(export),
                        clean=clean,
                        embed_audio=embed_audio,
                        anonymous=anonymous,
                        page_language=page_language or spoken,
                    ),
                    block_ms=block_ms,
                    progress=progress,
                )
            except StoreError as exc:  # every later call would fail, too
                raise (StoreError(without_paths(str(exc), [file], name)) if anonymous else exc) from None
            except CxAudioError as exc:
                outcomes.append(_failure(file, name, str(exc), exit_code=exc.exit_code))
            except Exception as exc:  # our own fault in one call must not stop the others
                reason = (
                    f"{file}: cxaudio failed ({type(exc).__name__}: {exc}); please report this with the file's format"
                )
                outcomes.append(_failure(file, name, reason, exit_code=1))
            else:
                row = {"file": name, "status": "ok", "reason": None, "folder": folder.name} | summary_row(report)
                outcomes.append(Outcome(file=file, name=name, folder=folder, reason=None, exit_code=0, row=row))
    finally:  # also when interrupted
        if outcomes:
            _write_summary(root / "summary.csv", outcomes)
    return outcomes


def find_recordings(paths: Iterable[Path], *, besides: Path | None = None) -> list[Path]:
    """Return the files named, and those in folders by their ending, each once; folders in order of their names.

    Parameters
    ----------
    paths : iterable of Path
        Files and folders. A file is taken whatever its ending, also where it does not exist: reading it fails later.
    besides : Path, optional
        A folder that is not searched: where results are written.
    """
    found: dict[Path, None] = {}
    for path in paths:
        for file in _below(path, besides=besides) if path.is_dir() else (path,):
            found.setdefault(file)
    return list(found)


def _below(folder: Path, *, besides: Path | None) -> Iterator[Path]:
    aside = besides.resolve() if besides is not None else None
    for where, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and Path(where, n).resolve() != aside)
        ours = {"clean.wav"} if "events.jsonl" in files else set()  # results of an earlier run
        for name in sorted(set(files) - ours):
            file = Path(where, name)
            if not name.startswith(".") and has_recording_ending(name) and not file.is_symlink():
                yield file


def _unreadable(error: OSError) -> None:
    raise AudioFormatError(error.filename, f"cannot be searched ({error.strerror}); name a folder that you may read")


def summary_row(report: "CallReport", values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a call's figures as one flat row: names with units, None where unknown.

    Parameters
    ----------
    report : CallReport
        The call.
    values : mapping, optional
        Its `to_dict`, where the caller has made it already.
    """
    values = report.to_dict() if values is None else values
    whole = values.get("whole_call", {})
    sides = values["sides"]
    severities = [flag.severity.value for flag in report.flags]
    row: dict[str, Any] = {
        "call_id": report.call.call_id,
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
    return row


def without_paths(text: str, files: Iterable[Path], name: str) -> str:
    """Return a message with another name in place of the paths and names of files.

    Examples
    --------
    >>> without_paths("far/Maria.wav: Maria.wav is empty", [Path("far/Maria.wav")], "call-0001")
    'call-0001: call-0001 is empty'
    """
    for file in files:
        for known in (str(file.absolute()), str(file), file.name):
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
