"""Drop-outs in every take that holds sound throughout."""

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, indicative_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.gate import gate_of
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import FaultKind, Takes
from dsp.measurement.dropouts import find_dropouts

__all__ = ["DROP_OUTS"]

_QOE = "Microsoft, Skype for Business QoE schema, AudioSignal"
_SOUNDING = (Role.SPEECH, Role.BABBLE, Role.LEVELS, Role.SWEEP_LOUD, Role.CALL, Role.TONE)

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
        about="Zeros, held values and exact repeats of 4 ms or more in all takes with sound; what a concealment hides "
        "well is not found.",
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
            sentence = "every take with sound is clipped, whose flat tops look like held values; record them again"
            found.withhold(sentence, "dropouts.per_5min", "dropouts.total_ms")
        return
    n, seconds, lost = 0, 0.0, 0.0
    kinds: dict[str, int] = {}
    gated = any(found.shared(gate_of, take).evidence == "zeros" for take in takes.of(Role.SPEECH)[:1])
    for take in used:
        result = find_dropouts(take.samples, take.sample_rate)
        # What was played may hold silences and repeats of its own.
        bursts = [
            each
            for each in result.bursts
            if not (take.role is Role.TONE and each.kind == "repeat") and not (gated and each.kind == "zeros")
        ]
        n += len(bursts)
        seconds += result.duration_s
        lost += sum(each.length for each in bursts) / take.sample_rate
        for each in bursts:
            kinds[each.kind] = kinds.get(each.kind, 0) + 1
    conditions = f"{len(used)} takes, {seconds:.0f} s in all"
    conditions += "; zeros are the gate's and do not count" if gated else ""
    detail = ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or None
    # A count of n has an error of its square root; a rate from few seconds is the less certain.
    uncertainty = 300 / seconds * max(1.0, np.sqrt(n)) if n else 0.0
    found.put("dropouts.per_5min", 300 * n / seconds, error=uncertainty, detail=detail, conditions=conditions)
    found.put("dropouts.total_ms", 1000 * lost, error=1.0, conditions=conditions)


DROP_OUTS = Measure(name="drop-outs", figures=_FIGURES, fill=_fill)
