"""Judge takes: which are no good and why.

A take that is no good is left out with one sentence; the figures that need it are withheld and the rest delivered.
"""

from collections.abc import Sequence

import numpy as np

from cxaudio.laboratory.takes.gain_changes import gain_faults
from cxaudio.laboratory.takes.protocol import Role, plan_of
from cxaudio.laboratory.takes.take import Fault, FaultKind, Take, Takes
from dsp.core.levels import dbov
from dsp.measurement.defects import find_clipping
from dsp.measurement.delay import find_delay

__all__ = ["disturbed_fault", "judge_takes"]

_LOWEST_RATE = 8_000
_CLIPPED_SHARE = 1e-4
_ALIKE = 0.1


def _too_short(take: Take) -> Fault | None:
    plan = plan_of(take.role)
    if take.seconds >= plan.shortest_s - 1e-6:
        return None
    return Fault(
        kind=FaultKind.TOO_SHORT,
        role=take.role,
        take=take.name,
        sentence=f"{take.name} is {take.seconds:.1f} s long and a {take.role} take needs {plan.shortest_s:g} s; "
        f"record {plan.seconds:g} s",
    )


def _silent(take: Take) -> Fault | None:
    level = dbov(float(np.mean(np.square(take.samples, dtype=np.float64))))
    if not take.samples.any():
        return Fault(
            kind=FaultKind.SILENT,
            role=take.role,
            take=take.name,
            sentence=f"{take.name} is digital silence from end to end, as a mute switch or a gate leaves it; check "
            "both, and record it again",
        )
    least = plan_of(take.role).quietest_dbov
    if level >= least:
        return None
    return Fault(
        kind=FaultKind.SILENT,
        role=take.role,
        take=take.name,
        sentence=f"{take.name} has a level of {level:.0f} dBov where a {take.role} take needs {least:g}; "
        "check the gain and that the sound was played, and record it again",
    )


def _wrong_rate(take: Take, usual: int) -> Fault | None:
    stated = take.conditions.sample_rate_hz
    if take.sample_rate < _LOWEST_RATE:
        why = f"{take.name} has {take.sample_rate} Hz and a measurement needs {_LOWEST_RATE}; record at 16000 or more"
    elif stated is not None and stated != take.sample_rate:
        why = (
            f"{take.name} has {take.sample_rate} Hz and takes.jsonl says {stated}; it was converted since: "
            "give the file as it was recorded"
        )
    elif take.sample_rate != usual:
        why = (
            f"{take.name} has {take.sample_rate} Hz and the other takes {usual}; record all takes at one rate, "
            "the device's own"
        )
    else:
        return None
    return Fault(kind=FaultKind.WRONG_RATE, role=take.role, take=take.name, sentence=why)


def _mismatched(take: Take) -> Fault | None:
    """Find a played or reference file that does not belong to the take."""
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
                kind=FaultKind.MISMATCHED_PAIR,
                role=take.role,
                take=take.name,
                sentence=f"{take.name} does not hold {what} (correlation {abs(found.correlation):.2f}, least "
                f"{_ALIKE:g}); name the pair that belongs together, or put what was played beside it as "
                f"{take.name.rsplit('.', 1)[0]}.played.wav",
            )
    return None


def _pair_fault(take: Take, part: str, what: str) -> Fault:
    return Fault(
        kind=FaultKind.MISMATCHED_PAIR,
        role=take.role,
        take=take.name,
        sentence=f"the {part} file of {take.name} {what}; give the one that belongs to the take",
    )


def _clipped(take: Take) -> Fault | None:
    """Find clipping: figures that depend on the shape of the wave are withheld, level and clipping itself are not."""
    if take.role in (Role.QUIET, Role.OPENING, Role.MARKERS):
        return None
    found = find_clipping(take.samples, take.sample_rate)
    if not found.clipped or found.n_samples < _CLIPPED_SHARE * len(take.samples):
        return None
    spoiled: dict[Role, tuple[str, ...]] = {
        Role.SPEECH: ("snr.", "bandwidth.", "near_far.", "dnsmos.", "plcmos.", "stoi."),
        Role.BABBLE: ("snr.babble_db", "snr.drop_db", "snr.cleaned_babble_db", "snr.left_for_ours_db"),
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
        kind=FaultKind.CLIPPED,
        role=take.role,
        take=take.name,
        refused=False,
        withheld=spoiled[take.role],
        sentence=f"{take.name} is clipped at {top:.1f} dBov ({found.n_runs} flat tops, "
        f"{100 * found.n_samples / len(take.samples):.1f} % of the samples); lower the gain or the level played, "
        "and record it again",
    )


def judge_takes(model: str, takes: Sequence[Take], faults: Sequence[Fault] = ()) -> Takes:
    """Separate good takes from bad ones.

    Parameters
    ----------
    model : str
        Name of the headset.
    takes : sequence of Take
        As read.
    faults : sequence of Fault
        Faults that were found while reading them.

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
    found += gain_faults(good)
    # Figures are withheld for a fault only where no good take of the role is left.
    there = {take.role for take in good}
    refused = {fault.role: fault for fault in found if fault.refused and fault.role is not None}
    for role in Role:
        if role not in there and role not in refused:
            plan = plan_of(role)
            found.append(
                Fault(
                    kind=FaultKind.MISSING,
                    role=role,
                    sentence=f"there is no {role} take, which gives {plan.gives}; record it as {role}.wav",
                )
            )
    return Takes(model=model, takes=tuple(good), faults=tuple(found))


def disturbed_fault(role: Role, name: str, *, overflows: int, underruns: int) -> Fault | None:
    """Return a fault if the computer lost sound while a take was played or recorded.

    The headset is not to blame for it.

    Examples
    --------
    >>> disturbed_fault(Role.OPENING, "opening-3.wav", overflows=0, underruns=1).sentence
    'the computer lost sound while opening-3.wav was recorded (0 times on the way in, 1 on the way out); close what ...'
    """
    if overflows <= 0 and underruns <= 0:
        return None
    return Fault(
        kind=FaultKind.DISTURBED,
        role=role,
        take=name,
        refused=role is Role.OPENING,  # its delay is another; elsewhere only what is lost counts
        withheld=() if role in (Role.OPENING, Role.QUIET) else ("dropouts.", "clock.slips"),
        sentence=f"the computer lost sound while {name} was recorded ({overflows} times on the way in, {underruns} on "
        "the way out); close what keeps it busy, and record it again",
    )
