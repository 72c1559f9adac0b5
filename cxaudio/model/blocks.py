"""A call's identity, its blocks of two-sided sound, and the results of the analyser for each block."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from cxaudio.model.events import Event, QualityNotice, Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.prompt import PromptFacts
from cxaudio.model.timebase import Timebase

__all__ = ["Analysed", "AudioBlock", "CallInfo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInfo:
    """The identity of a call and the source of its sound."""

    call_id: str  # of a recorded call known only once it was read to its end
    origin: str  # "wav", "wav-pair", "live", "synthetic"
    language: str  # BCP 47
    started_at: datetime | None  # UTC
    timebase: Timebase
    source_rates: tuple[int, int]  # Hz, agent and customer, as they came in
    channels: tuple[int | None, int | None]  # channel of the source each side came from; None: no such side
    headset: str | None = None  # profile name
    headset_facts: HeadsetFacts | None = None  # measured facts of it; None: none
    role_source: str = "given"  # how the roles were decided: "given", "layout:NAME", "settings", "mono", "recorded"
    two_sided: bool = True  # False: a mono mix, one-sided figures only
    notices: tuple[QualityNotice, ...] = field(default_factory=tuple)  # found while the source was read


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioBlock:
    """A run of samples of both sides; its length has no meaning."""

    start: int  # samples since the call began
    samples: NDArray[np.float32]  # shape (2, n), full scale +-1.0, read-only
    dropout: bool = False  # True: this stretch was lost and the samples are zeros
    dropout_side: Side | None = None  # whose sound was lost; the other side's came through. None: both
    held: bool = False  # True: on hold by hand, so nothing in this stretch counts

    @property
    def end(self) -> int:
        """Return the first sample after the block."""
        return self.start + int(self.samples.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysed:
    """The results that became known with a block."""

    heard_to: int  # samples of input received so far
    clean: AudioBlock  # suppressed sound; may lag behind `heard_to`, never shifted; empty unless asked for
    events: tuple[Event, ...]  # in order of `decided_at`
    first_tick: int  # number of the first tick in the three arrays below, which are prompt and unsmoothed
    level_dbov: NDArray[np.float32]  # shape (2, m), level of each tick
    speaking: NDArray[np.bool_]  # shape (2, m), the detector's decision
    probability: NDArray[np.float32]  # shape (2, m), 0..1
    account: tuple[Event, ...] = ()  # at the end of the call: `Settled`, what replaces the events taken back, figures
    prompt: PromptFacts | None = None  # only where a live session adds it for its displays
