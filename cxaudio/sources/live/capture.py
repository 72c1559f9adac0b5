"""Capture microphone and far end as one endless source of two-sided blocks, without using a sound library itself.

Each side has its own clock, estimated from when its sound arrives, and both are resampled to the call's clock: sample k
of the call is k / rate seconds after the beginning, whatever the devices do. Where a side's sound is missing or wrong,
it is replaced by silence and marked as a dropout, and the other side goes on.
"""

import math
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from cxaudio.devices.sound_system import (
    DeviceChoice,
    InputStream,
    Mailbox,
    OutputStream,
    SoundDevice,
    SoundFacts,
    SoundSystem,
    find_device,
)
from cxaudio.errors import DeviceDeniedError, DeviceError, UsageError
from cxaudio.model.blocks import AudioBlock, CallInfo
from cxaudio.model.events import Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.live_state import Trouble, TroubleKind
from cxaudio.model.timebase import TELEPHONE, WIDEBAND, Timebase
from cxaudio.sources.live.side_buffer import Account, Arrival, Availability, SideBuffer
from cxaudio.sources.live.watch import (
    FIRST_SOUND_S,
    SLEPT_SHOWN_S,
    STALLED_AFTER_S,
    FarEndWatch,
    SideWatch,
    wrong_with,
)
from dsp.core.pcm import mono_from_int16
from dsp.core.stage import Float32

__all__ = ["CaptureSource"]

RETRY_S = 0.3  # between two attempts to open a lost device
LOOK_AGAIN_S = 1.5  # between two searches for devices, where the system does not report changes
REOPEN_STALLED_S = 1.0  # a stream that stalls for so long is opened again
MOST_WAITING_S = 10.0  # of sound in the mailbox while no block is taken
MOST_RUNS = 20  # processed at once
SLEPT_S = 2.0  # a wait that lasts so much too long means that the machine slept
SILENT_PATIENCE_S = 0.1  # for a far end that delivers nothing while nothing plays
BREAK_S = 0.2  # without an arrival, after which lost sound is looked for
WAIT_S = 0.05
REST_S = 0.25  # at most, until a block can be complete
LATE_KEPT = 8  # blocks; the earliest of them decides when the next is looked for ...
EARLY_S = 0.005  # ... so much sooner, so that it follows where sound arrives sooner
LOST_BLOCK_S = 0.04  # at most, of a block in which a side is missing: no more is zeroed than was lost
LOOK_S = 0.1  # between two checks of the streams, where no change is reported
START_S = 0.02  # after both sides have begun: the filters need some sound before the first sample
_BOTH_THERE = [Availability.THERE, Availability.THERE]


class _StreamKey(NamedTuple):
    """One stream of one feed; the generation distinguishes it from streams that were closed before."""

    feed: int
    generation: int


@dataclass(frozen=True, slots=True)
class _Arrived:
    """Sound that a callback delivered."""

    stream: _StreamKey
    data: bytes
    n_frames: int
    stamp: float
    overflowed: bool


class _Feed:
    """One open stream and its sides: one, or both for a call-recording adapter."""

    def __init__(self, number: int, choice: DeviceChoice, sides: tuple[Side, ...]) -> None:
        self.number = number
        self.choice = choice  # by pattern first; by name once a device was found
        self.sides = sides
        self.channel: dict[Side, int | None] = {}
        self.device: SoundDevice | None = None
        self.stream: InputStream | None = None
        self.generation = 0  # grows with every stream, so that late sound of an older one is recognised
        self.opening: Future[InputStream] | None = None
        self.looking: Future[tuple[SoundDevice, ...]] | None = None
        self.closing: list[Future[None]] = []
        self.opened_at = 0.0
        self.last_at: float | None = None  # since the stream was opened
        self.try_at = 0.0
        self.not_before = 0.0  # so that a trouble is shown before the device is opened again
        self.overflowed = False  # the mailbox was full
        self.keeping_awake: OutputStream | None = None


class CaptureSource:
    """Capture both sides of an agent's calls; a `LiveSource` that never ends by itself.

    Enter it, iterate it from one thread, and leave it. Blocks come in real time on the sound system's clock, of
    `block_ms` each. All are contiguous, and the k-th sample is ``k / rate`` seconds after the first.

    Where a side was lost its row is zeros, ``dropout`` is True and ``dropout_side`` says whose sound is missing (None:
    both). A far end that delivers nothing because nothing plays is silence and no dropout.

    A device that is missing, also at the beginning, is a trouble and not an error: the source waits for it.

    Parameters
    ----------
    sound : SoundSystem
        Where the devices are. Left open.
    agent, customer : DeviceChoice
        Device of each side. Both may be the same stereo device; each then needs a ``channel``.
    language : str
        BCP 47.
    headset : str or None
        Name of the headset's profile.
    headset_facts : HeadsetFacts or None
        What was measured of it.
    call_id : str or None
        None: made of the time.
    block_ms : float
        Length of the blocks in milliseconds, 5 to 1000, until `set_block_length` asks for another.
    stream_ms : float
        Length of the runs in which the devices hand over their sound, in milliseconds.
    sample_rate : int or None
        8000 or 16000 Hz; None: 8000 where both devices have no more, else 16000.

    Raises
    ------
    UsageError
        If both sides mean the same channel of the same device, or `block_ms` is out of range.
    """

    def __init__(
        self,
        sound: SoundSystem,
        agent: DeviceChoice,
        customer: DeviceChoice,
        *,
        language: str = "en",
        headset: str | None = None,
        headset_facts: HeadsetFacts | None = None,
        call_id: str | None = None,
        block_ms: float = 40.0,
        stream_ms: float = 40.0,
        sample_rate: int | None = None,
    ) -> None:
        if not 5 <= block_ms <= 1000:
            raise UsageError(f"a live block of {block_ms:g} ms is not possible; use 5 to 1000 ms")
        if agent == customer:
            raise UsageError(
                f"agent and customer are both {agent}; give each side its own device, or its own channel of this one"
            )
        self._sound = sound
        self._language = language
        self._headset = headset
        self._headset_facts = headset_facts
        self._call_id = call_id
        self._block_ms = block_ms
        self._stream_ms = stream_ms
        self._asked_rate = sample_rate
        if replace(agent, channel=None) == replace(customer, channel=None):
            self._feeds = [_Feed(0, replace(agent, channel=None), (Side.AGENT, Side.CUSTOMER))]
        else:
            self._feeds = [_Feed(0, agent, (Side.AGENT,)), _Feed(1, customer, (Side.CUSTOMER,))]
        for feed in self._feeds:
            for side, choice in zip(Side, (agent, customer), strict=True):
                if side in feed.sides:
                    feed.channel[side] = choice.channel
        self._watches = (
            SideWatch(Side.AGENT, zeros_are_trouble=True),
            SideWatch(Side.CUSTOMER, zeros_are_trouble=False),
        )
        for watch, choice in zip(self._watches, (agent, customer), strict=True):
            watch.request(str(choice))
        self._far_end = FarEndWatch()
        self._troubles: tuple[Trouble, ...] = ()
        self._facts_seen = -1
        self._look_at = 0.0
        self._slept_at: float | None = None
        self._slept_s = 0.0
        self._info: CallInfo | None = None
        self._closed = False
        self._given = 0  # samples of the call so far
        self._late_s: deque[float] = deque(maxlen=LATE_KEPT)  # after its end, each of the last blocks was complete
        self._n_lost = [0, 0]
        self.n_reopened = 0
        """Number of times that a stream was opened again."""

    # -- a Source -----------------------------------------------------------------------------------------------------

    @property
    def info(self) -> CallInfo:
        """Which call this is; known once the source is entered."""
        if self._info is None:
            raise UsageError("a source's info is known inside its with-statement; enter it first")
        return self._info

    @property
    def n_samples(self) -> int | None:
        """None: the length is not known."""
        return None

    def __enter__(self) -> Self:
        self._began = self._sound.now()
        self._slept_s = self._sound.slept_s()
        self._box: Mailbox = self._sound.mailbox(max(16, round(2 * MOST_WAITING_S * 1000 / self._stream_ms)))
        try:
            devices = self._sound.devices()
        except DeviceError:
            devices = ()
        found = [find_device(devices, feed.choice) for feed in self._feeds]
        for feed, device in zip(self._feeds, found, strict=True):
            self._check_channels(feed, device)
        rates = [found[min(side, len(found) - 1)] for side in Side]
        native = tuple(WIDEBAND if device is None else device.sample_rate for device in rates)
        rate = self._asked_rate or (TELEPHONE if max(native) <= TELEPHONE else WIDEBAND)
        self._rate = Timebase(rate).sample_rate
        self._n = max(1, round(self._block_ms * rate / 1000))
        self._n_lost_block = round(LOST_BLOCK_S * rate)
        self._sides = (SideBuffer(rate), SideBuffer(rate))
        channels = tuple(self._feeds[min(side, len(self._feeds) - 1)].channel.get(side) or 0 for side in Side)
        now = datetime.now(UTC)
        self._info = CallInfo(
            call_id=self._call_id or f"live-{now:%Y%m%d-%H%M%S}",
            origin="live",
            language=self._language,
            started_at=now,
            timebase=Timebase(rate),
            source_rates=(native[0], native[1]),
            channels=(channels[0], channels[1]),
            headset=self._headset,
            headset_facts=self._headset_facts,
            role_source="given",
        )
        for feed in self._feeds:
            self._try_to_open(feed, self._began, devices)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[AudioBlock]:
        """Yield blocks, each starting where the one before it ended, until `close`."""
        while not self._closed:
            self._take_in()
            now = self._sound.now()
            if now >= self._look_at or self._sound.facts().version != self._facts_seen:
                self._look_at = now + LOOK_S
                self._supervise(now)
            block = self._next_block(now)
            if block is not None:
                yield block
                continue
            # Sleep until the stretch is over, whatever arrives meanwhile, and nearly as long as the last ones took to
            # be complete; from then on wait for the next arrival.
            due_s = 0.0
            if self._given:
                late_s = max(0.0, min(self._late_s, default=0.0) - EARLY_S)
                due_s = self._clock_began + (self._given + self._n) / self._rate + late_s - now
            if due_s > 0:
                self._box.rest(min(due_s, REST_S))
            else:
                self._take_in(self._box.get(WAIT_S))
            if self._sound.now() - now > REST_S + SLEPT_S:
                self._note_sleep()

    def close(self) -> None:
        """Stop capturing; callable from any thread, also again."""
        self._closed = True
        for feed in self._feeds:
            self._let_go(feed)

    # -- as a LiveSource ----------------------------------------------------------------------------------------------

    def troubles(self) -> tuple[Trouble, ...]:
        """Return what makes a side's sound missing or wrong now; callable from any thread."""
        return self._troubles

    def flush_buffers(self) -> None:
        """Discard and overwrite all sound that was not yet given out; call it on the iterating thread."""
        while self._box.get(0) is not None:
            pass
        for side in self._sides:
            side.forget()

    def set_block_length(self, n_samples: int) -> None:
        """Give out blocks of this length from now on; shorter ones where a side is missing."""
        self._n = max(1, n_samples)

    def device_names(self) -> tuple[str | None, str | None]:
        """Return the name of each side's device, for people; None: no open device."""
        names: list[str | None] = [None, None]
        for feed in self._feeds:
            for side in feed.sides:
                if feed.stream is not None and feed.device is not None:
                    names[side] = feed.device.description or feed.device.name
        return names[0], names[1]

    def skew_ppm(self) -> float | None:
        """Return by how many ppm the customer's device runs slower than the agent's; None: not yet known."""
        agent, customer = (side.ppm for side in self._sides)
        return None if agent is None or customer is None else customer - agent

    def accounts(self) -> tuple[Account, Account]:
        """Return the account of each side's samples."""
        return self._sides[0].account, self._sides[1].account

    @property
    def given(self) -> int:
        """Number of samples given out so far."""
        return self._given

    @property
    def n_lost(self) -> tuple[int, int]:
        """Number of samples given out as dropouts, of each side."""
        return self._n_lost[0], self._n_lost[1]

    # -- sound in -----------------------------------------------------------------------------------------------------

    def _take_in(self, first: _Arrived | None = None) -> None:
        """Take `first` and all that waits in the mailbox, stream by stream."""
        runs: dict[_StreamKey, list[_Arrived]] = {}
        item = first or self._box.get(0)
        while item is not None:
            runs.setdefault(item.stream, []).append(item)
            item = self._box.get(0)
        for key, arrived in runs.items():
            feed = self._feeds[key.feed]
            if feed.stream is not None and key.generation == feed.generation:  # else of a stream that is closed
                for some in range(0, len(arrived), MOST_RUNS):  # there may be many after a long wait
                    self._keep(feed, feed.stream, arrived[some : some + MOST_RUNS])

    def _keep(self, feed: _Feed, stream: InputStream, arrived: list[_Arrived]) -> None:
        """Store runs of one stream in their order."""
        arrivals = []
        may_be_silent = self._may_be_silent(feed.sides[-1])
        overflowed = False
        for run in arrived:
            waited_s = 0.0 if feed.last_at is None else run.stamp - feed.last_at
            feed.last_at = run.stamp
            resumed = may_be_silent and waited_s > SILENT_PATIENCE_S
            arrivals.append(Arrival(run.n_frames, run.stamp, run.overflowed or waited_s > BREAK_S, resumed))
            overflowed |= run.overflowed
        data = arrived[0].data if len(arrived) == 1 else b"".join(run.data for run in arrived)
        frames = np.frombuffer(data, np.int16).reshape(-1, stream.channels)
        for side in feed.sides:
            mono = mono_from_int16(frames, feed.channel.get(side))
            was_lost = self._watches[side].lost is not None
            self._watches[side].arrived(arrived[-1].stamp, zeros=not mono.any(), overflowed=overflowed)
            self._sides[side].add(mono, arrivals)
            if was_lost and self._watches[side].lost is None:
                self._facts_seen = -1  # read the facts about the device again

    # -- devices ------------------------------------------------------------------------------------------------------

    def _supervise(self, now: float) -> None:
        """Check every stream, recover lost devices and renew the troubles."""
        if self._sound.slept_s() - self._slept_s > 1.0:
            self._note_sleep()
        facts = self._sound.facts()
        changed = facts.version != self._facts_seen
        self._facts_seen = facts.version
        for feed in self._feeds:
            if feed.stream is not None:
                self._check(feed, feed.stream, facts, now, changed=changed)
            if feed.stream is None:
                if changed and facts.live:
                    feed.try_at = min(
                        feed.try_at, max(now, feed.not_before)
                    )  # the change may be that this device came back
                self._recover(feed, facts, now)
        self._renew_troubles(now)

    def _check(self, feed: _Feed, stream: InputStream, facts: SoundFacts, now: float, *, changed: bool) -> None:
        wrong = None
        if changed or stream.ended:
            wrong = wrong_with(stream.device, facts, ended=stream.ended, records=stream.records())
            present = find_device(facts.devices, DeviceChoice(name=stream.device.name, host=stream.device.host))
            if present is not None:
                for side in feed.sides:
                    self._watches[side].describe(present, zeros_mean_denied=facts.zeros_mean_denied)
        silence_s = now - (feed.opened_at if feed.last_at is None else feed.last_at)
        patience_s = FIRST_SOUND_S if feed.last_at is None else STALLED_AFTER_S
        may_be_silent = not stream.device.continuous and Side.AGENT not in feed.sides
        if wrong is None and silence_s > patience_s and not may_be_silent:
            for side in feed.sides:
                self._watches[side].lose(TroubleKind.STALLED)
            if silence_s > patience_s + REOPEN_STALLED_S:
                wrong = TroubleKind.STALLED
        if wrong is None and may_be_silent and feed.last_at is None:
            for side in feed.sides:  # nothing has played yet, so silence is no trouble
                self._watches[side].arrived(now, zeros=True, overflowed=False)
        if wrong is not None:
            for side in feed.sides:
                self._watches[side].lose(wrong)
            self._let_go(feed)
            feed.try_at = feed.not_before = now + RETRY_S

    def _recover(self, feed: _Feed, facts: SoundFacts, now: float) -> None:
        """Recover a lost device; slow steps run on a worker thread and are polled here."""
        if facts.server_alive is False:  # the streams may have ended earlier
            for side in feed.sides:
                self._watches[side].lose(TroubleKind.SERVER_GONE)
        if feed.opening is not None:
            if feed.opening.done():
                self._opened(feed, feed.opening, now)
            return
        if feed.looking is not None:
            if not feed.looking.done():
                return
            looking, feed.looking = feed.looking, None
            devices = () if looking.exception() is not None else looking.result()
            self._try_to_open(feed, now, devices)
            return
        if now < feed.try_at or self._closed:
            return
        if facts.live:
            self._try_to_open(feed, now, facts.devices)
            return
        for other in self._feeds:  # such a system searches again only while nothing is open
            self._let_go(other)
            other.try_at = now
        feed.try_at = now + LOOK_AGAIN_S
        feed.looking = self._sound.submit(self._sound.devices)

    def _try_to_open(self, feed: _Feed, now: float, devices: tuple[SoundDevice, ...]) -> None:
        feed.try_at = now + RETRY_S
        device = find_device(devices, feed.choice)
        if device is None:
            return
        feed.generation += 1
        key = _StreamKey(feed.number, feed.generation)

        def on_sound(data: bytes, n_frames: int, stamp: float, overflowed: bool) -> None:
            overflowed |= feed.overflowed
            feed.overflowed = not self._box.put(_Arrived(key, data, n_frames, stamp, overflowed))

        def opened() -> InputStream:
            return self._sound.open_input(device, on_sound, block_ms=self._stream_ms)

        feed.device = device
        feed.opening = self._sound.submit(opened)
        if feed.opening.done():
            self._opened(feed, feed.opening, now)

    def _opened(self, feed: _Feed, opening: "Future[InputStream]", now: float) -> None:
        feed.opening = None
        error = opening.exception()
        if error is not None:
            if not isinstance(error, DeviceError):
                raise error
            kind = TroubleKind.DENIED if isinstance(error, DeviceDeniedError) else TroubleKind.UNPLUGGED
            for side in feed.sides:
                self._watches[side].lose(kind)
            feed.try_at = now + RETRY_S
            return
        stream = opening.result()
        if self._closed:
            stream.close()
            return
        device = stream.device
        again = feed.choice.name is not None and feed.opened_at > 0
        self.n_reopened += again
        # From now on only this device will do, and no other that the pattern fits.
        feed.choice = DeviceChoice(name=device.name, host=device.host, channel=feed.choice.channel)
        feed.stream, feed.device = stream, device
        feed.opened_at, feed.last_at = now, None
        self._facts_seen = -1
        for side in feed.sides:
            self._sides[side].open(stream.sample_rate)
            self._watches[side].opened(device)
        if not device.continuous and device.monitor_of is not None:
            feed.keeping_awake = self._play_silence(device.monitor_of)

    def _play_silence(self, output: str) -> OutputStream | None:
        """Play silence to the output while its loopback is captured: some loopbacks deliver only what plays."""
        device = find_device(self._sound.facts().devices, DeviceChoice(name=output), output=True)
        if device is None:
            return None
        silence = bytes(2 * device.outputs)
        try:
            return self._sound.open_output(device, lambda n: silence * n)
        except DeviceError:
            return None  # capture works without it; gaps are then filled with silence

    def _let_go(self, feed: _Feed) -> None:
        """Close a stream on the worker thread and discard its sound, which may be another device's."""
        stream, feed.stream = feed.stream, None
        awake, feed.keeping_awake = feed.keeping_awake, None
        for each in (stream, awake):
            if each is not None:
                self._sound.submit(each.close)
        if stream is not None and self._info is not None:
            for side in feed.sides:
                self._sides[side].close()

    def _check_channels(self, feed: _Feed, device: SoundDevice | None) -> None:
        for channel in feed.channel.values():
            if device is not None and channel is not None and not 0 <= channel < device.inputs:
                raise UsageError(
                    f"{device.description or device.name} has {device.inputs} channels and no channel {channel}; "
                    f"use 0 to {device.inputs - 1}"
                )

    def _note_sleep(self) -> None:
        self._slept_at = self._sound.now()
        self._slept_s = self._sound.slept_s()

    def _renew_troubles(self, now: float) -> None:
        troubles = [trouble for watch in self._watches for trouble in watch.troubles(now, self._began)]
        if self._slept_at is not None and now - self._slept_at < SLEPT_SHOWN_S:
            since = round(self._slept_at - self._began, 3)
            troubles.insert(0, Trouble(kind=TroubleKind.SLEPT, side=None, device="", since_s=since))
        silent_since = self._far_end.silent_since
        if silent_since is not None and self._watches[Side.CUSTOMER].lost is None:
            name = self.device_names()[Side.CUSTOMER] or ""
            since = round(silent_since - self._began, 3)
            troubles.append(Trouble(kind=TroubleKind.SILENT_FAR_END, side=Side.CUSTOMER, device=name, since_s=since))
        if tuple(troubles) != self._troubles:
            self._troubles = tuple(troubles)

    # -- sound out ----------------------------------------------------------------------------------------------------

    def _next_block(self, now: float) -> AudioBlock | None:
        """Return the next stretch of both sides once all of it that can arrive has arrived."""
        if self._given == 0 and not self._ready_to_begin(now):
            return None
        time = self._clock_began + self._given / self._rate
        n = self._n
        if n > self._n_lost_block and any(watch.lost is not None for watch in self._watches):
            n = self._n_lost_block
        found = self._look(time, n, now)
        if found is not None and n > self._n_lost_block and found != _BOTH_THERE:
            n = self._n_lost_block
            found = self._look(time, n, now)
        if found is None:
            return None
        end = time + n / self._rate
        self._late_s.append(now - end)
        samples = np.zeros((2, n), np.float32)
        lost = []
        for side in Side:
            if self._watches[side].lost is None and found[side] is Availability.THERE:
                samples[side] = self._sides[side].read(time, n)
            else:
                self._sides[side].skip(end)
                if self._watches[side].lost is not None or not self._may_be_silent(side):
                    lost.append(side)
        return self._block(samples, lost, now)

    def _look(self, time: float, n: int, now: float) -> list[Availability] | None:
        """Return which sides of a stretch can be read; None while it is worth waiting for more of it."""
        end = time + n / self._rate
        if end > now:
            return None
        found = []
        for side in Side:  # check both before reading either: a stretch that is not complete must stay unread
            found.append(self._sides[side].look(time, n))
            if found[-1] is Availability.NOT_YET and self._watches[side].lost is None:
                patience_s = SILENT_PATIENCE_S if self._may_be_silent(side) else STALLED_AFTER_S
                if now < end + patience_s:
                    return None
                if now - (self._feeds[min(side, len(self._feeds) - 1)].last_at or 0.0) < BREAK_S:
                    self._sides[side].starved(now)
        return found

    def _ready_to_begin(self, now: float) -> bool:
        """Start the call's clock once both sides have begun or are not expected soon."""
        for feed in self._feeds:
            waits = feed.opening is not None or (feed.stream is not None and feed.last_at is None)
            silent = feed.stream is not None and not feed.stream.device.continuous
            if waits and now - self._began < (1.0 if silent else FIRST_SOUND_S):
                return False
        starts = [side.clock.time(0.0) for side in self._sides if side.clock is not None and side.clock.started]
        self._clock_began = max(starts, default=now) + START_S
        return True

    def _may_be_silent(self, side: Side) -> bool:
        """Return whether silence of this side may mean that nothing plays."""
        if side is Side.AGENT:
            return False
        feed = self._feeds[-1]
        return feed.stream is not None and not feed.stream.device.continuous and len(feed.sides) == 1

    def _block(self, samples: Float32, lost: list[Side], now: float) -> AudioBlock:
        start = self._given
        n = samples.shape[1]
        self._given += n
        for side in lost:
            self._n_lost[side] += n
        agent_rms = math.sqrt(np.dot(samples[0], samples[0]) / n)
        self._far_end.arrived(
            now, n / self._rate, agent_rms=agent_rms, customer_silent=bool(lost) or not samples[1].any()
        )
        samples.setflags(write=False)
        return AudioBlock(
            start=start,
            samples=samples,
            dropout=bool(lost),
            dropout_side=lost[0] if len(lost) == 1 else None,
        )
