"""Takes: what was recorded under which conditions, how files are named, and which takes are no good and why.

A take that is no good is left out with one sentence; the figures that need it are withheld and the rest delivered.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.takes.protocol import BABBLE_LEAD_S, LEARNING_S, Role, plan_of, signal_of
from dsp.core.levels import dbov
from dsp.measurement.defects import find_clipping, silent_share
from dsp.measurement.delay import find_delay

__all__ = [
    "Conditions",
    "Fault",
    "Take",
    "TakeName",
    "Takes",
    "conditions_told",
    "covers",
    "disturbed",
    "judge_takes",
    "lead_of",
    "learned_from",
    "missing_sentence",
    "take_name",
]

Float32 = NDArray[np.float32]

_NAME = re.compile(
    r"^(?P<role>" + "|".join(sorted((role.value for role in Role), key=len, reverse=True)) + r")"
    r"(?:[-_ ](?P<number>\d{1,3}))?(?:\.(?P<part>played|reference))?$"
)
_LOWEST_RATE = 8_000
_CLIPPED_SHARE = 0.01
_ALIKE = 0.1
_GAIN_DB = 6.0


@dataclass(frozen=True, slots=True)
class TakeName:
    """What a file's name says of it."""

    role: Role
    number: int  # of the wearing, or of the opening; 1 where none is told
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
    found = _NAME.match(stem.lower())
    if found is None:
        return None
    number = found["number"]
    return TakeName(Role(found["role"]), int(number or 1), found["part"], number is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What was told of a take; None and empty: nobody said."""

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


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Take:
    """One recording of one role."""

    role: Role
    number: int  # of the wearing, or of the opening
    name: str  # as people find it again: the file's name
    samples: Float32  # (n,), full scale +-1.0
    sample_rate: int
    played: Float32 | None = None  # (m,) what was played, at the same rate
    reference: Float32 | None = None  # (m,) what a reference microphone heard in the same take
    other_side: Float32 | None = None  # (m,) of a call: the customer, clean
    conditions: Conditions = field(default_factory=Conditions)

    @property
    def seconds(self) -> float:
        """Length, s."""
        return len(self.samples) / self.sample_rate

    def played_or_made(self) -> Float32 | None:
        """What was played: as it lies beside the take, else as the protocol makes it for the roles of pure signals."""
        if self.played is not None:
            return self.played
        made = (Role.SWEEP_LOUD, Role.SWEEP_SOFT, Role.TONE, Role.MARKERS, Role.OPENING)
        return signal_of(self.role, self.sample_rate) if self.role in made else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a take, or between takes."""

    kind: (
        str  # too_short, silent, clipped, wrong_rate, mismatched_pair, unreadable, missing, gain_changed, unknown_name
    )
    sentence: str
    role: Role | None
    take: str | None = None  # its name
    withheld: tuple[str, ...] = ()  # keys of figures, or beginnings of keys ending in a point
    refused: bool = True  # the take is left out; False: only some figures are


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """The good takes of one headset, and what was wrong with the others."""

    model: str
    takes: tuple[Take, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def sample_rate(self) -> int | None:
        """Of all of them, Hz; None without any."""
        return self.takes[0].sample_rate if self.takes else None

    def of(self, role: Role) -> tuple[Take, ...]:
        """Takes of a role by their number."""
        return tuple(sorted((take for take in self.takes if take.role is role), key=lambda take: take.number))

    def beside(self, take: Take, role: Role) -> Take | None:
        """The take of another role that belongs to this one: of the same wearing, else the first."""
        there = self.of(role)
        return next((each for each in there if each.number == take.number), there[0] if there else None)

    def why_withheld(self, key: str) -> str | None:
        """The sentence of the fault that forbids a figure, if one does."""
        for fault in self.faults:
            if any(covers(name, key) for name in fault.withheld):
                return fault.sentence
        return None


def covers(name: str, key: str) -> bool:
    """Whether a name means a figure: its key, or the beginning of it up to a point.

    Examples
    --------
    >>> covers("snr.", "snr.quiet_db"), covers("snr", "snr.quiet_db"), covers("clock.slips", "clock.slips")
    (True, False, True)
    """
    return key == name or (name.endswith(".") and key.startswith(name))


def _too_short(take: Take) -> Fault | None:
    plan = plan_of(take.role)
    if take.seconds >= plan.shortest_s - 1e-6:
        return None
    return Fault(
        kind="too_short",
        role=take.role,
        take=take.name,
        sentence=f"{take.name} is {take.seconds:.1f} s long and a {take.role} take needs {plan.shortest_s:g} s; "
        f"record {plan.seconds:g} s",
    )


def _silent(take: Take) -> Fault | None:
    level = dbov(float(np.mean(np.square(take.samples, dtype=np.float64))))
    if not take.samples.any():
        return Fault(
            kind="silent",
            role=take.role,
            take=take.name,
            sentence=f"{take.name} is digital silence from end to end, as a mute switch or a gate leaves it; check "
            "both, and record it again",
        )
    least = plan_of(take.role).quietest_dbov
    if level >= least:
        return None
    return Fault(
        kind="silent",
        role=take.role,
        take=take.name,
        sentence=f"{take.name} has a level of {level:.0f} dBov where a {take.role} take needs {least:g}; "
        "check the gain and that the sound was played, and record it again",
    )


def _wrong_rate(take: Take, usual: int) -> Fault | None:
    told = take.conditions.sample_rate_hz
    if take.sample_rate < _LOWEST_RATE:
        why = f"{take.name} has {take.sample_rate} Hz and a measurement needs {_LOWEST_RATE}; record at 16000 or more"
    elif told is not None and told != take.sample_rate:
        why = (
            f"{take.name} has {take.sample_rate} Hz and takes.jsonl says {told}; it was converted since: "
            "give the file as it was recorded"
        )
    elif take.sample_rate != usual:
        why = (
            f"{take.name} has {take.sample_rate} Hz and the other takes {usual}; record all takes at one rate, "
            "the device's own"
        )
    else:
        return None
    return Fault(kind="wrong_rate", role=take.role, take=take.name, sentence=why)


def _mismatched(take: Take) -> Fault | None:
    """What was played, or the reference microphone's sound, does not belong to the take."""
    for part, other in (("played", take.played), ("reference", take.reference)):
        if other is None:
            continue
        apart = abs(len(other) - len(take.samples)) / take.sample_rate
        most = max(5.0, 0.5 * take.seconds)
        if apart > most:
            return _pair_fault(take, part, f"differs from it in length by {apart:.1f} s (most {most:.1f})")
        if not other.any():
            return _pair_fault(take, part, "is digital silence")
    if take.role in (Role.SWEEP_LOUD, Role.SWEEP_SOFT, Role.MARKERS, Role.OPENING, Role.LEVELS, Role.SPEECH, Role.CALL):
        played = take.played_or_made()
        if played is None:
            return None
        length = min(len(played), 30 * take.sample_rate)
        found = find_delay(played[:length], take.samples[: 2 * length], take.sample_rate, least_s=-5.0, most_s=15.0)
        if abs(found.correlation) < _ALIKE:
            what = "what was played" if take.played is not None else "the protocol's own signal"
            return Fault(
                kind="mismatched_pair",
                role=take.role,
                take=take.name,
                sentence=f"{take.name} does not hold {what} (correlation {abs(found.correlation):.2f}, least "
                f"{_ALIKE:g}); name the pair that belongs together, or put what was played beside it as "
                f"{take.name.rsplit('.', 1)[0]}.played.wav",
            )
    return None


def _pair_fault(take: Take, part: str, what: str) -> Fault:
    return Fault(
        kind="mismatched_pair",
        role=take.role,
        take=take.name,
        sentence=f"the {part} file of {take.name} {what}; give the one that belongs to the take",
    )


def _clipped(take: Take) -> Fault | None:
    """Clipping spoils what is told from the wave's shape; the level and the clipping itself are still told."""
    if take.role in (Role.QUIET, Role.OPENING, Role.MARKERS):
        return None
    found = find_clipping(take.samples, take.sample_rate)
    if not found.clipped or found.n_samples < 1e-4 * len(take.samples):
        return None
    spoiled: dict[Role, tuple[str, ...]] = {
        Role.SPEECH: ("snr.", "bandwidth.", "near_far.", "dnsmos.", "plcmos.", "stoi."),
        Role.BABBLE: ("snr.babble_db", "snr.drop_db"),
        Role.SWEEP_LOUD: ("thd.", "compression."),
        Role.TONE: ("thd_n.percent",),
        Role.FAR: ("near_far.",),
        Role.EARPIECE: ("coupling.",),
        Role.LEVELS: ("agc.",),
        Role.CALL: ("pacing.",),
        Role.SWEEP_SOFT: ("compression.",),
    }
    top = max(found.high_dbov, found.low_dbov)
    return Fault(
        kind="clipped",
        role=take.role,
        take=take.name,
        refused=False,
        withheld=spoiled[take.role],
        sentence=f"{take.name} is clipped at {top:.1f} dBov ({found.n_runs} flat tops, "
        f"{100 * found.n_samples / len(take.samples):.1f} % of the samples); lower the gain or the level played, "
        "and record it again",
    )


def _gain_changed(takes: Sequence[Take]) -> Iterable[Fault]:
    """Takes whose levels are compared must have one gain."""
    told: dict[str, list[Take]] = {}
    for take in takes:
        if take.conditions.gain is not None and take.role is not Role.EARPIECE:
            told.setdefault(take.conditions.gain, []).append(take)
    if len(told) > 1:
        several = "; ".join(
            f"{gain} in {', '.join(take.name for take in some[:3])}{' and others' if len(some) > 3 else ''}"
            for gain, some in told.items()
        )
        yield Fault(
            kind="gain_changed",
            role=None,
            refused=False,
            withheld=("snr.", "near_far.", "compression.", "coupling."),
            sentence=f"the gain was changed between takes ({several}), so that their levels cannot be compared; "
            "record these takes again at one gain",
        )
        return
    yield from _floors_apart(takes)


def _floors_apart(takes: Sequence[Take]) -> Iterable[Fault]:
    """The same told by ear: the noise in the pauses of the speech is another than that of the quiet room."""
    from dsp.measurement.dynamics import find_gate

    for speech in takes:
        quiet = next((take for take in takes if take.role is Role.QUIET and take.number == speech.number), None)
        if speech.role is not Role.SPEECH or quiet is None or quiet.sample_rate != speech.sample_rate:
            continue
        gate = find_gate(speech.samples, speech.sample_rate)
        if gate.found or gate.n_pauses < 3 or silent_share(quiet.samples, quiet.sample_rate) > 0.01:
            continue
        length = speech.sample_rate // 100
        frames = quiet.samples[: len(quiet.samples) // length * length].reshape(-1, length).astype(np.float64)
        frames = frames - frames.mean()
        levels = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-15)
        apart = gate.closed_dbov - float(np.quantile(levels, 0.2))
        # A soft room may be drowned by breath, so only a fall is sure; a rise has to be larger.
        if apart < -_GAIN_DB or apart > 2 * _GAIN_DB:
            yield Fault(
                kind="gain_changed",
                role=Role.SPEECH,
                take=speech.name,
                refused=False,
                withheld=("snr.", "near_far."),
                sentence=f"the noise in the pauses of {speech.name} lies {apart:+.0f} dB from that of {quiet.name}: "
                "the gain or the room was changed between them, or gain control is at work; record both again at one "
                "gain",
            )
            return


def judge_takes(model: str, takes: Sequence[Take], faults: Sequence[Fault] = ()) -> Takes:
    """Part good takes from bad.

    Parameters
    ----------
    model : str
        Name of the headset.
    takes : sequence of Take
        As read.
    faults : sequence of Fault
        What reading them already brought to light.

    Returns
    -------
    Takes
        The good ones, and a fault for everything else: bad takes, roles that are missing, gains that changed.
    """
    found = list(faults)
    rates = [take.sample_rate for take in takes]
    usual = max(set(rates), key=lambda rate: (rates.count(rate), rate)) if rates else 0
    good: list[Take] = []
    for take in takes:
        fault = _wrong_rate(take, usual) or _too_short(take) or _silent(take) or _mismatched(take)
        if fault is None:
            good.append(take)
            clipped = _clipped(take)
            found += [clipped] if clipped else []
        else:
            found.append(fault)
    found += _gain_changed(good)
    # Figures are withheld for a fault only where no good take of the role is left.
    there = {take.role for take in good}
    refused = {fault.role: fault for fault in found if fault.refused and fault.role is not None}
    for role in Role:
        if role not in there and role not in refused:
            plan = plan_of(role)
            found.append(
                Fault(
                    kind="missing",
                    role=role,
                    sentence=f"there is no {role} take, which gives {plan.gives}; record it as {role}.wav",
                )
            )
    return Takes(model=model, takes=tuple(good), faults=tuple(found))


def disturbed(role: Role, name: str, *, overflows: int, underruns: int) -> Fault | None:
    """Sound that the computer lost while a take was played or recorded: the headset is not to blame for it.

    Examples
    --------
    >>> disturbed(Role.OPENING, "opening-3.wav", overflows=0, underruns=1).sentence
    'the computer lost sound while opening-3.wav was recorded (0 times on the way in, 1 on the way out); close what ...'
    """
    if overflows <= 0 and underruns <= 0:
        return None
    return Fault(
        kind="disturbed",
        role=role,
        take=name,
        refused=role is Role.OPENING,  # its delay is another; elsewhere only what is lost counts
        withheld=() if role in (Role.OPENING, Role.QUIET) else ("dropouts.", "clock.slips"),
        sentence=f"the computer lost sound while {name} was recorded ({overflows} times on the way in, {underruns} on "
        "the way out); close what keeps it busy, and record it again",
    )


def missing_sentence(takes: Takes, role: Role) -> str | None:
    """Why there is no take of a role, if there is none."""
    if takes.of(role):
        return None
    return next((fault.sentence for fault in takes.faults if fault.role is role and (fault.refused)), None)


def conditions_told(takes: Iterable[Take]) -> Mapping[str, tuple[str, ...]]:
    """Each condition with every value that was told in any take."""
    told: dict[str, dict[str, None]] = {}
    for take in takes:
        for name in Conditions.__dataclass_fields__:
            value = getattr(take.conditions, name)
            if value is not None and value != "" and name not in ("recorded_at", "notes"):
                told.setdefault(name, {})[str(value)] = None
    return {name: tuple(values) for name, values in told.items()}


def learned_from(take: Take) -> int:
    """Sample from which an earpiece take counts."""
    return round(min(LEARNING_S, take.seconds / 3) * take.sample_rate)


def lead_of(take: Take) -> int:
    """Samples of babble alone at the beginning of a take of speech in babble."""
    return round(BABBLE_LEAD_S * take.sample_rate)
