"""Name the row that a recording's sound belongs to, without judging it."""

from contextlib import ExitStack

from cxaudio.archive.finding.local_copy import local_copy
from cxaudio.archive.job import Job
from cxaudio.archive.running.judge import call_files
from cxaudio.archive.running.plan import Plan
from cxaudio.archive.store.identity import row_id
from cxaudio.replay.one_call import make_source

__all__ = ["row_of_sound"]


def row_of_sound(job: Job, plan: Plan, *, settings_digest: str) -> str:
    """Decode a recording and return the name of its row.

    Parameters
    ----------
    job : Job
        The call.
    plan : Plan
        Which channels are read, where the job does not say it.
    settings_digest : str
        Of the settings that it was judged with.

    Returns
    -------
    str
        64 hex digits.

    Raises
    ------
    CxAudioError
        If the recording cannot be read.
    """
    from cxaudio.settings import settings_from_values

    language = job.language or plan.language
    settings = settings_from_values(plan.values_for(language))
    with ExitStack() as opened:
        files = call_files(job, [opened.enter_context(local_copy(file)) for file in job.files])
        source = opened.enter_context(make_source(files, settings, language=language, longest_s=plan.max_hours * 3600))
        for _ in source:
            pass
        return row_id(source.sound_digest, settings_digest)
