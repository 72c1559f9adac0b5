"""Takes: recordings with the conditions they were made under, their faults, and the names of their files."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cxaudio.laboratory.takes.protocol import BABBLE_LEAD_S, LEARNING_S, Role
from cxaudio.laboratory.takes.signals import signal_of
from dsp.core.stage import Float32

__all__ = [
    "Conditions",
    "Fault",
    "FaultKind",
    "Take",
    "TakeName",
    "Takes",
    "conditions_of",
    "covers",
    "lead_of",
    "learned_from",
    "missing_sentence",
    "take_name",
]


_FILE_NAME = re.compile(
    r"^(?P<role>" + "|".join(sorted((role.value for role in Role), key=len, reverse=True)) + r")"
    r"(?:[-_ ](?P<number>\d{1,3}))?(?:\.(?P<part>played|reference))?$"
)


@dataclass(frozen=True, slots=True)
class TakeName:
    """Role, number and part that a file's name gives."""

    role: Role
    number: int  # of the wearing, or of the opening; 1 where the name gives none
    part: str | None  # "played" or "reference"; None: the take itself
    numbered: bool  # False: a played or reference file that serves every take of the role


def take_name(stem: str) -> TakeName | None:
    """Read a file's name without its ending: ``ROLE``, ``ROLE-2``, ``ROLE-2.played``, ``ROLE.reference``.

    Examples
    --------
    >>> take_name("sweep-loud-3")
    TakeName(role=<Role.SWEEP_LOUD: 'sweep-loud'>, number=3, part=None, numbered=True)
    >>> take_name("speech.played").part, take_name("holiday")
    ('played', None)
    """
    found = _FILE_NAME.match(stem.lower())
    if found is None:
        return None
    number = found["number"]
    return TakeName(Role(found["role"]), int(number or 1), found["part"], number is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Conditions of a take; None and empty: not stated."""

    device: str | None = None
    host_api: str | None = None
    sample_rate_hz: int | None = None
    gain: str | None = None  # as the system shows it
    volume: str | None = None
    os_effects: str | None = None
    firmware: str | None = None
    block_frames: int | None = None
    recorded_at: datetime | None = None
    operator: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, weakref_slot=True)
class Take:
    """One recording of one role."""

    role: Role
    number: int  # of the wearing, or of the opening
    name: str  # of its file
    samples: Float32  # (n,), full scale +-1.0
    sample_rate: int
    played: Float32 | None = None  # (m,) what was played, at the same rate
    reference: Float32 | None = None  # (m,) sound of a reference microphone in the same take
    other_side: Float32 | None = None  # (m,) of a call: the customer, clean
    conditions: Conditions = field(default_factory=Conditions)

    @property
    def seconds(self) -> float:
        """Length, s."""
        return len(self.samples) / self.sample_rate

    @property
    def stem(self) -> str:
        """Name of its file without the ending, which files beside it begin with."""
        return self.name.rsplit(".", 1)[0]

    def played_or_made(self) -> Float32 | None:
        """Return the sound that was played: the take's own, else the protocol's for roles of pure signals."""
        if self.played is not None:
            return self.played
        made = (Role.SWEEP_LOUD, Role.SWEEP_SOFT, Role.TONE, Role.MARKERS, Role.OPENING)
        return signal_of(self.role, self.sample_rate) if self.role in made else None


class FaultKind(StrEnum):
    """Kinds of faults of takes; the schema of the report lists the same values."""

    TOO_SHORT = "too_short"
    SILENT = "silent"
    CLIPPED = "clipped"
    WRONG_RATE = "wrong_rate"
    MISMATCHED_PAIR = "mismatched_pair"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    GAIN_CHANGED = "gain_changed"
    NAME = "name"  # a file whose name is no role, or a line that names no take
    DISTURBED = "disturbed"  # the computer lost sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a take, or between takes."""

    kind: FaultKind
    sentence: str
    role: Role | None
    take: str | None = None  # its name
    withheld: tuple[str, ...] = ()  # keys of figures, or beginnings of keys ending in a point
    refused: bool = True  # the take is left out; False: only some figures are


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """The good takes of one headset, and the faults of the others."""

    model: str
    takes: tuple[Take, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def sample_rate(self) -> int | None:
        """Rate of all takes, Hz; None without any."""
        return self.takes[0].sample_rate if self.takes else None

    def of(self, role: Role) -> tuple[Take, ...]:
        """Return the takes of a role, ordered by number."""
        return tuple(sorted((take for take in self.takes if take.role is role), key=lambda take: take.number))

    def beside(self, take: Take, role: Role) -> Take | None:
        """Return the take of another role of the same wearing, else the first of that role."""
        there = self.of(role)
        return next((each for each in there if each.number == take.number), there[0] if there else None)

    def why_withheld(self, key: str) -> str | None:
        """Return the sentence of the fault that forbids a figure, or None."""
        for fault in self.faults:
            if any(covers(name, key) for name in fault.withheld):
                return fault.sentence
        return None


def covers(name: str, key: str) -> bool:
    """Return whether a name means a figure: its key, or the beginning of it up to a point.

    Examples
    --------
    >>> covers("snr.", "snr.quiet_db"), covers("snr", "snr.quiet_db"), covers("clock.slips", "clock.slips")
    (True, False, True)
    """
    return key == name or (name.endswith(".") and key.startswith(name))


def missing_sentence(takes: Takes, role: Role) -> str | None:
    """Return why there is no take of a role, or None where there is one."""
    if takes.of(role):
        return None
    return next((fault.sentence for fault in takes.faults if fault.role is role and fault.refused), None)


def conditions_of(takes: Iterable[Take]) -> Mapping[str, tuple[str, ...]]:
    """Return each condition with every value that is stated in any take."""
    stated: dict[str, dict[str, None]] = {}
    for take in takes:
        for name in Conditions.__dataclass_fields__:
            value = getattr(take.conditions, name)
            if value is not None and value != "" and name not in ("recorded_at", "notes"):
                stated.setdefault(name, {})[str(value)] = None
    return {name: tuple(values) for name, values in stated.items()}


def learned_from(take: Take) -> int:
    """Return the sample from which an earpiece take counts."""
    return round(min(LEARNING_S, take.seconds / 3) * take.sample_rate)


def lead_of(take: Take) -> int:
    """Return how many samples at the beginning of a take of speech in babble hold babble alone."""
    return round(BABBLE_LEAD_S * take.sample_rate)
