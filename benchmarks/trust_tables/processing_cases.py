"""What the laboratory says of figures that processing or lost sound touches, beside the truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from benchmarks.results import markdown_table
from benchmarks.second_headset import (
    Gain,
    GainChange,
    GainControl,
    Gate,
    LostSound,
    Noise,
    SecondHeadset,
    Section,
    Suppressor,
    record,
    truth,
    write,
)
from benchmarks.trust_tables.figure_intervals import Judged, judged
from benchmarks.trust_tables.measured_headset import ROLES, each_of, measured
from cxaudio.laboratory.takes.protocol import Role

__all__ = ["CASES", "Case", "CaseResult", "processing_of", "processing_table"]

_SEED = 31
_BASE = SecondHeadset(second_order=0.02, third_order=-0.02, skew_ppm=23.0, offset=0.0003)
_NOISE = ("noise.total_dbov", "noise.a_weighted_dbov")
_LEVELS = ("snr.quiet_db", "near_far.mean_db", "coupling.weighted_db")
_SWEEP = ("response.deviation_db", "thd.at_1khz_percent", "thd.worst_percent", "compression.db")
_LOST = ("dropouts.per_5min", "dropouts.total_ms")
_LATENCY = ("latency.median_ms", "latency.min_ms", "latency.max_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A headset with one fault, and the figures that the fault touches."""

    name: str
    headset: SecondHeadset
    figures: tuple[str, ...]
    openings: int = 3
    known: Mapping[str, float] = field(default_factory=dict)  # truths that the takes do not contain


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What was said of a case."""

    name: str
    figures: tuple[Judged, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def _gain(change: GainChange) -> SecondHeadset:
    return replace(_BASE, gain=Gain(db=-6.0, change=change))


def _loses(*lost: LostSound) -> SecondHeadset:
    return replace(_BASE, lost=lost)


CASES = (
    Case(
        name="nothing wrong",
        headset=_BASE,
        figures=(*_NOISE, *_LEVELS, *_SWEEP, "thd_n.percent", "agc.slope", *_LOST),
    ),
    Case(
        name="sweep clipped at full scale near 3 kHz",
        headset=replace(_BASE, gain=Gain(db=4.5)),
        figures=(*_SWEEP, "response.high_edge_hz", "clipping.per_s"),
    ),
    Case(
        name="clips at 0.25",
        headset=replace(_BASE, clip_at=0.25),
        # THD is left out: a headset that clips distorts.
        figures=("clipping.per_s", "response.deviation_db", "response.sweep_vs_speech_db", "snr.quiet_db",
                 "near_far.mean_db", "agc.slope"),
    ),
    Case(
        name="gain control, slope 0.5",
        headset=replace(_BASE, gain_control=GainControl(slope=0.5)),
        figures=("agc.slope", *_NOISE, *_LEVELS, *_SWEEP, "response.low_edge_hz", "thd_n.percent", "snr.babble_db"),
    ),
    Case(
        name="gate of 20 dB",
        headset=replace(_BASE, noise=Noise(level_dbov=-60.0), gate=Gate(threshold_dbov=-45.0, depth_db=20.0)),
        figures=("gate.depth_db", *_NOISE, *_LEVELS, "snr.babble_db", "snr.drop_db"),
    ),
    Case(
        name="suppressor: steady sound 15 dB down after 0.6 s",
        headset=replace(_BASE, suppressor=Suppressor()),
        figures=(*_NOISE, *_LEVELS, *_SWEEP, "thd_n.percent", "response.sweep_vs_speech_db"),
    ),
    Case(
        name="10 ms cut out of speech and of the loud sweep",
        headset=_loses(
            LostSound(kind="cut", milliseconds=10.0, at_s=(9.0,), roles=(Role.SPEECH,)),
            LostSound(kind="cut", milliseconds=10.0, at_s=(2.6,), roles=(Role.SWEEP_LOUD,)),
        ),
        figures=(*_LOST, *_SWEEP, "response.sweep_vs_speech_db"),
    ),
    Case(
        name="10 x 20 ms of zeros in speech",
        headset=_loses(LostSound(kind="zeros", milliseconds=20.0, per_minute=27.3, roles=(Role.SPEECH,))),
        figures=_LOST,
    ),
    Case(
        name="10 x 20 ms held in speech",
        headset=_loses(LostSound(kind="held", milliseconds=20.0, per_minute=27.3, roles=(Role.SPEECH,))),
        figures=_LOST,
    ),
    Case(
        name="2.5 drop-outs in 5 minutes, none in these takes",
        headset=_BASE,
        figures=("dropouts.per_5min",),
        known={"dropouts.per_5min": 2.5},
    ),
    Case(
        name="10 ms cut out of the markers",
        headset=_loses(LostSound(kind="cut", milliseconds=10.0, at_s=(32.0,), roles=(Role.MARKERS,))),
        figures=("clock.slips", "clock.skew_ppm"),
    ),
    Case(
        name="telephone band, 8th order",
        headset=replace(_BASE, response=(Section("high_pass", 250.0, 4), Section("low_pass", 3_400.0, 8))),
        figures=("bandwidth.upper_hz", "response.deviation_db", "response.low_edge_hz", "response.high_edge_hz",
                 "thd.at_1khz_percent", "thd.worst_percent", "coupling.weighted_db"),
    ),
    Case(
        name="clock -140 ppm, openings within 4 ms",
        headset=replace(_BASE, skew_ppm=-140.0),
        figures=(*_LATENCY, "clock.skew_ppm", "response.deviation_db", "thd.at_1khz_percent"),
    ),
    Case(name="one opening, openings within 4 ms", headset=_BASE, figures=_LATENCY, openings=1),
    Case(name="gain +6 dB from far on", headset=_gain(GainChange(db=6.0, role=Role.FAR)), figures=_LEVELS),
    Case(
        name="gain +3 dB from sweep-soft on",
        headset=_gain(GainChange(db=3.0, role=Role.SWEEP_SOFT)),
        figures=("compression.db", "coupling.weighted_db"),
    ),
    Case(
        name="gain +6 dB half-way in speech",
        headset=_gain(GainChange(db=6.0, role=Role.SPEECH, second=11.0)),
        figures=(*_LEVELS, "agc.slope"),
    ),
    Case(
        name="gain -8 dB in the quiet take alone",
        headset=_gain(GainChange(db=-8.0, role=Role.QUIET, stays=False)),
        figures=(*_NOISE, "snr.quiet_db"),
    ),
)  # fmt: skip
"""One wearing each, at the mean fit, so that nothing but the fault moves a figure."""


def _one(case: Case, *, keep: Path | None) -> CaseResult:
    headset = replace(case.headset, fit=replace(case.headset.fit, mouth_db=0.0))
    takes = record(headset, _SEED, 1, ROLES, openings=case.openings)
    if keep is not None:
        write(takes, keep / case.name.replace(" ", "-").replace(":", "").replace(",", ""))
    known = truth(headset, seed=_SEED, wearings=1, roles=ROLES, openings=case.openings) | dict(case.known)
    report = measured(takes)
    return CaseResult(
        name=case.name,
        figures=tuple(judged(report.figure(key), known[key]) for key in case.figures),
        faults=tuple(fault.sentence for fault in report.takes.faults if fault.role is not Role.CALL),
        notes=report.notes,
    )


def processing_of(*, keep: Path | None = None, n_processes: int = 1) -> list[CaseResult]:
    """Record and measure every case.

    Parameters
    ----------
    keep : Path or None
        Folder for the takes.
    n_processes : int

    Returns
    -------
    list of CaseResult
    """
    return each_of(partial(_one, keep=keep), CASES, n_processes)


def processing_table(results: Sequence[CaseResult]) -> str:
    """Return the table as text, and under it the sentences of faults and notes."""
    lines, sentences = [], []
    for result in results:
        for figure in result.figures:
            known = "-" if figure.truth is None else f"{figure.truth:.4g}"
            told = figure.told if len(figure.told) <= 44 else figure.told[:41] + "..."
            lines.append([result.name, figure.key, known, told, figure.verdict])
        sentences += [f"* {result.name}: {text}" for text in (*result.faults, *result.notes)]
    wrong = sum(line[-1].startswith("WRONG") for line in lines)
    table = markdown_table(["case", "figure", "truth", "told", "verdict"], lines)
    return f"{table}\n\n{wrong} of {len(lines)} are wrong.\n\n" + "\n".join(sentences)
