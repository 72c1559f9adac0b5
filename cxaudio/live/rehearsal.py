"""Practise with a made or recorded customer, who speaks in the headset and waits for answers.

A rehearsal is a live call whose far end is played instead of captured: the microphone and the played sound make a
`LiveSource`, which a `LiveSession` analyses with the same rules, displays and reports as any call.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from cxaudio.devices.sound_system import InputStream, OutputStream, SoundDevice, SoundSystem
from cxaudio.errors import DeviceError
from cxaudio.live.customer_part import CustomerPart
from cxaudio.live.heard_together import HeardTogether
from cxaudio.made.customers import RATE, Customer, cut_turns
from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.events import QualityKind, QualityNotice, Side, Spurt
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.live_state import Trouble
from cxaudio.model.report import CallReport
from cxaudio.model.timebase import Timebase
from cxaudio.settings import Settings
from dsp.core.pcm import mono_from_int16
from dsp.core.stage import Float32
from dsp.core.steered import SteeredReader

__all__ = ["RehearsalSource", "customer_out_of", "rehearsal_settings"]

_BLOCK = RATE // 50  # samples of a block
_LINE_NOISE = np.float32(10 ** (-68 / 20))  # RMS of a line on which nobody speaks. Chosen.
_STALLED_S = 2.0  # without a sound from the microphone


class RehearsalSource:
    """Capture the agent's microphone beside the played customer, as a `LiveSource` that ends with the customer.

    Parameters
    ----------
    sound : SoundSystem
        Where the devices are.
    part : CustomerPart
        The customer, who is also a display of the session and so receives the agent's speech.
    microphone, speaker : SoundDevice
        The agent's microphone and earpiece.
    language : str
        BCP 47.
    name : str
        Of the customer.
    headset : str or None
        Name of the headset's profile.
    headset_facts : HeadsetFacts or None
        What was measured of it.

    Raises
    ------
    DeviceError
        On entering, if a device cannot be opened; while iterating, if one is gone.
    """

    def __init__(
        self,
        sound: SoundSystem,
        part: CustomerPart,
        *,
        microphone: SoundDevice,
        speaker: SoundDevice,
        language: str,
        name: str,
        headset: str | None = None,
        headset_facts: HeadsetFacts | None = None,
    ) -> None:
        self._sound = sound
        self._part = part
        self._microphone = microphone
        self._speaker = speaker
        self._info = CallInfo(
            call_id=f"rehearsal-{name}",
            origin="live",
            language=language,
            started_at=None,
            timebase=Timebase(RATE),
            source_rates=(microphone.sample_rate, RATE),
            channels=(0, 0),
            headset=headset,
            headset_facts=headset_facts,
        )
        self._line = (_LINE_NOISE * np.random.default_rng(1).standard_normal(RATE)).astype(np.float32)
        self._together = HeardTogether(RATE)
        self._box = sound.mailbox(1000)
        self._input: InputStream | None = None
        self._output: OutputStream | None = None

    @property
    def info(self) -> CallInfo:
        """Identity of the rehearsal."""
        return self._info

    @property
    def n_samples(self) -> int | None:
        """None: the length is not known."""
        return None

    def set_block_length(self, n_samples: int) -> None:
        """Do nothing: the blocks are as long as what the microphone delivers, so that the customer hears soon."""

    def device_names(self) -> tuple[str | None, str | None]:
        """Return the names of microphone and speaker, for people."""
        return self._microphone.description, self._speaker.description

    def troubles(self) -> tuple[Trouble, ...]:
        """Return none: a device that fails ends the rehearsal."""
        return ()

    def notices(self, end: int) -> tuple[QualityNotice, ...]:
        """Return what the end brought to light of a rehearsal that ends at sample `end`: gaps in what was played."""
        reported = 0 if self._output is None else self._output.underruns
        n_gaps = self._together.queue.underruns + reported
        if not n_gaps:
            return ()
        return (
            QualityNotice(
                start=0,
                end=end,
                decided_at=end,
                side=Side.CUSTOMER,
                kind=QualityKind.PLAYBACK_GAPS,
                measured=n_gaps,
                limit=None,
                unit="count",
            ),
        )

    def flush_buffers(self) -> None:
        """Do nothing: no more than a block waits, and the session silences it."""

    def __enter__(self) -> Self:
        channels = min(2, self._speaker.outputs)
        self._output = self._sound.open_output(
            self._speaker,
            lambda n: self._fill(n, channels),
            sample_rate=RATE,
            channels=channels,
            block_ms=10.0,
        )
        try:
            self._input = self._sound.open_input(self._microphone, self._store, block_ms=10.0)
        except DeviceError:
            self._output.close()
            raise
        self._reader = _MonoReader(self._input.sample_rate, self._input.channels)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in (self._input, self._output):
            if stream is not None:
                stream.close()

    def __iter__(self) -> Iterator[AudioBlock]:
        """Yield blocks on the microphone's clock until the customer has said everything."""
        start = 0
        last_at = self._sound.now()
        while not self._part.is_over:
            arrived = self._box.get(0.1)
            self._check(last_at)
            if arrived is None:
                continue
            last_at = self._sound.now()
            self._reader.put(arrived)
            while (spoken := self._reader.take(_BLOCK)) is not None:
                self._part.hear(spoken)
                said = self._part.next(_BLOCK, later=max(0, self._together.delay))
                self._together.play(said + self._line[start % RATE : start % RATE + _BLOCK])
                yield AudioBlock(start=start, samples=np.stack((spoken, self._together.run(_BLOCK))))
                start += _BLOCK

    def _fill(self, n: int, channels: int) -> bytes:
        latency_s = None if self._output is None else self._output.latency_s
        return self._together.take(n, at=self._sound.now(), latency_s=latency_s, channels=channels)

    def _store(self, data: bytes, n_frames: int, stamp: float, overflowed: bool) -> None:
        stream = self._input  # None in the first calls, while it is being opened
        rate = self._microphone.sample_rate if stream is None else stream.sample_rate
        latency_s = None if stream is None else stream.latency_s
        self._together.arrived(n_frames, sample_rate=rate, at=stamp, latency_s=latency_s)
        self._box.put(data)

    def _check(self, last_at: float) -> None:
        assert self._input is not None  # entered
        assert self._output is not None
        gone = self._input if self._input.ended else self._output if self._output.ended else None
        if gone is not None:
            raise DeviceError(gone.device.description, "is gone; plug it in and begin the rehearsal anew")
        if self._sound.now() - last_at > _STALLED_S:
            raise DeviceError(self._microphone.description, "delivers no sound; see cxaudio doctor")


class _MonoReader:
    """Convert interleaved int16 at any rate to mono blocks at `RATE`, withholding little more than a millisecond."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._channels = channels
        self._step = sample_rate / RATE
        self._reader = None if sample_rate == RATE else SteeredReader(sample_rate, RATE)
        reach = 0 if self._reader is None else self._reader.reach
        self._position = float(reach)
        self._waiting: Float32 = np.zeros(reach, np.float32)

    def put(self, data: bytes) -> None:
        frames = np.frombuffer(data, np.int16).reshape(-1, self._channels)
        self._waiting = np.concatenate((self._waiting, mono_from_int16(frames)))

    def take(self, n: int) -> Float32 | None:
        """Return the next block; None where it has not arrived."""
        if self._reader is None:
            if len(self._waiting) < n:
                return None
            out, self._waiting = self._waiting[:n].copy(), self._waiting[n:]
            return out
        if self._position + self._step * n + self._reader.reach + 1 > len(self._waiting):
            return None
        out = self._reader.read(self._reader.windows(self._waiting), position=self._position, step=self._step, n=n)
        self._position += self._step * n
        done = int(self._position) - self._reader.reach
        self._waiting, self._position = self._waiting[done:], self._position - done
        return out


def customer_out_of(path: Path, settings: Settings, *, agent: str | None = None) -> Customer:
    """Cut a customer's turns out of a recorded call.

    Parameters
    ----------
    path : Path
        A two-sided recording, or one of the customer's side alone.
    settings : Settings
        In force.
    agent : str or None
        Which channel of a two-sided recording is the agent's.

    Raises
    ------
    UsageError
        If the roles of the channels are not known, or nobody speaks.
    AudioFormatError
        If it cannot be read.
    """
    from cxaudio.analysis.call import CallAnalyser
    from cxaudio.engine import CallRun
    from cxaudio.replay.provenance import provenance_of
    from cxaudio.sources.recorded.layouts import channel_number
    from cxaudio.sources.recorded.wav import WavSource
    from dsp.core.resample import Resampler
    from dsp.core.stage import run

    with WavSource(
        path,
        agent=None if agent is None else channel_number(agent),
        mono=Side.CUSTOMER if _channels(path) == 1 else None,
        block_ms=20_000,
    ) as source:
        analyser = CallAnalyser(source.info, settings.analysis, settings.pacing)
        spurts = _CustomerSpurts()
        call = CallRun(source.info, analyser, (spurts,), provenance_of(settings))
        call.open()
        pieces: list[Float32] = []
        for block in source:
            pieces.append(block.samples[Side.CUSTOMER])
            call.feed(block)
        call.finish()
        rate = source.info.timebase.sample_rate
    sound = run(Resampler(rate, RATE), np.concatenate(pieces)) if pieces else np.zeros(0, np.float32)
    return cut_turns(path.stem, sound, [(start * RATE // rate, end * RATE // rate) for start, end in spurts.found])


class _CustomerSpurts:
    """A sink that collects the start and end of each spurt of the customer, in samples of the call."""

    def __init__(self) -> None:
        self.found: list[tuple[int, int]] = []

    def open(self, call: CallInfo) -> None:
        """Do nothing."""

    def write(self, analysed: Analysed) -> None:
        """Collect the spurts that ended."""
        self.found += [
            (event.start, event.end)
            for event in analysed.events
            if isinstance(event, Spurt) and event.side is Side.CUSTOMER and event.end is not None
        ]

    def close(self, report: CallReport | None) -> None:
        """Do nothing."""


def rehearsal_settings(settings: Settings) -> Settings:
    """Return settings that analyse more often, so that the customer answers in time, and do not end by a silence."""
    longest = 3600.0
    live = replace(
        settings.live,
        feed_s=0.06,
        feed_onset_s=0.06,
        feed_again_s=0.06,
        preroll_s=0.0,
        end_silence_s=longest,
        line_gone_s=longest,
        line_gone_end_s=longest,
    )
    return replace(settings, live=live)


def _channels(path: Path) -> int:
    from cxaudio.sources.recorded.recording import Recording

    with Recording(path) as recording:
        return recording.channels
