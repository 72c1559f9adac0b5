"""Analyse a whole call: both sides' samples by the block, then the trackers by the tick; itself a stage."""

import math
from dataclasses import replace

import numpy as np

from cxaudio.analysis.closing_figures import ClosingFigures
from cxaudio.analysis.dropout_watch import DropoutWatch
from cxaudio.analysis.hold_merger import HoldMerger
from cxaudio.analysis.holds import HoldDetector
from cxaudio.analysis.leak_guard import LeakGuard
from cxaudio.analysis.quality import QualityMonitor
from cxaudio.analysis.rate_error import RateError
from cxaudio.analysis.rejudging.facts import CallFacts
from cxaudio.analysis.settling.account import out_of_step, settle
from cxaudio.analysis.settling.differences import reconcile
from cxaudio.analysis.settling.level_faults import find_clipping, find_level_step
from cxaudio.analysis.settling.reduced_noise import find_reduced_noise
from cxaudio.analysis.settling.rows import RowRecorder
from cxaudio.analysis.settling.settled_walk import SettledWalk
from cxaudio.analysis.settling.sound_faults import find_sound_faults
from cxaudio.analysis.settling.unrecorded import gated_shares
from cxaudio.analysis.side import SideAnalyser, SideTicks
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.spurts import spurt_smoother
from cxaudio.analysis.tick_walk import TickWalk
from cxaudio.analysis.trackers import make_trackers
from cxaudio.analysis.waiting import WaitingTicks
from cxaudio.memory import give_back_freed_memory
from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.events import Dropout, Event, QualityKind, Settled, Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.policy import AnalysisSettings, PacingPolicy
from dsp.core.levels import TickLevels, TickMeans, dbov
from dsp.core.stage import Float32, Open
from dsp.speech.tonality import CERTAIN

__all__ = ["CallAnalyser"]


class CallAnalyser:
    """Turn blocks of both sides' samples into the call's events.

    Samples are processed by the block, facts are decided by the tick of 10 ms, so that no decision depends on how the
    samples were cut. Events leave in order of `decided_at`. Nothing is shifted; a tick is withheld until every detector
    has decided on it and its spurt is certain.

    At the end the account is settled (DEFINITIONS §1): all ticks are judged again with the whole call known, and
    `Analysed.account` says which of the events no longer hold and what replaces them.

    Parameters
    ----------
    call : CallInfo
        The call: its clock, its sides, and what was measured of its headset.
    analysis : AnalysisSettings
        Settings of detection and of the facts.
    pacing : PacingPolicy
        Rules of pacing.
    suppressor : str, optional
        Name of the suppressor whose samples are wanted; None: none are made.
    record : CallFacts, optional
        Empty ones that are filled with what the rules judge, so that the call can be judged again.
    """

    def __init__(
        self,
        call: CallInfo,
        analysis: AnalysisSettings,
        pacing: PacingPolicy,
        *,
        suppressor: str | None = None,
        record: CallFacts | None = None,
    ) -> None:
        facts = call.headset_facts or HeadsetFacts()
        if facts.round_trip_s is not None and not analysis.overlaps.round_trip_s:
            analysis = replace(analysis, overlaps=replace(analysis.overlaps, round_trip_s=facts.round_trip_s))
        self._call, self._analysis, self._pacing, self._facts = call, analysis, pacing, facts
        self._suppressor = suppressor
        self._record = record
        self._clock = call.timebase
        self._length = call.timebase.tick_length
        self._present = (call.channels[0] is not None, call.channels[1] is not None)
        self._sides = self._make_sides()
        self._smoothers = [spurt_smoother(analysis.spurts) for _ in Side]
        self._leaks = LeakGuard(analysis.leakage, facts)
        self._hold_detector = HoldDetector(analysis.hold, call.timebase)
        self._holds = HoldMerger(call.timebase)
        self._quality = QualityMonitor(
            analysis.quality,
            analysis.leakage,
            timebase=call.timebase,
            present=self._present,
            known_gate=(facts.noise_gate is True, False),
        )
        self._dropout_watch = DropoutWatch(call.timebase)
        self._cross = TickMeans(self._length)
        live_facts = None if record is None else record.live
        self._walk = TickWalk(make_trackers(analysis, pacing, call, facts=live_facts), self._holds)
        self._recorder = RowRecorder(self._present)
        latencies = [side.latency_samples for side in self._sides if side]
        self._prompt_latency = max(latencies, default=self._length)
        self._latency = self._prompt_latency + self._smoothers[0].latency_ticks * self._length
        self._open = Open("CallAnalyser")
        self._begin()

    def _make_sides(self) -> list[SideAnalyser | None]:
        rate, detection = self._clock.sample_rate, self._analysis.detection
        return [
            SideAnalyser(rate, detection, suppressor=self._suppressor, noise_dbov=noise_dbov) if present else None
            for present, noise_dbov in zip(self._present, (self._facts.microphone_noise_dbov, None), strict=True)
        ]

    def _begin(self) -> None:
        self._received = 0  # samples
        self._ended_at: int | None = None
        self._prompt_tick = 0  # ticks that left the sides
        self._cross_waiting = WaitingTicks(np.float32)
        # Ticks of which it is not yet known whether they hold music.
        self._tonal, self._speaking = WaitingTicks(np.bool_, 2), WaitingTicks(np.bool_, 2)
        # Ticks between the sides and the trackers: they wait for the spurts to become certain.
        self._nuclei = WaitingTicks(np.int8, 2, 2)
        self._energy, self._noise = WaitingTicks(np.float64, 2), WaitingTicks(np.float64, 2)
        self._spurts = WaitingTicks(np.bool_), WaitingTicks(np.bool_)
        self._issued: list[Event] = []  # all that left before the account was settled
        self._clean_at = 0

    @property
    def latency_samples(self) -> int:
        """Return the most input samples whose ticks have not reached the trackers."""
        return self._latency

    def reset(self) -> None:
        """Reset to the initial state."""
        self._sides = self._make_sides()
        for smoother in self._smoothers:
            smoother.reset()
        self._leaks.reset()
        self._walk.reset()
        self._recorder.reset()
        self._hold_detector.reset()
        self._holds.reset()
        self._quality.reset()
        self._dropout_watch.reset()
        if self._record is not None:
            self._record.clear()
        self._cross.reset()
        self._open.reopen()
        self._begin()

    def process(self, block: AudioBlock, /) -> Analysed:
        """Take a block that starts where the one before it ended; return what is now known."""
        self._open.check()
        self._walk.add_pending(self._dropout_watch.follow(block))
        self._holds.set_by_hand(block.start, block.held)
        samples = block.samples
        self._received += samples.shape[1]
        cross = self._cross.process(samples[0] * samples[1]) if all(self._present) else None
        ticks = [
            side.process(np.ascontiguousarray(samples[row])) if side else None for row, side in enumerate(self._sides)
        ]
        return self._analyse(ticks, cross, last=False)

    def flush(self) -> Analysed:
        """End the call: decide all that is still open."""
        self._open.close()
        self._ended_at = self._received
        self._walk.add_pending(self._dropout_watch.end(self._received))
        self._holds.set_by_hand(self._received, False)
        cross = self._cross.flush() if all(self._present) else None
        ticks = [side.flush() if side else None for side in self._sides]
        self._active_dbov = [side.active_level().level_dbov if side else math.nan for side in self._sides]
        self._sides = []  # 20 MB with what they have freed: room for the settling
        return self._analyse(ticks, cross, last=True)

    # -- samples by the block -----------------------------------------------------------------------------------------

    def _analyse(self, ticks: list[SideTicks | None], cross: Float32 | None, *, last: bool) -> Analysed:
        n = max((len(side.noise) for side in ticks if side), default=0)
        n_later = max((len(side.music) for side in ticks if side), default=0)
        agent, customer = (side or SideTicks.absent(n, n_later) for side in ticks)
        if cross is not None:
            self._cross_waiting.add(len(cross))[:] = cross
            cross = self._cross_waiting.take(n)
        else:
            cross = np.zeros(n, np.float32)
        power, tonal, speaking = np.empty((2, n), np.float32), np.empty((2, n), np.bool_), np.empty((2, n), np.bool_)
        probability = np.empty((2, n), np.float32)
        noise, nuclei, music = self._noise.add(n), self._nuclei.add(n_later), np.empty((2, n_later), np.bool_)
        for row, side in enumerate((agent, customer)):
            power[row] = side.levels[:, TickLevels.MEAN_SQUARE]
            probability[row], noise[row] = side.probability, side.noise
            np.greater(side.tonal, CERTAIN, out=tonal[row])
            np.greater(side.speaking, tonal[row], out=speaking[row])  # in a tone nobody speaks
            np.greater(side.music, 0, out=music[row])
            nuclei[row] = side.nuclei.T
        self._energy.add(n)[:] = power
        if all(self._present):
            speaking = self._leaks.remove_leaks((agent.bands, customer.bands), (agent.noise, customer.noise), speaking)
        # Holds and notices leave with their tick, once it reaches the trackers.
        self._speaking.add(n)[:] = speaking
        self._tonal.add(n)[:] = tonal
        self._holds.add_detected(
            self._hold_detector.process(self._tonal.take(n_later), music, self._speaking.take(n_later))
        )
        self._walk.add_pending(self._quality.process((agent.levels, customer.levels), cross))
        self._recorder.add(agent, customer)
        if last:
            self._holds.add_detected(self._hold_detector.flush())
        first_tick = self._prompt_tick
        self._prompt_tick += n
        for smoother, decisions, spurts in zip(self._smoothers, speaking, self._spurts, strict=True):
            for smooth in (smoother.process(decisions), smoother.flush()) if last else (smoother.process(decisions),):
                spurts.add(len(smooth))[:] = smooth
        events = self._decide(last=last)
        account: list[Event] = []
        if last:
            events += self._walk.close(self._received)
        self._issued += events
        if last:
            account = self._settle()
        with np.errstate(divide="ignore"):
            level_dbov = np.maximum(10 * np.log10(power), np.float32(-120))
        return Analysed(
            heard_to=self._received,
            clean=self._join_clean(agent.clean, customer.clean),
            events=tuple(events),
            first_tick=first_tick,
            level_dbov=level_dbov,
            speaking=speaking,
            probability=probability,
            account=tuple(account),
        )

    def _join_clean(self, agent: Float32, customer: Float32) -> AudioBlock:
        """Join the suppressed samples of both sides to a block; an absent side is silent."""
        if self._suppressor is None:
            return AudioBlock(start=self._clean_at, samples=np.zeros((2, 0), np.float32))
        rows = [agent, customer]
        n = max(len(row) for row in rows)
        out = np.stack([row if len(row) == n else np.zeros(n, np.float32) for row in rows])
        block = AudioBlock(start=self._clean_at, samples=out)
        self._clean_at = block.end
        return block

    # -- facts by the tick -------------------------------------------------------------------------------------------

    def _known_at(self, tick: int) -> int:
        """Return the sample at which the facts of a tick could first be known; independent of the blocks."""
        at = (tick + 1) * self._length + self._latency
        return at if self._ended_at is None else min(at, self._ended_at)

    def _decide(self, *, last: bool) -> list[Event]:
        n = min(len(row) for row in self._spurts)
        if not last:
            # A tick passes only once the samples have reached its `decided_at`, so that any cutting gives the
            # same decisions before the end and at the end.
            n = max(0, min(n, (self._received - self._latency) // self._length - self._walk.next_tick))
        if not n:
            return []
        spurts = np.empty((2, n), np.bool_)
        for row, waiting in zip(spurts, self._spurts, strict=True):
            row[:] = waiting.take(n)
        return self._walk.walk(
            spurts,
            nuclei=self._nuclei.take(n),
            energy=self._energy.take(n),
            noise=self._noise.take(n),
            known_at=self._known_at,
            last=last,
        )

    def _told_to_be_reduced(self) -> tuple[bool, bool]:
        """Return of which sides the recording itself says that their noise was reduced."""
        told = [notice.side for notice in self._call.notices if notice.kind is QualityKind.NOISE_SUPPRESSED]
        return None in told or Side.AGENT in told, None in told or Side.CUSTOMER in told

    # -- the end -----------------------------------------------------------------------------------------------------

    def _settle(self) -> list[Event]:
        """Settle the account of the call at its end; return what is taken back, what replaces it, and the figures."""
        at = self._received
        give_back_freed_memory()
        rows = self._recorder.rows()
        ends: list[int | None] = [None, None]
        for notice in self._call.notices:
            if notice.kind is QualityKind.LENGTH_MISMATCH and notice.side is not None:
                ends[notice.side] = notice.start
        account = settle(
            rows,
            self._analysis,
            self._facts,
            self._clock,
            ends=(ends[0], ends[1]),
            by_hand=self._holds.by_hand_spans,
            same_sound=self._quality.same_audio,
        )
        give_back_freed_memory()
        clipped = find_clipping(rows, account.speaking)
        lost = account.lost_packets[0].share, account.lost_packets[1].share
        pieces = SpokenPieces(self._analysis.rates, timebase=self._clock)
        level_steps = find_level_step(rows, account.speaking)
        gated = gated_shares(rows, account.speaking, account.recorded)
        reduced = find_reduced_noise(rows, account.speaking, account.recorded)
        told = self._told_to_be_reduced()
        faults = find_sound_faults(
            rows,
            account.speaking,
            lost=lost,
            clipped=clipped,
            suppressed=(told[0] or reduced[0] is not None, told[1] or reduced[1] is not None),
            gated=(self._quality.is_gated(gated[0]), self._quality.is_gated(gated[1])),
        )
        error = RateError(faults)
        late = out_of_step(account, self._clock, (ends[0], ends[1])) if all(self._present) else None
        rows = rows.without_spectra()  # before more memory is needed
        record = self._record
        again = SettledWalk(
            make_trackers(
                self._analysis,
                self._pacing,
                self._call,
                nudges=False,
                pieces=pieces,
                error=error,
                facts=None if record is None else record.settled,
            ),
            [spurt_smoother(self._analysis.spurts) for _ in Side],
            self._clock,
            end=at,
            known_at=self._known_at,
            by_hand=self._holds.by_hand_spans,
            dropouts=[event for event in self._issued if isinstance(event, Dropout)],
        )
        walk, settled = again.walk(rows, account)
        if record is not None:
            record.latency, record.n_ticks = self._latency, rows.n_ticks
            record.soft_talk += again.soft_talk
        echoes = account.echoes
        del rows, account, again  # the events are as many again
        give_back_freed_memory()
        closing = ClosingFigures()
        closing.watch(settled)
        retracts, replaced = reconcile(self._issued, settled)
        first = len(self._call.notices)  # the lines of the source's notices come before the first event
        events: list[Event] = [
            Settled(start=0, end=at, decided_at=at, retracts=tuple(first + index for index in retracts)),
            *replaced,
        ]
        levels = [level if walk.total.speech[row] else math.nan for row, level in enumerate(self._active_dbov)]
        events += self._quality.close(
            at,
            speech_level_dbov=(levels[0], levels[1]),
            snr_db=walk.snr_db,
            echoes=echoes,
            first_speaker=closing.first_speaker,
            gated=gated,
            reduced=(None if told[0] else reduced[0], None if told[1] else reduced[1]),
            lost=lost,
            out_of_step=late,
            clipped=clipped,
            level_steps=level_steps,
        )
        rate_errors = [
            error.relative(walk.total.nuclei[side], side=side, snr_db=pieces.snr_db(side, whole=True)) for side in Side
        ]
        events += [
            closing.make(
                side,
                at,
                level_dbov=levels[side],
                noise_dbov=dbov(walk.total.noise_power(side)),
                snr_db=walk.snr_db[side],
                rate_error=rate_errors[side],
                rate_known=rate_errors[side] <= self._analysis.rates.max_error,
            )
            for side in Side
            if self._present[side]
        ]
        return events
