"""Recorded calls as sources: one file with both sides, one with a mono mix, or one file a side; knows no analysis.

The call's rate is 8 000 Hz where no side holds more than telephone sound, else 16 000 Hz. Faults of a file that were
repaired are in ``info.notices``; a file that cannot be read raises an `AudioFormatError` that says what it is instead.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np

from cxaudio.errors import AudioFormatError, UsageError
from cxaudio.model.blocks import AudioBlock, CallInfo
from cxaudio.model.cleaned_sound import is_cleaned
from cxaudio.model.events import QualityKind, QualityNotice, Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.timebase import TELEPHONE, WIDEBAND, Timebase
from cxaudio.sources.recorded.content_edge import LOOK_S, N_LOOKS, content_edges, telephone_edge_hz
from cxaudio.sources.recorded.layouts import Layout, channel_number
from cxaudio.sources.recorded.marks import RecordingMarks, marks_path, read_marks
from cxaudio.sources.recorded.pairing import at_rate, blocks, paired
from cxaudio.sources.recorded.recording import MOST_INVALID_SHARE, Recording
from cxaudio.sources.recorded.sound_digest import UNREAD_CALL_ID, SideDigest, call_id_of, sound_digest_of
from dsp.core.resample import resampled_length
from dsp.core.stage import Float32

__all__ = ["LENGTH_TOLERANCE_S", "WavPairSource", "WavSource"]


LENGTH_TOLERANCE_S = 0.1
"""Two files of a call may differ in length by this much without a notice; chosen."""


class _RecordedCall(ABC):
    """Common parts of the two sources: files opened on entering, the call's rate, notices, blocks."""

    def __init__(
        self,
        *,
        language: str,
        block_ms: float,
        call_id: str | None,
        started_at: datetime | None,
        headset: str | None,
        headset_facts: HeadsetFacts | None,
        narrowband_hz: float,
        role_source: str | None,
        longest_s: float | None,
    ) -> None:
        if not 0 < block_ms <= 600_000:
            raise UsageError(f"a block of {block_ms:g} ms is not possible; use more than 0 and at most 600000 ms")
        self._language = language
        self._block_ms = block_ms
        self._call_id = call_id
        self._started_at = started_at
        self._headset = headset
        self._headset_facts = headset_facts
        self._edge_hz = telephone_edge_hz(narrowband_hz)
        self._role_source = role_source
        self._longest_s = longest_s
        self._digests: list[SideDigest] = []
        self._files = ExitStack()
        self._info: CallInfo | None = None
        self._n_samples = 0
        self._marks: RecordingMarks | None = None  # of a live call's recording

    @property
    def info(self) -> CallInfo:
        """Return the identity of the call and its notices; known once the source is entered."""
        if self._info is None:
            raise UsageError("a source's info is known inside its with-statement; enter it first")
        return self._info

    @property
    def n_samples(self) -> int | None:
        """Return the exact length of the call in samples at its own rate, None before the source is entered."""
        return self._n_samples if self._info else None

    @property
    @abstractmethod
    def recordings(self) -> tuple[Recording, ...]:
        """Return the one file, or the agent's and the customer's, open inside the with-statement."""

    @property
    def sound_digest(self) -> bytes:
        """Return the SHA-256 of the decoded sound; known once the recording was read to its end."""
        return sound_digest_of(self._digests)

    def __iter__(self) -> Iterator[AudioBlock]:
        """Yield the call from its beginning, in contiguous blocks; may be repeated.

        Raises
        ------
        AudioFormatError
            If a file is damaged inside its sound, or becomes shorter while it is read.
        """
        rate = self.info.timebase.sample_rate
        cut = blocks(self._named_rows(rate), max(1, round(self._block_ms * rate / 1000)))
        return cut if self._marks is None else self._marks.marked(cut)

    def _named_rows(self, rate: int) -> Iterator[Float32]:
        """Yield the call's rows; at the end the call gets the name that its sound gives it, unless it has one."""
        self._digests = digests = self._new_digests()
        yield from self._rows(rate, digests)
        if self.info.call_id == UNREAD_CALL_ID:
            self._info = replace(self.info, call_id=call_id_of(digests))

    def __enter__(self) -> Self:
        try:
            self._info = self._open(self._files)
        except BaseException:
            self._files.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    @abstractmethod
    def _open(self, files: ExitStack) -> CallInfo:
        """Open the files and read everything that must be known before the first block."""

    @abstractmethod
    def _new_digests(self) -> list[SideDigest]:
        """Return a digest for each side that the recording has."""

    @abstractmethod
    def _rows(self, rate: int, digests: list[SideDigest]) -> Iterator[Float32]:
        """Yield the call at its rate in pieces of shape ``(2, m)``, and add the samples as decoded to the digests."""

    def _narrowband_notice(
        self, recording: Recording, edge: float | None, timebase: Timebase, side: Side
    ) -> list[QualityNotice]:
        """Report a side of a wideband file that holds telephone sound only, unless its headset is known for it."""
        if recording.sample_rate < WIDEBAND or edge is None or edge > self._edge_hz:
            return []
        if side is Side.AGENT and self._headset_facts is not None and self._headset_facts.wideband is False:
            return []
        return [_notice(QualityKind.NARROWBAND, side, 0, self._n_samples, edge, self._edge_hz, "Hz")]

    def _length(self, rate: int, *recordings: Recording) -> int:
        return max(resampled_length(each.n_frames, each.sample_rate, rate) for each in recordings)


class WavSource(_RecordedCall):
    """A call recorded in one file: two sides on two channels, or a mono mix.

    A one-channel file is taken as a mix of both sides, unless `mono` says whose sound it is. A mix is in row 0, and
    row 1 is silence: ``info.two_sided`` is False, ``info.channels`` is ``(0, None)`` and there is a notice `ONE_SIDED`.
    `agent` and `layout` are ignored then.

    A live call's recording has its marks beside it (`cxaudio.sources.recorded.marks`): whose channel is whose, the
    rate of the live call, and what was lost, paused or put on hold by hand. So it is analysed as the live call was.

    Parameters
    ----------
    path : path
        A file that `Recording` reads.
    agent : {"left", "right"}, int or None
        The agent's channel, counted from 0; the customer has the other one. None: from `layout`.
    layout : Layout or None
        A recorder's convention; used where `agent` is None.
    language : str
        BCP 47.
    mono : Side or None
        The side whose sound a one-channel file holds; None: a mix of both.
    block_ms : float
        Length of the blocks in milliseconds, > 0; any length gives the same samples.
    call_id : str or None
        None: made from the digest of the sound (`cxaudio.sources.recorded.sound_digest`), never from the name of the
        file, which may hold a telephone number. It is in ``info`` once the recording was read to its end.
    started_at : datetime or None
        UTC.
    headset : str or None
        Name of the headset's profile.
    headset_facts : HeadsetFacts or None
        What was measured of it. None with `headset` None: those of a live call's marks.
    narrowband_hz : float
        Sound that ends at this frequency, or one band of 250 Hz above it, is telephone sound.
    role_source : str or None
        How the roles were decided; None: ``"given"`` for `agent`, ``"layout:NAME"`` for `layout`. A mix has
        ``"mono"`` in any case.
    longest_s : float or None
        A recording with more sound is refused; None: of any length.

    Raises
    ------
    UsageError
        If the file has two channels and neither `agent` nor `layout` says whose they are, if the layout does not fit,
        or if a channel is not there.
    AudioFormatError
        On entering, if the file cannot be read; `TooLongError`, if it holds too much sound.

    Examples
    --------
    >>> import tempfile, soundfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     soundfile.write(f"{folder}/call.wav", np.zeros((12_000, 2)), 8_000)
    ...     with WavSource(f"{folder}/call.wav", agent="left", language="en") as source:
    ...         print([(block.start, block.samples.shape) for block in source])
    [(0, (2, 8000)), (8000, (2, 4000))]
    """

    def __init__(
        self,
        path: Path | str,
        *,
        agent: Literal["left", "right"] | int | None = None,
        layout: Layout | None = None,
        language: str = "en",
        mono: Side | None = None,
        block_ms: float = 1000.0,
        call_id: str | None = None,
        started_at: datetime | None = None,
        headset: str | None = None,
        headset_facts: HeadsetFacts | None = None,
        narrowband_hz: float = 4_000.0,
        role_source: str | None = None,
        longest_s: float | None = None,
    ) -> None:
        super().__init__(
            language=language,
            block_ms=block_ms,
            call_id=call_id,
            started_at=started_at,
            headset=headset,
            headset_facts=headset_facts,
            narrowband_hz=narrowband_hz,
            role_source=role_source,
            longest_s=longest_s,
        )
        self._path = Path(path)
        self._agent = None if agent is None else channel_number(agent)
        self._layout = layout
        self._mono = mono
        self._channels: tuple[int | None, int | None] = (None, None)

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """Return the one file, open inside the with-statement."""
        return (self._recording,)

    def _open(self, files: ExitStack) -> CallInfo:
        recording = files.enter_context(Recording(self._path, longest_s=self._longest_s))
        self._recording = recording
        if self._layout is None or self._role_source == "settings":
            self._marks = read_marks(self._path)
        if self._marks is not None:
            return self._as_it_was_live(recording, self._marks)
        self._channels, role_source = self._roles(recording.channels)
        sides = [(side, channel) for side, channel in zip(Side, self._channels, strict=True) if channel is not None]
        edges = _edges(recording)
        rate = _call_rate([(recording.sample_rate, edges[channel]) for _, channel in sides], self._edge_hz)
        timebase = Timebase(rate)
        self._n_samples = self._length(rate, recording)
        notices = _file_notices(recording, timebase, self._n_samples, None)
        for side, channel in sides:
            notices += self._narrowband_notice(recording, edges[channel], timebase, side)
        if len(sides) == 1:
            whose = None if self._mono is None else self._mono
            notices.append(_notice(QualityKind.ONE_SIDED, whose, 0, self._n_samples, recording.channels, 2, "channels"))
        return CallInfo(
            call_id=self._call_id or UNREAD_CALL_ID,
            origin="wav",
            language=self._language,
            started_at=self._started_at,
            timebase=timebase,
            source_rates=(recording.sample_rate, recording.sample_rate),
            channels=self._channels,
            headset=self._headset,
            headset_facts=self._headset_facts,
            role_source=role_source if role_source == "mono" else self._role_source or role_source,
            two_sided=len(sides) == 2,
            notices=tuple(notices),
        )

    def _as_it_was_live(self, recording: Recording, marks: RecordingMarks) -> CallInfo:
        """Return the identity that a live call's recording has by its marks."""
        call = marks.call
        rate = call.timebase.sample_rate
        if (recording.channels, recording.sample_rate) != (2, rate):
            raise AudioFormatError(
                self._path,
                f"has {recording.channels} channels at {recording.sample_rate} Hz where its marks speak of 2 at {rate} "
                f"Hz; move {marks_path(self._path).name} away if it belongs to another recording",
            )
        swapped = (
            self._agent == 1 and self._role_source != "settings"
        )  # given for this recording, not a general setting
        self._channels = (1, 0) if swapped else (0, 1)
        self._n_samples = recording.n_frames
        return replace(
            call,
            call_id=self._call_id or call.call_id,
            origin="wav",
            language=self._language,
            channels=self._channels,
            source_rates=(rate, rate),
            started_at=self._started_at or call.started_at,
            headset=self._headset or call.headset,
            headset_facts=self._headset_facts if self._headset else call.headset_facts,
            role_source="given" if swapped else "recorded",
            notices=tuple(_file_notices(recording, call.timebase, self._n_samples, None)),
        )

    def _roles(self, n_channels: int) -> tuple[tuple[int | None, int | None], str]:
        """Return the channels of agent and customer, and how they were decided."""
        if n_channels == 1:
            if self._mono is Side.CUSTOMER:
                return (None, 0), "given"
            return (0, None), "mono" if self._mono is None else "given"
        if self._mono is not None:
            raise UsageError(
                f"{self._path} has {n_channels} channels and was called {self._mono.label}'s alone; "
                "leave that out and say which channel is the agent's"
            )
        if self._agent is not None and n_channels == 2:
            agent, customer, role_source = self._agent, 1 - self._agent, "given"
            if self._agent > 1:
                raise UsageError(
                    f"{self._path} has channels 0 and 1 and no channel {self._agent}; say --agent left or right"
                )
        elif self._layout is not None and self._agent is None:
            agent, customer = self._layout.stereo_channels(self._path)
            role_source = f"layout:{self._layout.name}"
        elif n_channels == 2:
            raise UsageError(
                f"{self._path} has two channels and nothing says which one is the agent's; "
                "say --agent left or --agent right, or name its recorder with --layout NAME"
            )
        else:
            raise UsageError(
                f"{self._path} has {n_channels} channels where a call has two sides; give a --layout NAME that numbers "
                "the agent's and the customer's channel, or extract these two, for example by sox IN OUT.wav remix 1 2"
            )
        if max(agent, customer) >= n_channels:
            raise UsageError(
                f"{self._path} has {n_channels} channels and no channel {max(agent, customer)}, which {role_source} "
                "asks for; choose a layout that fits the file"
            )
        return (agent, customer), role_source

    def _new_digests(self) -> list[SideDigest]:
        return [SideDigest(self._recording.sample_rate) for channel in self._channels if channel is not None]

    def _rows(self, rate: int, digests: list[SideDigest]) -> Iterator[Float32]:
        return at_rate(self._native_rows(digests), self._recording.sample_rate, rate)

    def _native_rows(self, digests: list[SideDigest]) -> Iterator[Float32]:
        there = [number for number, channel in enumerate(self._channels) if channel is not None]
        for piece in self._recording.pieces():
            rows = np.empty((2, len(piece)), np.float32)
            for row, channel in zip(rows, self._channels, strict=True):
                row[:] = 0.0 if channel is None else piece[:, channel]
            for number, digest in zip(there, digests, strict=True):
                digest.add(rows[number])
            yield rows


class WavPairSource(_RecordedCall):
    """A call recorded in two mono files, which may differ in rate, codec and length.

    Both begin at sample 0 of the call. The shorter is filled up with silence, and a notice `LENGTH_MISMATCH` says so
    where it is more than `LENGTH_TOLERANCE_S`.

    Parameters
    ----------
    agent_file, customer_file : path
        One-channel files that `Recording` reads.
    language, block_ms, call_id, started_at, headset, headset_facts, narrowband_hz, role_source, longest_s
        As for `WavSource`.

    Raises
    ------
    UsageError
        On entering, if a file has more than one channel, or both are the same file.
    AudioFormatError
        On entering, if a file cannot be read.
    """

    def __init__(
        self,
        agent_file: Path | str,
        customer_file: Path | str,
        *,
        language: str = "en",
        block_ms: float = 1000.0,
        call_id: str | None = None,
        started_at: datetime | None = None,
        headset: str | None = None,
        headset_facts: HeadsetFacts | None = None,
        narrowband_hz: float = 4_000.0,
        role_source: str | None = None,
        longest_s: float | None = None,
    ) -> None:
        super().__init__(
            language=language,
            block_ms=block_ms,
            call_id=call_id,
            started_at=started_at,
            headset=headset,
            headset_facts=headset_facts,
            narrowband_hz=narrowband_hz,
            role_source=role_source,
            longest_s=longest_s,
        )
        self._paths = (Path(agent_file), Path(customer_file))

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """Return the agent's and the customer's file, open inside the with-statement."""
        return self._recordings

    def _open(self, files: ExitStack) -> CallInfo:
        agent, customer = (files.enter_context(self._mono(path)) for path in self._paths)
        if self._paths[0].samefile(self._paths[1]):
            raise UsageError(
                f"{self._paths[0]} was given for both sides; give one file for the agent, one for the customer"
            )
        self._recordings = (agent, customer)
        edges = [_edges(recording)[0] for recording in self._recordings]
        incoming = [(each.sample_rate, edge) for each, edge in zip(self._recordings, edges, strict=True)]
        rate = _call_rate(incoming, self._edge_hz)
        timebase = Timebase(rate)
        self._n_samples = self._length(rate, agent, customer)
        notices = []
        for side, recording, edge in zip(Side, self._recordings, edges, strict=True):
            notices += _file_notices(recording, timebase, self._n_samples, side)
            notices += self._narrowband_notice(recording, edge, timebase, side)
        shorter = Side.AGENT if agent.duration_s < customer.duration_s else Side.CUSTOMER
        missing_s = abs(agent.duration_s - customer.duration_s)
        if missing_s > LENGTH_TOLERANCE_S:
            end = self._length(rate, self._recordings[shorter])
            notices.append(
                _notice(QualityKind.LENGTH_MISMATCH, shorter, end, self._n_samples, missing_s, LENGTH_TOLERANCE_S, "s")
            )
        return CallInfo(
            call_id=self._call_id or UNREAD_CALL_ID,
            origin="wav-pair",
            language=self._language,
            started_at=self._started_at,
            timebase=timebase,
            source_rates=(agent.sample_rate, customer.sample_rate),
            channels=(0, 0),
            headset=self._headset,
            headset_facts=self._headset_facts,
            role_source=self._role_source or "given",
            notices=tuple(notices),
        )

    def _mono(self, path: Path) -> Recording:
        recording = Recording(path, longest_s=self._longest_s)
        if recording.channels != 1:
            recording.close()
            raise UsageError(
                f"{path} has {recording.channels} channels where a file of one side has one; "
                "give it alone and say --agent left or --agent right"
            )
        return recording

    def _new_digests(self) -> list[SideDigest]:
        return [SideDigest(each.sample_rate) for each in self._recordings]

    def _rows(self, rate: int, digests: list[SideDigest]) -> Iterator[Float32]:
        agent, customer = (
            at_rate(_one_row(each, digest), each.sample_rate, rate)
            for each, digest in zip(self._recordings, digests, strict=True)
        )
        return paired(agent, customer, length=self._n_samples)


def _one_row(recording: Recording, digest: SideDigest) -> Iterator[Float32]:
    for piece in recording.pieces():
        row = piece.T.copy()
        digest.add(row[0])
        yield row


def _edges(recording: Recording) -> list[float | None]:
    """Return the highest frequency with sound of each channel, Hz; None where the rate is a telephone's."""
    if recording.sample_rate <= TELEPHONE:
        return [None] * recording.channels
    length = round(LOOK_S * recording.sample_rate)
    return content_edges(recording.looks(N_LOOKS, length), recording.sample_rate, recording.channels)


def _call_rate(sides: Sequence[tuple[int, float | None]], telephone_edge: float) -> int:
    """Return the rate of a call whose sides came in at these rates and hold sound up to these edges, Hz."""
    wide = any(rate > TELEPHONE and edge is not None and edge > telephone_edge for rate, edge in sides)
    return WIDEBAND if wide else TELEPHONE


def _file_notices(recording: Recording, timebase: Timebase, n_samples: int, side: Side | None) -> list[QualityNotice]:
    """Return the notices about one file."""
    notices = [
        _notice(
            fault.kind,
            side,
            min(timebase.samples(fault.start_s), n_samples),
            min(timebase.samples(fault.end_s), n_samples),
            fault.seconds,
            None,
            "s",
        )
        for fault in recording.faults
    ]
    scale = recording.scale
    if scale is not None and scale.n_invalid:
        share = scale.invalid_share
        notices.append(
            _notice(QualityKind.INVALID_SAMPLES, side, 0, n_samples, share, MOST_INVALID_SHARE, "share", digits=9)
        )
    if scale is not None and scale.factor != 1.0:
        notices.append(_notice(QualityKind.INVALID_SAMPLES, side, 0, n_samples, scale.peak, 1.0, "full_scale"))
    if is_cleaned(recording.comment):
        notices.append(_notice(QualityKind.NOISE_SUPPRESSED, side, 0, n_samples, 1, None, "comment"))
    return notices


def _notice(
    kind: QualityKind,
    side: Side | None,
    start: int,
    end: int,
    measured: float,
    limit: float | None,
    unit: str,
    *,
    digits: int = 6,
) -> QualityNotice:
    """Return a notice that is known before the call begins."""
    return QualityNotice(
        start=start,
        end=end,
        decided_at=0,
        kind=kind,
        side=side,
        measured=round(float(measured), digits),
        limit=limit,
        unit=unit,
    )
