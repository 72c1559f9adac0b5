"""Measure recorded takes, also fewer wearings of them, and do so for many headsets in one or two processes."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import TypeVar

from cxaudio.laboratory.measures.headset_report import HeadsetReport, measure_headset
from cxaudio.laboratory.takes.judge import judge_takes
from cxaudio.laboratory.takes.protocol import Role, plan_of
from cxaudio.laboratory.takes.take import Take

__all__ = ["ROLES", "each_of", "measured", "without_sound"]

Job = TypeVar("Job")
Result = TypeVar("Result")

ROLES = tuple(role for role in Role if role is not Role.CALL)
"""Roles that are recorded: the figures of a call have no truth here."""


def measured(takes: Sequence[Take], wearings: int = 100, model: str = "second") -> HeadsetReport:
    """Judge and measure takes.

    Parameters
    ----------
    takes : sequence of Take
    wearings : int
        Later wearings are left out.
    model : str

    Returns
    -------
    HeadsetReport
    """
    kept = [take for take in takes if plan_of(take.role).repeated != "wearing" or take.number <= wearings]
    return measure_headset(judge_takes(model, kept))


def without_sound(report: HeadsetReport) -> HeadsetReport:
    """Return a report whose takes have hardly any sound, to be kept or sent to another process."""
    takes = tuple(replace(take, samples=take.samples[:16], played=None, other_side=None) for take in report.takes.takes)
    return replace(report, takes=replace(report.takes, takes=takes), impulse=None)


def each_of(work: Callable[[Job], Result], jobs: Iterable[Job], n_processes: int) -> list[Result]:
    """Return the result of each job, in order.

    Parameters
    ----------
    work : callable
        A function of a module, so that another process finds it.
    jobs : iterable
    n_processes : int
        1: in this process.
    """
    if n_processes <= 1:
        return [work(job) for job in jobs]
    with ProcessPoolExecutor(n_processes) as pool:
        return list(pool.map(work, jobs))
