"""A long day at the softphone in little time: a made source, the session's own loop, files, page and a client of it."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from cxaudio.live.session import FinishedCall, LiveSession, SessionOutputs
from cxaudio.made.synthetic import made_call
from cxaudio.memory import give_back_freed_memory
from cxaudio.model.blocks import AudioBlock, CallInfo
from cxaudio.model.live_state import Trouble
from cxaudio.model.timebase import Timebase
from cxaudio.settings import load_settings
from cxaudio.sinks.hud.display import HudDisplay
from support.hud_client import HudClient

__all__ = ["Day", "LongDay", "run_day"]

_RATE = 8_000
_BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
_LEAD = 5 * _RATE  # more than a call has of the sound before it was found
_MOST_WAITING = 50  # tasks of the files' thread, which real time would give it the time for


class EndedCall(NamedTuple):
    """What is kept of a call that is over: not its report, since the session keeps none and its memory is watched."""

    name: str
    n_samples: int
    failures: tuple[str, ...]
    folder: Path | None
    recording: Path | None


@dataclass(slots=True)
class Day:
    """What came of a day."""

    finished: list[EndedCall] = field(default_factory=list)
    n_samples: int = 0  # given out by the source
    n_views: int = 0  # received by the client of the page
    wrong: list[str] = field(default_factory=list)  # recordings that do not hold the sound of their call


class LongDay:
    """Calls in an endless silence, as a live source that gives blocks of the length asked for, as fast as they go.

    Parameters
    ----------
    calls : sequence of path
        Sound of each call, as `_keep` writes it; some are repeated where there are fewer than `n_calls`.
    n_calls : int
    seconds : float
        Length of the day; the calls are spread evenly.
    every : float
        Seconds of the day after which `look` is called.
    look : callable
        Given the seconds of the day so far.
    """

    def __init__(
        self,
        calls: list[Path],
        n_calls: int,
        seconds: float,
        *,
        every: float,
        look: Callable[[float], None],
    ) -> None:
        self._calls = calls
        self._n_calls = n_calls
        self._length = round(seconds * _RATE)
        self._apart = self._length // n_calls
        self._every, self._look = round(every * _RATE), look
        self._n = _RATE // 25
        self.position = 0
        self.busy: Callable[[], bool] = lambda: False
        self.settle: Callable[[], object] = lambda: None  # returns once all files are written

    @property
    def info(self) -> CallInfo:
        return CallInfo(
            call_id="session",
            origin="live",
            language="en",
            started_at=None,
            timebase=Timebase(_RATE),
            source_rates=(_RATE, _RATE),
            channels=(0, 0),
        )

    @property
    def n_samples(self) -> int | None:
        return None

    def now(self) -> datetime:
        return _BEGAN + timedelta(seconds=self.position / _RATE)

    def sound(self, number: int, first: int = 0, n: int = -1) -> NDArray[np.float32]:
        """Return the sound of a call, shape ``(2, m)``: from a file, so that it takes none of the session's memory."""
        path = self._calls[number % len(self._calls)]
        samples = np.fromfile(path, np.float32, 2 * n if n >= 0 else -1, offset=8 * first)
        return samples.reshape(-1, 2).T

    def __iter__(self) -> Iterator[AudioBlock]:
        looked = 0
        while self.position < self._length:
            while self.busy():
                time.sleep(0.001)
            start, n = self.position, min(self._n, self._length - self.position)
            samples = np.zeros((2, n), np.float32)
            number, at = divmod(start, self._apart)
            if number < self._n_calls:
                piece = self.sound(number, at, n)
                samples[:, : piece.shape[1]] = piece
            self.position = start + n
            yield AudioBlock(start=start, samples=samples)
            if self.position - looked >= self._every:
                looked = self.position
                self.settle()
                self._look(self.position / _RATE)

    def troubles(self) -> tuple[Trouble, ...]:
        return ()

    def device_names(self) -> tuple[str | None, str | None]:
        return "microphone", "earpiece"

    def flush_buffers(self) -> None: ...

    def set_block_length(self, n_samples: int) -> None:
        self._n = n_samples

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def run_day(
    folder: Path,
    *,
    n_calls: int,
    call_s: float,
    day_s: float,
    every_s: float = 300.0,
    look: Callable[[float], None] = lambda seconds: None,
    overrides: Mapping[str, float] | None = None,
) -> Day:
    """Run a day through a session that records, reports and shows a page, and check what was recorded."""
    settings = load_settings(language="en", overrides=overrides)
    sounds = [_keep(folder / f"made-{seed}", seed, call_s) for seed in range(40, 40 + min(4, n_calls))]
    give_back_freed_memory()
    source = LongDay(sounds, n_calls, day_s, every=every_s, look=look)
    day = Day()
    with HudDisplay(None, language="en", pacing=settings.pacing) as hud:
        session = LiveSession(
            source,
            settings,
            [hud],
            language="en",
            outputs=SessionOutputs(folder=folder / "calls", record=folder / "call.wav"),
            finished=lambda call: day.finished.append(_ended(call)),
            now=source.now,
        )
        hud.connect(session)
        source.busy = lambda: session._worker._tasks.qsize() > _MOST_WAITING
        source.settle = lambda: session._worker.submit(lambda: None).result()
        follower = threading.Thread(target=_follow, args=(hud, day), daemon=True)
        follower.start()
        session.run()
    follower.join(5)
    day.n_samples = source.position
    for number, call in enumerate(day.finished):
        wrong = _wrong_with(call, source.sound(number))
        if wrong is not None:
            day.wrong.append(f"{call.name}: {wrong}")
    return day


def _ended(call: FinishedCall) -> EndedCall:
    report = call.report
    return EndedCall(report.call.call_id, report.duration, tuple(report.failures), call.folder, call.recording)


def _keep(path: Path, seed: int, call_s: float) -> Path:
    """Make a call and write its samples, those of both sides in turn."""
    made_call(seed, seconds=call_s, sample_rate=_RATE)[0].T.tofile(path)
    return path


def _follow(hud: HudDisplay, day: Day) -> None:
    """Follow the page to its end, as a browser does."""
    client = HudClient(hud)
    assert client.enter().status == 204
    with client.stream() as views:
        for _ in views:
            day.n_views += 1


def _wrong_with(call: EndedCall, sound: NDArray[Any]) -> str | None:
    """Return how a recording differs from the sound of its call; None where it holds every sample of it."""
    assert call.recording is not None
    recorded = soundfile.read(call.recording, dtype="float32")[0].T
    if recorded.shape[1] != call.n_samples:
        return f"{recorded.shape[1]} samples are recorded of {call.n_samples}"
    # The call begins some seconds before the customer speaks: with sound of this call, or with the silence before it.
    whole = np.zeros((2, _LEAD + max(sound.shape[1], recorded.shape[1])), np.float32)
    whole[:, _LEAD : _LEAD + sound.shape[1]] = sound
    head = recorded[:, :_LEAD]
    for at in range(0, whole.shape[1], _RATE // 100):
        if np.array_equal(whole[:, at : at + _RATE // 10], head[:, : _RATE // 10]) and head.any():
            rest = whole[:, at:]
            if np.array_equal(rest, recorded[:, : rest.shape[1]]) or (
                np.array_equal(rest[:, : recorded.shape[1]], recorded) and not rest[:, recorded.shape[1] :].any()
            ):
                return None
    return "the recording is not the sound that came"
