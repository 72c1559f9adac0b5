"""A session beside the softphone: an endless source split into calls, each analysed as a recorded one would be.

The session works on the thread that calls `LiveSession.run`. What displays, keys and softphones ask for is put into a
queue from any thread and answered at the next block. No wall time decides anything below: every length is counted in
samples, so a session over a recorded source is the same each time it runs.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, count, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxaudio.analysis.prompt_speech import PromptSpeech
from cxaudio.engine import Analyser, CallRun
from cxaudio.errors import CxAudioError, UsageError
from cxaudio.live.call_edges import CallEnding, CallOpening, Onsets, Preroll
from cxaudio.live.displays import Displays
from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.events import Nudge
from cxaudio.model.live_state import LiveDisplay, LiveSource, LiveState, LiveStatus, Trouble
from cxaudio.model.report import CallReport
from cxaudio.replay.provenance import provenance_of
from cxaudio.replay.request import Outputs
from cxaudio.replay.result_sinks import make_sinks
from cxaudio.sinks.background import MOST_WAITING, BackgroundSinks
from cxaudio.sinks.files import storing
from cxaudio.sources.live.recorder import Recorder, recording_paths
from cxaudio.worker import Worker

if TYPE_CHECKING:
    from cxaudio.settings import Settings

__all__ = ["FinishedCall", "LiveSession", "OnBlock", "SessionOutputs"]

OnBlock = Callable[[AudioBlock], None]
"""Given every block as it came from the devices, also while paused and between calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOutputs:
    """What a session keeps; nothing unless asked for."""

    folder: Path | None = None  # a folder in it for each call, with its report
    record: Path | None = None  # the first call's recording; the others' names are numbered
    export: tuple[str, ...] = ()  # as in `replay`
    page_language: str = "en"  # BCP 47


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedCall:
    """A call that is over, with all that was kept of it."""

    report: CallReport  # its `failures` name what could not be kept
    folder: Path | None
    recording: Path | None


class LiveSession:
    """Hears an endless source all day; implements `LiveControls`.

    Parameters
    ----------
    source : LiveSource
        Both sides, in blocks of 20 to 50 ms; entered and left by `run`.
    settings : Settings
        In force.
    displays : sequence of LiveDisplay
        Fed from the session's thread; one that fails is left out and named in the call's report.
    language : str
        Of the calls, BCP 47.
    outputs : SessionOutputs
        What is kept.
    sound_out : callable, optional
        Asked once the source is entered, with its identity: where every block goes as it came.
    finished : callable, optional
        Told of each call that is over, on a thread of its own.
    now : callable
        The time of day, for the names of calls.

    Raises
    ------
    UsageError
        If the recording is there already.
    """

    def __init__(
        self,
        source: LiveSource,
        settings: "Settings",
        displays: Sequence[LiveDisplay] = (),
        *,
        language: str,
        outputs: SessionOutputs | None = None,
        sound_out: Callable[[CallInfo], OnBlock] | None = None,
        finished: Callable[[FinishedCall], None] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._source = source
        self._settings = settings
        self._displays = Displays(displays, prepare=self._for_display, failed=self._note_failed_display)
        self._language = language
        self._outputs = outputs or SessionOutputs()
        self._sound_out = sound_out
        self._on_block: OnBlock | None = None
        self._finished = finished
        self._now = now
        self._provenance = provenance_of(settings)
        self._asked: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._running = False
        if self._outputs.record is not None and self._outputs.record.exists():
            raise UsageError(f"{self._outputs.record}: there is a recording already; name another with --record")

    # What may be asked, from any thread -----------------------------------------------------------------------------

    def pause(self) -> None:
        """Stop hearing and empty every buffer."""
        self._asked.put(self._pause)

    def resume(self) -> None:
        """Hear again."""
        self._asked.put(self._resume)

    def snooze(self, seconds: float) -> None:
        """Show no nudges for so long; they are logged all the same. 0 ends it."""
        self._asked.put(lambda: self._snooze(seconds))

    def hold(self, on: bool) -> None:
        """Put the call on hold, or take it back; nothing heard on hold counts."""
        self._asked.put(lambda: self._hold(on))

    def start_call(self) -> None:
        """Begin a call now; one that is going on ends."""
        self._asked.put(self._start_by_hand)

    def end_call(self) -> None:
        """End the call now."""
        self._asked.put(self._end_by_hand)

    def stop(self) -> None:
        """End the call and the session at the next block; may be called from a signal handler."""
        self._stopping.set()

    # The loop -------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Hear until the source ends or `stop` is called; the call that is going on is then ended and reported.

        Raises
        ------
        CxAudioError
            What the source raises; the call that was going on has then been ended and reported.
        """
        if self._running:
            raise UsageError("a session runs once; make another")
        self._running = True
        self._worker = Worker("cxaudio-files", most_waiting=MOST_WAITING)
        try:
            with self._source as source:
                self._begin(source.info)
                try:
                    for block in source:
                        self._obey()
                        if self._stopping.is_set():
                            break
                        self._take(block)
                    self._obey()
                finally:
                    self._end_call(by_hand=False)
        finally:
            self._worker.stop()
            self._displays.show_status(LiveStatus(state=LiveState.STOPPED))

    def _begin(self, info: CallInfo) -> None:
        self._info = info
        self._clock = info.timebase
        if self._sound_out is not None:
            self._on_block = self._sound_out(info)
        limits = self._settings.live
        self._feed = self._clock.samples(limits.feed_s)
        self._feed_onset = self._clock.samples(limits.feed_onset_s)
        self._feed_again = min(self._feed, self._clock.samples(limits.feed_again_s))
        self._status_every = self._clock.samples(limits.status_s)
        self._preroll = Preroll(self._clock.samples(limits.preroll_s))
        self._opening = CallOpening(limits, self._clock)
        self._onsets = Onsets()
        self._call: _Call | None = None
        self._n_calls = 0
        self._position = 0  # samples heard in the session
        self._told_at = -1
        self._told: tuple[Any, ...] = ()
        self._paused = False
        self._on_hold = False
        self._snoozed_until = 0
        self._hidden: set[int] = set()  # nudges that were not shown
        self._analyser(info)  # what it needs is loaded now, not when the call begins and sound waits
        self._tell_status()

    def _obey(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._asked.get_nowait()()

    def _take(self, block: AudioBlock) -> None:
        """One block: sound out, then the call or the search for one, then the display."""
        if self._on_block is not None:
            self._on_block(block)
        self._position = block.end
        if self._paused:
            block = silenced(block)
        if self._call is None:
            if not self._paused:
                self._preroll.keep(block)
                if self._opening.hears(block):
                    self._start_call(by_hand=False)
        else:
            self._take_in_call(self._call, block)
        self._tell_status()

    def _take_in_call(self, call: "_Call", block: AudioBlock) -> None:
        call.ending.hear(block)
        lost = call.ending.lost_for > self._clock.samples(self._settings.live.lost_uncounted_s)
        held = self._on_hold or self._paused or lost or call.ending.line.gone_for > 0
        aside = self._on_hold or self._paused or block.dropout
        call.add(replace(block, held=held), paused=self._paused, aside=aside)
        if self._onsets.hears(block):
            call.due = min(call.due, block.start + self._feed_onset)
        if block.end >= call.due:
            self._work(call)
            if call.ending.is_over and not self._on_hold and not self._paused:
                self._end_call(by_hand=False)

    def _work(self, call: "_Call") -> None:
        """Feed what waits to the analyser and hand round what becomes known."""
        is_open = False
        for analysed, aside in call.work():
            call.ending.follow(analysed, aside=aside)
            is_open = self._onsets.follow(analysed)
        feed = self._feed // 2 if self._onsets.is_noisy else self._feed
        call.due = self._position + (self._feed_again if is_open else feed)

    def _for_display(self, analysed: Analysed) -> Analysed:
        """Return what the displays are given: the prompt facts are added and snoozed nudges left out."""
        shown = tuple(event for event in analysed.events if self._is_shown(event))
        return replace(analysed, events=shown, prompt=self._prompt.update(analysed))

    def _is_shown(self, event: object) -> bool:
        if not isinstance(event, Nudge):
            return True
        if self._position < self._snoozed_until and event.end is None:
            self._hidden.add(event.nudge_id)
        return event.nudge_id not in self._hidden

    def _note_failed_display(self, sentence: str) -> None:
        if self._call is not None:
            self._call.sinks.add_failure(sentence)

    def _analyser(self, info: CallInfo) -> Analyser:
        from cxaudio.analysis.call import CallAnalyser

        return CallAnalyser(info, self._settings.analysis, self._settings.pacing)

    # Calls ----------------------------------------------------------------------------------------------------------

    def _start_call(self, *, by_hand: bool) -> None:
        self._n_calls += 1
        before = self._preroll.take()
        begun = before[0].start if before else self._position
        started_at = self._now() - timedelta(seconds=(self._position - begun) / self._clock.sample_rate)
        started_at = started_at.replace(microsecond=0)
        info = replace(
            self._info,
            call_id=f"call-{started_at:%Y%m%d-%H%M%S}" + (f"-{self._n_calls}" if self._n_calls > 1 else ""),
            language=self._language,
            started_at=started_at,
        )
        call = self._call = _Call(info, begun, CallEnding(self._settings.live, self._clock), by_hand=by_hand)
        self._make_sinks(call)
        self._hidden.clear()
        self._prompt = PromptSpeech(self._settings.analysis, self._settings.pacing)
        call.run = CallRun(info, self._analyser(info), (self._displays, call.sinks), self._provenance)
        call.run.open()
        call.due = self._position
        for block in before:
            call.ending.hear(block)
            call.add(block, paused=False, aside=block.dropout)
        self._work(call)

    def _make_sinks(self, call: "_Call") -> None:
        """Make the call's folder, sinks and recorder, as requested; failures go into the report."""
        outputs = self._outputs
        if outputs.record is not None:
            named = (recording_paths(outputs.record, number) for number in count(self._n_calls))
            call.recording = next(path for path in named if not path.exists())
        sinks = []
        failure: str | None = None
        if outputs.folder is not None:
            first = outputs.folder / call.info.call_id
            beside = chain((first,), (first.with_name(f"{first.name}-{number}") for number in count(2)))
            call.folder = folder = next(path for path in beside if not path.exists())
            recordings = () if call.recording is None else (call.recording,)
            written = Outputs(folder=folder, export=outputs.export, page_language=outputs.page_language)
            try:
                sinks = make_sinks(written, self._provenance, recordings=recordings)
            except CxAudioError as exc:
                failure = str(exc)
        call.sinks = BackgroundSinks(sinks, self._worker, closed=lambda report: self._report(call, report))
        if failure is not None:
            call.sinks.add_failure(failure)
        if call.recording is not None:
            call.recorder = _BackgroundRecorder(call.recording, self._worker, call.sinks)
            call.recorder.open(call.info)

    def _end_call(self, *, by_hand: bool) -> None:
        call = self._call
        if call is None:
            return
        self._work(call)
        kept = by_hand or call.by_hand or call.ending.was_a_call
        if call.recorder is not None:
            call.recorder.close(keep=kept)
        if kept:
            call.run.finish()
        else:
            call.run.abort()
        self._call = None
        self._on_hold = False
        self._opening.wait(for_quiet=by_hand)

    def _report(self, call: "_Call", report: CallReport | None) -> None:
        """On the files' thread: the call is over and all is written."""
        if report is None:
            if call.folder is not None:
                with suppress(OSError):
                    call.folder.rmdir()  # it was no call, and its files are gone
        elif self._finished is not None:
            with suppress(Exception):  # whoever is told must not stop the files of the next call
                self._finished(FinishedCall(report=report, folder=call.folder, recording=call.recording))

    # What was asked for ---------------------------------------------------------------------------------------------

    def _pause(self) -> None:
        if self._paused:
            return
        self._paused = True
        self._preroll.forget()
        self._opening.wait()
        if self._call is not None:
            self._call.forget_waiting()
        self._source.flush_buffers()
        self._tell_status()

    def _resume(self) -> None:
        self._paused = False
        self._tell_status()

    def _snooze(self, seconds: float) -> None:
        self._snoozed_until = self._position + self._clock.samples(max(0.0, seconds)) if seconds > 0 else 0
        self._tell_status()

    def _hold(self, on: bool) -> None:
        if self._call is not None:
            self._on_hold = on
            self._tell_status()

    def _start_by_hand(self) -> None:
        if self._call is not None:
            self._end_call(by_hand=True)
        self._start_call(by_hand=True)
        self._tell_status()

    def _end_by_hand(self) -> None:
        self._end_call(by_hand=True)
        self._tell_status()

    # What is shown --------------------------------------------------------------------------------------------------

    def _state(self, troubles: tuple[Trouble, ...]) -> LiveState:
        if self._paused:
            return LiveState.PAUSED
        if troubles:
            return LiveState.TROUBLE
        if self._call is None:
            return LiveState.WAITING
        return LiveState.ON_HOLD if self._on_hold else LiveState.LISTENING

    def _tell_status(self) -> None:
        """Tell the displays the state where it changed, and every so often."""
        call = self._call
        troubles = self._source.troubles()
        names = self._source.device_names()
        snoozed = max(0, self._snoozed_until - self._position)
        state = self._state(troubles)
        now = (state, troubles, names, None if call is None else call.info.call_id, snoozed > 0)
        if now == self._told and self._position - self._told_at < self._status_every:
            return
        self._told, self._told_at = now, self._position
        self._displays.show_status(
            LiveStatus(
                state=state,
                troubles=troubles,
                call_id=None if call is None else call.info.call_id,
                call_seconds=0.0 if call is None else self._clock.seconds(self._position - call.begun),
                recording=call is not None and call.recorder is not None and call.recorder.is_recording,
                snoozed_s=self._clock.seconds(snoozed),
                agent_device=names[0],
                customer_device=names[1],
            )
        )


class _Call:
    """A call in progress, and the blocks that wait to be analysed."""

    sinks: BackgroundSinks
    run: CallRun

    def __init__(self, info: CallInfo, begun: int, ending: CallEnding, *, by_hand: bool) -> None:
        self.info = info
        self.begun = begun  # sample of the session at which the call begins
        self.ending = ending
        self.by_hand = by_hand
        self.due = 0  # sample of the session at which what waits is to be worked
        self.folder: Path | None = None
        self.recording: Path | None = None
        self.recorder: _BackgroundRecorder | None = None
        self._waiting: list[_Waiting] = []

    def add(self, block: AudioBlock, *, paused: bool, aside: bool) -> None:
        """Take a block of the session."""
        self._waiting.append(_Waiting(replace(block, start=block.start - self.begun), paused, aside))

    def forget_waiting(self) -> None:
        """Put silence in the place of what waits."""
        self._waiting = [_Waiting(silenced(block), True, True) for block, _, _ in self._waiting]

    def work(self) -> list[tuple[Analysed, bool]]:
        """Feed what waits, in runs marked alike: what became known, and whether silence in it says nothing."""
        out = []
        waiting, self._waiting = self._waiting, []
        for _, group in groupby(waiting, key=_Waiting.marks):
            alike = list(group)
            block, paused, aside = alike[0]
            if len(alike) > 1:
                block = replace(block, samples=np.concatenate([each.block.samples for each in alike], axis=1))
            if self.recorder is not None:
                self.recorder.write(block, paused=paused)
            out.append((self.run.feed(block), aside))
        return out


class _Waiting(NamedTuple):
    """A block that waits for the analyser."""

    block: AudioBlock
    paused: bool
    aside: bool  # on hold, paused or lost: silence in it does not mean that the call is over

    def marks(self) -> tuple[object, ...]:
        """What blocks must share to be given at once."""
        return self.block.dropout, self.block.dropout_side, self.block.held, self.paused, self.aside


class _BackgroundRecorder:
    """A recorder on the files' thread; a failure ends the recording and is told in the report, never the call."""

    def __init__(self, path: Path, worker: Worker, sinks: BackgroundSinks) -> None:
        self._recorder = Recorder(path)
        self._worker = worker
        self._sinks = sinks
        self.is_recording = True

    def open(self, call: CallInfo) -> None:
        """Begin the files."""
        self._worker.put(lambda: self._try(lambda: self._open(call)))

    def write(self, block: AudioBlock, *, paused: bool) -> None:
        """Append a block."""
        if self.is_recording and not self._worker.try_put(
            lambda: self._try(lambda: self._recorder.write(block, paused=paused))
        ):
            self._fail("fell behind a live call, as the disk is too slow; name a file elsewhere with --record")

    def close(self, *, keep: bool) -> None:
        """End the files, or leave none."""
        self._worker.put(lambda: self._try(self._recorder.close if keep else self._recorder.discard))

    def _open(self, call: CallInfo) -> None:
        with storing(self._recorder.path.parent):
            self._recorder.path.parent.mkdir(parents=True, exist_ok=True)
        self._recorder.open(call)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as exc:  # the call goes on without its recording
            self._fail(str(exc))

    def _fail(self, reason: str) -> None:
        if self.is_recording:
            self.is_recording = False
            self._sinks.add_failure(f"Recorder: {reason}")


def silenced(block: AudioBlock) -> AudioBlock:
    """The stretch of a block with nothing of its sound, marked so that nothing in it counts."""
    return replace(block, samples=np.zeros_like(block.samples), dropout=True, dropout_side=None, held=True)
