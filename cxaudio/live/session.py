"""Run a live session: split an endless source into calls and analyse each one as replay does.

The session runs on the thread that calls `LiveSession.run`. Commands of displays, keys and softphones are queued from
any thread and carried out at the next block. No wall time decides anything: every length is counted in samples, so a
session over a recorded source gives the same result each time.
"""

import gc
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
from cxaudio.memory import give_back_freed_memory
from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.events import Event, Nudge
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

_BLOCK_S = (
    0.08  # in a call; the beginning of speech is seen with the end of its block, before it can be decided. Chosen.
)
_BLOCK_WAITING_S = 0.2  # before a call, when nothing but a button must be followed soon. Chosen.
_SHORTEST_BLOCK_S = 0.02  # a shorter one costs as much and shows nothing sooner

OnBlock = Callable[[AudioBlock], None]
"""Called with every block as the devices delivered it, also while paused and between calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOutputs:
    """What a session writes; nothing unless requested."""

    folder: Path | None = None  # gets a folder for each call, with its report
    record: Path | None = None  # recording of the first call; later ones are numbered
    export: tuple[str, ...] = ()  # as in `replay`
    page_language: str = "en"  # BCP 47


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedCall:
    """A call that is over, and what was written of it."""

    report: CallReport  # its `failures` name what could not be written
    folder: Path | None
    recording: Path | None


class LiveSession:
    """Analyse an endless source, call by call; implements `LiveControls`.

    Parameters
    ----------
    source : LiveSource
        Both sides, in blocks of 20 to 200 ms; entered and left by `run`.
    settings : Settings
        In force.
    displays : sequence of LiveDisplay
        Called on the session's thread; one that fails is left out and named in the call's report.
    language : str
        Of the calls, BCP 47.
    outputs : SessionOutputs
        What is written.
    sound_out : callable, optional
        Called with the source's identity once it is entered; returns what receives every block unchanged.
    at_end : callable, optional
        Called with the length of a call that ends, in samples; returns what only its end brought to light.
    finished : callable, optional
        Called with each call that is over, on another thread.
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
        at_end: Callable[[int], Sequence[Event]] | None = None,
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
        self._at_end = at_end
        self._finished = finished
        self._now = now
        self._provenance = provenance_of(settings)
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._running = False
        if self._outputs.record is not None and self._outputs.record.exists():
            raise UsageError(f"{self._outputs.record}: there is a recording already; name another with --record")

    # Commands, from any thread --------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Stop analysing and empty every buffer."""
        self._commands.put(self._pause)

    def resume(self) -> None:
        """Analyse again."""
        self._commands.put(self._resume)

    def snooze(self, seconds: float) -> None:
        """Show no nudges for so many seconds; they are still logged. 0 ends it."""
        self._commands.put(lambda: self._snooze(seconds))

    def hold(self, on: bool) -> None:
        """Put the call on hold, or take it back; nothing on hold counts."""
        self._commands.put(lambda: self._hold(on))

    def start_call(self) -> None:
        """Begin a call now; a call in progress ends."""
        self._commands.put(self._start_by_hand)

    def end_call(self) -> None:
        """End the call now."""
        self._commands.put(self._end_by_hand)

    def stop(self) -> None:
        """End the call and the session at the next block; may be called from a signal handler."""
        self._stopping.set()

    # The loop -------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Analyse until the source ends or `stop` is called; a call in progress is then ended and reported.

        Raises
        ------
        CxAudioError
            What the source raises; a call in progress has then been ended and reported.
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
                        self._run_commands()
                        if self._stopping.is_set():
                            break
                        self._take(block)
                    self._run_commands()
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
        self._block = self._clock.samples(_BLOCK_S)
        self._block_waiting = self._clock.samples(_BLOCK_WAITING_S)
        self._shortest_block = self._clock.samples(_SHORTEST_BLOCK_S)
        self._status_every = self._clock.samples(limits.status_s)
        self._preroll = Preroll(self._clock.samples(limits.preroll_s))
        self._opening = CallOpening(limits, self._clock)
        self._onsets = Onsets(self._clock)
        self._call: _Call | None = None
        self._n_calls = 0
        self._position = 0  # samples of the session
        self._shown_at = -1
        self._shown_status: tuple[Any, ...] = ()
        self._paused = False
        self._on_hold = False
        self._snoozed_until = 0
        self._hidden: set[int] = set()  # nudges that were not shown
        self._analyser(info)  # loads what it needs now, not when a call begins and sound waits
        self._show_status()

    def _run_commands(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._commands.get_nowait()()

    def _take(self, block: AudioBlock) -> None:
        """Pass a block on, analyse it or search it for a call, then renew the status."""
        if self._on_block is not None:
            self._on_block(block)
        self._position = block.end
        if self._paused:
            block = silenced(block)
        if self._call is None:
            if not self._paused:
                self._preroll.keep(block)
                if self._opening.detects(block):
                    self._start_call(by_hand=False)
        else:
            self._take_in_call(self._call, block)
        self._show_status()
        if self._on_block is None:  # else the cable plays what it is given, so it must be given it soon
            self._source.set_block_length(self._next_length())

    def _next_length(self) -> int:
        """Return how long the next block should be: so that it ends when sound is due, and long while all is quiet."""
        if self._call is None:
            return self._block_waiting
        return max(self._shortest_block, min(self._block, self._call.due - self._position))

    def _take_in_call(self, call: "_Call", block: AudioBlock) -> None:
        call.ending.take(block)
        lost = call.ending.lost_for > self._clock.samples(self._settings.live.lost_uncounted_s)
        held = self._on_hold or self._paused or lost or call.ending.line.gone_for > 0
        aside = self._on_hold or self._paused or block.dropout
        call.add(replace(block, held=held), paused=self._paused, aside=aside)
        began = self._onsets.detects(block)
        if began is not None:
            call.due = min(call.due, began + self._feed_onset)
        if block.end >= call.due:
            self._work(call)
            if call.ending.is_over and not self._on_hold and not self._paused:
                self._end_call(by_hand=False)

    def _work(self, call: "_Call") -> None:
        """Analyse the waiting blocks and decide when the next ones are due."""
        is_open = False
        for analysed, aside in call.work():
            call.ending.follow(analysed, aside=aside)
            is_open = self._onsets.follow(analysed)
        call.due = self._position + (self._feed_again if is_open else self._feed)

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
            call.ending.take(block)
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
            call.run.finish(late=() if self._at_end is None else self._at_end(self._position - call.begun))
        else:
            call.run.abort()
        self._call = None
        # What a call leaves refers to itself, 5 MB of it, and would wait for hours. Both after its files were written.
        self._worker.put(gc.collect)
        self._worker.put(give_back_freed_memory)
        self._on_hold = False
        self._opening.wait(for_quiet=by_hand)

    def _report(self, call: "_Call", report: CallReport | None) -> None:
        """Report a call whose files are all written; called on the files' thread."""
        if report is None:
            if call.folder is not None:
                with suppress(OSError):
                    call.folder.rmdir()  # it was no call, and its files were removed
        elif self._finished is not None:
            with suppress(Exception):  # a failing caller must not stop the files of the next call
                self._finished(FinishedCall(report=report, folder=call.folder, recording=call.recording))

    # Commands, carried out -------------------------------------------------------------------------------------------

    def _pause(self) -> None:
        if self._paused:
            return
        self._paused = True
        self._preroll.forget()
        self._opening.wait()
        if self._call is not None:
            self._call.forget_waiting()
        self._source.flush_buffers()
        self._show_status()

    def _resume(self) -> None:
        self._paused = False
        self._show_status()

    def _snooze(self, seconds: float) -> None:
        self._snoozed_until = self._position + self._clock.samples(max(0.0, seconds)) if seconds > 0 else 0
        self._show_status()

    def _hold(self, on: bool) -> None:
        if self._call is not None:
            self._on_hold = on
            self._show_status()

    def _start_by_hand(self) -> None:
        if self._call is not None:
            self._end_call(by_hand=True)
        self._start_call(by_hand=True)
        self._show_status()

    def _end_by_hand(self) -> None:
        self._end_call(by_hand=True)
        self._show_status()

    # What is shown --------------------------------------------------------------------------------------------------

    def _state(self, troubles: tuple[Trouble, ...]) -> LiveState:
        if self._paused:
            return LiveState.PAUSED
        if troubles:
            return LiveState.TROUBLE
        if self._call is None:
            return LiveState.WAITING
        return LiveState.ON_HOLD if self._on_hold else LiveState.LISTENING

    def _show_status(self) -> None:
        """Show the status where it changed, and at regular intervals."""
        call = self._call
        troubles = self._source.troubles()
        names = self._source.device_names()
        snoozed = max(0, self._snoozed_until - self._position)
        state = self._state(troubles)
        now = (state, troubles, names, None if call is None else call.info.call_id, snoozed > 0)
        if now == self._shown_status and self._position - self._shown_at < self._status_every:
            return
        self._shown_status, self._shown_at = now, self._position
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
        self.due = 0  # sample of the session at which the waiting blocks are to be analysed
        self.folder: Path | None = None
        self.recording: Path | None = None
        self.recorder: _BackgroundRecorder | None = None
        self._waiting: list[_Waiting] = []

    def add(self, block: AudioBlock, *, paused: bool, aside: bool) -> None:
        """Queue a block of the session."""
        self._waiting.append(_Waiting(replace(block, start=block.start - self.begun), paused, aside))

    def forget_waiting(self) -> None:
        """Replace the waiting blocks by silence."""
        self._waiting = [_Waiting(silenced(block), True, True) for block, _, _ in self._waiting]

    def work(self) -> list[tuple[Analysed, bool]]:
        """Analyse the waiting blocks, those with equal marks at once; return what became known, each with `aside`."""
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
    aside: bool  # on hold, paused or lost, so its silence does not end the call

    def marks(self) -> tuple[object, ...]:
        """Return what blocks must share to be analysed at once."""
        return self.block.dropout, self.block.dropout_side, self.block.held, self.paused, self.aside


class _BackgroundRecorder:
    """Record on the files' thread; a failure ends the recording, not the call, and is named in the report."""

    def __init__(self, path: Path, worker: Worker, sinks: BackgroundSinks) -> None:
        self._recorder = Recorder(path)
        self._worker = worker
        self._sinks = sinks
        self.is_recording = True

    def open(self, call: CallInfo) -> None:
        """Queue the opening of the files."""
        self._worker.put(lambda: self._try(lambda: self._open(call)))

    def write(self, block: AudioBlock, *, paused: bool) -> None:
        """Queue a block."""
        if self.is_recording and not self._worker.try_put(
            lambda: self._try(lambda: self._recorder.write(block, paused=paused))
        ):
            self._fail("fell behind a live call, as the disk is too slow; name a file elsewhere with --record")

    def close(self, *, keep: bool) -> None:
        """Queue the end of the files, or their removal."""
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
    """Return a block of zeros in place of this one, marked so that nothing in it counts."""
    return replace(block, samples=np.zeros_like(block.samples), dropout=True, dropout_side=None, held=True)
