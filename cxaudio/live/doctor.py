"""Check that both sides are captured, with a word from the agent and a soft tone for the far end; prints nothing."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from cxaudio.devices.far_end import FarEndWay, far_end_cure, far_end_way
from cxaudio.devices.sound_system import DeviceChoice, OutputStream, SoundDevice, SoundSystem, find_device
from cxaudio.errors import DeviceError
from cxaudio.model.events import Side
from cxaudio.model.live_state import Trouble, TroubleKind
from cxaudio.sources.live.capture import CaptureSource
from dsp.core.levels import dbov
from dsp.core.stage import Float32

__all__ = ["Diagnosis", "Finding", "SideState", "Step", "examine"]

TONE_HZ = 440.0
TONE_DBOV = -42.0  # soft in any earpiece, and well over what a line's noise is
TONE_S = 1.5
TONE_AFTER_S = 0.4  # played, monitored and delivered
WORD_DBOV = -55.0  # a spoken word in a headset is some 25 dB louder, a room some 15 dB softer
STANDS_OUT_DB = 12.0  # the tone over what was there before
BACKGROUND_S = 0.5


class SideState(StrEnum):
    """Result for a side."""

    HEARD = "heard"
    QUIET = "quiet"  # sound arrives, but not the word or the tone
    ZEROS = "zeros"  # digital silence
    MUTED = "muted"
    LOST = "lost"  # no sound arrives


class Step(StrEnum):
    """Steps of the check, reported to the user."""

    WORD = "word"  # say a word
    TONE = "tone"  # a soft tone is played
    SKEW = "skew"  # just wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Findings about one side."""

    side: str
    device: str
    name: str  # by which it is opened
    host: str
    sample_rate: int  # Hz
    channels: int
    state: SideState
    level_dbov: float | None  # of the loudest tenth of a second; None: digital silence
    trouble: str | None  # the longest of the troubles that capture reported
    cure: str | None  # None: nothing is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Findings about both sides."""

    system: str
    agent: Finding
    customer: Finding
    far_end_way: FarEndWay
    tone_heard: bool | None  # by the far end; None: it could not be played
    skew_ppm: float | None  # by how many ppm the customer's device runs slower; None: the check was too short
    reopened: int

    @property
    def both_heard(self) -> bool:
        """Whether both sides are captured."""
        return self.agent.state is SideState.HEARD and self.customer.state is SideState.HEARD

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self) | {"both_heard": self.both_heard}


def examine(
    sound: SoundSystem,
    microphone: SoundDevice,
    far_end: SoundDevice,
    *,
    channels: tuple[int | None, int | None] = (None, None),
    word_s: float = 4.0,
    listen_s: float = 0.0,
    tell: Callable[[Step, tuple[float, float]], None] = lambda step, levels: None,
) -> Diagnosis:
    """Capture both sides for some seconds and examine them.

    Parameters
    ----------
    sound : SoundSystem
        Where the devices are.
    microphone, far_end : SoundDevice
        Devices of agent and customer.
    channels : pair of int or None
        Channel of each side, counted from 0; None: all, mixed down.
    word_s : float
        How long to wait for a word, in seconds.
    listen_s : float
        How much longer to listen, in seconds, for the skew between the devices' clocks; some 25 are needed.
    tell : callable
        Called with the step and the levels of the last tenth of a second (agent, customer) in dBov.

    Raises
    ------
    DeviceError
        If there is no sound system.
    """
    listened = _Listened(tell)
    choices = [
        DeviceChoice(name=device.name, host=device.host, channel=channel)
        for device, channel in zip((microphone, far_end), channels, strict=True)
    ]
    with CaptureSource(sound, *choices, block_ms=50.0) as source:
        blocks = iter(source)

        def listen(step: Step, seconds: float) -> Float32:
            pieces = [np.zeros((2, 0), np.float32)]
            rate = source.info.timebase.sample_rate
            for block in blocks:
                pieces.append(block.samples)
                listened.take(step, block.samples, rate, source.troubles())
                if sum(each.shape[1] for each in pieces) >= seconds * rate:
                    break
            return np.concatenate(pieces, axis=1)

        listen(Step.WORD, word_s)
        before = listen(Step.TONE, BACKGROUND_S)
        tone = _play_tone(sound, far_end)
        tone_heard: bool | None = None
        if tone is not None:
            during = listen(Step.TONE, TONE_AFTER_S + TONE_S)
            tone.close()
            rate = source.info.timebase.sample_rate
            cut = during[1, round(TONE_AFTER_S * rate) :]
            tone_heard = _tone_level(cut, rate) > _tone_level(before[1], rate) + STANDS_OUT_DB
        if listen_s > 0:
            listen(Step.SKEW, listen_s)
        skew = source.skew_ppm()
        reopened = source.n_reopened
    findings = []
    for side, device in zip(Side, (microphone, far_end), strict=True):
        state = listened.state(side, tone_heard=tone_heard if side is Side.CUSTOMER else None)
        findings.append(
            Finding(
                side=side.label,
                device=device.description,
                name=device.name,
                host=device.host,
                sample_rate=device.sample_rate,
                channels=device.inputs,
                state=state,
                level_dbov=listened.loudest(side),
                trouble=listened.worst(side),
                cure=_cure(side, state, listened.worst(side)),
            )
        )
    return Diagnosis(
        system=sound.name,
        agent=findings[0],
        customer=findings[1],
        far_end_way=far_end_way(far_end),
        tone_heard=tone_heard,
        skew_ppm=None if skew is None else round(skew, 1),
        reopened=reopened,
    )


class _Listened:
    """Collect levels and troubles of captured blocks."""

    def __init__(self, tell: Callable[[Step, tuple[float, float]], None]) -> None:
        self._tell = tell
        self._loudest = [0.0, 0.0]  # mean square
        self._during_word = [0.0, 0.0]
        self._rest = np.zeros((2, 0), np.float32)
        self._troubles: list[dict[TroubleKind, int]] = [{}, {}]

    def take(self, step: Step, samples: Float32, rate: int, troubles: tuple[Trouble, ...]) -> None:
        for trouble in troubles:
            for side in Side if trouble.side is None else (trouble.side,):
                counts = self._troubles[side]
                counts[trouble.kind] = counts.get(trouble.kind, 0) + 1
        self._rest = np.concatenate((self._rest, samples), axis=1)
        tenth = rate // 10
        while self._rest.shape[1] >= tenth:
            piece, self._rest = self._rest[:, :tenth], self._rest[:, tenth:]
            powers = [float(np.dot(row, row)) / tenth for row in piece]
            self._loudest = [max(pair) for pair in zip(self._loudest, powers, strict=True)]
            if step is Step.WORD:
                self._during_word = [max(pair) for pair in zip(self._during_word, powers, strict=True)]
            self._tell(step, (dbov(powers[0]), dbov(powers[1])))

    def loudest(self, side: Side) -> float | None:
        return round(dbov(self._loudest[side]), 1) if self._loudest[side] else None

    def worst(self, side: Side) -> str | None:
        """Return the trouble that lasted longest."""
        counts = self._troubles[side]
        return max(counts, key=lambda kind: counts[kind]).value if counts else None

    def state(self, side: Side, *, tone_heard: bool | None) -> SideState:
        counts = self._troubles[side]
        if not self._loudest[side]:
            if TroubleKind.MUTED in counts and side is Side.CUSTOMER:
                return SideState.MUTED
            lost = set(counts) - {TroubleKind.MUTED, TroubleKind.DENIED, TroubleKind.SILENT_FAR_END}
            return SideState.LOST if lost else SideState.ZEROS
        if tone_heard or (tone_heard is None and dbov(self._during_word[side]) > WORD_DBOV):
            return SideState.HEARD
        return SideState.QUIET


def _play_tone(sound: SoundSystem, far_end: SoundDevice) -> OutputStream | None:
    """Play a soft tone into the output that the far end monitors; return None where that cannot be played."""
    devices = sound.devices()
    output = None
    if far_end.monitor_of is not None:
        choice = DeviceChoice(name=far_end.monitor_of)
        output = find_device(devices, choice, output=True)
    if output is None:
        output = next((each for each in devices if each.outputs and each.is_default), None)
    if output is None:
        return None
    height = 32767 * math.sqrt(2) * 10 ** (TONE_DBOV / 20)
    rate, channels = output.sample_rate, min(output.outputs, 2)
    place = 0

    def fill(n: int) -> bytes:
        nonlocal place
        t = np.arange(place, place + n) / rate
        place += n
        rise = np.minimum(1.0, t / 0.05)  # no click
        wave = (height * rise * np.sin(2 * np.pi * TONE_HZ * t)).astype(np.int16)
        return np.repeat(wave[:, np.newaxis], channels, axis=1).tobytes()

    try:
        return sound.open_output(output, fill, channels=channels)
    except DeviceError:
        return None


def _tone_level(x: Float32, rate: int) -> float:
    """Return the level of the tone in `x`, in dB; very low where there is none."""
    if not len(x):
        return -120.0
    window = np.hanning(len(x))
    turns = np.exp(-2j * np.pi * TONE_HZ / rate * np.arange(len(x)))
    part = abs(np.sum(x * window * turns)) / np.sum(window)
    return 20 * math.log10(max(float(part), 1e-6))


def _cure(side: Side, state: SideState, trouble: str | None) -> str | None:
    if state is SideState.HEARD:
        return None
    if trouble == TroubleKind.DENIED:
        return "allow this program to use the microphone in the system's privacy settings"
    if trouble == TroubleKind.MOVED:
        return "the sound server moves our stream to another device; choose the right one for cxaudio in its mixer"
    if side is Side.AGENT:
        return {
            SideState.QUIET: "say a word louder, or name the microphone you speak into with --microphone",
            SideState.ZEROS: "unmute the microphone: at its boom or switch, and in the system's mixer",
            SideState.MUTED: "unmute the microphone: at its boom or switch, and in the system's mixer",
            SideState.LOST: "plug the headset in again, and see with cxaudio devices whether it is there",
        }[state]
    return {
        SideState.QUIET: f"choose as --far-end the input that hears your earpiece, or {far_end_cure()}",
        SideState.ZEROS: f"have the softphone play through this output, or {far_end_cure()}",
        SideState.MUTED: "unmute the earpiece and turn it up: what is muted cannot be heard by its monitor either",
        SideState.LOST: f"start the sound server; {far_end_cure()}",
    }[state]
