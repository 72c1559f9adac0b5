"""Takes to a report: every figure with its unit, uncertainty, conditions and badge, or why it is withheld.

What needs more than the takes (pacing drift, model scores) is added by whoever calls, as further measures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.figures import Curve, Figure
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.response import measure_responses
from cxaudio.laboratory.measures.sound import (
    measure_babble,
    measure_continuity,
    measure_coupling,
    measure_far,
    measure_levels,
    measure_quiet,
    measure_speech,
    measure_tone,
)
from cxaudio.laboratory.measures.timing import Timing, measure_timing
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes

__all__ = ["HeadsetReport", "Measure", "measure_headset"]

Float64 = NDArray[np.float64]
Measure = Callable[[Takes, Findings], None]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HeadsetReport:
    """All that was measured of one headset."""

    model: str
    takes: Takes
    figures: tuple[Figure, ...]
    curves: tuple[Curve, ...]
    impulse: Float64 | None  # (n,), of the first sweep, at the takes' rate; the main arrival 50 ms behind its beginning
    openings_ms: tuple[float, ...]  # loop latency of each opening of the stream
    notes: tuple[str, ...]  # what was noticed and is no figure

    def figure(self, key: str) -> Figure:
        """The figure of a key.

        Raises
        ------
        KeyError
            If the catalogue holds none.
        """
        for each in self.figures:
            if each.spec.key == key:
                return each
        raise KeyError(key)

    def curve(self, key: str) -> Curve:
        """The curve of a key.

        Raises
        ------
        KeyError
            If the catalogue holds none.
        """
        for each in self.curves:
            if each.spec.key == key:
                return each
        raise KeyError(key)

    @property
    def n_wearings(self) -> int:
        """How many times the headset was put on anew."""
        return max((take.number for take in self.takes.takes if take.role is not Role.OPENING), default=0)

    @property
    def excerpt(self) -> Take | None:
        """The take of which a spectrogram is drawn: the first of speech."""
        spoken = self.takes.of(Role.SPEECH)
        return spoken[0] if spoken else None


def measure_headset(takes: Takes, further: Sequence[Measure] = ()) -> HeadsetReport:
    """Compute every figure that the takes allow.

    Parameters
    ----------
    takes : Takes
        Judged takes of one headset.
    further : sequence of callable
        Measures that need more than the takes; each is given them and the findings.

    Returns
    -------
    HeadsetReport
        With every figure of the catalogue: a value, or one sentence why there is none.

    Examples
    --------
    >>> from cxaudio.laboratory.takes.take import judge_takes
    >>> rng = np.random.default_rng(1)
    >>> noise = rng.normal(0, 1e-3, 96_000).astype(np.float32)
    >>> quiet = Take(role=Role.QUIET, number=1, name="quiet.wav", samples=noise, sample_rate=16_000)
    >>> report = measure_headset(judge_takes("example", [quiet]))
    >>> round(report.figure("noise.total_dbov").value), report.figure("level.active_dbov").withheld
    (-60, 'there is no speech take, which gives level, ...; record it as speech.wav')
    """
    found = Findings()
    timing: Timing = measure_timing(takes, found)
    gain_controlled = measure_levels(takes, found)
    for take in takes.of(Role.QUIET):
        measure_quiet(take, takes, found)
    for take in takes.of(Role.SPEECH):
        measure_speech(take, takes, found)
    for take in takes.of(Role.BABBLE):
        measure_babble(take, takes, found)
    for take in takes.of(Role.TONE):
        measure_tone(take, takes, found)
    for take in takes.of(Role.EARPIECE):
        measure_coupling(take, takes, found)
    for take in takes.of(Role.FAR):
        measure_far(take, takes, found, gain_controlled=gain_controlled)
    measure_continuity(takes, found)
    impulse = measure_responses(takes, found, skew_ppm=timing.skew_ppm)
    for measure in further:
        measure(takes, found)
    return HeadsetReport(
        model=takes.model,
        takes=takes,
        figures=found.figures(takes),
        curves=found.drawn(takes),
        impulse=impulse,
        openings_ms=timing.openings_ms,
        notes=tuple(dict.fromkeys(found.notes)),
    )
