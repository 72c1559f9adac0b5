"""Judge one job in a process that judges many; whatever goes wrong becomes a `Failure` with its reason."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxaudio.archive.finding.local_copy import local_copy
from cxaudio.archive.job import Job
from cxaudio.archive.outcome import Failure, FailureKind, Judged, Outcome
from cxaudio.archive.running.plan import Plan
from cxaudio.archive.running.rows import call_row, event_rows, stored_name
from cxaudio.archive.store.identity import METRIC_VERSION, row_id
from cxaudio.errors import AudioFormatError, CxAudioError, StoreError, TooLongError
from cxaudio.replay.one_call import make_source, replay_source
from cxaudio.replay.request import CallFiles

if TYPE_CHECKING:
    from cxaudio.model.blocks import Analysed, CallInfo
    from cxaudio.model.provenance import Provenance
    from cxaudio.model.report import CallReport
    from cxaudio.settings import Settings
    from cxaudio.sinks.page.html import LevelEnvelope

__all__ = ["call_files", "judge"]


def judge(job: Job, plan: Plan) -> Outcome:
    """Judge one call; raises nothing.

    Parameters
    ----------
    job : Job
        The call.
    plan : Plan
        How it is judged; its settings are read once in a process.

    Returns
    -------
    Judged or Failure
        Its rows; its page, if it gets one, has been written into the store.
    """
    try:
        return _judged(job, plan)
    except TooLongError as exc:
        return _failure(job, FailureKind.TOO_LONG, str(exc))
    except AudioFormatError as exc:
        kind = FailureKind.UNREACHABLE if isinstance(exc.__cause__, OSError) else FailureKind.UNREADABLE
        return _failure(job, kind, str(exc))
    except StoreError as exc:
        return _failure(job, FailureKind.STORE, str(exc))
    except CxAudioError as exc:
        return _failure(job, FailureKind.USAGE, str(exc))
    except MemoryError:
        reason = f"judging it needs more than {plan.memory_mb} MB; raise archive.call_memory_mb, or leave it out"
        return _failure(job, FailureKind.MEMORY, f"{', '.join(job.files)}: {reason}")
    except Exception as exc:  # our own fault in one call must not stop the others
        reason = f"cxaudio failed ({type(exc).__name__}: {exc}); please report this with the file's format"
        return _failure(job, FailureKind.FAULT, f"{', '.join(job.files)}: {reason}")


def _failure(job: Job, kind: FailureKind, reason: str) -> Failure:
    return Failure(job_key=job.key, kind=kind, reason=" ".join(reason.split()))


@dataclass(frozen=True, slots=True)
class _InForce:
    """Settings of one language, as a report and the analysis want them."""

    settings: "Settings"
    provenance: "Provenance"


_kept: dict[str, _InForce] = {}  # by language, of `_kept_for`
_kept_for: Plan | None = None


def _in_force(plan: Plan, language: str) -> _InForce:
    """Return the settings for a language, built once for each language of a plan."""
    global _kept_for
    if _kept_for is not plan:
        if _kept_for != plan:
            _kept.clear()
        _kept_for = plan
    if language not in _kept:
        from cxaudio.replay.provenance import provenance_of
        from cxaudio.settings import settings_from_values

        settings = settings_from_values(plan.values_for(language))
        _kept[language] = _InForce(settings, provenance_of(settings))
    return _kept[language]


def _judged(job: Job, plan: Plan) -> Judged:
    language = job.language or plan.language
    force = _in_force(plan, language)
    with ExitStack() as copies:
        paths = [copies.enter_context(local_copy(file)) for file in job.files]
        try:
            return _judged_here(job, plan, force, paths, language=language)
        except CxAudioError as exc:
            text = str(exc)
            for path, file in zip(paths, job.files, strict=True):
                if str(path) != file:  # a copy, which nobody knows
                    text = text.replace(str(path), file)
            exc.args = (text,)
            raise


def _judged_here(job: Job, plan: Plan, force: _InForce, paths: Sequence[Path], *, language: str) -> Judged:
    from cxaudio.analysis.rejudging.facts import CallFacts
    from cxaudio.analysis.rejudging.kept import keep
    from cxaudio.sinks.page.html import LevelEnvelope

    facts = CallFacts()
    files = call_files(job, paths)
    levels = LevelEnvelope()
    source = make_source(files, force.settings, language=language, longest_s=plan.max_hours * 3600)
    with source:
        report = replay_source(source, force.settings, [_Levels(levels)], provenance=force.provenance, record=facts)
        digest = source.sound_digest
    call_id = row_id(digest, plan.settings_digest)
    values = report.to_dict()
    row = call_row(
        report,
        call_id=call_id,
        settings_digest=plan.settings_digest,
        metric_version=METRIC_VERSION,
        file=stored_name(job.files, digest, plain=plan.names == "plain"),
        labels=job.labels,
        values=values,
    )
    page = None
    if plan.pages == "all" or (plan.pages == "flagged" and _is_flagged(report)):
        page = f"pages/{call_id[:2]}/{call_id}.html"
        linked = plan.names == "plain" and [str(path) for path in paths] == list(job.files)  # not to a copy
        _write_page(report, levels, plan.store / page, language=plan.page_language, recordings=paths if linked else ())
    kept = keep(report, facts, force.settings.analysis, force.settings.pacing)
    return Judged(
        job_key=job.key,
        call_id=call_id,
        call=row,
        events=tuple(event_rows(report, call_id, values=values)),
        tape=kept.tape.main,
        pace_tape=kept.tape.pace,
        screens=kept.screens,
        page=page,
    )


def call_files(job: Job, paths: Sequence[Path]) -> CallFiles:
    """Return what is asked of a replay of a job, whose files are at some paths of this machine."""
    if len(paths) == 1:
        return CallFiles(path=paths[0], agent=job.agent, layout=job.layout, headset=job.headset)
    return CallFiles(agent_file=paths[0], customer_file=paths[1], headset=job.headset)


class _Levels:
    """Collect the levels that the page draws; the page is written once the call's name is known."""

    def __init__(self, envelope: "LevelEnvelope") -> None:
        self._envelope = envelope

    def open(self, call: "CallInfo") -> None:
        """Do nothing: the envelope is new."""

    def write(self, analysed: "Analysed") -> None:
        """Add the levels."""
        self._envelope.add(analysed.level_dbov)

    def close(self, report: "CallReport | None") -> None:
        """Do nothing."""


def _is_flagged(report: "CallReport") -> bool:
    whole = report.whole_call
    return any(flag.severity.value != "note" for flag in report.flags) or bool(whole is not None and whole.flags)


def _write_page(
    report: "CallReport", levels: "LevelEnvelope", path: Path, *, language: str, recordings: Sequence[Path]
) -> None:
    """Write a call's page; without recordings, it holds no name and no link to the sound."""
    from cxaudio.sinks.files import write_private
    from cxaudio.sinks.page.html import render_page
    from cxaudio.sinks.page.page_audio import page_audio

    audio = page_audio(recordings, page=path, embed=False) if recordings else None
    index = "../../index.html"  # of the store
    write_private(path, render_page(report, levels=levels.levels(), audio=audio, language=language, index=index))
