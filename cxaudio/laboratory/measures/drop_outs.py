"""Drop-outs in every take that holds sound throughout."""

from collections.abc import Sequence

import numpy as np

from cxaudio.laboratory.measures.clock import skew_ppm
from cxaudio.laboratory.measures.estimate import Count
from cxaudio.laboratory.measures.figure import Badge, FigureSpec, indicative_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.responses import jump_words, responses_of
from cxaudio.laboratory.said import listed, said
from cxaudio.laboratory.takes.gate import gate_of
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.signals import signal_of, sweep_of
from cxaudio.laboratory.takes.take import FaultKind, Take, Takes
from dsp.core.errors import ParameterError
from dsp.measurement.dropouts import DropOut, find_dropouts
from dsp.measurement.jumps import Jump, find_jumps

__all__ = ["DROP_OUTS"]

_QOE = "Microsoft, Skype for Business QoE schema, AudioSignal"
_SOUNDING = (Role.SPEECH, Role.BABBLE, Role.LEVELS, Role.SWEEP_LOUD, Role.CALL, Role.TONE)
_COMPARED = (Role.FAR, Role.EARPIECE, Role.SWEEP_SOFT)  # too soft to hear zeros in; compared with what was played
_SAME_S = 0.3
_N_WORDS = 4

_FIGURES = (
    FigureSpec(
        key="dropouts.per_5min",
        name="Drop-outs",
        unit="in 5 minutes",
        criterion="continuity",
        role=Role.SPEECH,
        badge=Badge.INDICATIVE,
        better="lower",
        decimals=1,
        lead=True,
        worth=1.0,
        cause="loses sound",
        about="Zeros, held values and exact repeats of 4 ms or more in all takes with sound, and 1 ms or more that was "
        "cut out or put in, by the delay behind what was played; what a concealment hides well is not found.",
        limits=(indicative_limit(1.0, "at_most", f"{_QOE}: glitches, good below 1 in 5 minutes"),),
    ),
    FigureSpec(
        key="dropouts.total_ms",
        name="Sound lost",
        unit="ms",
        criterion="continuity",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        about="Length of all drop-outs together.",
        better="lower",
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    # Flat tops look like repeats of one another.
    clipped = {fault.take for fault in takes.faults if fault.kind is FaultKind.CLIPPED}
    used = [take for role in _SOUNDING for take in takes.of(role) if take.name not in clipped]
    if not used:
        if clipped:
            sentence = said(
                "every take with sound is clipped, whose flat tops look like held values; record them again"
            )
            found.withhold(sentence, "dropouts.per_5min", "dropouts.total_ms")
        return
    gated = any(gate_of(take).evidence == "zeros" for take in takes.of(Role.SPEECH)[:1])
    lost_s = 0.0
    counts: list[int] = []
    lengths: list[float] = []
    words: list[str] = []
    kinds: dict[str, int] = {}
    n_compared = 0
    for take in (*used, *(each for role in _COMPARED for each in takes.of(role))):
        bursts = _bursts_of(take, gated=gated) if take.role in _SOUNDING else []
        for burst in bursts:
            kinds[burst.kind] = kinds.get(burst.kind, 0) + 1
        at_s = [burst.start / take.sample_rate for burst in bursts]
        jumps, heard_s = _jumps_of(take, takes, found)
        if take.role in _COMPARED and not heard_s:
            continue
        n_compared += heard_s > 0
        # Sound put in as zeros is both a burst and a jump.
        jumps = [jump for jump in jumps if all(abs(jump.at_s - each) > _SAME_S for each in at_s)]
        words += [said("{jump} of {take}", jump=jump_words(jump), take=take.name) for jump in jumps]
        counts.append(len(bursts) + len(jumps))
        lengths.append(take.seconds if take.role in _SOUNDING else heard_s)
        lost_s += sum(burst.length for burst in bursts) / take.sample_rate + sum(
            max(0.0, -jump.jump_s) for jump in jumps
        )
    compared = said(
        "{n} takes, {seconds:.0f} s in all; cut-out sound was looked for in {compared}",
        n=len(counts),
        seconds=sum(lengths),
        compared=n_compared,
    )
    conditions = listed([compared, said("zeros are the gate's and do not count") if gated else ""], "; ")
    details = [
        *(said("{n} {kind}", n=count, kind=kind) for kind, count in kinds.items()),
        *words[:_N_WORDS],
        said("{n} more", n=len(words) - _N_WORDS) if len(words) > _N_WORDS else "",
    ]
    found.put_rate(
        "dropouts.per_5min",
        Count(events=sum(counts), exposure=sum(lengths) / 300, clumping=_clumping(counts, lengths)),
        detail=listed(details) or None,
        conditions=conditions,
    )
    found.put("dropouts.total_ms", 1000 * lost_s, error=0.3 * max(1, len(words)), systematic=0.3, conditions=conditions)


def _bursts_of(take: Take, *, gated: bool) -> list[DropOut]:
    """Return the drop-outs of a take with sound, without what was played silent or repeated, or the gate cut off."""
    return [
        each
        for each in find_dropouts(take.samples, take.sample_rate).bursts
        if not (take.role is Role.TONE and each.kind == "repeat") and not (gated and each.kind == "zeros")
    ]


def _jumps_of(take: Take, takes: Takes, found: Findings) -> tuple[list[Jump], float]:
    """Return the jumps of the delay within a take, and in how many seconds of it they would be found."""
    if take.role in (Role.SWEEP_LOUD, Role.SWEEP_SOFT):
        responses = responses_of(takes, found)
        swept = (responses.loud if take.role is Role.SWEEP_LOUD else responses.soft)[take.number]
        there = swept.result is not None or swept.jumps
        return list(swept.jumps), sweep_of(take.role, take.sample_rate).duration_s if there else 0.0
    played = take.played
    if played is None and take.role is Role.LEVELS:
        played = signal_of(Role.LEVELS, take.sample_rate)
    if played is None or take.role is Role.TONE:
        return [], 0.0
    try:
        result = find_jumps(played, take.samples, take.sample_rate, skew_ppm=skew_ppm(takes, found) or 0.0)
    except ParameterError:
        return [], 0.0
    return list(result.jumps), result.heard_s


def _clumping(counts: Sequence[int], lengths: Sequence[float]) -> float:
    """Return the variance of the counts over their mean, at least 1: what a busy computer loses comes in clumps.

    Examples
    --------
    >>> _clumping([0, 0, 9], [20.0, 20.0, 20.0]), _clumping([1, 1, 1], [20.0, 20.0, 20.0])
    (9.0, 1.0)
    """
    n, seconds = np.array(counts, np.float64), np.array(lengths)
    if len(n) < 2 or not n.any():
        return 1.0
    expected = n.sum() * seconds / seconds.sum()
    return max(1.0, float(np.sum((n - expected) ** 2 / expected)) / (len(n) - 1))


DROP_OUTS = Measure(name="drop-outs", figures=_FIGURES, fill=_fill)
