"""Decide whether a recording is complete, or may still be growing."""

import time
from collections.abc import Callable
from dataclasses import replace

from cxaudio.archive.finding.places import look_at
from cxaudio.archive.job import Deferral, FileStamp, Job

__all__ = ["QUIET_S", "looked_again", "when_quiet"]

QUIET_S = 10.0
_SECOND = 1_000_000_000


def when_quiet(job: Job, *, quiet_s: float, now_ns: int) -> Job | Deferral:
    """Return a job, or its deferral where one of its files was written to a moment ago.

    Parameters
    ----------
    job : Job
        With the stamps of this look.
    quiet_s : float
        So long a file must rest, in seconds.
    now_ns : int
        Time of this look, since 1970.
    """
    restless = next((stamp for stamp in job.stamps if not _rests(stamp, quiet_s, now_ns)), None)
    if restless is None:
        return job
    when = (
        "in the future by this machine's clock" if restless.modified_ns > now_ns else f"within the last {quiet_s:g} s"
    )
    reason = f"it was written to {when}; it is judged once it rests for {quiet_s:g} s"
    return Deferral(files=job.files, stamps=job.stamps, reason=reason, seen_ns=now_ns, job=job)


def looked_again(
    deferral: Deferral, *, quiet_s: float = QUIET_S, now: Callable[[], int] = time.time_ns
) -> Job | Deferral | None:
    """Return what has become of a deferred recording.

    Parameters
    ----------
    deferral : Deferral
        Of an earlier look.
    quiet_s : float
        So long a file must rest, in seconds: by its time of modification, or unchanged between two looks.
    now : callable
        Gives the time in nanoseconds since 1970.

    Returns
    -------
    Job, Deferral or None
        The job, now that it rests; a deferral, where it does not, or only another search can say what it is; None where
        the file is gone.
    """
    now_ns, job = now(), deferral.job
    if deferral.written_as is not None and (stamp := _stamp(deferral.written_as)) is not None:
        return replace(deferral, stamps=(stamp,))
    stamps = tuple(stamp for path in (job or deferral).files if (stamp := _stamp(path)) is not None)
    if len(stamps) < len((job or deferral).files):
        return None
    if job is None:  # its other side is missing
        return replace(deferral, stamps=stamps)
    job = replace(job, stamps=stamps)
    unchanged = deferral.written_as is None and stamps == deferral.stamps
    if unchanged and now_ns - deferral.seen_ns >= quiet_s * _SECOND:  # also where clocks differ
        return job
    found = when_quiet(job, quiet_s=quiet_s, now_ns=now_ns)
    return replace(found, seen_ns=deferral.seen_ns) if unchanged and isinstance(found, Deferral) else found


def _stamp(path: str) -> FileStamp | None:
    try:
        return look_at(path).stamp
    except OSError:
        return None


def _rests(stamp: FileStamp, quiet_s: float, now_ns: int) -> bool:
    return stamp.modified_ns == 0 or now_ns - stamp.modified_ns >= quiet_s * _SECOND
