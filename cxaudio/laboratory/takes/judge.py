"""Judge takes: which are no good and why.

A take that is no good is left out with one sentence; the figures that need it are withheld and the rest delivered.
"""

from collections.abc import Sequence

import numpy as np

from cxaudio.laboratory.said import said
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
        sentence=said(
            "{take} is {seconds:.1f} s long and a {role} take needs {least:g} s; record {wanted:g} s",
            take=take.name,
            seconds=take.seconds,
            role=take.role.value,
            least=plan.shortest_s,
            wanted=plan.seconds,
        ),
    )


def _silent(take: Take) -> Fault | None:
    level = dbov(float(np.mean(np.square(take.samples, dtype=np.float64))))
    if not take.samples.any():
        return Fault(
            kind=FaultKind.SILENT,
            role=take.role,
            take=take.name,
            sentence=said(
                "{take} is digital silence from end to end, as a mute switch or a gate leaves it; check both, and "
                "record it again",
                take=take.name,
            ),
        )
    least = plan_of(take.role).quietest_dbov
    if level >= least:
        return None
    return Fault(
        kind=FaultKind.SILENT,
        role=take.role,
        take=take.name,
        sentence=said(
            "{take} has a level of {level:.0f} dBov where a {role} take needs {least:g}; check the gain and that the "
            "sound was played, and record it again",
            take=take.name,
            level=level,
            role=take.role.value,
            least=least,
        ),
    )


def _wrong_rate(take: Take, usual: int) -> Fault | None:
    stated = take.conditions.sample_rate_hz
    if take.sample_rate < _LOWEST_RATE:
        why = said(
            "{take} has {rate} Hz and a measurement needs {least}; record at 16000 or more",
            take=take.name,
            rate=take.sample_rate,
            least=_LOWEST_RATE,
        )
    elif stated is not None and stated != take.sample_rate:
        why = said(
            "{take} has {rate} Hz and takes.jsonl says {stated}; it was converted since: give the file as it was "
            "recorded",
            take=take.name,
            rate=take.sample_rate,
            stated=stated,
        )
    elif take.sample_rate != usual:
        why = said(
            "{take} has {rate} Hz and the other takes {usual}; record all takes at one rate, the device's own",
            take=take.name,
            rate=take.sample_rate,
            usual=usual,
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
            return _pair_fault(
                take, part, said("differs from it in length by {apart:.1f} s (most {most:.1f})", apart=apart, most=most)
            )
        if not other.any():
            return _pair_fault(take, part, said("is digital silence"))
    if take.role in (Role.SWEEP_LOUD, Role.SWEEP_SOFT, Role.MARKERS, Role.OPENING, Role.LEVELS, Role.SPEECH, Role.CALL):
        played = take.played_or_made()
        if played is None:
            return None
        length = min(len(played), 30 * take.sample_rate)
        found = find_delay(
            played[:length], take.samples[: 2 * length], take.sample_rate, least_s=-5.0, most_s=15.0, fine=False
        )
        if abs(found.correlation) < _ALIKE:
            return Fault(
                kind=FaultKind.MISMATCHED_PAIR,
                role=take.role,
                take=take.name,
                sentence=_unlike(take, abs(found.correlation)),
            )
    return None


def _unlike(take: Take, correlation: float) -> str:
    if take.played is not None:
        return said(
            "{take} does not hold what was played (correlation {correlation:.2f}, least {least:g}); name the pair that "
            "belongs together, or put what was played beside it as {stem}.played.wav",
            take=take.name,
            correlation=correlation,
            least=_ALIKE,
            stem=take.stem,
        )
    return said(
        "{take} does not hold the protocol's own signal (correlation {correlation:.2f}, least {least:g}); name the "
        "pair that belongs together, or put what was played beside it as {stem}.played.wav",
        take=take.name,
        correlation=correlation,
        least=_ALIKE,
        stem=take.stem,
    )


def _pair_fault(take: Take, part: str, what: str) -> Fault:
    return Fault(
        kind=FaultKind.MISMATCHED_PAIR,
        role=take.role,
        take=take.name,
        sentence=said(
            "the {part} file of {take} {what}; give the one that belongs to the take",
            part=part,
            take=take.name,
            what=what,
        ),
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
        sentence=said(
            "{take} is clipped at {top:.1f} dBov ({n} flat tops, {share:.2g} % of the samples at the extremes); "
            "lower the gain or the level played, and record it again",
            take=take.name,
            top=top,
            n=found.n_runs,
            share=100 * found.share,
        ),
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
                    sentence=said(
                        "there is no {role} take, which gives {gives}; record it as {role}.wav",
                        role=role.value,
                        gives=plan.gives,
                    ),
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
        sentence=said(
            "the computer lost sound while {take} was recorded ({overflows} times on the way in, {underruns} on the "
            "way out); close what keeps it busy, and record it again",
            take=name,
            overflows=overflows,
            underruns=underruns,
        ),
    )
