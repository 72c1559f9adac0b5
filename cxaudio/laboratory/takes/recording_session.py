"""Record the takes of a measurement one after another, each with its conditions; continue where it stopped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from cxaudio.devices.sound_system import SoundDevice
from cxaudio.laboratory.takes.deck import Deck, Recorded
from cxaudio.laboratory.takes.judge import disturbed_fault, judge_takes
from cxaudio.laboratory.takes.made_call import made_call_sides
from cxaudio.laboratory.takes.protocol import MADE_AGAIN, N_OPENINGS, N_WEARINGS, PROTOCOL, Role, TakePlan
from cxaudio.laboratory.takes.signals import signal_of
from cxaudio.laboratory.takes.take import Fault, FaultKind, Take
from cxaudio.laboratory.takes.takes_folder import TAKES_FILE, take_line, takes_done
from cxaudio.laboratory.takes.wav_bytes import wav_bytes
from cxaudio.sinks.files import storing, write_whole
from dsp.core.stage import Float32

__all__ = ["Answer", "Operator", "OperatorNotes", "RecordingSession", "SessionPlan"]

Answer = Literal["go", "skip", "quit", "again"]

_SPOKEN = (Role.SPEECH, Role.BABBLE, Role.FAR)  # said by a person where there is no loudspeaker at the mouth
_STEADY_MS = 100.0
_CHECKED_AT_ONCE = (FaultKind.TOO_SHORT, FaultKind.SILENT, FaultKind.CLIPPED, FaultKind.MISMATCHED_PAIR)


class Operator(Protocol):
    """The person who wears the headset and presses the keys."""

    def ready(self, plan: TakePlan, number: int, total: int) -> Answer:
        """Show the next take and wait for an answer: go, skip or quit."""
        ...

    def level(self, dbov: float, seconds_left: float) -> None:
        """Show the level while a take is recorded."""
        ...

    def kept(self, name: str, faults: Sequence[Fault]) -> Answer:
        """Show the faults of a take that was recorded and return the answer: go, or again."""
        ...

    def show(self, sentence: str) -> None:
        """Show a sentence."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorNotes:
    """Conditions that the operator states for all takes."""

    gain: str | None = None
    volume: str | None = None
    os_effects: str | None = None
    firmware: str | None = None
    operator: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """Which takes are recorded, how often, and through which devices."""

    model: str
    earpiece: SoundDevice | None  # the headset's own output
    mouth: SoundDevice | None = None  # a loudspeaker at the mouth; None: a person speaks
    wearings: int = N_WEARINGS
    openings: int = N_OPENINGS
    roles: tuple[Role, ...] = tuple(Role)
    notes: OperatorNotes = field(default_factory=OperatorNotes)

    def takes(self) -> Iterator[tuple[TakePlan, int, int]]:
        """Yield every take in order: plan, number, and how many of its role there are."""
        plans = [plan for plan in PROTOCOL if plan.role in self.roles]
        for number in range(1, self.wearings + 1):
            for plan in plans:
                if plan.repeated == "wearing":
                    yield plan, number, self.wearings
        for plan in plans:
            if plan.repeated == "once":
                yield plan, 1, 1
            elif plan.repeated == "opening":
                for number in range(1, self.openings + 1):
                    yield plan, number, self.openings

    def output(self, plan: TakePlan) -> SoundDevice | None:
        """Return the device that plays the sound of a take."""
        return self.mouth if plan.where == "mouth" else self.earpiece if plan.where != "nothing" else None


class RecordingSession:
    """Record the takes of one headset into one folder.

    Parameters
    ----------
    deck : Deck
        Plays and records.
    plan : SessionPlan
        Takes to record.
    folder : Path
        Takes and `takes.jsonl`; takes that are there already are not recorded again.
    operator : Operator
        Asked before each take; sees the level during it and the faults after it.
    """

    def __init__(self, deck: Deck, plan: SessionPlan, folder: Path, operator: Operator) -> None:
        self.deck = deck
        self.plan = plan
        self.folder = folder
        self.operator = operator

    def run(self) -> int:
        """Record every take that is missing.

        Returns
        -------
        int
            How many were recorded.

        Raises
        ------
        DeviceError
            If a device fails; the takes recorded so far stay, and the next run continues.
        StoreError
            If a take cannot be written.
        """
        with storing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        done = takes_done(self.folder)
        recorded = 0
        skipped: set[Role] = set()
        for plan, number, total in self.plan.takes():
            role = plan.role
            if (role, number) in done or role in skipped:
                continue
            output = self.plan.output(plan)
            if output is None and plan.where != "nothing" and role not in _SPOKEN:
                skipped.add(role)
                where = "a loudspeaker at the mouth: name it with --mouth" if plan.where == "mouth" else "an output"
                self.operator.show(f"{plan.title} is left out: it needs {where}")
                continue
            answer = self.operator.ready(plan, number, total)
            if answer == "quit":
                break
            if answer == "skip":
                skipped.add(role)
                continue
            while self._record(plan, number, output) == "again":
                pass
            recorded += 1
        return recorded

    def sent(self, role: Role, number: int) -> Float32 | None:
        """Return the sound of a take, at the microphone's rate."""
        if role is Role.CALL:
            agent: Float32 = made_call_sides(self.deck.sample_rate)[0]
            return agent
        return signal_of(role, self.deck.sample_rate)

    def _record(self, plan: TakePlan, number: int, output: SoundDevice | None) -> Answer:
        role = plan.role
        played = self.sent(role, number) if output is not None else None
        seconds = plan.seconds if played is None else max(plan.seconds, len(played) / self.deck.sample_rate + 1.0)
        # Only openings measure the latency of a call and need its short blocks; other takes must lose no sound.
        block_ms = None if role is Role.OPENING else _STEADY_MS
        recorded = self.deck.record(seconds, play=played, output=output, block_ms=block_ms, meter=self.operator.level)
        name = f"{role}-{number}.wav"
        take = Take(
            role=role,
            number=number,
            name=name,
            samples=recorded.samples,
            sample_rate=recorded.sample_rate,
            played=None if role in MADE_AGAIN else played,
        )
        faults = [fault for fault in judge_takes("", [take]).faults if fault.kind in _CHECKED_AT_ONCE]
        lost = disturbed_fault(role, name, overflows=recorded.overflows, underruns=recorded.underruns)
        answer = self.operator.kept(name, [*faults, *([lost] if lost else [])])
        if answer != "again":
            self._keep(take, recorded, played if role not in MADE_AGAIN else None)
        return answer

    def _keep(self, take: Take, recorded: Recorded, played: Float32 | None) -> None:
        write_whole(self.folder / take.name, wav_bytes(take.samples, take.sample_rate))
        beside = None
        if played is not None:
            beside = f"{take.role}.played.wav"
            if not (self.folder / beside).is_file():
                both = made_call_sides(take.sample_rate).T if take.role is Role.CALL else played
                write_whole(self.folder / beside, wav_bytes(both, take.sample_rate))
        line = take_line(self._line(take, recorded, beside))
        with storing(self.folder / TAKES_FILE), open(self.folder / TAKES_FILE, "a", encoding="utf-8") as file:
            file.write(line)

    def _line(self, take: Take, recorded: Recorded, played: str | None) -> dict[str, Any]:
        microphone, stated = self.deck.microphone, self.plan.notes
        gain = stated.gain
        if gain is None and microphone.volume is not None:
            gain = f"{100 * microphone.volume:.0f} %"
        return {
            "role": take.role.value,
            "opening" if take.role is Role.OPENING else "wearing": take.number,
            "file": take.name,
            "played": played,
            "model": self.plan.model,
            "device": microphone.description,
            "host_api": f"{microphone.host} ({self.deck.system.name})",
            "sample_rate_hz": take.sample_rate,
            "block_frames": recorded.block_frames,
            "gain": gain,
            "volume": stated.volume,
            "os_effects": stated.os_effects,
            "firmware": stated.firmware,
            "usb_id": microphone.usb_id,
            "overflows": recorded.overflows,
            "underruns": recorded.underruns,
            "recorded_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "operator": stated.operator,
            "notes": stated.notes,
        }
