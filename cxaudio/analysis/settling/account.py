"""Decide with the whole call known who spoke, what the line played, and what was not recorded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.holds import HoldDetector, HoldSpan
from cxaudio.analysis.leak_guard import LeakGuard
from cxaudio.analysis.settling.rows import CallRows
from cxaudio.model.events import LineSoundKind, Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.policy import AnalysisSettings
from cxaudio.model.timebase import Timebase

__all__ = ["Account", "SoundSpan", "settle"]


@dataclass(frozen=True, slots=True)
class SoundSpan:
    """A sound of the line, in ticks ``[first, last)``."""

    first: int
    last: int
    side: Side
    kind: LineSoundKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What was settled of a call."""

    speaking: NDArray[np.bool_]  # (2, n) ticks in which a person speaks, before gaps are bridged
    holds: tuple[HoldSpan, ...]  # in samples, in order, none overlapping another; all have ended
    sounds: tuple[SoundSpan, ...]  # in order of their beginning


def settle(rows: CallRows, analysis: AnalysisSettings, facts: HeadsetFacts, timebase: Timebase) -> Account:
    """Settle a call: each step takes from the speech what it can explain by something that is no person.

    Parameters
    ----------
    rows : CallRows
        All ticks of the call.
    analysis : AnalysisSettings
        Settings of detection, leakage and holds.
    facts : HeadsetFacts
        What was measured of the agent's headset.
    timebase : Timebase
        The call's clock.
    """
    speaking = rows.speaking
    if all(rows.present):
        guard = LeakGuard(analysis.leakage, facts)
        power, noise = (rows.power[0], rows.power[1]), (rows.noise[0], rows.noise[1])
        speaking = guard.remove_leaks(power, noise, speaking)
    detector = HoldDetector(analysis.hold, timebase)
    marks = [*detector.process(rows.tonal, speaking), *detector.flush()]
    holds = tuple(mark.span for mark in marks if not mark.held)
    return Account(speaking=speaking, holds=holds, sounds=())
