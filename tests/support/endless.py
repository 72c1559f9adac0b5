"""A live source of sound in memory: blocks of 20 ms as fast as they are taken, with losses and requests in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cxaudio.made.synthetic import made_call
from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.events import Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.live_state import LiveStatus, Trouble
from cxaudio.model.report import CallReport
from cxaudio.model.timebase import Timebase

__all__ = ["EndlessSource", "Lost", "Watcher", "call_and_silence"]


@dataclass(frozen=True, slots=True)
class Lost:
    """Describe a stretch that capture lost, in samples."""

    start: int
    end: int
    side: Side | None = None


@dataclass(slots=True)
class EndlessSource:
    """Play an array of shape (2, n) as a live source, and make requests at given samples."""

    samples: NDArray[np.float32]
    rate: int = 16_000
    lost: Sequence[Lost] = ()
    asks: Mapping[int, Callable[[], None]] = field(default_factory=dict)  # by sample
    wrong: tuple[Trouble, ...] = ()
    headset_facts: HeadsetFacts | None = None
    flushed: int = 0
    block_lengths: list[int] = field(default_factory=list)  # asked for and not followed

    @property
    def info(self) -> CallInfo:
        return CallInfo(
            call_id="session",
            origin="live",
            language="en",
            started_at=None,
            timebase=Timebase(self.rate),
            source_rates=(16_000, 48_000),
            channels=(0, 0),
            headset_facts=self.headset_facts,
        )

    @property
    def n_samples(self) -> int | None:
        return None

    def __iter__(self) -> Iterator[AudioBlock]:
        length = self.rate // 50
        edges = {0, self.samples.shape[1], *range(0, self.samples.shape[1], length)}
        edges |= {edge for each in self.lost for edge in (each.start, each.end)}
        asks = sorted(self.asks.items())
        ends = sorted(edges)
        for start, end in pairwise(ends):
            while asks and asks[0][0] <= start:
                asks.pop(0)[1]()
            piece = self.samples[:, start:end]
            lost = next((each for each in self.lost if each.start <= start < each.end), None)
            if lost is not None:
                piece = piece.copy()
                piece[slice(None) if lost.side is None else lost.side] = 0
            yield AudioBlock(
                start=start,
                samples=piece,
                dropout=lost is not None,
                dropout_side=None if lost is None else lost.side,
            )

    def troubles(self) -> tuple[Trouble, ...]:
        return self.wrong

    def device_names(self) -> tuple[str | None, str | None]:
        return None, None

    def flush_buffers(self) -> None:
        self.flushed += 1

    def set_block_length(self, n_samples: int) -> None:
        self.block_lengths.append(n_samples)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(slots=True)
class Watcher:
    """Keep everything that a display is shown."""

    calls: list[CallInfo] = field(default_factory=list)
    shown: list[Analysed] = field(default_factory=list)
    reports: list[CallReport | None] = field(default_factory=list)
    statuses: list[LiveStatus] = field(default_factory=list)

    def open(self, call: CallInfo) -> None:
        self.calls.append(call)

    def write(self, analysed: Analysed) -> None:
        self.shown.append(analysed)

    def close(self, report: CallReport | None) -> None:
        self.reports.append(report)

    def show_status(self, status: LiveStatus) -> None:
        self.statuses.append(status)


def call_and_silence(
    *seconds: float, rate: int = 16_000, seed: int = 5, silence_s: float = 40.0
) -> NDArray[np.float32]:
    """Make calls one after the other, each followed by digital silence, shape (2, n)."""
    pieces = [np.zeros((2, rate * 2), np.float32)]
    for number, length in enumerate(seconds):
        pieces.append(made_call(seed + number, seconds=length, sample_rate=rate)[0])
        pieces.append(np.zeros((2, round(silence_s * rate)), np.float32))
    return np.concatenate(pieces, axis=1)
